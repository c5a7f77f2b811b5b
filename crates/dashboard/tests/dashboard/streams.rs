//! Pages that are streamed while they are built: progress, result, and stopping early.

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::{SHARED, Server};

/// Parses the events of a stream that has ended, each with its name.
fn events(body: &str) -> Vec<(String, Json)> {
    let events = body.split("\n\n").filter_map(|event| event.split_once('\n'));
    let told =
        events.filter_map(|(name, data)| Some((name.strip_prefix("event: ")?, data.strip_prefix("data: ")?)));
    told.map(|(name, data)| (name.to_owned(), serde_json::from_str(data).unwrap())).collect()
}

#[test]
fn a_stream_ends_with_the_page_and_its_link() {
    let answer = SHARED.get("/build?items=selectin&orders=selectin&trip=1");
    assert!(answer.head.contains("text/event-stream"));
    let events = events(&answer.body);
    let (name, told) = events.last().unwrap();
    assert_eq!(name, "built");
    assert_eq!(told["query"], "orders=selectin&items=selectin");
    assert!(told["html"].as_str().unwrap().contains("Lovelace"));
    assert!(told["words"].as_str().unwrap().starts_with("The page is ready: 3 statements, 1,020 rows read"));
}

#[test]
fn a_page_that_really_waits_reports_its_progress() {
    let start = Instant::now();
    let answer = SHARED.get("/build?customers=50&trip=5&wait=yes&spend=no");
    assert!(start.elapsed() >= Duration::from_millis(51 * 5));
    let events = events(&answer.body);
    assert_eq!(events[0].0, "begun");
    // On a busy machine, the first reports can be early ones.
    let (_, progress) = events.iter().rfind(|(name, _)| name == "progress").unwrap();
    assert!(progress["share"].as_f64().unwrap() > 0.0, "{progress}");
    assert!(progress["statements"].as_u64().unwrap() > 5, "{progress}");
    assert!(events.last().unwrap().1["html"].as_str().unwrap().contains("of it in round trips"));
}

#[test]
fn a_page_sends_its_frame_at_once() {
    let start = Instant::now();
    let page = SHARED.get("/?trip=150&wait=yes").body;
    // With its 301 statements, it would take 45 seconds.
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(page.contains("<div id=\"result\" data-wanted>"));
}

#[test]
fn a_race_reports_the_same_lines_for_every_way_and_no_time_for_an_error() {
    let events = events(&SHARED.get("/race/run").body);
    let finished: Vec<_> = events.iter().filter(|(name, _)| name == "finish").map(|(_, told)| told).collect();
    let statements: Vec<_> = finished.iter().map(|told| told["statements"].as_str().unwrap()).collect();
    assert_eq!(statements, ["301", "301", "3", "3", "3", "1", "1", "1"]);
    let pages: Vec<_> = finished.iter().map(|told| &told["page"]).collect();
    let lines = |page: &Json| page["lines"].clone();
    assert!(pages[..6].iter().all(|page| lines(page) == lines(pages[0])), "{pages:?}");
    assert_eq!(lines(pages[7]), lines(pages[0]), "SQL GROUP BY");
    assert!(pages[6].is_null(), "raise has no page and so no time");
    assert!(finished[6]["error"].as_str().unwrap().contains("must not be loaded lazily"));
    assert_eq!(events.last().unwrap().0, "end");
}

#[test]
fn a_page_that_is_stopped_shows_its_partial_result() {
    let server = Server::start(30, 4.0);
    let host = server.address.to_string();
    let mut stream = BufReader::new(server.ask("/build?trip=100&wait=yes", &[("Host", &host)]));
    let mut line = String::new();
    while !line.starts_with("event: progress") {
        line.clear();
        stream.read_line(&mut line).unwrap();
    }
    assert_eq!(server.get("POST /stop?1").status, 204);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    let events = events(&rest);
    let (name, told) = events.last().unwrap();
    assert_eq!(name, "built");
    assert!(told["html"].as_str().unwrap().contains("<b>Stopped.</b>"));
    server.wait_until_running(0);
    for other in ["POST /stop?1", "POST /stop?2", "POST /stop?x", "POST /stop"] {
        assert_eq!(server.get(other).status, 404, "{other}");
    }
    assert_eq!(server.get("/stop?1").status, 405);
}

