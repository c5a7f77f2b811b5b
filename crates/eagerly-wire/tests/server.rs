//! A throw-away server answers, and disappears with its folder, whatever happens to its program.

#![cfg(unix)]

#[path = "server/protocol.rs"]
mod protocol;

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use eagerly_wire::server::for_tests;
use eagerly_wire::{Server, ServerError};
use protocol::{first_value, log_in};

/// A limit for everything that must happen at some time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Selects what `the_program_that_ends` does.
const ENDING: &str = "EAGERLY_WIRE_TEST_ENDING";

fn value_over_tcp(server: &Server, sql: &str) -> String {
    first_value(TcpStream::connect(server.address()).unwrap(), sql)
}

#[test]
fn a_server_answers_over_tcp() {
    let Some(server) = for_tests() else { return };
    assert_eq!(value_over_tcp(server, "SELECT 6 * 7"), "42");
    let reported = value_over_tcp(server, "SHOW server_version");
    assert_eq!(reported.split(' ').next(), Some(server.version()));
    assert_eq!(server.url(), format!("postgres://postgres@127.0.0.1:{}/postgres", server.address().port()));
}

#[test]
fn a_server_answers_on_its_unix_socket() {
    let Some(server) = for_tests() else { return };
    let socket = server.folder().join(format!(".s.PGSQL.{}", server.address().port()));
    assert_eq!(first_value(UnixStream::connect(socket).unwrap(), "SELECT 6 * 7"), "42");
}

#[test]
fn both_urls_are_understood_by_psql() {
    let Some(server) = for_tests() else { return };
    for url in [server.url(), server.socket_url()] {
        let sql = "SELECT coalesce(inet_server_addr()::text, 'socket')";
        let output = Command::new("psql").args([&url, "-At", "-c", sql]).output();
        let Ok(output) = output else { return eprintln!("skipped: psql is not installed") };
        let expected = if url.contains("127.0.0.1") { "127.0.0.1/32\n" } else { "socket\n" };
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{url}: {output:?}");
    }
}

#[test]
fn the_server_for_tests_counts_statements_and_logs_slow_ones() {
    let Some(server) = for_tests() else { return };
    assert_eq!(value_over_tcp(server, "SHOW shared_preload_libraries"), "pg_stat_statements");
    value_over_tcp(server, "SELECT pg_sleep(0.11)");
    let log = server.log().unwrap();
    assert!(log.contains("duration: ") && log.contains("SELECT pg_sleep(0.11)"), "{log}");
}

