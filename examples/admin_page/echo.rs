//! The first statements of a page, as the case study prints them.

use std::cell::RefCell;
use std::path::Path;

use eagerly::{Cause, Event, Observer};
use owo_colors::OwoColorize as _;

/// The number of statements to keep.
const SHOWN: usize = 4;

/// An observer that keeps the first statements, each as one line.
#[derive(Default)]
pub struct FirstStatements(RefCell<Vec<String>>);

impl FirstStatements {
    pub fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

impl Observer for FirstStatements {
    fn statement(&self, event: &Event<'_>) {
        let mut lines = self.0.borrow_mut();
        if lines.len() < SHOWN {
            let number = lines.len() + 1;
            lines.push(line(event, number));
        }
    }
}

fn line(event: &Event<'_>, number: usize) -> String {
    // Without the list of columns, a line fits on the screen.
    let sql = match event.sql.find(" FROM ") {
        Some(from) => format!("SELECT …{}", &event.sql[from..]),
        None => event.sql.to_owned(),
    };
    let values: Vec<_> = event.values.iter().map(ToString::to_string).collect();
    let values = match values.is_empty() {
        true => String::new(),
        false => format!("[{}]", values.join(", ")),
    };
    let cause = match event.cause {
        Cause::Access { relation, at, .. } => {
            let file = Path::new(at.file()).file_name().unwrap_or_default();
            format!("lazy {relation}, {}:{}", file.display(), at.line())
        }
        Cause::Explicit { call, .. } => format!("session.{call}"),
        other => other.to_string(),
    };
    format!("{number:>7}  {sql} {}  {}", values.bold(), cause.yellow())
}
