//! The two databases: production, with many customers, and what a developer has.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use eagerly::{Session, params};
use shop::schema::State;
use shop::{Customer, Order, OrderItem, Size, data, schema};
use tempfile::TempDir;

use crate::settings::Stage;

/// A first name that is markup. It has to arrive on the page as the text that it is.
pub const MARKUP: &str = "<script>alert(1)</script>";

/// The files, and what is in them.
pub struct Shops {
    production: Shop,
    development: Shop,
    /// Removes the files that were made, when this is dropped.
    _folder: TempDir,
}

/// A database file with the shop in it.
pub struct Shop {
    /// The file.
    pub file: PathBuf,
    /// The numbers of customers, orders and items.
    pub rows: [u64; 3],
}

impl Shops {
    /// Makes both databases in a temporary folder; or takes the production from a file, and makes it if there is none.
    ///
    /// # Errors
    /// If a file cannot be written, or holds something else.
    pub fn prepare(production: Option<&Path>, size: &Size) -> Result<Self> {
        let folder = TempDir::new().context("cannot make a temporary folder")?;
        let made = folder.path().join("production.db");
        let few = Size {
            customers: 5,
            orders: 2.0,
            ..*size
        };
        Ok(Self {
            production: Shop::prepare(production.unwrap_or(&made), size)?,
            development: Shop::prepare(&folder.path().join("development.db"), &few)?,
            _folder: folder,
        })
    }

    /// One of the two.
    #[must_use]
    pub fn at(&self, stage: Stage) -> &Shop {
        match stage {
            Stage::Production => &self.production,
            Stage::Development => &self.development,
        }
    }
}

impl Shop {
    fn prepare(file: &Path, size: &Size) -> Result<Self> {
        let session = Session::open(file)?;
        match schema::state(&session)? {
            State::Empty => fill(&session, size)?,
            State::Shop => {}
            State::Foreign => bail!(
                "{} is a database, but not of this shop: it has other tables than customers, orders and order_items\n  what to do: name another file, or one that does not exist yet",
                file.display()
            ),
        }
        Ok(Self {
            file: file.to_owned(),
            rows: [
                session.count(Customer::select())?,
                session.count(Order::select())?,
                session.count(OrderItem::select())?,
            ],
        })
    }
}

fn fill(session: &Session, size: &Size) -> eagerly::Result<()> {
    data::fill(session, size, |_| {})?;
    session.execute(
        "UPDATE customers SET first_name = ?1 WHERE id = 5",
        params![MARKUP],
    )?;
    Ok(())
}
