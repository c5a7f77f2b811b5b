//! The waterfalls of the latest runs. A page links to the waterfall of its own run, so both show the same figures.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most bytes of waterfalls that are kept. A waterfall of 33,001 statements has 2 MB, so a class of 30 can each look at
/// one of theirs.
const MOST: usize = 64_000_000;

/// The waterfalls, each with the number of its run.
#[derive(Default)]
pub struct Waterfalls(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    last: u64,
    bytes: usize,
    by_number: VecDeque<(u64, String)>,
}

impl Waterfalls {
    /// Keeps a waterfall, as an HTML page. Returns the number of its run.
    pub fn keep(&self, page: String) -> u64 {
        let mut kept = self.lock();
        kept.last += 1;
        kept.bytes += page.len();
        let number = kept.last;
        kept.by_number.push_back((number, page));
        while kept.bytes > MOST && kept.by_number.len() > 1 {
            let oldest = kept.by_number.pop_front();
            kept.bytes -= oldest.map_or(0, |(_, page)| page.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_waterfalls_are_kept_up_to_a_number_of_bytes() {
        let waterfalls = Waterfalls::default();
        let page = || " ".repeat(MOST / 3);
        let numbers: Vec<_> = (0..5).map(|_| waterfalls.keep(page())).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        let kept = numbers.iter().map(|number| waterfalls.get(*number).is_some());
        assert_eq!(kept.collect::<Vec<_>>(), [false, false, true, true, true]);
        let large = waterfalls.keep(" ".repeat(MOST + 1));
        assert!(waterfalls.get(large).is_some() && waterfalls.get(5).is_none());
    }
}
