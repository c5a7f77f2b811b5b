//! # 21. After the page
//!
//! An API returns the latest 20 orders as JSON. The page was fixed: `page` sends 3 statements, and a test checks that.
//! But in production the same request sends many more, after `page` has returned. Templates and serializers run then.
//! They access relations of the objects, and each relation that is not loaded takes a statement.
//!
//! - **Predict**: in a shop of 7, the latest 20 orders belong to 4 customers. In a shop of 500, they belong to 16. With
//!   `selectin`, the orders of a customer share one customer object. How many statements does a whole response take in
//!   each of the two shops? Write your two numbers into `PREDICTED`.
//! - **Edit**: `page`, so that it loads what `to_json` accesses. Then `respond`, so that it returns an error or panics if
//!   a renderer sends a statement. (A renderer turns the rows into text.) `to_json` is right as it is.
//! - **Done** when the page sends at most 4 statements, and reads no order of another customer. `to_json` sends none, and
//!   the careless renderers in the tests are refused.
//!
//! Chapter: `book/src/keep_out.md`
//!
//! Fails with: `your prediction is wrong: the statements of a response, in a shop of 7: 0`
//! Then fails with: `expected 0 statements, ran 4`

use workshop::*;

/// How many statements a response takes as it is, in a shop of 7 and in a shop of 500.
// TODO: your predictions, then the page, and then the guard.
const PREDICTED: [u64; 2] = [0, 0];

/// Turns the rows of the page into a response.
type Renderer = fn(&Session, &[Order]) -> Result<String>;

/// Answers a request.
fn respond(session: &Session, renderer: Renderer) -> Result<String> {
    let orders = page(session)?;
    // TODO: refuse a renderer that sends a statement, by an error or by a panic.
    renderer(session, &orders)
}

/// Returns the latest orders, with what the response shows of them.
fn page(session: &Session) -> Result<Vec<Order>> {
    let path = (selectin(Order::CUSTOMER), selectin(Order::ITEMS));
    session.all(Order::select().order_by(Order::ID.desc()).limit(20).with(path))
}

