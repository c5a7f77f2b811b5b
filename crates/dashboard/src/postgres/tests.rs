//! Tests on a real server. Without PostgreSQL they are skipped, with a note on standard error.

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use eagerly::{FromRow, Strategy, params};
use eagerly_wire::Server;
use shop::Size;

use crate::build::{self, Run};
use crate::on_server::{Calls, Messages, OnServer};
use crate::settings::{Settings, Stage};
use crate::shops::Shops;
use crate::stop::Stop;
use crate::{Preparing, level, load};

/// A limit for everything that happens at some time. Without a failure, no test needs it.
const PATIENCE: Duration = Duration::from_secs(60);

const SIZE: Size = Size { customers: 30, orders: 4.0, items: 3.0, seed: 1 };

/// The server of all tests. Its keeper removes it when the test program ends.
static SHOPS: LazyLock<Option<Shops>> = LazyLock::new(|| {
    if !Server::is_available() {
        assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "PostgreSQL is not installed");
        // The test harness hides the output of `eprintln!` in a test that passes, but not this.
        let _ = writeln!(std::io::stderr(), "tests of the dashboard need PostgreSQL and are skipped");
        return None;
    }
    Some(Shops::on_server(None, &SIZE, &Preparing::default()).unwrap())
});

fn settings(strategy: Strategy, milliseconds: f64) -> Settings {
    let round_trip = Duration::from_secs_f64(milliseconds / 1e3);
    Settings { round_trip, ..Settings::default() }.by(strategy)
}

fn run(shops: &Shops, settings: &Settings) -> Run {
    let shop = shops.at(settings.stage);
    build::build(shop, settings, &Arc::default(), Box::new(|_| {})).unwrap().run
}

fn calls(server: &OnServer) -> u64 {
    server.statistics.as_ref().unwrap().iter().map(|calls: &Calls| calls.calls).sum()
}

#[test]
fn every_strategy_returns_the_page_of_sqlite_and_session_wire_and_server_count_the_same() {
    let Some(shops) = &*SHOPS else { return };
    let files = Shops::prepare(None, &SIZE, &Preparing::default()).unwrap();
    for stage in Stage::ALL {
        assert_eq!(shops.at(stage).rows, files.at(stage).rows);
        for strategy in Strategy::ALL {
            let settings = Settings { stage, ..settings(strategy, 0.0) };
            let (here, there) = (run(&files, &settings), run(shops, &settings));
            assert_eq!(here.lines.ok(), there.lines.ok(), "{strategy}");
            assert_eq!(here.statements, there.statements, "{strategy}");
            assert_eq!(here.rows, there.rows, "{strategy}");
            assert_eq!(here.journal.first.len(), there.journal.first.len(), "{strategy}");
            assert!(here.server.is_none());
            let server = there.server.unwrap();
            assert_eq!(server.wire.statements, there.statements, "{strategy}");
            assert_eq!(calls(&server), there.statements, "{strategy}");
            assert!(server.wire.round_trips >= there.statements, "{strategy}");
            let has_finding = matches!(strategy, Strategy::Lazy | Strategy::Immediate);
            assert_eq!(!server.wire.findings.is_empty(), has_finding, "{strategy}");
        }
    }
}

#[test]
fn pages_with_different_round_trips_run_at_the_same_time_and_keep_their_own_counts() {
    let Some(shops) = &*SHOPS else { return };
    let size = SIZE.rows();
    let start = Instant::now();
    thread::scope(|scope| {
        let pages: Vec<_> = [(Strategy::Lazy, 1.0), (Strategy::Lazy, 3.0), (Strategy::Selectin, 20.0)]
            .into_iter()
            .map(|(strategy, trip)| (trip, scope.spawn(move || run(shops, &settings(strategy, trip)))))
            .collect();
        let runs = pages.into_iter().map(|(trip, page)| (trip, page.join().unwrap()));
        for ((trip, run), expected) in runs.zip([1 + size[0] + size[1], 1 + size[0] + size[1], 3]) {
            let server = run.server.unwrap();
            assert_eq!(run.statements, expected);
            assert_eq!((server.wire.statements, calls(&server)), (expected, expected));
            // A little less than was asked for, because a calibration on a busy machine subtracts too much.
            let least = Duration::from_secs_f64(trip / 1e3 * 0.6) * expected as u32;
            assert!(run.measured > least, "{:?} for {expected} statements at {trip} ms", run.measured);
        }
    });
    eprintln!("{:?}", start.elapsed());
}

