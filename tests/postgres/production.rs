//! What a server's logs and statistics show of an N+1. The chapter "In production" states these facts.
//!
//! They need a server of their own, since they load a module and change what it logs.

use std::cell::Cell;

use eagerly::{FromRow, Session};
use eagerly_wire::Server;
use shop::{Customer, Size, data};

on_postgres!(
    a_threshold_logs_nothing_of_an_n_plus_one,
    a_sample_of_statements_logs_some_of_the_page_and_a_sample_of_transactions_all_or_nothing,
    auto_explain_logs_plans_and_no_count,
    each_length_of_a_list_is_another_statement_before_postgresql_18,
    statements_that_differ_in_a_comment_are_one_row_with_the_first_comment,
    a_list_of_some_keys_is_searched_and_a_list_of_all_keys_scans_the_table,
);

const CUSTOMERS: u32 = 300;

/// A server that logs what a test sets, with a shop.
struct Logged {
    session: Session,
    read: Cell<usize>,
    server: Server,
}

fn logged(settings: &[&str]) -> Logged {
    logged_with(CUSTOMERS, settings)
}

fn logged_with(customers: u32, settings: &[&str]) -> Logged {
    let server =
        Server::with_settings(&["shared_preload_libraries=pg_stat_statements,auto_explain"]).unwrap();
    let session = Session::connect(&server.url()).unwrap();
    data::fill(&session, &Size { customers, ..Size::default() }, |_| {}).unwrap();
    let logged = Logged { session, read: Cell::new(0), server };
    logged.set(settings);
    logged
}

impl Logged {
    fn set(&self, settings: &[&str]) {
        for setting in settings {
            self.session.execute(&format!("SET {setting}"), []).unwrap();
        }
        self.added();
    }

    /// Runs the page that accesses the orders of each customer, in one transaction.
    fn page(&self) -> String {
        let page = |session: &Session| {
            session.all(Customer::select())?.iter().try_for_each(|customer| customer.orders().map(drop))
        };
        self.session.transaction(page).unwrap();
        self.added()
    }

    /// Returns what the log has got since the last call.
    fn added(&self) -> String {
        let log = self.server.log().unwrap();
        log[self.read.replace(log.len())..].to_owned()
    }
}

/// Returns how many executions of the statement for the orders are in the log.
fn executed(log: &str) -> usize {
    log.lines().filter(|line| line.contains("  execute ") && line.contains("FROM \"orders\"")).count()
}

/// Returns how many plans are in the log.
fn plans(log: &str) -> usize {
    log.lines().filter(|line| line.ends_with("  plan:")).count()
}

fn a_threshold_logs_nothing_of_an_n_plus_one() {
    // A second, so that a busy machine passes.
    let logged = logged(&["log_min_duration_statement = '1s'"]);
    assert_eq!(logged.page(), "");
    logged.set(&["log_min_duration_statement = 0"]);
    assert_eq!(executed(&logged.page()), CUSTOMERS as usize);
}

fn a_sample_of_statements_logs_some_of_the_page_and_a_sample_of_transactions_all_or_nothing() {
    let logged = logged(&["log_min_duration_sample = 0", "log_statement_sample_rate = 0.1"]);
    let some = executed(&logged.page());
    assert!((1..CUSTOMERS as usize).contains(&some), "{some}");

    logged.set(&["log_min_duration_sample = -1", "log_transaction_sample_rate = 0.5"]);
    for _ in 0..10 {
        let count = executed(&logged.page());
        assert!([0, CUSTOMERS as usize].contains(&count), "{count}");
    }
}

fn auto_explain_logs_plans_and_no_count() {
    let logged = logged(&["auto_explain.log_min_duration = '1s'"]);
    assert_eq!(plans(&logged.page()), 0);

    logged.set(&["auto_explain.log_min_duration = 0", "auto_explain.sample_rate = 0.1"]);
    let log = logged.page();
    assert!((1..CUSTOMERS as usize).contains(&plans(&log)), "{log}");

    logged.set(&["auto_explain.sample_rate = 1"]);
    // One more for the customers.
    assert_eq!(plans(&logged.page()), CUSTOMERS as usize + 1);
}

fn each_length_of_a_list_is_another_statement_before_postgresql_18() {
    #[derive(FromRow)]
    struct Texts {
        texts: i64,
    }
    #[derive(FromRow)]
    struct Version {
        number: i32,
    }
    let Logged { session, server: _server, .. } = logged(&[]);
    session.execute("CREATE EXTENSION pg_stat_statements", []).unwrap();
    for length in 1..=50 {
        let keys: Vec<_> = (1..=length).map(|key| key.to_string()).collect();
        let list = keys.join(", ");
        session.execute(&format!("SELECT FROM orders WHERE customer_id IN ({list})"), []).unwrap();
        session.execute(&format!("SELECT FROM orders WHERE customer_id = ANY('{{{list}}}')"), []).unwrap();
    }
    let texts = |operator: &str| {
        let sql = format!(
            "SELECT count(*) AS texts FROM pg_stat_statements WHERE query LIKE 'SELECT FROM%{operator}%'"
        );
        session.query::<Texts>(&sql, []).unwrap()[0].texts
    };
    let sql = "SELECT current_setting('server_version_num')::int AS number";
    let version = session.query::<Version>(sql, []).unwrap()[0].number;
    assert_eq!(texts("ANY"), 1);
    assert!(version >= 180_000 || texts(" IN ") == 50, "{}", texts(" IN "));
}

fn statements_that_differ_in_a_comment_are_one_row_with_the_first_comment() {
    #[derive(FromRow)]
    struct Entry {
        calls: i64,
        query: String,
    }
    let Logged { session, server: _server, .. } = logged(&[]);
    session.execute("CREATE EXTENSION pg_stat_statements", []).unwrap();
    for page in ["first", "second", "third"] {
        session.execute(&format!("/*page='{page}'*/ SELECT FROM orders WHERE id = 1"), []).unwrap();
    }
    let sql = "SELECT calls, query FROM pg_stat_statements WHERE query LIKE '/*page%'";
    let entries: Vec<Entry> = session.query(sql, []).unwrap();
    assert_eq!((entries.len(), entries[0].calls), (1, 3));
    assert!(entries[0].query.starts_with("/*page='first'*/"), "{}", entries[0].query);
}

fn a_list_of_some_keys_is_searched_and_a_list_of_all_keys_scans_the_table() {
    #[derive(FromRow)]
    struct Line {
        #[row(column = "QUERY PLAN")]
        line: String,
    }
    let Logged { session, server: _server, .. } = logged_with(3_000, &[]);
    session.execute("ANALYZE", []).unwrap();
    let scans = |customers: usize| {
        let keys: Vec<_> = (1..=customers).map(|key| key.to_string()).collect();
        let sql = format!("EXPLAIN SELECT * FROM orders WHERE customer_id = ANY('{{{}}}')", keys.join(","));
        let plan: Vec<Line> = session.query(&sql, []).unwrap();
        plan[0].line.starts_with("Seq Scan")
    };
    assert_eq!([10, 300, 3_000].map(scans), [false, false, true]);
}