/// Writes the response, from the rows of the page. Every renderer gets the session, because some need it for settings.
fn to_json(_: &Session, orders: &[Order]) -> Result<String> {
    let mut objects = Vec::new();
    for order in orders {
        let customer = order.customer()?;
        let items = list(order.items()?.iter().map(|item| &item.product));
        let days = list(customer.orders()?.iter().map(|order| &order.placed_on));
        let (id, name) = (order.id, &customer.first_name);
        objects.push(format!(r#"{{"order": {id}, "name": {name:?}, "items": {items}, "all days": {days}}}"#));
    }
    Ok(format!("[{}]\n", objects.join(",\n ")))
}

fn list<'t>(texts: impl Iterator<Item = &'t String>) -> String {
    format!("{:?}", texts.collect::<Vec<_>>())
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    let session = shop(7);
    session.echo(has_argument("echo"));
    let response = respond(&session, to_json)?;
    println!("a response in a shop of 7: {} lines", response.lines().count());
    for customers in [7, 50, 500] {
        let session = shop(customers);
        let orders = page(&session)?;
        let tally = session.tally();
        to_json(&session, &orders)?;
        let after = if tally.statements() == 0 { "none" } else { "some" };
        println!("statements after the page, in a shop of {customers}: {after}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use eagerly::numbers;

    use super::*;

    const HELP: &str = "run `cargo run --bin after_the_page -- echo`, and count for 7 customers";

    /// Checks the predictions. Afterwards, the tests grade the page and the response.
    fn the_predictions_are_right() {
        for (customers, predicted) in [7, 500].into_iter().zip(PREDICTED) {
            let session = shop(customers);
            let path = (selectin(Order::CUSTOMER), selectin(Order::ITEMS));
            let query = Order::select().order_by(Order::ID.desc()).limit(20).with(path);
            let ran = statements_of(&session, || to_json(&session, &session.all(query)?));
            let what = format!("the statements of a response, in a shop of {customers}");
            expect_prediction(&what, predicted, ran, HELP);
        }
    }

    #[derive(FromRow)]
    struct Rows {
        number: i64,
    }

    /// Counts the latest orders, their customers, their items, and all orders of these customers.
    const ROWS: &str = "WITH latest AS (SELECT * FROM orders ORDER BY id DESC LIMIT 20)
        SELECT (SELECT count(*) FROM latest) + (SELECT count(DISTINCT customer_id) FROM latest)
            + (SELECT count(*) FROM order_items WHERE order_id IN (SELECT id FROM latest))
            + (SELECT count(*) FROM orders WHERE customer_id IN (SELECT customer_id FROM latest)) AS number";

    #[test]
    fn the_page_loads_what_the_renderer_writes() {
        the_predictions_are_right();
        for customers in [7, 60, 1] {
            let session = shop(customers);
            let orders = expect_at_most(&session, 4, || page(&session));
            let json = expect_statements(&session, 0, || to_json(&session, &orders));
            let expected = by_objects(&session);
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            expect_lines(&lines(&json), &lines(&expected));
            expect_rows_read(&session, truth::<Rows>(&session, ROWS)[0].number as u64, || page(&session));
            let json = respond(&session, to_json).unwrap();
            expect_lines(&lines(&json), &lines(&expected));
        }
    }

    /// Returns the response, by accessors. Its statements are not counted.
    fn by_objects(session: &Session) -> String {
        let object = |order: &Order| {
            let customer = order.customer()?;
            let items: Vec<_> = order.items()?.iter().map(|item| item.product.clone()).collect();
            let days: Vec<_> = customer.orders()?.iter().map(|order| order.placed_on.clone()).collect();
            Ok(format!(
                r#"{{"order": {}, "name": {:?}, "items": {items:?}, "all days": {days:?}}}"#,
                order.id, customer.first_name
            ))
        };
        let orders = session.all(Order::select().order_by(Order::ID.desc()).limit(20)).unwrap();
        let objects = orders.iter().map(object).collect::<Result<Vec<_>>>().unwrap();
        format!("[{}]\n", objects.join(",\n "))
    }

    #[test]
    fn a_careless_renderer_is_refused() {
        the_predictions_are_right();
        passes(|_, orders| Ok(orders.len().to_string()));
        passes(|_, orders| Ok(orders[0].items()?.len().to_string()));
        refused("accesses the order of an item", |_, orders| {
            let items = orders.iter().map(Order::items).collect::<Result<Vec<_>>>()?;
            let first = items.into_iter().flatten().next().expect("an item");
            Ok(first.order()?.placed_on.clone())
        });
        refused("counts the orders of a customer", |session, orders| {
            let number =
                session.count(Order::select().filter(Order::CUSTOMER_ID.eq(orders[0].customer_id)))?;
            Ok(number.to_string())
        });
        refused("queries a setting", |session, _| {
            let settings = session.query::<String>("SELECT 'EUR'", [])?;
            Ok(settings.concat())
        });
    }

    fn passes(renderer: Renderer) {
        let session = shop(7);
        respond(&session, renderer).expect("a renderer that sends no statement must not be refused");
    }

    /// Asserts that a renderer is refused, by a panic or by an error.
    fn refused(what: &str, renderer: Renderer) {
        let session = shop(7);
        let tally = session.tally();
        let response = catch_unwind(AssertUnwindSafe(|| respond(&session, renderer)));
        assert!(
            !matches!(response, Ok(Ok(_))),
            "a renderer that {what} is not refused:\n  expected none, ran {} after the page",
            numbers::counted(tally.statements().saturating_sub(sent_by_page()), "statement")
        );
    }

    fn sent_by_page() -> u64 {
        let session = shop(7);
        let tally = session.tally();
        page(&session).unwrap();
        tally.statements()
    }
}
