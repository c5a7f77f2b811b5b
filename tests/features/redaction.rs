//! With `session.redact(true)`, no value reaches an observer, a report or an error. Every table holds one secret text, and
//! everything that a program can print is searched for it.

use std::cell::RefCell;
use std::io::Write;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use eagerly::{
    BelongsTo, Cohort, Dialect, Echo, Entity, Error, Event, HasMany, Observer, Result, Session, Strategy,
    joined, lazy, params, raise, selectin, subquery,
};
use eagerly_watch::{Detector, Learner, Recording, SlowLog};
use eagerly_wire::{Proxy, Recorder, Server, Settings};

use crate::databases::{another, current, empty, execute, fresh_url, server};

on_both!(
    a_redacted_session_tells_no_value_to_anything,
    redaction_changes_no_statement_and_no_graph,
    what_has_no_values_looks_the_same,
    repetitions_of_hidden_values_are_not_guessed,
);

const SECRET: &str = "canary7f3a";

#[derive(Debug, Entity)]
#[entity(table = "people")]
struct Person {
    #[entity(key)]
    email: String,
    note: String,
    #[entity(foreign_key = "email")]
    letters: HasMany<Letter>,
    #[entity(foreign_key = "email")]
    misread: HasMany<MisreadLetter>,
}

#[derive(Debug, Entity)]
#[entity(table = "letters")]
struct Letter {
    #[entity(key)]
    id: String,
    email: String,
    text: String,
    #[entity(key = "email")]
    person: BelongsTo<Person>,
}

/// The note is a text.
#[derive(Debug, Entity)]
#[entity(table = "people")]
struct MisreadPerson {
    #[entity(key)]
    email: String,
    note: i64,
}

/// The text is not a number.
#[derive(Debug, Entity)]
#[entity(table = "letters")]
struct MisreadLetter {
    #[entity(key)]
    id: String,
    email: String,
    text: i64,
}

/// Nothing in the database requires the person to exist.
#[derive(Debug, Default, Entity)]
#[entity(table = "strays")]
struct Stray {
    #[entity(key)]
    id: String,
    email: String,
    #[entity(key = "email")]
    person: BelongsTo<Person>,
}

fn secret(what: &str) -> String {
    format!("{what} {SECRET}")
}

fn person(number: usize) -> Person {
    let email = secret(&number.to_string());
    Person { email, note: secret("note"), letters: HasMany::default(), misread: HasMany::default() }
}

fn letter(number: usize, email: String) -> Letter {
    let id = secret(&format!("letter {number}"));
    Letter { id, email, text: secret("text"), person: BelongsTo::default() }
}

/// Creates the tables, with 6 people and 12 letters.
fn filled(session: &Session) {
    for sql in [
        "CREATE TABLE people (email TEXT PRIMARY KEY, note TEXT NOT NULL CHECK (length(note) < 40))",
        "CREATE TABLE letters (id TEXT PRIMARY KEY, email TEXT NOT NULL REFERENCES people, text TEXT NOT NULL)",
        "CREATE INDEX letters_email ON letters (email)",
        "CREATE TABLE strays (id TEXT PRIMARY KEY, email TEXT NOT NULL)",
    ] {
        session.execute(sql, []).unwrap();
    }
    let keeps = match session.dialect() {
        Dialect::Sqlite => "CREATE TRIGGER keeps BEFORE UPDATE ON strays BEGIN SELECT RAISE(IGNORE); END",
        Dialect::Postgres => "CREATE RULE keeps AS ON UPDATE TO strays DO INSTEAD NOTHING",
    };
    session.execute(keeps, []).unwrap();
    let people: Vec<_> = (0..6).map(person).collect();
    session.insert_all(&people).unwrap();
    let letters = (0..12).map(|number| letter(number, people[number % 6].email.clone()));
    session.insert_all(letters.collect::<Vec<_>>()).unwrap();
    session.insert(&stray()).unwrap();
}

