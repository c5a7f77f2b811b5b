//! Statement counts in tests: what keeps an N+1 out once it is gone.
//!
//! ```
//! # use eagerly::{Session, selectin};
//! # use shop::{Customer, Order, Size, data, page};
//! use eagerly_watch::assert_queries;
//!
//! # let session = Session::in_memory()?;
//! # data::fill(&session, &Size { customers: 4, ..Size::default() }, |_| {})?;
//! let rows = assert_queries!(session, 3, {
//!     let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
//!     page::rows(&session.all(Customer::select().with(path))?)?
//! });
//! # assert_eq!(rows.len(), 4);
//! # Ok::<(), eagerly::Error>(())
//! ```
//!
//! Statements are counted as everywhere: `BEGIN` and `COMMIT` are none. An assertion that fails panics with what was
//! expected and what ran, the statements by shape with the places that sent them, and the line to change. If the body
//! itself panics, that is the panic that is seen; the count until then is only mentioned after it. A body that leaves
//! early, by `?` or `return`, is not checked: the error is what the test is about then.

use std::fmt::{Debug, Display};

use eagerly::text::{count, counted};
use eagerly::{Session, Tally};

use crate::detector::Detector;
use crate::shapes::shape_table;

/// Asserts that the body sends exactly so many statements, and gives its value.
#[macro_export]
macro_rules! assert_queries {
    ($session:expr, $expected:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::exactly($expected);
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that the body sends at most so many statements, and gives its value.
#[macro_export]
macro_rules! assert_max_queries {
    ($session:expr, $most:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::at_most($most);
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that the body sends no statement, and gives its value: for what works on objects that are loaded.
#[macro_export]
macro_rules! assert_no_queries {
    ($session:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::exactly(0);
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that nothing in the body loads a relation by a statement for each parent, and gives its value.
#[macro_export]
macro_rules! assert_no_n_plus_one {
    ($session:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::no_n_plus_one();
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that the number of statements does not depend on the size of the data.
///
/// The closure prepares data of the size it is given, starts a [`Tally`] once that is there, does what is to be
/// measured, and gives the tally back, plain or in a `Result`.
///
/// ```
/// # use eagerly::{Session, selectin};
/// # use shop::{Customer, Order, Size, data, page};
/// # fn shop_of(customers: u32) -> eagerly::Result<Session> {
/// #     data::in_memory(&Size { customers, ..Size::default() })
/// # }
/// use eagerly_watch::assert_constant_queries;
///
/// assert_constant_queries!([2, 20, 200], |customers| {
///     let session = shop_of(customers)?;
///     let tally = session.tally();
///     let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
///     page::rows(&session.all(Customer::select().with(path))?)?;
///     Ok::<_, eagerly::Error>(tally)
/// });
/// ```
#[macro_export]
macro_rules! assert_constant_queries {
    ($sizes:expr, $work:expr $(,)?) => {
        $crate::assert::constant($sizes, $work)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! assert_counted {
    ($session:expr, $expected:expr, $body:expr) => {{
        let counted = $crate::assert::Counted::begin(&$session, $expected);
        // Not in a closure, so that `?` and `return` in the body mean what they say.
        let value = $body;
        // A body that always panics never gets here.
        #[allow(unreachable_code)]
        {
            counted.check();
            value
        }
    }};
}

/// What is asserted of a count.
#[derive(Debug, Clone, Copy)]
pub struct Expected(Expectation);

#[derive(Debug, Clone, Copy)]
enum Expectation {
    Exactly(u64),
    AtMost(u64),
    NoNPlusOne,
}

impl Expected {
    /// So many.
    ///
    /// # Panics
    /// If it is less than nothing.
    #[track_caller]
    pub fn exactly(number: impl TryInto<u64> + Display + Copy) -> Self {
        Self(Expectation::Exactly(natural(number)))
    }

    /// So many, or fewer.
    ///
    /// # Panics
    /// If it is less than nothing.
    #[track_caller]
    pub fn at_most(number: impl TryInto<u64> + Display + Copy) -> Self {
        Self(Expectation::AtMost(natural(number)))
    }

    /// Any number, but none for a second parent.
    #[must_use]
    pub fn no_n_plus_one() -> Self {
        Self(Expectation::NoNPlusOne)
    }
}

#[track_caller]
fn natural(number: impl TryInto<u64> + Display + Copy) -> u64 {
    number
        .try_into()
        .unwrap_or_else(|_| panic!("{number} is no number of statements"))
}

/// Counts while a body runs. What the macros are made of.
pub struct Counted {
    expected: Expectation,
    tally: Tally,
    detector: Detector,
}

impl Counted {
    /// Counts from now on.
    #[must_use]
    pub fn begin(session: &Session, expected: Expected) -> Self {
        Self {
            expected: expected.0,
            tally: session.tally(),
            detector: Detector::attach(session),
        }
    }

    /// Compares.
    ///
    /// # Panics
    /// If the count is not what was expected.
    #[track_caller]
    pub fn check(self) {
        let failure = self.failure();
        // First, so that it does not take this panic for the body's.
        drop(self);
        if let Some(failure) = failure {
            panic!("{failure}");
        }
    }

    /// What there is to complain about.
    fn failure(&self) -> Option<String> {
        let ran = self.tally.statements();
        let report = self.detector.report();
        let complaint = match self.expected {
            Expectation::Exactly(expected) if ran != expected => {
                format!("expected {}, ran {}", counted(expected, "statement"), count(ran))
            }
            Expectation::AtMost(most) if ran > most => {
                format!(
                    "expected at most {}, ran {}",
                    counted(most, "statement"),
                    count(ran)
                )
            }
            Expectation::NoNPlusOne if !report.n_plus_one.is_empty() => {
                format!("expected no N+1, found one in {}", counted(ran, "statement"))
            }
            _ => return None,
        };
        let table = match ran {
            0 => String::new(),
            _ => format!("\n\n{}", statements(&self.tally)),
        };
        let advice = match report.of_statements() {
            Some(advice) => format!("\n\n{advice}"),
            None => String::new(),
        };
        Some(format!("{complaint}{table}{advice}\n"))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(failure) = self.failure()
        {
            eprintln!("(the panic above came first; until then: {failure})");
        }
    }
}

/// The statements by shape. Transaction control is not among them.
fn statements(tally: &Tally) -> String {
    let shapes = tally.shapes();
    let data: Vec<_> = shapes
        .into_iter()
        .filter(|shape| shape.kind != eagerly::Kind::Control)
        .collect();
    shape_table(&data)
}

/// What a closure given to [`assert_constant_queries!`] may give: a tally, or one in a `Result`.
pub trait IntoTally {
    /// The tally.
    fn into_tally(self) -> Tally;
}

impl IntoTally for Tally {
    fn into_tally(self) -> Tally {
        self
    }
}

impl<E: Debug> IntoTally for Result<Tally, E> {
    #[track_caller]
    fn into_tally(self) -> Tally {
        match self {
            Ok(tally) => tally,
            Err(error) => panic!("the work to be counted failed: {error:?}"),
        }
    }
}

/// What [`assert_constant_queries!`] does.
///
/// # Panics
/// If the counts differ, or if there are not two different sizes to compare.
#[track_caller]
pub fn constant<S, T>(sizes: impl IntoIterator<Item = S>, mut work: impl FnMut(S) -> T)
where
    S: Copy + PartialEq + Display,
    T: IntoTally,
{
    let mut counts: Vec<(S, u64)> = Vec::new();
    let mut largest = None;
    for size in sizes {
        let tally = work(size).into_tally();
        let ran = tally.statements();
        if counts.iter().all(|(_, before)| ran > *before) {
            largest = Some(statements(&tally));
        }
        counts.push((size, ran));
    }
    let (Some(first), Some(largest)) = (counts.first(), largest) else {
        panic!("assert_constant_queries! needs two different sizes to compare");
    };
    assert!(
        counts.iter().any(|(size, _)| *size != first.0),
        "assert_constant_queries! needs two different sizes to compare"
    );
    if counts.iter().any(|(_, ran)| *ran != first.1) {
        let lines: Vec<_> = counts
            .iter()
            .map(|(size, ran)| format!("  at size {size}: {}", counted(*ran, "statement")))
            .collect();
        panic!(
            "expected the same number of statements at every size, ran\n{}\n\nat the most:\n\n{largest}\n",
            lines.join("\n")
        );
    }
}
