//! What a learner has learned is applied like the advice of a detector.

use std::path::Path;

use eagerly::{Result, Session};
use eagerly_fix::advice::combined;
use eagerly_fix::apply::propose;
use eagerly_watch::Learner;
use shop::{Customer, Order};

/// Lists the customers, and reads the items of one customer's orders.
fn page(session: &Session) -> Result<usize> {
    let customers = session.all(Customer::select())?;
    customers[1].orders()?.iter().map(|order: &Order| Ok(order.items()?.len())).sum()
}

#[test]
fn the_lines_of_a_learner_are_written_into_the_source() {
    let session = shop::small().unwrap();
    let learner = Learner::in_memory();
    learner.attach(&session);
    assert!(page(&session).unwrap() > 0);
    let proposal = propose(Path::new(env!("CARGO_MANIFEST_DIR")), combined(learner.fixes()));
    assert!(proposal.left.is_empty(), "{:?}", proposal.left);
    let new =
        "session.all(Customer::select().with(eagerly::lazy(Customer::ORDERS).selectin(Order::ITEMS)))?;";
    assert!(proposal.files[0].after.contains(&format!("    let customers = {new}\n")));
}