fn stray() -> Stray {
    Stray { id: secret("stray"), email: secret("nobody"), ..Stray::default() }
}

/// A buffer that an echo and a detector print to.
#[derive(Clone, Default)]
struct Printed(Rc<RefCell<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Printed {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

/// Prints everything that an observer receives.
#[derive(Default)]
struct Everything(RefCell<String>);

impl Observer for Everything {
    fn statement(&self, event: &Event<'_>) {
        let mut text = self.0.borrow_mut();
        *text += &format!("{:?} {:?} {:?} {}\n", event.sql, event.values, event.error, event.cause);
        *text += &event.error.map(ToString::to_string).unwrap_or_default();
    }

    fn cohort(&self, cohort: &Rc<Cohort>) {
        *self.0.borrow_mut() += &format!("{} {}\n", cohort.path(), cohort.size());
    }

    fn weighs(&self) -> bool {
        true
    }
}

/// What was printed, by name.
type Outputs = Vec<(&'static str, String)>;

fn told(outputs: &mut Outputs, name: &'static str, error: Error) {
    outputs.push((name, format!("{error}\n{error:?}")));
}

fn failed<T>(outputs: &mut Outputs, name: &'static str, result: Result<T>) {
    match result {
        Ok(_) => panic!("{name} did not fail"),
        Err(error) => told(outputs, name, error),
    }
}

/// Reads the page by several strategies.
fn read(session: &Session) {
    let people = session.all(Person::select()).unwrap();
    people.iter().for_each(|person| assert_eq!(person.letters().unwrap().len(), 2));
    for person in session.all(Person::select().with(selectin(Person::LETTERS))).unwrap() {
        assert_eq!(person.letters().unwrap()[0].text, secret("text"));
    }
    session.all(Person::select().with(subquery(Person::LETTERS))).unwrap();
    session
        .all(Person::select().with(joined(Person::LETTERS)).filter(Person::NOTE.eq(secret("note"))))
        .unwrap();
    for _ in 0..2 {
        session.get::<Person>(secret("1")).unwrap().reload_note(session);
    }
}

impl Person {
    /// Sends raw SQL several times with the same value.
    fn reload_note(&self, session: &Session) {
        for _ in 0..6 {
            let sql = match session.dialect() {
                Dialect::Sqlite => "SELECT note FROM people WHERE email = ?1",
                Dialect::Postgres => "SELECT note FROM people WHERE email = $1",
            };
            assert_eq!(session.query::<String>(sql, params![self.email.clone()]).unwrap(), [secret("note")]);
        }
    }
}

/// Makes every error that can quote a value or a key.
fn fail(session: &Session, out: &mut Outputs) {
    failed(out, "decode", session.all(MisreadPerson::select()));
    for strategy in Strategy::ALL {
        let path = eagerly::by(strategy, Person::MISREAD);
        let page = session.all(Person::select().with(path));
        let page = page.and_then(|people| people[0].misread().map(<[_]>::len));
        let is_raise = strategy == Strategy::Raise;
        failed(out, if is_raise { "raised" } else { "decode below" }, page);
    }
    failed(out, "decode raw", session.query::<i64>("SELECT email FROM people", []));
    failed(out, "decode key", session.query::<(i64, i64)>("SELECT email, note FROM people", []));
    failed(out, "unique", session.insert(&person(1)));
    failed(out, "unique, many", session.insert_all(&[person(7), person(1)]));
    failed(out, "foreign key", session.insert(&letter(99, secret("nobody"))));
    failed(out, "foreign key, delete", session.delete(&person(1)));
    failed(out, "check", session.insert(&Person { note: secret(&"long ".repeat(20)), ..person(8) }));
    let null = execute(session, "INSERT INTO people VALUES (?1, NULL)", params![secret("null")]);
    failed(out, "not null", null);
    let (bad, wrong_type) = match session.dialect() {
        Dialect::Sqlite => ("SELECT json_extract('{}', ?1)", "SELECT abs(?1), json(?1)"),
        Dialect::Postgres => ("SELECT $1::integer", "SELECT $1::timestamptz"),
    };
    failed(out, "argument", session.query::<String>(bad, params![secret("path")]));
    failed(out, "type", session.query::<(String, String)>(wrong_type, params![secret("{")]));
    failed(out, "parameters", session.query::<String>("SELECT note FROM people", params![secret("")]));
    failed(out, "table", execute(session, "DELETE FROM nothing WHERE a = ?1", params![secret("")]));
    failed(out, "not found", session.get::<Person>(secret("unknown")));
    failed(out, "one", session.one(Person::select().filter(Person::NOTE.eq(secret("unknown")))));
    failed(out, "several", session.one(Person::select().filter(Person::NOTE.eq(secret("note")))));
    failed(out, "update", session.update(&person(77)));
    failed(out, "delete", session.delete(&person(77)));
    failed(out, "ignored", session.update(&stray()));
    let strays = session.all(Stray::select()).unwrap();
    failed(out, "dangling", strays[0].person());
    let strays = session.all(Stray::select().with(selectin(Stray::PERSON))).unwrap();
    failed(out, "dangling, loaded", strays[0].person());
    let rows = session.all(Person::select().with(raise(Person::LETTERS))).unwrap();
    failed(out, "raised", rows[0].letters());
    let transaction: Result<()> = session.transaction(|session| {
        drop(session.insert(&person(1)));
        session.insert(&person(9))?;
        Err(Error::other("undone"))
    });
    failed(out, "transaction", transaction);
    let refusing = Detector::refusing(session);
    let people = session.all(Person::select().with(lazy(Person::LETTERS))).unwrap();
    let refused = people.iter().try_for_each(|person| person.letters().map(drop));
    failed(out, "N+1 refused", refused);
    out.push(("refusing", format!("{}", refusing.report())));
    failed(out, "busy", busy(session));
    if session.dialect() == Dialect::Postgres {
        let raises = "CREATE FUNCTION raises(text) RETURNS text LANGUAGE plpgsql AS
                      'BEGIN RAISE unique_violation USING MESSAGE = $1, DETAIL = $1, HINT = $1; END'";
        session.execute(raises, []).unwrap();
        failed(out, "raises", session.query::<String>("SELECT raises($1)", params![secret("")]));
    }
}

/// Returns the error of a write that waits for a lock.
fn busy(session: &Session) -> Result<()> {
    if session.dialect() == Dialect::Postgres {
        let other = another(session);
        return other.transaction(|other| {
            other.delete(&letter(0, String::new()))?;
            session.execute("SET lock_timeout = '50ms'", [])?;
            session.delete(&letter(0, String::new()))
        });
    }
    let folder = tempfile::tempdir().unwrap();
    let open = || Session::open(folder.path().join("busy.db")).unwrap();
    let (mine, other) = (open(), open());
    filled(&mine);
    // The session is another one, so it hides what the tested one hides.
    mine.redact(matches!(session.get::<Person>(SECRET), Err(Error::NotFound { sought, .. }) if !sought.contains(SECRET)));
    mine.execute("PRAGMA busy_timeout = 0", [])?;
    other.transaction(|other| {
        other.delete(&letter(0, String::new()))?;
        mine.delete(&letter(0, String::new()))
    })
}

/// Runs everything with all tools attached, and returns what they print.
fn outputs(redacts: bool) -> (Outputs, u64) {
    let session = empty();
    filled(&session);
    session.redact(redacts);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("learned.json");
    let learner = Learner::open(&file).unwrap();
    learner.attach(&session);
    let (echoed, warned, everything) =
        (Printed::default(), Printed::default(), Rc::new(Everything::default()));
    let observations =
        [session.observe(everything.clone()), session.observe(Rc::new(Echo::to(echoed.clone())))];
    let (tally, detector) = (session.tally(), Detector::attach(&session));
    let warning = Detector::warning_to(&session, warned.clone());
    let (recording, slow) = (Recording::start(&session), SlowLog::over(&session, Duration::ZERO));
    let before = session.statements();

    read(&session);
    let mut out = Outputs::new();
    fail(&session, &mut out);
    let plan = Person::select().filter(Person::NOTE.eq(secret("note"))).plan(&session).unwrap();
    out.push(("plan", plan.to_string()));
    let sent = session.statements() - before;

    out.push(("html", recording.to_html()));
    out.push(("perfetto", recording.to_perfetto()));
    out.push(("json lines", recording.to_json_lines()));
    out.push(("advice", format!("{} {}", recording.report(), recording.advice())));
    out.push(("detector", format!("{} {:?}", detector.report(), detector.report())));
    out.push(("slow log", format!("{:?}", slow.statements())));
    out.push(("tally", format!("{:?}", tally.shapes())));
    out.push(("session", format!("{session:?} {:?}", session.scope("page", || ()))));
    learner.save().unwrap();
    out.push(("learner", std::fs::read_to_string(&file).unwrap()));
    let detached = session.all(Person::select()).unwrap();
    drop((observations, warning, recording, slow, detector, tally));
    session.close().unwrap();
    failed(&mut out, "detached", detached[0].letters());
    out.push(("echo", echoed.text()));
    out.push(("warnings", warned.text()));
    out.push(("everything", everything.0.take()));
    (out, sent)
}

fn names_with_secret(outputs: &Outputs) -> Vec<&'static str> {
    let with_secret = outputs.iter().filter(|(_, text)| text.contains(SECRET));
    with_secret.map(|(name, _)| *name).collect()
}

fn a_redacted_session_tells_no_value_to_anything() {
    let (redacted, sent) = outputs(true);
    for (name, text) in &redacted {
        assert!(!text.contains(SECRET), "{name}: {text}");
        // A message shows what was hidden, and still ends with help.
        assert!(!text.contains("[]]"), "{name}: {text}");
    }
    // Without redaction, the same program tells the secret in these places. So the search can fail.
    let (open, sent_openly) = outputs(false);
    let told = names_with_secret(&open);
    let (sqlite, postgres): (&[&str], &[&str]) =
        (&[], &["unique", "foreign key", "check", "not null", "type", "raises"]);
    let of_database = if current() == Dialect::Sqlite { sqlite } else { postgres };
    for name in [
        "decode",
        "decode below",
        "decode raw",
        "decode key",
        "argument",
        "not found",
        "update",
        "delete",
        "ignored",
        "dangling",
        "dangling, loaded",
        "html",
        "perfetto",
        "json lines",
        "detector",
        "echo",
        "everything",
    ]
    .iter()
    .chain(of_database)
    {
        assert!(told.contains(name), "{name} does not show the secret: {told:?}");
    }
    assert_eq!(sent, sent_openly);
}

fn redaction_changes_no_statement_and_no_graph() {
    let texts = |redacts| {
        let session = empty();
        filled(&session);
        session.redact(redacts);
        let tally = session.tally();
        read(&session);
        let shapes =
            tally.shapes().iter().map(|shape| (shape.sql.clone(), shape.statements)).collect::<Vec<_>>();
        (shapes, tally.rows(), session.round_trips())
    };
    assert_eq!(texts(true), texts(false));
}

fn what_has_no_values_looks_the_same() {
    let session = empty();
    filled(&session);
    session.redact(true);
    let echoed = Printed::default();
    let echo = session.observe(Rc::new(Echo::to(echoed.clone())));
    session.count(Person::select()).unwrap();
    session.count(Person::select().filter(Person::NOTE.eq(secret("note")))).unwrap();
    let unique = session.insert(&person(1)).unwrap_err();
    drop(echo);
    let text = echoed.text();
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert!(!lines[0].contains('[') && lines[1].contains(" […]  count at "), "{text}");
    // The message names the constraint, and the help leads there.
    let constraint = if current() == Dialect::Sqlite { "people.email" } else { "people_pkey" };
    let unique = unique.to_string();
    assert!(unique.contains(constraint) && unique.contains("help: look at the constraint"), "{unique}");
    // PostgreSQL names what is missing only in its message.
    if current() == Dialect::Sqlite {
        for sql in ["SELECT note FROM missing", "INSERT INTO people (missing) VALUES ('x')"] {
            let error = session.execute(sql, []).unwrap_err().to_string();
            assert!(error.matches("missing").count() > sql.matches("missing").count(), "{error}");
        }
    }
    session.redact(false);
    assert!(session.get::<Person>(secret("unknown")).unwrap_err().to_string().contains(SECRET));
}

fn repetitions_of_hidden_values_are_not_guessed() {
    let duplicates = |redacts, values: [&str; 2]| {
        let session = empty();
        filled(&session);
        session.redact(redacts);
        let detector = Detector::attach(&session);
        for value in values {
            session.count(Person::select().filter(Person::EMAIL.eq(value))).unwrap();
        }
        detector.report().duplicates.len()
    };
    assert_eq!((duplicates(false, ["a", "a"]), duplicates(false, ["a", "b"])), (1, 0));
    assert_eq!((duplicates(true, ["a", "a"]), duplicates(true, ["a", "b"])), (0, 0));
}

mod beyond_the_session {
    #[test]
    fn the_report_of_the_wire_contains_no_value() {
        crate::databases::with_postgres(super::the_report_of_the_wire_contains_no_value);
    }

    #[test]
    fn the_log_of_the_server_contains_values_unless_it_is_told_not_to() {
        crate::databases::with_postgres(
            super::the_log_of_the_server_contains_values_unless_it_is_told_not_to,
        );
    }
}

fn the_report_of_the_wire_contains_no_value() {
    let (url, address) = (fresh_url(), server().unwrap().address());
    let recorder =
        Recorder::new(Settings { gap: Duration::MAX, slow: Duration::ZERO, ..Settings::default() });
    let observers = vec![Arc::new(recorder.clone()) as _];
    let free_port = (Ipv4Addr::LOCALHOST, 0).into();
    let proxy = Proxy::observed(free_port, address, Duration::ZERO, observers).unwrap();
    let session = Session::connect(&url.replace(&address.to_string(), &proxy.address().to_string())).unwrap();
    filled(&session);
    read(&session);
    fail(&session, &mut Outputs::new());
    // Written into the text, as a program would that does not bind.
    for number in 0..6 {
        let sql =
            format!("SELECT note FROM people WHERE email = '{number} {SECRET}' AND note <> $${SECRET}$$");
        session.query::<String>(&sql, []).unwrap();
        session
            .execute(&format!("UPDATE people SET note = E'{SECRET}\\'' WHERE email = 'x{SECRET}'"), [])
            .unwrap();
    }
    drop(session.execute(&format!("SELEC '{SECRET}"), []));
    let report = recorder.report();
    assert!(report.statements() > 50);
    let pages = [report.to_string(), report.to_json(), report.to_html().unwrap(), format!("{report:?}")];
    for page in pages {
        let place = page.find(SECRET);
        assert_eq!(place, None, "{}", &page[place.unwrap_or(0).saturating_sub(300)..]);
    }
    assert!(!format!("{recorder:?} {proxy:?}").contains(SECRET));
}

fn the_log_of_the_server_contains_values_unless_it_is_told_not_to() {
    let log_of = |settings: &[&str], run: fn(&Session)| {
        let server = Server::with_settings(&[&["log_min_duration_statement=0"], settings].concat()).unwrap();
        let session = Session::connect(&server.url()).unwrap();
        filled(&session);
        run(&session);
        session.close().unwrap();
        server.log().unwrap()
    };
    let quiet = ["log_parameter_max_length=0", "log_parameter_max_length_on_error=0"];
    assert!(log_of(&[], read).contains(SECRET));
    assert!(!log_of(&quiet, read).contains(SECRET));
    let refused = |session: &Session| drop(session.insert(&person(1)));
    assert!(log_of(&quiet, refused).contains(SECRET));
}
