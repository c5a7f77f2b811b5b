//! Spans: each statement as a span of OpenTelemetry, exported to a file and drawn from that file.
//!
//!     cargo run --release --example spans
//!     cargo run --release --example spans -- --out spans.jsonl --svg spans.svg
//!
//! A *span* is a named interval of time with a parent. Here, a page is a span, and each of its statements is a span below
//! it. The file contains OTLP, the protocol of OpenTelemetry, as JSON Lines. The OpenTelemetry Collector reads it
//! (`otlpjsonfile`), and sends it to Jaeger and others. The picture is drawn from the file and not from the ORM's events,
//! so it shows what a monitoring service can see.
//!
//! - `spans.rs` turns events into spans.
//! - `otlp.rs` writes them to the file, and reads the file.
//! - `picture.rs` draws them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use clap::Parser;
use eagerly::numbers::{counted, time};
use eagerly::{Network, Session, Strategy, by};
use opentelemetry_sdk::trace::SdkTracerProvider;
use shop::{Customer, Order, Size, data, page};
use terminal::println;

mod otlp;
mod picture;
mod spans;

/// Exports the statements of a page as spans of OpenTelemetry
#[derive(Parser)]
struct Options {
    /// File to write, in OTLP as JSON Lines
    /// [default: a temporary file]
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    out: Option<PathBuf>,
    /// Picture to write, drawn from the file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Number of customers in the shop
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    customers: u32,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let out = options.out.clone().unwrap_or_else(|| folder.path().join("spans.jsonl"));
    let provider = otlp::to_file(&out)?;
    for strategy in [Strategy::Lazy, Strategy::Selectin] {
        record(options, strategy, &provider)?;
    }
    provider.shutdown().with_context(|| format!("cannot write {}", out.display()))?;

    let pages = otlp::read(&out)?;
    for page in &pages {
        print_page(page);
    }
    if let Some(statement) = pages.last().and_then(|page| page.statements.last()) {
        println!("The last span, as it is in the file:");
        for (name, value) in &statement.attributes {
            println!("{}", terminal::wrapped(&format!("{name} = {value}"), 2));
        }
    }
    if options.out.is_some() {
        println!("written: {}", out.display());
    }
    if let Some(svg) = &options.svg {
        std::fs::write(svg, picture::draw(&pages))
            .with_context(|| format!("cannot write {}", svg.display()))?;
        println!("written: {}", svg.display());
    }
    Ok(())
}

/// Runs the page with a strategy. Each statement waits for 1 ms, as for a server in another zone.
fn record(options: &Options, strategy: Strategy, provider: &SdkTracerProvider) -> Result<()> {
    let session = Session::in_memory()?;
    // Two orders for each customer on average, so that the picture fits a page of the book.
    let size = Size { customers: options.customers, orders: 2.0, ..Size::default() };
    data::fill(&session, &size, |_| {})?;
    session.model_network(Some(Network::BETWEEN_ZONES.waiting()));

    let spans =
        Rc::new(spans::Spans::begin(provider, &format!("GET /customers ({strategy})"), session.dialect()));
    let _observation = session.observe(spans.clone());
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)?;
    spans.end();
    Ok(())
}

/// Prints a page: how many spans have which name.
fn print_page(page: &otlp::Page) {
    println!("{}: {} in {}", page.name, counted(page.statements.len() as u64, "span"), time(page.took));
    for (name, count) in page.names() {
        println!("{count:>6} × {name}");
    }
}
