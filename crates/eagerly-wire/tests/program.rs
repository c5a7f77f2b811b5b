//! The program `wire` says in a line what is wrong and what to do, and goes on where it can.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use eagerly_wire::Server;
use eagerly_wire::server::for_tests;
use postgres::{Client, NoTls};

/// A limit for everything that must happen at some time.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, while it runs.
struct Wire {
    process: Child,
    address: SocketAddr,
    /// The lines of standard error so far.
    lines: Arc<Mutex<Vec<String>>>,
    reader: JoinHandle<()>,
}

/// What the program has printed.
struct Printed {
    code: Option<i32>,
    output: String,
    lines: Vec<String>,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wire"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Wire {
    /// Starts the program in front of a server, and waits until it listens.
    fn start(to: SocketAddr, arguments: &[&str]) -> Self {
        let mut process = command(&["--to", &to.to_string(), "--listen", "127.0.0.1:0"])
            .args(if arguments.contains(&"--gap") { &[][..] } else { &["--gap", "100s"] })
            .args(arguments)
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
        let first = errors.next().unwrap();
        let address = first.strip_prefix("wire: listening at ").and_then(|rest| rest.split(',').next());
        let address = address.unwrap_or_else(|| panic!("{first}")).parse().unwrap();
        let lines = Arc::new(Mutex::new(vec![first]));
        let shared = Arc::clone(&lines);
        let reader = thread::spawn(move || errors.for_each(|line| shared.lock().unwrap().push(line)));
        Self { process, address, lines, reader }
    }

    fn client(&self) -> Result<Client, postgres::Error> {
        Client::connect(&format!("postgres://postgres@{}/postgres", self.address), NoTls)
    }

    fn url(&self, parameters: &str) -> String {
        format!("postgres://postgres@{}/postgres?{parameters}", self.address)
    }

    /// Waits until a line of standard error begins with a text.
    fn wait_for_line(&self, beginning: &str) {
        let start = Instant::now();
        while !self.lines.lock().unwrap().iter().any(|line| line.starts_with(beginning)) {
            assert!(start.elapsed() < PATIENCE, "{beginning}: {:?}", self.lines);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal, such as `INT` for Ctrl-C, and waits for the end.
    fn end(mut self, signal: &str) -> Printed {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        let mut output = String::new();
        self.process.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        let code = self.process.wait().unwrap().code();
        self.reader.join().unwrap();
        let lines = self.lines.lock().unwrap().clone();
        for line in
            lines.iter().map(String::as_str).chain(output.lines().filter(|line| !line.starts_with('{')))
        {
            assert!(line.chars().count() <= 80, "{line}");
            assert!(!line.contains("panicked"), "{line}");
        }
        Printed { code, output, lines }
    }
}

/// Runs the program, which must end with an error at once. Returns its two lines.
fn refused(arguments: &[&str]) -> [String; 2] {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let text = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(1), 0), "{arguments:?}: {text}");
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
    let [error, help] = lines.try_into().unwrap_or_else(|lines| panic!("{lines:?}"));
    assert!(error.starts_with("error: ") && help.starts_with("  help: "), "{text}");
    [error, help]
}

/// Starts a server that answers each connection with these bytes, and then waits for its end.
fn other_server(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(answer);
            if !answer.is_empty() {
                let _ = stream.read_to_end(&mut Vec::new());
            }
        }
    });
    address
}

#[test]
fn an_address_without_a_server_is_refused() {
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let [error, help] = refused(&["--to", &nowhere.to_string()]);
    assert!(error.starts_with(&format!("error: no server answers at {nowhere}: ")), "{error}");
    assert_eq!(help, "  help: start PostgreSQL, or name its address with --to HOST:PORT");
}

#[test]
fn a_host_that_does_not_exist_is_refused() {
    for to in ["nowhere.invalid", "nowhere.invalid:5432", "localhost:99999", ""] {
        let [error, help] = refused(&["--to", to]);
        assert!(error.starts_with(&format!("error: cannot find the host of {to}: ")), "{error}");
        assert_eq!(help, "  help: name the server as HOST:PORT, for example --to localhost:5432");
    }
}

