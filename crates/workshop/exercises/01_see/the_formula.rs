//! # 3. The formula
//!
//! In exercise 1, you counted for five customers, as in development. A formula shows what happens in production. Here are
//! two other pages. `shipping_list` begins at the orders. `open_amounts` reads the items of some orders only.
//!
//! - **Predict**: how many statements does each page send for C customers who have O orders in total, P of them open?
//!   Work it out from the code. Which line sends a statement, and how often does it run? (An accessor keeps what it has
//!   loaded, for this one object.) Your formulas are the predictions.
//! - **Edit**: the functions `statements_of_shipping_list` and `statements_of_open_amounts`. Leave the pages as they are.
//!   You count their statements here, and fix such pages later.
//! - **Done** when both formulas are right for every shop of the tests. One shop has no customers. In another one, the
//!   customers have few orders. Then `main` shows what your formula means in production: 3,000 customers with 30,000
//!   orders, 3,600 of them open, and a round trip of 1 ms for each statement. (In a round trip, the request goes to the
//!   database server, and the answer comes back.)
//!
//! Chapter: `book/src/count.md`
//!
//! Fails with: `your prediction is wrong: shipping_list, for C = 5, O = 20, P = 0: 1`

use eagerly::{Network, numbers};
use workshop::*;

// TODO: the two formulas. Remove the underscore of a parameter that you use. You do not need all of them.
/// Returns how many statements `shipping_list` sends for these numbers of customers, of orders in total, and of open ones.
fn statements_of_shipping_list(_customers: u64, _orders: u64, _open: u64) -> u64 {
    1
}

/// Returns how many statements `open_amounts` sends.
fn statements_of_open_amounts(_customers: u64, _orders: u64, _open: u64) -> u64 {
    1
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