#[test]
fn the_folder_is_private() {
    let Some(server) = for_tests() else { return };
    let mode = std::fs::metadata(server.folder()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn two_servers_do_not_disturb_each_other() {
    if for_tests().is_none() {
        return;
    }
    let [one, other] = [(); 2].map(|()| Server::start().unwrap());
    assert_ne!(one.folder(), other.folder());
    value_over_tcp(&one, "CREATE TABLE only_here (id int)");
    let count = "SELECT count(*) FROM pg_class WHERE relname = 'only_here'";
    assert_eq!(value_over_tcp(&one, count), "1");
    assert_eq!(value_over_tcp(&other, count), "0");
    drop(one);
    assert_eq!(value_over_tcp(&other, count), "0");
}

#[test]
fn a_setting_replaces_the_default() {
    if for_tests().is_none() {
        return;
    }
    let server = Server::with_settings(&["max_connections=7", "application_name=a b='c'"]).unwrap();
    assert_eq!(value_over_tcp(&server, "SHOW max_connections"), "7");
    assert_eq!(value_over_tcp(&server, "SHOW application_name"), "a b='c'");
    assert_eq!(value_over_tcp(&server, "SHOW fsync"), "off");
}

#[test]
fn a_server_and_its_folder_are_gone_after_drop() {
    if for_tests().is_none() {
        return;
    }
    let server = Server::start().unwrap();
    let (folder, address) = (server.folder().to_owned(), server.address());
    // An open connection does not delay the end.
    let mut client = TcpStream::connect(address).unwrap();
    log_in(&mut client);
    drop(server);
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
    drop(client);
}

#[test]
fn a_server_that_was_killed_is_started_again_with_its_data_and_is_gone_after_drop() {
    if for_tests().is_none() {
        return;
    }
    let mut server = Server::with_settings(&["synchronous_commit=on"]).unwrap();
    value_over_tcp(&server, "CREATE TABLE kept AS SELECT 42 AS number");
    let process = std::fs::read_to_string(server.folder().join("data/postmaster.pid")).unwrap();
    signal("-KILL", process.lines().next().unwrap());
    server.restart().unwrap();
    assert_eq!(value_over_tcp(&server, "SELECT number FROM kept"), "42");
    let (folder, address) = (server.folder().to_owned(), server.address());
    drop(server);
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_server_and_its_folder_are_gone_after_a_panic() {
    if for_tests().is_none() {
        return;
    }
    let place = std::sync::Mutex::new(None);
    let result = std::panic::catch_unwind(|| {
        let server = Server::start().unwrap();
        *place.lock().unwrap() = Some((server.folder().to_owned(), server.address()));
        std::panic::resume_unwind(Box::new("a panic without a message"));
    });
    assert!(result.is_err());
    let (folder, address) = place.lock().unwrap().take().unwrap();
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_rejected_setting_is_an_error_with_the_reason_from_the_log_and_leaves_no_folder() {
    if for_tests().is_none() {
        return;
    }
    // Only a program of its own can have a TMPDIR that nothing else uses.
    let temporary = shared_folder();
    let output = program("rejected setting").env("TMPDIR", temporary.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(entries(temporary.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_server_ends_when_its_program_is_killed() {
    assert_gone_after("wait", |program| signal("-KILL", &program.id().to_string()));
}

#[test]
fn a_server_ends_when_ctrl_c_ends_its_program() {
    // A terminal sends Ctrl-C to the whole process group.
    assert_gone_after("wait", |program| signal("-INT", &format!("-{}", program.id())));
}

#[test]
fn a_server_in_a_static_ends_when_its_program_exits() {
    assert_gone_after("exit", |_| ());
}

#[test]
fn a_program_that_is_killed_while_its_server_starts_leaves_no_folder() {
    if for_tests().is_none() {
        return;
    }
    // The kills hit `initdb`, and usually the first and the last moments of the server.
    for delay in [0, 300, 600, 900].map(Duration::from_millis) {
        let temporary = shared_folder();
        let mut program =
            program("start").env("TMPDIR", temporary.path()).stdout(Stdio::null()).spawn().unwrap();
        wait_until(|| entries(temporary.path()).iter().any(|folder| folder.join("initdb.log").exists()));
        std::thread::sleep(delay);
        program.kill().unwrap();
        program.wait().unwrap();
        wait_until(|| entries(temporary.path()).is_empty());
    }
}

/// Returns a folder for the temporary files of one program, in which the user of its server may create files.
fn shared_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o1777)).unwrap();
    folder
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "the condition does not hold after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs `the_program_that_ends` and its server, ends the program, and waits until the server is gone.
fn assert_gone_after(ending: &str, end: impl FnOnce(&Child)) {
    if for_tests().is_none() {
        return;
    }
    let mut program = program(ending).stdout(Stdio::piped()).process_group(0).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("server at ")).unwrap();
    let fields: Vec<_> = line.split_once("server at ").unwrap().1.splitn(3, ' ').collect();
    let &[address, child, folder] = fields.as_slice() else { panic!("{line}") };
    end(&program);
    program.wait().unwrap();
    let address: SocketAddr = address.parse().unwrap();
    wait_until(|| !Path::new(folder).exists() && TcpStream::connect(address).is_err());
    // The server is gone although another child process of the program still runs. It did not inherit the pipe.
    if ending == "wait" {
        signal("-KILL", child);
    }
}

fn signal(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, "--", process]).status().unwrap().success());
}

/// Returns a command that runs `the_program_that_ends`, which is in this test binary.
fn program(ending: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "the_program_that_ends", "--nocapture"]).env(ENDING, ending);
    command
}

#[test]
#[ignore = "the other tests run it as a program of its own"]
fn the_program_that_ends() {
    match std::env::var(ENDING).as_deref() {
        Ok("rejected setting") => {
            let error = Server::with_settings(&["nonsense=1"]).unwrap_err();
            assert!(matches!(error, ServerError::DidNotStart { .. }), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("unrecognized configuration parameter \"nonsense\""), "{text}");
        }
        Ok(ending @ ("wait" | "exit")) => {
            let server = for_tests().unwrap();
            // A child process that outlives the program, started after the server.
            let mut sleep = Command::new("sleep");
            sleep.arg(if ending == "wait" { "300" } else { "0" }).stdout(Stdio::null()).process_group(0);
            let mut child = sleep.spawn().unwrap();
            println!("server at {} {} {}", server.address(), child.id(), server.folder().display());
            child.wait().unwrap();
        }
        Ok("start") => {
            let _server = Server::start().unwrap();
            std::thread::sleep(PATIENCE);
        }
        // Someone runs all ignored tests.
        _ => {}
    }
}
