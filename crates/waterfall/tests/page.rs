//! The page in a real browser, with modelled and with measured round trips. The tests of the browser pass without a
//! check if chromedriver is not installed.

use std::time::{Duration, Instant};

use browser::Browser;
use waterfall::{Finding, Label, Lane, Network, Shape, SlowCounts, Statement, Totals, Waterfall, page};

const CUSTOMERS: &str =
    "SELECT \"id\", \"first_name\", \"last_name\", \"email\" FROM \"customers\" ORDER BY \"id\"";
const ORDERS: &str =
    "SELECT \"id\", \"customer_id\", \"placed_on\" FROM \"orders\" WHERE \"customer_id\" = $1";
const ITEMS: &str = "SELECT \"id\", \"order_id\", \"name\" FROM \"order_items\" WHERE \"order_id\" = $1";
const REPORT: &str = "WITH \"sums\" AS (SELECT \"order_id\", sum(\"price\") AS \"sum\" FROM \"order_items\" GROUP BY \"order_id\") \
     SELECT avg(\"sum\") FROM \"sums\"";

const fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

/// Adds a statement, and counts it in the totals and in its shape. Its shape has the number of its lane.
fn send(data: &mut Waterfall, statement: Statement) {
    let (totals, shape) = (&mut data.totals, &mut data.shapes[statement.shape]);
    for (statements, rows, in_database, slowest) in [
        (&mut totals.statements, &mut totals.rows, &mut totals.in_database, &mut totals.slowest),
        (&mut shape.statements, &mut shape.rows, &mut shape.in_database, &mut shape.slowest),
    ] {
        *statements += 1;
        *rows += statement.rows;
        *in_database += statement.in_database;
        *slowest = statement.in_database.max(*slowest);
    }
    totals.slow.add(statement.in_database);
    totals.failed += u64::from(statement.failed);
    let lane = statement.shape;
    data.statements.push(Statement { number: totals.statements, lane, ..statement });
}

/// The statements of a page with an N+1: the customers, ten orders for each, their items, and a sum.
///
/// `way` is the time on the wire in each direction.
fn page_with_n_plus_one(customers: u64, way: Duration) -> Waterfall {
    let shapes = [CUSTOMERS, ORDERS, ITEMS, REPORT];
    let shapes = shapes.map(|sql| Shape { sql: sql.to_owned(), ..Shape::default() });
    let mut data = Waterfall { shapes: shapes.into(), ..Waterfall::default() };
    data.findings.push(Finding::problem("N+1: values of \"orders\".\"id\" return as parameters"));
    let mut now = Duration::ZERO;
    let mut next = |shape, rows, in_database, group, parent, values: String| {
        let start = now;
        now += 2 * way + in_database + micros(10);
        let place = None;
        Statement {
            start,
            to_server: way,
            in_database,
            from_server: way,
            rows,
            shape,
            group,
            parent,
            values,
            place,
            ..Statement::default()
        }
    };
    send(&mut data, next(0, customers, micros(2_500), 0, None, String::new()));
    for customer in 1..=customers {
        send(&mut data, next(1, 10, micros(40), 0, Some(1), customer.to_string()));
        let orders = data.totals.statements;
        for order in 1..=10 {
            let values = (customer * 10 + order).to_string();
            send(&mut data, next(2, 3, micros(20), customer, Some(orders), values));
        }
    }
    send(&mut data, next(3, 1, micros(12_000), 0, None, String::new()));
    data
}

/// The same page as a proxy sees it: measured on a wire, without lines of code, and with a lane for each shape.
fn on_a_wire(customers: u64) -> Waterfall {
    let data = page_with_n_plus_one(customers, micros(500));
    let lane = |shape, parent| Lane { label: Label::Shape(shape), parent };
    let statements = data.totals.statements;
    Waterfall {
        title: "Page 3".to_owned(),
        heading: "Page 3: statements on the wire".to_owned(),
        network: Network::Measured {
            round_trips: statements,
            on_the_wire: micros(1_000) * u32::try_from(statements).unwrap(),
        },
        lanes: vec![lane(0, None), lane(1, Some(0)), lane(2, Some(1)), lane(3, None)],
        ..data
    }
}

/// The same page as a recording in the program sees it: without a network, and with the lines of code.
fn in_a_process(customers: u64) -> Waterfall {
    let mut data = page_with_n_plus_one(customers, Duration::ZERO);
    data.lanes = [("Customer at page.rs:12", None), ("Customer.orders", Some(0)), ("Order.items", Some(1))]
        .map(|(label, parent)| Lane { label: label.into(), parent })
        .into();
    data.lanes.push(Lane { label: "at page.rs:40".into(), parent: None });
    data.places = vec!["lazy Customer.orders at page.rs:31".to_owned()];
    data.statements.iter_mut().for_each(|statement| statement.place = Some(0));
    data
}

