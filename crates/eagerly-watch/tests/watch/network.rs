//! A virtual network, with modelled round trips or real waits.

use std::time::{Duration, Instant};

use eagerly::{Network, selectin};
use proptest::prelude::*;
use shop::{Customer, Order, page};

use crate::support::shop_of;

#[test]
fn a_virtual_network_adds_a_round_trip_per_statement_without_waiting() {
    let session = shop_of(50);
    session.model_network(Some(Network::virtual_of(Duration::from_secs(60))));
    let tally = session.tally();
    let start = Instant::now();
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    assert!(start.elapsed() < Duration::from_secs(60));
    assert_eq!(tally.round_trips(), Duration::from_secs(60) * tally.statements() as u32);
    assert!(tally.elapsed() < Duration::from_secs(60), "the measured time contains no round trips");
}

#[test]
fn begin_and_commit_have_no_round_trips() {
    let session = shop_of(5);
    session.model_network(Some(Network::BETWEEN_ZONES));
    let tally = session.tally();
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    session.all(Customer::select().with(path)).unwrap();
    assert_eq!((tally.statements(), tally.control()), (3, 2));
    assert_eq!(tally.round_trips(), Duration::from_millis(3));
}

#[test]
fn a_waiting_network_waits_outside_the_measured_time_of_a_statement() {
    let session = shop_of(3);
    session.model_network(Some(Network::virtual_of(Duration::from_millis(5)).waiting()));
    let tally = session.tally();
    let start = Instant::now();
    for _ in 0..4 {
        session.count(Customer::select()).unwrap();
    }
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert!(tally.round_trips() >= Duration::from_millis(20));
    assert!(tally.elapsed() + tally.round_trips() <= start.elapsed());
}

#[test]
fn without_a_network_there_are_no_round_trips() {
    let session = shop_of(3);
    session.model_network(Some(Network::FAR_REGION));
    session.model_network(None);
    let tally = session.tally();
    session.all(Customer::select()).unwrap();
    assert_eq!(tally.round_trips(), Duration::ZERO);
}

proptest! {
    #[test]
    fn modelled_times_never_overflow(seconds in any::<u64>(), statements in any::<u64>()) {
        let network = Network::virtual_of(Duration::from_secs(seconds));
        prop_assert!(network.modelled(statements) >= network.modelled(statements / 2));
    }
}
