//! The cost of observers: the lazy page of 33,001 statements, on a file, with each of the tools.
//!
//!     cargo bench --bench overhead
//!
//! A second group measures the learner, and a third compares typed views with the accessors: they take the same time.
//!
//! The limits: no cost without an observer, 3 % of the page for counting, 10 % for recording. Criterion
//! measures the cases one after the other, so on a busy machine the times drift apart.

#[path = "support/setup.rs"]
mod setup;
mod support;

use std::io;
use std::rc::Rc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use eagerly::Echo;
use eagerly::{Network, Session, selectin};
use eagerly_watch::{Detector, Learner, Recording, SlowLog};
use shop::{Customer, Order, Size, data, page};
use support::{is_quick, measured_for};

fn overhead(criterion: &mut Criterion) {
    let folder = terminal::folder().expect("cannot create a temporary folder");
    let session = Session::open(folder.path().join("shop.db")).expect("cannot open the database");
    let size = Size { customers: if is_quick() { 300 } else { 3_000 }, ..Size::default() };
    data::fill(&session, &size, |_| {}).expect("cannot fill the shop");
    let work = || page::rows(&session.all(Customer::select())?).map(|rows| rows.len());
    let mut group = criterion.benchmark_group("overhead");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(measured_for(5));

    group.bench_function("no observer", |bencher| bencher.iter(work));
    group.bench_function("counting", |bencher| {
        let _tally = session.tally();
        bencher.iter(work);
    });
    group.bench_function("slow log", |bencher| {
        let _log = SlowLog::attach(&session);
        bencher.iter(work);
    });
    group.bench_function("detector", |bencher| {
        bencher.iter(|| {
            let detector = Detector::attach(&session);
            work().map(|lines| (lines, detector.report().statements))
        });
    });
    group.bench_function("recording", |bencher| {
        bencher.iter(|| {
            let recording = Recording::start(&session);
            work().map(|lines| (lines, recording.statements()))
        });
    });
    group.bench_function("echo to a sink", |bencher| {
        bencher.iter(|| {
            let _echo = session.observe(Rc::new(Echo::to(io::sink())));
            work()
        });
    });
    group.bench_function("virtual network", |bencher| {
        session.model_network(Some(Network::FAR_REGION));
        bencher.iter(work);
        session.model_network(None);
    });
    group.finish();
}

/// Measures what a learner adds to a short query and to the page, which is loaded by the same strategy with and without it.
fn learner(criterion: &mut Criterion) {
    let session = Session::in_memory().expect("cannot open the session");
    let size = Size { customers: if is_quick() { 300 } else { 3_000 }, ..Size::default() };
    data::fill(&session, &size, |_| {}).expect("cannot fill the shop");
    let path = || selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let get = || session.get::<Customer>(1).map(|customer| customer.id);
    let written = || page::rows(&session.all(Customer::select().with(path()))?).map(|rows| rows.len());
    let learned = || page::rows(&session.all(Customer::select())?).map(|rows| rows.len());
    let mut group = criterion.benchmark_group("learner");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(measured_for(5));
    group.bench_function("get", |bencher| bencher.iter(get));
    group.bench_function("page with a load path", |bencher| bencher.iter(written));
    let learner = Learner::in_memory();
    learner.attach(&session);
    learned().expect("cannot load the page");
    group.bench_function("get with a learner", |bencher| bencher.iter(get));
    group.bench_function("page with a learned path", |bencher| bencher.iter(learned));
    group.finish();
}

/// Compares accessors with typed views: they send the same statements, and the times differ only by noise.
fn views(criterion: &mut Criterion) {
    let session = Session::in_memory().expect("cannot open the session");
    let size = Size { customers: if is_quick() { 300 } else { 3_000 }, ..Size::default() };
    data::fill(&session, &size, |_| {}).expect("cannot fill the shop");
    let path = || selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let accessors = || page::rows(&session.all(Customer::select().with(path()))?);
    let views = || page::loaded_rows(&session.load(Customer::select(), path())?);
    assert_eq!(accessors().ok(), views().ok());
    let mut group = criterion.benchmark_group("views");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(measured_for(5));
    group.bench_function("page by accessors", |bencher| bencher.iter(accessors));
    group.bench_function("page by typed views", |bencher| bencher.iter(views));
    let rows = session.all(Customer::select().with(path())).expect("cannot load the customers");
    let loaded = session.load(Customer::select(), path()).expect("cannot load the customers");
    group.bench_function("loaded rows by accessors", |bencher| {
        bencher.iter(|| page::rows(&rows));
    });
    group.bench_function("loaded rows by typed views", |bencher| {
        bencher.iter(|| page::loaded_rows(&loaded));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = setup::criterion();
    targets = overhead, learner, views
}
criterion_main!(benches);
