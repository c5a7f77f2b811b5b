//! Advice on strategies: computes from a recording how much each strategy would have sent and read.
//!
//! For P parents with R related rows:
//!
//! | strategy | statements | rows read, including the parents | bytes |
//! |---|---|---|---|
//! | `lazy` | P, or the number of accessed parents | P + R | P parents + R rows |
//! | `selectin` | 1 for each query or chunk of parents | P + R | P parents + R rows |
//! | `joined`, to many | 0 | R, or P if there are more parents | each parent is repeated for each of its rows |
//! | `joined`, to one | 0 | P | each row is repeated for each of its parents |
//!
//! So a join saves a statement but reads more bytes. The cost grows with the width of the parents and with
//! the number of rows per parent.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};
use eagerly::numbers::{bytes, count, counted};
use eagerly::{CallSite, Strategy};
use eagerly::{RelationInfo, RelationKind};

use crate::recording::lanes::Lane;

/// The cost of each strategy for each relation of a recording.
///
/// [`Display`](fmt::Display) formats a table and a recommendation for each relation.
#[derive(Debug, Clone)]
pub struct Advice {
    /// The relations that were loaded, one entry for each load path. Filtered parts of a relation are not
    /// included.
    pub relations: Vec<RelationShape>,
}

/// The amount of data on both sides of one relation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RelationShape {
    /// The relation, such as `Customer.orders`.
    pub relation: &'static RelationInfo,
    /// The line of the query at the start of the load path.
    pub origin: CallSite,
    /// The strategy that loaded the relation in the recording.
    pub used: Strategy,
    /// The number of statements that this strategy sent.
    pub statements: u64,
    /// The number of parent rows.
    pub parents: u64,
    /// The number of parents for which the relation was loaded. With `lazy`, it can be less than `parents`.
    pub asked: u64,
    /// The mean size of a parent's values in bytes.
    pub parent_bytes: f64,
    /// The number of related rows that were read.
    pub rows: u64,
    /// The mean size of a related row's values in bytes.
    pub row_bytes: f64,
    /// The costs of `lazy`, `selectin` and `joined` for this data, in this order.
    pub ways: [Way; 3],
    /// The number of other has-many relations of the same parents. If they are joined too, their rows
    /// multiply.
    pub siblings: u64,
}

/// The cost of one strategy for a relation.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// The strategy: `lazy`, `selectin` or `joined`.
    pub strategy: Strategy,
    /// The number of statements, without the statement for the parents.
    pub statements: u64,
    /// The number of rows read, including the parents.
    pub rows: u64,
    /// The size of the values of these rows in bytes.
    pub bytes: u64,
    /// The precision of `rows` and `bytes`.
    pub bound: Bound,
}

/// The precision of a computed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The number is exact.
    Exactly,
    /// The real number can be higher: a join also returns a row for each parent without children.
    AtLeast,
    /// The real number can be lower: `lazy` can read the same row several times, and `selectin` does not.
    AtMost,
}

impl Bound {
    fn sign(self) -> &'static str {
        match self {
            Self::Exactly => "",
            Self::AtLeast => "≥ ",
            Self::AtMost => "≤ ",
        }
    }
}

impl RelationShape {
    /// Returns the mean number of related rows per parent.
    #[must_use]
    pub fn fan_out(&self) -> f64 {
        self.rows as f64 / self.parents.max(1) as f64
    }
}

impl Advice {
    pub(crate) fn of(lanes: &[Lane]) -> Self {
        let with_parents = lanes.iter().filter_map(|lane| Some((lane, lane.parent?)));
        let shapes = with_parents.filter_map(|(lane, parent)| {
            let is_sibling = |other: &&Lane| {
                other.parent == Some(parent)
                    && !other.is_part
                    && !std::ptr::eq(*other, lane)
                    && other.relation.is_some_and(|other| other.kind == RelationKind::HasMany)
            };
            let siblings = lanes.iter().filter(is_sibling).count() as u64;
            shape(lane, &lanes[parent], queries(lanes, parent), siblings)
        });
        Self { relations: shapes.collect() }
    }
}

/// Returns how often the query at the root of a lane ran. Each chunk of a query counts, because a path sends a statement
/// for each.
fn queries(lanes: &[Lane], lane: usize) -> u64 {
    let mut first = &lanes[lane];
    while let Some(parent) = first.parent {
        first = &lanes[parent];
    }
    first.cohorts.max(1)
}

