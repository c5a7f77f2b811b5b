//! The report in Markdown: the model and its error, selectin and joined beside each other, and every cell.

use std::time::Duration;

use eagerly::numbers::{count, time};

use crate::data::PARENTS;
use crate::figures::{Cell, Figure, Figures, named, per_parent, share, width};

/// Returns the whole report. `machine` is a sentence.
pub fn markdown(figures: &Figures, machine: &str) -> String {
    let databases = figures.databases();
    let parts = databases.iter().map(|database| {
        format!(
            "\n## {database}: selectin or joined?\n\n{}\n## {database}: picks\n\n{}\n## {database}: every strategy\n\n{}",
            selectin_or_joined(figures, database),
            picks(figures, database),
            every_strategy(figures, database),
        )
    });
    format!(
        "# The grid: predicted and measured\n\n{machine} {}\n{}\n{}{}",
        explanation(figures),
        model(figures),
        score(figures),
        parts.collect::<String>()
    )
}

fn explanation(figures: &Figures) -> String {
    format!(
        "A page queries {PARENTS} parents, and accesses the children of some of them. *Predicted* is the time from the \
         shape of the data and the model below. In each of 3 to 200 rounds, \
         every strategy takes one turn. *Measured* is the fastest turn. The median turn takes {:.0} % longer (median of all). On SQLite, each statement really waits for the round \
         trip. On PostgreSQL, a proxy adds it. The statements, rows and objects of each cell are predicted exactly. The \
         program counts them and stops at the first difference.\n\n\
         ![The strategy that the model picks in each cell](grid.svg)\n",
        (figures.spread() - 1.0) * 100.0
    )
}

fn model(figures: &Figures) -> String {
    let names = figures.models.first().map(|first| named(&first.model).map(|(name, _)| format!("`{name}`")));
    let headings = names.into_iter().flatten().collect::<Vec<_>>();
    let rows = figures.models.iter().map(|of| {
        let constants = named(&of.model).map(|(name, value)| match name {
            "commit" => count(value as u64),
            "byte" | "repeated_byte" => format!("{value:.4}"),
            _ if value < 10.0 => format!("{value:.2}"),
            _ => count(value.round() as u64),
        });
        let place = [of.database.to_owned(), format!("{} ms", of.added_ms)];
        let took = time(Duration::from_secs_f64(of.took_ms / 1e3));
        place.into_iter().chain(constants).chain([took]).collect()
    });
    let headings: Vec<_> = ["database", "added"]
        .map(str::to_owned)
        .into_iter()
        .chain(headings)
        .chain(["calibrated in".to_owned()])
        .collect();
    format!(
        "## The model\n\n```text\n\
         time = round trips × round_trip + transactions × transaction + statements × statement\n     \
         + objects × row + their bytes × byte + joined rows × joined_row + repeated bytes × repeated_byte\n```\n\n\
         `CostModel::calibrate` measured these constants once for each database and round trip, before the first cell. All \
         are in µs, except `commit`, which is the number of round trips that end a snapshot.\n\n{}",
        table(&headings, 1, rows)
    )
}

fn score(figures: &Figures) -> String {
    let headings = ["database", "cells", "within 15 %", "share", "worst pick", "error of a time, median"];
    let row = |name: &str, cells: &[&Cell]| {
        let good = cells.iter().filter(|cell| cell.is_good()).count();
        let worst = cells.iter().map(|cell| cell.off()).fold(1.0, f64::max);
        vec![
            name.to_owned(),
            count(cells.len() as u64),
            count(good as u64),
            format!("{:.1} %", 100.0 * good as f64 / cells.len() as f64),
            format!("{worst:.2} × the best"),
            format!("{:.0} %", 100.0 * median_error(cells)),
        ]
    };
    let databases = figures.databases();
    let rows = databases.iter().map(|database| row(database, &figures.of(database)));
    let all: Vec<_> = figures.cells.iter().collect();
    format!(
        "## The score\n\nIn how many cells is the picked strategy at most 15 % slower than the measured best one? The error \
         of a time is |predicted ÷ measured − 1|, over all strategies.\n\n{}",
        table(&headings.map(str::to_owned), 1, rows.chain([row("all", &all)]))
    )
}

fn median_error(cells: &[&Cell]) -> f64 {
    let ways = cells.iter().flat_map(|cell| &cell.ways);
    let mut errors: Vec<_> = ways.map(|way| (way.predicted_ms / way.measured_ms - 1.0).abs()).collect();
    errors.sort_by(f64::total_cmp);
    errors.get(errors.len() / 2).copied().unwrap_or_default()
}

/// Compares the two strategies, whose times do not depend on the share of the parents.
fn selectin_or_joined(figures: &Figures, database: &str) -> String {
    let cells = figures.of(database).into_iter().filter(|cell| cell.one_in == 1).collect::<Vec<_>>();
    let rows = rows(
        &cells,
        |cell| (cell.fan_out, cell.bytes),
        |cell| {
            let of = |strategy| cell.of(strategy);
            let ratio = |value: &dyn Fn(&Figure) -> f64| value(of("joined")) / value(of("selectin"));
            format!("{:.2} ({:.2})", ratio(&|way| way.measured_ms), ratio(&|way| way.predicted_ms))
        },
    );
    let rows = rows
        .into_iter()
        .map(|(cell, ratios)| [vec![per_parent(cell.fan_out), width(cell.bytes)], ratios].concat());
    format!(
        "The time of `joined` ÷ the time of `selectin`, measured, and predicted in brackets. Below 1, `joined` is \
         faster.\n\n{}",
        anchored(database, &table(&headings(&["children", "rows"], figures), 2, rows))
    )
}

