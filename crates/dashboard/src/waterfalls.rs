//! The waterfalls of the latest runs. A page links to the waterfall of its own run, so both show the same figures.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of waterfalls that are kept. A waterfall of 33,001 statements has 2 MB.
const KEPT: usize = 8;

/// The waterfalls, each with the number of its run.
#[derive(Default)]
pub struct Waterfalls(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    last: u64,
    by_number: VecDeque<(u64, String)>,
}

impl Waterfalls {
    /// Keeps a waterfall, as an HTML page. Returns the number of its run.
    pub fn keep(&self, page: String) -> u64 {
        let mut kept = self.lock();
        kept.last += 1;
        let number = kept.last;
        kept.by_number.push_back((number, page));
        if kept.by_number.len() > KEPT {
            kept.by_number.pop_front();
        }
        number
    }

    /// Returns the waterfall of a run, or `None` if it is no longer kept.
    pub fn get(&self, number: u64) -> Option<String> {
        let kept = self.lock();
        kept.by_number.iter().find(|(kept, _)| *kept == number).map(|(_, page)| page.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
