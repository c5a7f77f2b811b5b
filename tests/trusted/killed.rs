//! A process that is killed while it writes. Its committed data stays, and nothing is partially written.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use eagerly::{Dialect, Entity, FromRow, Session};

use crate::databases::{Place, open};
use crate::faults::text;

on_both!(exactly_the_committed_rows_remain_after_a_kill);

#[derive(Debug, Entity)]
#[entity(table = "entries")]
struct Entry {
    #[entity(key)]
    id: i64,
    batch: i64,
    text: String,
}

/// The number of rows in a batch. A batch is written in one transaction. To PostgreSQL, it travels in two groups.
const BATCH: u64 = 1_200;
const ADDRESS: &str = "EAGERLY_KILLED_ADDRESS";

fn exactly_the_committed_rows_remain_after_a_kill() {
    let place = Place::empty();
    let session = open(place.address());
    session.create_tables::<Entry>().unwrap();
    let start = Instant::now();
    write_batch(&session, 0);
    let one_batch = start.elapsed();
    drop(session);
    let (mut batches, mut unreported) = (1, 0);
    for round in 0..50 {
        // Every fifth writer commits at least once. The kills are spread over the time of a batch and an eighth.
        let (commits, time) = ((round % 5 == 0).into(), one_batch * (round % 10) / 8);
        let committed = killed_after(place.address(), commits, time);
        let session = open(place.address());
        match session.dialect() {
            Dialect::Sqlite => {
                assert_eq!(text(&session, "PRAGMA integrity_check"), "ok", "after {round} kills");
            }
            Dialect::Postgres => wait_until_alone(&session),
        }
        let rows = session.count(Entry::select()).unwrap();
        assert_eq!(rows % BATCH, 0, "a partial batch, after {round} kills");
        // The writer may have committed one batch without having reported it.
        let now = rows / BATCH;
        let told = batches + committed;
        assert!((told..=told + 1).contains(&now), "{told} batches were reported, {now} exist");
        unreported += now - told;
        batches = now;
    }
    println!("50 kills, {batches} batches, {unreported} of them not reported");
}

/// Waits until the server has ended the session of a killed process. Until then, it may still commit.
fn wait_until_alone(session: &Session) {
    #[derive(FromRow)]
    struct Others {
        count: i64,
    }
    let sql =
        "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()";
    let start = Instant::now();
    while session.query::<Others>(sql, []).unwrap()[0].count > 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "the session of a killed process does not end");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Starts a writer, waits for some commits and `time` longer, kills it, and returns the number of commits that it reported.
fn killed_after(address: &str, commits: u64, time: Duration) -> u64 {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(ADDRESS, address)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The test harness also writes lines.
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut wait_for = |report| assert!(lines.any(|line| line == report), "the writer has failed");
    wait_for("opened");
    (0..commits).for_each(|_| wait_for("committed"));
    std::thread::sleep(time);
    writer.kill().unwrap();
    writer.wait().unwrap();
    commits + lines.filter(|line| line == "committed").count() as u64
}

#[test]
#[ignore = "it is the writer that the other test starts and kills"]
fn writes_until_it_is_killed() {
    let Ok(address) = std::env::var(ADDRESS) else {
        return;
    };
    let session = open(&address);
    report("opened");
    for batch in 0.. {
        write_batch(&session, batch);
        report("committed");
    }
}

fn write_batch(session: &Session, batch: i64) {
    session.insert_all((0..BATCH).map(|_| Entry { id: 0, batch, text: "x".repeat(100) })).unwrap();
}

fn report(line: &str) {
    // The test harness may have begun a line.
    println!("\n{line}");
    std::io::stdout().flush().unwrap();
}
