//! Errors: what failed, on what, and what to do about it.
//!
//! A message is complete in itself. Someone who reads it in a log, without the code, learns what failed and
//! where to look next. Each message except that of [`Error::Other`] ends with a line `help:`.

use std::fmt;
use std::path::PathBuf;

use crate::call_site::CallSite;

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every error of this crate. The fields of a variant are the parts of its message.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let error = session.get::<Customer>(6).unwrap_err();
/// assert!(matches!(error, Error::NotFound { table: "customers", .. }));
/// assert!(error.to_string().contains("help: check the key"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message says what each field is")]
pub enum Error {
    /// The database file cannot be opened.
    #[error("cannot open the database {}: {error}\n  help: {}", path.display(), error.kind.advice())]
    Open { path: PathBuf, error: DatabaseError },

    /// A server does not answer, or refuses this user.
    #[error("cannot connect to {server}: {error}\n  help: {}", error.kind.advice())]
    Connect { server: String, error: DatabaseError },

    /// The database rejected a statement, or failed while it ran.
    #[error("{doing}: {error}\n  statement: {sql}\n  help: {}", error.kind.advice())]
    Statement { doing: String, sql: String, error: DatabaseError },

    /// A cell does not fit the field that it is read into.
    #[error(
        "reading {record}, column {column:?}: {mismatch}\n  help: change the type of the field to fit the column; use Option if the column may be NULL"
    )]
    Decode { record: &'static str, column: &'static str, mismatch: Mismatch },

    /// The result of raw SQL lacks a column that the struct has.
    #[error(
        "reading {record}: the result has no column named {column:?}, only {present}\n  statement: {sql}\n  help: name the column in the SQL, for example `count(*) AS {column}`"
    )]
    NoSuchColumn { record: &'static str, column: &'static str, present: String, sql: String },

    /// The result of raw SQL has more or fewer columns than the tuple or the value that it is read into.
    #[error(
        "reading {record}: expected {columns} column{}, found {present}\n  statement: {sql}\n  help: select one column for each value, in their order, or read them by name into a struct with #[derive(FromRow)]",
        if *columns == 1 { "" } else { "s" }
    )]
    ColumnCount { record: String, columns: usize, present: String, sql: String },

    /// A table cannot be created, because the type of a column is not known.
    #[error(
        "creating the table of {entity}: the field of the column {column:?} does not say what type of column it needs\n  help: write `const SQL_TYPE: SqlType = SqlType::Text;`, or another type, into the `impl ColumnType` of the field's type"
    )]
    NoSqlType { entity: &'static str, column: &'static str },

    /// A value cannot be written as JSON.
    #[error(
        "writing {name} as JSON: {reason}\n  help: the keys of a JSON object are texts; change the type, or how it implements serde's `Serialize`"
    )]
    NotJson { name: String, reason: String },

    /// A row that must exist does not.
    #[error("{doing}: no row of {table:?} {sought}\n  help: {advice}")]
    NotFound { doing: String, table: &'static str, sought: String, advice: &'static str },

    /// The database ignored a change. The row exists, and is as before.
    #[error(
        "{doing}: the database ignored the change, and the row of {table:?} with the key {key} is as before\n  help: look for a trigger, a rule or an `ON CONFLICT IGNORE` that stops the change"
    )]
    Ignored { doing: String, table: &'static str, key: String },

    /// The database did not report the key of a new row, so the row was not kept.
    #[error("{doing}: {reason}, so nothing was inserted\n  help: {advice}")]
    KeyNotReported { doing: String, reason: &'static str, advice: &'static str },

    /// A column that is read only would have to be written.
    #[error("{doing}: the column {column:?} is read only\n  help: {advice}")]
    ReadOnlyColumn { doing: String, column: &'static str, advice: &'static str },

    /// A query for one row found several.
    #[error(
        "asking for one {entity} at {at}: several rows match\n  statement: {sql}\n  help: narrow the filter, or take the first row with `session.first(…)`"
    )]
    NotUnique { entity: &'static str, at: CallSite, sql: String },

    /// An unloaded relation was accessed after its session was closed.
    #[error("{relation}, accessed at {at}, is not loaded, and its session is closed\n  help: {advice}")]
    Detached { relation: String, at: CallSite, advice: String },

    /// An unloaded relation was accessed whose strategy is `raise`.
    #[error(
        "{relation}, accessed at {at}, is not loaded, and must not be loaded lazily (its strategy is `raise`)\n  help: {advice}"
    )]
    Raised { relation: String, at: CallSite, advice: String },

    /// A relation was accessed on an entity that did not come from a session.
    #[error(
        "{relation}, accessed at {at}, belongs to an entity `{entity}` that was built by hand, not loaded\n  help: insert it, then load it with `session.get(key)`"
    )]
    Unattached { relation: String, entity: &'static str, at: CallSite },

    /// Rows of another session, or of a closed one, were passed to `preload`.
    #[error(
        "preloading {relation} at {at}: the rows are not from this session\n  help: call `preload` on the session that loaded them, or load them again with this one"
    )]
    OtherSession { relation: String, at: CallSite },

    /// A foreign key points to a row that does not exist, and the relation requires one.
    #[error(
        "{relation}, accessed at {at}: {column:?} is {key}, but no row of {table:?} has that {sought}\n  help: repair the row, or make the field an Option, so that the accessor returns None"
    )]
    Dangling {
        relation: String,
        column: String,
        key: String,
        table: &'static str,
        sought: String,
        at: CallSite,
    },

    /// A load path should have loaded a relation up front and did not.
    #[error(
        "`session.load` at {at}: {relation} was not loaded, because another path of the same query makes it wait for an access\n  help: remove `lazy`, `batch`, `raise` or `by` for this relation from the query"
    )]
    NotUpFront { relation: String, at: CallSite },

    /// The database returned a row for a list of keys, and the row belongs to none of them.
    #[error(
        "loading {relation}: the row whose {columns} is {key} belongs to none of the requested parents\n  help: load the relation with `joined` or `lazy`, and report this as a bug"
    )]
    UnmatchedKey { relation: String, columns: String, key: String },

    /// A row would get a second part of one relation.
    #[error(
        "loading {relation}: a row can keep only one part of a relation, and this would be a second one\n  help: load the other part with a second query, or preload only rows that have no part"
    )]
    TwoParts { relation: String },

    /// The session is closed.
    #[error(
        "{doing}: the session is closed\n  help: open another with `Session::open(…)` or `Session::connect(…)`"
    )]
    Closed { doing: String },

    /// The transaction that the statement should be part of is over.
    #[error(
        "{doing}: the transaction is over, because an earlier statement failed or ended it\n  help: return the first error from the closure, and do not send COMMIT or ROLLBACK yourself"
    )]
    TransactionOver { doing: String },

    /// The session cannot be closed now.
    #[error("closing the session: {reason}\n  help: {advice}")]
    CannotClose { reason: String, advice: &'static str },

    /// A join repeats rows that have no key, or a key that is `NULL`.
    #[error(
        "joining with {entity}: a row has no key, and without one the repeated rows of a join cannot be distinguished\n  help: load it with `selectin`, or mark the field that identifies a row with #[entity(key)]"
    )]
    JoinNeedsKey { entity: &'static str },

    /// A relation through others leads to a row whose key is `NULL`.
    #[error(
        "loading {entity} through another relation: the key of a row is NULL, and several ways can lead to a row, which only its key can identify\n  help: load it with `lazy`, or give each row of {entity} a key"
    )]
    ThroughNeedsKey { entity: &'static str },

    /// An update or delete of limited rows, or of rows that an aggregate selects, needs their keys.
    #[error(
        "{doing}: the query has a limit, an offset or an aggregate, so its rows are found by their keys, and {entity} has no key\n  help: select the rows by conditions on columns alone, or mark the field that identifies a row with #[entity(key)]"
    )]
    WriteNeedsKey { doing: String, entity: &'static str },

    /// A result has more rows than fit in one cohort.
    #[error(
        "reading {entity}: one result has more than {} rows\n  help: read it in pieces, with `limit` and `offset`",
        u32::MAX
    )]
    TooManyRows { entity: &'static str },

    /// A sum of integers does not fit in 64 bits.
    #[error(
        "reading a sum of integers for each {entity}: it does not fit in 64 bits, because it is about {sum:e}\n  help: add up fewer rows, or make the fields of the columns f64, which is approximate"
    )]
    SumTooLarge { entity: &'static str, sum: f64 },

    /// An aggregate of a part with `limit_each`.
    #[error(
        "computing an aggregate of a part of {relation}: a part with `limit_each` cannot be aggregated\n  help: remove `limit_each`; the aggregate is computed from every related row that the filter keeps"
    )]
    LimitedAggregate { relation: String },

    /// An aggregate of decimal numbers, in SQLite.
    #[error(
        "computing the {function} of decimal numbers for {entity}: SQLite stores them as text, and can neither add nor compare them exactly\n  help: store whole numbers of a small unit, such as cents, in an INTEGER column, or use PostgreSQL"
    )]
    NoDecimals { entity: &'static str, function: &'static str },

    /// A condition is nested too deeply.
    #[error(
        "selecting rows of {entity}: the condition is nested deeper than 500 levels, and the database would refuse it\n  help: combine conditions in a row, as in `a.or(b).or(c)`, or compare with a list of values, as in `column.in_(values)`"
    )]
    TooDeep { entity: &'static str },

    /// An error of your own code.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps an error of your own code, so that it can leave a [`transaction`](crate::Session::transaction)
    /// and undo it.
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

    /// Returns the database's own error, if the database failed.
    ///
    /// ```
    /// # let session = shop::small()?;
    /// let error = session.execute("DELETE FROM clients", []).unwrap_err();
    /// assert_eq!(error.database().map(|error| error.message.as_str()), Some("no such table: clients"));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn database(&self) -> Option<&DatabaseError> {
        match self {
            Self::Open { error, .. } | Self::Connect { error, .. } | Self::Statement { error, .. } => {
                Some(error)
            }
            _ => None,
        }
    }
}