fn picks(figures: &Figures, database: &str) -> String {
    let cells = figures.of(database);
    let rows = rows(
        &cells,
        |cell| (cell.fan_out, cell.bytes, cell.one_in),
        |cell| {
            let (pick, best) = (cell.of(cell.pick), cell.best());
            let more = format!("{:.0} %", (cell.off() - 1.0) * 100.0);
            match (cell.pick == best.strategy.name(), cell.is_good()) {
                (true, _) => format!("{} {}", cell.pick, ms(pick.measured_ms)),
                (false, true) => format!("{} {}, +{more}", cell.pick, ms(pick.measured_ms)),
                (false, false) => {
                    format!(
                        "**{}** {}, +{more}: {} {}",
                        cell.pick,
                        ms(pick.measured_ms),
                        best.strategy,
                        ms(best.measured_ms)
                    )
                }
            }
        },
    );
    let rows = rows.into_iter().map(|(cell, cells)| {
        [vec![per_parent(cell.fan_out), width(cell.bytes), share(cell.one_in)], cells].concat()
    });
    format!(
        "The picked strategy and its measured time, by the added round trip. `+7 %` is how much longer it took than the best \
         strategy. A bold pick took over 15 % longer, and the best strategy follows it.\n\n{}",
        table(&headings(&["children", "rows", "accessed"], figures), 3, rows)
    )
}

fn every_strategy(figures: &Figures, database: &str) -> String {
    let cells = figures.of(database);
    let of_all = cells.iter().filter(|cell| cell.one_in == 1);
    let pair = |way: &Figure| format!("{} / {}", ms(way.predicted_ms), ms(way.measured_ms));
    let rows = of_all.map(|cell| {
        let place = [per_parent(cell.fan_out), width(cell.bytes), format!("{} ms", cell.added_ms)];
        let same = cells.iter().filter(|other| {
            (other.fan_out, other.bytes, other.added_ms) == (cell.fan_out, cell.bytes, cell.added_ms)
        });
        let lazy = same.map(|cell| pair(cell.of("lazy")));
        let others = cell.ways.iter().filter(|way| way.strategy.name() != "lazy").map(pair);
        place.into_iter().chain(lazy).chain(others).collect()
    });
    let of_cell = |cell: &&&Cell| cell.one_in == 1;
    let others = cells.iter().find(of_cell).map(|cell| cell.ways.iter().map(|way| way.strategy.name()));
    let others = others.into_iter().flatten().filter(|name| *name != "lazy").map(str::to_owned);
    let lazy = figures.shares().into_iter().map(|one_in| format!("lazy, {}", share(one_in)));
    let headings: Vec<_> =
        ["children", "rows", "round trip"].map(str::to_owned).into_iter().chain(lazy).chain(others).collect();
    format!(
        "Predicted / measured. Only the time of `lazy` depends on the share of the parents that the page accesses. The \
         others are measured with an access to all parents.\n\n{}",
        table(&headings, 3, rows)
    )
}

/// Returns the cells that have the same `place` as a row: its first cell, and the text of each.
fn rows<'c, K: PartialEq>(
    cells: &[&'c Cell],
    place: impl Fn(&Cell) -> K,
    text: impl Fn(&Cell) -> String,
) -> Vec<(&'c Cell, Vec<String>)> {
    let mut rows: Vec<(&Cell, Vec<String>)> = Vec::new();
    for cell in cells {
        match rows.iter_mut().find(|(first, _)| place(first) == place(cell)) {
            Some((_, texts)) => texts.push(text(cell)),
            None => rows.push((*cell, vec![text(cell)])),
        }
    }
    rows
}

/// Returns the headings of a table with a column for each round trip.
fn headings(first: &[&str], figures: &Figures) -> Vec<String> {
    let round_trips = figures.round_trips().into_iter().map(|added| format!("{added} ms"));
    first.iter().map(|&heading| heading.to_owned()).chain(round_trips).collect()
}

/// Returns a table, of which the first `left` columns are aligned to the left.
fn table(headings: &[String], left: usize, rows: impl Iterator<Item = Vec<String>>) -> String {
    let rule: String =
        (0..headings.len()).map(|column| if column < left { "---|" } else { "--:|" }).collect();
    let lines: Vec<_> = rows.map(|cells| format!("| {} |\n", cells.join(" | "))).collect();
    format!("| {} |\n|{rule}\n{}", headings.join(" | "), lines.concat())
}

/// Marks a table for the book, which includes it.
fn anchored(database: &str, table: &str) -> String {
    format!("<!-- ANCHOR: {database} -->\n\n{table}\n<!-- ANCHOR_END: {database} -->\n")
}

/// Formats milliseconds with three digits.
fn ms(milliseconds: f64) -> String {
    time(Duration::from_secs_f64(milliseconds / 1e3))
}
