//! Tests of the case study program from outside: its figures, and its messages for bad input.

#[path = "support/example.rs"]
mod example;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eagerly::{Session, Strategy, params};
use serde_json::Value;

fn admin_page(arguments: &[&str]) -> Output {
    example::example("admin_page").args(arguments).output().unwrap()
}

fn figures(arguments: &[&str]) -> Value {
    let output = admin_page(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs it with bad input, checks that it fails, and returns its one line on standard error.
fn complaint(arguments: &[&str]) -> String {
    let output = admin_page(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(said.lines().count(), 1, "not exactly one line:\n{said}");
    assert!(said.starts_with("error: "), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

const SMALL: [&str; 2] = ["--customers", "40"];

struct File {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shop.db");
        Self { _directory: directory, path }
    }

    fn with_shop() -> Self {
        let file = Self::new();
        figures(&[&SMALL[..], &["--db", file.name()]].concat());
        file
    }

    fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }
}

#[test]
fn the_figures_follow_the_formulas_and_every_way_returns_the_same_page() {
    let figures =
        figures(&[&SMALL[..], &["--orders", "4.5", "--items", "2", "--round-trip", "500us"]].concat());
    assert_eq!(figures["customers"], 40);
    assert_eq!(figures["orders"], 180);
    assert_eq!(figures["items"], 360);
    assert_eq!(figures["round_trip_ms"], 0.5);
    let runs = figures["runs"].as_array().unwrap();
    let of = |field: &str| runs.iter().map(|run| run[field].clone()).collect::<Vec<_>>();
    let strategies = Strategy::ALL.into_iter().map(Strategy::name);
    let names: Vec<_> = ["orders"].into_iter().chain(strategies).chain(["totals", "sql"]).collect();
    let lazy = 1 + 40 + 180;
    assert_eq!(of("strategy"), names);
    assert_eq!(of("statements"), [41, lazy, lazy, 3, 3, 3, 1, 1, 3, 1]);
    assert_eq!(of("control"), [0, 0, 2, 0, 2, 2, 0, 0, 2, 0]);
    let (refused, pages): (Vec<_>, Vec<_>) = runs.iter().partition(|run| run["strategy"] == "raise");
    let modelled: Vec<_> = pages.iter().map(|run| run["modelled_ms"].clone()).collect();
    assert_eq!(modelled, [20.5, 110.5, 110.5, 1.5, 1.5, 1.5, 0.5, 1.5, 0.5]);
    assert!(pages.iter().all(|run| run["measured_ms"].as_f64() > Some(0.0) && run.get("error").is_none()));
    // The page without totals is another page.
    assert!(pages[1..].iter().all(|run| run["checksum"] == pages[1]["checksum"]));
    assert_ne!(pages[0]["checksum"], pages[1]["checksum"]);
    // An error is no page, so it has no time.
    let error = refused[0]["error"].as_str().unwrap();
    assert!(error.contains("add `.with(selectin(Customer::ORDERS))` to the query at"), "{error}");
    assert!(["measured_ms", "modelled_ms"].iter().all(|time| refused[0].get(time).is_none()), "{figures}");
}

#[test]
fn the_same_seed_creates_the_same_page_and_another_seed_creates_another() {
    let checksum = |seed| {
        let figures = figures(&[&SMALL[..], &["--strategy", "sql", "--seed", seed]].concat());
        figures["runs"][0]["checksum"].clone()
    };
    assert_eq!(checksum("1"), checksum("1"));
    assert_ne!(checksum("1"), checksum("2"));
}

#[test]
fn the_output_is_in_order_and_has_no_colours_in_a_pipe() {
    let output = admin_page(&SMALL);
    let story = String::from_utf8(output.stdout).unwrap();
    let chapters = [
        "40 customers, 400 orders, 1,200 items",
        "5 customers: 6 statements with the orders of each, 16 with the items",
        "441 statements",
        "lazy Customer.orders, page.rs:",
        "… 438 more, of 2 shapes",
        "E M P T Y",
        "No statement is slow, but 441 are too many.",
        "+ .with(selectin(Customer::ORDERS).selectin(Order::ITEMS)),",
        "lazy, orders only 41 440",
        "lazy 441 1,640",
        "selectin 3 1,640",
        "joined 1 ",
        "raise 1 40 error – –",
        "selectin + sum 3 480",
        "SQL GROUP BY 1 40",
        "Each returns the same page: 40 lines",
        "lazy, orders only: another page, without totals.",
        "raise: Customer.orders, accessed at",
    ];
    let flowing = story.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = flowing.as_str();
    for chapter in chapters {
        let (_, after) = rest.split_once(chapter).unwrap_or_else(|| panic!("{chapter:?} in\n{story}"));
        rest = after;
    }
    assert!(story.lines().count() <= 60, "one screen:\n{story}");
    assert!(!story.contains('\u{1b}'));
}

#[test]
fn a_shop_without_customers_has_an_empty_page() {
    let figures = figures(&["--customers", "0"]);
    let runs = figures["runs"].as_array().unwrap();
    assert!(runs.iter().all(|run| run["statements"] == 1 && run["rows"] == 0));
    assert_eq!(runs.len(), Strategy::ALL.len() + 3);
}

#[test]
fn echo_prints_every_statement_on_standard_error() {
    let output = admin_page(&["--customers", "3", "--strategy", "selectin", "--json", "--echo"]);
    let echo = String::from_utf8(output.stderr).unwrap();
    // The heading, `BEGIN`, the three statements and `COMMIT`: the page runs once.
    assert_eq!(echo.lines().count(), 1 + 5, "{echo}");
    assert!(echo.contains("selectin Customer.orders for"), "{echo}");
    serde_json::from_slice::<Value>(&output.stdout).unwrap();
}

#[test]
fn a_file_is_kept_and_used_again() {
    let file = File::with_shop();
    let again = figures(&["--customers", "7", "--db", file.name(), "--strategy", "sql"]);
    assert_eq!(again["customers"], 40, "the file's customers, not the option's");
    let story = admin_page(&["--db", file.name()]).stdout;
    assert!(String::from_utf8(story).unwrap().contains("in an existing SQLite file"));
}

#[test]
fn the_error_for_an_invalid_flag_names_it() {
    assert!(complaint(&["--customers", "many"]).contains("'many' for '--customers"));
    assert!(complaint(&["--customers", "-1"]).contains("'-1' for '--customers"));
    assert!(complaint(&["--customers", "99999999999"]).contains("--customers"));
    assert!(complaint(&["--orders", "NaN"]).contains("expected a number from 0 to 1000000"));
    assert!(complaint(&["--items", "-3"]).contains("expected a number"));
    let help = "help: write a time such as 1ms";
    for (round_trip, reason) in [
        ("soon", "this is not a time"),
        ("-1ms", "a round trip cannot be negative"),
        ("5", "a time needs a unit"),
    ] {
        let said = complaint(&["--round-trip", round_trip]);
        assert!(said.contains(reason) && said.contains(help), "{said}");
    }
    assert!(complaint(&["--strategy", "magic"]).contains("raise, orders, totals, sql, all"));
    assert!(complaint(&["--nonsense"]).contains("--nonsense"));
    assert!(complaint(&["--customers", "4000000000", "--orders", "1000000"]).contains("choose fewer"));
}

#[test]
fn a_file_that_is_not_a_database_is_refused_and_not_changed() {
    let file = File::new();
    std::fs::write(&file.path, "Dear diary, today I wrote no SQL at all.\n".repeat(100)).unwrap();
    let before = file.bytes();
    assert!(complaint(&["--db", file.name()]).contains("the file does not hold a SQLite database"));
    assert_eq!(file.bytes(), before);
}

#[test]
fn a_database_with_other_tables_is_refused_and_not_changed() {
    let file = File::new();
    let session = Session::open(&file.path).unwrap();
    session.execute("CREATE TABLE precious (data TEXT)", []).unwrap();
    session.execute("INSERT INTO precious VALUES ('mine')", []).unwrap();
    session.close().unwrap();
    let before = file.bytes();
    assert!(complaint(&["--db", file.name()]).contains("it has other tables than a shop, such as precious"));
    assert_eq!(file.bytes(), before);
}

#[test]
fn a_database_with_a_part_of_the_tables_is_refused_and_the_error_names_them() {
    let file = File::new();
    let session = Session::open(&file.path).unwrap();
    session.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)", []).unwrap();
    session.close().unwrap();
    let before = file.bytes();
    let said = complaint(&["--db", file.name()]);
    assert!(
        said.contains("it has the table orders, but not customers and order_items; help: name"),
        "{said}"
    );
    assert_eq!(file.bytes(), before);
}

#[test]
fn the_sentences_follow_from_the_figures() {
    let story = |arguments: &[&str]| {
        let output = admin_page(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let none = story(&["--customers", "0"]);
    assert!(none.contains("0 customers, 0 orders, 0 items"), "{none}");
    assert!(none.contains("the same code sends few 1 statement takes "), "{none}");
    assert!(none.contains("The statement took ") && none.contains("It is not slow."), "{none}");
    assert!(!none.contains("too many") && !none.contains(" more, of "), "{none}");
    let one = story(&["--customers", "1", "--orders", "1", "--items", "1"]);
    assert!(one.contains("1 customer, 1 order, 1 item, in"), "{one}");
    assert!(one.contains("3 statements take ") && one.contains("No statement is slow."), "{one}");
    assert!(!one.contains("too many"), "{one}");
    let far = story(&["--customers", "40", "--round-trip", "6s"]);
    assert!(far.contains("At 6 s, that adds 44 min (modelled)."), "{far}");
    let near = story(&["--customers", "40", "--round-trip", "0"]);
    assert!(near.contains("None is modelled here.") && !near.contains("modelled at"), "{near}");
    assert!(near.contains("way statements rows read measured │"), "{near}");
}

#[test]
fn a_locked_database_is_an_error_after_a_timeout() {
    let file = File::with_shop();
    let before = file.bytes();
    let holder = Session::open(&file.path).unwrap();
    holder.execute("BEGIN EXCLUSIVE", []).unwrap();
    assert!(complaint(&["--db", file.name()]).contains("wait until the other connection finishes"));
    holder.execute("ROLLBACK", []).unwrap();
    assert_eq!(file.bytes(), before);
}

#[test]
fn the_error_for_a_missing_or_read_only_directory_names_it() {
    let file = File::new();
    let nowhere = file.path.join("no/such/shop.db");
    assert!(complaint(&["--db", nowhere.to_str().unwrap()]).contains("check that the directory exists"));
    if cfg!(target_os = "linux") {
        assert!(complaint(&["--db", "/proc/shop.db"]).contains("cannot open the database /proc/shop.db"));
    }
    let directory = file.path.parent().and_then(Path::to_str).unwrap();
    assert!(complaint(&["--db", directory]).contains("cannot open the database"));
}

#[test]
fn a_corrupt_page_is_reported_and_the_file_is_not_changed() {
    let file = File::with_shop();
    let mut bytes = file.bytes();
    let (page, pages) = (4096, bytes.len() / 4096);
    assert!(pages > 8);
    for byte in &mut bytes[2 * page..(pages - 1) * page] {
        *byte = 0xAA;
    }
    std::fs::write(&file.path, &bytes).unwrap();
    let said = complaint(&["--db", file.name()]);
    assert!(said.contains("malformed") && said.contains("restore a backup"), "{said}");
    assert_eq!(file.bytes(), bytes);
}

#[test]
fn a_total_that_does_not_fit_is_an_error_for_every_way() {
    let file = File::with_shop();
    let session = Session::open(&file.path).unwrap();
    session.execute("UPDATE order_items SET quantity = ?1", params![i64::MAX]).unwrap();
    session.close().unwrap();
    for way in ["lazy", "immediate", "batch", "selectin", "subquery", "joined", "totals", "sql"] {
        let output = admin_page(&["--db", file.name(), "--strategy", way, "--json"]);
        assert!(!output.status.success(), "{way}");
        assert!(output.stdout.is_empty(), "{way}");
    }
}

/// Interrupts the program while it creates the data of a large and of a small shop.
#[test]
#[cfg(unix)]
fn ctrl_c_removes_the_temporary_database() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    for customers in ["200000", "20000"] {
        let folder = tempfile::tempdir().unwrap();
        let files = || std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let database = || files().find(|path| path.join("shop.db").exists());
        let mut command = example::example("admin_page");
        command.args(["--customers", customers, "--strategy", "lazy"]).env("TMPDIR", folder.path());
        let mut program = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while database().is_none() {
            assert!(start.elapsed() < Duration::from_secs(30), "no database was created");
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(200));
        let interrupt = Command::new("kill").args(["-INT", &program.id().to_string()]).status().unwrap();
        assert!(interrupt.success());
        assert_eq!(program.wait().unwrap().code(), Some(130));
        assert_eq!(files().count(), 0, "the database is left");
    }
}
