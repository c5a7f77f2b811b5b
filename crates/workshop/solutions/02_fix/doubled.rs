//! # 5. The doubled N+1: why one level is not enough
//!
//! For 5 customers with 20 orders, the page sends 1 + 5 + 20 = 26 statements. The fix of exercise 4 removes the 5, and
//! leaves 1 + 1 + 20 = 22. It fixes the smaller of the two loops. If you only check that the page got faster, you stop
//! there. If you count, you find the rest. The second `customer.orders()?`, which takes the length, is not among the 26,
//! because the accessor keeps what the first call loaded.
//!
//! A load path goes as deep as the page does. `selectin(Customer::ORDERS)` leads to orders, and `.selectin(Order::ITEMS)`
//! behind it loads the items of those. The path takes one statement for the customers, and one for each of its
//! relations: 3, for any C and O.
//!
//! The compiler checks the path. It refuses `.with(selectin(Order::ITEMS))`, because customers have no items. It also
//! refuses `selectin(Customer::ORDERS).selectin(Customer::ORDERS)`.
//!
//! A customer without orders, and an order without items, send no statement either. Their keys are in the `IN (…)` with
//! all others. If no row comes back for a key, the ORM keeps this result, too.

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    cents: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let customers = session.all(Customer::select().with(path))?;

    let mut lines = Vec::new();
    for customer in &customers {
        let mut cents = 0;
        for order in customer.orders()? {
            for item in order.items()? {
                cents += item.quantity * item.unit_price;
            }
        }
        lines.push(Line {
            name: customer.first_name.clone(),
            orders: customer.orders()?.len() as i64,
            cents,
        });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "
        SELECT first_name AS name,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT coalesce(sum(quantity * unit_price), 0) FROM order_items
                WHERE order_id IN (SELECT id FROM orders WHERE customer_id = customers.id)) AS cents
        FROM customers ORDER BY id";

    #[test]
    fn three_statements_at_every_size() {
        for customers in [7, 1, 60] {
            let session = shop(customers);
            let lines = expect_statements(&session, 3, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }
}