#[test]
fn a_client_that_disconnects_stops_its_page() {
    let server = Server::start(100, 4.0);
    let host = server.address.to_string();
    for path in ["/build?trip=150&wait=yes", "/race/run?trip=150&wait=yes", "/side?trip=150"] {
        let mut stream = BufReader::new(server.ask(path, &[("Host", &host)]));
        let mut line = String::new();
        while !line.starts_with("event: progress") && !line.starts_with("event: underway") {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        assert_eq!(server.dashboard.running(), 1);
        drop(stream);
        // Without the stop, each would take at least 75 seconds, which is longer than the test waits.
        server.wait_until_running(0);
    }
}

#[test]
fn a_client_that_disconnects_stops_a_quick_page_too() {
    let server = Server::start(1_500, 10.0);
    let host = server.address.to_string();
    let stream = server.ask("/?plain=yes", &[("Host", &host)]);
    server.wait_until_running(1);
    drop(stream);
    server.wait_until_running(0);
    assert_eq!(server.page("orders=selectin&items=selectin").statements(), 3);
}

#[test]
fn a_side_ends_with_its_curve_and_its_first_trips() {
    let events = events(&SHARED.get("/side?customers=20&trip=2").body);
    let (name, told) = events.last().unwrap();
    assert_eq!(name, "end");
    let statements = told["statements"].as_u64().unwrap();
    assert!(statements > 20 && told["milliseconds"].as_f64().unwrap() >= 2.0 * statements as f64, "{told}");
    assert_eq!(told["curve"].as_array().unwrap().last().unwrap()[1], statements);
    let trips = told["first"].as_array().unwrap();
    assert_eq!(trips.len() as u64, statements.min(120));
    for trip in trips {
        let times = ["sent", "arrived", "answered", "received"].map(|name| trip[name].as_u64().unwrap());
        assert!(times.is_sorted() && times[3] - times[0] >= 2_000, "{trip}");
    }
}

#[test]
fn the_growth_is_counted_for_each_way_and_skips_a_page_that_fails() {
    let lines = |query: &str| -> Json {
        serde_json::from_str(&SHARED.get(&format!("/growth?{query}")).body).unwrap()
    };
    let usual = lines("");
    assert_eq!(usual[0]["name"], "lazy");
    assert_eq!(usual[0]["is_chosen"], true);
    assert_eq!(usual[0]["points"].as_array().unwrap().last().unwrap(), &serde_json::json!([60, 301]));
    for (way, statements) in [(1, 3), (2, 1)] {
        let points = usual[way]["points"].as_array().unwrap();
        assert!(points.iter().all(|point| point[1] == statements), "{points:?}");
    }
    assert_eq!(lines("orders=raise&items=raise").as_array().unwrap().len(), 3);
    assert_eq!(lines("orders=sql")[3]["name"], "SQL GROUP BY");
    assert_eq!(lines("orders=selectin")[3]["name"], "selectin, lazy");
}

#[test]
fn a_page_links_to_the_waterfall_of_its_own_run() {
    let server = Server::start(3, 2.0);
    server.page("");
    assert!(server.page("").body.contains("data-address=\"/waterfall?2\""));
    assert!(server.get("/waterfall?2").body.contains("<!doctype html>"));
    for unknown in ["/waterfall?3", "/waterfall?x", "/waterfall"] {
        let answer = server.get(unknown);
        assert_eq!(answer.status, 404);
        assert!(
            answer.body.contains("help: show the page again")
                && answer.head.contains("frame-ancestors 'self'")
        );
    }
}
