//! Sources with a mark at the call of the query, and fixes for them.

use std::path::Path;
use std::process::Command;

use eagerly_fix::edit::{Edited, Outcome, edited};
use eagerly_watch::{Change, Fix};
use serde_json::json;

/// The mark in a source. It is before the method that the advice names.
pub const MARK: char = '‸';

pub const ORDERS: &str = "selectin(Customer::ORDERS)";
pub const ITEMS: &str = "selectin(Customer::ORDERS).selectin(Order::ITEMS)";

pub fn fix(line: u32, column: u32, change: Change, path: &str) -> Fix {
    let (_, rest) = path.split_once('(').unwrap();
    let (entity, _) = rest.split_once("::").unwrap();
    let fix = json!({
        "file": "src/page.rs", "line": line, "column": column, "entity": entity, "change": change, "path": path,
        "statements": 5, "saved": 4, "reason": "Customer.orders: 5 statements, one per parent",
    });
    serde_json::from_value(fix).unwrap()
}

/// Returns the text without its mark, and the line and the column of the mark as the compiler counts them.
pub fn marked(text: &str) -> (String, u32, u32) {
    let at = text.find(MARK).unwrap();
    let line = text[..at].matches('\n').count() + 1;
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let columns: usize = text[start..at].chars().map(|c| if c == '\t' { 4 } else { 1 }).sum();
    (text.replace(MARK, ""), line as u32, columns as u32 + 1)
}

/// Applies changes to the query at the mark.
pub fn apply(text: &str, changes: &[(Change, &str)]) -> (String, Edited) {
    let (plain, line, column) = marked(text);
    let fixes: Vec<_> = changes.iter().map(|(change, path)| fix(line, column, *change, path)).collect();
    let edited = edited(&plain, &fixes);
    (plain, edited)
}

/// Applies changes, all of which must succeed. Checks that the result is Rust, and that a second run finds nothing.
pub fn applied(text: &str, changes: &[(Change, &str)]) -> String {
    let (plain, first) = apply(text, changes);
    assert!(first.outcomes.contains(&Outcome::Changed), "{:?}", first.outcomes);
    let left = |outcome: &Outcome| matches!(outcome, Outcome::Left(_));
    assert!(!first.outcomes.iter().any(left), "{:?}", first.outcomes);
    assert_ne!(first.text, plain);
    syn::parse_file(&first.text).unwrap();
    // The call may have moved, if an import became longer. Only its line counts here.
    let (_, line, column) = marked(text);
    let fixes: Vec<_> = changes.iter().map(|(change, path)| fix(line, column, *change, path)).collect();
    let second = edited(&first.text, &fixes);
    assert_eq!(second.text, first.text, "the second run changes something");
    first.text
}

/// Adds a path to the query at the mark.
pub fn added(text: &str, path: &str) -> String {
    applied(text, &[(Change::Add, path)])
}

/// Removes the last step of a path from the query at the mark.
pub fn removed(text: &str, path: &str) -> String {
    applied(text, &[(Change::Remove, path)])
}

/// Returns why a change is left to the reader. The text must not change.
pub fn left(text: &str, change: Change, path: &str) -> String {
    let (plain, edited) = apply(text, &[(change, path)]);
    assert_eq!(edited.text, plain, "the text has changed");
    match &edited.outcomes[..] {
        [Outcome::Left(reason)] => reason.clone(),
        other => panic!("{other:?}"),
    }
}

/// A page with a statement in its function, and everything imported.
pub fn page(statement: &str) -> String {
    format!(
        "use eagerly::*;\nuse shop::*;\n\nfn page(session: &Session) -> Result<()> {{\n    {statement}\n    Ok(())\n}}\n"
    )
}

/// Returns the statement of a page.
pub fn statement(page: &str) -> &str {
    let (_, rest) = page.split_once("Result<()> {\n    ").unwrap();
    rest.split_once("\n    Ok(())").unwrap().0
}

/// Adds a path to the query of a statement. Returns the statement.
pub fn added_to(text: &str, path: &str) -> String {
    statement(&added(&page(text), path)).to_owned()
}

/// Removes a path from the query of a statement. Returns the statement.
pub fn removed_from(text: &str, path: &str) -> String {
    statement(&removed(&page(text), path)).to_owned()
}

/// Runs git in a folder, with an identity of its own. Returns what it prints.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "core.autocrlf=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
