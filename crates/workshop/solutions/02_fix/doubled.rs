//! # 4. The doubled N+1: why one level is not enough
//!
//! For 5 customers with 20 orders the page sends 1 + 5 + 20 = 26 statements. The fix of exercise 3 takes away the 5,
//! and leaves 1 + 1 + 20 = 22: it mends the smaller of the two loops. Whoever looks only at whether it got better stops
//! there; whoever counts does not. The second `customer.orders()?`, which takes the length, is not among the 26: the
//! accessor remembers what the first one loaded.
//!
//! A load path goes as deep as the page does: behind `selectin(Customer::ORDERS)`, which leads to orders,
//! `.selectin(Order::ITEMS)` says what will be wanted of those. One statement for each relation in the path: customers,
//! orders of all these customers, items of all these orders. 3, whatever C and O are.
//!
//! The path is checked by the compiler. `.with(selectin(Order::ITEMS))` is refused: customers have no items, and which
//! orders would be meant? `selectin(Customer::ORDERS).selectin(Customer::ORDERS)` is refused as well.
//!
//! A customer without orders and an order without items send nothing either. Their keys are in the `IN (…)` with all
//! others; that no row comes back for them is an answer, and it is kept.

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
