//! Advice on strategies: computes from a recording how much each strategy would have sent and read.
//!
//! A recording counts the parents and the related rows of each relation, and measures their size. From that,
//! `data_shape.rs` computes the statements, rows and bytes of each strategy. A join saves a statement but repeats the
//! parents' bytes. The cost grows with the width of the parents and with the number of rows per parent.
//!
//! Whether the statement or the bytes cost more depends on the database and the network. With a
//! [`CostModel`](crate::CostModel), which is measured, the advice predicts the time of each strategy.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};
use eagerly::numbers::{bytes, count, counted, time};
use eagerly::{CallSite, Strategy};
use eagerly::{RelationInfo, RelationKind};

use crate::cost::CostModel;
use crate::data_shape::{DataShape, Way};
use crate::recording::lanes::Lane;

/// The most characters of a line, without its indentation.
const WIDTH: usize = 78;

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
    /// The parents and their related rows. `accessed` counts the parents for which the relation was loaded.
    pub data: DataShape,
    /// What `lazy`, `immediate`, `batch`, `selectin`, `subquery` and `joined` send and read for this data, in this order.
    pub ways: [Way; 6],
    /// The number of other has-many relations of the same parents. If they are joined too, their rows
    /// multiply.
    pub siblings: u64,
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
    let used = lane.strategy.unwrap_or(Strategy::Lazy);
    let is_to_one = relation.kind == RelationKind::BelongsTo;
    // If the relation was loaded parent by parent, the statements count the accessed parents. Otherwise,
    // assume an access to all parents; this is too high for parents whose foreign key is NULL.
    let is_one_by_one = matches!(used, Strategy::Lazy | Strategy::Immediate);
    let accessed = if is_one_by_one { lane.statements } else { parent.rows };
    let are_all_known = if is_to_one { !is_one_by_one } else { accessed >= parent.rows };
    let data = DataShape {
        kind: relation.kind,
        queries,
        parents: parent.rows,
        accessed,
        parent_bytes: mean(parent),
        accessed_rows: if is_to_one { accessed } else { lane.rows },
        rows: are_all_known.then_some(lane.rows),
        row_bytes: mean(lane),
        childless: None,
    };
    Some(RelationShape {
        relation,
        origin: lane.origin,
        used,
        statements: lane.statements,
        data,
        ways: data.ways(),
        siblings: match relation.kind {
            RelationKind::HasMany => siblings,
            RelationKind::HasOne | RelationKind::BelongsTo => 0,
        },
    })
}

impl Advice {
    /// Returns the same advice with the predicted time of each strategy. The strategy with the shortest time is picked.
    ///
    /// The time includes the statement for the parents. Each relation is predicted as if the others were not loaded.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// use eagerly_watch::{CostModel, Recording};
    ///
    /// let recording = Recording::start(&session);
    /// page::rows(&session.all(Customer::select())?)?;
    /// let model = CostModel { round_trip: 1_000.0, ..CostModel::calibrate(&session)? };
    /// let advice = recording.advice().for_costs(&model).to_string();
    /// assert!(advice.contains("predicted"));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn for_costs<'a>(&'a self, model: &CostModel) -> TimedAdvice<'a> {
        TimedAdvice { advice: self, model: *model }
    }

    fn format(&self, f: &mut fmt::Formatter<'_>, model: Option<&CostModel>) -> fmt::Result {
        if self.relations.is_empty() {
            return f.write_str("No relation was loaded.");
        }
        for (index, shape) in self.relations.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            shape.format(f, model)?;
        }
        Ok(())
    }
}

/// An advice with the predicted time of each strategy. [`Advice::for_costs`] returns one, and
/// [`Display`](fmt::Display) formats it.
#[derive(Debug, Clone, Copy)]
pub struct TimedAdvice<'a> {
    advice: &'a Advice,
    model: CostModel,
}

