//! Letting go of long chains, one stretch after another.
//!
//! A page may walk from row to row, `while let Some(next) = at.parent()? { at = next; }`, and each row then owns the
//! next through what its relation has loaded. Dropped in Rust's own way, the first would drop the second from
//! within, and so on: a hundred thousand rows deep, that overflows the stack. Here, what lies too deep in what is being
//! dropped waits until the rest is gone.

use std::any::Any;
use std::cell::{Cell, RefCell};

/// How deep things are dropped from within others, before they have to wait. Few pages go deeper, and what was loaded
/// one after another is dropped fastest in that order.
const DEEPEST: usize = 32;

thread_local! {
    /// How many things are being dropped, each from within the one before.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Drops `things` now or, if they lie too deep in something else that is being dropped, after that.
pub(crate) fn drop_in_turn<T: 'static>(things: T) {
    let level = Level(DEPTH.get());
    if level.0 == DEEPEST {
        wait(Box::new(things));
        return;
    }
    DEPTH.set(level.0 + 1);
    drop(things);
    if level.0 == 0 {
        while let Some(next) = next() {
            drop(next);
        }
    }
}

/// Ends a level, even if dropping something panics.
struct Level(usize);

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}

/// Where a thread ends and its list is gone already, `things` are dropped at once.
fn wait(things: Box<dyn Any>) {
    let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(things));
}

fn next() -> Option<Box<dyn Any>> {
    WAITING.try_with(|waiting| waiting.borrow_mut().pop()).ok()?
}
