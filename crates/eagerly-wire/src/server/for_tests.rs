//! One server for all tests of a test binary.

use std::io::Write as _;
use std::sync::OnceLock;

use super::{Server, ServerError};

static SERVER: OnceLock<Option<Server>> = OnceLock::new();

/// Returns the server that all tests of a test binary share, and starts it at the first call.
///
/// Returns `None` if PostgreSQL is not installed. The caller then returns early, and its test passes. Set the
/// environment variable `POSTGRES_REQUIRED` where every test must run, as in CI.
///
/// The server counts statements in `pg_stat_statements`, and logs those that take 100 ms or longer. Tests run at
/// the same time, so each one creates a schema or a database of its own.
///
/// Rust does not drop statics. The keeper stops the server when the test binary ends.
///
/// # Panics
///
/// Panics if PostgreSQL is installed but does not start, or if `POSTGRES_REQUIRED` is set and it is not installed.
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
            // The test harness hides what `eprintln!` prints in a test that passes, but not this.
            let _ = writeln!(std::io::stderr(), "skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}
