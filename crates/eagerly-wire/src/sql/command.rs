//! What a statement is for, as far as its first words tell.

use super::{Kind, Token};

/// The kind of a statement that is not handled like any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Reads or writes rows, or defines something.
    Data,
    /// INSERT, UPDATE, DELETE or MERGE.
    Write,
    /// Begins or ends a transaction, or changes a setting. It reads no data.
    Control,
    /// Opens a cursor of this name. The shape is that of the cursor's query.
    Declare(String),
    /// Reads the next rows of a cursor of this name.
    Fetch(String),
    /// Changes the application name of the connection, which begins a page.
    NamePage,
}

/// The first words of statements that read no data of the application.
const CONTROL: [&str; 10] =
    ["BEGIN", "START", "COMMIT", "END", "ABORT", "SET", "RESET", "SHOW", "DISCARD", "LISTEN"];

/// Those that contain a name, which is different each time.
const NAMING: [&str; 5] = ["SAVEPOINT", "RELEASE", "ROLLBACK", "CLOSE", "DEALLOCATE"];

impl Command {
    /// Returns the command of a statement, and the part of it that is its shape.
    pub(super) fn of<'t>(tokens: &'t [Token<'t>]) -> (Self, &'t [Token<'t>]) {
        let Some(first) = tokens.first() else { return (Self::Control, tokens) };
        let has = |word: &str| tokens.iter().any(|token| token.is(word));
        let has_text = |text: &str| tokens.iter().any(|token| token.value() == Some(text));
        if (first.is("SET") && has("application_name"))
            || (first.is("SELECT") && has("set_config") && has_text("application_name"))
        {
            return (Self::NamePage, tokens);
        }
        if first.is("DECLARE")
            && let (Some(name), Some(query)) =
                (tokens.get(1), tokens.iter().position(|token| token.is("FOR")))
        {
            return (Self::Declare(plain(name)), &tokens[query + 1..]);
        }
        if (first.is("FETCH") || first.is("MOVE"))
            && let Some(name) = tokens.iter().rfind(|token| token.kind == Kind::Word)
        {
            // Each cursor has another name, so it is not part of the shape.
            return (Self::Fetch(plain(name)), &tokens[..1]);
        }
        if NAMING.into_iter().any(|word| first.is(word)) {
            return (Self::Control, &tokens[..1]);
        }
        if CONTROL.into_iter().any(|word| first.is(word)) {
            return (Self::Control, tokens);
        }
        let is_write = ["INSERT", "UPDATE", "DELETE", "MERGE"].into_iter().any(|word| first.is(word));
        (if is_write { Self::Write } else { Self::Data }, tokens)
    }

    /// Returns whether a page counts the statement as one of its own.
    pub(crate) fn is_counted(&self) -> bool {
        matches!(self, Self::Data | Self::Write | Self::Declare(_))
    }
}

/// Returns a name as the server compares it: quoted names exactly, others in lower case.
fn plain(name: &Token<'_>) -> String {
    match name.text.strip_prefix('"') {
        Some(quoted) => quoted.trim_end_matches('"').to_owned(),
        None => name.text.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::{Command, Sql};

    #[test]
    fn commands_are_recognised() {
        let cases = [
            ("SELECT 1", Command::Data),
            ("WITH x AS (SELECT 1) SELECT * FROM x", Command::Data),
            ("update t set a = 1", Command::Write),
            ("begin", Command::Control),
            ("SET search_path TO shop", Command::Control),
            ("SET application_name = 'page'", Command::NamePage),
            ("SELECT set_config('application_name', $1, false)", Command::NamePage),
            ("SELECT set_config('search_path', $1, false)", Command::Data),
            ("SELECT 'application_name'", Command::Data),
            ("FETCH 1000 FROM Rows", Command::Fetch("rows".to_owned())),
            ("FETCH FORWARD 10 IN \"Rows 1\"", Command::Fetch("Rows 1".to_owned())),
            ("", Command::Control),
        ];
        for (text, expected) in cases {
            assert_eq!(Sql::of(text).command, expected, "{text}");
        }
    }

    #[test]
    fn the_shape_of_a_cursor_is_its_query() {
        let sql = Sql::of("DECLARE \"rows 7\" NO SCROLL CURSOR WITH HOLD FOR SELECT * FROM t WHERE a = 5");
        assert_eq!(sql.command, Command::Declare("rows 7".to_owned()));
        assert_eq!(sql.shape, "SELECT * FROM t WHERE a = $1");
        assert_eq!(Sql::of("FETCH 1000 FROM rows").shape, "FETCH");
    }
}
