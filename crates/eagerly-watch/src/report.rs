//! What the detector found, in words: for each finding, both places and the line to write.

use std::fmt;
use std::time::Duration;

use eagerly::text::{bytes, count, counted, time};
use eagerly::{CallSite, Kind, Place};

use crate::n_plus_one::NPlusOne;
use crate::repeats::{Duplicate, Similar};
use crate::sql::shortened;
use crate::waste::Wasted;

/// The round trip that savings are reckoned for, unless told otherwise.
pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(1);

/// What a [`Detector`](crate::Detector) found.
///
/// Printed, it is a text for people.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The statements that were seen, but for transaction control.
    pub statements: u64,
    /// Relations that were loaded by a statement for each parent.
    pub n_plus_one: Vec<NPlusOne>,
    /// Relations that were loaded eagerly and never accessed.
    pub wasted: Vec<Wasted>,
    /// Calls that sent similar statements: a hint, no more.
    pub similar: Vec<Similar>,
    /// Statements that were repeated with the same values: a hint, too.
    pub duplicates: Vec<Duplicate>,
    /// The round trip that savings are reckoned for.
    pub round_trip: Duration,
}

impl Report {
    /// The same report, its savings reckoned for another round trip.
    #[must_use]
    pub fn at_round_trip(self, round_trip: Duration) -> Self {
        Self { round_trip, ..self }
    }

    /// Whether there is no N+1 and no waste. Hints do not count.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.n_plus_one.is_empty() && self.wasted.is_empty()
    }

    /// The places where the parents were queried, each with its findings.
    fn by_origin(&self) -> Vec<(CallSite, Vec<&NPlusOne>)> {
        let mut origins: Vec<(CallSite, Vec<&NPlusOne>)> = Vec::new();
        for finding in &self.n_plus_one {
            match origins.iter_mut().find(|(origin, _)| *origin == finding.origin) {
                Some((_, findings)) => findings.push(finding),
                None => origins.push((finding.origin, vec![finding])),
            }
        }
        origins
    }
}

/// The load paths that are not the beginning of another.
fn whole_paths<'a>(findings: &[&'a NPlusOne]) -> Vec<&'a str> {
    let mut whole: Vec<&str> = Vec::new();
    for finding in findings {
        let path = finding.load_path.as_str();
        let is_beginning = |other: &&NPlusOne| begins(&other.load_path, path);
        if !whole.contains(&path) && !findings.iter().any(is_beginning) {
            whole.push(path);
        }
    }
    whole
}

/// Whether a longer path begins with a shorter one.
fn begins(longer: &str, shorter: &str) -> bool {
    longer
        .strip_prefix(shorter)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// `.with(selectin(Customer::ORDERS).selectin(Order::ITEMS))`, as often as there are paths.
fn line_to_write(paths: &[&str]) -> String {
    paths.iter().map(|path| format!(".with({path})")).collect()
}

/// Where a relation was accessed, with a word of help if the line is not the program's.
fn access(finding: &NPlusOne) -> String {
    let place = Place {
        kind: Kind::Access,
        call: finding.strategy.name(),
        relation: Some(finding.relation),
        at: finding.at,
    };
    match place.is_in_std() {
        true => format!(
            "handed over as a function: look for `{}::{}`",
            finding.relation.entity, finding.relation.field
        ),
        false => format!("at {}", finding.at),
    }
}

/// A finding, in two lines.
pub(crate) fn in_words(finding: &NPlusOne) -> String {
    format!(
        "{}, accessed {}, is loaded by a statement for each parent\n  what to do: add `{}` to the query at {}",
        finding.relation,
        access(finding),
        line_to_write(&[&finding.load_path]),
        finding.origin
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.n_plus_one.is_empty() {
            write!(f, "No N+1 in {}.", counted(self.statements, "statement"))?;
        }
        for (index, (origin, findings)) in self.by_origin().into_iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            self.write_origin(f, origin, &findings)?;
        }
        self.write_waste(f)?;
        self.write_hints(f)
    }
}

