//! The observers of a session. The tally, the echo and the detector are observers, and there can be any number.
//!
//! Two cases need care. An observer may attach or detach observers while it is called. So a list in use never
//! changes; a new list replaces it. Statements that an observer sends are not reported, because that would
//! recurse without end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::error::Result;
use crate::trace::event::Observer;

/// The list of observers.
pub(crate) struct Observers {
    list: RefCell<Rc<[Attached]>>,
    /// Whether the list has an entry. Read for every statement, so it is a flag.
    any_attached: Cell<bool>,
    /// Whether any observer weighs cohorts.
    weigh: Cell<bool>,
    /// Whether an observer is being called.
    calling: Cell<bool>,
    next: Cell<u64>,
}

/// An observer, and the number by which it is detached.
type Attached = (u64, Rc<dyn Observer>);

impl Observers {
    pub(crate) fn none() -> Rc<Self> {
        Rc::new(Self {
            list: RefCell::new(Rc::new([])),
            any_attached: Cell::new(false),
            weigh: Cell::new(false),
            calling: Cell::new(false),
            next: Cell::new(0),
        })
    }

    #[inline]
    pub(crate) fn any_attached(&self) -> bool {
        self.any_attached.get()
    }

    /// Returns whether any observer weighs cohorts.
    #[inline]
    pub(crate) fn weigh(&self) -> bool {
        self.weigh.get()
    }

    /// Calls each observer.
    #[inline]
    pub(crate) fn notify(&self, call: impl Fn(&dyn Observer)) {
        let _ = self.try_notify(|observer| {
            call(observer);
            Ok(())
        });
    }

    /// Calls each observer until one returns an error.
    #[inline]
    pub(crate) fn try_notify(&self, call: impl Fn(&dyn Observer) -> Result<()>) -> Result<()> {
        match self.any_attached() {
            true => self.each(&call),
            false => Ok(()),
        }
    }

    fn each(&self, call: &dyn Fn(&dyn Observer) -> Result<()>) -> Result<()> {
        // A second panic while one is unwinding would abort the program.
        if self.calling.get() || std::thread::panicking() {
            return Ok(());
        }
        self.calling.set(true);
        let _reset = ResetOnDrop(&self.calling);
        let list = Rc::clone(&self.list.borrow());
        list.iter().try_for_each(|(_, observer)| call(&**observer))
    }

    /// Adds an observer until the returned [`Observation`] is dropped.
    pub(crate) fn attach(self: &Rc<Self>, observer: Rc<dyn Observer>, sent_before: u64) -> Observation {
        observer.attached(sent_before);
        let number = self.next.replace(self.next.get() + 1);
        let before = Rc::clone(&self.list.borrow());
        drop(self.replace(before.iter().cloned().chain([(number, observer)]).collect()));
        Observation { observers: Rc::clone(self), number }
    }

    fn detach(&self, number: u64) {
        let before = Rc::clone(&self.list.borrow());
        let others = before.iter().filter(|(attached, _)| *attached != number);
        let replaced = self.replace(others.cloned().collect());
        // Drop the old lists after the borrow ends, because an observer may own another's `Observation`.
        drop((before, replaced));
    }

    fn replace(&self, list: Rc<[Attached]>) -> Rc<[Attached]> {
        self.any_attached.set(!list.is_empty());
        self.weigh.set(list.iter().any(|(_, observer)| observer.weighs()));
        self.list.replace(list)
    }
}

/// Resets the flag, even if an observer panics.
struct ResetOnDrop<'o>(&'o Cell<bool>);

impl Drop for ResetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Keeps an observer attached. Dropping it detaches the observer.
///
/// ```
/// # use {eagerly::*, std::rc::Rc}; let session = shop::small()?;
/// let echo = Rc::new(Echo::to(std::io::sink()));
/// let observation: Observation = session.observe(echo.clone());
/// assert_eq!(Rc::strong_count(&echo), 2);
/// drop(observation);
/// assert_eq!(Rc::strong_count(&echo), 1);
/// # Ok::<(), Error>(())
/// ```
pub struct Observation {
    observers: Rc<Observers>,
    number: u64,
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.observers.detach(self.number);
    }
}
