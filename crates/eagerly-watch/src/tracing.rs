//! An event of the `tracing` library for each statement, under the names that OpenTelemetry has settled on.
//!
//! The events go to whatever subscriber the program has installed; this crate installs none. They are of the level
//! `DEBUG` and the target `eagerly`. Without a subscriber that wants them, nothing is formatted.
//!
//! | field | example |
//! |---|---|
//! | `db.system.name` | `sqlite` |
//! | `db.operation.name` | `SELECT` |
//! | `db.collection.name` | `orders` |
//! | `db.query.summary` | `SELECT orders` |
//! | `db.query.text` | `SELECT … WHERE "customer_id" = ?1` (values are bound, and never in it) |
//! | `db.response.returned_rows` | `10` |
//! | `code.file.path`, `code.line.number` | `src/page.rs`, `14` |
//! | `error.type` | `busy`, if the statement failed |
//! | `eagerly.number`, `eagerly.cause`, `eagerly.elapsed_us` | `2`, `lazy Customer.orders at src/page.rs:14`, `15.1` |

use std::rc::Rc;

use eagerly::{Error, Event, Observation, Observer, Session};
use tracing::{Level, enabled, event, field};

use crate::sql::Summary;

/// Hands statements to `tracing`.
pub struct Tracing {
    _observation: Observation,
}

impl Tracing {
    /// Hands them over from now on.
    #[must_use = "statements are handed over until this is dropped"]
    pub fn attach(session: &Session) -> Self {
        Self {
            _observation: session.observe(Rc::new(Bridge)),
        }
    }
}

struct Bridge;

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
            "db.system.name" = "sqlite",
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

/// The kind of failure, in few words that do not depend on the data.
fn error_type(error: &Error) -> &'static str {
    match error.database() {
        Some(error) => error.kind.name(),
        None => "program",
    }
}
