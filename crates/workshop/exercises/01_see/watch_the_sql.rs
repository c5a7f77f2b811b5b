//! # 1. Watch the SQL
//!
//! Three pages show the same five customers, and each shows more than the one before it. The last is the admin page of
//! the chapter, in another shop. There, five customers had 10 orders together. You cannot see in the code of a page when
//! a statement is sent, so watch the SQL.
//!
//! - **Predict**: the five customers have 4, 4, 12, 0 and 0 orders. How many statements does each page send? Write all
//!   three numbers into `PREDICTED` before you watch anything. Then run. The test names the first page whose number is
//!   wrong.
//! - **Edit**: in `main`, add `session.echo(true);` below `let session = shop(5);`. Then each statement is printed below
//!   the name of its page, with the line of code that caused it. Its number `#` continues from page to page, so count
//!   the lines of each page. Find out why your prediction was wrong, and correct it.
//! - **Done** when the three numbers are right, and you can say for each statement why it was sent.
//!
//! Chapter: `book/src/the_page.md`
//!
//! Fails with: `your predictions are missing: 3 of 3`

use workshop::*;

/// How many statements `names`, `orders` and `admin_page` send, for five customers.
// TODO: your predictions.
const PREDICTED: [u64; 3] = [0, 0, 0];

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
