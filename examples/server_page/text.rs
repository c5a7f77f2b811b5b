//! Statements that fit the screen, and messages without passwords.

/// Returns a statement as one line of at most `width` columns. An ellipsis replaces the list of columns, and the end if
/// it does not fit.
pub fn short(sql: &str, width: usize) -> String {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let sql = match sql.split_once(" FROM ") {
        Some((columns, rest)) if columns.starts_with("SELECT ") && !columns.contains('(') => {
            format!("SELECT … FROM {rest}")
        }
        _ => sql,
    };
    terminal::cut(&sql, width)
}
