//! A process that is killed while it writes. Its committed data stays, and nothing is partially written.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use eagerly::{Entity, Session};

use crate::faults::text;

#[derive(Debug, Entity)]
#[entity(table = "entries")]
struct Entry {
    #[entity(key)]
    id: i64,
    batch: i64,
    text: String,
}

/// The number of rows in a batch. A batch is written in one transaction.
const BATCH: u64 = 400;
const FILE: &str = "EAGERLY_KILLED_FILE";

#[test]
fn exactly_the_committed_rows_remain_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entries.db");
    let session = Session::open(&path).unwrap();
    session
        .execute(
            "CREATE TABLE entries (id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, text TEXT NOT NULL)",
            [],
        )
        .unwrap();
    drop(session);
    let mut batches = 0;
    for round in 0..50 {
        let committed = killed_after(&path, Duration::from_millis(2 + round % 25));
        let session = Session::open(&path).unwrap();
        let rows = session.count(Entry::select()).unwrap();
        assert_eq!(text(&session, "PRAGMA integrity_check"), "ok", "after {round} kills");
        assert_eq!(rows % BATCH, 0, "a partial batch, after {round} kills");
        // The writer may have committed one batch without having reported it.
        let now = rows / BATCH;
        let told = batches + committed;
        assert!((told..=told + 1).contains(&now), "{told} batches were reported, {now} exist");
        batches = now;
    }
    assert!(batches > 0, "no writer ever committed anything");
}

/// Starts a writer, kills it 20 ms plus `time` later, and returns the number of commits that it reported.
fn killed_after(path: &Path, time: Duration) -> u64 {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(writer.stdout.take().unwrap());
    let told = std::thread::spawn(move || {
        let lines = output.lines().map_while(Result::ok);
        lines.filter(|line| line == "committed").count() as u64
    });
    std::thread::sleep(Duration::from_millis(20) + time);
    writer.kill().unwrap();
    writer.wait().unwrap();
    told.join().unwrap()
}

#[test]
#[ignore = "it is the writer that the other test starts and kills"]
fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let session = Session::open(path).unwrap();
    for batch in 0.. {
        session.insert_all((0..BATCH).map(|_| Entry { id: 0, batch, text: "x".repeat(100) })).unwrap();
        println!("committed");
        std::io::stdout().flush().unwrap();
    }
}
