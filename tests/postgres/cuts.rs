//! A network that fails at any byte: no page is wrong, no work is half done, and nothing waits forever.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::spawn;

use eagerly::{Dialect, Entity, Error, Failure, Session, by};
use shop::{Customer, Order, page};

use crate::databases::{another, server, url_of};
use crate::kind;
use crate::shared::{shop_of, yielding};
use crate::watchdog::{PATIENCE, within};

on_postgres!(a_connection_cut_at_any_byte_is_an_error_and_never_a_wrong_page);

/// How many connections are cut.
const CUTS: u64 = 30;

/// More bytes than a run needs, in both directions together.
const BYTES: u64 = 700_000;

/// Forwards one connection, until `budget` bytes have passed in both directions together. Then it forwards the part of
/// the last piece that is within the budget, and closes one direction or both.
fn cut_after(budget: u64, how: Shutdown) -> (u16, Arc<AtomicI64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicI64::new(budget as i64));
    let shared = Arc::clone(&left);
    spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let upstream = TcpStream::connect(server().unwrap().address()).unwrap();
        let pairs = [(&client, &upstream), (&upstream, &client)];
        for (from, to) in pairs.map(|(from, to)| (from.try_clone().unwrap(), to.try_clone().unwrap())) {
            let left = Arc::clone(&shared);
            spawn(move || forward(from, to, &left, how));
        }
    });
    (port, left)
}

fn forward(mut from: TcpStream, mut to: TcpStream, left: &AtomicI64, how: Shutdown) {
    let mut buffer = [0; 4096];
    loop {
        let count = from.read(&mut buffer).unwrap_or(0);
        let before = left.fetch_sub(count as i64, Ordering::SeqCst);
        let passes = usize::try_from(before).unwrap_or(0).min(count);
        if to.write_all(&buffer[..passes]).is_err() || passes < count || count == 0 {
            let _ = (to.shutdown(how), from.shutdown(Shutdown::Both));
            return;
        }
    }
}

#[derive(Debug, Entity)]
#[entity(table = "marks")]
struct Mark {
    #[entity(key)]
    id: i64,
    run: i64,
    text: String,
}

/// Reads pages by every strategy and in chunks, and writes 2,500 rows in one transaction.
fn work(session: &Session, run: i64, expected: &str) -> Result<(), Error> {
    for strategy in yielding() {
        let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
        let customers = session.all(Customer::select().with(path))?;
        assert_eq!(format!("{:?}", page::rows(&customers)?), expected, "{strategy}");
    }
    let mut orders = 0;
    session.chunks(Order::select(), 7, |chunk| {
        orders += chunk.len();
        Ok(())
    })?;
    assert_eq!(orders, 100);
    let marks = (1..=2_500).map(|id| Mark { id: run * 10_000 + id, run, text: "x".repeat(20) });
    assert_eq!(session.insert_all(marks)?, 2_500);
    Ok(())
}

fn a_connection_cut_at_any_byte_is_an_error_and_never_a_wrong_page() {
    let session = shop_of(10);
    assert_eq!(session.dialect(), Dialect::Postgres);
    session.execute("CREATE TABLE marks (id BIGINT PRIMARY KEY, run BIGINT, text TEXT)", []).unwrap();
    let expected = format!("{:?}", page::rows(&session.all(Customer::select()).unwrap()).unwrap());
    let url = url_of(&session);
    let (mut random, mut lost) = (0x9E37_79B9_7F4A_7C15_u64, 0);
    let cuts =
        std::env::var("EAGERLY_CASES").map_or(CUTS, |cuts| cuts.parse().expect("EAGERLY_CASES is a number"));
    for run in 1..=cuts {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let how = [Shutdown::Both, Shutdown::Write][(random >> 40) as usize % 2];
        // Half of the cuts are early: while signing on, and in the first pages.
        let budget = (random >> 11) % if run % 2 == 0 { BYTES } else { 40_000 };
        let (url, expected) = (url.clone(), expected.clone());
        let done = within(PATIENCE, move || {
            let (port, left) = cut_after(budget, how);
            let address = server().unwrap().address().to_string();
            let done =
                Session::connect(&url.replace(&address, &format!("127.0.0.1:{port}"))).and_then(|session| {
                    let done = work(&session, run as i64, &expected);
                    if done.is_err() {
                        let again = session.count(Order::select()).unwrap_err();
                        assert_eq!(kind(&again), Some(Failure::Disconnected), "{run}: {again}");
                    }
                    done
                });
            assert!(done.is_ok() || left.load(Ordering::SeqCst) < 0, "{run}: {done:?}");
            done.map_err(|error| (kind(&error), error.to_string()))
        });
        if let Err((kind, message)) = &done {
            lost += 1;
            assert!(
                matches!(kind, Some(Failure::Disconnected | Failure::Unreachable)),
                "{run} after {budget} bytes, {how:?}: {kind:?} {message}"
            );
        }
        // Whether COMMIT arrived is not known if its answer is lost. But it keeps everything or nothing.
        let kept = another(&session).count(Mark::select().filter(Mark::RUN.eq(run as i64))).unwrap();
        assert!(kept == 2_500 || (kept == 0 && done.is_err()), "{run}: {kept} rows, {done:?}");
    }
    println!("{cuts} connections, {lost} of them lost");
    assert!(lost > cuts / 2, "{lost} of {cuts}");
}