#[test]
fn the_messages_of_a_page_have_times_a_direction_and_bytes() {
    let Some(shops) = &*SHOPS else { return };
    let server = run(shops, &settings(Strategy::Selectin, 4.0)).server.unwrap();
    let OnServer { messages: Messages { first, left_out }, wire, .. } = server;
    assert_eq!(left_out, 0);
    assert!(!first[0].is_down && first.iter().any(|message| message.is_down));
    for (is_down, bytes) in [(false, wire.bytes_up), (true, wire.bytes_down)] {
        let own = first.iter().filter(|message| message.is_down == is_down);
        assert_eq!(own.map(|message| message.bytes).sum::<u64>(), bytes);
    }
    // Each travels for half of the round trip.
    assert!(first.iter().all(|message| message.received - message.sent >= Duration::from_millis(1)));
    let last = first.last().unwrap();
    assert!(first.iter().all(|message| message.received <= last.received));

    let many = Settings { stage: Stage::Production, ..settings(Strategy::Lazy, 0.0) };
    let messages = run(shops, &many).server.unwrap().messages;
    assert!(messages.first.len() <= Messages::MOST);
}

#[test]
fn a_slow_statement_is_in_the_log_of_its_own_page_only() {
    let Some(shops) = &*SHOPS else { return };
    let (settings, stop) = (settings(Strategy::Selectin, 0.0), Arc::<Stop>::default());
    let open = || shops.at(Stage::Production).open(&settings, &stop).unwrap();
    let (slow, quick) = (open(), open());
    let (watch, watch_quick) = (slow.watch(), quick.watch());
    let started = Instant::now();
    slow.session.execute("SELECT pg_sleep(0.15)", []).unwrap();
    let logged = watch.end(started).unwrap().slow.unwrap();
    assert_eq!(logged.len(), 1);
    assert!(logged[0].sql.contains("pg_sleep") && logged[0].took >= Duration::from_millis(150));
    assert!(watch_quick.end(started).unwrap().slow.unwrap().is_empty());
}

/// Returns the number of connections of pages.
fn connections(shops: &Shops) -> i64 {
    #[derive(FromRow)]
    struct Count {
        count: i64,
    }
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE $1";
    let session = shops.at(Stage::Production).session().unwrap();
    let counts: Vec<Count> = session.query(sql, params!["page\\_%"]).unwrap();
    counts[0].count
}

#[test]
fn a_stop_ends_the_running_statement_and_the_page() {
    let Some(shops) = &*SHOPS else { return };
    let stop = Arc::<Stop>::default();
    let start = Instant::now();
    thread::scope(|scope| {
        // 151 statements at 500 ms take longer than the limit.
        let page = scope.spawn(|| {
            let settings = settings(Strategy::Lazy, 500.0);
            build::build(shops.at(Stage::Production), &settings, &stop, Box::new(|_| {})).unwrap().run
        });
        thread::sleep(Duration::from_secs(4));
        stop.request();
        let run = page.join().unwrap();
        assert!(run.lines.is_err_and(|failed| failed.is_stopped));
    });
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());

    // A single statement that would run for ten minutes.
    let stop = Arc::<Stop>::default();
    let open = shops.at(Stage::Production).open(&settings(Strategy::Lazy, 1.0), &stop).unwrap();
    let start = Instant::now();
    let (returned, has_returned) = channel::<()>();
    thread::scope(|scope| {
        let (stop, open) = (&stop, &open);
        scope.spawn(move || {
            // A stop that comes just before the statement runs does not reach it.
            while has_returned.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
                stop.request();
            }
        });
        assert!(open.session.execute("SELECT pg_sleep(600)", []).is_err());
        drop(returned);
    });
    assert!(start.elapsed() < PATIENCE);
    drop(open);
}

#[test]
fn many_users_share_the_pool_and_all_get_the_same_page() {
    let Some(shops) = &*SHOPS else { return };
    let settings = Settings { customers: Some(3), ..settings(Strategy::Lazy, 1.0) };
    let mut levels = Vec::new();
    let shop = shops.at(Stage::Production);
    let time = Duration::from_millis(400);
    load::run(shop, &settings, &[1, 16], time, &Arc::default(), |level| levels.push(level)).unwrap();
    assert_eq!(levels.iter().map(|level| level.users).collect::<Vec<_>>(), [1, 16]);
    for level in &levels {
        assert!(level.pages_per_second > 0.0 && level.median <= level.p95, "{level:?}");
        assert!(level.busy <= f64::from(level::CONNECTIONS) + 0.01, "{level:?}");
    }
    // 16 users share 10 connections.
    assert!(levels[1].waiting > levels[0].waiting, "{levels:?}");

    let stop = Arc::<Stop>::default();
    stop.request();
    load::run(shop, &settings, &level::USERS, level::TIME, &stop, |_| panic!("it was stopped")).unwrap();
}

#[test]
fn the_last_page_leaves_no_connection_and_closing_removes_the_server() {
    if SHOPS.is_none() {
        return;
    }
    let shops = Shops::on_server(None, &SIZE, &Preparing::default()).unwrap();
    run(&shops, &settings(Strategy::Selectin, 1.0));
    let start = Instant::now();
    while connections(&shops) > 0 {
        assert!(start.elapsed() < PATIENCE, "a page has left its connection");
        thread::sleep(Duration::from_millis(10));
    }
    shops.close().unwrap();
    assert!(shops.at(Stage::Production).session().is_err());
    let failed =
        build::build(shops.at(Stage::Production), &Settings::default(), &Arc::default(), Box::new(|_| {}));
    assert!(failed.is_err());
}
