//! # 1. Watch the SQL: why these numbers
//!
//! - `names` reads one table. It sends one statement, for any number of rows.
//! - `orders` sends the same statement. Then `customer.orders()?` sends one more for each customer: 1 + 5. The accessor
//!   looks like a field, but it sends a statement. It sends one for a customer without orders, too, because only the
//!   database can tell that there are none.
//! - `items` adds one for each order. Five customers have 20 orders here: 1 + 5 + 20. Echo shows them in groups: the
//!   orders of one customer, then one statement for each of those orders, then the next customer.
//!
//! No statement is slow. Each takes some microseconds, so none of them is in a slow-query log.

use workshop::*;

/// How many statements `names`, `orders` and `items` send, for five customers.
const PREDICTED: [u64; 3] = [1, 1 + 5, 1 + 5 + 20];

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
    session.echo(true);
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