#[test]
fn a_server_that_is_not_postgresql_is_refused() {
    let answers: [&[u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"-ERR unknown command\r\n",
        b"N\0\0\0\x0a8.0.36\0",
        b"",
    ];
    for answer in answers {
        let address = other_server(answer);
        let [error, help] = refused(&["--to", &address.to_string()]);
        assert_eq!(error, format!("error: the server at {address} is not PostgreSQL"));
        assert_eq!(help, "  help: name the address of the database with --to HOST:PORT");
    }
}

#[test]
fn a_port_that_is_taken_is_refused() {
    let Some(server) = for_tests() else { return };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let [error, help] = refused(&["--to", &server.address().to_string(), "--listen", &address]);
    assert!(
        error.starts_with(&format!("error: cannot listen at {address}: Address already in use")),
        "{error}"
    );
    assert_eq!(help, "  help: choose another address of this machine with --listen");
}

#[test]
fn a_file_that_cannot_be_written_is_refused_at_the_start() {
    let [error, help] = refused(&["--html", "/nowhere/page.html"]);
    assert!(error.starts_with("error: cannot write /nowhere/page.html: "), "{error}");
    assert_eq!(help, "  help: name a file in a folder that you can write to");
}

#[test]
fn ctrl_c_prints_the_report() {
    let Some(server) = for_tests() else { return };
    for signal in ["INT", "TERM"] {
        let wire = Wire::start(server.address(), &[]);
        let mut client = wire.client().unwrap();
        client.batch_execute("SELECT 1").unwrap();
        client.batch_execute("SELECT 2").unwrap();
        let printed = wire.end(signal);
        assert_eq!(printed.code, Some(0));
        assert!(printed.output.starts_with("Page 1 · connection 1\n"), "{}", printed.output);
        assert!(printed.output.contains("  2 statements, 2 round trips, 2 rows, "), "{}", printed.output);
        // The client learns that its connection has ended.
        client.batch_execute("SELECT 3").unwrap_err();
    }
}

#[test]
fn without_a_statement_the_report_says_so() {
    let Some(server) = for_tests() else { return };
    let printed = Wire::start(server.address(), &["--round-trip", "1ms"]).end("INT");
    assert_eq!((printed.code, &*printed.output), (Some(0), "No statement has passed.\n"));
    assert!(
        printed.lines[1].starts_with("wire: added round trip: asked 1.00 ms, measured "),
        "{:?}",
        printed.lines
    );
}

#[test]
fn a_page_is_shown_when_it_has_ended() {
    let Some(server) = for_tests() else { return };
    let wire = Wire::start(server.address(), &["--gap", "50ms"]);
    let mut client = wire.client().unwrap();
    client.batch_execute("SELECT 1").unwrap();
    wire.wait_for_line("wire: page 1: 1 statement, 1 round trip, ");
    assert_eq!(wire.end("INT").code, Some(0));
}

#[test]
fn the_report_is_one_json_object() {
    let Some(server) = for_tests() else { return };
    let wire = Wire::start(server.address(), &["--json"]);
    let mut client = wire.client().unwrap();
    let orders = client.prepare("SELECT $1::int8 AS order").unwrap();
    for row in client.query("SELECT n::int8 AS id FROM generate_series(1, 20) n", &[]).unwrap() {
        client.query(&orders, &[&row.get::<_, i64>(0)]).unwrap();
    }
    let printed = wire.end("INT");
    assert_eq!((printed.code, printed.output.lines().count()), (Some(0), 1));
    let json: serde_json::Value = serde_json::from_str(&printed.output).unwrap();
    let keys = |value: &serde_json::Value| {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(keys(&json), "messages_not_understood pages pages_left_out");
    let page = &json["pages"][0];
    assert_eq!(
        keys(page),
        "connection control_statements elapsed_ms failed findings idle_in_transaction_ms name page round_trips rows \
         server_ms shapes statements transactions values_left_out wire_ms"
    );
    assert_eq!(page["statements"], 21);
    assert_eq!(keys(&page["shapes"][0]), "control rows server_ms shape slowest_ms statements");
    let finding = &page["findings"][0];
    assert_eq!(
        keys(finding),
        "from_column from_shape from_statement hint kind note parameter shape statements"
    );
    assert_eq!((&finding["kind"], &finding["statements"]), (&"n+1".into(), &20.into()));
}

#[test]
fn the_waterfall_is_written() {
    let Some(server) = for_tests() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    let wire = Wire::start(server.address(), &["--html", path.to_str().unwrap()]);
    wire.client().unwrap().batch_execute("SELECT 'only here'::text AS word").unwrap();
    assert_eq!(wire.end("INT").code, Some(0));
    let html = std::fs::read_to_string(&path).unwrap();
    assert!(html.contains("<!doctype html>") || html.contains("<!DOCTYPE html>"));
    assert!(html.contains("SELECT $1::text AS word"));
    // Without a page, there is nothing to draw.
    let printed = Wire::start(server.address(), &["--html", path.to_str().unwrap()]).end("INT");
    assert_eq!(printed.code, Some(1));
    assert!(printed.lines.contains(&"error: no page has passed, so there is no waterfall".to_owned()));
    assert_eq!(printed.lines.last().unwrap(), "  help: connect the application to wire's port");
}

#[test]
fn a_server_that_goes_away_is_named_to_each_client() {
    if for_tests().is_none() {
        return;
    }
    let server = Server::start().unwrap();
    let wire = Wire::start(server.address(), &[]);
    let mut client = wire.client().unwrap();
    client.batch_execute("SELECT 1").unwrap();
    let address = server.address();
    drop(server);
    client.batch_execute("SELECT 2").unwrap_err();
    for _ in 0..3 {
        let Err(error) = wire.client() else { panic!("the server is gone") };
        let message = error.as_db_error().map(|error| error.message().to_owned());
        let message = message.unwrap_or_else(|| panic!("{error}"));
        assert!(message.starts_with(&format!("the proxy cannot connect to {address}: ")), "{message}");
    }
    wire.wait_for_line(&format!("wire: cannot connect to {address}: "));
    wire.wait_for_line("  help: start the server again");
    let printed = wire.end("INT");
    assert_eq!(printed.code, Some(0));
    assert!(printed.output.contains("  1 statement, 1 round trip, 1 row, "), "{}", printed.output);
}

#[test]
fn clients_that_go_away_in_the_middle_harm_no_other() {
    let Some(server) = for_tests() else { return };
    let wire = Wire::start(server.address(), &[]);
    let mut other = wire.client().unwrap();
    for beginning in [&b""[..], b"\0", b"\0\0\0\x08\x04\xd2\x16\x2f", b"GET / HTTP/1.1\r\n\r\n", &[0xff; 100]]
    {
        let mut stream = TcpStream::connect(wire.address).unwrap();
        stream.write_all(beginning).unwrap();
    }
    for _ in 0..5 {
        let mut child = Command::new("psql")
            .args([&wire.url(""), "-c", "SELECT n, repeat('x', 1000) FROM generate_series(1, 1000000) n"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(100));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for _ in 0..3 {
        other.batch_execute("SELECT 1").unwrap();
    }
    let printed = wire.end("INT");
    assert_eq!(printed.code, Some(0));
    assert!(printed.output.contains("  3 statements, 3 round trips, 3 rows, "), "{}", printed.output);
}

#[test]
fn a_client_that_asks_for_encryption_is_told_of_once() {
    let Some(server) = for_tests() else { return };
    let wire = Wire::start(server.address(), &[]);
    for mode in ["require", "require", "prefer"] {
        let output =
            Command::new("psql").args([&wire.url(&format!("sslmode={mode}")), "-c", "SELECT 1"]).output();
        assert_eq!(output.unwrap().status.success(), mode == "prefer");
    }
    let printed = wire.end("INT");
    let told = printed.lines.iter().filter(|line| line.contains("encryption")).count();
    assert_eq!((printed.code, told), (Some(0), 1), "{:?}", printed.lines);
}

#[test]
fn wire_goes_on_when_nobody_reads_its_messages() {
    let Some(server) = for_tests() else { return };
    let mut process =
        command(&["--to", &server.address().to_string(), "--listen", "127.0.0.1:0", "--gap", "10ms"])
            .spawn()
            .unwrap();
    let mut errors = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    let address = line.strip_prefix("wire: listening at ").unwrap().split(',').next().unwrap();
    drop(errors);
    let mut client = Client::connect(&format!("postgres://postgres@{address}/postgres"), NoTls).unwrap();
    // Each page would be shown.
    for _ in 0..3 {
        client.batch_execute("SELECT 1").unwrap();
        thread::sleep(Duration::from_millis(600));
    }
    Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap();
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Page 3 · connection 1\n"), "{output:?}");
}

#[test]
fn names_of_any_kind_stay_within_80_columns() {
    let Some(server) = for_tests() else { return };
    let wire = Wire::start(server.address(), &["--slow", "1us"]);
    let mut client = wire.client().unwrap();
    let name = "a very long name of an application that is cut by the server at 63 bytes";
    client.batch_execute(&format!("SET application_name = '{name}'")).unwrap();
    let long = format!("/*controller='{}'*/", "c".repeat(500));
    client.batch_execute(&format!("SELECT 1 AS \"\u{1b}[31mred\r\n\u{7}\" {long}")).unwrap();
    for number in 0..40 {
        let columns: Vec<_> = (0..number * 5).map(|column| format!("{number} AS column_{column}")).collect();
        client.batch_execute(&format!("SELECT {} {long}", columns.join(", "))).unwrap();
    }
    let printed = wire.end("INT");
    assert_eq!(printed.code, Some(0));
    assert!(!printed.output.contains(['\u{1b}', '\u{7}', '\r']), "{}", printed.output);
}

#[test]
fn a_url_in_the_place_of_an_address_is_an_error_without_its_password() {
    for arguments in [
        ["--to", "postgres://ada:more secret@localhost/shop"],
        ["--to", "postgres://shop"],
        ["--to", "ada:secret@localhost"],
        ["--to", "host=localhost password=secret"],
        ["--listen", "postgres://ada:secret@localhost/shop"],
        ["postgres://localhost/shop?password=secret", "--pool"],
    ] {
        let output = command(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("help: name the server"), "{said}");
        assert!(!said.contains("secret") && output.stdout.is_empty(), "{said}");
    }
}