/// Opens a page in a browser and waits until its rows are drawn. `None` without a browser.
fn open(data: &Waterfall) -> Option<Browser> {
    let browser = Browser::start(1200, &[])?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, page(data)).unwrap();
    browser.open(&format!("file://{}", file.display()));
    browser.wait_for("document.querySelectorAll('#rows > div').length > 0");
    // Two frames later, the first picture is drawn.
    browser.evaluate("requestAnimationFrame(() => requestAnimationFrame(() => { window.isDrawn = true; }))");
    browser.wait_for("window.isDrawn === true");
    Some(browser)
}

/// Returns whether an element is visible.
fn is_visible(browser: &Browser, id: &str) -> bool {
    browser.evaluate(&format!("document.getElementById({id:?}).offsetParent !== null")) == true
}

/// Returns the bars of a row, from left to right: `s` for solid pixels, `p` for pale ones. The edges of the bars and the
/// lines of the axis do not count.
fn bars(browser: &Browser, row: u32) -> String {
    let script = format!(
        "(() => {{
            const canvas = document.getElementById('canvas');
            const left = document.getElementById('rows').offsetWidth + 2;
            const scale = canvas.width / canvas.clientWidth;
            const y = Math.round((24 + 24 * {row} + 8) * scale);
            const {{ data }} = canvas.getContext('2d').getImageData(left, y, canvas.width - left, 1);
            let bars = '';
            for (let at = 0; at < data.length; at += 4) {{
                const [red, green, blue, opacity] = data.slice(at, at + 4);
                const isGrey = Math.max(red, green, blue) - Math.min(red, green, blue) < 30;
                const kind = isGrey ? ' ' : opacity > 250 ? 's' : Math.abs(opacity - 0x59) < 3 ? 'p' : ' ';
                if (kind !== ' ' && kind !== bars.at(-1)) bars += kind;
            }}
            return bars;
        }})()"
    );
    browser.evaluate(&script).as_str().unwrap().to_owned()
}

#[test]
fn round_trips_measured_on_a_wire_are_shown_beside_the_time_in_the_server() {
    let Some(browser) = open(&on_a_wire(3)) else {
        return;
    };
    assert_eq!(browser.evaluate("document.title"), "Page 3");
    assert_eq!(browser.text("h1"), "Page 3: statements on the wire");
    let totals = browser.text("#totals").replace('\n', " ");
    for tile in ["round trips 35", "in the server, measured 15.2 ms", "on the wire, measured 35 ms"] {
        assert!(totals.contains(tile), "{tile}: {totals}");
    }
    // The first statement takes 0.5 ms to the server, 2.5 ms there, and 0.5 ms back.
    assert_eq!(bars(&browser, 0), "psp");
    let details = browser.text("#details");
    assert!(
        details.starts_with("#1, 3.50 ms measured (2.50 ms in the server, 1 ms on the wire), 3 rows"),
        "{details}"
    );
    browser.nothing_is_wrong();
}

#[test]
fn no_round_trip_is_modelled_on_top_of_measured_ones() {
    let Some(browser) = open(&on_a_wire(3)) else {
        return;
    };
    assert!(!is_visible(&browser, "round-trip"));
    assert!(!is_visible(&browser, "preset"));
    assert!(browser.text("#time-note").starts_with("Measured on the wire."));
    assert!(!browser.text("main").to_lowercase().contains("modelled"));
    assert!(is_visible(&browser, "zoom-in"));
    // From the first to the last byte: 35 round trips of 1 ms, 15.22 ms in the server, and 34 pauses of 10 µs.
    assert!(browser.text("#totals").contains("50.6 ms"), "{}", browser.text("#totals"));
}

#[test]
fn a_page_without_a_network_models_round_trips_and_says_so() {
    let Some(browser) = open(&in_a_process(3)) else {
        return;
    };
    assert_eq!(browser.text("h1"), "Statements sent to the database");
    assert!(is_visible(&browser, "round-trip"));
    assert!(browser.text("#time-note").starts_with("Measured time."));
    assert!(!browser.text("#totals").contains("modelled"));
    assert_eq!(bars(&browser, 0), "s");
    browser.set("preset", "1");
    browser.wait_for_text("#time-note", "Modelled");
    browser.wait_for_text("#totals", "round trips at 1 ms, modelled");
    browser.evaluate(
        "requestAnimationFrame(() => requestAnimationFrame(() => { window.isDrawnAgain = true; }))",
    );
    browser.wait_for("window.isDrawnAgain === true");
    assert_eq!(bars(&browser, 0), "sp");
    browser.focus("#chart");
    browser.press("ArrowDown");
    browser.wait_for_text("#details", "40 µs + 1 ms round trip (modelled)");
}

