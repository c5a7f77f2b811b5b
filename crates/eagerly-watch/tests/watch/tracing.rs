//! Statements become `tracing` events with the field names of OpenTelemetry.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use eagerly_watch::tracing::Tracing;
use shop::Customer;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::support::shop_of;

type Fields = BTreeMap<&'static str, String>;

/// A subscriber that keeps the fields of each event at the given level or a more severe one.
#[derive(Clone)]
struct Keeper(Arc<Mutex<Vec<Fields>>>, Level);

struct Reader(Fields);

impl Visit for Reader {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= &self.1
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut reader = Reader(Fields::new());
        event.record(&mut reader);
        self.0.lock().unwrap().push(reader.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn events_of(level: Level, work: impl FnOnce()) -> Vec<Fields> {
    let keeper = Keeper(Arc::default(), level);
    tracing::subscriber::with_default(keeper.clone(), work);
    let events = keeper.0.lock().unwrap();
    events.clone()
}

#[test]
fn an_event_has_the_stable_opentelemetry_names() {
    let session = shop_of(3);
    let _tracing = Tracing::attach(&session);
    let events = events_of(Level::DEBUG, || {
        let customers = session.all(Customer::select()).unwrap();
        customers[0].orders().unwrap();
    });
    let field = |name: &str| events[1][name].clone();
    assert_eq!(events.len(), 2);
    assert_eq!(field("db.system.name"), r#""sqlite""#);
    assert_eq!(field("db.operation.name"), r#""SELECT""#);
    assert_eq!(field("db.collection.name"), r#""orders""#);
    assert_eq!(field("db.query.summary"), r#""SELECT orders""#);
    assert!(field("db.query.text").contains("= ?1"));
    assert!(field("code.file.path").contains("tracing.rs"));
    assert!(field("code.line.number").parse::<u32>().is_ok());
    assert!(field("db.response.returned_rows").parse::<u64>().is_ok());
    assert!(field("eagerly.cause").starts_with("lazy Customer.orders at "));
    assert!(!events[1].contains_key("error.type"));
}

#[test]
fn a_failed_statement_has_an_error_type() {
    let session = shop_of(1);
    let _tracing = Tracing::attach(&session);
    let events = events_of(Level::DEBUG, || {
        let again = "INSERT INTO customers SELECT * FROM customers";
        assert!(session.execute(again, []).is_err());
    });
    assert_eq!(events[0]["error.type"], r#""constraint""#);
}

#[test]
fn no_event_is_emitted_if_the_debug_level_is_disabled() {
    let session = shop_of(1);
    let _tracing = Tracing::attach(&session);
    let events = events_of(Level::INFO, || {
        session.all(Customer::select()).unwrap();
    });
    assert!(events.is_empty());
}

/// An event names the database system by its name in lower case.
#[test]
fn the_names_of_the_databases_in_lower_case_are_those_of_opentelemetry() {
    let names =
        [eagerly::Dialect::Sqlite, eagerly::Dialect::Postgres].map(|dialect| dialect.name().to_lowercase());
    assert_eq!(names, ["sqlite", "postgresql"]);
}
