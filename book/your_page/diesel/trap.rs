//! A join is one statement, but it loses customers without orders.

use diesel::prelude::*;

use crate::shop::{self, Customer, Order, customers, orders};

pub fn run() -> QueryResult<()> {
    let connection = &mut shop::connect();
    let all: i64 = customers::table.count().get_result(connection)?;
    // ANCHOR: trap
    let rows: Vec<(Customer, Order)> =
        customers::table.inner_join(orders::table).order(customers::id).load(connection)?;
    // ANCHOR_END: trap
    let mut keys: Vec<_> = rows.iter().map(|(customer, _)| customer.id).collect();
    keys.dedup();
    println!("inner_join: {} rows, {} of {all} customers", rows.len(), keys.len());
    // ANCHOR: left
    let rows: Vec<(Customer, Option<Order>)> =
        customers::table.left_join(orders::table).order(customers::id).load(connection)?;
    // ANCHOR_END: left
    let mut keys: Vec<_> = rows.iter().map(|(customer, _)| customer.id).collect();
    keys.dedup();
    println!("left_join: {} rows, {} of {all} customers", rows.len(), keys.len());
    Ok(())
}
