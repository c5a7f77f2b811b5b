//! The data of a cell: parents with children, as many and as wide as the cell needs.

use anyhow::Result;
use eagerly::{Entity, HasMany, RelationKind, Session, Strategy, by};
use eagerly_watch::DataShape;

/// The number of parents that a page queries. The tables contain twice as many, so the query is not the whole table.
pub const PARENTS: u64 = 64;

#[derive(Entity)]
#[entity(table = "parents")]
struct Parent {
    #[entity(key)]
    id: i64,
    text: String,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Child>,
}

#[derive(Entity)]
#[entity(table = "children")]
struct Child {
    #[entity(key)]
    id: i64,
    parent_id: i64,
    text: String,
}

/// The children per parent, and the width of all rows.
#[derive(Clone, Copy, PartialEq)]
pub struct Data {
    pub fan_out: f64,
    /// The bytes of a row's values, of parents and of children.
    pub bytes: u64,
}

/// The share of the parents whose children a page accesses: one in `one_in`, evenly spread.
pub type OneIn = u64;

impl Data {
    /// Returns the number of children of a parent, counted from 0. Below 1, every tenth parent has a child.
    fn children(self, parent: u64) -> u64 {
        match self.fan_out < 1.0 {
            true => u64::from(parent as f64 % (1.0 / self.fan_out).round() == 0.0),
            false => self.fan_out as u64,
        }
    }

    /// Returns the shape of a page that accesses one parent in `one_in`.
    pub fn shape(self, one_in: OneIn) -> DataShape {
        let accessed = (0..PARENTS).step_by(one_in as usize);
        DataShape {
            kind: RelationKind::HasMany,
            queries: 1,
            parents: PARENTS,
            accessed: accessed.clone().count() as u64,
            parent_bytes: self.bytes as f64,
            accessed_rows: accessed.map(|parent| self.children(parent)).sum(),
            rows: Some((0..PARENTS).map(|parent| self.children(parent)).sum()),
            row_bytes: self.bytes as f64,
            childless: Some((0..PARENTS).filter(|parent| self.children(*parent) == 0).count() as u64),
        }
    }

    /// Creates the tables, and replaces those of another cell. The children of a parent do not lie together, as in a table
    /// that grows over time.
    pub fn fill(self, session: &Session) -> Result<()> {
        for sql in [
            "DROP TABLE IF EXISTS children",
            "DROP TABLE IF EXISTS parents",
            "CREATE TABLE parents (id BIGINT PRIMARY KEY, text TEXT NOT NULL)",
            "CREATE TABLE children (id BIGINT PRIMARY KEY, parent_id BIGINT NOT NULL, text TEXT NOT NULL)",
        ] {
            // `INTEGER PRIMARY KEY` makes the key the row's number in SQLite.
            let sql = match session.dialect() {
                eagerly::Dialect::Sqlite => sql.replace("BIGINT", "INTEGER"),
                _ => sql.to_owned(),
            };
            session.execute(&sql, [])?;
        }
        let (all, bytes) = (2 * PARENTS, self.bytes as usize);
        session.insert_all((0..all).map(|parent| Parent {
            id: parent as i64 + 1,
            // A number counts as 8 bytes.
            text: text(bytes - 8, parent),
            children: HasMany::default(),
        }))?;
        let most = self.fan_out.max(1.0) as u64;
        let owners = (0..most).flat_map(|round| (0..all).map(move |parent| (round, parent)));
        let owners = owners.filter(|(round, parent)| *round < self.children(*parent));
        session.insert_all(owners.zip(1..).map(|((_, parent), id)| Child {
            id,
            parent_id: parent as i64 + 1,
            text: text(bytes - 16, id as u64),
        }))?;
        session.execute("CREATE INDEX children_parent_id ON children (parent_id)", [])?;
        if session.dialect() != eagerly::Dialect::Sqlite {
            // Otherwise the server does it within a minute, during the measurement.
            session.execute("VACUUM (ANALYZE) parents, children", [])?;
        }
        Ok(())
    }
}

/// Returns a text that no other row has.
fn text(bytes: usize, number: u64) -> String {
    format!("{number:0bytes$}")
}

/// Loads the parents by a strategy, and accesses the children of one parent in `one_in`. Returns the number of children.
pub fn page(session: &Session, strategy: Strategy, one_in: OneIn) -> eagerly::Result<u64> {
    let query = Parent::select().filter(Parent::ID.le(PARENTS as i64)).with(by(strategy, Parent::CHILDREN));
    let parents = session.all(query)?;
    let accessed = parents.iter().step_by(one_in as usize);
    accessed.map(|parent| Ok(parent.children()?.len() as u64)).sum()
}
