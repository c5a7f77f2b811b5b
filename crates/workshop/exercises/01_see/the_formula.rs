//! # 3. The formula
//!
//! These are two pages of exercise 1, now for any number of customers. In exercise 1, you counted for five, as in
//! development. A formula shows what happens in production.
//!
//! - **Predict**: how many statements does each page send for C customers who have O orders in total? Work it out from
//!   the code. Which line sends a statement, and how often does it run? Your formulas are the predictions.
//! - **Edit**: the functions `statements_of_orders` and `statements_of_admin_page`. Leave the pages as they are. You
//!   count their statements here, and fix them later.
//! - **Done** when both formulas are right for every shop of the tests. One shop has no customers. In another one, the
//!   customers have few orders. Then `main` shows what your formula means in production: 3,000 customers with 30,000
//!   orders, and a round trip of 1 ms for each statement. (In a round trip, the request goes to the database server, and
//!   the answer comes back.)
//!
//! Chapter: `book/src/count.md`
//!
//! Fails with: `your prediction is wrong: the statements of orders, for C = 5 and O = 20: 1`

use eagerly::{Network, numbers};
use workshop::*;

// TODO: the two formulas. Remove the underscore of a parameter that you use. Perhaps you do not need all of them.
/// Returns how many statements `orders` sends for customers who have this number of orders in total.
fn statements_of_orders(_customers: u64, _orders: u64) -> u64 {
    1
}

/// Returns how many statements `admin_page` sends.
fn statements_of_admin_page(_customers: u64, _orders: u64) -> u64 {
    1
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
