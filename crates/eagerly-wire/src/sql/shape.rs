//! A statement's text without its values.

use std::collections::HashMap;

use super::{Kind, Token, cut};
use crate::value::Value;

/// The longest shape, in bytes. Longer ones are cut.
const LONGEST: usize = 8 * 1024;

/// The most places of a shape. The values of further ones are not compared.
const MOST_PLACES: usize = 32;

/// A place in a shape, named `$1`, `$2`, ….
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) content: Content,
    /// The column that the value is compared with, if the text is of the form `column = $1`.
    pub(crate) column: Option<String>,
}

/// What a text has in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A parameter, with its number in the text, which begins at 1.
    Parameter(u16),
    /// A value in the text.
    Written(Value),
    /// Something that cannot be the key of one row: a list of several values, or the number of a `LIMIT`.
    Other,
}

/// Returns the shape of a statement, and its places.
pub(super) fn of(tokens: &[Token<'_>]) -> (String, Vec<Place>) {
    let (closing, parameters) = (closing(tokens), HashMap::new());
    let mut shape = Shape { text: String::new(), places: Vec::new(), parameters, closing };
    let mut at = 0;
    while at < tokens.len() {
        at = shape.add(tokens, at);
    }
    if shape.text.len() > LONGEST {
        shape.text.truncate(cut(&shape.text, LONGEST).len());
        shape.text.push('…');
    }
    shape.places.truncate(MOST_PLACES);
    (shape.text, shape.places)
}

struct Shape {
    text: String,
    places: Vec<Place>,
    /// The place of each parameter, by its number in the text. A text can use a parameter twice.
    parameters: HashMap<u16, usize>,
    /// For each opening parenthesis, the position of the closing one.
    closing: HashMap<usize, usize>,
}

impl Shape {
    /// Adds the part at a position. Returns the position of the next part.
    fn add(&mut self, tokens: &[Token<'_>], at: usize) -> usize {
        let before = at.checked_sub(1).map(|before| tokens[before]);
        let after = |word: &str| before.is_some_and(|before| before.is(word));
        if tokens[at].is_symbol("(")
            && after("IN")
            && let Some((end, values)) = self.list(tokens, at)
        {
            self.space(&tokens[at]);
            self.text.push('(');
            self.place(
                if let [single] = values[..] { single } else { Content::Other },
                column(tokens, at - 1),
            );
            self.text.push_str(", …)");
            return end;
        }
        if tokens[at].is_symbol("(")
            && after("VALUES")
            && let Some(end) = self.further_tuples(tokens, at)
        {
            let first = self.closing.get(&at).copied().unwrap_or(at);
            for token in at..=first {
                self.token(tokens, token, true);
            }
            self.text.push_str(", …");
            return end;
        }
        self.token(tokens, at, ["LIMIT", "OFFSET", "FIRST", "NEXT"].into_iter().any(after));
        at + 1
    }

    /// Adds one part. With `is_other`, a value in it is not a key.
    fn token(&mut self, tokens: &[Token<'_>], at: usize, is_other: bool) {
        let token = &tokens[at];
        self.space(token);
        match content(token) {
            None => self.text.push_str(token.text),
            Some(content) => {
                self.place(if is_other { Content::Other } else { content }, column(tokens, at));
            }
        }
    }

    fn space(&mut self, token: &Token<'_>) {
        if token.is_spaced && !self.text.is_empty() {
            self.text.push(' ');
        }
    }

    /// Adds `$1`, `$2`, …, and the same one again for a parameter that the text has used already.
    fn place(&mut self, content: Content, column: Option<String>) {
        let next = self.places.len();
        let place = match content {
            Content::Parameter(number) => *self.parameters.entry(number).or_insert(next),
            _ => next,
        };
        if place == next {
            self.places.push(Place { content, column });
        }
        self.text.push_str(&format!("${}", place + 1));
    }

    /// Reads a list of values that begins at a position: `(1, 2)`, or `((1, 'a'), (2, 'b'))`. Returns the position after
    /// it, and its values. Returns `None` if there is anything else in it, for example a sub-select.
    fn list(&self, tokens: &[Token<'_>], start: usize) -> Option<(usize, Vec<Content>)> {
        let end = *self.closing.get(&start)?;
        let mut values = Vec::new();
        let mut is_cast = false;
        for token in &tokens[start + 1..end] {
            match content(token) {
                Some(_) if is_cast => {}
                Some(content) => values.push(content),
                None if is_cast && token.kind == Kind::Word => {}
                None if token.kind == Kind::Symbol && ["(", ")", ",", "::"].contains(&token.text) => {}
                None => return None,
            }
            // A cast such as `::int8` or `::varchar(20)` ends at the next comma.
            is_cast = (is_cast || token.is_symbol("::")) && !token.is_symbol(",");
        }
        Some((end + 1, values))
    }

    /// Returns the position after all the tuples of `VALUES`, if there are several.
    fn further_tuples(&self, tokens: &[Token<'_>], start: usize) -> Option<usize> {
        let mut end = self.closing.get(&start)? + 1;
        let first = end;
        while let [comma, open, ..] = &tokens[end..]
            && comma.is_symbol(",")
            && open.is_symbol("(")
        {
            // A long text is cut, within a tuple or after a comma.
            end = self.closing.get(&(end + 1)).map_or(tokens.len(), |closing| closing + 1);
        }
        if tokens[end..].len() == 1 && tokens[end].is_symbol(",") {
            end += 1;
        }
        (end > first).then_some(end)
    }
}

/// Returns the value or the parameter of a part.
fn content(token: &Token<'_>) -> Option<Content> {
    match token.kind {
        Kind::Placeholder(number) => Some(Content::Parameter(number)),
        _ => {
            token.value().map(|text| Value::of_text(text.as_bytes()).map_or(Content::Other, Content::Written))
        }
    }
}

/// Returns the column that a value is compared with: `column = $1`, `$1::int8 = column` or `column IN ($1)`. The table and the
/// quotes are left out. `at` is the position of the value or of `IN`.
fn column(tokens: &[Token<'_>], at: usize) -> Option<String> {
    let (before, after) = (&tokens[..at], &tokens[at + 1..]);
    let name = match before.split_last() {
        Some((operator, before)) if operator.is_symbol("=") => before.last()?,
        Some((name, _)) if tokens[at].is("IN") => name,
        _ => compared_after(after)?,
    };
    (name.kind == Kind::Word).then(|| name.text.trim_matches('"').to_owned())
}

/// Returns the last part of the name in `::int8 = table.column`.
fn compared_after<'t>(after: &'t [Token<'t>]) -> Option<&'t Token<'t>> {
    let after = match after {
        [colons, _, rest @ ..] if colons.is_symbol("::") => rest,
        _ => after,
    };
    let [operator, name, rest @ ..] = after else { return None };
    let (mut name, mut rest) = (operator.is_symbol("=").then_some(name)?, rest);
    while let [dot, next, more @ ..] = rest
        && dot.is_symbol(".")
    {
        (name, rest) = (next, more);
    }
    Some(name)
}

/// Returns the position of the closing parenthesis for each opening one that has one.
fn closing(tokens: &[Token<'_>]) -> HashMap<usize, usize> {
    let (mut open, mut closing) = (Vec::new(), HashMap::new());
    for (at, token) in tokens.iter().enumerate() {
        if token.is_symbol("(") {
            open.push(at);
        } else if token.is_symbol(")")
            && let Some(opening) = open.pop()
        {
            closing.insert(opening, at);
        }
    }
    closing
}

#[cfg(test)]
mod tests {
    use super::LONGEST;
    use crate::sql::{Content, Sql};

    fn shape(text: &str) -> String {
        Sql::of(text).shape
    }

    #[test]
    fn a_shape_has_no_values() {
        let cases = [
            (
                "select  *\n from orders where customer_id = 17;",
                "select * from orders where customer_id = $1",
            ),
            ("SELECT $2::int8, $1, $2", "SELECT $1::int8, $2, $1"),
            ("SELECT x FROM t WHERE id IN (4, 5,6) LIMIT 3", "SELECT x FROM t WHERE id IN ($1, …) LIMIT $2"),
            (
                "SELECT x FROM t WHERE id IN ($1::bigint, $2) AND a = $3",
                "SELECT x FROM t WHERE id IN ($1, …) AND a = $2",
            ),
            ("SELECT x FROM t WHERE (a, b) IN ((1, 2), (3, 4))", "SELECT x FROM t WHERE (a, b) IN ($1, …)"),
            ("SELECT f(1, 2) FROM t WHERE 3 IN (a, b)", "SELECT f($1, $2) FROM t WHERE $3 IN (a, b)"),
            ("SELECT $10, $1, $10", "SELECT $1, $2, $1"),
            ("SELECT x FROM t WHERE id IN (SELECT 1)", "SELECT x FROM t WHERE id IN (SELECT $1)"),
            ("SELECT x FROM t WHERE id IN (1 + 2, 3)", "SELECT x FROM t WHERE id IN ($1 + $2, $3)"),
            ("SELECT (1), (2)", "SELECT ($1), ($2)"),
            (
                "INSERT INTO t VALUES (1, 'a'), (2, 'b') RETURNING id",
                "INSERT INTO t VALUES ($1, $2), … RETURNING id",
            ),
            ("INSERT INTO t VALUES (1, lower('a'))", "INSERT INTO t VALUES ($1, lower($2))"),
            ("SELECT 1 -- why\n", "SELECT $1"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_of_different_lengths_have_one_shape_and_only_a_single_value_is_a_key() {
        let (one, two) = (Sql::of("SELECT x WHERE id IN ($1)"), Sql::of("SELECT x WHERE id IN ($1, $2)"));
        assert_eq!(one.shape, two.shape);
        assert_eq!(one.places[0].content, Content::Parameter(1));
        let cast = Sql::of("SELECT x WHERE id IN ($1::varchar(20))");
        assert_eq!((cast.shape, cast.places[0].content), (one.shape, Content::Parameter(1)));
        assert_eq!(two.places[0].content, Content::Other);
    }

    #[test]
    fn the_number_of_a_limit_is_not_a_key() {
        let sql = Sql::of("SELECT x WHERE id = 5 LIMIT 3 OFFSET $1");
        let keys: Vec<_> = sql.places.iter().map(|place| place.content != Content::Other).collect();
        assert_eq!(keys, [true, false, false]);
    }

    #[test]
    fn the_compared_column_is_known() {
        let columns = |text: &str| {
            let places = Sql::of(text).places.into_iter();
            places.map(|place| place.column.unwrap_or_default()).collect::<Vec<_>>()
        };
        let text = r#"SELECT x WHERE "o"."customer_id" = $1 AND (b = $2) AND c IN (5) AND d > $3"#;
        assert_eq!(columns(text), ["customer_id", "b", "c", ""]);
        assert_eq!(columns("SELECT x WHERE $1::BIGINT = orders.customer_id AND 1 = b"), ["customer_id", "b"]);
        assert_eq!(columns("SELECT 1 = 2"), ["", ""]);
    }

    #[test]
    fn a_text_has_several_statements() {
        let all = Sql::all_of("BEGIN; SELECT ';' ; ; COMMIT");
        assert_eq!(all.iter().map(|sql| &*sql.shape).collect::<Vec<_>>(), ["BEGIN", "SELECT $1", "COMMIT"]);
    }

    #[test]
    fn a_long_text_has_a_short_shape() {
        let text = format!("SELECT é{} FROM t", ", é".repeat(100_000));
        // The limit is in the middle of the two bytes of an é.
        assert_eq!(shape(&text), format!("{}…", &text[..LONGEST - 1]));
        let longest = format!("SELECT {}", "a".repeat(LONGEST - "SELECT ".len()));
        assert_eq!(shape(&longest), longest);
        let text = format!("INSERT INTO t VALUES (1){}", ", (2)".repeat(100_000));
        assert_eq!(shape(&text), "INSERT INTO t VALUES ($1), …");
    }
}
