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
        f.write_str(&self.sections().join("\n\n"))
    }
}

impl Report {
    /// What is to be said, a text for each finding.
    pub(crate) fn sections(&self) -> Vec<String> {
        let mut sections = match self.n_plus_one.is_empty() {
            true => vec![format!("No N+1 in {}.", counted(self.statements, "statement"))],
            false => self.n_plus_one_sections(),
        };
        sections.extend(self.wasted.iter().map(|wasted| self.waste(wasted)));
        sections.extend(self.similar.iter().map(similar));
        sections.extend(self.duplicates.iter().map(duplicate));
        sections
    }

    /// What is to be said of statements alone, if anything is: what is loaded may still be read.
    pub(crate) fn of_statements(&self) -> Option<String> {
        let mut sections = self.n_plus_one_sections();
        sections.extend(self.similar.iter().map(similar));
        (!sections.is_empty()).then(|| sections.join("\n\n"))
    }

    fn n_plus_one_sections(&self) -> Vec<String> {
        let origins = self.by_origin().into_iter();
        origins
            .map(|(origin, findings)| self.n_plus_one_at(origin, &findings))
            .collect()
    }

    fn n_plus_one_at(&self, origin: CallSite, findings: &[&NPlusOne]) -> String {
        let relations = findings.len() as u64;
        let verb = if relations == 1 { "is" } else { "are" };
        let mut text = format!(
            "N+1: {} {verb} loaded by a statement for each parent",
            counted(relations, "relation")
        );
        let names: Vec<_> = findings
            .iter()
            .map(|finding| finding.relation.to_string())
            .collect();
        let width = names.iter().map(String::len).max().unwrap_or_default();
        for (finding, name) in findings.iter().zip(names) {
            let verb = if finding.at == finding.origin {
                "loaded"
            } else {
                "accessed"
            };
            let refused = if finding.refused { ", then refused" } else { "" };
            text += &format!(
                "\n  {name:width$}  {:>18}, {verb} {}{refused}",
                counted(finding.statements, "statement"),
                access(finding)
            );
        }
        text += &format!("\n  The first of their parents were queried at {origin}. There, write:");
        text += &format!("\n      {}", line_to_write(&whole_paths(findings)));
        let saved = findings.iter().map(|finding| finding.saved()).sum();
        if saved > 0 {
            let times = findings.iter().map(|finding| finding.saved_at(self.round_trip));
            text += &format!(
                "\n  That saves {} of {}: at {} a round trip, {} (modelled).",
                count(saved),
                counted(self.statements, "statement"),
                time(self.round_trip),
                time(times.fold(Duration::ZERO, Duration::saturating_add))
            );
        }
        text
    }

    fn waste(&self, wasted: &Wasted) -> String {
        let is_within = |inner: &Wasted, outer: &Wasted| {
            inner.origin == outer.origin && begins(&inner.load_path, &outer.load_path)
        };
        let advice = match self.wasted.iter().find(|other| is_within(wasted, other)) {
            Some(above) => format!("It goes when {} does.", above.relation),
            None => format!(
                "In the query at {}, remove `{}`{}; where it is a default, add `{}`.",
                wasted.origin,
                last_step(&wasted.load_path),
                match self.wasted.iter().any(|other| is_within(other, wasted)) {
                    true => " and what follows it",
                    false => "",
                },
                lazily(wasted)
            ),
        };
        format!(
            "Loaded for nothing: {}, {}, {}, never accessed\n  {advice}",
            wasted.relation,
            counted(wasted.rows, "row"),
            bytes(wasted.bytes)
        )
    }
}

fn similar(similar: &Similar) -> String {
    format!(
        "Hint, similar: {} of one shape, by {} at {}\n  {}\n  If it is a loop, ask for all of it in one statement.",
        counted(similar.statements, "statement"),
        similar.call,
        similar.at,
        shortened(&similar.sql)
    )
}

fn duplicate(duplicate: &Duplicate) -> String {
    let values = match duplicate.values.is_empty() {
        true => String::new(),
        false => format!(" [{}]", duplicate.values),
    };
    format!(
        "Hint, duplicate: {} of a statement with the same values, at {}\n  {}{values}\n  Keep the result of the first.",
        counted(duplicate.repetitions, "repetition"),
        duplicate.at,
        shortened(&duplicate.sql)
    )
}

/// What overrules a default: `.with(lazy(Customer::ORDERS))`.
fn lazily(wasted: &Wasted) -> String {
    let lazy = format!("lazy({})", wasted.relation.constant());
    match wasted.load_path.rfind(").") {
        Some(end) => format!(".with({}.{lazy})", &wasted.load_path[..=end]),
        None => format!(".with({lazy})"),
    }
}

/// The step to remove: `.with(selectin(Customer::ORDERS))` for a path of one, else `.selectin(Order::ITEMS)`.
fn last_step(path: &str) -> String {
    match path.rfind(").") {
        Some(end) => path[end + 1..].to_owned(),
        None => format!(".with({path})"),
    }
}
