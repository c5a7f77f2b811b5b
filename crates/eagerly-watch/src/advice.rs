//! Advice by the shape of the data: what each strategy would have sent and read, reckoned from what was recorded.
//!
//! For P parents with R related rows:
//!
//! | way | statements | rows read, the parents' included | bytes |
//! |---|---|---|---|
//! | `lazy` | P, or as many as are asked | P + R | P parents + R rows |
//! | `selectin` | 1 for each query of parents | P + R | P parents + R rows |
//! | `joined`, to many | 0 | R, or P if there are more parents | each parent again with each of its rows |
//! | `joined`, to one | 0 | P | each row again with each of its parents |
//!
//! So a join saves a statement and pays in bytes; the wider the parents and the more rows they have, the more.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};
use eagerly::relation::{RelationInfo, RelationKind};
use eagerly::text::{bytes, count, counted};
use eagerly::{CallSite, Strategy};

use crate::recording::lanes::Lane;

/// What was seen of each relation, and what each strategy would have cost.
#[derive(Debug, Clone)]
pub struct Advice {
    /// A relation for each path that was followed.
    pub relations: Vec<RelationShape>,
}

/// The shape of the data along one relation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RelationShape {
    /// The relation.
    pub relation: &'static RelationInfo,
    /// Where the first parents on the way here were queried.
    pub origin: CallSite,
    /// How it was loaded.
    pub used: Strategy,
    /// The statements that it took.
    pub statements: u64,
    /// The rows that it starts from.
    pub parents: u64,
    /// Of how many of them it was loaded; of all, if it was loaded for all together.
    pub asked: u64,
    /// What a parent's values weigh in the mean, in bytes.
    pub parent_bytes: f64,
    /// The rows that it leads to, as they were read.
    pub rows: u64,
    /// What such a row's values weigh in the mean, in bytes.
    pub row_bytes: f64,
    /// What `lazy`, `selectin` and `joined` cost for this data.
    pub ways: [Way; 3],
    /// How many other relations lead to many rows from the same parents: joined side by side, they multiply.
    pub siblings: u64,
}

/// What a strategy costs for a relation.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// The strategy.
    pub strategy: Strategy,
    /// The statements, but for that of the parents.
    pub statements: u64,
    /// The rows that are read, those of the parents included.
    pub rows: u64,
    /// What their values weigh.
    pub bytes: u64,
    /// How exactly rows and bytes are known.
    pub bound: Bound,
}

/// How exactly a figure is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// It is the number.
    Exactly,
    /// It may be more: a join has a row for each parent without children, too.
    AtLeast,
    /// It may be less: rows that were loaded lazily for several parents are read once.
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
    /// How many related rows a parent has, in the mean.
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
                    && other
                        .relation
                        .is_some_and(|other| other.kind == RelationKind::HasMany)
            };
            let siblings = lanes.iter().filter(is_sibling).count() as u64;
            shape(lane, &lanes[parent], queries(lanes, parent), siblings)
        });
        Self {
            relations: shapes.collect(),
        }
    }
}

/// How many queries of the program led to a lane.
fn queries(lanes: &[Lane], lane: usize) -> u64 {
    let mut first = &lanes[lane];
    while let Some(parent) = first.parent {
        first = &lanes[parent];
    }
    first.cohorts.max(1)
}

fn shape(lane: &Lane, parent: &Lane, queries: u64, siblings: u64) -> Option<RelationShape> {
    let relation = lane.relation?;
    // Parts are asked for by `selectin` alone: there is nothing to choose. Of what stands for several, nothing is known.
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
    let way = |strategy, statements, rows, bytes, bound| Way {
        strategy,
        statements,
        rows,
        bytes,
        bound,
    };
    let used = lane.strategy.unwrap_or(Strategy::Lazy);
    let is_one_by_one = matches!(used, Strategy::Lazy | Strategy::Immediate);
    // Loaded one by one, it is known of how many parents; else it would be of all, but for those that point to nothing.
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
            way(
                Strategy::Lazy,
                asked,
                parents + lazily_read,
                weight(parents, lazily_read),
                of_lazy,
            ),
            way(
                Strategy::Selectin,
                queries,
                parents + rows,
                weight(parents, rows),
                of_selectin,
            ),
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
            "{}: {}, {}, {:.1} for each; a parent weighs {:.0} bytes, a row {:.0}",
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
        let lines: Vec<_> = table
            .lines()
            .map(|line| format!("  {}", line.trim_end()))
            .collect();
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
                format!("<- as it was, for {} of the parents", count(self.asked))
            }
            (true, _) => "<- as it was".to_owned(),
            (_, true) => format!("<- as it was, by {}", self.used),
            _ => String::new(),
        }
    }

    /// What the figures come to.
    fn verdict(&self) -> String {
        let [lazy, selectin, joined] = &self.ways;
        if self.asked < self.parents && self.relation.kind != RelationKind::BelongsTo {
            return format!(
                "it was asked for of {} of {} parents: lazy sent {}, the others would load it for all",
                count(self.asked),
                count(self.parents),
                counted(lazy.statements, "statement")
            );
        }
        if self.siblings > 0 {
            return format!(
                "selectin: {} for {}; joined beside {}, its rows would multiply",
                counted(selectin.statements, "statement"),
                counted(self.parents, "parent"),
                counted(self.siblings, "other collection")
            );
        }
        if lazy.statements <= selectin.statements {
            return "lazy is as good as any: it was asked for of one parent to a query".to_owned();
        }
        let more = joined.bytes.saturating_sub(selectin.bytes);
        let price = match more {
            0 => "at no more to read".to_owned(),
            more => format!("but {} more to read", bytes(more)),
        };
        match more * 5 > selectin.bytes {
            true => format!(
                "selectin: {} instead of {}; joined, none at all, {price}",
                counted(selectin.statements, "statement"),
                count(lazy.statements),
            ),
            false => format!(
                "joined: no statement of its own instead of {}, {price}; selectin: {}",
                count(lazy.statements),
                counted(selectin.statements, "statement")
            ),
        }
    }
}
