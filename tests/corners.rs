//! Tests for cases of the strategies that no other test covered. Mutation testing found them: it changes the
//! ORM in one place at a time and checks whether a test fails. See TESTING.md.

#[macro_use]
mod support;

use std::cell::RefCell;
use std::rc::Rc;

use eagerly::Cohort;
use eagerly::{Cause, Event, Observer, RelationExt as _, Select, Session, Strategy, by, selectin};
use shop::{Customer, Order, OrderItem};
use support::{TOGETHER, databases, shop_of};

on_both!(
    an_eager_default_below_an_access_does_not_load_the_parent_again,
    a_reloaded_relation_keeps_the_statement_number_of_its_parents,
    a_cohort_records_that_it_is_a_part,
    only_the_relation_that_was_accessed_counts_as_accessed,
    a_joined_row_that_repeats_has_its_children_once,
    a_row_with_many_references_is_built_once,
    a_row_that_was_preloaded_alone_prints_the_rows_that_an_access_returns,
    a_preload_records_the_strategy_that_sends_its_statements,
    rows_that_an_observer_loads_during_an_access_are_kept_for_each_key,
);

fn an_eager_default_below_an_access_does_not_load_the_parent_again() {
    let session = shop_of(5);
    let customers = session.all(Customer::select()).unwrap();
    session.default_strategy(Strategy::Selectin);
    let tally = session.tally();
    let accessed = customers.iter().find(|customer| !customer.orders().unwrap().is_empty());
    assert!(accessed.is_some());
    assert_eq!(tally.statements(), 2, "the orders and their items, but not their customer");
}

/// Records the result of `see` for each complete cohort, and for the parents of each access.
struct Witness<F> {
    see: F,
    seen: RefCell<Vec<String>>,
}

