//! # 19. No surprises: why an error is better
//!
//! For 5 customers with 20 orders, the page sent 22 statements: one for the customers, one for their orders, and 20 for
//! items. The 20 are the surprises. With 2,000 orders, it sent 2,002.
//!
//! The helper accesses the items and gets them, and nothing in its code shows the cost. With `Strategy::Raise` as the
//! default of the session, accessing a relation that no load path loads is an error. It names the relation, the line of
//! the access, and the line and the load path for the fix. You only have to write that path.
//!
//! The load path alone gives the 3 statements, until the next change of a helper. The default alone gives an error.
//! Together, they protect the page. If someone adds an access next year, the first test that runs it fails, even with
//! one customer.
//!
//! The default is set where sessions are opened, and not in the page. It belongs to the session, and applies to all of
//! its pages. If a page may load lazily, its query can override the default: `.with(lazy(Customer::ORDERS))`. In
//! production, you choose between a slow page and a page that fails. In tests, `Raise` has no such cost.

use workshop::*;

/// How many statements the page sends as it is, for 5 customers with 20 orders and for 500 customers with 2,000 orders.
const PREDICTED: [u64; 2] = [1 + 1 + 20, 1 + 1 + 2_000];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    items: i64,
}

/// Opens the session of every page of this program.
fn open(customers: u32) -> Session {
    let session = shop(customers);
    session.default_strategy(Strategy::Raise);
    session
}

/// Returns the page. The helper makes each line.
fn page(session: &Session, line: fn(&Customer) -> Result<Line>) -> Result<Vec<Line>> {
    let customers =
        session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;
    customers.iter().map(line).collect()
}

/// Makes a line. This helper is given one customer, and has neither the session nor the query.
fn line(customer: &Customer) -> Result<Line> {
    let orders = customer.orders()?;
    let mut items = 0;
    for order in orders {
        items += order.items()?.len() as i64;
    }
    Ok(Line { name: customer.first_name.clone(), orders: orders.len() as i64, items })
}

fn main() {
    println!("predicted: {PREDICTED:?}\n");
    if let Err(error) = show_in(open, 5, |session| page(session, line)) {
        println!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "watch `cargo run --bin no_surprises -- echo`, without BEGIN and COMMIT";

    /// Checks the predictions. Afterwards, the tests grade `open` and the page.
    fn the_predictions_are_right() {
        for (customers, predicted) in [5, 500].into_iter().zip(PREDICTED) {
            let session = shop(customers);
            let query = Customer::select().with(selectin(Customer::ORDERS));
            let as_it_was = || session.all(query)?.iter().map(line).collect::<Result<Vec<_>>>();
            let what = format!("the statements for {customers} customers");
            expect_prediction(&what, predicted, statements_of(&session, as_it_was), HELP);
        }
    }

    const LINES: &str = "
        SELECT first_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT count(*) FROM orders JOIN order_items ON order_id = orders.id WHERE customer_id = customers.id)
                AS items
        FROM customers ORDER BY id";

    #[test]
    fn three_statements_at_every_size() {
        the_predictions_are_right();
        for customers in [7, 60, 1] {
            let session = open(customers);
            let lines = expect_statements(&session, 3, || page(&session, line));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }

    #[test]
    fn what_is_added_next_year_is_refused() {
        the_predictions_are_right();
        refused("Order.customer", |customer| {
            for order in customer.orders()? {
                order.customer()?;
            }
            line(customer)
        });
        refused("OrderItem.order", |customer| {
            for order in customer.orders()? {
                for item in order.items()? {
                    item.order()?;
                }
            }
            line(customer)
        });
    }

    /// Asserts that a helper gets an error if it accesses a relation that the page does not load.
    fn refused(touched: &str, careless: fn(&Customer) -> Result<Line>) {
        let session = open(7);
        let tally = session.tally();
        match page(&session, careless) {
            Err(Error::Raised { relation, .. }) if relation == touched => {}
            Err(error) => panic!("{touched} should have been refused, not this:\n{error}"),
            Ok(_) => panic!(
                "a helper accessed {touched}, which is not loaded.\n  expected an error, ran {} statements",
                count(tally.statements())
            ),
        }
    }
}
