//! Times in the data of the page, which are in microseconds.

use std::time::Duration;

use serde::Serializer;

pub(crate) fn micros<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(in_micros(*time))
}

/// Converts a time to microseconds, rounded to one decimal. More digits would only enlarge the page.
pub(crate) fn in_micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e7).round() / 10.0
}
