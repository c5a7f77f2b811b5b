//! Servers that are killed, full, or deny something. What was committed stays, and nothing else is kept.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use eagerly::{Entity, Error, Failure, FromRow, Session, by};
use eagerly_wire::Server;
use shop::{Customer, Order, Size, data};

use crate::databases::{another, server, user_of, with_admin};
use crate::kind;
use crate::shared::{shop_of, yielding};
use crate::watchdog::{PATIENCE, within};

on_postgres!(
    a_server_that_is_killed_keeps_what_was_committed_and_nothing_else,
    a_full_disk_and_a_full_server_are_reported_and_undo_one_transaction,
    a_timeout_in_insert_all_keeps_nothing_and_a_retry_keeps_all,
    a_table_that_a_role_may_not_read_ends_a_page_with_one_error,
    a_table_that_a_role_may_not_write_stays_as_it_is,
);

#[derive(Debug, Entity)]
#[entity(table = "marks")]
struct Mark {
    #[entity(key)]
    id: i64,
    text: String,
}

const CREATE: &str = "CREATE TABLE marks (id BIGINT PRIMARY KEY, text TEXT NOT NULL)";

fn marks(ids: std::ops::Range<i64>) -> impl Iterator<Item = Mark> {
    // A key of 0 would be that of a new row.
    ids.map(|id| Mark { id: id + 1, text: "x".repeat(200) })
}

fn kill(process: i64) {
    assert!(Command::new("kill").args(["-9", &process.to_string()]).status().unwrap().success());
}

#[derive(FromRow)]
struct Number {
    number: i64,
}

/// The process of the server that works for a session.
fn backend(session: &Session) -> i64 {
    let sql = "SELECT pg_backend_pid()::bigint AS number";
    session.query::<Number>(sql, []).unwrap()[0].number
}

/// The first process of a server, whose children are all others.
fn postmaster(server: &Server) -> i64 {
    let file = std::fs::read_to_string(server.folder().join("data/postmaster.pid")).unwrap();
    file.lines().next().unwrap().parse().unwrap()
}

