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

/// Ends a level. If dropping something panicked, what still waits goes now.
struct Level(usize);

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(self.0);
        if self.0 == 0 {
            drop(WAITING.try_with(RefCell::take));
        }
    }
}

/// Where a thread ends and its list is gone already, `things` are dropped at once, however deep they lie.
fn wait(things: Box<dyn Any>) {
    let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(things));
}

fn next() -> Option<Box<dyn Any>> {
    WAITING.try_with(|waiting| waiting.borrow_mut().pop()).ok()?
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    use super::*;

    /// Lets go of the next link in turn, and may panic then.
    struct Link {
        next: Option<Box<Link>>,
        dropped: Rc<Cell<usize>>,
        panics: bool,
    }

    impl Drop for Link {
        fn drop(&mut self) {
            self.dropped.set(self.dropped.get() + 1);
            if let Some(next) = self.next.take() {
                drop_in_turn(next);
            }
            assert!(!self.panics, "a link that cannot be dropped in peace");
        }
    }

    /// So many links, of which the one at a place panics.
    fn chain(links: usize, panics_at: Option<usize>) -> (Box<Link>, Rc<Cell<usize>>) {
        let dropped = Rc::new(Cell::new(0));
        let link = |next, place| {
            Some(Box::new(Link {
                next,
                dropped: Rc::clone(&dropped),
                panics: panics_at == Some(place),
            }))
        };
        let first = (0..links).rev().fold(None, link);
        (first.expect("a link"), dropped)
    }

    #[test]
    fn a_long_chain_goes_whole_and_needs_no_deep_stack() {
        let (first, dropped) = chain(1_000_000, None);
        drop_in_turn(first);
        assert_eq!(dropped.get(), 1_000_000);
    }

    #[test]
    fn what_waits_goes_even_if_something_before_it_panics() {
        for panics_at in [0, 5, DEEPEST - 1, DEEPEST, DEEPEST + 5] {
            let (first, dropped) = chain(100, Some(panics_at));
            assert!(catch_unwind(AssertUnwindSafe(|| drop_in_turn(first))).is_err());
            assert_eq!(dropped.get(), 100, "panics at {panics_at}");
            assert_eq!(DEPTH.get(), 0);
        }
    }
}
