//! Locks at every statement, full disks, and other failures inside SQLite.

use std::cell::Cell;
use std::rc::Rc;

use eagerly::{Cause, Error, Event, Failure, LoadPath, Observer, Session, Strategy, by, params, selectin};
use shop::{Customer, Order, OrderItem, Size, data, page};
use tempfile::TempDir;

fn shop_on_disk(customers: u32) -> (TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(folder.path().join("shop.db")).unwrap();
    let size = Size { customers, orders: 2.0, ..Size::default() };
    data::fill(&session, &size, |_| {}).unwrap();
    (folder, session)
}

pub fn failure(error: &Error) -> Option<Failure> {
    match error {
        Error::Statement { error, .. } => Some(error.kind),
        _ => None,
    }
}

/// An observer that tries to lock the database through another session, before a given statement is sent.
struct Locker {
    other: Session,
    before: Cell<u64>,
    has_locked: Cell<bool>,
}

impl Locker {
    fn release(&self) {
        if self.has_locked.take() {
            self.other.execute("ROLLBACK", []).unwrap();
        }
    }
}

impl Observer for Locker {
    fn statement(&self, _: &Event<'_>) {}

    fn before(&self, _: &Cause<'_>) -> eagerly::Result<()> {
        if self.before.get() == 0 {
            let locked = self.other.execute("BEGIN EXCLUSIVE", []);
            self.has_locked.set(locked.is_ok());
        }
        self.before.set(self.before.get().wrapping_sub(1));
        Ok(())
    }
}

fn path(strategy: Strategy) -> impl LoadPath<Customer> {
    by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS)
}

#[test]
fn a_lock_before_any_statement_is_a_busy_error_and_a_retry_succeeds() {
    let (folder, session) = shop_on_disk(3);
    let other = Session::open(folder.path().join("shop.db")).unwrap();
    for waits in [&session, &other] {
        waits.execute("PRAGMA busy_timeout = 1", []).unwrap();
    }
    let right = page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let locker = Rc::new(Locker { other, before: Cell::new(u64::MAX), has_locked: Cell::new(false) });
    let _observation = session.observe(Rc::clone(&locker) as Rc<dyn Observer>);
    for strategy in Strategy::ALL {
        if strategy == Strategy::Raise {
            continue;
        }
        let tally = session.tally();
        page::rows(&session.all(Customer::select().with(path(strategy))).unwrap()).unwrap();
        let statements = tally.statements();
        for place in 0..statements {
            locker.before.set(place);
            let lines = session
                .all(Customer::select().with(path(strategy)))
                .and_then(|customers| page::rows(&customers));
            let was_locked = locker.has_locked.get();
            locker.before.set(u64::MAX);
            locker.release();
            match lines {
                // The reader's transaction holds a lock, so the other session could not lock the database.
                Ok(lines) => assert!(lines == right && !was_locked, "{strategy}, statement {place}"),
                Err(error) => {
                    assert_eq!(failure(&error), Some(Failure::Busy), "{strategy}: {error}");
                    assert!(was_locked, "{strategy}, statement {place}: {error}");
                    assert!(error.to_string().contains("help:"), "{error}");
                }
            }
            let customers = session.all(Customer::select().with(path(strategy))).unwrap();
            assert_eq!(page::rows(&customers).unwrap(), right, "{strategy}, after statement {place}");
        }
        assert!(statements > 0);
    }
}

#[test]
fn a_lock_in_the_middle_of_a_lazy_page_keeps_the_loaded_rows() {
    let (folder, session) = shop_on_disk(10);
    let other = Session::open(folder.path().join("shop.db")).unwrap();
    session.execute("PRAGMA busy_timeout = 1", []).unwrap();
    let right = page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let customers = session.all(Customer::select()).unwrap();
    let first = customers.iter().find(|customer| !customer.orders().unwrap().is_empty());
    let (first, orders) = (first.unwrap(), first.unwrap().orders().unwrap().len());

    other.execute("BEGIN EXCLUSIVE", []).unwrap();
    let error = page::rows(&customers).unwrap_err();
    assert_eq!(failure(&error), Some(Failure::Busy), "{error}");
    assert_eq!(first.orders().unwrap().len(), orders);
    other.execute("ROLLBACK", []).unwrap();

    assert_eq!(page::rows(&customers).unwrap(), right);
}

