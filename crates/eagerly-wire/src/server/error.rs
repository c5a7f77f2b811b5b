//! Why a server does not start.

use std::io;
use std::path::{Path, PathBuf};

/// The reason why a [`Server`](crate::Server) did not start. The message ends with one thing to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// No folder has the programs `initdb` and `postgres`.
    #[error(
        "PostgreSQL is not installed\n  help: install it (Debian: `apt install postgresql`), or use a server of your own with `--url`"
    )]
    NotInstalled,

    /// The folder in the environment variable `EAGERLY_POSTGRES_BIN` does not have the programs.
    #[error(
        "EAGERLY_POSTGRES_BIN names the folder {}, which does not contain `initdb` and `postgres`\n  help: set it to the `bin` folder of PostgreSQL, or unset it",
        folder.display()
    )]
    NotInFolder {
        /// The value of the environment variable.
        folder: PathBuf,
    },

    /// The program runs as root. PostgreSQL refuses to, and there is no other user to run it.
    #[error(
        "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor a user `nobody`\n  help: run this program as another user, or use a server of your own with `--url`"
    )]
    NoOtherUser,

    /// `initdb` could not create the data.
    #[error("initdb failed\n  output: {}\n  help: fix what the output names", indented(output))]
    InitdbFailed {
        /// What `initdb` printed.
        output: String,
    },

    /// The server ended at once, or was not ready within a minute.
    #[error(
        "PostgreSQL did not start\n  log: {}\n  help: fix what the log names, often a setting",
        indented(log)
    )]
    DidNotStart {
        /// The last lines of the server's log.
        log: String,
    },

    /// The system refused an operation on a file or a program.
    #[error(
        "cannot {action} {}: {source}\n  help: check that the user who runs PostgreSQL may use it; TMPDIR selects the folder for temporary files",
        path.display()
    )]
    Io {
        /// What was tried, for example `create a temporary folder in`.
        action: &'static str,
        /// The file, folder or program.
        path: PathBuf,
        /// The system's own error.
        source: io::Error,
    },

    /// The system is not a Unix. The keeper needs a shell and signals.
    #[error(
        "a throw-away PostgreSQL server needs Linux, macOS or another Unix\n  help: use a server of your own with `--url`"
    )]
    NotSupported,
}

impl ServerError {
    /// Returns a function for `map_err` that adds what was done, and to which path.
    pub(super) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.as_ref().to_owned(), source }
    }
}

/// Indents all lines after the first one, so that they stay below their label.
fn indented(text: &str) -> String {
    if text.trim().is_empty() { "(empty)".into() } else { text.trim().replace('\n', "\n    ") }
}
