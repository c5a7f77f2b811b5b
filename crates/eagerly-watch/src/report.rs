//! Formats the findings of the detector: for each finding, the places in the code and the line to write.

use std::fmt;
use std::time::Duration;

use eagerly::numbers::{bytes, count, counted, time};
use eagerly::{CallSite, Kind, Network, Place, RelationInfo, Strategy};
use waterfall::Finding;
use waterfall::sql::shortened;

use crate::n_plus_one::NPlusOne;
use crate::one_by_one::OneByOne;
use crate::repeats::{Duplicate, Similar};
use crate::waste::Wasted;

/// The default round trip for modelled savings.
pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(1);

/// The findings of a [`Detector`](crate::Detector).
///
/// [`Display`](fmt::Display) formats them as readable text.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The number of observed statements, without transaction control.
    pub statements: u64,
    /// The relations that were loaded with one statement per parent.
    pub n_plus_one: Vec<NPlusOne>,
    /// The relations that were loaded eagerly and never accessed.
    pub wasted: Vec<Wasted>,
    /// The relations of rows that were queried one by one. These are only hints.
    pub one_by_one: Vec<OneByOne>,
    /// The calls that sent similar statements. These are only hints.
    pub similar: Vec<Similar>,
    /// The statements that were repeated with the same values. These are only hints.
    pub duplicates: Vec<Duplicate>,
    /// The round trip for which [`Display`](fmt::Display) models the saved time.
    pub round_trip: Duration,
}

impl Report {
    /// Returns the same report with another round trip for the saved time.
    #[must_use]
    pub fn at_round_trip(self, round_trip: Duration) -> Self {
        Self { round_trip, ..self }
    }

    /// Returns whether the report has no N+1 and no unused eager load. Hints are ignored.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.n_plus_one.is_empty() && self.wasted.is_empty()
    }

    /// Groups the N+1 findings by the line of the query. Findings about reloaded rows are separate groups, because
    /// they need another fix.
    pub(crate) fn by_origin(&self) -> Vec<Vec<&NPlusOne>> {
        let mut origins: Vec<Vec<&NPlusOne>> = Vec::new();
        let fix = |finding: &NPlusOne| (finding.origin, finding.is_reloaded, finding.is_preload);
        for finding in &self.n_plus_one {
            match origins.iter_mut().find(|findings| fix(findings[0]) == fix(finding)) {
                Some(findings) => findings.push(finding),
                None => origins.push(vec![finding]),
            }
        }
        origins
    }
}

/// Returns the load paths that are not a prefix of another one.
pub(crate) fn whole_paths<'a>(paths: impl Iterator<Item = &'a str> + Clone) -> Vec<&'a str> {
    let mut whole: Vec<&str> = Vec::new();
    for path in paths.clone() {
        if !whole.contains(&path) && !paths.clone().any(|other| begins(other, path)) {
            whole.push(path);
        }
    }
    whole
}

/// Returns whether the longer path starts with all steps of the shorter one.
pub(crate) fn begins(longer: &str, shorter: &str) -> bool {
    longer.strip_prefix(shorter).is_some_and(|rest| rest.starts_with('.'))
}

/// Formats one `.with(…)` per path, such as `.with(selectin(Customer::ORDERS).selectin(Order::ITEMS))`.
pub(crate) fn line_to_write(paths: &[&str]) -> String {
    paths.iter().map(|path| format!(".with({path})")).collect()
}

/// Formats the fix for the findings of one query.
fn fix(origin: CallSite, findings: &[&NPlusOne]) -> String {
    let paths = whole_paths(findings.iter().map(|finding| finding.load_path.as_str()));
    let mut text = String::new();
    let mut ways_back: Vec<_> =
        findings.iter().filter_map(|finding| Some((finding.relation, finding.way_back?))).collect();
    ways_back.dedup();
    for (back, there) in &ways_back {
        text += &format!(
            "\n  {back} leads back to the {} whose `{}` were read.\n  Use that row instead. It needs no statement.",
            there.parent.name, there.field
        );
    }
    let purpose = if ways_back.is_empty() { "To fix it" } else { "Or, to load everything together" };
    match findings[0].by_key {
        _ if findings[0].is_preload => {
            text += "\n  `session.preload` was called for one row at a time. Call it once, with all rows:";
            let mut relations: Vec<_> = findings.iter().map(|finding| finding.relation.constant()).collect();
            relations.dedup();
            for relation in relations {
                text += &format!("\n      session.preload(&rows, selectin({relation}))?;");
            }
        }
        _ if findings[0].is_reloaded => {
            text += &format!("\n  The rows were queried at {origin}, and then reloaded or given new keys.");
            text += "\n  Load their relations again for all rows together:";
            for path in paths {
                text += &format!("\n      session.preload(&rows, {path})?;");
            }
        }
        None => {
            text += &format!("\n  {purpose}, add this to the query at {origin}:");
            text += &format!("\n      {}", line_to_write(&paths));
        }
        Some(entity) => {
            text += &format!("\n  {purpose}, replace the `get` at {origin}:");
            text += &format!("\n      let query = {};", entity.query_by_key("eq(key)"));
            text += &format!("\n      session.one(query{})?", line_to_write(&paths));
        }
    }
    text
}

