//! The two databases of the tests.
//!
//! [`on_both!`] runs a test once on SQLite and once on PostgreSQL. A test calls [`empty`] to open its database. For
//! PostgreSQL, the test program starts a server. Each test has a schema and a user of its own, so the server counts the
//! statements of each test separately. Without PostgreSQL, these tests are skipped, and standard error reports their number.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Once};
use std::time::Duration;

use eagerly::{Dialect, FromRow, Result, Session, Strategy, Value, params};
use eagerly_wire::{Proxy, Recorder, Server, Settings};
use tempfile::TempDir;

thread_local! {
    static CURRENT: Cell<Dialect> = const { Cell::new(Dialect::Sqlite) };
}

/// Defines two tests for each function: `on_sqlite::name` and `on_postgres::name`.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $name() { super::$name(); })*
        }
        $crate::on_postgres!($($name),*);
    };
}

/// Defines a test on PostgreSQL for each function.
#[macro_export]
macro_rules! on_postgres {
    ($($name:ident),* $(,)?) => {
        mod on_postgres {
            $(#[test] fn $name() { $crate::databases::with_postgres(super::$name); })*
        }
    };
}

/// Runs a test on PostgreSQL, or skips it if PostgreSQL is not installed.
pub fn with_postgres(test: fn()) {
    if server().is_some() {
        CURRENT.set(Dialect::Postgres);
        test();
    }
}

/// Returns the server of this test program; `None` if PostgreSQL is not installed.
pub fn server() -> Option<&'static Server> {
    static SKIPPED: Once = Once::new();
    let server = eagerly_wire::server::for_tests();
    if server.is_none() {
        // Not with `eprintln!`, whose output the test harness hides in a test that passes.
        SKIPPED.call_once(|| {
            drop(writeln!(std::io::stderr(), "{} tests need PostgreSQL and are skipped", count()))
        });
    }
    server
}

/// Returns the number of tests in this program that need PostgreSQL.
fn count() -> usize {
    let listing =
        std::process::Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let listing = String::from_utf8_lossy(&listing.stdout);
    listing.lines().filter(|line| line.contains("on_postgres::") && line.ends_with(": test")).count()
}

/// Returns the database that the current test runs on.
pub fn current() -> Dialect {
    CURRENT.get()
}

/// Runs a test's work in another thread, on the database of the test.
pub fn set_current(dialect: Dialect) {
    CURRENT.set(dialect);
}

/// Returns the number of cases of a property test: the value of `EAGERLY_CASES`, or by default `sqlite`, and a quarter of it
/// on PostgreSQL. There, most tests take about 10 ms to create the tables of a case.
pub fn cases(sqlite: u32) -> u32 {
    if let Ok(cases) = std::env::var("EAGERLY_CASES") {
        return cases.parse().expect("EAGERLY_CASES is a number");
    }
    match current() {
        Dialect::Sqlite => sqlite,
        Dialect::Postgres => sqlite.div_ceil(4),
    }
}

/// Opens an empty database.
pub fn empty() -> Session {
    match current() {
        Dialect::Sqlite => Session::in_memory().unwrap(),
        Dialect::Postgres => Session::connect(&fresh_url()).unwrap(),
    }
}

/// Opens an empty database, and runs statements in it, such as `CREATE TABLE`.
pub fn created(statements: &[&str]) -> Session {
    let session = empty();
    for sql in statements {
        session.execute(sql, []).unwrap_or_else(|error| panic!("{error}"));
    }
    session
}

/// Opens a database with empty tables, for one of many cases. `create` creates the tables. `tables` has their names, in an
/// order in which their rows can be deleted.
///
/// On PostgreSQL, the cases of a thread with the same tables share one session, and the rows of the last case are deleted.
/// Opening a session and creating tables would take most of the time, and a server cannot hold the tables of 100,000 cases.
pub fn for_a_case(create: fn(&Session), tables: &[&str]) -> Rc<Session> {
    thread_local! {
        static SESSIONS: RefCell<HashMap<String, Rc<Session>>> = RefCell::default();
    }
    let created = || {
        let session = empty();
        create(&session);
        Rc::new(session)
    };
    if current() == Dialect::Sqlite {
        return created();
    }
    let session = SESSIONS
        .with_borrow_mut(|sessions| Rc::clone(sessions.entry(tables.join(", ")).or_insert_with(created)));
    for table in tables {
        session.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    session.default_strategy(Strategy::Lazy);
    session
}

/// An empty database for several sessions, also in other threads and processes: a file, or a user with a schema.
pub struct Place {
    address: String,
    _folder: Option<TempDir>,
}

impl Place {
    pub fn empty() -> Self {
        match current() {
            Dialect::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let address = folder.path().join("a.db").into_os_string().into_string().unwrap();
                Self { address, _folder: Some(folder) }
            }
            Dialect::Postgres => Self { address: fresh_url(), _folder: None },
        }
    }

    /// Returns what [`open`] needs: the path of the file, or a URL.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Opens a session, and lets a connection commit while others read. This holds for later sessions, too.
    pub fn with_concurrent_reads(&self) -> Session {
        let session = open(&self.address);
        if session.dialect() == Dialect::Sqlite {
            session.execute("PRAGMA journal_mode = WAL", []).unwrap();
        }
        session
    }
}

/// Opens a session on a [`Place`].
pub fn open(address: &str) -> Session {
    match address.starts_with("postgres://") {
        true => Session::connect(address).unwrap(),
        false => Session::open(address).unwrap(),
    }
}

/// Creates a user with an empty schema, and returns a URL for them.
pub fn fresh_url() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    with_admin(|admin| {
        admin.execute(&format!("CREATE ROLE {name} SUPERUSER LOGIN"), []).unwrap();
        admin.execute(&format!("CREATE SCHEMA AUTHORIZATION {name}"), []).unwrap();
    });
    url_for(&name)
}

