//! How criterion is set up.

use criterion::Criterion;

use crate::support::is_quick;

/// Criterion as it is; for a quick look without plots, which take longer than the measuring.
pub fn criterion() -> Criterion {
    if is_quick() { Criterion::default().without_plots() } else { Criterion::default() }
}
