//! # 1. Watch the SQL: why these numbers
//!
//! - `names` reads one table. It sends one statement, for any number of rows.
//! - `orders` sends the same statement. Then `customer.orders()?` sends one more for each customer: 1 + 5. The accessor
//!   looks like a field, but it sends a statement. It also sends one for a customer without orders, because only the
//!   database can tell that there are none.
//! - `admin_page` adds one for each order. Five customers have 20 orders here: 1 + 5 + 20. Echo shows them in groups:
//!   the orders of one customer, then one statement for each of those orders, then the next customer. After 20
//!   statements with one text from one line of code, echo counts the others instead of printing them.
//!
//! The session reads the customers again for each page. What an accessor has loaded belongs to one object, and the next
//! page has new objects. So `admin_page` sends the statements of `orders` once more.
//!
//! No statement is slow. Each takes a few microseconds, so none of them is in a slow-query log.

use workshop::*;

/// How many statements `names`, `orders` and `admin_page` send, for five customers.
const PREDICTED: [u64; 3] = [1, 1 + 5, 1 + 5 + 20];

/// Returns the names of the customers.
fn names(session: &Session) -> Result<Vec<String>> {
    let customers = session.all(Customer::select())?;
    Ok(customers.into_iter().map(|customer| customer.first_name).collect())
}

/// Returns how many orders each customer has.
fn orders(session: &Session) -> Result<Vec<usize>> {
    let mut lines = Vec::new();
    for customer in &session.all(Customer::select())? {
        lines.push(customer.orders()?.len());
    }
    Ok(lines)
}

/// A line of the admin page: a name, the number of orders, and their total in cents.
type Line = (String, usize, i64);

/// Returns each customer with the number of orders and the total spend.
fn admin_page(session: &Session) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for customer in &session.all(Customer::select())? {
        let orders = customer.orders()?;
        let mut total = 0;
        for order in orders {
            for item in order.items()? {
                total += item.quantity * item.unit_price;
            }
        }
        lines.push((customer.first_name.clone(), orders.len(), total));
    }
    Ok(lines)
}

fn main() -> Result<()> {
    let session = shop(5);
    session.echo(true);
    println!("predicted: {PREDICTED:?}");
    println!("\nnames");
    println!("{:?}", names(&session)?);
    println!("\norders");
    println!("{:?}", orders(&session)?);
    println!("\nadmin_page");
    for line in admin_page(&session)? {
        println!("{line:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "turn on echo, run it, and count the lines of this page; their #\n        continues from page to page";

    #[test]
    fn the_predictions_are_right() {
        expect_all_given(&PREDICTED);
        let session = shop(5);
        let [for_names, for_orders, for_the_page] = PREDICTED;
        let ran = statements_of(&session, || names(&session));
        expect_prediction("the statements of names", for_names, ran, HELP);
        let ran = statements_of(&session, || orders(&session));
        expect_prediction("the statements of orders", for_orders, ran, HELP);
        let ran = statements_of(&session, || admin_page(&session));
        expect_prediction("the statements of admin_page", for_the_page, ran, HELP);
    }
}