#[test]
fn a_lane_of_a_long_statement_stays_on_one_line_and_has_its_full_text() {
    let Some(browser) = open(&on_a_wire(3)) else {
        return;
    };
    let labels = "[...document.querySelectorAll('#rows .label')]";
    let label = |row: u32| browser.evaluate(&format!("{labels}[{row}].textContent"));
    assert_eq!(label(1), "SELECT … FROM \"orders\" WHERE \"customer_id\" = $1");
    let title = browser.evaluate(&format!("{labels}[1].parentElement.title"));
    assert_eq!(title, ORDERS);
    // The report has no list of columns to leave out. It ends in an ellipsis, before the number of its statements.
    assert_eq!(label(3), REPORT);
    assert_eq!(browser.evaluate(&format!("{labels}[3].scrollWidth > {labels}[3].clientWidth")), true);
    assert_eq!(browser.evaluate(&format!("{labels}[3].parentElement.offsetHeight")), 24);
    let is_within = "(() => { const row = document.querySelectorAll('#rows > div')[3]; const count = row.querySelector('.count'); \
         return count.getBoundingClientRect().right <= row.getBoundingClientRect().right && count.clientWidth > 0; })()";
    assert_eq!(browser.evaluate(is_within), true);
    browser.focus("#chart");
    for key in ["ArrowDown"; 3] {
        browser.press(key);
    }
    browser.wait_for_text("#details", REPORT);
}

#[test]
fn an_unknown_place_leaves_no_empty_line() {
    let lines = "[...document.querySelectorAll('#details > *')].map((line) => line.className || line.localName).join()";
    let Some(browser) = open(&in_a_process(1)) else {
        return;
    };
    assert_eq!(browser.evaluate(lines), "div,code,cause");
    assert_eq!(browser.text("#details .cause"), "lazy Customer.orders at page.rs:31");
    assert_eq!(open(&on_a_wire(1)).unwrap().evaluate(lines), "div,code");
}

#[test]
fn a_page_of_33_002_measured_statements_opens_fast_and_is_interactive() {
    let data = on_a_wire(3_000);
    let start = Instant::now();
    let Some(browser) = open(&data) else {
        return;
    };
    assert!(start.elapsed() < Duration::from_secs(20), "the page took {:?} to open", start.elapsed());
    assert!(browser.text("#totals").contains("33,002"));
    let rows = "document.querySelectorAll('#rows > div').length";
    assert_eq!(browser.evaluate(rows), 4);
    browser.evaluate("document.querySelectorAll('#rows .toggle')[2].click()");
    browser.wait_for(&format!("{rows} > 8"));
    assert!(browser.evaluate(rows).as_u64().unwrap() < 60, "the page must contain only the visible rows");
    browser.wait_for_text("#rows", "for the rows of #2 SELECT orders [1]");
}

#[test]
fn text_of_the_data_can_neither_become_markup_nor_fill_a_placeholder() {
    let evil = "</script></title><script>alert(1)</script> {{script}} {{figures}} & \u{2028}";
    let data = Waterfall {
        title: evil.to_owned(),
        heading: evil.to_owned(),
        shapes: vec![Shape { sql: evil.to_owned(), ..Shape::default() }],
        places: vec![evil.to_owned()],
        lanes: vec![Lane { label: evil.into(), parent: None }],
        statements: vec![Statement {
            number: 1,
            values: evil.to_owned(),
            place: Some(0),
            ..Statement::default()
        }],
        findings: vec![Finding::hint(evil)],
        advice: Some(evil.to_owned()),
        ..Waterfall::default()
    };
    let html = page(&data);
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script>").count(), 2);
    assert_eq!(html.matches("</title>").count(), 1);

    let Some(browser) = open(&data) else {
        return;
    };
    for place in ["h1", "#rows", "#details", "#findings", "#shapes"] {
        let text = browser.text(place);
        assert!(text.contains("<script>alert(1)</script> {{script}} {{figures}} &"), "{place}: {text}");
    }
    browser.nothing_is_wrong();
}

#[test]
fn a_page_without_data_has_no_empty_sections() {
    let html = page(&Waterfall::default());
    assert!(!html.contains("{{"), "every placeholder is filled");
    assert!(html.contains("<title>Waterfall of statements</title>"));
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, html).unwrap();
    browser.open(&format!("file://{}", file.display()));
    browser.wait_for_text("#slow-log", "EMPTY. 0 statements over 100 ms");
    assert!(!is_visible(&browser, "advice"));
    browser.nothing_is_wrong();
}

#[test]
fn a_statement_counts_at_each_threshold_that_it_exceeds() {
    let mut slow = SlowCounts::default();
    for took in [micros(10), micros(11), micros(100_001), Duration::from_secs(60)] {
        slow.add(took);
    }
    let data = Waterfall { totals: Totals { slow, ..Totals::default() }, ..Waterfall::default() };
    assert!(page(&data).contains("\"slow\":[3,2,2,2,2,2,2,2,2,2,2,2,2,1,1,1]"));
}