impl Report {
    fn write_origin(
        &self,
        f: &mut fmt::Formatter<'_>,
        origin: CallSite,
        findings: &[&NPlusOne],
    ) -> fmt::Result {
        let relations = findings.len() as u64;
        let verb = if relations == 1 { "is" } else { "are" };
        write!(
            f,
            "N+1: {} {verb} loaded by a statement for each parent",
            counted(relations, "relation")
        )?;
        let names: Vec<_> = findings
            .iter()
            .map(|finding| finding.relation.to_string())
            .collect();
        let width = names.iter().map(String::len).max().unwrap_or_default();
        for (finding, name) in findings.iter().zip(names) {
            write!(
                f,
                "\n  {name:width$}  {:>18}, {} {}",
                counted(finding.statements, "statement"),
                if finding.at == finding.origin {
                    "loaded"
                } else {
                    "accessed"
                },
                access(finding)
            )?;
            if finding.refused {
                f.write_str(", then refused")?;
            }
        }
        write!(
            f,
            "\n  The first of their parents were queried at {origin}. There, write:"
        )?;
        write!(f, "\n      {}", line_to_write(&whole_paths(findings)))?;
        let saved = findings.iter().map(|finding| finding.saved()).sum();
        if saved > 0 {
            let time_saved = findings
                .iter()
                .map(|finding| finding.saved_at(self.round_trip))
                .fold(Duration::ZERO, Duration::saturating_add);
            write!(
                f,
                "\n  That saves {} of {}: at {} a round trip, {} (modelled).",
                count(saved),
                counted(self.statements, "statement"),
                time(self.round_trip),
                time(time_saved)
            )?;
        }
        Ok(())
    }

    fn write_waste(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for wasted in &self.wasted {
            write!(
                f,
                "\n\nLoaded for nothing: {}, {}, {}, never accessed\n",
                wasted.relation,
                counted(wasted.rows, "row"),
                bytes(wasted.bytes)
            )?;
            let within = |other: &&Wasted| {
                other.origin == wasted.origin && begins(&wasted.load_path, &other.load_path)
            };
            match self.wasted.iter().find(within) {
                Some(above) => write!(f, "  It goes when {} does.", above.relation)?,
                None => write!(
                    f,
                    "  In the query at {}, remove `{}`{}.",
                    wasted.origin,
                    last_step(&wasted.load_path),
                    match self
                        .wasted
                        .iter()
                        .any(|other| begins(&other.load_path, &wasted.load_path))
                    {
                        true => " and what follows it",
                        false => "",
                    }
                )?,
            }
        }
        Ok(())
    }

    fn write_hints(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for similar in &self.similar {
            write!(
                f,
                "\n\nHint, similar: {} of one shape, by {} at {}\n  {}\n  If it is a loop, ask for all of it in one statement.",
                counted(similar.statements, "statement"),
                similar.call,
                similar.at,
                shortened(&similar.sql)
            )?;
        }
        for duplicate in &self.duplicates {
            write!(
                f,
                "\n\nHint, duplicate: {} of a statement with the same values, at {}\n  {}{}\n  Keep the result of the first.",
                counted(duplicate.repetitions, "repetition"),
                duplicate.at,
                shortened(&duplicate.sql),
                match duplicate.values.is_empty() {
                    true => String::new(),
                    false => format!(" [{}]", duplicate.values),
                }
            )?;
        }
        Ok(())
    }
}

/// The step to remove: `.with(selectin(Customer::ORDERS))` for a path of one, else `.selectin(Order::ITEMS)`.
fn last_step(path: &str) -> String {
    // A dot between two steps follows a parenthesis; one within a step does not.
    match path.rfind(").") {
        Some(end) if !path[end..].starts_with(").filter") => path[end + 1..].to_owned(),
        _ => format!(".with({path})"),
    }
}
