//! The chunks of one query are one origin: for N+1, for unused eager loads, in assertions and in recordings.

use std::panic::{AssertUnwindSafe, catch_unwind};

use eagerly::{Error, Result, Session, Strategy, by, selectin};
use eagerly_watch::{Detector, Recording, Report, assert_no_n_plus_one};
use shop::{Customer, Order};

use crate::support::shop_of;

/// Reads the customers in chunks, and accesses the orders of the first customers of each.
fn page_in_chunks(session: &Session, size: usize, accessed: usize) -> Result<()> {
    session.chunks(Customer::select(), size, |customers| {
        customers.iter().take(accessed).try_for_each(|customer| customer.orders().map(drop))
    })
}

fn report_of(session: &Session, size: usize, accessed: usize) -> Report {
    let detector = Detector::attach(session);
    page_in_chunks(session, size, accessed).unwrap();
    detector.report()
}

#[test]
fn an_access_in_each_chunk_is_an_n_plus_one() {
    let session = shop_of(40);
    for (size, accessed, statements, needed) in
        [(1, 1, 40, 40), (10, 1, 4, 4), (10, 10, 40, 4), (100, 3, 3, 1)]
    {
        let report = report_of(&session, size, accessed);
        assert_eq!(report.n_plus_one.len(), 1, "chunks of {size}: {report}");
        let finding = &report.n_plus_one[0];
        assert_eq!((finding.statements, finding.needed), (statements, needed), "chunks of {size}");
        assert_eq!(finding.is_chunked, size < 40);
        let words = report.to_string();
        let remark = if needed < statements { "Larger chunks need fewer" } else { "only with larger chunks" };
        assert_eq!(words.contains(remark), size < 40, "{words}");
        assert_eq!(words.contains("This saves"), statements > needed, "{words}");
        // The promise holds.
        let tally = session.tally();
        session.chunks(Customer::select().with(selectin(Customer::ORDERS)), size, |_| Ok(())).unwrap();
        assert_eq!(tally.statements() - 1, needed);
    }
}

#[test]
fn one_access_in_all_chunks_is_not_an_n_plus_one() {
    let session = shop_of(40);
    let detector = Detector::attach(&session);
    let work = |customers: Vec<Customer>| match &customers[..] {
        [customer, ..] if customer.id == 21 => customer.orders().map(drop),
        _ => Ok(()),
    };
    session.chunks(Customer::select(), 10, work).unwrap();
    assert!(detector.report().is_clean(), "{}", detector.report());
}

#[test]
fn chunks_of_two_runs_of_a_query_are_two_origins() {
    let session = shop_of(1);
    let detector = Detector::attach(&session);
    for _ in 0..2 {
        page_in_chunks(&session, 1, 1).unwrap();
    }
    assert!(detector.report().n_plus_one.is_empty(), "{}", detector.report());
}

#[test]
fn an_n_plus_one_below_the_chunks_is_found() {
    let session = shop_of(40);
    for strategy in [Strategy::Lazy, Strategy::Immediate, Strategy::Joined, Strategy::Batch] {
        let detector = Detector::attach(&session);
        let query = Customer::select().with(by(strategy, Customer::ORDERS));
        let work = |customers: Vec<Customer>| {
            let mut orders = customers[0].orders()?.iter().take(1);
            orders.try_for_each(|order| order.items().map(drop))
        };
        session.chunks(query, 1, work).unwrap();
        let paths: Vec<_> =
            detector.report().n_plus_one.into_iter().map(|finding| finding.load_path).collect();
        let first = if strategy == Strategy::Joined { "joined" } else { "selectin" };
        let last = format!("{first}(Customer::ORDERS).selectin(Order::ITEMS)");
        let last = if strategy == Strategy::Batch { last.replacen("selectin", "batch", 1) } else { last };
        assert!(paths.contains(&last), "{strategy}: {paths:?}");
    }
}

#[test]
fn a_refusing_detector_refuses_the_access_in_the_second_chunk() {
    let session = shop_of(40);
    let _detector = Detector::refusing(&session);
    let mut chunks = 0;
    let refused = session.chunks(Customer::select(), 1, |customers| {
        chunks += 1;
        customers[0].orders().map(drop)
    });
    assert!(matches!(refused, Err(Error::Other(_))));
    assert_eq!(chunks, 2);
}

#[test]
fn an_assertion_fails_for_an_access_in_each_chunk() {
    let session = shop_of(40);
    let failed = catch_unwind(AssertUnwindSafe(|| {
        assert_no_n_plus_one!(session, page_in_chunks(&session, 1, 1)).unwrap();
    }));
    let words = failed.unwrap_err().downcast::<String>().unwrap();
    assert!(words.contains("Customer.orders       40 statements, accessed at "), "{words}");
}

#[test]
fn a_load_that_one_chunk_reads_is_not_unused() {
    let session = shop_of(40);
    for (read, unused) in [(31, 0), (0, 1)] {
        let detector = Detector::attach(&session);
        let query = Customer::select().with(selectin(Customer::ORDERS));
        let work = |customers: Vec<Customer>| {
            let mut wanted = customers.iter().filter(|customer| customer.id == read);
            wanted.try_for_each(|customer| customer.orders().map(drop))
        };
        session.chunks(query, 10, work).unwrap();
        let wasted = detector.report().wasted;
        assert_eq!(wasted.len(), unused);
        for wasted in wasted {
            assert_eq!(wasted.rows, session.count(Order::select()).unwrap(), "the rows of all chunks");
        }
    }
}

#[test]
fn a_recording_has_one_lane_for_all_chunks() {
    let session = shop_of(40);
    let recording = Recording::start(&session);
    page_in_chunks(&session, 1, 1).unwrap();
    let advice = recording.advice();
    assert_eq!(advice.relations.len(), 1);
    let [lazy, _, _, selectin, ..] = advice.relations[0].ways;
    assert_eq!((lazy.statements, selectin.statements), (40, 40));
    assert!(advice.to_string().contains("on one parent per query or chunk"), "{advice}");
    let page = recording.to_perfetto();
    assert_eq!(page.matches("thread_name").count(), 2, "a lane for the customers and one for their orders");
}
