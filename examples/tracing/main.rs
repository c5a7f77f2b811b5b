//! Statements as events of the `tracing` library, under the names of OpenTelemetry.
//!
//!     cargo run --release --example tracing
//!
//! A program that already logs through `tracing` needs no other tool: attach, and choose a subscriber. This one
//! writes text; the events carry `db.query.text`, `db.collection.name`, `code.file.path` and the rest as fields.

use anyhow::Result;
use eagerly::{Session, selectin};
use eagerly_watch::tracing::Tracing;
use shop::{Customer, Order, Size, data, page};
use tracing::Level;

fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .init();
    let session = Session::in_memory()?;
    let size = Size {
        customers: 5,
        ..Size::default()
    };
    data::fill(&session, &size, |_| {})?;

    let _tracing = Tracing::attach(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)?;
    Ok(())
}