impl<F: Fn(&Cohort) -> String> Observer for Witness<F> {
    fn statement(&self, _: &Event<'_>) {}

    fn before(&self, cause: &Cause<'_>) -> eagerly::Result<()> {
        if let Cause::Access { parents, .. } = cause {
            self.seen.borrow_mut().push(format!("of {}", (self.see)(parents)));
        }
        Ok(())
    }

    fn cohort(&self, cohort: &Rc<Cohort>) {
        self.seen.borrow_mut().push((self.see)(cohort));
    }

    fn weighs(&self) -> bool {
        true
    }
}

/// Returns the results of `see` for the cohorts that `work` creates and accesses.
fn witnessed(
    session: &Session,
    see: impl Fn(&Cohort) -> String + 'static,
    work: impl FnOnce(),
) -> Vec<String> {
    let witness = Rc::new(Witness { see, seen: RefCell::default() });
    let observation = session.observe(Rc::clone(&witness) as Rc<dyn Observer>);
    work();
    drop(observation);
    witness.seen.take()
}

fn a_reloaded_relation_keeps_the_statement_number_of_its_parents() {
    let session = shop_of(3);
    let seen = witnessed(
        &session,
        |cohort| format!("{} {}", cohort.entity(), cohort.statement()),
        || {
            let first = session.statements() + 1;
            let mut customers = session.all(Customer::select()).unwrap();
            customers[1].orders.reload();
            customers[1].orders().unwrap();
            assert_eq!(session.statements(), first + 1);
        },
    );
    let number = |text: &str| text.rsplit(' ').next().and_then(|number| number.parse::<u64>().ok());
    assert_eq!(number(&seen[0]), number(&seen[1]), "{seen:?}");
    assert_eq!(number(&seen[2]), number(&seen[0]).map(|number| number + 1), "{seen:?}");
}

/// Both are there: the rows of this parent alone, and those that `batch` has loaded for all parents.
fn a_row_that_was_preloaded_alone_prints_the_rows_that_an_access_returns() {
    let session = shop_of(3);
    let customers = session.all(Customer::select().with(by(Strategy::Batch, Customer::ORDERS))).unwrap();
    session.preload(&customers[..1], selectin(Customer::ORDERS)).unwrap();
    session.execute("UPDATE orders SET status = 'changed'", []).unwrap();
    let tally = session.tally();
    assert!(customers[1].orders().unwrap().iter().all(|order| order.status == "changed"));
    assert_eq!(tally.statements(), 1);
    let orders = customers[0].orders().unwrap();
    assert!(!orders.is_empty() && orders.iter().all(|order| order.status != "changed"));
    assert_eq!(format!("{:?}", customers[0].orders), format!("{orders:?}"));
}

fn a_cohort_records_that_it_is_a_part() {
    let session = shop_of(3);
    let seen = witnessed(
        &session,
        |cohort| format!("{} {} {}", cohort.entity(), cohort.is_part(), cohort.path()),
        || {
            let part = Customer::ORDERS.limit_each(1);
            session.all(Customer::select().with(selectin(part).selectin(Order::ITEMS))).unwrap();
        },
    );
    assert_eq!(
        seen,
        [
            "Customer false ",
            "Order true selectin(Customer::ORDERS.…)",
            "OrderItem false selectin(Customer::ORDERS.…).selectin(Order::ITEMS)",
        ]
    );
}

fn only_the_relation_that_was_accessed_counts_as_accessed() {
    #[derive(Default)]
    struct Cohorts(RefCell<Vec<Rc<Cohort>>>);
    impl Observer for Cohorts {
        fn statement(&self, _: &Event<'_>) {}

        fn cohort(&self, cohort: &Rc<Cohort>) {
            self.0.borrow_mut().push(Rc::clone(cohort));
        }
    }
    let session = shop_of(5);
    let cohorts = Rc::new(Cohorts::default());
    let _observation = session.observe(Rc::clone(&cohorts) as Rc<dyn Observer>);
    let path = (selectin(Order::CUSTOMER), selectin(Order::ITEMS));
    let orders = session.all(Order::select().with(path)).unwrap();
    let accessed = || {
        let cohorts = cohorts.0.borrow();
        let related = cohorts.iter().filter(|cohort| cohort.relation().is_some());
        let seen = related.map(|cohort| (cohort.entity(), cohort.was_accessed()));
        seen.collect::<Vec<_>>()
    };
    assert_eq!(accessed(), [("Customer", false), ("OrderItem", false)]);
    orders[0].items().unwrap();
    assert_eq!(accessed(), [("Customer", false), ("OrderItem", true)]);
    orders[0].customer().unwrap();
    assert_eq!(accessed(), [("Customer", true), ("OrderItem", true)]);
    cohorts.0.borrow_mut().truncate(1);

    // An access to a part does not count as an access to the relation beside it.
    let part = selectin(Order::CUSTOMER.filter(Customer::ID.ge(1)));
    let orders = session.all(Order::select().with((part, selectin(Order::ITEMS)))).unwrap();
    orders[0].customer.part().unwrap();
    assert_eq!(accessed(), [("Customer", true), ("OrderItem", false)]);
    let shown = format!("{:?}", cohorts.0.borrow()[0]);
    assert!(shown.contains("corners.rs") && shown.contains("size: 50"), "{shown}");
}

fn a_joined_row_that_repeats_has_its_children_once() {
    let session = shop_of(5);
    let siblings = |query: Select<OrderItem>| -> Vec<usize> {
        let items = session.all(query).unwrap();
        let siblings = items.iter().map(|item| item.order().unwrap().items().unwrap().len());
        siblings.collect()
    };
    let joined = eagerly::joined(OrderItem::ORDER).joined(Order::ITEMS);
    assert_eq!(siblings(OrderItem::select().with(joined)), siblings(OrderItem::select()));
    // The same when the items of one order are not adjacent in the result.
    let joined = eagerly::joined(OrderItem::ORDER).joined(Order::ITEMS);
    let by_product = || OrderItem::select().order_by(OrderItem::PRODUCT);
    assert_eq!(siblings(by_product().with(joined)), siblings(by_product()));
}

fn a_row_with_many_references_is_built_once() {
    let session = shop_of(5);
    for strategy in TOGETHER {
        let items = session.all(OrderItem::select().with(by(strategy, OrderItem::ORDER))).unwrap();
        let (one, other) = items
            .windows(2)
            .map(|pair| (&pair[0], &pair[1]))
            .find(|(one, other)| one.order_id == other.order_id)
            .unwrap();
        assert!(std::ptr::eq(one.order().unwrap(), other.order().unwrap()), "{strategy}");
    }
}

#[test]
fn subquery_below_an_access_repeats_the_query_of_the_access() {
    let session = shop_of(5);
    let path = eagerly::lazy(Customer::ORDERS).subquery(Order::ITEMS);
    let customers = session.all(Customer::select().with(path)).unwrap();
    let tally = session.tally();
    customers[0].orders().unwrap();
    let last = tally.shapes().into_iter().find(|shape| shape.sql.contains("order_items"));
    let restated = r#"WHERE "order_id" IN (SELECT "id" FROM "orders" WHERE "customer_id" = ?1)"#;
    assert!(last.is_some_and(|shape| shape.sql.contains(restated)));
}

/// A preload has no statement of the parents that `subquery` and `joined` could use, so they send a list of keys.
/// `immediate` sends a statement for each row.
fn a_preload_records_the_strategy_that_sends_its_statements() {
    struct Strategies(RefCell<Vec<Strategy>>);
    impl Observer for Strategies {
        fn statement(&self, event: &Event<'_>) {
            if let Cause::Eager { strategy, .. } = event.cause {
                self.0.borrow_mut().push(strategy);
            }
        }
    }
    for strategy in [Strategy::Immediate, Strategy::Selectin, Strategy::Subquery, Strategy::Joined] {
        let session = shop_of(3);
        let customers = session.all(Customer::select()).unwrap();
        let strategies = Rc::new(Strategies(RefCell::default()));
        let observation = session.observe(Rc::clone(&strategies) as Rc<dyn Observer>);
        session.preload(&customers, by(strategy, Customer::ORDERS)).unwrap();
        drop(observation);
        let expected = match strategy {
            Strategy::Immediate => vec![Strategy::Immediate; 3],
            _ => vec![Strategy::Selectin],
        };
        assert_eq!(strategies.0.take(), expected, "{strategy}");
    }
}

/// A clone shares what is loaded with its original. Here the clone has another key, and an observer reads it during an
/// access to the original.
fn rows_that_an_observer_loads_during_an_access_are_kept_for_each_key() {
    struct Reads(RefCell<Option<Order>>);
    impl Observer for Reads {
        fn statement(&self, _: &Event<'_>) {
            if let Some(clone) = self.0.take() {
                assert_eq!(clone.customer().unwrap().id, 2);
            }
        }
    }
    let session = shop_of(5);
    let order = session.all(Order::select().filter(Order::CUSTOMER_ID.eq(1))).unwrap().remove(0);
    let mut clone = order.clone();
    clone.customer_id = 2;
    let reads = Rc::new(Reads(RefCell::new(Some(clone))));
    let _observation = session.observe(Rc::clone(&reads) as Rc<dyn Observer>);
    let before = session.statements();
    assert_eq!(order.customer().unwrap().id, 1);
    assert_eq!(order.customer().unwrap().id, 1);
    assert!(reads.0.borrow().is_none());
    assert_eq!(session.statements() - before, 2);
}
