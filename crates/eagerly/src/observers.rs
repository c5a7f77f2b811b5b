//! The observers of a session: who is told of its statements.
//!
//! Everything that watches (the tally, echo, the detector) is one of these, and there may be any number. Two things must
//! not go wrong. An observer may attach and detach others, or itself, while it is told; so a list that is being walked
//! stays as it is, and another takes its place. And an observer may send statements of its own, on this very session:
//! of those nobody is told, or it would never end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::error::Result;
use crate::event::Observer;

/// Those who are told of a session's statements.
pub(crate) struct Observers {
    /// Each with the number by which it is taken off the list again.
    list: RefCell<Rc<[Attached]>>,
    /// Whether the list has an entry: asked at each statement, so kept where it costs one load.
    are_there: Cell<bool>,
    /// Whether any of them wants cohorts to be weighed.
    weigh: Cell<bool>,
    /// Whether they are being told.
    telling: Cell<bool>,
    next: Cell<u64>,
}

/// An observer, and its number.
type Attached = (u64, Rc<dyn Observer>);

impl Default for Observers {
    fn default() -> Self {
        Self {
            list: RefCell::new(Rc::new([])),
            are_there: Cell::new(false),
            weigh: Cell::new(false),
            telling: Cell::new(false),
            next: Cell::new(0),
        }
    }
}

impl Observers {
    #[inline]
    pub(crate) fn are_there(&self) -> bool {
        self.are_there.get()
    }

    /// Whether any of them wants cohorts to be weighed.
    #[inline]
    pub(crate) fn weigh(&self) -> bool {
        self.weigh.get()
    }

    /// Tells each of them.
    #[inline]
    pub(crate) fn tell(&self, tell: impl Fn(&dyn Observer)) {
        let _ = self.ask(|observer| {
            tell(observer);
            Ok(())
        });
    }

    /// Asks each of them, until one has an objection.
    #[inline]
    pub(crate) fn ask(&self, ask: impl Fn(&dyn Observer) -> Result<()>) -> Result<()> {
        match self.are_there() {
            true => self.each(ask),
            false => Ok(()),
        }
    }

    fn each(&self, ask: impl Fn(&dyn Observer) -> Result<()>) -> Result<()> {
        // A second panic while one is on its way would end the program.
        if self.telling.get() || std::thread::panicking() {
            return Ok(());
        }
        self.telling.set(true);
        let _told = Told(&self.telling);
        let listening = Rc::clone(&self.list.borrow());
        listening.iter().try_for_each(|(_, observer)| ask(&**observer))
    }

    /// Adds one; gives the number to take it off by.
    pub(crate) fn attach(&self, observer: Rc<dyn Observer>) -> u64 {
        let number = self.next.replace(self.next.get() + 1);
        let before = Rc::clone(&self.list.borrow());
        let after = before.iter().cloned().chain([(number, observer)]).collect();
        drop(self.replace(after));
        number
    }

    pub(crate) fn detach(&self, number: u64) {
        let before = Rc::clone(&self.list.borrow());
        let others = before.iter().filter(|(attached, _)| *attached != number);
        let replaced = self.replace(others.cloned().collect());
        // Only now, with the list at rest: an observer may hold another, which is detached when it is dropped.
        drop((before, replaced));
    }

    fn replace(&self, list: Rc<[Attached]>) -> Rc<[Attached]> {
        self.are_there.set(!list.is_empty());
        self.weigh.set(list.iter().any(|(_, observer)| observer.weighs()));
        self.list.replace(list)
    }
}

/// Ends the telling, even if an observer panics.
struct Told<'o>(&'o Cell<bool>);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}
