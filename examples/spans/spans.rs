//! An observer that turns the statements of a page into spans.
//!
//! The names are those of OpenTelemetry's semantic conventions for databases, version 1.45:
//!
//! | attribute | example | |
//! |---|---|---|
//! | `db.system.name` | `sqlite`, `postgresql` | |
//! | `db.operation.name` | `SELECT` | |
//! | `db.query.summary` | `SELECT orders` | the name of the span, too |
//! | `db.query.text` | `SELECT … WHERE "customer_id" = ?1` | without the values, so no customer's data leave the program |
//! | `db.response.returned_rows` | `10` | |
//! | `error.type` | `busy` | only if the statement failed |
//! | `code.file.path`, `code.line.number` | `src/page.rs`, `14` | the line that caused the statement |
//!
//! `db.collection.name` is missing. The conventions advise against reading a table from the text of a statement, because a
//! statement can have several.

use std::time::{Instant, SystemTime};

use eagerly::{Dialect, Event, Kind, Observer};
use opentelemetry::trace::{
    Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use waterfall::sql::Summary;

/// The span of a page, and the observer that adds the spans of its statements.
pub struct Spans {
    tracer: Tracer,
    page: Context,
    system: String,
    /// The same moment by both clocks. An event has an `Instant`, and a span needs a time of day.
    began: (Instant, SystemTime),
}

impl Spans {
    /// Begins the span of a page.
    pub fn begin(provider: &SdkTracerProvider, name: &str, dialect: Dialect) -> Self {
        let tracer = provider.tracer("eagerly");
        let began = (Instant::now(), SystemTime::now());
        let page = tracer.span_builder(name.to_owned()).with_kind(SpanKind::Server).with_start_time(began.1);
        let page = Context::new().with_span(page.start_with_context(&tracer, &Context::new()));
        let system = dialect.name().to_lowercase();
        Self { tracer, page, system, began }
    }

    /// Ends the span of the page.
    pub fn end(&self) {
        let (instant, time) = self.began;
        self.page.span().end_with_timestamp(time + instant.elapsed());
    }
}

impl Observer for Spans {
    fn statement(&self, event: &Event<'_>) {
        // As in all counts of this project, `BEGIN` and `COMMIT` are not statements of the page.
        if event.cause.kind() == Kind::Control {
            return;
        }
        let (instant, time) = self.began;
        let start = time + event.started.saturating_duration_since(instant);
        let summary = Summary::of(event.sql);
        let at = event.cause.at();
        let mut attributes = vec![
            KeyValue::new("db.system.name", self.system.clone()),
            KeyValue::new("db.operation.name", summary.operation.clone()),
            KeyValue::new("db.query.summary", summary.text()),
            KeyValue::new("db.query.text", event.sql.to_owned()),
            KeyValue::new("db.response.returned_rows", i64::try_from(event.rows).unwrap_or(i64::MAX)),
            KeyValue::new("code.file.path", at.file()),
            KeyValue::new("code.line.number", i64::from(at.line())),
        ];
        if let Some(error) = event.error {
            let kind = error.database().map_or("program", |error| error.kind.name());
            attributes.push(KeyValue::new("error.type", kind));
        }
        let span = self.tracer.span_builder(summary.text()).with_kind(SpanKind::Client);
        let span = span.with_start_time(start).with_attributes(attributes);
        let mut span = span.start_with_context(&self.tracer, &self.page);
        if let Some(error) = event.error {
            span.set_status(Status::error(error.to_string()));
        }
        // The modelled round trip follows the statement, and the program waits for both.
        span.end_with_timestamp(start + event.elapsed + event.round_trip);
    }
}
