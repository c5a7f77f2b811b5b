//! The server's own counts, in its view `pg_stat_statements`.
//!
//! The view has a row for each statement text: how often it ran (`calls`), and its total time. A separate session reads
//! the view, so that reading adds nothing to the page. The figures of one way are the difference between two readings. A
//! reset would be simpler, but it needs more rights, and deletes the figures of other programs.
//!
//! The view distinguishes users, but not connections. So the difference also contains the statements that other connections
//! of the same user send in that time.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use eagerly::{Error, FromRow, Session, params};

/// Reads the statistics of one user in one database.
#[derive(Debug)]
pub struct Statistics {
    session: Rc<Session>,
    sql: String,
    user: String,
}

/// The figures of one statement text.
#[derive(Debug, FromRow)]
pub struct Entry {
    /// The number that the server computes from the text and the tables in it.
    id: i64,
    /// The text, with `$1` in place of the first value.
    #[row(column = "query")]
    pub sql: String,
    #[row(column = "calls")]
    counted: i64,
    total_exec_time: f64,
}

impl Entry {
    /// Returns how often the statement ran.
    #[must_use]
    pub fn calls(&self) -> u64 {
        u64::try_from(self.counted).unwrap_or_default()
    }

    /// Returns the time in which the server ran the statement, without planning.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::try_from_secs_f64(self.total_exec_time / 1e3).unwrap_or_default()
    }
}

/// The calls and times so far, by the number of the statement.
#[derive(Debug)]
pub struct Before(HashMap<i64, (i64, f64)>);

impl Statistics {
    /// Prepares to read the statements of `user` through `session`.
    ///
    /// # Errors
    /// The reason why they cannot be read, such as a missing extension.
    pub fn of(session: Rc<Session>, user: String) -> Result<Self, String> {
        #[derive(FromRow)]
        struct Extension {
            schema: String,
        }
        let sql = "SELECT quote_ident(nspname) AS schema FROM pg_extension
                   JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_stat_statements'";
        let found: Vec<Extension> = session.query(sql, []).map_err(|error| reason(&error))?;
        let Some(Extension { schema }) = found.first() else {
            return Err("this database does not have the extension pg_stat_statements".to_owned());
        };
        // Like the session's count, this excludes the statements that control transactions. It also excludes the
        // readings, because with `--url`, the page and the statistics have the same user.
        let sql = format!(
            r"SELECT coalesce(queryid, 0) AS id, query, calls, total_exec_time FROM {schema}.pg_stat_statements
              WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = $1)
                AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND query !~* '^\s*(begin|start|commit|end|rollback|abort|savepoint|release)\M'
                AND query NOT LIKE '%pg_stat_statements%'"
        );
        let statistics = Self { session, sql, user };
        statistics.read().map_err(|error| reason(&error))?;
        Ok(statistics)
    }

    fn read(&self) -> eagerly::Result<Vec<Entry>> {
        self.session.query(&self.sql, params![self.user.clone()])
    }

    /// Returns the current figures, as the start of a difference.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn so_far(&self) -> eagerly::Result<Before> {
        let figures = |entry: Entry| (entry.id, (entry.counted, entry.total_exec_time));
        Ok(Before(self.read()?.into_iter().map(figures).collect()))
    }

    /// Returns the statements that ran since then, the most calls first.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn since(&self, before: &Before) -> eagerly::Result<Vec<Entry>> {
        let mut entries = self.read()?;
        for entry in &mut entries {
            if let Some((calls, time)) = before.0.get(&entry.id) {
                entry.counted -= calls;
                entry.total_exec_time -= time;
            }
        }
        entries.retain(|entry| entry.counted > 0);
        entries.sort_by(|a, b| b.counted.cmp(&a.counted).then_with(|| a.sql.cmp(&b.sql)));
        Ok(entries)
    }
}

/// Returns the server's own message, such as `pg_stat_statements must be loaded via shared_preload_libraries`.
fn reason(error: &Error) -> String {
    error.database().map_or_else(|| error.to_string(), |error| error.message.clone())
}
