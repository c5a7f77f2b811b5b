//! Splits the text of a statement into words, values and symbols.
//!
//! It follows the rules of PostgreSQL's own scanner for quotes and comments. Otherwise it would find values inside of names,
//! or miss the end of a text. It accepts any text, also one that PostgreSQL would reject.

/// One part of a statement's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a name, quoted or not.
    Word,
    /// A number or a text. The value is the part without the quotes.
    Value,
    /// A parameter, such as `$1`, with its number.
    Placeholder(u16),
    Symbol,
}

/// A part of the text, and whether a blank or a comment comes before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) is_spaced: bool,
}

impl<'t> Token<'t> {
    /// Returns whether this is a keyword, in upper or lower case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Returns whether this is a symbol.
    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// Returns a text or number as PostgreSQL's text format writes it. Returns `None` for other parts.
    ///
    /// A text with `''` or a backslash inside stays as it is written, so such a key is not recognised.
    pub(super) fn value(&self) -> Option<&'t str> {
        if self.kind != Kind::Value {
            return None;
        }
        let quoted = || self.text.find('\'').and_then(|start| self.text.get(start + 1..self.text.len() - 1));
        let dollars = self.text.strip_prefix('$').and_then(|rest| rest.split('$').nth(1));
        Some(dollars.or_else(quoted).unwrap_or(self.text))
    }
}

/// The parts of a text, and its last comment.
pub(super) struct Tokens<'t> {
    pub(super) all: Vec<Token<'t>>,
    /// The content of the last `/* … */`, because tools add their comment at the end.
    pub(super) comment: Option<&'t str>,
}

impl<'t> Tokens<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut tokens = Self { all: Vec::new(), comment: None };
        let (mut rest, mut is_spaced) = (text, false);
        while let Some(first) = rest.chars().next() {
            if let Some(end) = blank(rest) {
                if let Some(comment) = rest[..end].strip_prefix("/*") {
                    tokens.comment = Some(comment.strip_suffix("*/").unwrap_or(comment));
                }
                rest = &rest[end..];
                is_spaced = true;
                continue;
            }
            let is_after_operand = tokens.all.last().is_some_and(is_operand) && !is_spaced;
            let (kind, end) = token(rest, first, is_after_operand);
            let (text, after) = rest.split_at(end);
            tokens.all.push(Token { kind, text, is_spaced });
            (rest, is_spaced) = (after, false);
        }
        tokens
    }
}

/// Returns whether a `-` after this part is an operator, and not a sign.
fn is_operand(token: &Token<'_>) -> bool {
    token.kind != Kind::Symbol || matches!(token.text, ")" | "]")
}

/// Returns the length of the blanks or the comment at the beginning of a text.
fn blank(text: &str) -> Option<usize> {
    if text.starts_with("--") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(comment(text));
    }
    let blanks = text.find(|character: char| !character.is_whitespace()).unwrap_or(text.len());
    (blanks > 0).then_some(blanks)
}

/// Returns the length of a comment. Comments nest.
fn comment(text: &str) -> usize {
    let (bytes, mut depth, mut at) = (text.as_bytes(), 0_u32, 0);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// Returns the kind and the length of the part at the beginning of a text, which is not blank.
fn token(text: &str, first: char, is_after_operand: bool) -> (Kind, usize) {
    let second = text[first.len_utf8()..].chars().next();
    match (first, second) {
        ('\'', _) => (Kind::Value, quoted(text, 0, false)),
        ('e' | 'E', Some('\'')) => (Kind::Value, quoted(text, 1, true)),
        ('b' | 'B' | 'x' | 'X' | 'n' | 'N', Some('\'')) => (Kind::Value, quoted(text, 1, false)),
        ('"', _) => (Kind::Word, quoted(text, 0, false)),
        ('$', Some(digit)) if digit.is_ascii_digit() => {
            let end = end_of(&text[1..], |character| character.is_ascii_digit()) + 1;
            (text[1..end].parse().map_or(Kind::Symbol, Kind::Placeholder), end)
        }
        ('$', _) => dollar_quoted(text).map_or((Kind::Symbol, 1), |end| (Kind::Value, end)),
        ('-', Some(digit)) if digit.is_ascii_digit() && !is_after_operand => {
            (Kind::Value, 1 + number(&text[1..]))
        }
        (digit, _) if digit.is_ascii_digit() => (Kind::Value, number(text)),
        (':', Some(':')) => (Kind::Symbol, 2),
        (letter, _) if letter.is_alphabetic() || letter == '_' => {
            (Kind::Word, end_of(text, |character| character.is_alphanumeric() || "_$".contains(character)))
        }
        (other, _) => (Kind::Symbol, other.len_utf8()),
    }
}

fn end_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}