#[test]
fn a_full_disk_rolls_back_a_bulk_insert() {
    let (_folder, session) = shop_on_disk(20);
    let before = session.count(OrderItem::select()).unwrap();
    let pages = number(&session, "PRAGMA page_count");
    session.execute(&format!("PRAGMA max_page_count = {}", pages + 5), []).unwrap();
    let template = session.all(OrderItem::select().limit(1)).unwrap().remove(0);
    let many = (0..100_000).map(|_| OrderItem { id: 0, product: "x".repeat(50), ..template.clone_values() });
    let error = session.insert_all(many).unwrap_err();
    assert_eq!(failure(&error), Some(Failure::DiskFull), "{error}");
    assert!(error.to_string().contains("help:"), "{error}");

    assert_eq!(session.count(OrderItem::select()).unwrap(), before);
    assert_eq!(text(&session, "PRAGMA integrity_check"), "ok");
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)));
    assert_eq!(customers.unwrap().len(), 20);

    session.execute("PRAGMA max_page_count = 1000000", []).unwrap();
    session.insert_all((0..1_000).map(|_| template.clone_values())).unwrap();
    assert_eq!(session.count(OrderItem::select()).unwrap(), before + 1_000);
}

/// Copies the values of an item into a new, unsaved item.
trait CloneValues {
    fn clone_values(&self) -> OrderItem;
}

impl CloneValues for OrderItem {
    fn clone_values(&self) -> OrderItem {
        OrderItem {
            id: 0,
            order_id: self.order_id,
            product: self.product.clone(),
            quantity: self.quantity,
            unit_price: self.unit_price,
            order: Default::default(),
        }
    }
}

#[test]
fn a_trigger_that_aborts_a_bulk_insert_rolls_back_all_of_it() {
    let (_folder, session) = shop_on_disk(5);
    let before = session.count(OrderItem::select()).unwrap();
    session
        .execute(
            "CREATE TRIGGER limited BEFORE INSERT ON order_items WHEN NEW.quantity = 77
             BEGIN SELECT RAISE(ABORT, 'no'); END",
            [],
        )
        .unwrap();
    let template = session.all(OrderItem::select().limit(1)).unwrap().remove(0);
    let items = (1..=100).map(|quantity| OrderItem { quantity, ..template.clone_values() });
    let error = session.insert_all(items).unwrap_err();
    assert_eq!(failure(&error), Some(Failure::Constraint), "{error}");
    assert_eq!(session.count(OrderItem::select()).unwrap(), before);
}

#[test]
fn a_table_that_disappears_between_two_statements_is_an_error_that_names_the_relation() {
    let (_folder, session) = shop_on_disk(5);
    let customers = session.all(Customer::select()).unwrap();
    session.execute("ALTER TABLE orders RENAME TO away", []).unwrap();
    let error = customers[0].orders().unwrap_err();
    assert_eq!(failure(&error), Some(Failure::NoSuchName), "{error}");
    assert!(error.to_string().contains("Customer.orders"), "{error}");
    session.execute("ALTER TABLE away RENAME TO orders", []).unwrap();
    assert!(customers[0].orders().is_ok());
}

pub fn number(session: &Session, sql: &str) -> i64 {
    text(session, sql).parse().unwrap()
}

/// Returns the single value of a pragma or a query, as text.
pub fn text(session: &Session, sql: &str) -> String {
    #[derive(eagerly::FromRow)]
    struct One {
        value: String,
    }
    let pragma = sql.trim_start_matches("PRAGMA ");
    let sql = match sql.starts_with("PRAGMA ") {
        true => format!("SELECT CAST({pragma} AS TEXT) AS value FROM pragma_{pragma}"),
        false => sql.to_owned(),
    };
    session.query::<One>(&sql, params![]).unwrap().remove(0).value
}