/// Formats the place of an access.
///
/// If the accessor was passed as a function (`.map(Customer::orders)`), the line is in the standard library.
/// Then the text names the function to look for.
fn access(relation: &'static RelationInfo, strategy: Strategy, at: CallSite) -> String {
    let place =
        Place { kind: Kind::Access, call: strategy.name(), relation: Some(relation), at, learned_from: None };
    match place.is_in_std() {
        true => format!("through a function (look for `{}::{}`)", relation.parent.name, relation.field),
        false => format!("at {at}"),
    }
}

/// Formats a finding as an error message of two lines.
pub(crate) fn in_words(finding: &NPlusOne) -> String {
    format!(
        "{}, accessed {}, is loaded with one statement per parent\n  help: {}",
        finding.relation,
        access(finding.relation, finding.strategy, finding.at),
        finding.advice
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<_> = self.findings().into_iter().map(|finding| finding.text).collect();
        f.write_str(&texts.join("\n\n"))
    }
}

impl Report {
    /// Returns the report as texts, one for each finding.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<_> = self.n_plus_one_sections().into_iter().map(Finding::problem).collect();
        if findings.is_empty() {
            findings.push(Finding::clean(format!("No N+1 in {}.", counted(self.statements, "statement"))));
        }
        findings.extend(self.wasted.iter().map(|wasted| Finding::problem(self.waste(wasted))));
        findings.extend(self.repetitions().into_iter().map(Finding::hint));
        findings.extend(self.duplicates.iter().map(duplicate).map(Finding::hint));
        findings
    }

    /// Returns the findings about statements; `None` if there are none.
    ///
    /// Unused eager loads are not included, because the rows can still be read later.
    pub(crate) fn of_statements(&self) -> Option<String> {
        let mut sections = self.n_plus_one_sections();
        sections.extend(self.repetitions());
        (!sections.is_empty()).then(|| sections.join("\n\n"))
    }

    /// Returns the hints about rows that were queried one by one, and about other similar statements.
    fn repetitions(&self) -> Vec<String> {
        let mut origins: Vec<(CallSite, Vec<&OneByOne>)> = Vec::new();
        for hint in &self.one_by_one {
            match origins.iter_mut().find(|(origin, _)| *origin == hint.origin) {
                Some((_, hints)) => hints.push(hint),
                None => origins.push((hint.origin, vec![hint])),
            }
        }
        let is_told = |similar: &&Similar| origins.iter().any(|(origin, _)| *origin == similar.at);
        let call = |at| self.similar.iter().find(|similar| similar.at == at).map(|similar| similar.call);
        let one_by_one = origins.iter().map(|(origin, hints)| one_by_one(*origin, call(*origin), hints));
        one_by_one.chain(self.similar.iter().filter(|similar| !is_told(similar)).map(similar)).collect()
    }

    fn n_plus_one_sections(&self) -> Vec<String> {
        let origins = self.by_origin().into_iter();
        origins.map(|findings| self.n_plus_one_at(findings[0].origin, &findings)).collect()
    }

    fn n_plus_one_at(&self, origin: CallSite, findings: &[&NPlusOne]) -> String {
        // A relation that is accessed at two lines is two findings.
        let is_first = |(index, finding): &(usize, &&NPlusOne)| {
            !findings[..*index].iter().any(|earlier| earlier.load_path == finding.load_path)
        };
        let relations = findings.iter().enumerate().filter(is_first).count() as u64;
        let verb = if relations == 1 { "is" } else { "are" };
        let mut text =
            format!("N+1: {} {verb} loaded with one statement per parent", counted(relations, "relation"));
        let names: Vec<_> = findings.iter().map(|finding| finding.relation.to_string()).collect();
        let width = names.iter().map(String::len).max().unwrap_or_default();
        for (finding, name) in findings.iter().zip(names) {
            let verb = if finding.at == finding.origin { "loaded" } else { "accessed" };
            let refused = if finding.refused { ", then refused" } else { "" };
            text += &format!(
                "\n  {name:width$}  {:>18}, {verb} {}{refused}",
                counted(finding.statements, "statement"),
                access(finding.relation, finding.strategy, finding.at)
            );
        }
        text += &fix(origin, findings);
        let sum = |count: fn(&NPlusOne) -> u64| findings.iter().map(|finding| count(finding)).sum::<u64>();
        let saved = sum(|finding| finding.statements).saturating_sub(sum(|finding| finding.needed));
        if findings.iter().any(|finding| finding.is_chunked) {
            text += "\n  The query reads its rows in chunks, and the path sends a statement for each chunk.";
            text += match saved {
                0 => "\n  So it saves statements only with larger chunks.",
                _ => "\n  Larger chunks need fewer statements.",
            };
        }
        if saved > 0 {
            text += &format!(
                "\n  This saves {} of {}. At {} per round trip, that is {} (modelled).",
                count(saved),
                counted(self.statements, "statement"),
                time(self.round_trip),
                time(Network::virtual_of(self.round_trip).modelled(saved))
            );
        }
        text
    }

    fn waste(&self, wasted: &Wasted) -> String {
        let is_within = |inner: &Wasted, outer: &Wasted| {
            inner.origin == outer.origin && begins(&inner.load_path, &outer.load_path)
        };
        let advice = match self.wasted.iter().find(|other| is_within(wasted, other)) {
            Some(above) => format!("The fix for {} removes this load too.", above.relation),
            None => format!(
                "In the query at {}, remove `{}`{}. If it is loaded by default, add `{}` instead.",
                wasted.origin,
                last_step(&wasted.load_path),
                match self.wasted.iter().any(|other| is_within(other, wasted)) {
                    true => " and the steps after it",
                    false => "",
                },
                lazily(wasted)
            ),
        };
        format!(
            "Unused eager load: {}, {}, {}, never accessed\n  {advice}",
            wasted.relation,
            counted(wasted.rows, "row"),
            bytes(wasted.bytes)
        )
    }
}

