//! Short forms of a statement's text, for labels.

/// The operation and the first table of a statement, such as `SELECT orders`.
///
/// It handles the statements that ORMs generate, and simple ones that are written by hand. For other statements,
/// it contains only the first word.
///
/// ```
/// use waterfall::sql::Summary;
///
/// let summary = Summary::of("SELECT id FROM \"orders\" WHERE customer_id = $1");
/// assert_eq!((summary.operation.as_str(), summary.table.as_deref()), ("SELECT", Some("orders")));
/// assert_eq!(summary.text(), "SELECT orders");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The first word in upper case: `SELECT`, `INSERT`, …
    pub operation: String,
    /// The first table, without quotes. `None` if it cannot be found.
    pub table: Option<String>,
}

impl Summary {
    /// Finds the words of the summary in a statement.
    #[must_use]
    pub fn of(sql: &str) -> Self {
        let mut words = Words(sql);
        let operation = words.next().unwrap_or_default().to_uppercase();
        let before_table = match operation.as_str() {
            "SELECT" | "DELETE" => "FROM",
            "INSERT" | "REPLACE" => "INTO",
            "UPDATE" => {
                return Self { operation, table: words.next().map(unquoted) };
            }
            _ => {
                return Self { operation, table: None };
            }
        };
        let table = words
            .find(|word| word.eq_ignore_ascii_case(before_table))
            .and_then(|_| words.next())
            .filter(|word| !word.starts_with('('))
            .map(unquoted);
        Self { operation, table }
    }

    /// Returns the operation and the table as one text: `SELECT orders`.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.table {
            Some(table) => format!("{} {table}", self.operation),
            None => self.operation.clone(),
        }
    }
}

/// Removes the quotes of a name: `"shop"."orders"` becomes `shop.orders`.
fn unquoted(word: &str) -> String {
    let (mut name, mut is_quoted) = (String::new(), false);
    let mut characters = word.trim_end_matches([';', ',']).chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => name.extend(characters.next()),
            '"' => is_quoted = !is_quoted,
            _ => name.push(character),
        }
    }
    name
}

/// An iterator over the words of a statement. A quoted text is one word, and so is a parenthesised
/// expression.
struct Words<'s>(&'s str);

impl<'s> Iterator for Words<'s> {
    type Item = &'s str;

    fn next(&mut self) -> Option<&'s str> {
        let text = self.0.trim_start();
        let (mut depth, mut quote) = (0_u32, None);
        let end = text.find(|character: char| {
            match (character, quote) {
                ('"' | '\'', None) => quote = Some(character),
                (character, Some(open)) if character == open => quote = None,
                ('(', None) => depth += 1,
                (')', None) => depth = depth.saturating_sub(1),
                (character, None) if character.is_whitespace() && depth == 0 => return true,
                _ => {}
            }
            false
        });
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

/// Shortens a statement for display: replaces a column list of more than 24 bytes, and writes one line.
///
/// ```
/// use waterfall::sql::shortened;
///
/// let sql = "SELECT id, customer_id, placed_on\nFROM orders WHERE customer_id = $1";
/// assert_eq!(shortened(sql), "SELECT … FROM orders WHERE customer_id = $1");
/// ```
#[must_use]
pub fn shortened(sql: &str) -> String {
    let sql = &sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match sql.strip_prefix("SELECT ").and_then(|rest| rest.find(" FROM ")) {
        Some(columns) if columns > 24 => format!("SELECT …{}", &sql["SELECT ".len() + columns..]),
        _ => sql.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_contains_the_operation_and_the_table() {
        let cases = [
            (r#"SELECT "id" FROM "orders" WHERE "id" = ?1"#, "SELECT orders"),
            (r#"select count(*) from "the ""odd"" table""#, r#"SELECT the "odd" table"#),
            (r#"SELECT "id" FROM "shop"."orders";"#, "SELECT shop.orders"),
            ("INSERT INTO notes VALUES (?1)", "INSERT notes"),
            ("UPDATE orders SET status = 'FROM'", "UPDATE orders"),
            ("DELETE FROM orders;", "DELETE orders"),
            ("SELECT (SELECT 1 FROM inner_one) FROM outer_one", "SELECT outer_one"),
            ("SELECT a FROM (SELECT 1 AS a)", "SELECT"),
            ("SELECT 'FROM x' AS y", "SELECT"),
            ("PRAGMA foreign_keys", "PRAGMA"),
            ("", ""),
        ];
        for (sql, expected) in cases {
            assert_eq!(Summary::of(sql).text(), expected, "of {sql}");
        }
    }

    #[test]
    fn a_long_column_list_is_shortened() {
        let long = r#"SELECT "id", "customer_id", "placed_on" FROM "orders""#;
        assert_eq!(shortened(long), r#"SELECT … FROM "orders""#);
        assert_eq!(shortened("SELECT 1 FROM x"), "SELECT 1 FROM x");
    }
}
