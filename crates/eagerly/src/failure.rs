//! What the database says when it fails, and what a person can do about it.

/// What the database said when a statement failed.
///
/// ```
/// # use eagerly::{DatabaseError, Failure};
/// # use shop::{Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let error = session.execute("DELETE FROM customers", []).unwrap_err();
/// let said: Option<&DatabaseError> = error.database();
/// assert_eq!(said.map(|said| said.kind), Some(Failure::Constraint));
/// assert_eq!(said.map(|said| said.message.as_str()), Some("FOREIGN KEY constraint failed"));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DatabaseError {
    /// The kind of failure, for a program to act on.
    pub kind: Failure,
    /// SQLite's own words.
    pub message: String,
}

/// The kinds of failure that call for different remedies.
///
/// ```
/// # use eagerly::Failure;
/// assert_eq!(Failure::Busy.name(), "busy");
/// assert!(Failure::Busy.advice().ends_with("wait for it to finish, then try again"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// Another connection holds a lock.
    Busy,
    /// The file, or its directory, cannot be written to.
    ReadOnly,
    /// The file is not a SQLite database.
    NotADatabase,
    /// The file is damaged.
    Corrupt,
    /// The file cannot be opened.
    CannotOpen,
    /// The disk is full.
    DiskFull,
    /// The operating system failed to read or write.
    InputOutput,
    /// A constraint of the schema refuses the row.
    Constraint,
    /// The statement was interrupted.
    Interrupted,
    /// The statement names a table or a column that is not there.
    NoSuchName,
    /// The number of bound values is not the number of parameters.
    Parameters,
    /// Anything else, a mistake in the SQL among it.
    Other,
}

impl Failure {
    /// The name, in one word: `busy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::ReadOnly => "read_only",
            Self::NotADatabase => "not_a_database",
            Self::Corrupt => "corrupt",
            Self::CannotOpen => "cannot_open",
            Self::DiskFull => "disk_full",
            Self::InputOutput => "input_output",
            Self::Constraint => "constraint",
            Self::Interrupted => "interrupted",
            Self::NoSuchName => "no_such_name",
            Self::Parameters => "parameters",
            Self::Other => "other",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Busy => {
                "another connection holds a lock on the database: wait for it to finish, then try again"
            }
            Self::ReadOnly => {
                "the database cannot be written to: check the permissions of the file and of its directory"
            }
            Self::NotADatabase => "is this the right file? It does not hold a SQLite database",
            Self::Corrupt => {
                "the file is damaged: restore a backup, or recover what can be read with `sqlite3 FILE .recover`"
            }
            Self::CannotOpen => "check that the directory exists and that this user may read and write there",
            Self::DiskFull => "make room on the disk; the statement was undone, nothing is lost",
            Self::InputOutput => "the operating system could not read or write the file: check the disk",
            Self::Constraint => "the schema refuses this row: look at the constraint that is named",
            Self::Interrupted => "the statement was stopped on request: run it again",
            Self::NoSuchName => {
                "does the entity's #[entity(…)] say what the schema says, and is this the right database file?"
            }
            Self::Parameters => "give one value for each of ?1, ?2, … in the SQL",
            Self::Other => "read the statement: SQLite does not accept it",
        }
    }
}
