//! The tab of the server: what PostgreSQL and the wire counted, independently of the session.

use eagerly::numbers::{bytes, count, counted, time};
use maud::{Markup, html};

use super::copied;
use crate::build::Run;
use crate::on_server::{Calls, Logged, OnServer};

/// The number of rows of the statistics that are shown.
const SHOWN: usize = 20;

/// Renders what the server and the wire counted.
pub fn on_server(run: &Run, server: &OnServer) -> Markup {
    html! {
        section.panel {
            h2 { "Three counts, each made independently" }
            (copied("the counts", counts(run, server)))
            (waits(run, server))
            p.place {
                "The session counts what it sends. The server counts in " code { "pg_stat_statements" } ". A proxy between them reads "
                "PostgreSQL’s protocol, for any client in any language."
            }
        }
        section.panel {
            h2 { "The server’s slow-query log" }
            (slow_log(&server.slow))
        }
        section.panel {
            h2 { code { "pg_stat_statements" } }
            (statistics(&server.statistics))
        }
        section.panel {
            h2 { "What the data on the wire proves" }
            @if server.wire.findings.is_empty() { p { "No value of a result came back in a series of later statements." } }
            @for finding in &server.wire.findings { (copied("the finding", html! { pre.finding.alarm { (finding) } })) }
        }
    }
}

fn counts(run: &Run, server: &OnServer) -> Markup {
    let wire = &server.wire;
    let calls = server.statistics.as_ref().map(|statistics| statistics.iter().map(|calls| calls.calls).sum());
    html! {
        table {
            thead {
                tr { th scope="col" { "Counted by" } @for name in ["Statements", "Round trips", "To the server", "To the page"] { th.number scope="col" { (name) } } }
            }
            tbody {
                tr { th scope="row" { "session" } td.number { (count(run.statements)) } td.number {} td.number {} td.number {} }
                tr { th scope="row" { "server" } td.number { @if let Ok(calls) = calls { (count(calls)) } @else { "unknown" } } td.number {} td.number {} td.number {} }
                tr {
                    th scope="row" { "wire" }
                    td.number { (count(wire.statements)) }
                    td.number { (count(wire.round_trips)) }
                    td.number { (bytes(wire.bytes_up)) }
                    td.number { (bytes(wire.bytes_down)) }
                }
            }
        }
    }
}

/// Renders what the page waited for.
fn waits(run: &Run, server: &OnServer) -> Markup {
    let rest = run.measured.saturating_sub(server.wire.delayed).saturating_sub(server.wire.server);
    let wire = &server.wire;
    html! {
        p.place {
            "A round trip takes " (time(server.round_trip)) " (measured before the page). The page waited " (time(wire.delayed)) " for the network and "
            (time(wire.server)) " for the server. The program worked for the other " (time(rest)) ". All of it is measured."
            @if wire.round_trips > wire.statements + wire.control {
                " " (counted(wire.round_trips - wire.statements - wire.control, "round trip")) " more prepared a statement that ran for the first time."
            }
            @if wire.control > 0 { " " (counted(wire.control, "more statement")) " began or ended a transaction." }
        }
    }
}

fn slow_log(slow: &Result<Vec<Logged>, String>) -> Markup {
    html! {
        @match slow {
            Err(reason) => p.notice { "The log cannot be read: " (reason) },
            Ok(slow) if slow.is_empty() => p.slow-log.empty { b { "EMPTY. " } "This page added nothing to the log of statements over 100 ms." },
            Ok(slow) => ol.slow { @for logged in slow { li { b { (time(logged.took)) } " " code { (logged.sql) } } } },
        }
    }
}

fn statistics(statistics: &Result<Vec<Calls>, String>) -> Markup {
    html! {
        @match statistics {
            Err(reason) => p.notice { "The statistics cannot be read: " (reason) },
            Ok(rows) => {
                @let table = html! {
                    table {
                        thead { tr { th.number scope="col" { "Calls" } th.number scope="col" { "Total time" } th scope="col" { "Query" } } }
                        tbody {
                            @for row in rows.iter().take(SHOWN) {
                                tr { td.number { b { (count(row.calls)) } } td.number { (time(row.time)) } td { code { (row.sql) } } }
                            }
                        }
                    }
                };
                (copied("the statistics", table))
                p.place { "The number of calls is the diagnosis. The total time is that of execution, without receiving, parsing and sending." }
            },
        }
    }
}
