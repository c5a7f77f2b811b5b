//! Law 4: children are searched by an index, never scanned. The number of statements does not show this.

use eagerly::{FromRow, RelationExt as _, Strategy, by, selectin};
use shop::{Customer, Order, OrderItem, page};

use crate::support::shop_of;

#[test]
fn every_strategy_searches_children_by_an_index() {
    let session = shop_of(20);
    for orders in Strategy::ALL {
        for items in Strategy::ALL {
            let query = Customer::select()
                .filter(Customer::ID.gt(3))
                .with(by(orders, Customer::ORDERS).by(items, Order::ITEMS))
                .with(by(orders, Customer::ORDERS).by(items, Order::CUSTOMER));
            let plan = query.plan(&session).unwrap();
            for line in plan.steps.iter().flat_map(|step| &step.explained) {
                let scans = line.contains("SCAN") && !line.contains("rarray");
                assert!(!scans, "{orders} {items}: {line}\n{plan}");
                assert!(!line.contains("TEMP B-TREE"), "{orders} {items} sorts: {line}\n{plan}");
            }
        }
    }
}

#[test]
fn subquery_without_a_filter_reads_the_whole_table_on_purpose() {
    let session = shop_of(20);
    let plan = Customer::select().with(by(Strategy::Subquery, Customer::ORDERS)).plan(&session).unwrap();
    assert_eq!(plan.steps[1].explained, ["SCAN orders"]);
}

#[test]
fn parts_and_conditions_on_related_rows_search_by_an_index_too() {
    let session = shop_of(20);
    let part =
        Customer::ORDERS.filter(Order::STATUS.eq("open")).order_by(Order::PLACED_ON.desc()).limit_each(3);
    let any = Customer::ORDERS.any(Order::STATUS.eq("open").and(Order::ITEMS.any(OrderItem::QUANTITY.gt(2))));
    let plan = Customer::select().filter(any).with(selectin(part)).plan(&session).unwrap();
    let searched = |index: &str| plan.to_string().contains(&format!("USING INDEX {index}"));
    assert!(searched("orders_customer_id") && searched("order_items_order_id"), "{plan}");
}

/// Checks the plan, because it decides the time of the report and its result does not show it.
#[test]
fn the_report_reads_each_table_by_an_index_and_sorts_a_row_for_each_order() {
    #[derive(FromRow)]
    struct Step {
        detail: String,
    }
    let session = shop_of(20);
    let steps: Vec<Step> = session.query(&format!("EXPLAIN QUERY PLAN {}", page::REPORT), []).unwrap();
    let steps: Vec<_> = steps.iter().map(|step| step.detail.as_str()).collect();
    for wanted in [
        "SCAN order_items USING INDEX order_items_order_id",
        "SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH orders USING COVERING INDEX orders_customer_id (customer_id=?)",
    ] {
        assert!(steps.contains(&wanted), "{wanted} is not in {steps:#?}");
    }
    // SQLite streams the sums of the orders and materializes only the sums of the customers.
    let kept = |step: &&&str| step.contains("MATERIALIZE");
    assert_eq!(steps.iter().filter(kept).collect::<Vec<_>>(), [&"MATERIALIZE spent"]);
    let sorts = steps.iter().filter(|step| step.contains("TEMP B-TREE"));
    assert_eq!(sorts.count(), 1, "{steps:#?}");
}
