//! # 3. The formula
//!
//! Here are two pages of exercise 1 again, now for any number of customers. There, you counted for five, as in
//! development. A formula shows what happens in production.
//!
//! - **Predict**: how many statements does each page send for C customers who have O orders in total? Work it out from
//!   the code: which line sends a statement, and how often does it run? Then for 3,000 customers with 30,000 orders:
//!   how many statements, and how long do they take, if each needs a round trip of 1 ms? Write it down before you run
//!   anything.
//! - **Edit**: the functions `statements_with_orders` and `statements_with_items`. Leave the pages as they are. You count
//!   their statements here, and fix them later.
//! - **Done** when both formulas are right for every shop of the tests. One has no customers, and in one the customers
//!   have few orders.
//!
//! Chapter: `book/src/count.md`
//!
//! Fails with: `expected 1 statement, ran 6`

use eagerly::{Network, numbers};
use workshop::*;

// TODO: the two formulas. A parameter that you use loses its underscore; there may be one that you do not need.
/// Returns how many statements `with_orders` sends for customers who have this number of orders in total.
fn statements_with_orders(_customers: u64, _orders: u64) -> u64 {
    1
}

/// Returns how many statements `with_items` sends.
fn statements_with_items(_customers: u64, _orders: u64) -> u64 {
    1
}

/// How many orders each customer has.
fn with_orders(session: &Session) -> Result<Vec<usize>> {
    let customers = session.all(Customer::select())?;
    customers.iter().map(|customer| Ok(customer.orders()?.len())).collect()
}

/// How many items the orders of each customer have.
fn with_items(session: &Session) -> Result<Vec<usize>> {
    let mut lines = Vec::new();
    for customer in &session.all(Customer::select())? {
        let mut items = 0;
        for order in customer.orders()? {
            items += order.items()?.len();
        }
        lines.push(items);
    }
    Ok(lines)
}

/// C and O.
fn size(session: &Session) -> Result<[u64; 2]> {
    Ok([session.count(Customer::select())?, session.count(Order::select())?])
}

fn main() -> Result<()> {
    for customers in [5, 50, 500] {
        let session = shop(customers);
        session.model_network(Some(Network::BETWEEN_ZONES));
        let [customers, orders] = size(&session)?;
        println!("C = {customers}, O = {}", count(orders));
        let formula = statements_with_orders(customers, orders);
        report("with orders", formula, &session, with_orders)?;
        let formula = statements_with_items(customers, orders);
        report("with items", formula, &session, with_items)?;
    }
    Ok(())
}

fn report<T>(
    name: &str,
    formula: u64,
    session: &Session,
    page: impl Fn(&Session) -> Result<T>,
) -> Result<()> {
    let tally = session.tally();
    page(session)?;
    println!("  {name:<11}  by the formula {:>5}, ran {:>5}", count(formula), count(tally.statements()));
    println!(
        "    slowest {} (measured), round trips of 1 ms: {} (modelled)",
        numbers::time(tally.slowest()),
        numbers::time(tally.round_trips()),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shops() -> Vec<Session> {
        let ordered_little = shop(20);
        for sql in ["DELETE FROM order_items", "DELETE FROM orders WHERE id % 5 <> 0"] {
            ordered_little.execute(sql, []).expect("a shop with fewer orders");
        }
        vec![shop(5), shop(1), shop(60), shop(0), ordered_little]
    }

    #[test]
    fn the_formula_for_orders_is_right() {
        for session in shops() {
            let [customers, orders] = size(&session).expect("two counts");
            println!("C = {customers}, O = {orders}:");
            let formula = statements_with_orders(customers, orders);
            expect_statements(&session, formula, || with_orders(&session));
        }
    }

    #[test]
    fn the_formula_for_items_is_right() {
        for session in shops() {
            let [customers, orders] = size(&session).expect("two counts");
            println!("C = {customers}, O = {orders}:");
            let formula = statements_with_items(customers, orders);
            expect_statements(&session, formula, || with_items(&session));
        }
    }
}
