//! What is measured: the rows of the report, and the object that `--json` prints.

use std::time::Duration;

use serde::Serialize;

use crate::times::median;

#[derive(Serialize, Default)]
pub struct Figures {
    pub sizes: Vec<OfSize>,
    pub caches: Vec<OfCache>,
    pub shares: Vec<OfShare>,
}

/// A way at one size.
#[derive(Serialize)]
pub struct OfSize {
    pub way: &'static str,
    pub customers: u32,
    pub rows: u64,
    /// How many turns each way took.
    pub rounds: u32,
    pub statements: u64,
    pub times: PerRow,
    /// `None` if the system does not report it.
    pub peak_bytes: Option<u64>,
}

/// A way at one size, with one page cache.
#[derive(Serialize)]
pub struct OfCache {
    pub cache: &'static str,
    pub way: &'static str,
    pub customers: u32,
    pub times: PerRow,
}

/// A share of the customers of one size: the first customers by their keys.
#[derive(Serialize)]
pub struct OfShare {
    pub customers: u32,
    /// The page shows one customer of this many.
    pub one_in: u32,
    /// The time of `selectin`, which sends the keys of these customers.
    pub selectin_ms: f64,
    /// The time of `subquery`, which repeats their query.
    pub subquery_ms: f64,
    /// The time of reading whole tables, and computing the page of these customers only.
    pub whole_ms: f64,
}

/// Times of a page, divided by the number of its rows, in nanoseconds.
#[derive(Serialize, Clone, Copy)]
pub struct PerRow {
    pub median_ns: f64,
    pub min_ns: f64,
    pub max_ns: f64,
}

impl PerRow {
    /// Computes the times of a row from the sorted times of the page. There is at least one.
    pub fn of(times: &[Duration], rows: u64) -> Self {
        let per_row = |time: Duration| (time.as_secs_f64() * 1e9 / rows as f64).round();
        Self {
            median_ns: per_row(median(times)),
            min_ns: per_row(times[0]),
            max_ns: per_row(times[times.len() - 1]),
        }
    }
}
