//! Echo: one line for each statement, as it is sent.

use std::cell::RefCell;
use std::io::Write;

use crate::event::{Event, Observer};

/// Prints statements.
pub struct Echo {
    out: RefCell<Box<dyn Write>>,
}

impl Echo {
    /// Prints to anything that can be written to.
    pub fn to(out: impl Write + 'static) -> Self {
        Self {
            out: RefCell::new(Box::new(out)),
        }
    }

    /// Prints on standard error, so that a program's own output stays clean.
    #[must_use]
    pub fn to_stderr() -> Self {
        Self::to(std::io::stderr())
    }
}

impl Observer for Echo {
    fn statement(&self, event: &Event<'_>) {
        // Nobody to complain to if the line cannot be written, and no reason to stop the program.
        if let Ok(mut out) = self.out.try_borrow_mut() {
            let _ = writeln!(out, "{}", line(event));
        }
    }
}

/// A statement in a line: number, time, rows, SQL, bound values, cause.
#[must_use]
pub fn line(event: &Event<'_>) -> String {
    let values: Vec<_> = event.values.iter().map(ToString::to_string).collect();
    let values = match values.is_empty() {
        true => String::new(),
        false => format!("  [{}]", values.join(", ")),
    };
    let failed = event.error.map_or("", |_| "  FAILED");
    format!(
        "{:>6} {:>9} {:>7}  {}{values}  {}{failed}",
        event.number,
        format!("{:.1} µs", event.elapsed.as_secs_f64() * 1e6),
        rows(event),
        event.sql,
        event.cause,
    )
}

fn rows(event: &Event<'_>) -> String {
    match (event.rows, event.changed) {
        (0, 0) => "-".to_owned(),
        (0, changed) => format!("{changed} chg"),
        (1, _) => "1 row".to_owned(),
        (rows, _) => format!("{rows} rows"),
    }
}
