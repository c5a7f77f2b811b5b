//! Formats a proposal: the diff, what each change is for, and the lines that are left to write.

use std::fmt::Write as _;

use eagerly::numbers::{count, counted};
use eagerly_watch::{Change, Fix};
use owo_colors::OwoColorize as _;
use similar::TextDiff;

use crate::apply::{ChangedFile, Proposal};
use crate::path::relations;

/// The number of columns of the text.
const WIDTH: usize = 80;

/// Formats the changes of a file as a unified diff, in colours.
#[must_use]
pub fn diff(file: &ChangedFile) -> String {
    let diff = TextDiff::from_lines(&file.before, &file.after);
    let names = (format!("a/{}", file.name), format!("b/{}", file.name));
    let plain = diff.unified_diff().context_radius(2).header(&names.0, &names.1).to_string();
    let mut text = String::new();
    for line in plain.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        text += &match line.chars().next() {
            Some('+') => line.green().to_string(),
            Some('-') => line.red().to_string(),
            Some('@') => line.cyan().to_string(),
            _ => line.to_owned(),
        };
        text += end;
    }
    text
}

/// Formats a proposal, in colours. `anstream` removes them if the output is not a terminal.
#[must_use]
pub fn proposal(proposal: &Proposal) -> String {
    let mut text = String::new();
    for file in &proposal.files {
        text += &diff(file);
        text += "\n";
    }
    section(&mut text, "Changes", &proposal.changed, |fix| (what(fix), None));
    let notes: Vec<_> = proposal.notes.iter().collect();
    section(&mut text, "Please check", &notes, |(file, note)| (format!("{file}: {note}"), None));
    section(&mut text, "Left for you", &proposal.left, |(fix, reason)| {
        (format!("{}:{}: {reason}. {}", fix.file, fix.line, todo(fix)), Some(fix.path.as_str()))
    });
    section(&mut text, "Nothing to do", &proposal.done, |(fix, reason)| {
        (format!("{}:{}: {}: {reason}", fix.file, fix.line, path(fix)), None)
    });
    if text.is_empty() {
        text += "The advice has no changes.\n";
    }
    text
}

fn section<'i, T>(
    text: &mut String,
    title: &str,
    items: &'i [T],
    line: impl Fn(&'i T) -> (String, Option<&'i str>),
) {
    if items.is_empty() {
        return;
    }
    let gap = if text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
    let _ = writeln!(text, "{gap}{}", title.bold());
    for item in items {
        let (words, code) = line(item);
        *text += &wrapped(&words);
        if let Some(path) = code {
            let code = format!("      .with({path})");
            // A long path has a line for each step.
            let code = if code.chars().count() > WIDTH { code.replace(").", ")\n          .") } else { code };
            let _ = writeln!(text, "{}", code.bold());
        }
    }
}

fn what(fix: &Fix) -> String {
    let verb = match fix.change {
        Change::Remove if relations(&fix.path).len() > 1 => "removes the last step of",
        Change::Remove => "removes",
        _ => "adds",
    };
    let saved = match fix.saved {
        0 => String::new(),
        saved => format!(" This saves {} of {}.", count(saved), counted(fix.statements, "statement")),
    };
    format!("{}:{}: {verb} {}. {}.{saved}", fix.file, fix.line, path(fix), fix.reason)
}

fn path(fix: &Fix) -> String {
    format!("`{}`", fix.path)
}

fn todo(fix: &Fix) -> String {
    match fix.change {
        Change::Remove if relations(&fix.path).len() > 1 => {
            "Remove the last step of this path, where the query is built:".to_owned()
        }
        Change::Remove => "Remove this where the query is built:".to_owned(),
        _ => "Add this where the query is built:".to_owned(),
    }
}

/// Breaks a text into lines, with an indentation. A word that is too long has a line of its own.
fn wrapped(words: &str) -> String {
    let mut lines = vec![" ".to_owned()];
    for word in words.split_whitespace() {
        let last = lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= WIDTH);
        match last {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!("    {word}")),
        }
    }
    lines.join("\n") + "\n"
}
