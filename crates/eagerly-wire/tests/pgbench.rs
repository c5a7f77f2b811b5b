//! PostgreSQL's own benchmark has no N+1, so the recorder must not find one.
//!
//! `pgbench` sends random integers, and reads integers from its tables. So a value that is sent often equals a value that was
//! read before, by chance.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use eagerly_wire::server::for_tests;
use eagerly_wire::{Kind, Proxy, Recorder, Server, Settings};
use postgres::{Client, NoTls};

/// Returns a command that runs `pgbench` of the same installation as the server, or `None` if it is not installed.
fn pgbench(server: &Server, port: u16, database: &str) -> Option<Command> {
    let mut client = Client::connect(&server.url(), NoTls).unwrap();
    let row = client.query_one("SELECT setting FROM pg_config WHERE name = 'BINDIR'", &[]).unwrap();
    let program = Path::new(row.get::<_, &str>(0)).join("pgbench");
    if !program.is_file() {
        eprintln!("skipped: pgbench is not installed");
        return None;
    }
    let mut command = Command::new(program);
    command.args(["--host=127.0.0.1", "--username=postgres", &format!("--port={port}")]);
    command.env("PGDATABASE", database);
    Some(command)
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs a script for a second in each way in which `pgbench` sends statements.
fn assert_nothing_is_found(script: &str) {
    let Some(server) = for_tests() else { return };
    let database = script.replace('-', "_");
    let Some(mut initialize) = pgbench(server, server.address().port(), &database) else { return };
    let mut client = Client::connect(&server.url(), NoTls).unwrap();
    client.batch_execute(&format!("CREATE DATABASE {database}")).unwrap();
    run(initialize.args(["--initialize", "--quiet"]));
    for mode in ["simple", "extended", "prepared"] {
        let recorder = Recorder::new(Settings::default());
        let observers = vec![Arc::new(recorder.clone()) as _];
        let any_port = "127.0.0.1:0".parse().unwrap();
        let proxy = Proxy::observed(any_port, server.address(), Duration::ZERO, observers).unwrap();
        let mut command = pgbench(server, proxy.address().port(), &database).unwrap();
        run(command
            .args(["--no-vacuum", "--client=4", "--time=1"])
            .args([&format!("--builtin={script}"), &format!("--protocol={mode}")]));
        let report = recorder.report();
        println!("{script}, {mode}: {} statements", report.statements());
        assert!(report.statements() > 100, "{report}");
        assert_eq!(report.not_understood, 0);
        for finding in report.pages.iter().flat_map(|page| &page.findings) {
            // Both can be true. A random key can occur twice, and a client can be slow within a transaction.
            let is_true = matches!(finding.kind, Kind::Repeated | Kind::IdleTransaction);
            assert!(is_true && !finding.is_hint, "{mode}: {finding:?}");
        }
    }
}

#[test]
fn nothing_is_found_in_random_reads() {
    assert_nothing_is_found("select-only");
}

#[test]
fn nothing_is_found_in_random_transactions() {
    assert_nothing_is_found("tpcb-like");
}
