//! Failures of a server. Each has one clear message, and no message contains the password.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use eagerly::{Error, Failure, Session, selectin};
use shop::{Customer, Order};

use crate::databases::{another, empty, fresh_url, interrupted, server, url_of, with_admin};
use crate::shared::shop_of;
use crate::watchdog::PATIENCE;

on_postgres!(
    a_wrong_password_is_denied_and_the_right_one_is_not,
    an_unknown_host_a_missing_server_and_an_unknown_database_have_different_errors,
    the_next_host_is_tried_only_if_a_host_cannot_be_reached,
    the_error_for_an_invalid_url_shows_the_form_of_a_url,
    encryption_that_is_not_possible_is_an_error,
    a_connection_lost_in_the_middle_of_a_page_ends_the_session,
    connecting_to_a_server_that_does_not_answer_times_out,
    a_statement_timeout_and_a_lock_timeout_are_reported,
    an_interrupter_stops_a_statement_and_the_session_stays_usable,
    too_many_connections_are_reported,
    a_role_without_rights_is_denied,
    a_read_only_transaction_is_reported,
    a_timeout_that_ends_the_session_says_so,
    an_option_that_would_be_ignored_is_refused,
    a_plan_that_is_denied_does_not_spoil_the_next,
    an_access_after_close_is_an_error,
);

const SECRET: &str = "s3cret%40word";

fn connect_error(url: &str) -> (Failure, String) {
    let error = Session::connect(url).err().unwrap_or_else(|| panic!("{url} connects"));
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("%40word"), "the password is in {shown}");
    assert!(matches!(error, Error::Connect { .. }));
    assert!(error.to_string().starts_with("cannot connect to ") && error.to_string().contains("\n  help: "));
    (error.database().unwrap().kind, error.to_string())
}

fn address() -> String {
    server().unwrap().address().to_string()
}

/// Adds a line to `pg_hba.conf`, the server's rules for connections, unless it is there already.
pub fn with_rule(rule: &str) {
    // Tests that run at the same time must not overwrite each other's rules.
    static FILE: Mutex<()> = Mutex::new(());
    let _held = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let file = with_admin(|admin| {
        #[derive(eagerly::FromRow)]
        struct File {
            file: String,
        }
        let files: Vec<File> = admin.query("SELECT current_setting('hba_file') AS file", []).unwrap();
        files[0].file.clone()
    });
    let rules = std::fs::read_to_string(&file).unwrap();
    if !rules.contains(rule) {
        std::fs::write(&file, format!("{rule}\n{rules}")).unwrap();
        reload(&server().unwrap().url());
    }
}

