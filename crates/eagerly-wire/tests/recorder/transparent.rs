//! A client notices nothing but the round trip.

use std::hash::{DefaultHasher, Hasher as _};
use std::io::Read as _;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use eagerly_wire::Settings;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::{Client, NoTls};

use crate::raw::Raw;
use crate::support::{NEVER, PATIENCE, Wire, counts};

/// Returns the length and a hash of all bytes of a large result, in the text format of `COPY` and as binary rows.
fn fingerprint(client: &mut Client) -> (u64, u64) {
    let mut hasher = DefaultHasher::new();
    let mut length = 0;
    let sql =
        "SELECT n, md5(n::text), repeat(chr(32 + n % 90), n % 997), n * 1.5 FROM generate_series(1, 30000) n";
    let mut reader = client.copy_out(&format!("COPY ({sql}) TO STDOUT")).unwrap();
    let mut buffer = vec![0; 100_000];
    loop {
        let count = reader.read(&mut buffer).unwrap();
        if count == 0 {
            break;
        }
        hasher.write(&buffer[..count]);
        length += count as u64;
    }
    drop(reader);
    let mut rows = client.query_raw(sql, &[] as &[i32]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (number, text): (i32, &str) = (row.get(0), row.get(2));
        hasher.write(&number.to_be_bytes());
        hasher.write(text.as_bytes());
        length += text.len() as u64;
    }
    (length, hasher.finish())
}

#[test]
fn a_large_result_is_the_same_with_and_without_the_proxy() {
    for round_trip in [Duration::ZERO, Duration::from_millis(1)] {
        let settings = Settings { gap: NEVER, ..Settings::default() };
        let Some(wire) = Wire::with(settings, round_trip) else { return };
        let direct = fingerprint(&mut wire.direct());
        assert!(direct.0 > 20_000_000);
        assert_eq!(fingerprint(&mut wire.client()), direct);
    }
}

#[test]
fn large_values_arrive_as_they_were_sent() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let row = client.query_one("SELECT $1::bytea, length($1)", &[&bytes]).unwrap();
    assert_eq!(row.get::<_, i32>(1), 3_000_000);
    assert!(row.get::<_, Vec<u8>>(0) == bytes);
    assert_eq!(counts(&wire.page()), [1, 0, 0, 2, 1]);
}

#[test]
fn a_statement_can_be_cancelled_through_the_proxy() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    let token = client.cancel_token();
    let error = thread::scope(|scope| {
        scope.spawn(|| {
            // Before the statement runs, a request to cancel it would do nothing.
            wire.wait_for("wait_event = 'PgSleep'");
            token.cancel_query(NoTls).unwrap();
        });
        client.batch_execute("SELECT pg_sleep(600)").unwrap_err()
    });
    assert_eq!(error.code().map(|code| code.code()), Some("57014"), "{error}");
    client.batch_execute("SELECT 1").unwrap();
    assert_eq!(counts(&wire.page()), [2, 0, 1, 2, 1]);
}

#[test]
fn notifications_pass_and_are_no_replies() {
    let Some(wire) = Wire::start() else { return };
    let (mut listener, mut notifier) = (wire.client(), wire.client());
    listener.batch_execute("LISTEN news").unwrap();
    wire.clear();
    for number in 0..5 {
        notifier.batch_execute(&format!("NOTIFY news, '{number}'")).unwrap();
    }
    let mut notifications = listener.notifications();
    let mut waiting = notifications.timeout_iter(PATIENCE);
    for number in 0..5 {
        assert_eq!(waiting.next().unwrap().unwrap().payload(), number.to_string());
    }
    drop(waiting);
    drop(notifications);
    for _ in 0..3 {
        listener.batch_execute("SELECT 1").unwrap();
    }
    let report = wire.report();
    let of_listener = report.pages.iter().find(|page| page.connection == 1).unwrap();
    assert_eq!(counts(of_listener), [3, 0, 0, 3, 3]);
}