fn shape(lane: &Lane, parent: &Lane, queries: u64, siblings: u64) -> Option<RelationShape> {
    let relation = lane.relation?;
    // Only `selectin` can load a part, so there is no choice. A mixed lane or the overflow lane combines
    // several relations, so its numbers are useless for any of them.
    let is_unclear = |lane: &Lane| lane.is_mixed || lane.is_other;
    if lane.cohorts == 0 || parent.rows == 0 || lane.is_part || is_unclear(lane) || is_unclear(parent) {
        return None;
    }
    let mean = |lane: &Lane| lane.bytes as f64 / lane.rows.max(1) as f64;
    let (parents, rows) = (parent.rows, lane.rows);
    let (parent_bytes, row_bytes) = (mean(parent), mean(lane));
    let weight =
        |parents: u64, rows: u64| (parents as f64 * parent_bytes + rows as f64 * row_bytes).round() as u64;
    let (rows_of_join, joined_bytes) = match relation.kind {
        RelationKind::BelongsTo => (parents, weight(parents, parents)),
        RelationKind::HasMany | RelationKind::HasOne => (parents.max(rows), weight(parents.max(rows), rows)),
    };
    let way = |strategy, statements, rows, bytes, bound| Way { strategy, statements, rows, bytes, bound };
    let used = lane.strategy.unwrap_or(Strategy::Lazy);
    let is_one_by_one = matches!(used, Strategy::Lazy | Strategy::Immediate);
    // If the relation was loaded parent by parent, the statements count the accessed parents. Otherwise,
    // assume an access to all parents; this is too high for parents whose foreign key is NULL.
    let asked = if is_one_by_one { lane.statements } else { parents };
    let is_to_one = relation.kind == RelationKind::BelongsTo;
    let lazily_read = if is_to_one { asked } else { rows };
    let (of_lazy, of_selectin, of_join) = match (is_to_one, is_one_by_one) {
        (true, true) => (Bound::Exactly, Bound::AtMost, Bound::Exactly),
        (true, false) => (Bound::AtMost, Bound::Exactly, Bound::Exactly),
        (false, true) if asked < parents => (Bound::Exactly, Bound::AtLeast, Bound::AtLeast),
        (false, _) => (Bound::Exactly, Bound::Exactly, Bound::AtLeast),
    };
    Some(RelationShape {
        relation,
        origin: lane.origin,
        used,
        statements: lane.statements,
        parents,
        asked,
        parent_bytes,
        rows,
        row_bytes,
        ways: [
            way(Strategy::Lazy, asked, parents + lazily_read, weight(parents, lazily_read), of_lazy),
            way(Strategy::Selectin, queries, parents + rows, weight(parents, rows), of_selectin),
            way(Strategy::Joined, 0, rows_of_join, joined_bytes, of_join),
        ],
        siblings: match relation.kind {
            RelationKind::HasMany => siblings,
            RelationKind::HasOne | RelationKind::BelongsTo => 0,
        },
    })
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.relations.is_empty() {
            return f.write_str("No relation was loaded.");
        }
        for (index, shape) in self.relations.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{shape}")?;
        }
        Ok(())
    }
}

impl fmt::Display for RelationShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {}, {}, {:.1} per parent; on average {:.0} bytes per parent, {:.0} bytes per row",
            self.relation,
            counted(self.parents, "parent"),
            counted(self.rows, "row"),
            self.fan_out(),
            self.parent_bytes,
            self.row_bytes
        )?;
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["", "statements", "rows read", "bytes read", ""]);
        for way in &self.ways {
            table.add_row([
                way.strategy.name().to_owned(),
                count(way.statements),
                format!("{}{}", way.bound.sign(), count(way.rows)),
                format!("{}{}", way.bound.sign(), bytes(way.bytes)),
                self.remark(way),
            ]);
        }
        for column in table.column_iter_mut().skip(1).take(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let lines: Vec<_> = table.lines().map(|line| format!("  {}", line.trim_end())).collect();
        write!(f, "{}\n  {}", lines.join("\n"), self.verdict())
    }
}

impl RelationShape {
    fn remark(&self, way: &Way) -> String {
        let is_used =
            way.strategy == self.used || (way.strategy == Strategy::Lazy && self.used == Strategy::Immediate);
        let is_like_selectin =
            way.strategy == Strategy::Selectin && matches!(self.used, Strategy::Batch | Strategy::Subquery);
        match (is_used, is_like_selectin) {
            (true, _) if self.asked < self.parents => {
                format!("<- used, for {} of the parents", count(self.asked))
            }
            (true, _) => "<- used".to_owned(),
            (_, true) => format!("<- same as {}, which was used", self.used),
            _ => String::new(),
        }
    }

    /// Returns the recommendation in one line.
    fn verdict(&self) -> String {
        let [lazy, selectin, joined] = &self.ways;
        if self.asked < self.parents && self.relation.kind != RelationKind::BelongsTo {
            return format!(
                "accessed on {} of {} parents: lazy sent {}; the other strategies would load it for all parents",
                count(self.asked),
                count(self.parents),
                counted(lazy.statements, "statement")
            );
        }
        if self.siblings > 0 {
            return format!(
                "selectin: {} for {}; joined together with {}, its rows would multiply",
                counted(selectin.statements, "statement"),
                counted(self.parents, "parent"),
                counted(self.siblings, "other collection")
            );
        }
        if lazy.statements <= selectin.statements {
            return "lazy is as good as any: accessed on one parent per query or chunk".to_owned();
        }
        let more = joined.bytes.saturating_sub(selectin.bytes);
        let price = match more {
            0 => "and no more bytes to read".to_owned(),
            more => format!("but {} more to read", bytes(more)),
        };
        match more * 5 > selectin.bytes {
            true => format!(
                "selectin: {} instead of {}; joined: none, {price}",
                counted(selectin.statements, "statement"),
                count(lazy.statements),
            ),
            false => format!(
                "joined: no extra statement instead of {}, {price}; selectin: {}",
                count(lazy.statements),
                counted(selectin.statements, "statement")
            ),
        }
    }
}
