//! What a statement's text says: its shape, its values, and the page that it belongs to.
//!
//! A shape is the text without its values. Statements of one shape differ only in their values:
//!
//! ```text
//! select  *  from orders where customer_id = 17     select * from orders where customer_id = $1
//! SELECT x FROM t WHERE id IN (4, 5, 6)             SELECT x FROM t WHERE id IN ($1, …)
//! INSERT INTO t VALUES (1, 'a'), (2, 'b')           INSERT INTO t VALUES ($1, $2), …
//! ```
//!
//! Values that the client writes into the text are found as well as parameters. `$1` in a shape is its first value, whether
//! the text has a parameter there or a value. Lists of different lengths have the same shape.

mod command;
mod comment;
mod names;
mod shape;
mod tokens;

pub(crate) use command::Command;
pub(crate) use names::{is_aggregate, is_filtered, is_limited, singular, table};
pub(crate) use shape::{Content, Place};

use crate::value::hash;
use tokens::{Kind, Token, Tokens};

/// The longest text that is read, in bytes. Longer ones, for example with many values to insert, are cut.
const LONGEST: usize = 64 * 1024;

/// One statement of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sql {
    /// The text without its values.
    pub(crate) shape: String,
    /// The places of the shape that can hold a value, in the order of `$1`, `$2`, ….
    pub(crate) places: Vec<Place>,
    pub(crate) command: Command,
    /// A hash of the text with its values, but without its comments.
    pub(crate) identity: u64,
    /// The page that a comment at the end names, for example `controller='orders'`.
    pub(crate) page: Option<String>,
}

impl Sql {
    /// Splits a text at its semicolons, and reads each statement. Empty statements are left out.
    pub(crate) fn all_of(text: &str) -> Vec<Self> {
        let tokens = Tokens::of(cut(text, LONGEST));
        let page = tokens.comment.and_then(comment::page);
        let statements = tokens.all.split(|token| token.is_symbol(";"));
        let statements = statements.filter(|statement| !statement.is_empty());
        statements.map(|statement| Self::of_tokens(statement, page.clone())).collect()
    }

    /// Reads a text that is one statement. An empty text has an empty shape.
    pub(crate) fn of(text: &str) -> Self {
        let tokens = Tokens::of(cut(text, LONGEST));
        let page = tokens.comment.and_then(comment::page);
        let end = tokens.all.iter().rposition(|token| !token.is_symbol(";")).map_or(0, |last| last + 1);
        Self::of_tokens(&tokens.all[..end], page)
    }

    /// Returns a statement in the part of a long text that is not read.
    pub(crate) fn unread() -> Self {
        let shape = "(a statement in the rest of a long text)".to_owned();
        Self { shape, places: Vec::new(), command: Command::Data, identity: 0, page: None }
    }

    /// Returns about how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let columns: usize =
            self.places.iter().filter_map(|place| place.column.as_ref()).map(String::len).sum();
        let page = self.page.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.shape.len() + size_of_val(&*self.places) + columns + page
    }

    fn of_tokens(tokens: &[Token<'_>], page: Option<String>) -> Self {
        let (command, rest) = Command::of(tokens);
        let (shape, places) = shape::of(rest);
        let words: Vec<_> = tokens.iter().map(|token| token.text).collect();
        Self { shape, places, command, identity: hash(words.join(" ").as_bytes()), page }
    }
}

/// Returns the beginning of a text, at most `longest` bytes.
fn cut(text: &str, longest: usize) -> &str {
    let mut end = text.len().min(longest);
    // Not in the middle of a character.
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_weighs_what_it_has_in_memory() {
        let sql = Sql::of("SELECT id FROM orders WHERE customer_id = 17 /* page='list' */");
        let texts =
            ["SELECT id FROM orders WHERE customer_id = $1", "customer_id", "page=list"].map(str::len);
        assert_eq!(sql.weight(), size_of::<Sql>() + size_of::<Place>() + texts.iter().sum::<usize>());
    }

    #[test]
    fn a_text_is_not_cut_in_the_middle_of_a_character() {
        let text = "aé–";
        let parts = (0..=text.len() + 1).map(|longest| cut(text, longest));
        assert_eq!(parts.collect::<Vec<_>>(), ["", "a", "a", "aé", "aé", "aé", text, text]);
    }
}
