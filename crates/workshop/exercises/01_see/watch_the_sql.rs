//! # 1. Watch the SQL
//!
//! Three pages show the same five customers. Each page shows a little more than the one before it. You cannot see in
//! their code when a statement is sent, so watch the SQL.
//!
//! - **Predict**: the five have 4, 4, 12, 0 and 0 orders. How many statements does each page send? Write your three
//!   numbers into `PREDICTED` *before* you watch anything. Then run: the assertion shows which of them is wrong.
//! - **Edit**: in `main`, add `session.echo(true);` after `let session = shop(5);`. Then every statement is printed below
//!   the name of its page, with the line of code that caused it. Find out where your prediction went wrong, and correct
//!   it.
//! - **Done** when the numbers are right, and you can say for each statement why it was sent.
//!
//! Chapter: `book/src/the_page.md`
//!
//! Fails with: `expected 0 statements, ran 1`

use workshop::*;

/// How many statements `names`, `orders` and `items` send, for five customers.
// TODO: your predictions.
const PREDICTED: [u64; 3] = [0, 0, 0];

/// The names of the customers.
fn names(session: &Session) -> Result<Vec<String>> {
    let customers = session.all(Customer::select())?;
    Ok(customers.into_iter().map(|customer| customer.first_name).collect())
}

/// How many orders each customer has.
fn orders(session: &Session) -> Result<Vec<usize>> {
    let customers = session.all(Customer::select())?;
    customers.iter().map(|customer| Ok(customer.orders()?.len())).collect()
}

/// How many items the orders of each customer have.
fn items(session: &Session) -> Result<Vec<usize>> {
    let mut lines = Vec::new();
    for customer in &session.all(Customer::select())? {
        let mut items = 0;
        for order in customer.orders()? {
            items += order.items()?.len();
        }
        lines.push(items);
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
    println!("\nitems");
    println!("{:?}", items(&session)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predictions_are_right() {
        let session = shop(5);
        let [for_names, for_orders, for_items] = PREDICTED;
        expect_statements(&session, for_names, || names(&session));
        expect_statements(&session, for_orders, || orders(&session));
        expect_statements(&session, for_items, || items(&session));
    }
}
