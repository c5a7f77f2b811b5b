//! One server for all tests of a test binary.

use std::io::Write as _;
use std::sync::OnceLock;

use super::{Server, ServerError};

static SERVER: OnceLock<Option<Server>> = OnceLock::new();

/// Returns the server that all tests of a test binary share. The first call starts it.
///
/// Returns `None` if PostgreSQL is not installed. The test then returns early, and passes. If every test must run, as in
/// CI, set the environment variable `POSTGRES_REQUIRED`.
///
/// The server counts statements in `pg_stat_statements`, and logs those that take 100 ms or longer. Tests run at
/// the same time, so each one creates a schema or a database of its own.
///
/// Rust does not drop statics. The keeper stops the server when the test binary ends.
///
/// # Panics
///
/// Panics if PostgreSQL is installed but does not start. With `POSTGRES_REQUIRED`, also panics if it is not installed.
#[must_use]
pub fn for_tests() -> Option<&'static Server> {
    SERVER.get_or_init(start).as_ref()
}

fn start() -> Option<Server> {
    let settings = ["shared_preload_libraries=pg_stat_statements", "log_min_duration_statement=100ms"];
    match Server::with_settings(&settings) {
        Ok(server) => Some(server),
        Err(error @ (ServerError::NotInstalled | ServerError::NotSupported)) => {
            assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "{error}");
            // The test harness hides the output of `eprintln!` in a test that passes, but not this.
            let _ = writeln!(std::io::stderr(), "skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}