/// Lets a server read its settings and rules again, and waits until it has. A new session starts with the time at which the
/// server's first process read them.
pub fn reload(url: &str) {
    let time = || {
        let session = Session::connect(url).unwrap();
        session.query::<String>("SELECT pg_conf_load_time()::text", []).unwrap()
    };
    let (before, start) = (time(), Instant::now());
    Session::connect(url).unwrap().execute("SELECT pg_reload_conf()", []).unwrap();
    while time() == before {
        assert!(start.elapsed() < PATIENCE, "the server does not read its settings again");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn a_wrong_password_is_denied_and_the_right_one_is_not() {
    with_admin(|admin| admin.execute("CREATE ROLE careful LOGIN PASSWORD 's3cret@word'", []).unwrap());
    with_rule("host all careful 127.0.0.1/32 scram-sha-256");
    let url = |password: &str| format!("postgres://careful{password}@{}/postgres", address());
    let session = Session::connect(&url(&format!(":{SECRET}"))).unwrap();
    assert_eq!(session.execute("SELECT 1", []).unwrap(), 0);
    assert!(!format!("{session:?}").contains("s3cret"));
    let (kind, message) = connect_error(&url(":s3cret-but-wrong"));
    assert_eq!(kind, Failure::AccessDenied);
    assert!(
        message.contains(&format!("careful@{}/postgres: password authentication failed", address())),
        "{message}"
    );
    let (kind, message) = connect_error(&url(""));
    assert_eq!(kind, Failure::AccessDenied, "{message}");
    assert!(message.contains("password"), "{message}");
}

fn an_unknown_host_a_missing_server_and_an_unknown_database_have_different_errors() {
    let (kind, message) = connect_error(&format!("postgres://postgres:{SECRET}@no-such-host.invalid/shop"));
    assert_eq!(kind, Failure::Unreachable);
    assert!(message.contains("no host named no-such-host.invalid"), "{message}");
    let (kind, message) = connect_error(&format!("postgres://postgres:{SECRET}@127.0.0.1:1/shop"));
    assert_eq!(kind, Failure::Unreachable);
    assert!(message.contains("postgres@127.0.0.1:1/shop") && message.contains("refused"), "{message}");
    let (kind, message) =
        connect_error(&format!("postgres://postgres:{SECRET}@{}/no_such_database", address()));
    assert_eq!(kind, Failure::AccessDenied);
    assert!(message.contains("database \"no_such_database\" does not exist"), "{message}");
    let (kind, message) = connect_error("postgres://postgres@/shop?host=/no/such/folder");
    assert_eq!(kind, Failure::Unreachable);
    assert!(message.contains("/no/such/folder"), "{message}");
}

fn the_error_for_an_invalid_url_shows_the_form_of_a_url() {
    for url in [
        format!("mysql://me:{SECRET}@localhost/shop"),
        format!("postgres://me:{SECRET}@localhost:port/shop"),
        format!("postgres://me:{SECRET}@localhost/shop?colour=s3cret"),
        format!("host=localhost password={SECRET}"),
        "postgres://".to_owned(),
        "postgres://me:a/s3cret:word@localhost/shop".to_owned(),
        "postgres://me:a@s3cret@localhost/shop".to_owned(),
        "postgres://me:1/s3cret@localhost/shop".to_owned(),
        String::new(),
    ] {
        let (kind, message) = connect_error(&url);
        assert!(matches!(kind, Failure::Url | Failure::Unreachable), "{url}: {message}");
        if kind == Failure::Url {
            assert!(message.contains("postgres://user:password@host:port/database"), "{url}: {message}");
        }
    }
}

fn encryption_that_is_not_possible_is_an_error() {
    let url = |mode: &str| format!("postgres://postgres:{SECRET}@{}/postgres?sslmode={mode}", address());
    for (mode, reason) in [
        ("require", "server does not support TLS"),
        ("verify-full", "server does not support TLS"),
        ("prefer", "unencrypted, without a warning"),
    ] {
        let (kind, message) = connect_error(&url(mode));
        assert_eq!(kind, Failure::Unencrypted, "{mode}: {message}");
        assert!(message.contains(reason), "{mode}: {message}");
    }
    // The last option counts, and it may be percent-encoded.
    for mode in ["require&sslmode=prefer", "%70refer", "disable&ssl%6dode=require"] {
        let (kind, message) = connect_error(&url(mode));
        assert_eq!(kind, Failure::Unencrypted, "{mode}: {message}");
    }
    Session::connect(&url("disable")).unwrap();
    with_admin(|admin| admin.execute("CREATE ROLE secretive LOGIN", []).unwrap());
    with_rule("hostnossl all secretive 127.0.0.1/32 reject");
    let (kind, message) = connect_error(&format!("postgres://secretive@{}/postgres", address()));
    assert_eq!(kind, Failure::Unencrypted);
    assert!(message.contains("sslmode=require"), "{message}");
}

fn a_connection_lost_in_the_middle_of_a_page_ends_the_session() {
    let session = shop_of(20);
    let customers = session.all(Customer::select()).unwrap();
    customers[0].orders().unwrap();
    let user = crate::databases::user_of(&session);
    with_admin(|admin| {
        // Waits until the process is gone, at most a minute.
        let sql = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = $1";
        admin.execute(sql, eagerly::params![user]).unwrap();
    });
    for _ in 0..3 {
        let error = customers[1].orders().unwrap_err();
        assert_eq!(error.database().map(|error| error.kind), Some(Failure::Disconnected), "{error}");
        assert!(error.to_string().contains("Session::connect"), "{error}");
    }
    assert!(!customers[1].orders.is_loaded());
    assert!(customers[0].orders.is_loaded(), "what was loaded stays readable");
    let error = session.transaction(|session| session.count(Order::select())).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::Disconnected), "{error}");
    session.close().unwrap();
}

/// Nothing listens on port 1.
fn the_next_host_is_tried_only_if_a_host_cannot_be_reached() {
    let second = |first: &str| format!("postgres://postgres@{first},{}/postgres", address());
    let session = Session::connect(&second("127.0.0.1:1").replace("postgres://", "postgresql://")).unwrap();
    assert_eq!(session.query::<i64>("SELECT 1", []).unwrap(), [1]);

    // The first server refuses the database, so the second is not tried.
    let unknown = |hosts: &str| format!("postgres://postgres@{hosts}/no_such_database");
    let (kind, _) = connect_error(&unknown(&format!("{},127.0.0.1:1", address())));
    assert_eq!(kind, connect_error(&unknown(&address())).0);
    let (kind, _) = connect_error(&unknown("127.0.0.1:1,127.0.0.1:1"));
    assert_eq!(kind, Failure::Unreachable);
}

fn connecting_to_a_server_that_does_not_answer_times_out() {
    // This server accepts the connection and sends nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://postgres@{}/shop?connect_timeout=1", silent.local_addr().unwrap());
    let start = Instant::now();
    let (kind, message) = connect_error(&url);
    assert_eq!(kind, Failure::Unreachable);
    assert!(message.contains("did not answer within 1s"), "{message}");
    assert!(start.elapsed() < PATIENCE);
    // This server uses another protocol.
    let url = format!("postgres://postgres@{}/shop?connect_timeout=1", silent.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        use std::io::Write as _;
        let (_first, _) = silent.accept().unwrap();
        let (mut second, _) = silent.accept().unwrap();
        second.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    connect_error(&url);
    thread.join().unwrap();
}

fn a_statement_timeout_and_a_lock_timeout_are_reported() {
    let session = empty();
    session.execute("CREATE TABLE t (a BIGINT)", []).unwrap();
    // The timeout ends with the transaction, so no other statement can be too late.
    let waited = session.transaction(|session| {
        session.execute("SET LOCAL statement_timeout = '50ms'", [])?;
        session.execute("SELECT pg_sleep(60)", [])
    });
    let error = waited.unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::TimedOut), "{error}");
    session.execute("SET lock_timeout = '50ms'", []).unwrap();
    let other = another(&session);
    let waited = other.transaction(|other| {
        other.execute("LOCK TABLE t", [])?;
        Ok(session.execute("DELETE FROM t", []).unwrap_err())
    });
    let error = waited.unwrap();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::Busy), "{error}");
}

