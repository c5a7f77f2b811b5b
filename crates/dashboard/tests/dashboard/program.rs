//! The program, as its user runs it: what it prints, and what it leaves behind.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The longest time that a test waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program, with a folder of its own for temporary files.
struct Program {
    child: Child,
    folder: TempDir,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // As root, a server runs as another user.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_dashboard"))
            .args(["--port", "0"])
            .args(arguments)
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    /// Reads what it prints until it is ready. Returns that, and its address.
    fn words(&mut self) -> (String, String) {
        let mut lines = BufReader::new(self.child.stdout.as_mut().unwrap()).lines();
        let mut words = String::new();
        while let Some(Ok(line)) = lines.next() {
            words += &format!("{line}\n");
            if let Some((_, address)) = line.split_once("http://") {
                return (words.clone(), address.split(' ').next().unwrap().to_owned());
            }
        }
        let mut errors = String::new();
        self.child.stderr.as_mut().unwrap().read_to_string(&mut errors).unwrap();
        panic!("it printed no address: {words}{errors}");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until its folder for temporary files is empty.
    fn wait_until_nothing_is_left(&self) {
        let start = Instant::now();
        let left = || std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        while left().next().is_some() {
            assert!(start.elapsed() < PATIENCE, "left: {:?}", left().collect::<Vec<_>>());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program to its end, and returns its errors.
fn complaint(arguments: &[&str]) -> String {
    let mut program = Program::start(arguments);
    assert!(!program.wait().success());
    let mut errors = String::new();
    program.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(!errors.contains("panicked"), "{errors}");
    program.wait_until_nothing_is_left();
    errors
}

#[test]
fn every_way_to_end_the_program_removes_its_databases() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut program = Program::start(&["--customers", "20"]);
        let (words, _) = program.words();
        assert!(words.contains("20 customers, 200 orders, 600 items, in a SQLite file"), "{words}");
        program.signal(signal);
        assert!(program.wait().success(), "{signal}");
        program.wait_until_nothing_is_left();
    }
}

#[test]
fn ending_the_program_while_it_creates_its_databases_removes_them() {
    let mut program = Program::start(&["--customers", "30000"]);
    let start = Instant::now();
    while std::fs::read_dir(program.folder.path()).unwrap().next().is_none() {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    program.signal("-INT");
    assert!(program.wait().success());
    program.wait_until_nothing_is_left();
}

#[test]
fn the_round_trip_is_part_of_the_address() {
    let mut program = Program::start(&["--customers", "5", "--round-trip", "20"]);
    assert!(program.words().1.ends_with("/?trip=20"));
}

#[test]
fn an_invalid_argument_is_an_error_without_a_password() {
    assert!(complaint(&["--round-trip", "151"]).contains("from 0 to 150"));
    for url in ["postgres://ada:more secret@localhost/shop", "host=localhost password=secret"] {
        let errors = complaint(&[url]);
        assert!(errors.contains("--url") && !errors.contains("secret"), "{errors}");
    }
}

#[test]
#[cfg(not(feature = "postgres"))]
fn without_the_feature_the_error_names_the_command() {
    for arguments in [vec!["--server"], vec!["--url", "postgres://ada:secret@localhost/shop"]] {
        let errors = complaint(&arguments);
        assert!(
            errors.contains("help: run `cargo dashboard-server`") && !errors.contains("secret"),
            "{errors}"
        );
    }
}

/// The program on a PostgreSQL server. Without PostgreSQL these tests are skipped.
#[cfg(feature = "postgres")]
mod on_server {
    use std::io::Write as _;

    use eagerly::{FromRow, Session};
    use eagerly_wire::Server;

    use super::*;

    fn is_skipped() -> bool {
        let is_skipped = !Server::is_available();
        if is_skipped {
            assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "PostgreSQL is not installed");
            // The test harness hides the output of `eprintln!` in a test that passes, but not this.
            let _ = writeln!(std::io::stderr(), "skipped, because PostgreSQL is not installed");
        }
        is_skipped
    }

    /// Builds a page of the program, and returns its events.
    fn build(address: &str, query: &str) -> String {
        let (host, _) = address.split_once('/').unwrap();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        write!(stream, "GET /build?{query} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
        let mut events = String::new();
        stream.read_to_string(&mut events).unwrap();
        events
    }

    #[test]
    fn a_throw_away_server_is_removed_however_the_program_ends() {
        if is_skipped() {
            return;
        }
        for signal in ["-INT", "-KILL"] {
            let mut program = Program::start(&["--server", "--customers", "20"]);
            let (words, address) = program.words();
            assert!(words.contains("20 customers, 200 orders, 600 items, in PostgreSQL"), "{words}");
            assert!(words.contains("The server is a throw-away server."), "{words}");
            assert!(build(&address, "trip=0&orders=selectin&items=selectin").contains("event: built"));
            program.signal(signal);
            assert_eq!(program.wait().success(), signal == "-INT");
            program.wait_until_nothing_is_left();
        }
    }

    #[test]
    fn ending_the_program_while_it_fills_the_server_or_builds_a_page_removes_it() {
        if is_skipped() {
            return;
        }
        let mut program = Program::start(&["--server", "--customers", "50000"]);
        std::thread::sleep(Duration::from_secs(4));
        program.signal("-INT");
        assert!(program.wait().success());
        program.wait_until_nothing_is_left();

        let mut program = Program::start(&["--server", "--customers", "20"]);
        let (_, address) = program.words();
        // It would take half a minute.
        let page = std::thread::spawn(move || build(&address, "trip=150"));
        std::thread::sleep(Duration::from_secs(3));
        program.signal("-INT");
        assert!(program.wait().success());
        program.wait_until_nothing_is_left();
        assert!(!page.join().unwrap().contains("event: built"));
    }

    #[test]
    fn on_the_users_server_only_two_schemas_are_created_and_both_are_dropped() {
        #[derive(FromRow)]
        struct Schema {
            nspname: String,
        }

        if is_skipped() {
            return;
        }
        let server = Server::start().unwrap();
        let administrator = Session::connect(&server.url()).unwrap();
        administrator.execute("CREATE TABLE customers (id BIGINT)", []).unwrap();
        let schemas = || {
            let sql = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'eagerly_%' ORDER BY 1";
            let schemas: Vec<Schema> = administrator.query(sql, []).unwrap();
            schemas.into_iter().map(|schema| schema.nspname).collect::<Vec<_>>()
        };
        let url = server.url().replace("postgres@", "postgres:secret@");
        for signal in ["-INT", "-KILL"] {
            let mut program = Program::start(&["--url", &url, "--customers", "20"]);
            let (words, address) = program.words();
            let own = schemas();
            assert_eq!(own.len(), 2);
            assert!(own.iter().all(|schema| words.contains(schema)), "{own:?} in {words}");
            let page = build(&address, "trip=1&orders=selectin&items=selectin");
            assert!(page.contains("event: built"), "{page}");
            assert!(!words.contains("secret") && !page.contains("secret"));
            program.signal(signal);
            assert_eq!(program.wait().success(), signal == "-INT");
            let start = Instant::now();
            while !schemas().is_empty() {
                assert!(start.elapsed() < PATIENCE, "left: {:?}", schemas());
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        assert!(administrator.execute("DROP TABLE customers", []).is_ok(), "another's table was dropped");
        let nowhere = complaint(&["--url", "postgres://ada:secret@127.0.0.1:1/shop"]);
        assert!(nowhere.contains("ada@127.0.0.1:1/shop") && !nowhere.contains("secret"), "{nowhere}");
        let encrypted = complaint(&["--url", &format!("{url}?sslmode=require")]);
        assert!(encrypted.contains("help: name one host, without encryption"), "{encrypted}");
    }
}
