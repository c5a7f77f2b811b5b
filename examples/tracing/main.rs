//! Tracing: statements as events of the `tracing` library, with OpenTelemetry's field names.
//!
//!     cargo run --release --example tracing
//!
//! A program that logs with `tracing` needs no other tool: attach, and choose a subscriber. This one writes
//! text. The events have fields such as `db.query.text`, `db.collection.name` and `code.file.path`. An event is one line,
//! which this program breaks at the width of the terminal.

use std::io::stdout;

use anyhow::Result;
use eagerly::{Session, selectin};
use eagerly_watch::tracing::Tracing;
use shop::{Customer, Order, Size, data, page};
use terminal::Fitting;
use tracing::Level;

fn main() -> Result<()> {
    let text = tracing_subscriber::fmt().with_ansi(false).without_time();
    text.with_max_level(Level::DEBUG).with_writer(|| Fitting::new(stdout())).init();
    let session = Session::in_memory()?;
    let size = Size { customers: 5, ..Size::default() };
    data::fill(&session, &size, |_| {})?;

    let _tracing = Tracing::attach(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)?;
    Ok(())
}