fn url_for(user: &str) -> String {
    server().unwrap().url().replace("//postgres@", &format!("//{user}@"))
}

/// Returns the user of a session. Its schema has the same name.
pub fn user_of(session: &Session) -> String {
    #[derive(FromRow)]
    struct User {
        name: String,
    }
    let user: Vec<User> = session.query("SELECT current_user::text AS name", []).unwrap();
    user.into_iter().next().unwrap().name
}

/// Returns the URL of the database of a session.
pub fn url_of(session: &Session) -> String {
    url_for(&user_of(session))
}

/// Opens another connection to the database of a session.
pub fn another(session: &Session) -> Session {
    Session::connect(&url_of(session)).unwrap()
}

/// Calls `run`, which sends a statement that does not end by itself, and interrupts it. `address` is that of the session's
/// database, for [`open`].
///
/// An interrupt does nothing before the statement runs. So on SQLite it is repeated until `run` returns. On PostgreSQL, a
/// second one could arrive late and stop the next statement. So there the statement has to call `pg_sleep`, and one
/// interrupt is sent when the server reports that the statement sleeps.
pub fn interrupted<T>(session: &Session, address: &str, run: impl FnOnce() -> T) -> T {
    let interrupter = session.interrupter().unwrap();
    let (returned, has_returned) = channel::<()>();
    let interrupts = move || {
        let observer = address.starts_with("postgres://").then(|| open(address));
        let asleep =
            "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND wait_event = 'PgSleep'";
        while has_returned.recv_timeout(Duration::from_millis(20)) == Err(RecvTimeoutError::Timeout) {
            match &observer {
                None => interrupter.interrupt(),
                Some(observer) if observer.query::<i64>(asleep, []).unwrap() == [1] => {
                    return interrupter.interrupt();
                }
                Some(_) => {}
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(interrupts);
        // Its end ends the other thread, also if `run` panics.
        let _returned = returned;
        run()
    })
}

/// Calls `run` with a session of the server's administrator. No test counts its statements.
pub fn with_admin<T>(run: impl FnOnce(&Session) -> T) -> T {
    thread_local! {
        static ADMIN: Session = Session::connect(&server().unwrap().url()).unwrap();
    }
    ADMIN.with(run)
}

/// Installs `citext`, a type of texts that ignores case.
pub fn with_citext() {
    with_admin(|admin| {
        admin.execute("SELECT pg_advisory_lock(1)", []).unwrap();
        admin.execute("CREATE EXTENSION IF NOT EXISTS citext SCHEMA public", []).unwrap();
        admin.execute("SELECT pg_advisory_unlock(1)", []).unwrap();
    });
}

/// Runs a statement with the parameters `?1`, `?2`, … on either database.
pub fn execute(session: &Session, sql: &str, values: impl AsRef<[Value<'static>]>) -> Result<u64> {
    match session.dialect() {
        Dialect::Sqlite => session.execute(sql, values),
        Dialect::Postgres => session.execute(&sql.replace('?', "$"), values),
    }
}

/// Counts the statements that the server ran for a session, as the server reports them.
pub struct ServerCount {
    user: String,
    before: u64,
}

impl ServerCount {
    /// Starts counting.
    pub fn of(session: &Session) -> Self {
        let mut counter = Self { user: user_of(session), before: 0 };
        counter.before = counter.calls();
        counter
    }

    /// Returns the number of statements since then.
    pub fn count(&self) -> u64 {
        self.calls() - self.before
    }

    fn calls(&self) -> u64 {
        #[derive(FromRow)]
        struct Calls {
            calls: i64,
        }
        with_admin(|admin| {
            admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public", []).unwrap();
            // Without the statements of the client library, which looks up types in `pg_type`.
            let sql = "SELECT coalesce(sum(calls), 0) AS calls FROM public.pg_stat_statements
                       JOIN pg_roles ON pg_roles.oid = userid
                       WHERE rolname = $1 AND query NOT LIKE '%pg_catalog.pg_type%'";
            let calls: Vec<Calls> = admin.query(sql, params![self.user.clone()]).unwrap();
            u64::try_from(calls[0].calls).unwrap()
        })
    }
}

/// Counts what a session sends to PostgreSQL, as a proxy reads it on the wire.
pub struct WireCount {
    recorder: Recorder,
    _proxy: Proxy,
}

/// What passed on the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct Passed {
    pub statements: u64,
    pub control: u64,
    pub round_trips: u64,
}

impl WireCount {
    /// Opens an empty database whose session goes through a proxy.
    pub fn empty() -> (Session, Self) {
        let url = fresh_url();
        let recorder = Recorder::new(Settings { gap: Duration::MAX, ..Settings::default() });
        let (free_port, observers) = ((Ipv4Addr::LOCALHOST, 0).into(), vec![Arc::new(recorder.clone()) as _]);
        let address = server().unwrap().address();
        let proxy = Proxy::observed(free_port, address, Duration::ZERO, observers).unwrap();
        let url = url.replace(&address.to_string(), &proxy.address().to_string());
        (Session::connect(&url).unwrap(), Self { recorder, _proxy: proxy })
    }

    /// Forgets what has passed so far.
    pub fn restart(&self) {
        self.recorder.clear();
    }

    /// Returns what has passed since the last call, or since the restart.
    pub fn passed(&self) -> Passed {
        let report = self.recorder.report();
        self.recorder.clear();
        Passed {
            statements: report.statements(),
            control: report.control(),
            round_trips: report.round_trips(),
        }
    }
}
