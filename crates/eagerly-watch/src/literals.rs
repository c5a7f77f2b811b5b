//! The shape of a statement whose text contains values.
//!
//! Programs that write values into the text send another text each time. In its shape, each number and each string is
//! a `?`, and so is each list of them:
//!
//! ```text
//! SELECT * FROM t WHERE id = 17                 SELECT * FROM t WHERE id = ?
//! SELECT * FROM t WHERE id IN (4, 5, 6)         SELECT * FROM t WHERE id IN (?)
//! INSERT INTO t VALUES (1, 'a'), (2, 'b')       INSERT INTO t VALUES (?)
//! ```
//!
//! It reads the SQL of SQLite and of PostgreSQL, and accepts any text. A text that a database would reject has a shape,
//! too, perhaps not a useful one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The text of a statement without its values.
pub(crate) struct Shape {
    pub(crate) text: String,
    /// A hash of the values in the text.
    pub(crate) values: u64,
}

/// A word, a symbol, a parameter, or the `?` in place of a value.
struct Part<'s> {
    text: &'s str,
    kind: Kind,
    /// Whether a blank or a comment comes before it.
    is_spaced: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    QuotedName,
    Parameter,
    Value,
    Symbol,
}

/// Keywords before which a `-` is a sign and not an operator.
const BEFORE_SIGN: [&str; 16] = [
    "AND",
    "BETWEEN",
    "BY",
    "CASE",
    "ELSE",
    "IN",
    "LIKE",
    "LIMIT",
    "NOT",
    "OFFSET",
    "OR",
    "RETURNING",
    "SELECT",
    "THEN",
    "WHEN",
    "WHERE",
];

impl Shape {
    pub(crate) fn of(sql: &str) -> Self {
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut values = DefaultHasher::new();
        let (mut rest, mut is_spaced, mut is_in_list) = (sql, false, false);
        while let Some(first) = rest.chars().next() {
            if let Some(end) = blank(rest) {
                rest = &rest[end..];
                is_spaced = true;
                continue;
            }
            let last = parts.last();
            let (mut kind, end) = part(rest, first, last.filter(|last| last.is_operand()), is_spaced);
            let (mut text, after) = rest.split_at(end);
            is_in_list = match text {
                "(" => last.is_some_and(|last| last.is_word("IN")),
                "," => is_in_list,
                _ => is_in_list && matches!(kind, Kind::Value | Kind::Parameter),
            };
            let is_listed = last.is_some_and(|last| matches!(last.text, "(" | ","));
            let is_constant = ["NULL", "TRUE", "FALSE"].iter().any(|word| text.eq_ignore_ascii_case(word));
            if (kind == Kind::Parameter && is_in_list) || (kind == Kind::Word && is_listed && is_constant) {
                kind = Kind::Value;
            }
            if kind == Kind::Value {
                text.hash(&mut values);
                text = "?";
            }
            parts.push(Part { text, kind, is_spaced });
            shorten_lists(&mut parts);
            (rest, is_spaced) = (after, false);
        }
        let mut text = String::new();
        for part in &parts {
            if part.is_spaced && !text.is_empty() {
                text.push(' ');
            }
            text.push_str(part.text);
        }
        Self { text, values: values.finish() }
    }
}

impl Part<'_> {
    fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Returns whether a `-` after this part is an operator.
    fn is_operand(&self) -> bool {
        match self.kind {
            Kind::Word => !BEFORE_SIGN.iter().any(|word| self.is_word(word)),
            Kind::Symbol => matches!(self.text, ")" | "]"),
            Kind::QuotedName | Kind::Parameter | Kind::Value => true,
        }
    }
}

/// Replaces `?, ?` by `?`, and `(?), (?)` by `(?)`, if the values at the end are such a list.
fn shorten_lists(parts: &mut Vec<Part<'_>>) {
    let is_list = |expected: &[&str]| {
        let end = parts.len().checked_sub(expected.len()).map(|start| &parts[start..]);
        end.is_some_and(|end| {
            end.iter()
                .zip(expected)
                .all(|(part, text)| part.text == *text && (part.kind == Kind::Value) == (*text == "?"))
        })
    };
    if is_list(&["?", ",", "?"]) {
        parts.truncate(parts.len() - 2);
    } else if is_list(&["(", "?", ")", ",", "(", "?", ")"]) {
        parts.truncate(parts.len() - 4);
    }
}

