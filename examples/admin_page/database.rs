//! The file that the data is in.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use shop::schema::State;
use shop::{Customer, Order, OrderItem, Size, data, schema};
use tempfile::TempDir;

use eagerly::Session;

/// An open database with the shop in it.
pub struct Database {
    pub session: Session,
    pub customers: u64,
    pub orders: u64,
    pub items: u64,
    /// Whether the data was there before.
    pub reused: bool,
    /// Removes a temporary file when this is dropped. Declared after the session, so that it goes last.
    _temporary: Option<TempDir>,
}

impl Database {
    /// Opens `file`, or a temporary one, and fills it unless the shop is there already.
    pub fn prepare(file: Option<&Path>, size: &Size) -> Result<Self> {
        match file {
            Some(file) => Self::open(file, size, None),
            None => {
                let temporary = TempDir::new().context("cannot make a temporary directory")?;
                let file = temporary.path().join("shop.db");
                Self::open(&file, size, Some(temporary))
            }
        }
    }

    fn open(file: &Path, size: &Size, temporary: Option<TempDir>) -> Result<Self> {
        let session = Session::open(file)?;
        let state = schema::state(&session)?;
        match state {
            State::Empty => fill(&session, size)?,
            State::Shop => {}
            State::Foreign => bail!(
                "{} is a database, but not of this shop: it has other tables than customers, orders and order_items; what to do: name another file, or one that does not exist yet",
                file.display()
            ),
        }
        Ok(Self {
            customers: session.count(Customer::select())?,
            orders: session.count(Order::select())?,
            items: session.count(OrderItem::select())?,
            reused: state == State::Shop,
            session,
            _temporary: temporary,
        })
    }
}

fn fill(session: &Session, size: &Size) -> Result<()> {
    let style = ProgressStyle::with_template("making data {bar:40} {human_pos} of {human_len} rows")?;
    let bar = ProgressBar::new(size.rows().iter().sum()).with_style(style);
    data::fill(session, size, |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    Ok(())
}

/// The same shop with few customers: what a developer has.
pub fn development(size: &Size) -> Result<Session> {
    let session = Session::in_memory()?;
    let few = Size {
        customers: 5,
        orders: 2.0,
        ..*size
    };
    data::fill(&session, &few, |_| {})?;
    Ok(session)
}
