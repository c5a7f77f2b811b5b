//! Errors: what was being done, to what, with which SQL, and what to do about it.
//!
//! A message stands alone: whoever reads it in a log, without the code at hand, knows what failed and where to
//! look next.

use std::path::PathBuf;

use crate::column_type::Mismatch;
use crate::event::CallSite;
use crate::failure::DatabaseError;

/// The result of everything that talks to the database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong.
///
/// ```
/// # use eagerly::Error;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let error = session.get::<Customer>(6).unwrap_err();
/// assert!(matches!(error, Error::NotFound { table: "customers", .. }));
/// assert!(error.to_string().contains("what to do: check the key"));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database file could not be opened.
    #[error("cannot open the database {}: {error}\n  what to do: {}", path.display(), error.kind.advice())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the database said.
        error: DatabaseError,
    },

    /// A statement failed.
    #[error("{doing}: {error}\n  statement: {sql}\n  what to do: {}", error.kind.advice())]
    Statement {
        /// What the statement was for: `loading Customer.orders, accessed at src/page.rs:14`.
        doing: String,
        /// The text that was sent.
        sql: String,
        /// What the database said.
        error: DatabaseError,
    },

    /// A cell of a result does not fit the field that it is read into.
    #[error(
        "reading {record}, column {column:?}: {mismatch}\n  what to do: make the field's type fit the column, with Option where it may be NULL"
    )]
    Decode {
        /// The struct that is read: an entity or a `FromRow`.
        record: &'static str,
        /// The column.
        column: &'static str,
        /// What was expected and what was found.
        mismatch: Mismatch,
    },

    /// A struct that derives `FromRow` has a field for which the SQL gives no column.
    #[error(
        "reading {record}: the result has no column named {column:?}, only {present}\n  statement: {sql}\n  what to do: name the column in the SQL, as in `count(*) AS {column}`"
    )]
    NoSuchColumn {
        /// The struct that is read.
        record: &'static str,
        /// The column that it asks for.
        column: &'static str,
        /// The columns that the result has.
        present: String,
        /// The text that was sent.
        sql: String,
    },

    /// A row that must be there is not.
    #[error("{doing}: no row of {table:?} {sought}\n  what to do: {advice}")]
    NotFound {
        /// What was being done.
        doing: String,
        /// The table that was searched.
        table: &'static str,
        /// What was looked for: `has the key 42`.
        sought: String,
        /// What to do about it.
        advice: &'static str,
    },

    /// A query for one row found several.
    #[error(
        "asking for one {entity} at {at}: several rows match\n  statement: {sql}\n  what to do: narrow the filter, or take the first with `session.first(…)`"
    )]
    NotUnique {
        /// The entity that was asked for.
        entity: &'static str,
        /// From where.
        at: CallSite,
        /// The text that was sent.
        sql: String,
    },

    /// A relation was accessed that is not loaded and can no longer be: its session is closed.
    #[error(
        "{relation}, accessed at {at}, is not loaded, and its session is closed\n  what to do: load it while the session is open: add `.with({load_path})` to the query at {origin}"
    )]
    Detached {
        /// The relation: `Customer.orders`.
        relation: String,
        /// The load path that brings it along: `selectin(Customer::ORDERS)`.
        load_path: String,
        /// Where it was accessed.
        at: CallSite,
        /// Where its parents were queried.
        origin: CallSite,
    },

    /// A relation was accessed that is not loaded and must not be: its strategy is `raise`.
    #[error(
        "{relation}, accessed at {at}, is not loaded, and must not be loaded lazily (its strategy is `raise`)\n  what to do: add `.with({load_path})` to the query at {origin}"
    )]
    Raised {
        /// The relation: `Customer.orders`.
        relation: String,
        /// The load path that brings it along: `selectin(Customer::ORDERS)`.
        load_path: String,
        /// Where it was accessed.
        at: CallSite,
        /// Where its parents were queried.
        origin: CallSite,
    },

    /// A relation was accessed on an entity that did not come from a session.
    #[error(
        "{relation}, accessed at {at}, belongs to a {entity} that was built by hand and not loaded\n  what to do: insert it, then load it with `session.get(key)`"
    )]
    Unattached {
        /// The relation: `Customer.orders`.
        relation: String,
        /// The entity.
        entity: &'static str,
        /// Where it was accessed.
        at: CallSite,
    },

    /// A row names a partner that does not exist.
    #[error(
        "{relation}, accessed at {at}: {column:?} is {key}, but no row of {table:?} has that key\n  what to do: repair the row; to allow it, make the field an Option: then the accessor gives None"
    )]
    Dangling {
        /// The relation: `Order.customer`.
        relation: String,
        /// The column that points nowhere.
        column: String,
        /// Its value.
        key: String,
        /// The table that it should point into.
        table: &'static str,
        /// Where it was accessed.
        at: CallSite,
    },

    /// A load path that was to load a relation up front, and did not.
    #[error(
        "loading at {at}: {relation} was not loaded, since another path of the same query says that it waits for an access\n  what to do: remove `lazy`, `batch`, `raise` or `by` of this relation from the path"
    )]
    NotUpFront {
        /// The relation: `Customer.orders`.
        relation: String,
        /// Where the rows were loaded.
        at: CallSite,
    },

    /// The database matched a row with a parent by a rule that this crate does not know.
    #[error(
        "loading {relation}: the database found a parent for the row whose {columns} is {key}, but no parent has that key\n  what to do: the column compares by a collation of its own; load the relation with `joined` or `lazy`"
    )]
    UnmatchedKey {
        /// The relation.
        relation: String,
        /// The columns that were matched.
        columns: String,
        /// The key of the row.
        key: String,
    },

    /// A key of several columns holds what cannot be bound in a list.
    #[error(
        "loading {relation}: the key {key} holds a blob, a NUL in a text or an infinite number, and keys of several columns cannot\n  what to do: load the relation with `joined`, `subquery` or `lazy`"
    )]
    UnsupportedKey {
        /// The relation.
        relation: String,
        /// The key.
        key: String,
    },

    /// A query asks for two parts of one relation.
    #[error(
        "loading {relation}: the query asks for two different parts of it, and there is room for one\n  what to do: query the parents again for the other part"
    )]
    TwoParts {
        /// The relation.
        relation: String,
    },

    /// The session is closed.
    #[error("{doing}: the session is closed\n  what to do: open another with `Session::open(…)`")]
    Closed {
        /// What was being done.
        doing: String,
    },

    /// A statement was to be part of a transaction that is over: a failure before it made the database undo
    /// everything, or raw SQL ended it.
    #[error(
        "{doing}: the transaction is over, since an earlier failure or statement ended it\n  what to do: give that failure back from the transaction, and let its end be `transaction`'s affair"
    )]
    TransactionOver {
        /// What was being done.
        doing: String,
    },

    /// The session cannot be closed now.
    #[error("closing the session: {reason}\n  what to do: {advice}")]
    CannotClose {
        /// What stands against it.
        reason: String,
        /// What to do about it.
        advice: &'static str,
    },

    /// A join cannot tell the rows of this entity apart.
    #[error(
        "joining with {entity}: it has no key, and without one the repeated rows of a join cannot be told apart\n  what to do: load with `selectin` instead, or mark the field that identifies a row with #[entity(key)]"
    )]
    JoinNeedsKey {
        /// The entity without a key.
        entity: &'static str,
    },

    /// More rows than a cohort can count.
    #[error(
        "reading {entity}: more than {} rows in one result\n  what to do: take it in parts, with `limit` and `offset`",
        u32::MAX
    )]
    TooManyRows {
        /// The entity that was read.
        entity: &'static str,
    },

    /// An error of the program's own, on its way out of a [`transaction`](crate::Session::transaction).
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps an error of the program's own, so that it can leave a
    /// [`transaction`](crate::Session::transaction) and undo it.
    ///
    /// ```
    /// # use eagerly::Error;
    /// assert_eq!(Error::other("sold out").to_string(), "sold out");
    /// let failed = "many".parse::<i64>().map_err(Error::other);
    /// assert!(matches!(failed, Err(Error::Other(_))));
    /// ```
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// What the database said, if it was the database that failed.
    ///
    /// ```
    /// # use eagerly::Error;
    /// # use shop::{Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let error = session.execute("DELETE FROM clients", []).unwrap_err();
    /// assert_eq!(error.database().map(|said| said.message.as_str()), Some("no such table: clients"));
    /// assert_eq!(Error::other("sold out").database(), None);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn database(&self) -> Option<&DatabaseError> {
        match self {
            Self::Open { error, .. } | Self::Statement { error, .. } => Some(error),
            _ => None,
        }
    }
}
