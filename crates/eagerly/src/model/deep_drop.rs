//! Skip at first. Drops long chains of rows without a deep stack.
//!
//! A program can follow a relation from row to row, `while let Some(next) = at.parent()? { at = next; }`.
//! Then each row owns the next, through what its relation has loaded. Rust would drop the second row from
//! within the first, and so on, and a chain of a hundred thousand rows would overflow the stack. Here, a row
//! that is too deep waits until the others are dropped.

use std::any::Any;
use std::cell::{Cell, RefCell};

/// How deep drops may nest before the next one waits. Few pages nest deeper. Rows are dropped fastest in the
/// order in which they were loaded.
const DEEPEST: usize = 32;

thread_local! {
    /// How many drops are running, each from within the one before.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Drops `things` now, or later if 32 drops are already nested.
pub(crate) fn drop_without_recursion<T: 'static>(things: T) {
    let depth = DepthGuard(DEPTH.get());
    if depth.0 == DEEPEST {
        wait(Box::new(things));
        return;
    }
    DEPTH.set(depth.0 + 1);
    drop(things);
    if depth.0 == 0 {
        while let Some(next) = next() {
            drop(next);
        }
    }
}

/// Restores the depth when it is dropped. If a drop panicked, everything that still waits is dropped now.
struct DepthGuard(usize);

impl Drop for DepthGuard {
    fn drop(&mut self) {
        DEPTH.set(self.0);
        if self.0 == 0 {
            drop(WAITING.try_with(RefCell::take));
        }
    }
}

/// Puts `things` on the waiting list. While a thread ends its list may be gone; then `things` are dropped at once.
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

    /// Drops the next link, and may panic then.
    struct Link {
        next: Option<Box<Link>>,
        dropped: Rc<Cell<usize>>,
        panics: bool,
    }

    impl Drop for Link {
        fn drop(&mut self) {
            self.dropped.set(self.dropped.get() + 1);
            if let Some(next) = self.next.take() {
                drop_without_recursion(next);
            }
            assert!(!self.panics, "this link panics");
        }
    }

    /// Returns a chain of links. The link at `panics_at` panics.
    fn chain(links: usize, panics_at: Option<usize>) -> (Box<Link>, Rc<Cell<usize>>) {
        let dropped = Rc::new(Cell::new(0));
        let link = |next, place| {
            Some(Box::new(Link { next, dropped: Rc::clone(&dropped), panics: panics_at == Some(place) }))
        };
        let first = (0..links).rev().fold(None, link);
        (first.expect("a link"), dropped)
    }

    #[test]
    fn a_long_chain_is_dropped_without_a_deep_stack() {
        let (first, dropped) = chain(1_000_000, None);
        drop_without_recursion(first);
        assert_eq!(dropped.get(), 1_000_000);
    }

    #[test]
    fn waiting_things_are_dropped_even_if_an_earlier_drop_panics() {
        for panics_at in [0, 5, DEEPEST - 1, DEEPEST, DEEPEST + 5] {
            let (first, dropped) = chain(100, Some(panics_at));
            assert!(catch_unwind(AssertUnwindSafe(|| drop_without_recursion(first))).is_err());
            assert_eq!(dropped.get(), 100, "panics at {panics_at}");
            assert_eq!(DEPTH.get(), 0);
        }
    }
}
