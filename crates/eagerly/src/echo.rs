//! Echo: the SQL, a line for each statement, as it is sent.
//!
//! ```text
//!      #       time       rows  statement [values]  cause
//!      1    2.01 ms      3,000  SELECT … FROM "customers" ORDER BY "id"  all at src/page.rs:12
//!      2    15.1 µs         10  SELECT … FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id" [1]  lazy Customer.orders at src/page.rs:14
//!      …
//!                                … 2,980 more like #2
//! ```
//!
//! After 20 statements of one shape, further ones are only counted: the twenty-first line teaches nothing that the
//! twentieth did not, but their number does. It is printed before the next line, and at the end, so the lines and
//! the numbers of the `… more` always add up to all that was sent.

use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _, Write};

use crate::event::{Event, Observer};
use crate::text::{count, time};

/// How many statements of a shape are printed.
const SHOWN: u64 = 20;

/// How many shapes are told apart, so that SQL with values in its text does not fill the memory. What comes beyond
/// is printed.
const SHAPES: usize = 1_000;

/// Prints statements.
///
/// ```
/// # use std::rc::Rc;
/// # use eagerly::echo::Echo;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
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
    colours: bool,
    /// How many statements the session had sent before: they are numbered from there.
    before: u64,
    has_heading: bool,
    seen: HashMap<String, Seen>,
    /// How many were counted and not yet mentioned.
    unmentioned: u64,
}

/// The statements of one shape.
struct Seen {
    /// The number of the first.
    first: u64,
    printed: u64,
    /// How many were counted and not yet mentioned.
    unmentioned: u64,
}

impl Echo {
    /// Prints to anything that can be written to, without colours.
    ///
    /// ```
    /// # use std::rc::Rc;
    /// # use eagerly::echo::Echo;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let path = std::env::temp_dir().join(format!("eagerly-echo-{}.txt", std::process::id()));
    /// let echo = session.observe(Rc::new(Echo::to(std::fs::File::create(&path)?)));
    /// session.count(Customer::select())?;
    /// drop(echo);
    /// assert_eq!(std::fs::read_to_string(&path)?.lines().count(), 2); // a heading, and the statement
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to(out: impl Write + 'static) -> Self {
        Self::new(Box::new(out), false)
    }

    /// Prints on standard error, so that a program's own output stays clean; in colours, if that is a terminal
    /// and the environment has no `NO_COLOR`.
    ///
    /// ```
    /// # use std::rc::Rc;
    /// # use eagerly::echo::Echo;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let echo = session.observe(Rc::new(Echo::to_stderr()));
    /// assert_eq!(session.count(Customer::select())?, 5); // printed: … SELECT count(*) FROM "customers"  count at …
    /// drop(echo);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn to_stderr() -> Self {
        Self::new(Box::new(io::stderr()), colours_are_welcome())
    }

    fn new(out: Box<dyn Write>, colours: bool) -> Self {
        Self(RefCell::new(Printer {
            out,
            colours,
            before: 0,
            has_heading: false,
            seen: HashMap::new(),
            unmentioned: 0,
        }))
    }
}

/// Whether standard error is a terminal that understands colours. Older Windows consoles do not say so.
fn colours_are_welcome() -> bool {
    let understands = !cfg!(windows)
        || ["WT_SESSION", "TERM"]
            .iter()
            .any(|name| env::var_os(name).is_some());
    let refuses = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    io::stderr().is_terminal() && understands && !refuses && !is_dumb
}

impl Observer for Echo {
    fn attached(&self, sent_before: u64) {
        if let Ok(mut printer) = self.0.try_borrow_mut() {
            printer.before = sent_before;
        }
    }

    fn statement(&self, event: &Event<'_>) {
        // Nobody to complain to if the line cannot be written, and no reason to stop the program.
        if let Ok(mut printer) = self.0.try_borrow_mut() {
            let _ = printer.statement(event);
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.0.get_mut().mention_the_rest();
    }
}

impl Printer {
    fn statement(&mut self, event: &Event<'_>) -> io::Result<()> {
        let number = event.number.saturating_sub(self.before);
        if self.is_one_of_many(event, number) {
            return Ok(());
        }
        self.mention_the_rest()?;
        if !self.has_heading {
            self.has_heading = true;
            let heading = format!(
                "{:>6} {:>10} {:>10}  statement [values]  cause",
                "#", "time", "rows"
            );
            writeln!(self.out, "{}", self.dim(&heading))?;
        }
        let line = self.line(event, number);
        writeln!(self.out, "{line}")
    }

    /// Whether enough statements of this shape have been printed. Then it is counted.
    fn is_one_of_many(&mut self, event: &Event<'_>, number: u64) -> bool {
        let Some(seen) = self.seen.get_mut(event.sql) else {
            if self.seen.len() < SHAPES {
                let seen = Seen {
                    first: number,
                    printed: 1,
                    unmentioned: 0,
                };
                self.seen.insert(event.sql.to_owned(), seen);
            }
            return false;
        };
        if seen.printed < SHOWN || event.error.is_some() {
            seen.printed += 1;
            return false;
        }
        seen.unmentioned += 1;
        self.unmentioned += 1;
        true
    }

    /// Says how many were counted since the last time.
    fn mention_the_rest(&mut self) -> io::Result<()> {
        if self.unmentioned == 0 {
            return Ok(());
        }
        self.unmentioned = 0;
        let mut shapes: Vec<_> = self
            .seen
            .values_mut()
            .filter(|seen| seen.unmentioned > 0)
            .collect();
        shapes.sort_by_key(|seen| seen.first);
        let lines: Vec<_> = shapes
            .into_iter()
            .map(|seen| {
                let more = std::mem::take(&mut seen.unmentioned);
                format!("{:30}… {} more like #{}", "", count(more), count(seen.first))
            })
            .collect();
        for line in lines {
            writeln!(self.out, "{}", self.bold(&line))?;
        }
        self.out.flush()
    }

    /// A statement in a line: number, time, rows, SQL, bound values, cause.
    fn line(&self, event: &Event<'_>, number: u64) -> String {
        let figures = format!(
            "{:>6} {:>10} {:>10}",
            count(number),
            time(event.elapsed),
            rows(event)
        );
        let failed = match event.error {
            Some(_) => "  FAILED",
            None => "",
        };
        format!(
            "{}  {}{}  {}{failed}",
            self.dim(&figures),
            event.sql,
            self.bold(&Values(event).to_string()),
            self.dim(&event.cause.to_string()),
        )
    }

    fn dim(&self, text: &str) -> String {
        self.styled("2", text)
    }

    fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    fn styled(&self, code: &str, text: &str) -> String {
        match self.colours && !text.is_empty() {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

fn rows(event: &Event<'_>) -> String {
    match (event.rows, event.changed) {
        (0, changed) if changed > 0 => format!("{} chg", count(changed)),
        (rows, _) => count(rows),
    }
}

/// The bound values, ` [1, 'Ada']`; nothing if there are none.
struct Values<'a>(&'a Event<'a>);

impl fmt::Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.values.iter().enumerate() {
            let separator = if index == 0 { " [" } else { ", " };
            write!(f, "{separator}{value}")?;
        }
        match self.0.values.is_empty() {
            true => Ok(()),
            false => f.write_str("]"),
        }
    }
}
