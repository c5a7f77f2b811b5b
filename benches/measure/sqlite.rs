//! The shop in a SQLite file.

use std::ffi::OsString;

use anyhow::Result;
use shop::page::PageRow;

use crate::support::{BASE, Shop, Way, report_in_one_number};
use crate::{Site, Subject};

/// Returns how to call the database and the base in a report.
pub fn site() -> Site {
    Site {
        database: format!("SQLite {}", rusqlite::version()),
        base: "hand-written IN",
        base_in_markdown: "the hand-written `IN`",
        file: "measured.md",
    }
}

impl Subject for Shop {
    fn ways(&self) -> Vec<Way> {
        Way::all()
    }

    fn base(&self) -> Way {
        BASE
    }

    fn page(&self, way: Way) -> Result<Vec<PageRow>> {
        way.page(self)
    }

    fn statements(&self, way: Way) -> Result<u64> {
        self.statements(way)
    }

    fn fill_cache(&self) -> Result<()> {
        let sql = report_in_one_number();
        self.session.query::<i64>(&sql, [])?;
        self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?;
        Ok(())
    }

    fn arguments(&self) -> [OsString; 2] {
        ["--shop".into(), self.path.clone().into()]
    }
}
