//! Law 8: an eager load of several statements sees one state of the database.

use std::rc::Rc;

use eagerly::{Event, Kind, Observer, Result, Session, selectin};
use shop::{Customer, Order, Size, data};

use crate::databases::{Place, open};

on_both!(
    a_commit_between_the_statements_of_an_eager_load_is_not_seen,
    a_commit_between_the_statements_of_a_preload_is_not_seen,
);

/// Deletes every item through another connection as soon as a load has read the orders.
struct Meddler {
    other: Session,
}

impl Observer for Meddler {
    fn statement(&self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Eager && event.sql.contains("FROM \"orders\"") {
            let deleted = self.other.execute("DELETE FROM order_items", []).unwrap();
            assert!(deleted > 0);
        }
    }
}

fn a_commit_between_the_statements_of_an_eager_load_is_not_seen() {
    let path = || selectin(Customer::ORDERS).selectin(Order::ITEMS);
    a_commit_in_between_is_not_seen(|session| session.all(Customer::select().with(path())));
}

fn a_commit_between_the_statements_of_a_preload_is_not_seen() {
    a_commit_in_between_is_not_seen(|session| {
        let customers = session.all(Customer::select())?;
        session.preload(&customers, selectin(Customer::ORDERS).selectin(Order::ITEMS))?;
        Ok(customers)
    });
}

/// Checks that `load` reads one state of the customers, their orders and items.
fn a_commit_in_between_is_not_seen(load: impl Fn(&Session) -> Result<Vec<Customer>>) {
    let place = Place::empty();
    let session = place.with_concurrent_reads();
    let size = Size { customers: 10, ..Size::default() };
    data::fill(&session, &size, |_| {}).unwrap();

    let other = open(place.address());
    let meddling = session.observe(Rc::new(Meddler { other }));
    let customers = load(&session).unwrap();
    drop(meddling);
    let orders = customers.iter().flat_map(|customer| customer.orders().unwrap());
    let items: usize = orders.map(|order| order.items().unwrap().len()).sum();
    assert_eq!(items as u64, size.rows()[2], "the items that existed when the load began");
    assert_eq!(session.count(shop::OrderItem::select()).unwrap(), 0, "they are deleted now");
}
