//! A network that fails at every message of a conversation in turn. The result is the right page, or one clear error. What was
//! loaded before stays, and nothing is half loaded.
//!
//! `cuts.rs` ends a long conversation at random bytes. Here the conversations are short, and no message is left out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use eagerly::{Entity, Error, Failure, Session, Strategy, by};
use shop::{Customer, Order, OrderItem, Size, page};

use crate::databases::{another, server, url_of, with_admin};
use crate::failures::with_rule;
use crate::faulty::{DIRECTIONS, Damage, Direction, Fault, Faulty};
use crate::kind;
use crate::shared::{filled, yielding};
use crate::watchdog::{PATIENCE, named};

on_postgres!(
    a_connection_that_ends_at_any_message_is_one_error_and_never_a_wrong_page,
    a_message_that_is_later_than_a_timeout_is_the_page_or_one_error,
    signing_on_that_ends_or_waits_at_any_message_is_one_error,
    a_commit_that_times_out_leaves_no_transaction_open,
);

/// How many cases run at the same time. Most of them wait.
const AT_ONCE: usize = 16;

#[derive(Debug, Entity)]
#[entity(table = "marks")]
struct Mark {
    #[entity(key)]
    id: i64,
    run: i64,
}

/// The failures after which the session goes on.
const UNDONE: [Option<Failure>; 2] = [Some(Failure::TimedOut), Some(Failure::TransactionOver)];

/// How many rows a conversation that writes adds.
const MARKS: i64 = 4;

/// What a client does while a message is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conversation {
    Page(Strategy),
    Chunks,
    Insert,
}

impl Conversation {
    fn all() -> impl Iterator<Item = Self> {
        yielding().into_iter().map(Self::Page).chain([Self::Chunks, Self::Insert])
    }

    /// Every message is damaged in turn, but lazy loading repeats the same few messages.
    fn step(self) -> usize {
        if self == Self::Page(Strategy::Lazy) { 5 } else { 1 }
    }
}

/// The shop, as a connection without faults reads it.
#[derive(Clone)]
struct Truth {
    url: String,
    page: String,
    /// The keys of each customer's orders, and of each order's items.
    orders: BTreeMap<i64, Vec<i64>>,
    items: BTreeMap<i64, Vec<i64>>,
}

fn truth() -> (Session, Truth) {
    let session = filled(&Size { customers: 3, orders: 1.4, items: 1.25, ..Size::default() });
    session.execute("CREATE TABLE marks (id BIGINT PRIMARY KEY, run BIGINT)", []).unwrap();
    let customers = session.all(Customer::select()).unwrap();
    let page = format!("{:?}", page::rows(&customers).unwrap());
    let orders = customers.iter().map(|customer| (customer.id, keys_of_orders(customer))).collect();
    let items =
        session.all(Order::select()).unwrap().into_iter().map(|order| (order.id, keys_of_items(&order)));
    let truth = Truth { url: url_of(&session), page, orders, items: items.collect() };
    (session, truth)
}

fn keys_of_orders(customer: &Customer) -> Vec<i64> {
    customer.orders().unwrap().iter().map(|order| order.id).collect()
}

fn keys_of_items(order: &Order) -> Vec<i64> {
    order.items().unwrap().iter().map(|item| item.id).collect()
}

/// A conversation in which one message is damaged.
#[derive(Debug, Clone, Copy)]
struct Case {
    number: usize,
    conversation: Conversation,
    fault: Option<Fault>,
    /// A statement before the conversation, which sets timeouts.
    settings: Option<&'static str>,
}

/// How a case ended.
struct Outcome {
    /// How many messages passed in each direction.
    passed: [usize; 2],
    has_happened: bool,
    /// The failure, if the result is an error.
    failure: Option<Failure>,
}

impl Case {
    fn new(conversation: Conversation, fault: Option<Fault>) -> Self {
        Self { number: 0, conversation, fault, settings: None }
    }

    fn run(self, truth: &Truth) -> Outcome {
        let wire = Faulty::new();
        let session = Session::connect(&wire.url(&truth.url)).unwrap();
        let before = session.all(OrderItem::select().limit(2)).unwrap();
        let order = before[0].order().unwrap().id;
        if let Some(settings) = self.settings {
            session.execute(settings, []).unwrap();
        }

        wire.begin(self.fault);
        let done = self.talk(&session, truth);
        let outcome = Outcome {
            passed: wire.passed(),
            has_happened: wire.has_happened(),
            failure: done.as_ref().err().map(|error| match error {
                // The server can time out after it has described a statement, and before it has read to the end of the
                // request. The client library ignores an error at that place, so the next statement reports it.
                Error::TransactionOver { .. } => Failure::TransactionOver,
                error => kind(error).unwrap_or_else(|| panic!("{error}")),
            }),
        };

        assert_eq!(before[0].order().unwrap().id, order, "what was loaded stays");
        match done {
            Ok(()) => {}
            Err(error) if UNDONE.contains(&outcome.failure) => {
                assert_eq!(error.to_string().matches("help: ").count(), 1, "{error}");
                // On a busy machine, this can take too long, too.
                while session.execute("SET statement_timeout = 0", []).is_err() {}
                self.talk(&session, truth).unwrap();
            }
            Err(error) => {
                is_over(&error);
                is_over(&before[1].order().unwrap_err());
                assert!(!before[1].order.is_loaded());
                is_over(&session.count(Order::select()).unwrap_err());
                is_over(&session.transaction(|_| Ok(())).unwrap_err());
                is_over(&session.insert(&Mark { id: -1, run: -1 }).unwrap_err());
                session.close().unwrap();
            }
        }
        outcome
    }

