//! The page, before the fix and after it.

use diesel::prelude::*;

use crate::shop::{Customer, Order, OrderItem, Row, customers};

// ANCHOR: slow
pub fn slow_page(connection: &mut PgConnection) -> QueryResult<Vec<Row>> {
    let mut rows = Vec::new();
    for customer in customers::table.load::<Customer>(connection)? {
        let orders: Vec<Order> = Order::belonging_to(&customer).load(connection)?;
        let mut total = 0;
        for order in &orders {
            let items: Vec<OrderItem> = OrderItem::belonging_to(order).load(connection)?;
            total += items.iter().map(|item| item.quantity * item.unit_price).sum::<i64>();
        }
        rows.push((customer.first_name, customer.last_name, orders.len(), total));
    }
    Ok(rows)
}
// ANCHOR_END: slow

// ANCHOR: fixed
pub fn fixed_page(connection: &mut PgConnection) -> QueryResult<Vec<Row>> {
    let customers: Vec<Customer> = customers::table.load(connection)?;
    let orders: Vec<Order> = Order::belonging_to(&customers).load(connection)?;
    let items: Vec<OrderItem> = OrderItem::belonging_to(&orders).load(connection)?;

    let items = items.grouped_by(&orders);
    let orders = orders.into_iter().zip(items).grouped_by(&customers);
    let mut rows = Vec::new();
    for (customer, orders) in customers.into_iter().zip(orders) {
        let items = orders.iter().flat_map(|(_, items)| items);
        let total = items.map(|item| item.quantity * item.unit_price).sum();
        rows.push((customer.first_name, customer.last_name, orders.len(), total));
    }
    Ok(rows)
}
// ANCHOR_END: fixed
