//! The two databases of the tests.
//!
//! [`on_both!`] runs a test once on SQLite and once on PostgreSQL. A test asks [`empty`] for its database. On PostgreSQL
//! that is a schema of its own, in a server that this test program starts, and a user of its own, whose statements the
//! server counts apart. Without PostgreSQL these tests are left out, and standard error tells how many.

use std::cell::Cell;
use std::io::Write as _;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use eagerly::{Dialect, FromRow, Result, Session, Value, params};
use eagerly_wire::Server;

thread_local! {
    static CURRENT: Cell<Dialect> = const { Cell::new(Dialect::Sqlite) };
}

/// Makes a test on each database from each function: `on_sqlite::name` and `on_postgres::name`.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $name() { super::$name(); })*
        }
        $crate::on_postgres!($($name),*);
    };
}

/// Makes a test on PostgreSQL from each function.
#[macro_export]
macro_rules! on_postgres {
    ($($name:ident),* $(,)?) => {
        mod on_postgres {
            $(#[test] fn $name() { $crate::databases::with_postgres(super::$name); })*
        }
    };
}

/// Runs a test on PostgreSQL, or leaves it out.
pub fn with_postgres(test: fn()) {
    if server().is_some() {
        CURRENT.set(Dialect::Postgres);
        test();
    }
}

/// Returns the server of this test program; `None` if PostgreSQL is not installed.
pub fn server() -> Option<&'static Server> {
    static LEFT_OUT: Once = Once::new();
    let server = eagerly_wire::server::for_tests();
    if server.is_none() {
        // Not by `eprintln!`, which a passing test hides.
        LEFT_OUT.call_once(|| {
            drop(writeln!(std::io::stderr(), "{} tests need PostgreSQL and are left out", count()))
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

/// Returns the database that the running test is for.
pub fn current() -> Dialect {
    CURRENT.get()
}

/// Returns fewer cases for PostgreSQL, where each case creates its tables in some 10 ms.
pub fn cases(sqlite: u32) -> u32 {
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

/// Returns the URL of an empty schema, and creates the schema and its user.
pub fn fresh_url() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    with_admin(|admin| {
        admin.execute(&format!("CREATE ROLE {name} SUPERUSER LOGIN"), []).unwrap();
        admin.execute(&format!("CREATE SCHEMA AUTHORIZATION {name}"), []).unwrap();
    });
    server().unwrap().url().replace("//postgres@", &format!("//{name}@"))
}

/// Returns the user of a session, whose name is also that of its schema.
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
    server().unwrap().url().replace("//postgres@", &format!("//{}@", user_of(session)))
}

/// Opens another connection to the database of a session.
pub fn another(session: &Session) -> Session {
    Session::connect(&url_of(session)).unwrap()
}

/// Runs something as the server's administrator, whose statements no test counts.
pub fn with_admin<T>(run: impl FnOnce(&Session) -> T) -> T {
    thread_local! {
        static ADMIN: Session = Session::connect(&server().unwrap().url()).unwrap();
    }
    ADMIN.with(run)
}

/// Installs the type of texts that ignore case.
pub fn with_citext() {
    with_admin(|admin| {
        admin.execute("SELECT pg_advisory_lock(1)", []).unwrap();
        admin.execute("CREATE EXTENSION IF NOT EXISTS citext SCHEMA public", []).unwrap();
        admin.execute("SELECT pg_advisory_unlock(1)", []).unwrap();
    });
}

/// Runs a statement whose parameters are written `?1`, `?2`, … for both databases.
pub fn execute(session: &Session, sql: &str, values: impl AsRef<[Value<'static>]>) -> Result<u64> {
    match session.dialect() {
        Dialect::Sqlite => session.execute(sql, values),
        Dialect::Postgres => session.execute(&sql.replace('?', "$"), values),
    }
}

/// Counts the statements that the server of a session has run for it, as the server reports them.
pub struct ServerCount {
    user: String,
    before: u64,
}

impl ServerCount {
    /// Starts to count.
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
            // The client library looks up the types that it does not know.
            let sql = "SELECT coalesce(sum(calls), 0) AS calls FROM public.pg_stat_statements
                       JOIN pg_roles ON pg_roles.oid = userid
                       WHERE rolname = $1 AND query NOT LIKE '%pg_catalog.pg_type%'";
            let calls: Vec<Calls> = admin.query(sql, params![self.user.clone()]).unwrap();
            u64::try_from(calls[0].calls).unwrap()
        })
    }
}
