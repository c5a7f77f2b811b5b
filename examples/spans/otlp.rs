//! Writes spans to a file, and reads them from it. The library has the messages of OTLP, the protocol of OpenTelemetry, and
//! how they are written as JSON.
//!
//! A program in production sends the same messages to a collector instead, with the crate `opentelemetry-otlp`.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::{Span, TracesData};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

/// Creates a file, and returns a provider whose spans are written to it, each when it ends.
pub fn to_file(path: &Path) -> Result<SdkTracerProvider> {
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    let exporter = ToFile { file: Mutex::new(file), resource: ResourceAttributesWithSchema::default() };
    let resource = Resource::builder_empty().with_service_name("shop").build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_simple_exporter(exporter).build())
}

/// Writes each batch of spans as one line of JSON.
#[derive(Debug)]
struct ToFile {
    file: Mutex<File>,
    resource: ResourceAttributesWithSchema,
}

impl SpanExporter for ToFile {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let failed = |error: &dyn std::fmt::Display| OTelSdkError::InternalFailure(error.to_string());
        let data = TracesData { resource_spans: group_spans_by_resource_and_scope(batch, &self.resource) };
        let line = serde_json::to_string(&data).map_err(|error| failed(&error))?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").map_err(|error| failed(&error))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = ResourceAttributesWithSchema::from(resource);
    }
}

/// A page of the file: a span without a parent, and the spans below it.
pub struct Page {
    pub name: String,
    pub took: Duration,
    pub statements: Vec<Statement>,
}

/// The span of a statement. `began` counts from the start of its page.
pub struct Statement {
    pub name: String,
    pub began: Duration,
    pub took: Duration,
    pub attributes: Vec<(String, String)>,
}

impl Page {
    /// Returns the names of the spans, in the order in which they first begin, and how many spans have each.
    pub fn names(&self) -> Vec<(&str, usize)> {
        let mut names: Vec<(&str, usize)> = Vec::new();
        for statement in &self.statements {
            match names.iter_mut().find(|(name, _)| *name == statement.name) {
                Some((_, count)) => *count += 1,
                None => names.push((&statement.name, 1)),
            }
        }
        names
    }
}

/// Reads a file, and returns its pages.
pub fn read(path: &Path) -> Result<Vec<Page>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut spans: Vec<Span> = Vec::new();
    for line in text.lines() {
        let data: TracesData =
            serde_json::from_str(line).with_context(|| format!("in {}", path.display()))?;
        let scopes = data.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
    }
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let roots = spans.iter().filter(|span| span.parent_span_id.is_empty());
    let pages = roots.map(|root| {
        let children = spans.iter().filter(|span| span.parent_span_id == root.span_id);
        Page {
            name: root.name.clone(),
            took: took(root),
            statements: children.map(|span| statement(span, root)).collect(),
        }
    });
    Ok(pages.collect())
}

fn statement(span: &Span, root: &Span) -> Statement {
    let attributes = span.attributes.iter().filter_map(|attribute| {
        let value = match attribute.value.as_ref()?.value.as_ref()? {
            Value::StringValue(text) => text.clone(),
            Value::IntValue(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        Some((attribute.key.clone(), value))
    });
    let began = span.start_time_unix_nano.saturating_sub(root.start_time_unix_nano);
    Statement {
        name: span.name.clone(),
        began: Duration::from_nanos(began),
        took: took(span),
        attributes: attributes.collect(),
    }
}

fn took(span: &Span) -> Duration {
    Duration::from_nanos(span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano))
}
