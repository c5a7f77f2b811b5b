//! Plans: the statements of a query, without sending them.

use eagerly::{joined, lazy, raise, selectin, subquery};
use shop::{Customer, Order};

use crate::support::shop_of;

#[test]
fn a_plan_lists_the_statements_and_sends_none() {
    let session = shop_of(10);
    let before = session.statements();
    let tally = session.tally();
    let formula = |query: eagerly::Select<Customer>| query.plan(&session).unwrap().formula();
    assert_eq!(formula(Customer::select()), "1");
    assert_eq!(
        formula(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS))),
        "1 + 1 + 1"
    );
    assert_eq!(formula(Customer::select().with(subquery(Customer::ORDERS).batch(Order::ITEMS))), "1 + 1 + 1");
    assert_eq!(
        formula(Customer::select().with(lazy(Customer::ORDERS).lazy(Order::ITEMS))),
        "1 + customers + orders"
    );
    assert_eq!(
        formula(Customer::select().with(lazy(Customer::ORDERS).selectin(Order::ITEMS))),
        "1 + customers + customers"
    );
    assert_eq!(formula(Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS))), "1");
    assert_eq!(formula(Customer::select().with(raise(Customer::ORDERS))), "1");
    assert_eq!((session.statements(), tally.statements()), (before, 0));

    let plan = Customer::select().limit(5).with(selectin(Customer::ORDERS)).plan(&session).unwrap();
    assert_eq!(
        plan.to_string(),
        "\
1. Customer
   SELECT \"id\", \"first_name\", \"last_name\", \"email\" FROM \"customers\" ORDER BY \"id\" LIMIT ?1
   keyed by: nothing
   statements: 1
   SQLite: SCAN customers
2. Customer.orders, by selectin
   SELECT \"id\", \"customer_id\", \"placed_on\", \"status\" FROM \"orders\" WHERE \"customer_id\" IN (SELECT +value FROM rarray(?1)) ORDER BY \"customer_id\", \"id\"
   keyed by: the keys of all rows of \"customers\"
   statements: 1
   SQLite: SEARCH orders USING INDEX orders_customer_id (customer_id=?)
   SQLite: LIST SUBQUERY 1
   SQLite:   SCAN rarray VIRTUAL TABLE INDEX 1:
Total: 1 + 1 statements"
    );
    let sql = Customer::select().filter(Customer::LAST_NAME.eq("x")).limit(5).to_sql();
    assert!(sql.ends_with("WHERE \"last_name\" = ?1 ORDER BY \"id\" LIMIT ?2"), "{sql}");
}

#[test]
fn the_total_of_one_statement_is_in_the_singular() {
    let session = shop_of(1);
    let plan = Customer::select().with(joined(Customer::ORDERS)).plan(&session).unwrap();
    let plan = plan.to_string();
    assert!(plan.contains("2. Customer.orders, by joined: in the statement of its parents\n"), "{plan}");
    assert!(plan.ends_with("\nTotal: 1 statement"), "{plan}");
}
