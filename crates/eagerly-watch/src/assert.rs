//! Assertions about statement counts, for tests. They prevent a fixed N+1 from coming back.
//!
//! ```
//! # use {eagerly::*, shop::*};
//! use eagerly_watch::assert_queries;
//!
//! let session = shop::small()?;
//! let rows = assert_queries!(session, 3, {
//!     let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
//!     page::rows(&session.all(Customer::select().with(path))?)?
//! });
//! assert_eq!(rows.len(), 5);
//! # Ok::<(), Error>(())
//! ```
//!
//! As everywhere in eagerly, `BEGIN` and `COMMIT` do not count. A failed assertion panics. Its message
//! contains the expected and the actual count, the statements by shape with the places that sent them, and
//! the line to change.
//!
//! If the body panics, its panic is the result of the test, and the count up to the panic is printed as a
//! note. If the body returns early with `?` or `return`, the count is not checked: the test then deals with
//! the error.

use std::fmt::{Debug, Display};

use eagerly::numbers::{count, counted};
use eagerly::{Session, Tally};

use crate::detector::Detector;
use crate::shapes::shape_table;

/// Asserts that the body sends exactly `expected` statements, and returns its value.
///
/// Panics otherwise, or if `expected` is negative.
#[macro_export]
macro_rules! assert_queries {
    ($session:expr, $expected:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::exactly($expected);
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that the body sends at most `most` statements, and returns its value.
///
/// Panics otherwise, or if `most` is negative.
#[macro_export]
macro_rules! assert_max_queries {
    ($session:expr, $most:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::at_most($most);
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that the body sends no statements, and returns its value.
///
/// Use it for code that must work on loaded objects only.
#[macro_export]
macro_rules! assert_no_queries {
    ($session:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::exactly(0);
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that the body does not load any relation with one statement per parent, and returns its value.
#[macro_export]
macro_rules! assert_no_n_plus_one {
    ($session:expr, $body:expr $(,)?) => {{
        let expected = $crate::assert::Expected::no_n_plus_one();
        $crate::assert_counted!($session, expected, $body)
    }};
}

/// Asserts that the number of statements does not depend on the size of the data.
///
/// The macro calls the closure once for each size. The closure prepares data of this size, starts a
/// [`Tally`], runs the code to measure, and returns the tally, directly or in a `Result`.
///
/// ```
/// # use {eagerly::*, shop::*};
/// use eagerly_watch::assert_constant_queries;
///
/// assert_constant_queries!([2, 20, 200], |customers| {
///     let session = data::in_memory(&Size { customers, ..Size::default() })?;
///     let tally = session.tally();
///     let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
///     page::rows(&session.all(Customer::select().with(path))?)?;
///     Ok::<_, Error>(tally)
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
        // Not in a closure, so that `?` and `return` in the body leave the caller's function.
        let value = $body;
        // The code below is unreachable if the body always panics.
        #[allow(unreachable_code)]
        {
            counted.check();
            value
        }
    }};
}

/// The expectation of an assertion: a number, a maximum, or no N+1.
#[derive(Debug, Clone, Copy)]
pub struct Expected(Expectation);

#[derive(Debug, Clone, Copy)]
enum Expectation {
    Exactly(u64),
    AtMost(u64),
    NoNPlusOne,
}

impl Expected {
    /// Expects exactly this number of statements.
    ///
    /// # Panics
    /// Panics if the number is negative.
    #[track_caller]
    pub fn exactly(number: impl TryInto<u64> + Display + Copy) -> Self {
        Self(Expectation::Exactly(natural(number)))
    }

    /// Expects this number of statements or fewer.
    ///
    /// # Panics
    /// Panics if the number is negative.
    #[track_caller]
    pub fn at_most(number: impl TryInto<u64> + Display + Copy) -> Self {
        Self(Expectation::AtMost(natural(number)))
    }

    /// Expects any number of statements, but no N+1.
    #[must_use]
    pub fn no_n_plus_one() -> Self {
        Self(Expectation::NoNPlusOne)
    }
}

#[track_caller]
fn natural(number: impl TryInto<u64> + Display + Copy) -> u64 {
    number
        .try_into()
        .unwrap_or_else(|_| panic!("{number} is not a valid number of statements\n  help: use 0 or more"))
}

/// Counts the statements while a body runs. The assertion macros expand to calls of this type.
pub struct Counted {
    expected: Expectation,
    tally: Tally,
    detector: Detector,
}

impl Counted {
    /// Starts to count the statements of a session.
    #[must_use]
    pub fn begin(session: &Session, expected: Expected) -> Self {
        Self { expected: expected.0, tally: session.tally(), detector: Detector::attach(session) }
    }

    /// Stops counting, and compares the count with the expectation.
    ///
    /// # Panics
    /// Panics if the expectation is not met.
    #[track_caller]
    pub fn check(self) {
        let failure = self.failure();
        // Drop before the panic: `Drop` takes any panic for one of the body and prints a note.
        drop(self);
        if let Some(failure) = failure {
            panic!("{failure}");
        }
    }

    /// Returns the failure message; `None` if the expectation is met.
    fn failure(&self) -> Option<String> {
        let ran = self.tally.statements();
        let report = self.detector.report();
        let complaint = match self.expected {
            Expectation::Exactly(expected) if ran != expected => {
                format!("expected {}, ran {}", counted(expected, "statement"), count(ran))
            }
            Expectation::AtMost(most) if ran > most => {
                format!("expected at most {}, ran {}", counted(most, "statement"), count(ran))
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
            eprintln!("note: the body panicked (see above). Up to the panic: {failure}");
        }
    }
}

/// Formats the statements by shape, without transaction control.
fn statements(tally: &Tally) -> String {
    let shapes = tally.shapes();
    let data: Vec<_> = shapes.into_iter().filter(|shape| shape.kind != eagerly::Kind::Control).collect();
    shape_table(&data)
}

/// A return type for the closure of [`assert_constant_queries!`]: a [`Tally`], or a `Result` with one.
pub trait IntoTally {
    /// Returns the tally. Panics if the value is an `Err`.
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
            Err(error) => panic!("the closure of assert_constant_queries! failed: {error:?}"),
        }
    }
}

const TOO_FEW_SIZES: &str = "\
assert_constant_queries! needs two different sizes to compare
  help: pass several sizes, such as [2, 20, 200]";

/// Implements [`assert_constant_queries!`].
///
/// # Panics
/// Panics if the counts differ, or if there are fewer than two different sizes.
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
        panic!("{TOO_FEW_SIZES}");
    };
    assert!(counts.iter().any(|(size, _)| *size != first.0), "{TOO_FEW_SIZES}");
    if counts.iter().any(|(_, ran)| *ran != first.1) {
        let lines: Vec<_> = counts
            .iter()
            .map(|(size, ran)| format!("  at size {size}: {}", counted(*ran, "statement")))
            .collect();
        panic!(
            "expected the same number of statements at every size, ran\n{}\n\nstatements of the largest count:\n\n{largest}\n",
            lines.join("\n")
        );
    }
}
