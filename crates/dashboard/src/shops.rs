//! The two databases: production, with many customers, and a developer's database with five.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use eagerly::{Session, params};
use shop::schema::State;
use shop::{Customer, Order, OrderItem, Size, data, schema};
use tempfile::TempDir;

use crate::settings::Stage;

/// A first name that contains markup. The page must show it as text.
pub const MARKUP: &str = "<script>alert(1)</script>";

/// The two database files.
pub struct Shops {
    production: Shop,
    development: Shop,
    /// Deletes the temporary files when it is dropped.
    _folder: TempDir,
}

/// A database file that contains the shop.
pub struct Shop {
    /// The path of the database file.
    pub file: PathBuf,
    /// The numbers of customers, orders and items.
    pub rows: [u64; 3],
}

impl Shops {
    /// Creates both databases in a temporary folder. With `production`, that file is the production database,
    /// and it is created only if it does not exist.
    ///
    /// # Errors
    /// If a file cannot be written, or contains a different database.
    pub fn prepare(production: Option<&Path>, size: &Size) -> Result<Self> {
        let folder = TempDir::new().context("cannot create a temporary folder")?;
        let made = folder.path().join("production.db");
        let few = Size { customers: 5, orders: 2.0, ..*size };
        Ok(Self {
            production: Shop::prepare(production.unwrap_or(&made), size)?,
            development: Shop::prepare(&folder.path().join("development.db"), &few)?,
            _folder: folder,
        })
    }

    /// Returns the database of a stage.
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
                "cannot use {} as the shop: it has tables other than customers, orders and order_items\n  help: choose another file, or one that does not exist yet",
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
    session.execute("UPDATE customers SET first_name = ?1 WHERE id = 5", params![MARKUP])?;
    Ok(())
}
