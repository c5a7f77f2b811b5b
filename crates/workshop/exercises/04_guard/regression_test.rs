//! # 22. The regression test
//!
//! A later change can break a fixed page again. The function `is_constant` has to find this. It is given a page, and
//! returns whether the number of statements of the page is independent of the number of customers. As it is, it counts
//! for one customer, and accepts up to five statements.
//!
//! - **Predict**: five pages are below. How many statements does each send for 1, for 10 and for 100 customers? Write
//!   the numbers into `PREDICTED`. Which of the pages are constant?
//! - **Edit**: `is_constant`. Choose the sizes, and what to compare. The chapter says that a test with one customer
//!   proves nothing. This is so if it is the only size. Compared with another size, one customer can prove much.
//! - **Done** when it accepts the constant pages, and no others. The tests contain two further pages.
//!
//! Chapter: `book/src/keep_out.md`
//!
//! Fails with: `your predictions are missing: 15 of 15`
//! Then fails with: `is_constant passes n_plus_one`

use workshop::*;

/// How many statements each of `PAGES` sends, for 1, for 10 and for 100 customers.
// TODO: your predictions, and then `is_constant`.
const PREDICTED: [[u64; 3]; 5] = [
    [0, 0, 0], // fixed
    [0, 0, 0], // n_plus_one
    [0, 0, 0], // first_ten
    [0, 0, 0], // in_fifties
    [0, 0, 0], // with_figures
];

/// A page, which returns the number of its lines.
type Page = fn(&Session) -> Result<usize>;

fn is_constant(page: Page) -> Result<bool> {
    // TODO: what does one size show about growth?
    Ok(statements(page, 1)? <= 5)
}

/// Returns how many statements a page sends for this number of customers.
fn statements(page: Page, customers: u32) -> Result<u64> {
    let session = shop(customers);
    let tally = session.tally();
    page(&session)?;
    Ok(tally.statements())
}

/// Loads customers, their orders, and the items of those.
fn fixed(session: &Session) -> Result<usize> {
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    Ok(session.all(Customer::select().with(path))?.len())
}

/// Loads customers, and then accesses their orders.
fn n_plus_one(session: &Session) -> Result<usize> {
    let customers = session.all(Customer::select())?;
    for customer in &customers {
        customer.orders()?;
    }
    Ok(customers.len())
}

/// Does the same for the first ten customers.
fn first_ten(session: &Session) -> Result<usize> {
    let customers = session.all(Customer::select().limit(10))?;
    for customer in &customers {
        customer.orders()?;
    }
    Ok(customers.len())
}

/// Reads all customers by one statement. `session.chunks` hands them to the closure in chunks of up to fifty. It loads
/// the orders of a chunk before that.
fn in_fifties(session: &Session) -> Result<usize> {
    let mut lines = 0;
    session.chunks(Customer::select().with(selectin(Customer::ORDERS)), 50, |customers| {
        lines += customers.len();
        Ok(())
    })?;
    Ok(lines)
}

/// Loads the fixed page, below a heading with four figures.
fn with_figures(session: &Session) -> Result<usize> {
    for status in ["open", "shipped", "returned", "cancelled"] {
        session.count(Order::select().filter(Order::STATUS.eq(status)))?;
    }
    fixed(session)
}

const PAGES: [(&str, Page); 5] = [
    ("fixed", fixed),
    ("n_plus_one", n_plus_one),
    ("first_ten", first_ten),
    ("in_fifties", in_fifties),
    ("with_figures", with_figures),
];

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    for (name, page) in PAGES {
        println!("{name:12}  is constant: {}", is_constant(page)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two more pages, so that it is not enough to know the numbers of the five.
    const FURTHER: [(&str, Page); 2] = [
        ("names", |session| Ok(session.all(Customer::select())?.len())),
        ("n_plus_one_with_a_figure", |session| {
            session.count(Order::select())?;
            n_plus_one(session)
        }),
    ];

    /// Checks the predictions. Afterwards, the tests grade `is_constant`.
    fn the_predictions_are_right() {
        expect_all_given(PREDICTED.as_flattened());
        for ((name, page), predicted) in PAGES.into_iter().zip(PREDICTED) {
            for (customers, predicted) in [1, 10, 100].into_iter().zip(predicted) {
                let what = format!("the statements of {name}, for C = {customers}");
                let ran = statements(page, customers).expect("a page");
                let help = "which calls of the page send a statement, and how often does each run?";
                expect_prediction(&what, predicted, ran, help);
            }
        }
    }

    #[test]
    fn it_passes_what_is_constant_and_nothing_else() {
        the_predictions_are_right();
        for (name, page) in PAGES.into_iter().chain(FURTHER) {
            let should_pass = ["fixed", "with_figures", "names"].contains(&name);
            let passes = is_constant(page).unwrap();
            assert!(
                passes == should_pass,
                "is_constant {} {name}, which sends\n  {}",
                if passes { "passes" } else { "refuses" },
                growth(page)
            );
        }
    }

    fn growth(page: Page) -> String {
        let ran = [1, 10, 100].map(|customers| count(statements(page, customers).unwrap()));
        format!("{} for 1 customer, {} for 10 and {} for 100\n", ran[0], ran[1], ran[2])
    }
}