/// Formats the hint about the rows that one line queries one by one. `call` is the method that it calls.
fn one_by_one(origin: CallSite, call: Option<&str>, hints: &[&OneByOne]) -> String {
    let entity = hints[0].entity;
    let rows = hints.iter().map(|hint| hint.rows).max().unwrap_or_default();
    let by = call.map_or(String::new(), |call| format!(" by {call}"));
    let mut text = format!(
        "Hint, one by one: {} of {:?}, each queried alone{by} at {origin}",
        counted(rows, "row"),
        entity.table
    );
    let width = hints.iter().map(|hint| hint.relation.to_string().len()).max().unwrap_or_default();
    for hint in hints {
        text += &format!(
            "\n  {:width$}  {:>18}, accessed {}",
            hint.relation.to_string(),
            counted(hint.rows, "statement"),
            access(hint.relation, Strategy::Lazy, hint.at)
        );
    }
    let paths = whole_paths(hints.iter().map(|hint| hint.load_path.as_str()));
    let query = match hints[0].is_by_key {
        true => entity.query_by_key("in_(keys)"),
        false => format!("{}::select().filter(…)", entity.name),
    };
    text += "\n  If this is a loop, query the rows and their relations together:";
    text += &format!("\n      let query = {query};\n      session.all(query{})?", line_to_write(&paths));
    text + "\n  If each row belongs to a different request, nothing is wrong."
}

fn similar(similar: &Similar) -> String {
    let parameters = match similar.has_written_values {
        true => "\n  Do not write values into the text. Bind each as a parameter, and a list as one value.",
        false => "",
    };
    format!(
        "Hint, similar: {} of one shape, sent by {} at {}\n  {}\n  If this is a loop, send one statement for all rows.{parameters}",
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
        "Hint, duplicate: {} of a statement with the same values, at {}\n  {}{values}\n  Keep the result of the first statement.",
        counted(duplicate.repetitions, "repetition"),
        duplicate.at,
        shortened(&duplicate.sql)
    )
}

/// Returns the load path that overrides a default strategy, such as `.with(lazy(Customer::ORDERS))`.
fn lazily(wasted: &Wasted) -> String {
    let lazy = format!("lazy({})", wasted.relation.constant());
    match wasted.load_path.rfind(").") {
        Some(end) => format!(".with({}.{lazy})", &wasted.load_path[..=end]),
        None => format!(".with({lazy})"),
    }
}

/// Returns the code to remove: `.with(selectin(Customer::ORDERS))` for a path of one step, or the last step,
/// such as `.selectin(Order::ITEMS)`, for a longer path.
fn last_step(path: &str) -> String {
    match path.rfind(").") {
        Some(end) => path[end + 1..].to_owned(),
        None => format!(".with({path})"),
    }
}
