//! # 3. The formula: why the number is so large
//!
//! - `orders`: the query for the customers runs once, and `customer.orders()?` runs once for each customer: 1 + C. The
//!   formula has no O, because one statement returns all orders of a customer, whether there are 64 or none.
//! - `admin_page`: in addition, `order.items()?` runs once for each order: 1 + C + O. Add C and O. Do not multiply
//!   them, because O counts the orders of all customers.
//!
//! The case study asks for C customers with O orders *each*. Then it is 1 + C + C × O. With 3,000 customers and 10
//! orders each, that is 33,001. In development, there were 5 customers and 20 orders: 26 statements. The code did not
//! change in between. The number grows with the data, so the page becomes slow in production, months after it was
//! written. Most of the statements are in the last term, and fixing the first relation does not change that term.
//!
//! Why is the slow-query log empty? It compares each statement alone with a threshold, and none of them is slow. Here,
//! the slowest takes much less than 100 ms, a usual threshold, and nearly all take a few microseconds. Only their number
//! makes the page slow. If the database is a server, each statement waits for a round trip, and no index
//! makes that shorter. At 1 ms, 33,001 statements take 33.0 s, and 3 statements take 3 ms. (These times are modelled:
//! the number times 1 ms. The program prints its measured time in a line of its own, and never adds the two.)

use eagerly::{Network, numbers};
use workshop::*;

/// Returns how many statements `orders` sends for customers who have this number of orders in total.
fn statements_of_orders(customers: u64, _orders: u64) -> u64 {
    1 + customers
}

/// Returns how many statements `admin_page` sends.
fn statements_of_admin_page(customers: u64, orders: u64) -> u64 {
    1 + customers + orders
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
    let session = shop(500);
    let tally = session.tally();
    let lines = orders(&session)?.len() + admin_page(&session)?.len();
    let slowest = numbers::time(tally.slowest());
    println!("500 customers, both pages: {} lines", count(lines as u64));
    println!("  the slowest statement took {slowest} (measured)");

    let [c, o] = [3_000, 30_000];
    println!("3,000 customers with 30,000 orders, by your formulas");
    for (page, formula) in
        [("orders", statements_of_orders(c, o)), ("admin_page", statements_of_admin_page(c, o))]
    {
        let time = numbers::time(Network::BETWEEN_ZONES.modelled(formula));
        let sent = numbers::counted(formula, "statement");
        println!("  {page:<10}  {sent}, {time} for their round trips (modelled)");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "which lines send a statement, and how often does each run?";

    /// Returns C and O.
    fn size(session: &Session) -> Result<[u64; 2]> {
        Ok([session.count(Customer::select())?, session.count(Order::select())?])
    }

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
            let [c, o] = size(&session).expect("two counts");
            let what = format!("the statements of orders, for C = {c} and O = {o}");
            let ran = statements_of(&session, || orders(&session));
            expect_prediction(&what, statements_of_orders(c, o), ran, HELP);
        }
    }

    #[test]
    fn the_formula_for_the_admin_page_is_right() {
        for session in shops() {
            let [c, o] = size(&session).expect("two counts");
            let what = format!("the statements of admin_page, for C = {c} and O = {o}");
            let ran = statements_of(&session, || admin_page(&session));
            expect_prediction(&what, statements_of_admin_page(c, o), ran, HELP);
        }
    }
}