    fn talk(self, session: &Session, truth: &Truth) -> Result<(), Error> {
        match self.conversation {
            Conversation::Page(strategy) => read(session, strategy, truth),
            Conversation::Chunks => {
                let mut keys = Vec::new();
                session.chunks(Order::select().with(by(Strategy::Selectin, Order::ITEMS)), 3, |orders| {
                    for order in orders {
                        assert_eq!(keys_of_items(&order), truth.items[&order.id]);
                        keys.push(order.id);
                    }
                    Ok(())
                })?;
                assert_eq!(keys, truth.items.keys().copied().collect::<Vec<_>>());
                Ok(())
            }
            Conversation::Insert => session.transaction(|session| {
                let run = self.number as i64;
                let marks = (1..=MARKS).map(|mark| Mark { id: run * MARKS + mark, run });
                assert_eq!(session.insert_all(marks)?, MARKS as u64);
                Ok(())
            }),
        }
    }
}

/// Reads the page. After an error, what is loaded is whole, and the rest is not loaded.
fn read(session: &Session, strategy: Strategy, truth: &Truth) -> Result<(), Error> {
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    let customers = session.all(Customer::select().with(path))?;
    let rows = page::rows(&customers);
    if let Ok(rows) = &rows {
        assert_eq!(format!("{rows:?}"), truth.page);
    }
    for customer in &customers {
        if !customer.orders.is_loaded() {
            assert!(rows.is_err());
            if rows.as_ref().is_err_and(|error| kind(error) == Some(Failure::Disconnected)) {
                is_over(&customer.orders().unwrap_err());
            }
            continue;
        }
        assert_eq!(keys_of_orders(customer), truth.orders[&customer.id]);
        for order in customer.orders().unwrap() {
            if order.items.is_loaded() {
                assert_eq!(keys_of_items(order), truth.items[&order.id]);
            } else {
                assert!(rows.is_err());
            }
        }
    }
    rows.map(drop)
}

/// An error of a session that is over, with one advice.
fn is_over(error: &Error) {
    let text = error.to_string();
    assert_eq!(kind(error), Some(Failure::Disconnected), "{text}");
    assert_eq!(text.matches("help: ").count(), 1, "{text}");
    assert!(text.contains("open another session with `Session::connect(…)`"), "{text}");
}

/// Runs cases, many at the same time. Returns how each ended.
fn run_all(cases: Vec<Case>, truth: &Truth) -> Vec<(Case, Outcome)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let case = Case { number: case.number, ..*case };
            let truth = truth.clone();
            let outcome = named(&format!("{case:?}"), PATIENCE, move || {
                std::panic::catch_unwind(|| case.run(&truth))
                    .unwrap_or_else(|_| panic!("the case that failed is {case:?}"))
            });
            done.push((case, outcome));
        }
        done
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// Returns a case for each message of each conversation and each damage.
fn cases(truth: &Truth, damages: &[Damage]) -> Vec<Case> {
    let mut cases = Vec::new();
    for conversation in Conversation::all() {
        let whole = Case::new(conversation, None).run(truth);
        assert!(whole.failure.is_none() && whole.passed.iter().all(|passed| *passed > 5), "{conversation:?}");
        for (direction, messages) in DIRECTIONS.into_iter().zip(whole.passed) {
            for message in (0..messages).step_by(conversation.step()) {
                for damage in damages {
                    let fault = Fault { direction, message, damage: *damage };
                    cases.push(Case::new(conversation, Some(fault)));
                }
            }
        }
        // What it wrote is not part of the test.
        another_of(truth).execute("DELETE FROM marks", []).unwrap();
    }
    for (number, case) in cases.iter_mut().enumerate() {
        case.number = number + 1;
    }
    cases
}

fn another_of(truth: &Truth) -> Session {
    Session::connect(&truth.url).unwrap()
}

/// Each conversation that wrote kept all of its rows or none, and all if it succeeded.
fn all_or_nothing(session: &Session, done: &[(Case, Outcome)]) {
    let session = another(session);
    for (case, outcome) in done.iter().filter(|(case, _)| case.conversation == Conversation::Insert) {
        let kept = session.count(Mark::select().filter(Mark::RUN.eq(case.number as i64))).unwrap() as i64;
        // After a timeout, the conversation was repeated.
        let is_kept = outcome.failure.is_none() || UNDONE.contains(&outcome.failure);
        assert!(kept == MARKS || (kept == 0 && !is_kept), "{kept} rows, {case:?}");
    }
}

