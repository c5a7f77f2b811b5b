//! Why a server does not start.

use std::io;
use std::path::{Path, PathBuf};

/// The reason why a [`Server`](crate::Server) did not start. The message ends with one thing to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// No folder has the programs `initdb` and `postgres`.
    #[error(
        "PostgreSQL is not installed\n  help: install it (Debian: `apt install postgresql`), or set EAGERLY_POSTGRES_BIN to the folder with its programs"
    )]
    NotInstalled,

    /// The folder in the environment variable `EAGERLY_POSTGRES_BIN` does not contain the programs.
    #[error(
        "EAGERLY_POSTGRES_BIN names the folder {}, which does not contain `initdb` and `postgres`\n  help: set it to the `bin` folder of PostgreSQL, or unset it",
        folder.display()
    )]
    NotInFolder {
        /// The value of the environment variable.
        folder: PathBuf,
    },

    /// This program runs as root, which PostgreSQL refuses. The machine has no other user for the server.
    #[error(
        "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor a user `nobody`\n  help: run this program as another user"
    )]
    NoOtherUser,

    /// `initdb` could not create the data.
    #[error(
        "initdb failed\n  output: {}\n  help: correct the problem that the output reports",
        indented(output)
    )]
    InitdbFailed {
        /// What `initdb` printed.
        output: String,
    },

    /// The server ended at once, or was not ready after a minute.
    #[error(
        "PostgreSQL did not start\n  log: {}\n  help: correct the problem that the log reports, often a setting",
        indented(log)
    )]
    DidNotStart {
        /// The last lines of the server's log.
        log: String,
    },

    /// The server has not ended after a minute, so it cannot be started again.
    #[error("the server still runs after a minute\n  help: end it before `restart`")]
    StillRuns,

    /// The system refused an operation on a file or a program.
    #[error(
        "cannot {action} {}: {source}\n  help: check that the user who runs PostgreSQL has the rights for this; TMPDIR selects the folder for temporary files",
        path.display()
    )]
    Io {
        /// The operation that failed, for example `create a temporary folder in`.
        action: &'static str,
        /// The file, folder or program.
        path: PathBuf,
        /// The system's own error.
        source: io::Error,
    },

    /// The system is not a Unix. The keeper, which runs the server, needs a shell and signals.
    #[error(
        "a throw-away PostgreSQL server needs Linux, macOS or another Unix\n  help: run this program on one of these systems"
    )]
    NotSupported,
}

impl ServerError {
    /// Returns a function for `map_err` that adds the failed operation and its path.
    pub(super) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.as_ref().to_owned(), source }
    }
}

/// Indents all lines except the first, so that they start below their label.
fn indented(text: &str) -> String {
    if text.trim().is_empty() { "(empty)".into() } else { text.trim().replace('\n', "\n    ") }
}
