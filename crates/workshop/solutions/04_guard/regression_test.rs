//! # 22. The regression test: why the sizes must differ a lot
//!
//! | page | 1 | 10 | 100 | |
//! |---|---|---|---|---|
//! | `fixed` | 3 | 3 | 3 | constant |
//! | `n_plus_one` | 2 | 11 | 101 | seen by any two sizes |
//! | `first_ten` | 2 | 11 | 11 | grows below 10 only |
//! | `in_fifties` | 2 | 2 | 3 | grows above 50 only |
//! | `with_figures` | 7 | 7 | 7 | constant, and more than five |
//!
//! One size shows nothing about growth: for one customer, every N+1 is small, and many tests have one customer. An
//! upper bound does not show it either. A bound of five refuses a page that is constant, and accepts one that grows
//! slowly. So compare the counts at sizes that differ a lot: one, below any limit of a page, and many, above any chunk.
//! 1 and 100 would be enough for these five. 10 shows where the growth begins.
//!
//! The number itself does not matter. Look at the two further pages in the tests. One sends 1 statement for any number
//! of customers, and is constant. The other sends 3 for one customer, and is not.
//!
//! 0 is not among the sizes. Without parents, no statement is sent for their children, so a good page sends fewer.
//!
//! eagerly-watch has this check as an assertion. It shows the count at each size, and lists the statements of the
//! largest: see the last test below. Write such a test for each page that you have fixed.

use workshop::*;

/// How many statements each of `PAGES` sends, for 1, for 10 and for 100 customers.
const PREDICTED: [[u64; 3]; 5] = [
    [3, 3, 3],                // fixed
    [1 + 1, 1 + 10, 1 + 100], // n_plus_one
    [1 + 1, 1 + 10, 1 + 10],  // first_ten
    [1 + 1, 1 + 1, 1 + 2],    // in_fifties
    [4 + 3, 4 + 3, 4 + 3],    // with_figures
];

/// A page, which returns the number of its lines.
type Page = fn(&Session) -> Result<usize>;

fn is_constant(page: Page) -> Result<bool> {
    let few = statements(page, 1)?;
    for customers in [10, 100] {
        if statements(page, customers)? != few {
            return Ok(false);
        }
    }
    Ok(true)
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

    #[test]
    fn the_page_stays_fixed() {
        assert_constant_queries!([1, 10, 100], |customers| {
            let session = shop(customers);
            let tally = session.tally();
            fixed(&session)?;
            Ok::<_, Error>(tally)
        });
    }
}
