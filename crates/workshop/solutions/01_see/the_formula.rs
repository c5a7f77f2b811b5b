//! # 3. The formula: why the number is so large
//!
//! - `shipping_list`: the query for the orders runs once. Then two lines run once for each order, `order.customer()?` and
//!   `order.items()?`: 1 + 2 × O. The formula has no C. If a customer has ten orders, the page queries this customer ten
//!   times, because each order keeps an object of its own.
//! - `open_amounts`: `customer.orders()?` runs once for each customer, and `order.items()?` once for each open order:
//!   1 + C + P. The formula has no O, because one statement returns all orders of a customer, whether there are 64 or
//!   none. Add C and P. Do not multiply them, because P counts the open orders of all customers.
//!
//! The number grows with the data, so such a page becomes slow in production, months after it was written. The code did
//! not change in between.
//!
//! The case study asks for C customers with O orders *each*. Its page reads the items of every order: 1 + C + C × O. With
//! 3,000 customers and 10 orders each, that is 33,001. In development, there were 5 customers and 20 orders: 26
//! statements. Most of the statements are in the last term, and fixing the first relation does not change that term.
//!
//! Why is the slow-query log empty? It compares each statement alone with a threshold, and none of them is slow. Here,
//! the slowest takes much less than 100 ms, a usual threshold, and nearly all take a few microseconds. Only their number
//! makes the page slow. If the database is a server, each statement waits for a round trip, and no index
//! makes that shorter. At 1 ms, 60,001 statements take 60.0 s, and 3 statements take 3 ms. (These times are modelled:
//! the number times 1 ms. The program prints its measured time in a line of its own, and never adds the two.)

use eagerly::{Network, numbers};
use workshop::*;

/// Returns how many statements `shipping_list` sends for these numbers of customers, of orders in total, and of open ones.
fn statements_of_shipping_list(_customers: u64, orders: u64, _open: u64) -> u64 {
    1 + 2 * orders
}

/// Returns how many statements `open_amounts` sends.
fn statements_of_open_amounts(customers: u64, _orders: u64, open: u64) -> u64 {
    1 + customers + open
}

/// Returns each order with its customer's name and its number of items.
fn shipping_list(session: &Session) -> Result<Vec<(i64, String, usize)>> {
    let mut lines = Vec::new();
    for order in &session.all(Order::select())? {
        let name = order.customer()?.last_name.clone();
        lines.push((order.id, name, order.items()?.len()));
    }
    Ok(lines)
}

/// Returns each customer with the number of all orders, and the total of the open ones in cents.
fn open_amounts(session: &Session) -> Result<Vec<(String, usize, i64)>> {
    let mut lines = Vec::new();
    for customer in &session.all(Customer::select())? {
        let orders = customer.orders()?;
        let mut total = 0;
        for order in orders {
            if order.status == "open" {
                for item in order.items()? {
                    total += item.quantity * item.unit_price;
                }
            }
        }
        lines.push((customer.last_name.clone(), orders.len(), total));
    }
    Ok(lines)
}

fn main() -> Result<()> {
    let session = shop(500);
    let tally = session.tally();
    let lines = shipping_list(&session)?.len() + open_amounts(&session)?.len();
    let slowest = numbers::time(tally.slowest());
    println!("500 customers, both pages: {} lines", count(lines as u64));
    println!("  the slowest statement took {slowest} (measured)");

    let [c, o, p] = [3_000, 30_000, 3_600];
    println!("3,000 customers with 30,000 orders, 3,600 of them open, by your formulas");
    for (page, formula) in [
        ("shipping_list", statements_of_shipping_list(c, o, p)),
        ("open_amounts", statements_of_open_amounts(c, o, p)),
    ] {
        let time = numbers::time(Network::BETWEEN_ZONES.modelled(formula));
        let sent = numbers::counted(formula, "statement");
        println!("  {page:<13}  {sent}, {time} for their round trips (modelled)");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "which lines send a statement, and how often does each run?";

    /// Returns C, O and P.
    fn size(session: &Session) -> Result<[u64; 3]> {
        let open = Order::select().filter(Order::STATUS.eq("open"));
        let [c, o] = [session.count(Customer::select())?, session.count(Order::select())?];
        Ok([c, o, session.count(open)?])
    }

    fn shops() -> Vec<Session> {
        let ordered_little = shop(20);
        for sql in ["DELETE FROM order_items", "DELETE FROM orders WHERE id % 5 <> 0"] {
            ordered_little.execute(sql, []).expect("a shop with fewer orders");
        }
        vec![shop(5), shop(1), shop(60), shop(0), ordered_little]
    }

    #[test]
    fn the_formula_for_the_shipping_list_is_right() {
        for session in shops() {
            let [c, o, p] = size(&session).expect("three counts");
            let what = format!("shipping_list, for C = {c}, O = {o}, P = {p}");
            let ran = statements_of(&session, || shipping_list(&session));
            expect_prediction(&what, statements_of_shipping_list(c, o, p), ran, HELP);
        }
    }

    #[test]
    fn the_formula_for_the_open_amounts_is_right() {
        for session in shops() {
            let [c, o, p] = size(&session).expect("three counts");
            let what = format!("open_amounts, for C = {c}, O = {o}, P = {p}");
            let ran = statements_of(&session, || open_amounts(&session));
            expect_prediction(&what, statements_of_open_amounts(c, o, p), ran, HELP);
        }
    }
}
