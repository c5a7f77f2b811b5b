//! What several tests begin with.

// Each test is a program of its own, and few have a use for all of this.
#![allow(dead_code)]

use eagerly::{Session, Strategy};
use shop::{Size, data};

/// The strategies that load the children of several parents together.
pub const TOGETHER: [Strategy; 4] = [
    Strategy::Batch,
    Strategy::Selectin,
    Strategy::Subquery,
    Strategy::Joined,
];

/// A database in memory, made by these statements. Foreign keys are not enforced: some lead nowhere.
pub fn database(statements: &[&str]) -> Session {
    let session = Session::in_memory().unwrap();
    session.execute("PRAGMA foreign_keys = OFF", []).unwrap();
    for sql in statements {
        session.execute(sql, []).unwrap();
    }
    session
}

/// A shop in memory, with so many customers.
pub fn shop_of(customers: u32) -> Session {
    let size = Size {
        customers,
        ..Size::default()
    };
    data::in_memory(&size).unwrap()
}
