//! Skip at first. The words of a statement that the program wrote: without comments, texts and quoted names.

/// The words of a statement, without its comments, its texts and its quoted names.
#[derive(Clone)]
pub(super) struct Words<'s> {
    rest: &'s str,
    /// How many parentheses are open.
    depth: usize,
}

impl<'s> Words<'s> {
    pub(super) fn of(sql: &'s str) -> Self {
        Self { rest: sql, depth: 0 }
    }

    /// Returns the next word, or an empty one at the end.
    pub(super) fn next(&mut self) -> &'s str {
        while let Some(first) = self.rest.chars().next() {
            let rest = self.rest;
            let others = &rest[first.len_utf8()..];
            self.rest = match first {
                '-' if rest.starts_with("--") => after(rest, "\n"),
                '/' if rest.starts_with("/*") => after_comment(rest),
                '\'' => after(others, "'"),
                '"' => after(others, "\""),
                '$' => after_dollars(others),
                _ if first.is_alphabetic() || first == '_' => {
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
                    let (word, others) = rest.split_at(end.unwrap_or(rest.len()));
                    match others.strip_prefix('\'') {
                        Some(text) if word.eq_ignore_ascii_case("E") => after_escapes(text),
                        _ => {
                            self.rest = others;
                            return word;
                        }
                    }
                }
                _ => {
                    self.depth = match first {
                        '(' => self.depth + 1,
                        ')' => self.depth.saturating_sub(1),
                        _ => self.depth,
                    };
                    others
                }
            };
        }
        ""
    }

    pub(super) fn any(&self, sought: &[&str]) -> bool {
        let mut words = self.clone();
        loop {
            match words.next() {
                "" => return false,
                word if is_one_of(word, sought) => return true,
                _ => {}
            }
        }
    }

    /// Returns whether one of these words begins the statement after the parentheses of a `WITH`.
    pub(super) fn any_outside_parentheses_before_a_query(&self, changes: &[&str]) -> bool {
        let mut words = self.clone();
        loop {
            match words.next() {
                "" => return false,
                _ if words.depth > 0 => {}
                word if is_one_of(word, &["SELECT", "VALUES", "TABLE"]) => return false,
                word if is_one_of(word, changes) => return true,
                _ => {}
            }
        }
    }

    /// Returns whether another transaction begins at once: `COMMIT AND CHAIN`.
    pub(super) fn chains(&self) -> bool {
        self.any(&["CHAIN"]) && !self.any(&["NO"])
    }
}

fn is_one_of(word: &str, sought: &[&str]) -> bool {
    sought.iter().any(|sought| word.eq_ignore_ascii_case(sought))
}

/// Returns what follows the first `end`.
fn after<'s>(text: &'s str, end: &str) -> &'s str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// Returns what follows a comment, which can contain others.
fn after_comment(comment: &str) -> &str {
    let mut depth = 0_usize;
    let mut rest = comment;
    while let Some(at) = rest.find(['*', '/']) {
        let mark = rest.get(at..at + 2).unwrap_or_default();
        depth = match mark {
            "/*" => depth + 1,
            "*/" => depth.saturating_sub(1),
            _ => depth,
        };
        let is_mark = matches!(mark, "/*" | "*/");
        rest = &rest[at + if is_mark { 2 } else { 1 }..];
        if is_mark && depth == 0 {
            return rest;
        }
    }
    ""
}

/// Returns what follows a text in which a backslash precedes a special character: `E'it\'s'`.
fn after_escapes(text: &str) -> &str {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\'' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// Returns what follows a text between `$tag$` and `$tag$`, or the dollar of a parameter. `text` begins after a dollar.
fn after_dollars(text: &str) -> &str {
    let is_tag = |tag: &str| {
        !tag.starts_with(|c: char| c.is_ascii_digit()) && tag.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    match text.split_once('$') {
        Some((tag, quoted)) if is_tag(tag) => after(quoted, &format!("${tag}$")),
        _ => text,
    }
}
