//! # 15. Just a count: why without objects
//!
//! 3 statements are few. But for 500 customers they read 7,500 rows, and build 7,500 objects, to show 500 numbers. The
//! database can count. It reads an index, and returns a row for each customer.
//!
//! `Customer::ORDERS.then(Order::ITEMS).count()` becomes `LEFT JOIN (SELECT …, count(*) … GROUP BY …)`. To read it, add
//! `session.echo(true)`. The same by hand:
//!
//! ```sql
//! SELECT first_name AS name, count(order_items.id) AS items
//! FROM customers
//! LEFT JOIN orders ON orders.customer_id = customers.id
//! LEFT JOIN order_items ON order_items.order_id = orders.id
//! GROUP BY customers.id ORDER BY customers.id
//! ```
//!
//! There are two traps. `JOIN` without `LEFT` drops the customers without orders. And `count(*)` counts one item for
//! them, because they have one row, with nulls.
//!
//! This answers the fifth question of the case study. Eager loading fixes the N+1, but a figure needs no objects at all.
//! Load objects to work with them, not to count them.

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    items: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let items = Customer::ORDERS.then(Order::ITEMS).count();
    let customers = session.all_with(Customer::select(), items)?;
    let lines = customers.into_iter().map(|(customer, items)| Line { name: customer.first_name, items });
    Ok(lines.collect())
}

fn main() -> Result<()> {
    show(page)?;

    let session = shop(500);
    let tally = session.tally();
    page(&session)?;
    println!();
    println!("rows read for 500 customers: {:>5}", count(tally.rows()));
    println!("objects built of them:       {:>5}", count(tally.objects()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_for_each_customer() {
        for customers in [7, 60, 1] {
            let session = shop(customers);
            let lines = expect_rows_read(&session, customers.into(), || page(&session));
            expect_lines(&lines, &by_objects(&session));
            expect_statements(&session, 1, || page(&session));
        }
    }

    /// The lines, counted by objects. Their statements are not counted.
    fn by_objects(session: &Session) -> Vec<Line> {
        let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
        let customers = session.all(Customer::select().with(path)).unwrap();
        let items = |customer: &Customer| -> usize {
            let orders = customer.orders().unwrap();
            orders.iter().map(|order| order.items().unwrap().len()).sum()
        };
        let lines = customers
            .iter()
            .map(|customer| Line { name: customer.first_name.clone(), items: items(customer) as i64 });
        lines.collect()
    }
}
