//! Texts that fit the screen.

/// The width of the output.
pub const WIDTH: usize = 80;

/// Returns a statement as one line of at most `width` characters. An ellipsis replaces the list of columns, and the end if
/// it does not fit.
pub fn short(sql: &str, width: usize) -> String {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let sql = match sql.split_once(" FROM ") {
        Some((columns, rest)) if columns.starts_with("SELECT ") && !columns.contains('(') => {
            format!("SELECT … FROM {rest}")
        }
        _ => sql,
    };
    if sql.chars().count() <= width {
        return sql;
    }
    let start: String = sql.chars().take(width.saturating_sub(2)).collect();
    format!("{} …", start.trim_end())
}

/// Breaks a text into indented lines of at most 80 characters.
pub fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![" ".repeat(indent)];
    for word in text.split_whitespace() {
        let is_first = lines.last().is_none_or(|line| line.trim().is_empty());
        let line = lines
            .last_mut()
            .filter(|line| is_first || line.chars().count() + 1 + word.chars().count() <= WIDTH);
        match line {
            Some(line) if is_first => line.push_str(word),
            Some(line) => *line += &format!(" {word}"),
            None => lines.push(format!("{}{word}", " ".repeat(indent))),
        }
    }
    lines.join("\n")
}
