//! A clone of an entity is the same row: it shares what is loaded, also later, and counts as one row for the tools.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use eagerly::{Advisor, BelongsTo, Entity, Finished, QueryFacts, Question, Run, Strategy, by, selectin};
use eagerly_watch::Detector;
use shop::{Customer, Order};

use crate::support::{database, shop_of, yielding};

on_both!(
    a_clone_shares_what_is_loaded_before_and_after,
    a_clone_outlives_the_original_and_its_session,
    a_clone_outlives_the_original_and_loads_what_the_original_would_have_loaded,
    accesses_to_clones_of_one_row_are_no_n_plus_one,
    a_run_ends_with_the_last_clone,
    a_long_chain_that_is_held_by_a_clone_is_dropped_without_a_deep_stack,
);

fn a_clone_shares_what_is_loaded_before_and_after() {
    let session = shop_of(5);
    for strategy in yielding() {
        let query = Customer::select().with(by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS));
        let customers = session.all(query).unwrap();
        let copies = customers.clone();
        let tally = session.tally();
        for (customer, copy) in customers.iter().zip(&copies) {
            let copied = copy.orders().unwrap();
            assert!(std::ptr::eq(customer.orders().unwrap(), copied), "{strategy}");
            for order in customer.orders().unwrap().iter().map(Order::clone) {
                order.items().unwrap();
            }
        }
        let sent = tally.statements();
        for order in copies.iter().flat_map(|copy| copy.orders().unwrap()) {
            order.items().unwrap();
        }
        assert_eq!(tally.statements(), sent, "{strategy}: all of it is loaded");
        // One row is reloaded, and the others stay.
        let mut alone = copies[0].clone();
        alone.orders.reload();
        assert!(!alone.orders.is_loaded() && copies[0].orders.is_loaded(), "{strategy}");
        assert_eq!(alone.orders().unwrap().len(), customers[0].orders().unwrap().len(), "{strategy}");
    }
}

fn a_clone_outlives_the_original_and_its_session() {
    let session = shop_of(5);
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap();
    let expected: Vec<_> = customers[1].orders().unwrap().iter().map(|order| order.id).collect();
    let copy = customers[1].clone();
    let order = customers[1].orders().unwrap()[0].clone();
    drop(customers);
    session.close().unwrap();
    assert_eq!(copy.orders().unwrap().iter().map(|order| order.id).collect::<Vec<_>>(), expected);
    drop(copy);
    assert_eq!(order.id, expected[0]);
    assert!(matches!(order.items(), Err(eagerly::Error::Detached { .. })));
}

fn a_clone_outlives_the_original_and_loads_what_the_original_would_have_loaded() {
    let session = shop_of(5);
    for strategy in [Strategy::Lazy, Strategy::Batch] {
        let customers = session.all(Customer::select().with(by(strategy, Customer::ORDERS))).unwrap();
        let copies = customers[1..3].to_vec();
        drop(customers);
        let tally = session.tally();
        let orders: Vec<_> = copies.iter().map(|copy| copy.orders().unwrap().len() as u64).collect();
        assert_eq!(tally.statements(), if strategy == Strategy::Batch { 1 } else { 2 }, "{strategy}");
        let expected =
            [2, 3].map(|id| session.count(Order::select().filter(Order::CUSTOMER_ID.eq(id))).unwrap());
        assert_eq!(orders, expected, "{strategy}");
    }
}

fn accesses_to_clones_of_one_row_are_no_n_plus_one() {
    let session = shop_of(5);
    let detector = Detector::attach(&session);
    let customers = session.all(Customer::select()).unwrap();
    for _ in 0..10 {
        let mut copy = customers[0].clone();
        copy.orders().unwrap();
        copy.orders.reload();
        copy.orders().unwrap();
    }
    assert!(detector.report().n_plus_one.is_empty(), "{}", detector.report());
    customers[1].clone().orders().unwrap();
    assert!(!detector.report().n_plus_one.is_empty(), "a clone of another row is another row");
}

/// Counts the runs that have ended, and the rows that are dropped.
#[derive(Default)]
struct Ends {
    runs: Rc<Cell<u32>>,
    rows: RefCell<Vec<(&'static str, u32)>>,
}

impl Advisor for Ends {
    fn begin(self: Rc<Self>, query: &QueryFacts<'_>) -> Option<Rc<dyn Run>> {
        Some(Rc::new(OneRun { ends: self, entity: query.entity.name }))
    }
}

struct OneRun {
    ends: Rc<Ends>,
    entity: &'static str,
}

impl Run for OneRun {
    fn strategy(&self, _: &Question<'_>) -> Option<eagerly::Advised> {
        None
    }

    fn finished(&self, rows: &Finished<'_>) {
        if rows.way.is_empty() {
            self.ends.rows.borrow_mut().push((self.entity, rows.size));
        }
    }
}

impl Drop for OneRun {
    fn drop(&mut self) {
        self.ends.runs.set(self.ends.runs.get() + 1);
    }
}

fn a_run_ends_with_the_last_clone() {
    let session = shop_of(5);
    let ends = Rc::new(Ends::default());
    session.advise(Some(ends.clone()));
    let customers = session.all(Customer::select()).unwrap();
    let copy = customers[3].clone();
    let again = copy.clone();
    drop(customers);
    drop(copy);
    assert_eq!((ends.runs.get(), ends.rows.borrow().len()), (0, 0));
    drop(again);
    assert_eq!((ends.runs.get(), &ends.rows.borrow()[..]), (1, &[("Customer", 5)][..]));
}

#[derive(Debug, Clone, Entity)]
#[entity(table = "links")]
struct Chained {
    #[entity(key)]
    id: i64,
    next_id: Option<i64>,
    #[entity(key = "next_id")]
    next: BelongsTo<Chained>,
}

fn a_long_chain_that_is_held_by_a_clone_is_dropped_without_a_deep_stack() {
    const LINKS: i64 = 3_000;
    let session = database(&["CREATE TABLE links (id INTEGER PRIMARY KEY, next_id INTEGER)"]);
    let link = |id| Chained { id, next_id: (id < LINKS).then_some(id + 1), next: BelongsTo::default() };
    session.insert_all((1..=LINKS).map(link)).unwrap();
    let first = session.get::<Chained>(1).unwrap();
    // Each clone replaces the one before, which then no longer holds the rows behind it.
    let mut at = first.clone();
    let mut middle = None;
    while let Some(next) = at.next().unwrap().cloned() {
        at = next;
        if at.id == LINKS / 2 {
            middle = Some(at.clone());
        }
    }
    assert_eq!(at.id, LINKS);
    drop(first);
    let middle = middle.unwrap();
    assert!(middle.next.is_loaded(), "a clone keeps the rows behind it");
    drop(at);
    drop(middle);
}
