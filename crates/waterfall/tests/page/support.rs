//! Pages with an N+1, open in a browser.

use std::time::Duration;

use browser::Browser;
use waterfall::{Finding, Label, Lane, Network, Shape, Statement, Waterfall, page};

const CUSTOMERS: &str =
    "SELECT \"id\", \"first_name\", \"last_name\", \"email\" FROM \"customers\" ORDER BY \"id\"";
pub const ORDERS: &str =
    "SELECT \"id\", \"customer_id\", \"placed_on\" FROM \"orders\" WHERE \"customer_id\" = $1";
const ITEMS: &str = "SELECT \"id\", \"order_id\", \"name\" FROM \"order_items\" WHERE \"order_id\" = $1";
pub const REPORT: &str = "WITH \"sums\" AS (SELECT \"order_id\", sum(\"price\") AS \"sum\" FROM \"order_items\" GROUP BY \"order_id\") \
     SELECT avg(\"sum\") FROM \"sums\"";

pub const fn micros(micros: u64) -> Duration {
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
pub fn on_a_wire(customers: u64) -> Waterfall {
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
pub fn in_a_process(customers: u64) -> Waterfall {
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
pub fn open(data: &Waterfall) -> Option<Browser> {
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
pub fn is_visible(browser: &Browser, id: &str) -> bool {
    browser.evaluate(&format!("document.getElementById({id:?}).offsetParent !== null")) == true
}

/// Returns the bars of a row, from left to right: `s` for solid pixels, `p` for pale ones. The edges of the bars and the
/// lines of the axis do not count.
pub fn bars(browser: &Browser, row: u32) -> String {
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
