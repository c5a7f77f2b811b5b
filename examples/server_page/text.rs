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

/// Hides the user and the password in the URLs of a message.
pub fn without_passwords(message: &str) -> String {
    let words =
        message.split_inclusive(char::is_whitespace).map(|word| match (word.find("://"), word.rfind('@')) {
            (Some(start), Some(end)) if start < end => format!("{}://…{}", &word[..start], &word[end..]),
            _ => word.to_owned(),
        });
    words.collect()
}
