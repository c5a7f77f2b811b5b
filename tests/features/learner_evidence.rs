//! What a learner takes for evidence beside other observers, and what it does with a file that is large, damaged or shared.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eagerly::{Result, Session, selectin};
use eagerly_watch::{Detector, Learner};
use shop::{Customer, Size};

use crate::support;

on_both!(
    a_run_ends_with_its_rows_although_a_detector_keeps_their_cohorts,
    a_tally_has_one_place_for_a_strategy_however_many_runs_it_was_learned_from,
    a_learned_load_that_is_not_read_is_no_line_to_remove,
    what_a_page_preloads_for_rows_of_two_queries_is_left_to_the_page,
);

fn shop_of(customers: u32) -> Session {
    support::filled(&Size { customers, orders: 4.0, items: 2.0, seed: 7 })
}

fn read_orders(customers: &[Customer]) -> Result<()> {
    customers.iter().try_for_each(|customer| customer.orders().map(drop))
}

fn a_run_ends_with_its_rows_although_a_detector_keeps_their_cohorts() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let _detector = Detector::attach(&session);
    for runs in 1..=5 {
        read_orders(&session.all(Customer::select()).unwrap()).unwrap();
        assert_eq!(learner.lines()[0].runs, runs);
    }
}

fn a_tally_has_one_place_for_a_strategy_however_many_runs_it_was_learned_from() {
    let session = shop_of(5);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let tally = session.tally();
    for _ in 0..4 {
        read_orders(&session.all(Customer::select()).unwrap()).unwrap();
    }
    let shapes = tally.shapes();
    let learned = shapes.iter().find(|shape| shape.places[0].0.learned_from.is_some()).unwrap();
    let places: Vec<_> = learned.places.iter().map(|(place, count)| (place.learned_from, *count)).collect();
    assert_eq!(places, [(Some(3), 3)]);
}

fn a_learned_load_that_is_not_read_is_no_line_to_remove() {
    let session = shop_of(5);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |reads: bool| {
        let customers = session.all(Customer::select()).unwrap();
        read_orders(if reads { &customers } else { &[] }).unwrap();
    };
    page(true);
    let detector = Detector::attach(&session);
    page(false);
    assert!(detector.report().wasted.is_empty(), "{}", detector.report());
}

fn what_a_page_preloads_for_rows_of_two_queries_is_left_to_the_page() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = || {
        let tally = session.tally();
        let first = session.all(Customer::select().filter(Customer::ID.le(5))).unwrap();
        let others = session.all(Customer::select().filter(Customer::ID.gt(5))).unwrap();
        session.preload(first.iter().chain(&others), selectin(Customer::ORDERS)).unwrap();
        read_orders(&first).and_then(|()| read_orders(&others)).unwrap();
        tally.statements()
    };
    assert_eq!([(); 3].map(|()| page()), [3, 3, 3]);
    assert_eq!(learner.lines(), []);
}

fn file_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("learned.txt")
}

/// Returns a line of the file.
fn decision(way: &str, lazy: u64, line: u32) -> String {
    format!(
        "selectin\t{way}\t9 runs: 9 many, 0 one, 0 none; lazy {lazy}\tpage.rs:{line}:5\tCustomer\t8c3a01f2\t\t51d0e7b4\n"
    )
}

#[test]
fn what_is_known_of_a_query_stays_where_it_is_when_one_without_rows_or_a_plan_is_like_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    let session = shop_of(20);
    let page = |learner: &Learner| {
        learner.attach(&session);
        let tally = session.tally();
        read_orders(&session.all(Customer::select()).unwrap()).unwrap();
        learner.save().unwrap();
        tally.statements()
    };
    page(&Learner::open(&file).unwrap());
    // As if the program had been compiled anew.
    let text = std::fs::read_to_string(&file).unwrap();
    let build = text.lines().last().unwrap().rsplit('\t').next().unwrap().to_owned();
    std::fs::write(&file, text.replace(&build, "00000000")).unwrap();
    let learner = Learner::open(&file).unwrap();
    learner.attach(&session);
    let plan = Customer::select().plan(&session).unwrap().to_string();
    assert!(plan.contains("learned from 1 run"), "{plan}");
    let empty = support::filled(&Size { customers: 0, ..Size::default() });
    learner.attach(&empty);
    assert!(empty.all(Customer::select()).unwrap().is_empty());
    assert_eq!(page(&learner), 2);
}

#[test]
fn a_writer_may_query_while_a_learner_is_written_to_it() {
    struct Querying<'s>(&'s Session);

    impl std::fmt::Write for Querying<'_> {
        fn write_str(&mut self, _: &str) -> std::fmt::Result {
            read_orders(&self.0.all(Customer::select()).unwrap()).map_err(|_| std::fmt::Error)
        }
    }
    let session = shop_of(5);
    let learner = Learner::in_memory();
    learner.attach(&session);
    write!(Querying(&session), "{learner}").unwrap();
    assert_eq!(learner.lines()[0].runs, 1);
}

#[test]
fn only_names_of_relations_are_read_from_a_file_because_lines_of_the_program_are_made_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    let hostile = ["::", "Customer::", "Customer::X)).filter((Y::Z", "Customer::ORDERS.…; drop::X", "a b::C"];
    let text: String = hostile.iter().map(|way| decision(way, 1, 3)).collect();
    std::fs::write(&file, text + &decision("Customer::ORDERS", 1, 3)).unwrap();
    let lines = Learner::open(&file).unwrap().lines();
    assert_eq!((lines.len(), lines[0].code.as_str()), (1, ".with(selectin(Customer::ORDERS))"));
}

#[test]
fn numbers_of_a_file_do_not_overflow() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    let ways = ["Customer::ORDERS", "Customer::ORDERS/Order::ITEMS"];
    std::fs::write(&file, ways.map(|way| decision(way, u64::MAX, 3)).concat()).unwrap();
    assert_eq!(Learner::open(&file).unwrap().lines()[0].lazy, u64::MAX);
}

#[test]
fn the_time_for_the_lines_grows_with_their_number_and_not_with_its_square() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    let text: String = (0..10_000).map(|line| decision("Customer::ORDERS", 1, line)).collect();
    std::fs::write(&file, text).unwrap();
    let learner = Learner::open(&file).unwrap();
    let start = Instant::now();
    assert_eq!(learner.lines().len(), 10_000);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_to_the_file_stays_one() {
    let learn = |file: &Path| {
        let session = shop_of(5);
        let learner = Learner::open(file).unwrap();
        learner.attach(&session);
        read_orders(&session.all(Customer::select()).unwrap()).unwrap();
        learner.save().unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (file_in(&folder), folder.path().join("link.txt"));
    learn(&file);
    std::os::unix::fs::symlink(&file, &link).unwrap();
    learn(&link);
    assert!(link.is_symlink());
    assert_eq!(Learner::open(&file).unwrap().lines()[0].runs, 2);
}
