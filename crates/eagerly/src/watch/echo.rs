//! Echo: the SQL, a line for each statement, after it ran.
//!
//! ```text
//!      #       time       rows  statement [values]  cause
//!      1    2.01 ms      3,000  SELECT … FROM "customers" ORDER BY "id"  all at src/page.rs:12
//!      2    15.1 µs         10  SELECT … FROM "orders" WHERE … [1]  lazy Customer.orders at src/page.rs:14
//!      …
//!                                … 2,980 more like #2
//! ```
//!
//! After 20 statements of one shape (a text without its values) from one line of code, later ones are only counted. The
//! count is printed before the next line and at the end. So the lines and the counts add up to all statements.

use std::cell::RefCell;
use std::env;
use std::io::{self, IsTerminal as _, Write};

use crate::call_site::CallSite;
use crate::trace::{Event, Observer};
use crate::watch::numbers::{count, time};
use crate::watch::shapes::Shapes;

/// How many statements of a shape are printed for each line of code.
const SHOWN: u64 = 20;

/// How many lines of code are kept apart for a shape. All later ones share an entry, so the table stays small.
const PLACES: usize = 50;

/// An observer that prints each statement.
///
/// ```
/// # use {eagerly::*, shop::*, std::rc::Rc}; let session = shop::small()?;
/// let (reader, writer) = std::io::pipe()?;
/// let echo = session.observe(Rc::new(Echo::to(writer)));
/// session.count(Customer::select())?;
/// drop(echo);
/// let printed = std::io::read_to_string(reader)?;
/// assert!(printed.contains(r#"1  SELECT count(*) FROM "customers"  count at "#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Echo(RefCell<Printer>);

struct Printer {
    out: Box<dyn Write>,
    has_colours: bool,
    /// The number of statements that were sent before the echo was attached. Lines are numbered from there.
    before: u64,
    has_heading: bool,
    shapes: Shapes<Vec<Seen>>,
    /// The number of statements that were only counted since the last line.
    collapsed: u64,
}

/// The statements of one shape from one line of code.
struct Seen {
    at: CallSite,
    /// The number of the first.
    first: u64,
    printed: u64,
    collapsed: u64,
}

impl Echo {
    /// Returns an echo that prints to `out`, without colours.
    pub fn to(out: impl Write + 'static) -> Self {
        Self::new(Box::new(out), false)
    }

    /// Returns an echo that prints on standard error. It uses colours if that is a terminal and the
    /// environment has no `NO_COLOR`.
    pub fn to_stderr() -> Self {
        Self::new(Box::new(io::stderr()), stderr_has_colours())
    }

    fn new(out: Box<dyn Write>, has_colours: bool) -> Self {
        Self(RefCell::new(Printer {
            out,
            has_colours,
            before: 0,
            has_heading: false,
            shapes: Shapes::default(),
            collapsed: 0,
        }))
    }
}

/// Returns whether standard error is a terminal that shows colours. Old Windows consoles set neither variable.
fn stderr_has_colours() -> bool {
    let is_known = !cfg!(windows) || ["WT_SESSION", "TERM"].iter().any(|name| env::var_os(name).is_some());
    let is_refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    io::stderr().is_terminal() && is_known && !is_refused && !is_dumb
}

/// Ignores write errors; a failed log line must not stop the program.
impl Observer for Echo {
    fn attached(&self, sent_before: u64) {
        if let Ok(mut printer) = self.0.try_borrow_mut() {
            printer.before = sent_before;
        }
    }

    fn statement(&self, event: &Event<'_>) {
        if let Ok(mut printer) = self.0.try_borrow_mut() {
            let _ = printer.statement(event);
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.0.get_mut().print_collapsed();
    }
}

impl Printer {
    fn statement(&mut self, event: &Event<'_>) -> io::Result<()> {
        let number = event.number.saturating_sub(self.before);
        if self.collapse(event, number) {
            return Ok(());
        }
        self.print_collapsed()?;
        if !self.has_heading {
            self.has_heading = true;
            let heading = format!("{:>6} {:>10} {:>10}  statement [values]  cause", "#", "time", "rows");
            writeln!(self.out, "{}", self.dim(&heading))?;
        }
        let line = self.line(event, number);
        writeln!(self.out, "{line}")
    }

    /// Returns true, and only counts the statement, if enough like it have been printed.
    fn collapse(&mut self, event: &Event<'_>, number: u64) -> bool {
        let shape = self.shapes.number(event.sql);
        let places = self.shapes.at(shape);
        let at = event.cause.at();
        let known = places.iter().position(|seen| seen.at == at);
        if known.is_none() && places.len() <= PLACES {
            places.push(Seen { at, first: number, printed: 0, collapsed: 0 });
        }
        let last = places.len() - 1;
        let seen = &mut places[known.unwrap_or(last)];
        // The shapes under OTHERS have different texts, so each of their statements is printed. So is each
        // failure.
        if seen.printed < SHOWN || shape == Shapes::<Vec<Seen>>::OTHERS || event.error.is_some() {
            seen.printed += 1;
            return false;
        }
        seen.collapsed += 1;
        self.collapsed += 1;
        true
    }

    /// Prints how many statements were only counted since the last line, for each shape and line of code.
    fn print_collapsed(&mut self) -> io::Result<()> {
        if self.collapsed == 0 {
            return Ok(());
        }
        self.collapsed = 0;
        let counted = self.shapes.iter_mut().flatten().filter(|seen| seen.collapsed > 0);
        let line = |seen: &mut Seen| {
            let more = std::mem::take(&mut seen.collapsed);
            format!("{:30}… {} more like #{}", "", count(more), count(seen.first))
        };
        let lines: Vec<_> = counted.map(line).collect();
        for line in lines {
            writeln!(self.out, "{}", self.bold(&line))?;
        }
        self.out.flush()
    }

    /// Writes a statement in a line: number, time, rows, SQL, bound values, cause.
    fn line(&self, event: &Event<'_>, number: u64) -> String {
        let rows = match (event.rows, event.changed) {
            (0, changed) if changed > 0 => format!("{} chg", count(changed)),
            (rows, _) => count(rows),
        };
        let figures = format!("{:>6} {:>10} {:>10}", count(number), time(event.elapsed), rows);
        let values = event.shown_values();
        let values = if values.is_empty() { values } else { format!(" [{values}]") };
        format!(
            "{}  {}{}  {}{}",
            self.dim(&figures),
            event.sql,
            self.bold(&values),
            self.dim(&event.cause.to_string()),
            if event.error.is_some() { "  FAILED" } else { "" },
        )
    }

    fn dim(&self, text: &str) -> String {
        self.styled("2", text)
    }

    fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    fn styled(&self, code: &str, text: &str) -> String {
        match self.has_colours && !text.is_empty() {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}