/// A conversion of another error into [`Error`], by `?`. Nothing implements it, because an error of another library must not
/// look like one of the database. The trait exists for the compiler's message about such a `?`.
///
/// The parameter is the other error, and not the type that lacks the trait. So the compiler sees that the implementation of
/// `From` below never applies, and still finds out by itself that the `?` of a closure returns an `Error`.
#[diagnostic::on_unimplemented(
    message = "`?` does not convert `{E}` into an `eagerly::Error`",
    label = "convert the error before the `?`: `.map_err(Error::other)?`"
)]
pub trait Converts<E> {
    /// Returns the error as one of this library.
    fn converted(error: E) -> Self;
}

impl<E> From<E> for Error
where
    Self: Converts<E>,
{
    fn from(error: E) -> Self {
        Self::converted(error)
    }
}

/// A failure, as the database reports it.
///
/// ```
/// # use eagerly::*; let session = shop::small()?;
/// let error = session.execute("DELETE FROM customers", []).unwrap_err();
/// let error: Option<&DatabaseError> = error.database();
/// assert_eq!(error.map(|error| error.kind), Some(Failure::Constraint));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DatabaseError {
    /// The kind, for code that reacts to it.
    pub kind: Failure,
    /// The text that the database reported, or one that this crate wrote. In a session that
    /// [hides values](crate::Session::redact), a text that can contain a value is replaced.
    pub message: String,
    /// A shorter message for a session that hides values (`gate/redact.rs`). `None` if the message contains no value.
    pub(crate) without_values: Option<String>,
}

