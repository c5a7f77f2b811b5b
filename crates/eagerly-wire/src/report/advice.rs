//! What to do about N+1, in the words of some ORMs.
//!
//! The wire shows tables and columns, but not the names of the application's classes and relations. So the names are made
//! from those of the tables, as most applications do: `order_items` becomes `OrderItem`.

use crate::findings::{Finding, Kind};
use crate::sql::{is_aggregate, is_limited, singular, table};

/// A relation of the path that should be loaded, for example `Customer.orders`.
struct Step {
    class: String,
    relation: String,
    is_to_one: bool,
}

/// Returns lines of advice for the findings of a page. Findings whose rows come from each other are one path.
pub(super) fn lines(findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    let is_cause = |finding: &&Finding| finding.kind == Kind::NPlusOne && !finding.is_hint;
    let causes: Vec<_> = findings.iter().filter(is_cause).collect();
    for last in &causes {
        // A path ends where no other finding goes on from its rows.
        if causes.iter().any(|other| other.from_shape == last.shape && other.shape != last.shape) {
            continue;
        }
        let mut path = vec![*last];
        while let Some(before) =
            causes.iter().find(|one| Some(&one.shape) == path.last().map(|step| &step.from_shape))
            && path.len() < causes.len()
        {
            path.push(before);
        }
        let steps: Option<Vec<_>> = path.iter().rev().map(|finding| Step::of(finding)).collect();
        if let Some(steps) = steps {
            lines.extend(in_orms(&steps));
        }
    }
    lines.dedup();
    lines
}

/// Returns a shape that loads the rows for all keys at once, if the shape compares one column with the parameter. An
/// aggregate would need a `GROUP BY`, and a limit holds for each key.
pub(super) fn at_once(finding: &Finding) -> Option<String> {
    let compared = format!("= {}", finding.parameter);
    let is_alone = finding.kind == Kind::NPlusOne
        && !finding.parameter.contains(',')
        && !is_aggregate(&finding.shape)
        && !is_limited(&finding.shape);
    let (before, after) = finding.shape.split_once(&compared).filter(|_| is_alone)?;
    // `$1` is also the beginning of `$10`.
    if after.starts_with(|next: char| next.is_ascii_digit()) {
        return None;
    }
    // A cast of the key becomes one of the list.
    let (cast, after) = match after.strip_prefix("::") {
        Some(rest) => {
            let end = rest.find(|next: char| !(next.is_alphanumeric() || next == '_')).unwrap_or(rest.len());
            (format!("::{}[]", &rest[..end]), &rest[end..])
        }
        None => (String::new(), after),
    };
    Some(format!("{before}= ANY({}{cast}){after}", finding.parameter))
}

impl Step {
    /// Returns `None` if the statements load no related rows that an ORM has a name for: an aggregate, rows of a function, or
    /// the same rows again.
    fn of(finding: &Finding) -> Option<Self> {
        let is_name = |name: &String| name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
        let (from, to) =
            (table(&finding.from_shape).filter(is_name)?, table(&finding.shape).filter(is_name)?);
        let is_again = from == to && finding.column.as_deref() == Some(&finding.from_column);
        if is_again || is_aggregate(&finding.shape) {
            return None;
        }
        // Django names a table after the application, too: `shop_author`.
        let prefix = from.split_once('_').map(|(prefix, _)| format!("{prefix}_")).unwrap_or_default();
        let is_common =
            !prefix.is_empty() && from.starts_with(&prefix) && to.starts_with(&prefix) && from != to;
        let cut = if is_common { prefix.len() } else { 0 };
        let (from, to) = (&from[cut..], &to[cut..]);
        let relation = match finding.from_column.strip_suffix("_id") {
            Some(name) if finding.is_to_one => name.to_owned(),
            _ if finding.is_to_one => singular(to),
            _ => to.to_owned(),
        };
        Some(Self { class: class(from), relation, is_to_one: finding.is_to_one })
    }
}

fn in_orms(steps: &[Step]) -> Vec<String> {
    let relations: Vec<_> = steps.iter().map(|step| step.relation.as_str()).collect();
    let django = if steps.iter().all(|step| step.is_to_one) { "select_related" } else { "prefetch_related" };
    let alchemy: Vec<_> =
        steps.iter().map(|step| format!("selectinload({}.{})", step.class, step.relation)).collect();
    let rails = relations.iter().rev().fold(String::new(), |inner, relation| match inner.as_str() {
        "" => format!(":{relation}"),
        _ if inner.starts_with(':') => format!("{relation}: {inner}"),
        _ => format!("{relation}: {{ {inner} }}"),
    });
    vec![
        format!("Django      {django}(\"{}\")", relations.join("__")),
        format!("SQLAlchemy  {}", alchemy.join(".")),
        format!("Rails       includes({rails})"),
    ]
}

/// Returns the name of a class for a table.
fn class(table: &str) -> String {
    let words = singular(table);
    words
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}