fn an_interrupter_stops_a_statement_and_the_session_stays_usable() {
    let session = shop_of(5);
    let sleep = || session.execute("SELECT pg_sleep(600)", []);
    let error = interrupted(&session, &url_of(&session), sleep).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::Interrupted), "{error}");
    assert_eq!(session.count(Customer::select()).unwrap(), 5);
}

fn too_many_connections_are_reported() {
    with_admin(|admin| admin.execute("CREATE ROLE lonely LOGIN CONNECTION LIMIT 1", []).unwrap());
    let url = format!("postgres://lonely@{}/postgres", address());
    let _first = Session::connect(&url).unwrap();
    let (kind, message) = connect_error(&url);
    assert_eq!(kind, Failure::TooManyConnections, "{message}");
}

fn a_role_without_rights_is_denied() {
    let session = shop_of(3);
    let user = crate::databases::user_of(&session);
    with_admin(|admin| {
        let name = format!("{user}_guest");
        admin.execute(&format!("CREATE ROLE {name} LOGIN"), []).unwrap();
        admin.execute(&format!("GRANT USAGE ON SCHEMA {user} TO {name}"), []).unwrap();
        admin.execute(&format!("ALTER ROLE {name} SET search_path = {user}"), []).unwrap();
    });
    let guest = Session::connect(&format!("postgres://{user}_guest@{}/postgres", address())).unwrap();
    let error = guest.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::AccessDenied), "{error}");
    assert!(error.to_string().contains("permission denied for table customers"), "{error}");
}

fn a_read_only_transaction_is_reported() {
    let session = shop_of(3);
    session.execute("SET default_transaction_read_only = on", []).unwrap();
    let error = session.execute("DELETE FROM order_items", []).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::ReadOnly), "{error}");
}

fn an_access_after_close_is_an_error() {
    let session = Session::connect(&fresh_url()).unwrap();
    shop::schema::create(&session).unwrap();
    session.execute("INSERT INTO customers VALUES (1, 'a', 'b', 'c')", []).unwrap();
    let customers = session.all(Customer::select()).unwrap();
    session.close().unwrap();
    assert!(matches!(customers[0].orders(), Err(Error::Detached { .. })));
}

fn a_timeout_that_ends_the_session_says_so() {
    for setting in ["idle_in_transaction_session_timeout", "idle_session_timeout"] {
        let session = shop_of(3);
        session.execute(&format!("SET {setting} = '50ms'"), []).unwrap();
        let late = |session: &Session| {
            std::thread::sleep(Duration::from_millis(300));
            session.count(Order::select())
        };
        let error = match setting {
            "idle_session_timeout" => late(&session).unwrap_err(),
            _ => session
                .transaction(|session| {
                    session.count(Order::select())?;
                    late(session)
                })
                .unwrap_err(),
        };
        assert_eq!(error.database().map(|error| error.kind), Some(Failure::Disconnected), "{error}");
        assert!(error.to_string().contains("timeout"), "{error}");
    }
}

fn an_option_that_would_be_ignored_is_refused() {
    for option in [
        "target_session_attrs=read-write",
        "hostaddr=127.0.0.1",
        "tcp_user_timeout=1",
        "keepalives_idle=1",
        "keepalives_interval=1",
        "keepalives_retries=1",
        "load_balance_hosts=random",
    ] {
        let (kind, message) = connect_error(&format!("postgres://postgres@{}/postgres?{option}", address()));
        assert_eq!(kind, Failure::Url, "{message}");
    }
}

fn a_plan_that_is_denied_does_not_spoil_the_next() {
    let session = shop_of(3);
    let user = crate::databases::user_of(&session);
    with_admin(|admin| {
        for sql in [
            format!("CREATE ROLE {user}_reader LOGIN"),
            format!("GRANT USAGE ON SCHEMA {user} TO {user}_reader"),
            format!("GRANT SELECT ON {user}.orders TO {user}_reader"),
            format!("ALTER ROLE {user}_reader SET search_path = {user}"),
        ] {
            admin.execute(&sql, []).unwrap();
        }
    });
    let reader = Session::connect(&format!("postgres://{user}_reader@{}/postgres", address())).unwrap();
    let error = Customer::select().plan(&reader).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::AccessDenied), "{error}");
    Order::select().plan(&reader).unwrap();
    Order::select().plan(&reader).unwrap();
}