impl DatabaseError {
    /// Returns an error whose message contains no value.
    pub(crate) fn new(kind: Failure, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), without_values: None }
    }

    /// Returns the error of a statement that has another number of parameters than of values.
    pub(crate) fn parameters(given: usize, expected: usize) -> Self {
        let parameters = if expected == 1 { "parameter" } else { "parameters" };
        let values = if given == 1 { "value was" } else { "values were" };
        let message = format!("the statement has {expected} {parameters}, but {given} {values} given");
        Self::new(Failure::Parameters, message)
    }
}

/// Lists the failures: the meaning, the variant, its name, and what a person can do about it.
macro_rules! failures {
    ($($(#[$meaning:meta])* $variant:ident $name:literal $advice:literal,)*) => {
        /// The kinds of failure that need different fixes.
        ///
        /// ```
        /// # use eagerly::Failure;
        /// assert_eq!(Failure::Busy.name(), "busy");
        /// assert!(Failure::Busy.advice().ends_with("then try again"));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Failure {
            $($(#[$meaning])* $variant,)*
        }

        impl Failure {
            /// Returns the name in snake case: `disk_full`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Returns what a person can do about it.
            pub fn advice(self) -> &'static str {
                match self {
                    $(Self::$variant => $advice,)*
                }
            }
        }
    };
}

failures! {
    /// Another connection holds a lock, or changed data that this transaction read and now changes. Run the whole
    /// transaction again, not one statement of it.
    Busy "busy" "wait until the other connection finishes, then try again",
    /// A statement that still runs, such as that of `chunks` in the same session, uses what should be dropped or altered.
    InUse "in_use" "end what still uses it, then try again: `chunks` of this session, for example, uses tables until it returns",
    /// The file, its directory, or the transaction is for reading only.
    ReadOnly "read_only" "check the permissions of the file and of its directory; on a server, check that it and the transaction accept writes",
    /// The file is not a SQLite database.
    NotADatabase "not_a_database" "check the path: the file does not hold a SQLite database",
    /// The file is damaged.
    Corrupt "corrupt" "restore a backup, or recover what can be read with `sqlite3 FILE .recover`",
    /// The file cannot be opened.
    CannotOpen "cannot_open" "check that the directory exists and that this user may read and write there",
    /// The disk is full.
    DiskFull "disk_full" "free disk space; the statement, perhaps its whole transaction, was undone. If there is space, check SQLite's `max_page_count`, and whether a key is 9223372036854775807: no other key can follow it",
    /// The operating system failed to read or write.
    InputOutput "input_output" "check the disk: the operating system could not read or write the file",
    /// A constraint of the schema refuses the row.
    Constraint "constraint" "look at the constraint that the message names; if it names none, it is a foreign key of this table, or one that points to it",
    /// The statement was interrupted.
    Interrupted "interrupted" "run the statement again, or its whole transaction: it was stopped on request",
    /// A number does not fit in its type, such as a sum of integers beyond 64 bits.
    Overflow "overflow" "use a wider type: `total(…)` instead of `sum(…)` in SQLite, `numeric` or `bigint` in PostgreSQL; or add up fewer rows",
    /// The statement names a table or a column that does not exist.
    NoSuchName "no_such_name" "compare the entity's #[entity(…)] with the schema, and check that this is the right database",
    /// The number of bound values is not the number of parameters.
    Parameters "parameters" "give one value for each parameter of the SQL: ?1, ?2, … in SQLite, $1, $2, … in PostgreSQL",
    /// The statement is larger than the database allows: it has too many parameters, columns or joined tables.
    TooLarge "too_large" "pass many values as one list, as in `column.in_(values)`; load relations with `selectin` instead of `joined`; give an entity fewer columns, and a query fewer aggregates",
    /// A table or a view in SQLite has the name of a function that this crate calls.
    NameTaken "name_taken" "rename the table or view `rarray`: lists of keys are read by a function of that name",
    /// The URL of a server is invalid.
    Url "url" "correct the URL that is passed to `Session::connect`",
    /// No server answers at the address.
    Unreachable "unreachable" "check the host and the port in the URL, and that the server is running",
    /// The server refuses this user, or this user may not run the statement.
    AccessDenied "access_denied" "check the user, the password and the database in the URL, and the rights of this user",
    /// The server or the URL requires encryption, and the connection cannot be encrypted.
    Unencrypted "unencrypted" "to encrypt, put `sslmode=require` in the URL and build with eagerly's feature `tls`; to send everything unencrypted, put `sslmode=disable`",
    /// The server accepts no more connections.
    TooManyConnections "too_many_connections" "close sessions that you do not need, or raise `max_connections` on the server",
    /// The connection to the server is lost. The session cannot be used any more.
    Disconnected "disconnected" "open another session with `Session::connect(…)`; the server kept what was committed and undid the rest",
    /// The server stopped a statement because it took too long.
    TimedOut "timed_out" "make the statement cheaper, or raise the server's `statement_timeout`",
    /// An earlier statement of the transaction failed.
    TransactionOver "transaction_over" "send ROLLBACK, then run the whole transaction again",
    /// Anything else, such as a mistake in the SQL.
    Other "other" "read the message and the statement; the database could not run it",
}

/// A cell that does not fit a Rust type: `expected an integer, found NULL`.
///
/// ```
/// # use eagerly::*; let session = shop::small()?;
/// #[derive(Debug, FromRow)]
/// struct Named { name: i64 }
///
/// let error = session.query::<Named>("SELECT first_name AS name FROM customers WHERE id = 1", []).unwrap_err();
/// assert!(error.to_string().contains(r#"expected an integer, found the text "Ada""#));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What the Rust type can hold.
    pub expected: &'static str,
    /// What the cell holds.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for Mismatch {}
