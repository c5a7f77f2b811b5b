//! Recordings have bounded memory and exact totals, and can be written in three formats.

use eagerly::{params, selectin};
use eagerly_watch::Recording;
use serde_json::Value as Json;
use shop::{Customer, Order, page};

use crate::support::shop_of;

fn lines(recording: &Recording) -> Vec<Json> {
    let text = recording.to_json_lines();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_statement_is_a_json_line_with_its_cause_and_its_parents_statement() {
    let session = shop_of(3);
    let recording = Recording::start(&session);
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let lines = lines(&recording);
    assert_eq!(lines.len() as u64, recording.statements());
    assert_eq!(lines[0]["number"], 1, "the recording numbers its statements from 1");
    assert_eq!((&lines[1]["relation"], &lines[1]["call"]), (&"Customer.orders".into(), &"lazy".into()));
    assert_eq!(lines[1]["parents_statement"], 1);
    let items = lines.iter().find(|line| line["relation"] == "Order.items").unwrap();
    assert_eq!(items["parents_statement"], 2);
    assert!(lines[0].get("relation").is_none());
    let starts: Vec<_> = lines.iter().map(|line| line["start_us"].as_f64().unwrap()).collect();
    assert!(starts.is_sorted());
}

#[test]
fn the_newest_statements_are_kept_and_the_totals_are_exact() {
    let session = shop_of(50);
    let recording = Recording::keeping(&session, 10);
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let sent = 1 + 50 + 150;
    let lines = lines(&recording);
    assert_eq!((recording.statements(), lines.len()), (sent, 10));
    assert_eq!(lines[9]["number"], sent);
    assert!(recording.to_html().contains(r#""not_kept":191"#));
    assert_eq!(recording.report().n_plus_one[1].statements, 150);
    let nothing = Recording::keeping(&session, 0);
    session.count(Customer::select()).unwrap();
    assert_eq!((nothing.statements(), nothing.to_json_lines()), (1, String::new()));
}

#[test]
fn the_trace_has_a_track_for_each_lane_and_arrows_from_parents_to_children() {
    let session = shop_of(5);
    let recording = Recording::start(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    session.all(Customer::select().with(path)).unwrap();
    let trace: Json = serde_json::from_str(&recording.to_perfetto()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let of = |phase: &str| events.iter().filter(|event| event["ph"] == phase).collect::<Vec<_>>();
    let tracks: Vec<_> = of("M")
        .into_iter()
        .filter(|event| event["name"] == "thread_name")
        .map(|event| event["args"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(tracks.len(), 3);
    assert_eq!(tracks[1..], ["Customer.orders", "Order.items"]);
    assert_eq!(of("X").len(), 3 + 2, "three statements, BEGIN and COMMIT");
    assert_eq!((of("s").len(), of("f").len()), (2, 2));
    for (begin, end) in of("s").iter().zip(of("f")) {
        assert!(begin["ts"].as_f64() < end["ts"].as_f64());
        assert_eq!(begin["id"], end["id"]);
    }
}

#[test]
fn the_page_needs_no_network_and_recorded_text_cannot_break_it() {
    let session = shop_of(2);
    let recording = Recording::start(&session);
    let evil = "</script><script>alert(1)</script> {{script}} \u{2028}";
    session.execute("UPDATE customers SET email = ?1", params![evil]).unwrap();
    session.execute("/* </script> */ DELETE FROM orders WHERE id = -1", []).unwrap();
    let page = recording.to_html();
    assert_eq!(page.matches("</script>").count(), 2, "only the page's own two script elements end");
    assert_eq!(page.matches("<script").count(), 2);
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "the page has {outside}");
    }
    let figures = page.split_once("id=\"figures\">").unwrap().1.split_once("</script>").unwrap().0;
    let figures: Json = serde_json::from_str(figures).unwrap();
    assert!(figures["statements"]["values"][0].as_str().unwrap().contains("</script>"));
    assert_eq!(figures["totals"]["statements"], 2);
}

#[test]
fn an_empty_recording_can_be_written() {
    let session = shop_of(1);
    let recording = Recording::start(&session);
    assert_eq!(recording.to_json_lines(), "");
    assert!(recording.to_html().contains(r#""statements":0"#));
    assert!(serde_json::from_str::<Json>(&recording.to_perfetto()).is_ok());
}

#[test]
fn an_error_names_the_file_that_cannot_be_written() {
    let session = shop_of(1);
    let recording = Recording::start(&session);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no such folder").join("out.html");
    for error in [
        recording.write_html(&path).unwrap_err(),
        recording.write_perfetto(&path).unwrap_err(),
        recording.write_json_lines(&path).unwrap_err(),
    ] {
        assert!(error.to_string().contains("out.html"), "{error}");
    }
}

#[test]
fn a_long_chain_needs_a_bounded_number_of_lanes() {
    use eagerly::{BelongsTo, Entity, Session};
    #[derive(Debug, Entity)]
    #[entity(table = "links")]
    struct Link {
        #[entity(key)]
        id: i64,
        next_id: Option<i64>,
        #[entity(key = "next_id")]
        next: BelongsTo<Link>,
    }
    let session = Session::in_memory().unwrap();
    session.execute("CREATE TABLE links (id INTEGER PRIMARY KEY, next_id INTEGER)", []).unwrap();
    let links = (1..=5_000).map(|id| Link {
        id,
        next_id: (id < 5_000).then_some(id + 1),
        next: BelongsTo::default(),
    });
    session.insert_all(links).unwrap();
    let first = session.get::<Link>(1).unwrap();
    let recording = Recording::start(&session);
    let mut link = &first;
    while let Some(next) = link.next().unwrap() {
        link = next;
    }
    assert_eq!((link.id, recording.statements()), (5_000, 4_999));
    assert_eq!(recording.to_html().matches("\"label\":").count(), 1_001, "1,000 lanes, and one for the rest");
}

#[test]
fn statements_are_written_in_the_order_in_which_they_were_sent() {
    let session = shop_of(25);
    let tally = session.tally();
    let mut late = None;
    let recording = Recording::start(&session);
    session
        .chunks(Customer::select(), 10, |customers| {
            customers[0].orders()?;
            late.get_or_insert_with(|| Recording::start(&session));
            customers[1].orders().map(drop)
        })
        .unwrap();
    let numbers: Vec<_> = lines(&recording).iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=tally.statements()).collect::<Vec<_>>());
    assert_eq!(
        late.unwrap().statements(),
        tally.statements() - 2,
        "the statement that was running is not recorded"
    );
}

#[test]
fn time_that_the_program_spends_between_rows_does_not_count() {
    use std::time::Duration;
    let session = shop_of(40);
    let tally = session.tally();
    session
        .chunks(Customer::select(), 10, |_| {
            std::thread::sleep(Duration::from_millis(250));
            Ok(())
        })
        .unwrap();
    assert!(tally.slowest() < Duration::from_millis(900), "{:?}", tally.slowest());
}

#[test]
fn queries_for_several_entities_at_one_line_are_not_mixed_up() {
    fn load<E: eagerly::Entity>(session: &eagerly::Session, query: eagerly::Select<E>) -> Vec<E> {
        session.all(query).unwrap()
    }
    let session = shop_of(3);
    let recording = Recording::start(&session);
    for customer in &load(&session, Customer::select()) {
        customer.orders().unwrap();
    }
    load(&session, Order::select());
    assert_eq!(recording.advice().to_string(), "No relation was loaded.");
    assert!(recording.to_html().contains("several entities at "));
}

#[test]
fn each_statement_records_whether_its_round_trip_was_waited_for() {
    use eagerly::Network;
    use std::time::Duration;
    let session = shop_of(3);
    let recording = Recording::start(&session);
    session.model_network(Some(Network::NEAR_REGION));
    session.count(Customer::select()).unwrap();
    session.model_network(Some(Network::virtual_of(Duration::from_micros(300)).waiting()));
    session.count(Customer::select()).unwrap();
    let waited: Vec<_> = lines(&recording).iter().map(|line| line["waited"].as_bool().unwrap()).collect();
    assert_eq!(waited, [false, true]);
}

#[test]
fn slow_statements_are_counted_exactly_even_if_they_are_not_kept() {
    let session = shop_of(50);
    let recording = Recording::keeping(&session, 1);
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let page = recording.to_html();
    let figures = page.split_once("id=\"figures\">").unwrap().1.split_once("</script>").unwrap().0;
    let figures: Json = serde_json::from_str(figures).unwrap();
    let slow: Vec<u64> = serde_json::from_value(figures["totals"]["slow"].clone()).unwrap();
    assert!(slow.is_sorted_by(|more, fewer| more >= fewer) && slow[0] <= 201 && slow.len() == 16, "{slow:?}");
}
