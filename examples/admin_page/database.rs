//! The database file and its data.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use eagerly::{FromRow, Session};
use shop::schema::State;
use shop::{Customer, Order, OrderItem, Size, data, schema};
use terminal::Folder;

use crate::progress;

/// The tables of the shop.
const TABLES: [&str; 3] = ["customers", "orders", "order_items"];

/// An open database with the shop in it.
pub struct Database {
    pub session: Session,
    pub customers: u64,
    pub orders: u64,
    pub items: u64,
    /// Whether the file already contained a shop.
    pub reused: bool,
    /// Whether every statement is printed. Then progress is hidden, since it would overwrite the printed
    /// lines.
    pub echoes: bool,
    /// Deletes the temporary file. Declared after the session, so that the session closes first.
    _temporary: Option<Folder>,
}

impl Database {
    /// Opens `file` or a temporary file, and fills it unless it contains a shop.
    pub fn prepare(file: Option<&Path>, size: &Size) -> Result<Self> {
        match file {
            Some(file) => Self::open(file, size, None),
            None => {
                let temporary = terminal::folder().map_err(|error| {
                    anyhow!(
                        "cannot create a temporary directory: {error}\n  help: name a database file with --db"
                    )
                })?;
                let file = temporary.path().join("shop.db");
                Self::open(&file, size, Some(temporary))
            }
        }
    }

    fn open(file: &Path, size: &Size, temporary: Option<Folder>) -> Result<Self> {
        let session = Session::open(file)?;
        let state = schema::state(&session)?;
        match state {
            State::Empty => progress::while_filling(size, |rows| data::fill(&session, size, rows))?,
            State::Shop => {}
            State::Foreign => bail!(
                "cannot use the database {}: {}\n  help: name a file that does not exist yet",
                file.display(),
                what_is_foreign(&session)?
            ),
        }
        Ok(Self {
            customers: session.count(Customer::select())?,
            orders: session.count(Order::select())?,
            items: session.count(OrderItem::select())?,
            reused: state == State::Shop,
            echoes: false,
            session,
            _temporary: temporary,
        })
    }

    /// Switches the printing of every statement on or off.
    pub fn echo(&mut self, on: bool) {
        self.session.echo(on);
        self.echoes = on;
    }
}

/// Says why a database is not the shop's: some of the three tables are missing, or other tables are there.
fn what_is_foreign(session: &Session) -> Result<String> {
    #[derive(FromRow)]
    struct Table {
        name: String,
    }
    let tables: Vec<Table> =
        session.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", [])?;
    let (ours, others): (Vec<_>, Vec<_>) =
        tables.iter().map(|table| table.name.as_str()).partition(|name| TABLES.contains(name));
    let missing: Vec<_> = TABLES.into_iter().filter(|name| !ours.contains(name)).collect();
    Ok(match (ours.is_empty(), others.first()) {
        (true, Some(other)) => format!("it has other tables than a shop, such as {other}"),
        _ => format!("it has the table {}, but not {}", ours.join(" and "), missing.join(" and ")),
    })
}

/// Creates the same shop with five customers, as in a development database.
pub fn development(size: &Size) -> Result<Session> {
    let session = Session::in_memory()?;
    let few = Size { customers: 5, orders: 2.0, ..*size };
    data::fill(&session, &few, |_| {})?;
    Ok(session)
}
