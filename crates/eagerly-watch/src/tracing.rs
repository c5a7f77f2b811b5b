//! Emits an event of the `tracing` library for each statement, with the stable field names of OpenTelemetry.
//!
//! The events go to the subscriber that the program installed; this crate does not install one. Their level
//! is `DEBUG` and their target is `eagerly`. If no subscriber enables them, nothing is formatted.
//!
//! | field | example |
//! |---|---|
//! | `db.system.name` | `sqlite` or `postgresql` |
//! | `db.operation.name` | `SELECT` |
//! | `db.collection.name` | `orders` |
//! | `db.query.summary` | `SELECT orders` |
//! | `db.query.text` | `SELECT … WHERE "customer_id" = ?1` (without the bound values) |
//! | `db.response.returned_rows` | `10` |
//! | `code.file.path`, `code.line.number` | `src/page.rs`, `14` |
//! | `error.type` | `busy`; absent if the statement succeeded |
//! | `eagerly.number`, `eagerly.cause`, `eagerly.elapsed_us` | `2`, `lazy Customer.orders at src/page.rs:14`, `15.1` |

use std::rc::Rc;

use eagerly::{Error, Event, Observation, Observer, Session};
use tracing::{Level, enabled, event, field};
use waterfall::sql::Summary;

/// An observer that emits a `tracing` event for each statement.
pub struct Tracing {
    _observation: Observation,
}

impl Tracing {
    /// Emits an event for each statement of the session, until the returned value is dropped.
    #[must_use = "events are emitted until this is dropped"]
    pub fn attach(session: &Session) -> Self {
        let system = session.dialect().name().to_lowercase();
        Self { _observation: session.observe(Rc::new(Bridge { system })) }
    }
}

struct Bridge {
    /// The name of the database system in the conventions of OpenTelemetry: `sqlite` or `postgresql`.
    system: String,
}

impl Observer for Bridge {
    fn statement(&self, event: &Event<'_>) {
        if !enabled!(target: "eagerly", Level::DEBUG) {
            return;
        }
        let summary = Summary::of(event.sql);
        let at = event.cause.at();
        event!(
            target: "eagerly",
            Level::DEBUG,
            "db.system.name" = self.system.as_str(),
            "db.operation.name" = summary.operation.as_str(),
            "db.collection.name" = summary.table.as_deref(),
            "db.query.summary" = summary.text().as_str(),
            "db.query.text" = event.sql,
            "db.response.returned_rows" = event.rows,
            "code.file.path" = at.file(),
            "code.line.number" = at.line(),
            "error.type" = event.error.map(error_type),
            "eagerly.number" = event.number,
            "eagerly.cause" = field::display(&event.cause),
            "eagerly.elapsed_us" = (event.elapsed.as_nanos() / 100) as f64 / 10.0,
        );
    }
}

/// Returns the kind of a failure. The set of values is small and does not depend on the data, as
/// OpenTelemetry requires.
fn error_type(error: &Error) -> &'static str {
    match error.database() {
        Some(error) => error.kind.name(),
        None => "program",
    }
}
