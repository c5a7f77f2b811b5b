//! Tests of the case study on a PostgreSQL server, from outside: its figures, its output, and what it leaves behind.
//!
//! Without PostgreSQL they are left out, except the one for that case.

#[path = "support/server_program.rs"]
mod server_program;

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

use eagerly::Session;
use eagerly_wire::Server;
use serde_json::Value;
use tempfile::TempDir;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| server_program::build("server_page"));

fn is_left_out() -> bool {
    server_program::is_left_out("server_page")
}

/// A folder for temporary files, in which a server's user may create some, and the program that uses it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(server_program::folder())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&*PROGRAM);
        command.args(arguments);
        for (flag, value) in [("--customers", "30"), ("--round-trip", "0")] {
            if !arguments.contains(&flag) {
                command.args([flag, value]);
            }
        }
        command.env("TMPDIR", self.0.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn figures(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", text(output.stderr));
        assert!(output.stderr.is_empty(), "{}", text(output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn story(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", text(output.stderr));
        text(output.stdout)
    }

    /// Runs it, checks that it fails, and returns its one line on standard error.
    fn complaint(&self, arguments: &[&str]) -> String {
        one_line(self.run(arguments))
    }

    fn is_empty(&self) -> bool {
        std::fs::read_dir(self.0.path()).unwrap().next().is_none()
    }
}

/// Runs the page a second time if the slow-query log has a statement of the slow page. On a busy machine, a fast
/// statement can wait for 100 ms.
fn without_waiting<T>(run: impl Fn() -> T, is_empty: impl Fn(&T) -> bool) -> T {
    let done = run();
    if is_empty(&done) { done } else { run() }
}

fn one_line(output: Output) -> String {
    let said = text(output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "not exactly one line:\n{said}");
    assert!(said.starts_with("error: ") && said.contains("help: "), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn column(figures: &Value, name: &str) -> Vec<Value> {
    figures["runs"].as_array().unwrap().iter().map(|run| run[name].clone()).collect()
}

/// Returns the figures of the same page on SQLite.
fn on_sqlite(arguments: &[&str]) -> Value {
    // Built here: a program of yesterday has other customers. With the same features as the other program, so that both
    // share their libraries.
    let program = server_program::build_with("admin_page", "example-server-page/postgres");
    let output = Command::new(program).args(arguments).arg("--json").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_session_counts_what_the_server_counts_and_every_way_returns_the_page_of_sqlite() {
    if is_left_out() {
        return;
    }
    let place = Place::new();
    let run = || place.figures(&["--strategy", "all"]);
    let figures = without_waiting(run, |figures| figures["slow_log"]["lazy_bytes"] == 0);
    let database = figures["database"].as_str().unwrap();
    assert!(database.starts_with("PostgreSQL ") && !database.contains('('), "{database}");
    assert_eq!([&figures["customers"], &figures["orders"], &figures["items"]], [30, 300, 900]);
    let sqlite = on_sqlite(&["--customers", "30"]);
    for same in ["strategy", "statements", "control", "rows", "checksum"] {
        assert_eq!(column(&figures, same), column(&sqlite, same), "{same}");
    }
    assert_eq!(column(&figures, "server_calls"), column(&figures, "statements"));
    // A prepared statement is one round trip. `BEGIN` travels with the statement after it, and `COMMIT` by itself.
    assert_eq!(column(&figures, "round_trips"), [31, 331, 332, 3, 4, 4, 1, 1, 4, 1]);
    for run in figures["runs"].as_array().unwrap() {
        for time in ["server_ms", "measured_ms", "modelled_ms"] {
            // An error is no page, so it has no time.
            assert_eq!(run[time].is_number(), run["strategy"] != "raise", "{time}: {figures}");
        }
        assert!(run["strategy"] == "raise" || run["measured_ms"].as_f64() > Some(0.0), "{figures}");
    }
    assert_eq!(figures["slow_log"], serde_json::json!({ "threshold_ms": 100, "lazy_bytes": 0 }));
    assert!(place.is_empty(), "the server's folder is left");
}

#[test]
fn the_proxy_adds_the_round_trip_that_was_asked_for() {
    if is_left_out() {
        return;
    }
    let place = Place::new();
    let figures = place.figures(&["--round-trip", "3ms", "--strategy", "lazy", "--customers", "3"]);
    assert_eq!(figures["round_trip_ms"], 3.0);
    let statements = figures["runs"][0]["statements"].as_f64().unwrap();
    let measured = figures["runs"][0]["measured_ms"].as_f64().unwrap();
    // Not exact: on a busy machine a round trip takes longer, and the calibration may take off a little too much.
    assert!(measured > statements * 2.0, "{figures}");
    assert_eq!(figures["runs"][0]["modelled_ms"].as_f64(), Some(statements * 3.0));
}

#[test]
fn the_session_the_server_and_the_wire_count_the_same_and_the_wire_finds_n_plus_one_where_it_is() {
    if is_left_out() {
        return;
    }
    let figures = Place::new().figures(&["--round-trip", "100us", "--strategy", "all"]);
    for (session, wire) in
        [("statements", "wire_statements"), ("control", "wire_control"), ("round_trips", "wire_round_trips")]
    {
        assert_eq!(column(&figures, session), column(&figures, wire), "{session}");
    }
    assert_eq!(column(&figures, "statements"), column(&figures, "server_calls"));
    let tables = |run: &Value| {
        let shapes = run["wire_n_plus_one"].as_array().unwrap().iter();
        let table = |shape: &Value| {
            shape.as_str().unwrap().split("FROM ").nth(1).unwrap().split(' ').next().unwrap().to_owned()
        };
        shapes.map(table).collect::<Vec<_>>()
    };
    for run in figures["runs"].as_array().unwrap() {
        let expected: &[&str] = match run["strategy"].as_str().unwrap() {
            "orders" => &["\"orders\""],
            "lazy" | "immediate" => &["\"orders\"", "\"order_items\""],
            _ => &[],
        };
        assert_eq!(tables(run), expected, "{}", run["strategy"]);
    }
}

#[test]
fn the_output_is_in_order_fits_80_columns_and_has_no_colours_in_a_pipe() {
    if is_left_out() {
        return;
    }
    let place = Place::new();
    let story = without_waiting(|| place.story(&["--strategy", "all"]), |story| story.contains("E M P T Y"));
    let chapters = [
        "30 customers, 300 orders, 900 items, in PostgreSQL",
        "The server is a throw-away server.",
        "5 customers: 6 statements with the orders of each, 16 with the items",
        "331 statements in",
        "The server's slow-query log (log_min_duration_statement=100ms)",
        "E M P T Y",
        "The slow page added 0 bytes. It sent 331 statements. None took 100 ms.",
        "pg_stat_statements, ordered by calls",
        "300",
        "30",
        "one statement ran 300 times. The server counted 331 statements in total, and the session counted 331.",
        "+ .with(selectin(Customer::ORDERS).selectin(Order::ITEMS))",
        "lazy, orders only 31 31 – 31",
        "lazy 331 331 – 331",
        "selectin 3 3 – 4",
        "joined 1 1 – 1",
        "raise 1 1 – 1",
        "– error",
        "selectin + sum 3 3 – 4",
        "SQL GROUP BY 1 1 – 1",
        "Each returns the same page: 30 lines",
        "lazy, orders only: another page, without totals.",
        "raise: Customer.orders, accessed at",
        "The slow-query log after all of them",
    ];
    let flowing = story.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = flowing.as_str();
    for chapter in chapters {
        let (_, after) = rest.split_once(chapter).unwrap_or_else(|| panic!("{chapter:?} in\n{story}"));
        rest = after;
    }
    let help = place.story(&["--help"]);
    for line in story.lines().chain(help.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(!story.contains('\u{1b}'));
    assert!(place.is_empty(), "the server's folder is left");
}

#[test]
fn by_default_the_second_slow_way_does_not_run_and_the_table_says_so() {
    if is_left_out() {
        return;
    }
    let story = Place::new().story(&[]);
    assert!(!story.contains("│ immediate"), "{story}");
    assert!(
        story.contains("immediate sends the same statements as lazy. It runs only with --strategy all."),
        "{story}"
    );
}

#[test]
fn a_server_of_the_users_keeps_nothing_and_no_message_has_the_password() {
    if is_left_out() {
        return;
    }
    let server = Server::start().unwrap();
    let administrator = Session::connect(&server.url()).unwrap();
    let schemas = || {
        #[derive(eagerly::FromRow)]
        struct Schema {
            nspname: String,
        }
        let sql = "SELECT nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY 1";
        let schemas: Vec<Schema> = administrator.query(sql, []).unwrap();
        schemas.into_iter().map(|schema| schema.nspname).collect::<Vec<_>>()
    };
    let before = schemas();
    let url = server.url().replace("postgres@", "postgres:secret@");
    let place = Place::new();
    let story = place.story(&["--url", &url, "--round-trip", "100us"]);
    assert!(story.contains("The server is yours. The schema eagerly_server_page_"), "{story}");
    assert!(story.contains("Not shown: the log is a file of your server."), "{story}");
    assert!(
        story.contains("Not shown: this database does not have the extension pg_stat_statements."),
        "{story}"
    );
    assert!(!story.contains("secret"), "{story}");
    assert_eq!(schemas(), before);
    let figures = place.figures(&["--url", &url]);
    assert!(figures["slow_log"].is_null());
    assert!(column(&figures, "server_calls").iter().all(Value::is_null));
    // After an error, too: this proxy cannot be added.
    let socket = server.socket_url();
    assert!(place.complaint(&["--url", &socket, "--round-trip", "1ms"]).contains("--round-trip 0"));
    assert_eq!(schemas(), before);
    for url in ["postgres://ada:secret@127.0.0.1:1/shop", "postgres://ada@127.0.0.1:1/shop?password=secret"] {
        let nowhere = place.complaint(&["--url", url]);
        assert!(nowhere.contains("ada@127.0.0.1:1/shop") && !nowhere.contains("secret"), "{nowhere}");
        let mut command = place.command(&["--url", "postgres://ada@127.0.0.1:1/shop"]);
        let said = text(command.env("PGPASSWORD", "secret").output().unwrap().stderr);
        assert!(said.contains("ada@127.0.0.1:1/shop") && !said.contains("secret"), "{said}");
    }
    let unencoded = place.complaint(&["--url", "postgres://127.0.0.1:1/shop?password=a@secret"]);
    assert!(unencoded.contains("percent-encoding") && !unencoded.contains("secret"), "{unencoded}");
}

#[test]
#[cfg(unix)]
fn a_killed_program_leaves_no_schema_on_a_server_of_the_users() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    if is_left_out() {
        return;
    }
    let server = Server::start().unwrap();
    let administrator = Session::connect(&server.url()).unwrap();
    let has_schema = || {
        #[derive(eagerly::FromRow)]
        struct Count {
            count: i64,
        }
        let sql = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'eagerly_server_page_%'";
        let counts: Vec<Count> = administrator.query(sql, []).unwrap();
        counts[0].count > 0
    };
    let wait_until = |expected: bool| {
        let start = Instant::now();
        while has_schema() != expected {
            assert!(start.elapsed() < Duration::from_secs(30), "no schema was created, or it is left");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let place = Place::new();
    // The page would take half a minute.
    let arguments = ["--url", &server.url(), "--round-trip", "100ms", "--strategy", "lazy"];
    let mut program = place.command(&arguments).stdout(Stdio::null()).spawn().unwrap();
    wait_until(true);
    program.kill().unwrap();
    program.wait().unwrap();
    wait_until(false);
}

#[test]
fn without_postgresql_it_says_in_one_line_what_to_do() {
    let place = Place::new();
    let mut command = place.command(&[]);
    let nowhere = place.0.path().join("bin");
    let said = one_line(command.env("PATH", "").env("EAGERLY_POSTGRES_BIN", nowhere).output().unwrap());
    assert!(said.contains("PostgreSQL") && said.contains("--url"), "{said}");
    assert!(place.is_empty());
}

#[test]
fn the_error_for_an_invalid_flag_names_it_and_hides_a_password() {
    let place = Place::new();
    let said = |arguments: &[&str]| {
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        text(output.stderr)
    };
    assert!(said(&["--strategy", "magic"]).contains("raise, orders, totals, sql, all"));
    for url in [
        "postgres://ada:secret@localhost/shop",
        "postgres://ada:more secret@localhost/shop",
        "postgres://localhost/shop?password=secret",
        "host=localhost password=secret",
    ] {
        let without_its_flag = said(&[url]);
        assert!(without_its_flag.contains("unexpected argument"), "{without_its_flag}");
        assert!(!without_its_flag.contains("secret"), "{without_its_flag}");
    }
}