fn number(text: &str) -> usize {
    let end = end_of(text, |character| character.is_ascii_alphanumeric() || "._".contains(character));
    // `1e-5` is one number.
    match text[..end].strip_suffix(['e', 'E']) {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
            let exponent = text[end..].strip_prefix(['-', '+']).unwrap_or_default();
            let digits = end_of(exponent, |character| character.is_ascii_digit());
            if digits > 0 { end + 1 + digits } else { end }
        }
        _ => end,
    }
}

/// Returns the length of a quoted text, whose quote is at `start`. A doubled quote is part of the text, and with `escapes`
/// so is any character after a backslash.
fn quoted(text: &str, start: usize, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() {
        if escapes && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    // The text has no end. A backslash can be its last byte.
    bytes.len()
}

/// Returns the length of `$tag$ … $tag$`, if the text begins with it.
fn dollar_quoted(text: &str) -> Option<usize> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let is_tag = tag[1..end - 1].chars().all(|character| character.is_alphanumeric() || character == '_');
    is_tag.then(|| text[end..].find(tag).map_or(text.len(), |found| end + found + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        Tokens::of(text).all.iter().filter_map(Token::value).collect()
    }

    #[test]
    fn values_are_found_and_names_are_not() {
        assert_eq!(values("SELECT a1, \"2\" FROM t3 WHERE x = 4 AND y='five'"), ["4", "five"]);
        assert_eq!(values("x = -5 AND y = 7-6 AND z = 7 - 8"), ["-5", "7", "6", "7", "8"]);
        assert_eq!(values("1.5e-3 + .5 + 0x1F"), ["1.5e-3", "5", "0x1F"]);
        assert_eq!(values("'it''s' E'a\\'b' $$c'd$$ $q$e$q$"), ["it''s", "a\\'b", "c'd", "e"]);
        assert_eq!(values("SELECT 1 -- 2\n + 3 /* 4 /* 5 */ 6 */ + 7"), ["1", "3", "7"]);
        // Without blanks.
        assert_eq!(values("x=-5+f(1)-6+a[2]-7+$10-8"), ["-5", "1", "6", "2", "7", "8"]);
        assert_eq!(values("/**/1/* 2 */3"), ["1", "3"]);
        assert_eq!(values("0x1e-5+1e+6"), ["0x1e", "5", "1e+6"]);
        assert_eq!(values(r"E'\\'||'a'''||E'\''||'b'"), [r"\\", "a''", r"\'", "b"]);
        assert_eq!(values("$my_tag$a$my_tag$||$1"), ["a"]);
        assert_eq!(values(r"B'101'||E'abc\'de'||'abcd''e'||'f'"), ["101", r"abc\'de", "abcd''e", "f"]);
    }

    #[test]
    fn any_text_is_split() {
        for text in
            ["'", "\"", "$", "$a", "$$", "/*", "--", "E'\\", "é'ü", "$99999999", "1e", "::", "-", "\u{0}"]
        {
            let tokens = Tokens::of(text);
            let length: usize = tokens.all.iter().map(|token| token.text.len()).sum();
            assert!(length <= text.len(), "{text}");
            tokens.all.iter().for_each(|token| {
                token.value();
            });
        }
    }

    #[test]
    fn the_last_comment_is_kept() {
        assert_eq!(Tokens::of("SELECT 1 /* a */ /*b*/").comment, Some("b"));
        assert_eq!(Tokens::of("SELECT '/* a */'").comment, None);
    }
}
