//! The times of turns.

use std::time::Duration;

/// Returns the median of sorted times. There is at least one.
pub fn median(sorted: &[Duration]) -> Duration {
    sorted[sorted.len() / 2]
}