#[test]
fn a_client_that_insists_on_encryption_shows_its_own_message_and_harms_no_other() {
    let Some(wire) = Wire::start() else { return };
    let mut other = wire.client();
    wire.clear();
    let psql = |mode: &str| {
        let url = format!("{}?sslmode={mode}", wire.url());
        Command::new("psql").args([&url, "-At", "-c", "SELECT 6 * 7"]).output()
    };
    let Ok(refused) = psql("require") else { return eprintln!("skipped: psql is not installed") };
    assert!(!refused.status.success());
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("server does not support SSL, but SSL was required"), "{message}");
    for mode in ["prefer", "allow", "disable"] {
        let output = psql(mode).unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "42\n", "{mode}: {output:?}");
    }
    other.batch_execute("SELECT 1").unwrap();
    let report = wire.recorder.report();
    assert_eq!((report.statements(), report.not_understood), (4, 0));
}

#[test]
fn a_client_that_ends_in_the_middle_harms_no_other() {
    let Some(wire) = Wire::start() else { return };
    let mut other = wire.client();
    for _ in 0..10 {
        let mut raw = Raw::connect(&wire);
        raw.query("SELECT n, repeat('x', 1000) FROM generate_series(1, 1000000) n").send().until(b'D');
        drop(raw);
    }
    other.batch_execute("SELECT 1").unwrap();
    // The server notices that its clients are gone.
    let start = Instant::now();
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND query LIKE '%1000000%' AND state = 'active'
        AND pid <> pg_backend_pid()";
    let mut direct = wire.direct();
    while direct.query_one(busy, &[&wire.database]).unwrap().get::<_, i64>(0) > 0 {
        assert!(start.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "writes the session that the test `hostile` changes"]
fn the_session_with_every_kind_of_message_is_captured() {
    let Some(path) = std::env::var_os("EAGERLY_WIRE_TRAFFIC") else { return };
    let Some(wire) = Wire::start() else { return };
    let tables = "CREATE TABLE t (id int8 PRIMARY KEY, name text); CREATE TABLE u (t int8, key uuid)";
    wire.direct().batch_execute(tables).unwrap();
    let mut raw = Raw::with(&wire, &[("application_name", "traffic")]);
    raw.query("INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 8) n").finish();
    raw.query("SELECT id, name, NULL FROM t; SELECT ''; ;").finish();
    for id in 1..=8 {
        raw.query(&format!("SELECT key FROM u WHERE t = {id} /*action='list'*/")).finish();
    }
    for id in 1..=8 {
        let id = id.to_string();
        raw.unnamed("INSERT INTO u VALUES ($1, gen_random_uuid())", &[Some(&id)]).sync().finish();
    }
    raw.parse("s", "SELECT key FROM u WHERE t = $1").parse("c", "SELECT id FROM t").sync().finish();
    raw.query("BEGIN").finish();
    raw.bind("p", "c", &[]).sync().finish();
    for id in 1..=4 {
        raw.execute("p", 2).sync().finish();
        raw.bind("", "s", &[Some(&id.to_string())]).describe("").execute("", 0).flush().send().until(b'C');
        raw.sync().finish();
    }
    raw.query("DECLARE \"a cursor\" CURSOR FOR SELECT * FROM t").finish();
    raw.query("FETCH 3 FROM \"a cursor\"").finish();
    raw.query("CLOSE \"a cursor\"").finish();
    raw.query("COMMIT").finish();
    raw.unnamed("SELECT 1", &[]).unnamed("SELECT 1 / 0", &[]).unnamed("SELECT 2", &[]).sync().finish();
    raw.query("SELEC 1").finish();
    raw.query("SELECT set_config('application_name', 'other', false)").finish();
    raw.query("COPY t FROM STDIN").send().until(b'G');
    raw.copy_data(b"100\tone\n").copy_done().finish();
    raw.parse("", "COPY t FROM STDIN").bind("", "", &[]).execute("", 0).sync().send().until(b'G');
    raw.copy_fail().sync().finish();
    raw.query("COPY t TO STDOUT").finish();
    raw.query("LISTEN n; NOTIFY n, 'news'").finish();
    let mut client = wire.client();
    let (all, one) = ("SELECT t, key FROM u", "SELECT id, name FROM t WHERE id = $1");
    let [all, one] = [all, one].map(|text| client.prepare(text).unwrap());
    for row in client.query(&all, &[]).unwrap() {
        client.query(&one, &[&row.get::<_, i64>(0)]).unwrap();
    }
    client.query("SELECT 1::int2, 1.5::numeric, now(), true, '{1}'::int4[]", &[]).unwrap();
    wire.settle();
    std::fs::write(path, wire.captured()).unwrap();
}
