//! What a server calls itself, and the user of a session.

use eagerly::{FromRow, Result, Session};

/// Returns the name and version of a server, such as `PostgreSQL 15.18`. Other engines with this protocol report their own.
///
/// # Errors
/// If the connection fails.
pub fn version(session: &Session) -> Result<String> {
    Ok(shortened(&one(session, "SELECT version() AS text")?))
}

/// Returns the user of a session.
///
/// # Errors
/// If the connection fails.
pub fn user(session: &Session) -> Result<String> {
    one(session, "SELECT current_user::text AS text")
}

/// Returns the text in the first row of a statement's result.
fn one(session: &Session, sql: &str) -> Result<String> {
    #[derive(FromRow)]
    struct Line {
        text: String,
    }
    let lines: Vec<Line> = session.query(sql, [])?;
    Ok(lines.into_iter().next().map(|line| line.text).unwrap_or_default())
}

/// Shortens `PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, …`.
fn shortened(text: &str) -> String {
    let end = [" (", " on ", ","].iter().filter_map(|mark| text.find(mark)).min();
    text[..end.unwrap_or(text.len())].to_owned()
}
