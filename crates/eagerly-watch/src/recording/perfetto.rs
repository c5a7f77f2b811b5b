//! Formats a recording as a Chrome trace, for <https://ui.perfetto.dev>, `chrome://tracing` and similar
//! viewers.
//!
//! The trace has a track for each lane and a slice for each statement. An arrow leads from the statement that
//! loaded the parents to each statement for their children. If the session waited for a round trip, the wait
//! is a slice too.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use waterfall::sql::Summary;

use super::json_lines::micros;
use super::tape::{Recorded, Tape};

pub(super) fn trace(tape: &Tape) -> String {
    let mut events = vec![name("process_name", 0, "eagerly")];
    for (number, lane) in tape.lanes.all().iter().enumerate() {
        events.push(name("thread_name", track(number), &lane.label()));
        events.push(json!({"ph": "M", "name": "thread_sort_index", "pid": 1, "tid": track(number), "args": {"sort_index": number}}));
    }
    let summaries = tape.shapes.iter().map(|(sql, _)| Summary::of(sql).text());
    let summaries: Vec<_> = summaries.collect();
    let statements = tape.in_order();
    let by_number: HashMap<u64, &Recorded> =
        statements.iter().map(|statement| (statement.number, *statement)).collect();
    for statement in &statements {
        events.push(slice(tape, statement, &summaries[statement.shape]));
        if statement.waited {
            events.push(json!({
                "ph": "X", "name": "round trip", "cat": "network", "pid": 1, "tid": track(statement.lane),
                "ts": micros(statement.start + statement.elapsed), "dur": micros(statement.round_trip),
            }));
        }
        if let Some(parents) = by_number.get(&statement.parents_statement) {
            events.extend(arrow(parents, statement));
        }
    }
    json!({
        "displayTimeUnit": "ms",
        "traceEvents": events,
        "otherData": {"statements": tape.totals.statements, "not_kept": tape.not_kept()},
    })
    .to_string()
}

/// Returns the track number of a lane. It starts at 1, because some viewers treat track 0 as missing.
fn track(lane: usize) -> usize {
    lane + 1
}

fn name(kind: &str, track: usize, name: &str) -> Json {
    json!({"ph": "M", "name": kind, "pid": 1, "tid": track, "args": {"name": name}})
}

fn slice(tape: &Tape, statement: &Recorded, summary: &str) -> Json {
    let place = &tape.places[statement.place];
    json!({
        "ph": "X",
        "name": summary,
        "cat": place.call,
        "pid": 1,
        "tid": track(statement.lane),
        "ts": micros(statement.start),
        "dur": micros(statement.elapsed),
        "args": {
            "number": statement.number,
            "sql": tape.shapes.sql(statement.shape),
            "values": statement.values,
            "rows": statement.rows,
            "cause": place.to_string(),
            "failed": statement.failed,
        },
    })
}

/// Returns the two events of an arrow: the end of the parents' statement, and the start of the children's.
///
/// If the children's statement starts while the parents are still being read, the arrow starts there too.
fn arrow(parents: &Recorded, children: &Recorded) -> [Json; 2] {
    let end = |phase: &str, statement: &Recorded, at| {
        json!({
            "ph": phase, "name": "parents", "cat": "parents", "id": children.number,
            "pid": 1, "tid": track(statement.lane), "ts": micros(at),
        })
    };
    let begin = end("s", parents, (parents.start + parents.elapsed).min(children.start));
    let mut finish = end("f", children, children.start);
    finish["bp"] = json!("e");
    [begin, finish]
}
