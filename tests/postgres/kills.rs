//! Statements that are cancelled, and sessions that are ended, at random moments: all of the work is kept, or none.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eagerly::{Entity, Error, Failure, Session, by, params};
use shop::{Customer, Order, page};

use crate::databases::{url_of, with_admin};
use crate::shared::{seconds, shop_of, yielding};
use crate::watchdog::{PATIENCE, within};

on_postgres!(
    a_statement_that_is_cancelled_at_any_time_undoes_its_transaction_and_the_session_goes_on,
    a_session_that_is_ended_at_any_time_says_so_and_keeps_all_or_nothing,
);

#[derive(Debug, Entity)]
#[entity(table = "marks")]
struct Mark {
    #[entity(key)]
    id: i64,
    run: i64,
}

fn a_statement_that_is_cancelled_at_any_time_undoes_its_transaction_and_the_session_goes_on() {
    attacked("pg_cancel_backend", 1, &[Failure::Interrupted]);
}

fn a_session_that_is_ended_at_any_time_says_so_and_keeps_all_or_nothing() {
    attacked("pg_terminate_backend", 5, &[Failure::Disconnected]);
}

/// Works for some seconds, while another session attacks the first one in a loop.
fn attacked(attack: &'static str, pause: u64, failures: &'static [Failure]) {
    let seconds = seconds(4);
    let session = shop_of(10);
    session.execute("CREATE TABLE marks (id BIGINT PRIMARY KEY, run BIGINT)", []).unwrap();
    let expected = format!("{:?}", page::rows(&session.all(Customer::select()).unwrap()).unwrap());
    let url = url_of(&session);
    within(seconds + PATIENCE, move || {
        let (is_done, attacks) = (AtomicBool::new(false), AtomicU64::new(0));
        let name = format!("the victim of {attack}");
        std::thread::scope(|scope| {
            let attacker = scope.spawn(|| attack_until(&is_done, &attacks, attack, pause, &name));
            let victim = format!("{url}?application_name={}", name.replace(' ', "%20"));
            let [runs, failed] = work_until(
                Instant::now() + seconds,
                &victim,
                &|error| {
                    let kind = error.database().map(|error| error.kind);
                    let is_over = matches!(error, Error::TransactionOver { .. } | Error::Connect { .. });
                    assert!(is_over || kind.is_some_and(|kind| failures.contains(&kind)), "{error}");
                },
                &url,
                &expected,
            );
            is_done.store(true, Ordering::Relaxed);
            attacker.join().unwrap();
            println!("{attack}: {} attacks, {runs} runs, {failed} failed", attacks.load(Ordering::Relaxed));
            assert!(failed > 0, "{runs} runs");
            // On a slow machine, all of them can fail. Without attacks, the next one succeeds.
            work(&Session::connect(&victim).unwrap(), runs as i64 + 1, &expected).unwrap();
        });
    });
}

fn attack_until(is_done: &AtomicBool, attacks: &AtomicU64, attack: &str, pause: u64, name: &str) {
    let sql = format!("SELECT {attack}(pid) FROM pg_stat_activity WHERE application_name = $1");
    let mut random = 1;
    while !is_done.load(Ordering::Relaxed) {
        random = random * 31 % 47;
        std::thread::sleep(Duration::from_millis(random * pause));
        with_admin(|admin| admin.execute(&sql, params![name.to_owned()]).unwrap());
        attacks.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns how many runs there were, and how many failed.
fn work_until(end: Instant, victim: &str, check: &dyn Fn(&Error), url: &str, expected: &str) -> [u64; 2] {
    let observer = Session::connect(url).unwrap();
    let kept = |run: i64| observer.count(Mark::select().filter(Mark::RUN.eq(run))).unwrap();
    let (mut session, mut run, mut failed) = (None, 0_i64, 0);
    while Instant::now() < end {
        run += 1;
        let open = match session.take() {
            Some(open) => open,
            None => match Session::connect(victim) {
                Ok(open) => open,
                Err(_) => continue,
            },
        };
        let done = work(&open, run, expected);
        // If the answer to COMMIT is lost, it is not known whether it was kept. If it was cancelled, it was not.
        let rows = kept(run);
        assert!(rows == 1_500 || (rows == 0 && done.is_err()), "{run}: {rows} rows, {done:?}");
        if let Err(error) = &done {
            failed += 1;
            check(error);
        }
        let is_over = done
            .as_ref()
            .err()
            .and_then(Error::database)
            .is_some_and(|error| error.kind == Failure::Disconnected);
        let usable = open.count(Customer::select());
        match (&usable, is_over) {
            (Ok(count), false) => assert_eq!(*count, 10),
            (Err(error), _) => check(error),
            (Ok(_), true) => panic!("{run}: the session goes on after {done:?}"),
        }
        if usable.is_ok() || usable.is_err_and(|error| is_interrupted(&error)) {
            session = Some(open);
        }
    }
    [run.unsigned_abs(), failed]
}

fn is_interrupted(error: &Error) -> bool {
    error.database().is_some_and(|error| error.kind == Failure::Interrupted)
}

fn work(session: &Session, run: i64, expected: &str) -> Result<(), Error> {
    let strategies = yielding();
    let strategy = strategies[run.unsigned_abs() as usize % strategies.len()];
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    let customers = session.all(Customer::select().with(path))?;
    assert_eq!(format!("{:?}", page::rows(&customers)?), expected, "{strategy}");
    let mut orders = 0;
    session.chunks(Order::select().with(by(strategy, Order::ITEMS)), 30, |chunk| {
        orders += chunk.len();
        Ok(())
    })?;
    assert_eq!(orders, 100);
    session.transaction(|session| {
        let marks = |from: i64| (from..from + 500).map(move |id| Mark { id: run * 10_000 + id, run });
        session.insert_all(marks(0))?;
        // An error inside is undone by itself, and the transaction goes on.
        let _ = session.transaction(|session| session.insert_all(marks(0)));
        session.transaction(|session| session.insert_all(marks(500)))?;
        session.insert_all(marks(1_000)).map(drop)
    })
}
