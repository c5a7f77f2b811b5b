//! Letting go of long chains, one link after another.
//!
//! A page may walk from row to row, `while let Some(next) = at.parent()? { at = next; }`, and each row then owns the
//! next through what its relation has loaded. Dropped in Rust's own way, the first would drop the second from
//! within, and so on: a hundred thousand rows deep, that overflows the stack. Here, what is dropped while
//! something else is being dropped waits for its turn.

use std::any::Any;
use std::cell::RefCell;

thread_local! {
    /// What waits while something is being dropped; `None` while nothing is.
    static WAITING: RefCell<Option<Vec<Box<dyn Any>>>> = const { RefCell::new(None) };
}

/// Drops `things` now or, if something else is being dropped, after that.
pub(crate) fn drop_in_turn<T: 'static>(things: T) {
    let mut things = Some(things);
    let is_first = WAITING.try_with(|waiting| {
        let mut waiting = waiting.borrow_mut();
        match &mut *waiting {
            Some(list) => list.extend(things.take().map(|things| Box::new(things) as Box<dyn Any>)),
            none => *none = Some(Vec::new()),
        }
        things.is_some()
    });
    if is_first == Ok(true) {
        let _last = Last;
        drop(things);
        while let Some(next) = WAITING.with(|waiting| waiting.borrow_mut().as_mut()?.pop()) {
            drop(next);
        }
    }
}

/// Ends the waiting, even if dropping something panics.
struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        let rest = WAITING.with(RefCell::take);
        drop(rest);
    }
}