fn a_connection_that_ends_at_any_message_is_one_error_and_never_a_wrong_page() {
    let (session, truth) = truth();
    let done = run_all(cases(&truth, &[Damage::Cut, Damage::Torn]), &truth);
    for (case, outcome) in &done {
        assert!(outcome.has_happened, "{case:?}");
        assert_eq!(outcome.failure, Some(Failure::Disconnected), "{case:?}");
    }
    all_or_nothing(&session, &done);
    println!("{} connections ended at a message", done.len());
    assert!(done.len() >= 1_100, "{}", done.len());
}

fn a_message_that_is_later_than_a_timeout_is_the_page_or_one_error() {
    const LATE: Damage = Damage::Late(Duration::from_millis(160));
    let (session, truth) = truth();
    let mut cases = cases(&truth, &[LATE]);
    for (number, case) in cases.iter_mut().enumerate() {
        case.settings = match number % 2 {
            0 => Some("SET statement_timeout = 80"),
            // In one statement, because the first timeout can end the session before the second is set.
            _ => Some(
                "SELECT set_config(name, '80', false)
                 FROM unnest(ARRAY['idle_session_timeout', 'idle_in_transaction_session_timeout']) AS name",
            ),
        };
    }
    let done = run_all(cases, &truth);
    all_or_nothing(&session, &done);
    let count = |failure| done.iter().filter(|(_, outcome)| outcome.failure == failure).count();
    let counts = [None, Some(Failure::TimedOut), Some(Failure::TransactionOver), Some(Failure::Disconnected)]
        .map(count);
    println!(
        "{} messages were late: {counts:?} pages, timeouts, transactions and sessions that were over",
        done.len()
    );
    assert_eq!(counts.iter().sum::<usize>(), done.len());
    assert!(done.len() >= 550 && [0, 1, 3].iter().all(|place| counts[*place] > 5), "{counts:?}");
}

fn signing_on_that_ends_or_waits_at_any_message_is_one_error() {
    with_admin(|admin| admin.execute("CREATE ROLE sworn LOGIN PASSWORD 'sesame'", []).unwrap());
    with_rule("host all sworn 127.0.0.1/32 scram-sha-256");
    let url = format!("postgres://sworn:sesame@{}/postgres?connect_timeout=1", server().unwrap().address());
    let signs_on = move |fault: Option<Fault>| {
        let wire = Faulty::new();
        wire.begin(fault);
        let signed_on = Session::connect(&wire.url(&url));
        let passed = wire.passed();
        let error = signed_on.err();
        assert_eq!(error.is_some(), fault.is_some(), "{fault:?}");
        if let Some(error) = error {
            let text = error.to_string();
            assert!(matches!(error, Error::Connect { .. }), "{text}");
            assert_eq!(text.matches("help: ").count(), 1, "{text}");
            assert!(
                matches!(kind(&error), Some(Failure::Unreachable)),
                "{fault:?}: {:?} {text}",
                kind(&error)
            );
        }
        passed
    };
    let passed = signs_on(None);
    let mut faults = Vec::new();
    for (direction, messages) in DIRECTIONS.into_iter().zip(passed) {
        for message in 0..messages {
            let fault = |damage| Fault { direction, message, damage };
            faults.extend([Damage::Cut, Damage::Torn, Damage::Lost].map(fault));
        }
    }
    println!("{} times signing on failed at a message", faults.len());
    assert!(faults.len() >= 60, "{}", faults.len());
    std::thread::scope(|scope| {
        for fault in faults {
            let signs_on = signs_on.clone();
            scope.spawn(move || named(&format!("{fault:?}"), PATIENCE, move || signs_on(Some(fault))));
        }
    });
}

fn a_commit_that_times_out_leaves_no_transaction_open() {
    let (_session, truth) = truth();
    let wire = Faulty::new();
    let session = Session::connect(&wire.url(&truth.url)).unwrap();
    let delete = |late: Option<usize>| {
        session.transaction(|session| {
            session.execute("DELETE FROM order_items", [])?;
            if let Some(message) = late {
                // Only COMMIT has this timeout. On a busy machine, another statement could reach it, too.
                session.execute("SET LOCAL statement_timeout = 100", [])?;
                // Much later, because a busy server starts to count late.
                let damage = Damage::Late(Duration::from_secs(1));
                wire.begin(Some(Fault { direction: Direction::ToServer, message, damage }));
            }
            Ok(())
        })
    };
    // A COMMIT has five messages: parse, bind, describe, execute, and the end of the request. It runs
    // when the fourth has arrived.
    for message in 1..4 {
        let error = delete(Some(message)).unwrap_err();
        assert_eq!(kind(&error), Some(Failure::TimedOut), "{error}");
        let items: usize = truth.items.values().map(Vec::len).sum();
        assert_eq!(session.count(OrderItem::select()).unwrap(), items as u64);
    }
    delete(None).unwrap();
    assert_eq!(session.count(OrderItem::select()).unwrap(), 0);
}
