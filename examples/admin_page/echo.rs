//! What the case study shows of a page's statements: the first ones, and how many are slow.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::Duration;

use eagerly::{Cause, Event, Kind, Observer};
use owo_colors::OwoColorize as _;
use terminal::cut;

/// The threshold of the slow-query log.
pub const SLOW: Duration = Duration::from_millis(100);

/// The number of statements to keep: one of each shape.
const SHOWN: usize = 3;

/// An observer that keeps the first statements as text, and counts those that a slow-query log would list.
#[derive(Default)]
pub struct Notes {
    first: RefCell<Vec<String>>,
    slow: Cell<u64>,
}

impl Notes {
    pub fn take_first(&self) -> Vec<String> {
        self.first.take()
    }

    pub fn slow(&self) -> u64 {
        self.slow.get()
    }
}

impl Observer for Notes {
    fn statement(&self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            return;
        }
        if event.elapsed > SLOW {
            self.slow.set(self.slow.get() + 1);
        }
        let mut first = self.first.borrow_mut();
        if first.len() < SHOWN {
            let number = first.len() + 1;
            first.push(statement(event, number));
        }
    }
}

/// Returns a statement and its cause: on one line if they fit, otherwise below each other.
fn statement(event: &Event<'_>, number: usize) -> String {
    // Without the list of columns, a line fits on the screen.
    let sql = match event.sql.find(" FROM ") {
        Some(from) => format!("SELECT …{}", &event.sql[from..]),
        None => event.sql.to_owned(),
    };
    let values = event.shown_values();
    let values = if values.is_empty() { values } else { format!(" [{values}]") };
    let cause = match event.cause {
        Cause::Access { relation, at, .. } => {
            let file = Path::new(at.file()).file_name().unwrap_or_default();
            format!("lazy {relation}, {}:{}", file.display(), at.line())
        }
        Cause::Explicit { call, .. } => format!("session.{call}"),
        other => other.to_string(),
    };
    let indent = " ".repeat(9);
    let (length, width) = (9 + sql.chars().count() + values.chars().count(), terminal::width());
    let sql = cut(&sql, width.saturating_sub(9 + values.chars().count()));
    let between = if length + 2 + cause.chars().count() <= width { "  " } else { &format!("\n{indent}") };
    format!("{number:>7}  {sql}{}{between}{}", values.bold(), cause.yellow())
}