/// Returns the length of the blanks or the comment at the beginning of a text.
fn blank(text: &str) -> Option<usize> {
    if text.starts_with("--") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(comment(text.as_bytes()));
    }
    let blanks = length(text, char::is_whitespace);
    (blanks > 0).then_some(blanks)
}

/// Returns the length of a comment. They nest, as in PostgreSQL.
fn comment(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while at < text.len() {
        match &text[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

/// Returns the kind and the length of the part at the beginning of a text. `operand` is the part before, if it is an
/// operand.
fn part(text: &str, first: char, operand: Option<&Part<'_>>, is_spaced: bool) -> (Kind, usize) {
    let after = &text[first.len_utf8()..];
    let second = after.chars().next().unwrap_or_default();
    let is_number = |text: &str| text.trim_start_matches('.').starts_with(is_digit);
    match (first, second) {
        ('\'', _) => (Kind::Value, quoted(text, 0, '\'', false)),
        ('e' | 'E', '\'') => (Kind::Value, quoted(text, 1, '\'', true)),
        ('b' | 'B' | 'n' | 'N' | 'x' | 'X', '\'') => (Kind::Value, quoted(text, 1, '\'', false)),
        ('"' | '`', _) => (Kind::QuotedName, quoted(text, 0, first, false)),
        // SQLite accepts names in brackets. PostgreSQL has arrays there: `a[1]`, `ARRAY[1, 2]`.
        ('[', _) if is_letter(second) && (is_spaced || operand.is_none()) => {
            (Kind::QuotedName, quoted(text, 0, ']', false))
        }
        ('$', _) => match dollar_quoted(text) {
            Some(end) => (Kind::Value, end),
            None => {
                (Kind::Parameter, 1 + length(after, |character| is_letter(character) || is_digit(character)))
            }
        },
        (':' | '@', _) if is_letter(second) => (Kind::Parameter, 1 + length(after, belongs_to_name)),
        ('?', _) => (Kind::Parameter, 1 + length(after, is_digit)),
        ('-' | '+', _) if operand.is_none() && is_number(after) => (Kind::Value, 1 + number(after)),
        ('.', _) if operand.is_none_or(|_| is_spaced) && is_number(text) => (Kind::Value, number(text)),
        _ if is_digit(first) => (Kind::Value, number(text)),
        _ if is_letter(first) => (Kind::Word, length(text, belongs_to_name)),
        (':', ':') => (Kind::Symbol, 2),
        _ => (Kind::Symbol, first.len_utf8()),
    }
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn belongs_to_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

/// Returns the number of bytes at the beginning of a text whose characters belong to something.
fn length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}

/// Returns the length of a number: `12`, `.5`, `1_000`, `0x1F`, `1.5e-3`.
fn number(text: &str) -> usize {
    let end = length(text, |character| character.is_ascii_alphanumeric() || matches!(character, '.' | '_'));
    let mantissa = text[..end].strip_suffix(['e', 'E']);
    let is_decimal =
        |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_'));
    match text[end..].strip_prefix(['-', '+']) {
        Some(exponent) if mantissa.is_some_and(is_decimal) => match length(exponent, is_digit) {
            0 => end,
            digits => end + 1 + digits,
        },
        _ => end,
    }
}

/// Returns the length of a quoted text, which begins with a quote at `start`. A doubled closing quote is part of it,
/// and with `escapes`, so is each character after a backslash.
fn quoted(text: &str, start: usize, close: char, escapes: bool) -> usize {
    let mut characters = text[start + 1..].char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && escapes {
            characters.next();
        } else if character == close && characters.next_if(|(_, next)| *next == close).is_none() {
            return start + 1 + at + 1;
        }
    }
    // The text has no end.
    text.len()
}

/// Returns the length of `$tag$ … $tag$`, if the text begins with it.
fn dollar_quoted(text: &str) -> Option<usize> {
    let name = length(&text[1..], |character| character.is_alphanumeric() || character == '_');
    let tag = text.get(..name + 2).filter(|tag| tag.ends_with('$') && !tag[1..].starts_with(is_digit))?;
    let closed = text[tag.len()..].find(tag)?;
    Some(closed + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_replaced_and_names_are_not() {
        for (sql, expected) in [
            ("SELECT a1 FROM t2 WHERE x = 4 AND y='five'", "SELECT a1 FROM t2 WHERE x = ? AND y=?"),
            (r#"SELECT "it 1", `b 2`, [c 3] FROM "x""y 4""#, r#"SELECT "it 1", `b 2`, [c 3] FROM "x""y 4""#),
            ("x = 'it''s' AND y = 'it'", "x = ? AND y = ?"),
            (r"x = E'a\'b' AND y = e'\\' AND z = 1", "x = ? AND y = ? AND z = ?"),
            (r"x = 'a\' AND y = X'00FF' AND z = b'01'", "x = ? AND y = ? AND z = ?"),
            ("x = $$it's$$ AND y = $q$ $$ 'a' $q$", "x = ? AND y = ?"),
            ("x = $1 AND y = ?2 AND z IN (:a) AND b = :b", "x = $1 AND y = ?2 AND z IN (?) AND b = :b"),
            ("x = -5 AND y > +.5e-3 AND z = 1.5E+10", "x = ? AND y > ? AND z = ?"),
            ("x BETWEEN -5 AND -3 LIMIT -1", "x BETWEEN ? AND ? LIMIT ?"),
            ("a-1 = b - 1 OR 7-6 = f(x)-2 OR 0x1F > 1_000", "a-? = b - ? OR ?-? = f(x)-? OR ? > ?"),
            ("x = 1 -- it's 2\n AND /* 3 /* 4 */ ' */ y = 5", "x = ? AND y = ?"),
            ("a[1] = 2 AND b = ARRAY[1, 2, 3]::int8[]", "a[?] = ? AND b = ARRAY[?]::int8[]"),
            ("t.a1 = 1::int8 AND b2.c3 = '4'", "t.a1 = ?::int8 AND b2.c3 = ?"),
            ("select  x\n  from t", "select x from t"),
        ] {
            assert_eq!(Shape::of(sql).text, expected, "of {sql}");
        }
    }

    #[test]
    fn lists_of_different_lengths_have_one_shape() {
        for (lists, expected) in [
            (&["x IN (1)", "x IN (1,2)", "x IN (-1, 2 , 3)", "x IN ('a', NULL)"][..], "x IN (?)"),
            (&["x in (?1)", "x in (?1, ?2)", "x in (?,?,?)", "x in ($1, 2)"], "x in (?)"),
            (
                &["INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (1, 'a'), (2, NULL)"],
                "INSERT INTO t VALUES (?)",
            ),
            (&["(a, b) IN ((1, 2))", "(a, b) IN ((1, 2), (3, 4))"], "(a, b) IN ((?))"),
        ] {
            for sql in lists {
                assert_eq!(Shape::of(sql).text, expected, "of {sql}");
            }
        }
        let unchanged = "INSERT INTO t (a, b) VALUES (?1, ?2), (?3, ?4)";
        assert_eq!(Shape::of(unchanged).text, unchanged, "these are parameters already");
    }

    #[test]
    fn the_values_are_compared_apart_from_comments() {
        let values = |sql| Shape::of(sql).values;
        assert_ne!(values("x = 1"), values("x = 2"));
        assert_eq!(values("x = 1 /* 2 */"), values("x=1 -- 3"));
    }

    proptest! {
        #[test]
        fn any_text_has_a_shape(text in r#"([-+'"`$?:@.,()/*\\\[\]eExX09aé_ \n]|IN|\PC){0,40}"#) {
            let shape = Shape::of(&text).text;
            prop_assert!(shape.len() <= text.len(), "{shape}");
        }
    }

    #[test]
    fn a_long_text_is_read_in_one_pass() {
        let parameters: Vec<_> = (1..100_000).map(|number| format!("${number}")).collect();
        let sql = format!("SELECT 1 WHERE x IN ({})", parameters.join(", "));
        assert_eq!(Shape::of(&sql).text, "SELECT ? WHERE x IN (?)");
    }
}