/// Connects to a server that recovers from a crash.
fn recovered(server: &Server) -> Session {
    let start = Instant::now();
    loop {
        match Session::connect(&server.url()) {
            Ok(session) => return session,
            Err(error) => {
                assert_eq!(kind(&error), Some(Failure::Unreachable), "{error}");
                assert!(start.elapsed() < PATIENCE, "{error}");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// An error of a session that is over. The next statements fail alike.
fn is_over(session: &Session, error: &Error) {
    assert_eq!(kind(error), Some(Failure::Disconnected), "{error}");
    for _ in 0..2 {
        let again = session.count(Mark::select()).unwrap_err();
        assert_eq!(kind(&again), Some(Failure::Disconnected), "{again}");
        assert!(again.to_string().contains("open another session with `Session::connect(…)`"), "{again}");
    }
}

fn a_server_that_is_killed_keeps_what_was_committed_and_nothing_else() {
    // It waits for several recoveries.
    within(10 * PATIENCE, || {
        // The defaults of this server are faster, and lose the last commits in a crash.
        let mut server = Server::with_settings(&["synchronous_commit=on"]).unwrap();
        let session = Session::connect(&server.url()).unwrap();
        data::fill(&session, &Size { customers: 5, ..Size::default() }, |_| {}).unwrap();
        session.execute(CREATE, []).unwrap();
        let mut committed = 2_500;
        session.insert_all(marks(0..committed)).unwrap();
        drop(session);
        for is_whole_server in [false, true] {
            for writes in [false, true] {
                let session = recovered(&server);
                let first = committed;
                committed += session.insert_all(marks(first..first + 500)).unwrap() as i64;
                let customers = session.all(Customer::select()).unwrap();
                let orders = customers[0].orders().unwrap().len();
                let victim = if is_whole_server { postmaster(&server) } else { backend(&session) };
                // The process of this session sees the death of the first one when it waits for the next statement.
                let kill = || {
                    kill(victim);
                    std::thread::sleep(Duration::from_millis(200));
                };
                let error = if writes {
                    // By then, 1,000 rows are written.
                    let rows = marks(committed..committed + 2_500);
                    session.insert_all(rows.inspect(|mark| {
                        if mark.id == committed + 1_500 {
                            kill()
                        }
                    }))
                } else {
                    let mut seen = 0;
                    let done = session.chunks(Mark::select(), 500, |chunk| {
                        seen += chunk.len() as u64;
                        if seen == 500 {
                            kill();
                        }
                        Ok(())
                    });
                    assert!(seen < committed as u64);
                    done.map(|()| seen)
                };
                is_over(&session, &error.unwrap_err());
                is_over(&session, &customers[1].orders().unwrap_err());
                assert_eq!(customers[0].orders().unwrap().len(), orders, "what was loaded stays");
                drop(session);

                if is_whole_server {
                    server.restart().unwrap();
                }
                let session = recovered(&server);
                assert_eq!(session.count(Mark::select()).unwrap() as i64, committed);
                assert_eq!(session.count(Order::select()).unwrap(), 50);
            }
        }
    });
}

/// A small file system, which only root can create.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mounted(server: &Server) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=2m", "none"]);
        if !mount.arg(folder.path()).output().is_ok_and(|output| output.status.success()) {
            // Not by `eprintln!`, which a passing test hides.
            drop(writeln!(std::io::stderr(), "the test of a full disk needs root and is left out"));
            return None;
        }
        let owner = std::fs::metadata(server.folder().join("data")).unwrap();
        chown(folder.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
        Some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because the server has open files there.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn a_full_disk_and_a_full_server_are_reported_and_undo_one_transaction() {
    let settings = ["synchronous_commit=on", "max_connections=8", "superuser_reserved_connections=1"];
    let server = Server::with_settings(&settings).unwrap();
    let session = Session::connect(&server.url()).unwrap();
    type_that_is_not_installed(&session);
    full_server(&server, &session);
    if let Some(disk) = SmallDisk::mounted(&server) {
        full_disk(&session, disk.path());
    }
}

fn full_disk(session: &Session, disk: &Path) {
    session.execute(&format!("CREATE TABLESPACE small LOCATION '{}'", disk.display()), []).unwrap();
    session.execute(&format!("{CREATE} TABLESPACE small"), []).unwrap();
    let others =
        "CREATE TABLE others TABLESPACE small AS SELECT repeat('x', 1000) FROM generate_series(1, 500)";
    session.execute(others, []).unwrap();
    session.insert_all(marks(0..1_000)).unwrap();
    for _ in 0..2 {
        let error = session.insert_all(marks(1_000..50_000)).unwrap_err();
        assert_eq!(kind(&error), Some(Failure::DiskFull), "{error}");
        assert!(error.to_string().contains("help: free disk space"), "{error}");
        assert_eq!(session.count(Mark::select()).unwrap(), 1_000);
        assert!(session.all(Mark::select()).unwrap().iter().all(|mark| mark.text.len() == 200));
    }
    session.execute("DROP TABLE others", []).unwrap();
    // What the failed transactions wrote takes space until this.
    session.execute("VACUUM marks", []).unwrap();
    session.insert_all(marks(1_000..2_000)).unwrap();
    assert_eq!(session.count(Mark::select()).unwrap(), 2_000);
    session.execute("DROP TABLE marks", []).unwrap();
}

fn full_server(server: &Server, session: &Session) {
    let mut open = Vec::new();
    let error = loop {
        match Session::connect(&server.url()) {
            Ok(another) => open.push(another),
            Err(error) => break error,
        }
        assert!(open.len() < 8);
    };
    assert_eq!(kind(&error), Some(Failure::TooManyConnections), "{error}");
    assert!(error.to_string().contains("help: close sessions that you do not need"), "{error}");
    assert_eq!(session.query::<Number>("SELECT 1::bigint AS number", []).unwrap()[0].number, 1);
    // The server ends the process of a closed session a moment later.
    open.pop().unwrap().close().unwrap();
    let start = Instant::now();
    while Session::connect(&server.url()).is_err() {
        assert!(start.elapsed() < PATIENCE);
    }
}

fn type_that_is_not_installed(session: &Session) {
    let made = session.transaction(|session| {
        session.execute("CREATE TABLE first (id BIGINT)", [])?;
        session.execute("CREATE TABLE second (name CITEXT)", [])
    });
    let error = made.unwrap_err();
    assert_eq!(kind(&error), Some(Failure::NoSuchName), "{error}");
    assert!(error.to_string().contains("type \"citext\" does not exist"), "{error}");
    let sql = "SELECT count(*) AS number FROM pg_tables WHERE tablename IN ('first', 'second')";
    assert_eq!(session.query::<Number>(sql, []).unwrap()[0].number, 0);
}

fn a_timeout_in_insert_all_keeps_nothing_and_a_retry_keeps_all() {
    let session = crate::databases::created(&[
        CREATE,
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'",
        "CREATE TRIGGER slow BEFORE INSERT ON marks FOR EACH ROW WHEN (NEW.id = 1500) EXECUTE FUNCTION wait()",
        "SET lock_timeout = '100ms'",
        "SET statement_timeout = '300ms'",
    ]);
    let other = another(&session);
    let error = session.insert_all(marks(0..2_000)).unwrap_err();
    assert_eq!(kind(&error), Some(Failure::TimedOut), "{error}");
    assert!(error.to_string().contains("statement_timeout"), "{error}");
    assert_eq!(other.count(Mark::select()).unwrap(), 0);

    // Without it, the lock is the only reason to wait.
    session.execute("SET statement_timeout = 0", []).unwrap();
    session.execute("DROP TRIGGER slow ON marks", []).unwrap();
    let locked = other.transaction(|other| {
        other.execute("LOCK TABLE marks IN SHARE MODE", [])?;
        Ok(session.insert_all(marks(0..2_000)))
    });
    let error = locked.unwrap().unwrap_err();
    assert_eq!(kind(&error), Some(Failure::Busy), "{error}");
    assert!(error.to_string().contains("then try again"), "{error}");
    assert_eq!(other.count(Mark::select()).unwrap(), 0);

    assert_eq!(session.insert_all(marks(0..2_000)).unwrap(), 2_000);
    assert_eq!(other.count(Mark::select()).unwrap(), 2_000);
}

/// Returns a session of a role that may only read these tables of another session's schema.
fn reader(session: &Session, tables: &[&str]) -> Session {
    let user = user_of(session);
    with_admin(|admin| {
        for sql in [
            format!("CREATE ROLE {user}_reader LOGIN"),
            format!("GRANT USAGE ON SCHEMA {user} TO {user}_reader"),
            format!("ALTER ROLE {user}_reader SET search_path = {user}"),
        ] {
            admin.execute(&sql, []).unwrap();
        }
        for table in tables {
            admin.execute(&format!("GRANT SELECT ON {user}.{table} TO {user}_reader"), []).unwrap();
        }
    });
    Session::connect(&format!("postgres://{user}_reader@{}/postgres", server().unwrap().address())).unwrap()
}

fn a_table_that_a_role_may_not_read_ends_a_page_with_one_error() {
    let session = shop_of(5);
    let reader = reader(&session, &["customers", "orders"]);
    let before = reader.all(Customer::select()).unwrap();
    for customer in &before {
        customer.orders().unwrap();
    }
    for strategy in yielding() {
        let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
        let error = reader
            .all(Customer::select().with(path))
            .and_then(|customers| shop::page::rows(&customers))
            .unwrap_err();
        assert_eq!(kind(&error), Some(Failure::AccessDenied), "{strategy}: {error}");
        assert!(error.to_string().contains("permission denied for table order_items"), "{error}");
    }
    for customer in &before {
        for order in customer.orders().unwrap() {
            assert_eq!(kind(&order.items().unwrap_err()), Some(Failure::AccessDenied));
            assert!(!order.items.is_loaded());
        }
    }
    with_admin(|admin| {
        let user = user_of(&session);
        admin.execute(&format!("GRANT SELECT ON {user}.order_items TO {user}_reader"), []).unwrap();
    });
    assert_eq!(
        shop::page::rows(&before).unwrap(),
        shop::page::rows(&session.all(Customer::select()).unwrap()).unwrap()
    );
}

fn a_table_that_a_role_may_not_write_stays_as_it_is() {
    let session = crate::databases::created(&[CREATE]);
    session.insert_all(marks(0..10)).unwrap();
    let reader = reader(&session, &["marks"]);
    let error = reader.insert_all(marks(10..3_000)).unwrap_err();
    assert_eq!(kind(&error), Some(Failure::AccessDenied), "{error}");
    let mark = reader.get::<Mark>(3).unwrap();
    for error in [reader.update(&mark).unwrap_err(), reader.delete(&mark).unwrap_err()] {
        assert_eq!(kind(&error), Some(Failure::AccessDenied), "{error}");
        assert!(error.to_string().contains("the rights of this user"), "{error}");
    }
    assert_eq!(reader.count(Mark::select()).unwrap(), 10);
}
