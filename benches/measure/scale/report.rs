//! The results as tables, on the terminal and in Markdown, and as charts.

use std::time::Duration;

use anyhow::Result;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use eagerly::numbers::{bytes, count, time};
use plotters::style::RGBColor;

use crate::figures::{Figures, OfShare, PerRow};
use crate::shares::ONE_IN;
use crate::svg::{self, Chart, Line, Look};
use crate::way::{ALL, CHUNK};

/// A colour for each size in the chart of the shares. People with colour blindness can distinguish them.
const SERIES: [RGBColor; 4] =
    [RGBColor(213, 94, 0), RGBColor(230, 159, 0), RGBColor(0, 114, 178), RGBColor(0, 158, 115)];
const GREY: RGBColor = RGBColor(148, 148, 148);

/// A table of the report.
struct Section {
    heading: &'static str,
    text: String,
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// Returns the tables for a terminal.
pub fn tables(figures: &Figures) -> Result<String> {
    let width = u16::try_from(terminal::width())?;
    let tables = sections(figures).into_iter().map(|section| {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
        table.set_header(section.headings);
        table.add_rows(section.rows);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        format!("{}\n{table}\n", section.heading)
    });
    Ok(tables.collect::<Vec<_>>().join("\n"))
}

/// Returns the report and its charts, each with the name of its file.
pub fn files(figures: &Figures, machine: &str) -> Result<Vec<(&'static str, String)>> {
    let sections = sections(figures).into_iter().map(|section| {
        let lines: Vec<_> = section.rows.iter().map(|cells| format!("| {} |", cells.join(" | "))).collect();
        format!(
            "\n## {}\n\n{}\n\n| {} |\n|---{}|\n{}\n",
            section.heading,
            section.text,
            section.headings.join(" | ").replace('\n', " "),
            "|--:".repeat(section.headings.len() - 1),
            lines.join("\n")
        )
    });
    let report = format!(
        "# Measured at scale\n\n{machine} Each way took one turn in each round. A time is the median of the rounds. \
         Statements are exact; times are from this machine.\n{}",
        sections.collect::<String>()
    );
    Ok(vec![("scale.md", report), ("scale.svg", by_size(figures)?), ("shares.svg", by_share(figures)?)])
}

fn sections(figures: &Figures) -> [Section; 3] {
    let sizes = figures.sizes.iter().map(|of| {
        let per_row = of.peak_bytes.map(|peak| {
            let bytes = peak as f64 / of.rows as f64;
            if bytes < 9.95 { format!("{bytes:.1}") } else { format!("{bytes:.0}") }
        });
        vec![
            of.way.to_owned(),
            count(of.customers.into()),
            count(of.statements),
            count(of.rounds.into()),
            nanoseconds(of.times.median_ns),
            range(of.times),
            of.peak_bytes.map_or("–".to_owned(), bytes),
            per_row.unwrap_or("–".to_owned()),
        ]
    });
    let caches = figures.caches.iter().map(|of| {
        vec![
            format!("{}, {}", of.way, of.cache),
            count(of.customers.into()),
            nanoseconds(of.times.median_ns),
            range(of.times),
        ]
    });
    let shares = figures.shares.iter().map(|of| {
        let relative = |ms: f64| format!("{:.2}", ms / of.whole_ms);
        vec![
            format!("1 in {}", of.one_in),
            count(of.customers.into()),
            milliseconds(of.selectin_ms),
            milliseconds(of.subquery_ms),
            milliseconds(of.whole_ms),
            relative(of.selectin_ms),
            relative(of.subquery_ms),
        ]
    });
    [
        Section {
            heading: "Each size",
            text: format!(
                "A customer has 4.55 orders, and an order 3 items, on average: 19.2 rows for each customer. \
                 `chunks` reads {} customers at a time, and sends one statement for the customers and two for \
                 each chunk. The memory is that of a separate process at its peak, without SQLite's page \
                 cache. Except for `chunks`, it contains the lines of the page.\n\n![Time and memory of each \
                 row by number of customers](scale.svg)",
                count(CHUNK as u64)
            ),
            headings: vec![
                "way",
                "customers",
                "statements",
                "rounds",
                "ns\nper row",
                "fastest –\nslowest",
                "memory",
                "bytes\nper row",
            ],
            rows: sizes.collect(),
        },
        Section {
            heading: "Page cache",
            text: "Each cache has a session of its own, and a page has filled it.".to_owned(),
            headings: vec!["way and cache", "customers", "ns\nper row", "fastest –\nslowest"],
            rows: caches.collect(),
        },
        Section {
            heading: "Whole tables or keys",
            text: "The page shows the first customers. `selectin` sends their keys, and `subquery` repeats their \
                   query. The column *whole tables* is `subquery` without a filter: it reads all customers, and \
                   computes the page of the first ones. The last two columns (÷) are the times divided by it. \
                   Above 1, reading whole tables is faster.\n\n![Time of selectin for a share of the customers, \
                   divided by the time of reading whole tables](shares.svg)"
                .to_owned(),
            headings: vec![
                "share",
                "customers",
                "selectin",
                "subquery",
                "whole tables",
                "selectin ÷",
                "subquery ÷",
            ],
            rows: shares.collect(),
        },
    ]
}

fn nanoseconds(time: f64) -> String {
    count(time as u64)
}

fn range(times: PerRow) -> String {
    format!("{} – {}", nanoseconds(times.min_ns), nanoseconds(times.max_ns))
}

fn milliseconds(milliseconds: f64) -> String {
    match milliseconds {
        _ if milliseconds >= 999.5 => time(Duration::from_secs_f64(milliseconds / 1e3)),
        _ if milliseconds >= 99.95 => format!("{milliseconds:.0} ms"),
        _ => format!("{milliseconds:.2} ms"),
    }
}

fn by_size(figures: &Figures) -> Result<String> {
    let lines = |value: &dyn Fn(&crate::figures::OfSize) -> Option<f64>| {
        let line = |way: crate::way::Way| {
            let of_way = figures.sizes.iter().filter(|of| of.way == way.name());
            Line::of(
                way.name(),
                of_way.filter_map(|of| Some((f64::from(of.customers), value(of)?))).collect(),
            )
        };
        ALL.map(line).into()
    };
    let time =
        Chart { across: "customers", up: "time per row, ns", lines: lines(&|of| Some(of.times.median_ns)) };
    let memory = Chart {
        across: "customers",
        up: "memory of the page at its peak, MB",
        lines: lines(&|of| of.peak_bytes.map(|bytes| bytes as f64 / 1e6)),
    };
    let charts: Vec<_> = [time, memory].into_iter().filter(|chart| !chart.is_empty()).collect();
    svg::svg(&charts)
}

fn by_share(figures: &Figures) -> Result<String> {
    let of_sizes = figures.shares.chunk_by(|one, other| one.customers == other.customers);
    let share = |of: &OfShare| 100.0 / f64::from(of.one_in);
    let mut lines: Vec<_> = of_sizes
        .zip(SERIES.into_iter().cycle())
        .map(|(of_size, colour)| Line {
            colour,
            name: format!("selectin, {} customers", count(of_size[0].customers.into())),
            look: Look::Solid,
            points: of_size.iter().map(|of| (share(of), of.selectin_ms / of.whole_ms)).collect(),
        })
        .collect();
    lines.push(Line {
        colour: GREY,
        name: "whole tables".to_owned(),
        look: Look::Dashed,
        points: figures.shares.iter().take(ONE_IN.len()).map(|of| (share(of), 1.0)).collect(),
    });
    svg::svg(&[Chart { across: "share of the customers, %", up: "time ÷ time of whole tables", lines }])
}
