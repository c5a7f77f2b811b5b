//! # 3. The formula: why the number is so large
//!
//! - `with_orders`: the query for the customers runs once, and `customer.orders()?` runs once for each customer: 1 + C.
//!   The formula has no O, because one statement returns all orders of a customer, whether they are 64 or none.
//! - `with_items`: in addition, `order.items()?` runs once for each order: 1 + C + O.
//!
//! The case study asks for C customers with O orders *each*. Then it is 1 + C + C × O. With 3,000 customers and 10
//! orders each, that is 33,001. In development, there were 5 customers and 20 orders: 26 statements. The code did not
//! change in between. The number grows with the data, so the page becomes slow in production, months after it was
//! written. Most of the statements are in the last term, and fixing the first relation does not change that term.
//!
//! Why is the slow-query log empty? It compares each statement alone with a threshold, and none of them is slow. Here,
//! the slowest takes much less than the 100 ms at which such a log begins, and nearly all take some microseconds. Only
//! their number makes the page slow. If the database is a server, each statement waits for a round trip, and no index
//! makes that shorter. At 1 ms, 33,001 statements take 33.0 s, and 3 statements take 3 ms. (Modelled: the number times
//! 1 ms. The program prints it beside the measured time, and never adds the two.)

use eagerly::{Network, numbers};
use workshop::*;

/// Returns how many statements `with_orders` sends for customers who have this number of orders in total.
fn statements_with_orders(customers: u64, _orders: u64) -> u64 {
    1 + customers
}

/// Returns how many statements `with_items` sends.
fn statements_with_items(customers: u64, orders: u64) -> u64 {
    1 + customers + orders
}

/// How many orders each customer has.
fn with_orders(session: &Session) -> Result<Vec<usize>> {
    let customers = session.all(Customer::select())?;
    customers.iter().map(|customer| Ok(customer.orders()?.len())).collect()
}

/// How many items the orders of each customer have.
fn with_items(session: &Session) -> Result<Vec<usize>> {
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

/// C and O.
fn size(session: &Session) -> Result<[u64; 2]> {
    Ok([session.count(Customer::select())?, session.count(Order::select())?])
}

fn main() -> Result<()> {
    for customers in [5, 50, 500] {
        let session = shop(customers);
        session.model_network(Some(Network::BETWEEN_ZONES));
        let [customers, orders] = size(&session)?;
        println!("C = {customers}, O = {}", count(orders));
        let formula = statements_with_orders(customers, orders);
        report("with orders", formula, &session, with_orders)?;
        let formula = statements_with_items(customers, orders);
        report("with items", formula, &session, with_items)?;
    }
    Ok(())
}

fn report<T>(
    name: &str,
    formula: u64,
    session: &Session,
    page: impl Fn(&Session) -> Result<T>,
) -> Result<()> {
    let tally = session.tally();
    page(session)?;
    println!("  {name:<11}  by the formula {:>5}, ran {:>5}", count(formula), count(tally.statements()));
    println!(
        "    slowest {} (measured), round trips of 1 ms: {} (modelled)",
        numbers::time(tally.slowest()),
        numbers::time(tally.round_trips()),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shops() -> Vec<Session> {
        let ordered_little = shop(20);
        for sql in ["DELETE FROM order_items", "DELETE FROM orders WHERE id % 5 <> 0"] {
            ordered_little.execute(sql, []).expect("a shop with fewer orders");
        }
        vec![shop(5), shop(1), shop(60), shop(0), ordered_little]
    }

    #[test]
    fn the_formula_for_orders_is_right() {
        for session in shops() {
            let [customers, orders] = size(&session).expect("two counts");
            println!("C = {customers}, O = {orders}:");
            let formula = statements_with_orders(customers, orders);
            expect_statements(&session, formula, || with_orders(&session));
        }
    }

    #[test]
    fn the_formula_for_items_is_right() {
        for session in shops() {
            let [customers, orders] = size(&session).expect("two counts");
            println!("C = {customers}, O = {orders}:");
            let formula = statements_with_items(customers, orders);
            expect_statements(&session, formula, || with_items(&session));
        }
    }
}