impl fmt::Display for TimedAdvice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.advice.format(f, Some(&self.model))
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.format(f, None)
    }
}

impl fmt::Display for RelationShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.format(f, None)
    }
}

impl RelationShape {
    fn format(&self, f: &mut fmt::Formatter<'_>, model: Option<&CostModel>) -> fmt::Result {
        writeln!(
            f,
            "{}: {}, {}, {:.1} per parent\n  on average {:.0} bytes per parent, {:.0} bytes per row",
            self.relation,
            counted(self.data.parents, "parent"),
            counted(self.data.rows.unwrap_or(self.data.accessed_rows), "row"),
            self.data.fan_out(),
            self.data.parent_bytes,
            self.data.row_bytes
        )?;
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let predicted = model.map(|_| "predicted");
        let headings = ["", "statements", "rows read", "bytes read"].into_iter().chain(predicted).chain([""]);
        table.set_header(headings);
        for way in &self.ways {
            let amounts = [
                way.strategy.name().to_owned(),
                count(way.statements),
                format!("{}{}", way.bound.sign(), count(way.rows)),
                format!("{}{}", way.bound.sign(), bytes(way.bytes)),
            ];
            let predicted = model.map(|model| time(model.time(&self.data, way)));
            table.add_row(amounts.into_iter().chain(predicted).chain([self.remark(way)]));
        }
        let numbers = if model.is_some() { 4 } else { 3 };
        for column in table.column_iter_mut().skip(1).take(numbers) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let lines: Vec<_> = table.lines().map(|line| format!("  {}", line.trim_end())).collect();
        let mut verdict = model.map_or_else(|| self.verdict(), |model| self.verdict_for(model));
        if verdict.chars().count() > WIDTH {
            verdict = verdict.replace("; ", ";\n  ");
        }
        write!(f, "{}\n  {verdict}", lines.join("\n"))
    }

    fn remark(&self, way: &Way) -> String {
        let DataShape { parents, accessed, .. } = self.data;
        match way.strategy == self.used {
            true if accessed < parents => format!("<- used, for {} of the parents", count(accessed)),
            true => "<- used".to_owned(),
            false => String::new(),
        }
    }

    /// Returns the strategy with the shortest predicted time, in one line. Of several collections side by side, none is
    /// joined: each alone may be faster by `joined`, but together their rows multiply.
    fn verdict_for(&self, model: &CostModel) -> String {
        let pick = model.pick_of(&self.data, |strategy| strategy != Strategy::Joined || self.siblings == 0);
        let times = self.ways.iter().map(|way| (way.strategy, model.time(&self.data, way)));
        let of = |strategy| {
            times.clone().find(|(of, _)| *of == strategy).map(|(_, time)| time).unwrap_or_default()
        };
        let mut verdict = match pick == self.used {
            true => format!("{pick}: {} predicted, the shortest time", time(of(pick))),
            false => {
                format!(
                    "{pick}: {} predicted instead of {} by {}",
                    time(of(pick)),
                    time(of(self.used)),
                    self.used
                )
            }
        };
        if self.siblings > 0 {
            let others = counted(self.siblings, "other collection");
            verdict += &format!("; joined together with {others}, its rows would multiply");
        }
        verdict
    }

    /// Returns the recommendation in one line.
    fn verdict(&self) -> String {
        let [lazy, _, _, selectin, _, joined] = &self.ways;
        let DataShape { parents, accessed, .. } = self.data;
        if accessed < parents && self.relation.kind != RelationKind::BelongsTo {
            return format!(
                "accessed on {} of {} parents: lazy sent {}; the other strategies would load it for all parents",
                count(accessed),
                count(parents),
                counted(lazy.statements, "statement")
            );
        }
        if self.siblings > 0 {
            return format!(
                "selectin: {} for {}; joined together with {}, its rows would multiply",
                counted(selectin.statements, "statement"),
                counted(parents, "parent"),
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
