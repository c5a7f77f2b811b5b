//! The rights of observers.

use std::cell::RefCell;
use std::rc::Rc;

use eagerly::{Event, Observation, Observer, Session, Tally, selectin};
use shop::{Customer, Order};

use crate::support::shop_of;

on_both!(
    an_observer_that_panics_ends_only_the_load,
    an_observer_may_send_statements_and_detach_observers_including_itself,
);

/// Panics when the items are read, and again at the `ROLLBACK`.
struct Budget;

impl Observer for Budget {
    fn statement(&self, event: &Event<'_>) {
        assert!(!event.sql.contains("order_items") && event.sql != "ROLLBACK", "too many");
    }
}

fn an_observer_that_panics_ends_only_the_load() {
    let session = shop_of(3);
    let observation = session.observe(Rc::new(Budget));
    let load = || session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(load)).is_err());
    drop(observation);
    assert_eq!(load().unwrap().len(), 3, "the snapshot was closed, and another can begin");
}

/// Sends another statement after each statement, and holds a tally of the same session.
struct Nosy {
    session: Rc<Session>,
    _tally: Tally,
    detach: RefCell<Option<Observation>>,
}

impl Observer for Nosy {
    fn statement(&self, _: &Event<'_>) {
        self.session.count(Customer::select()).unwrap();
        self.detach.take();
    }
}

fn an_observer_may_send_statements_and_detach_observers_including_itself() {
    let session = Rc::new(shop_of(3));
    let victim = session.observe(Rc::new(Budget));
    let nosy = Rc::new(Nosy {
        session: Rc::clone(&session),
        _tally: session.tally(),
        detach: RefCell::new(Some(victim)),
    });
    let itself = session.observe(nosy.clone());
    let tally = session.tally();
    session.count(Order::select()).unwrap();
    nosy.detach.replace(Some(itself));
    session.count(Order::select()).unwrap();
    session.count(Order::select()).unwrap();
    assert_eq!(tally.statements(), 3, "observers see no statement of an observer");
    drop(nosy);
    session.count(Order::select()).unwrap();
    assert_eq!(tally.statements(), 4);
}
