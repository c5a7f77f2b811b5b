//! Cohorts: what an observer is told of them, by the lazy page and by the mended one.
//!
//!     cargo run --release --example cohorts
//!
//! A statement that loads a relation says for whom it is sent. The rows that it gives are a cohort, which knows the rows
//! that it was reached from, and where the first of those were queried.

use std::rc::Rc;

use anyhow::Result;
use eagerly::cohort::Cohort;
use eagerly::text::counted;
use eagerly::{Cause, Event, Observer, Session, selectin};
use shop::{Customer, Order, Size, data, page};

/// Prints what it is told.
struct Notes;

impl Observer for Notes {
    fn statement(&self, event: &Event<'_>) {
        let whom = match event.cause {
            Cause::Control { .. } => return,
            Cause::Explicit { .. } => String::new(),
            Cause::Access {
                parents, position, ..
            } => {
                format!(", for row {position} of cohort {}", parents.id())
            }
            Cause::Eager { parents, .. } => {
                format!(", for all {} rows of cohort {}", parents.size(), parents.id())
            }
        };
        println!("  {}{whom}", event.cause);
    }

    fn cohort(&self, cohort: &Rc<Cohort>) {
        let from = cohort
            .parents()
            .map(|parents| format!(", reached from cohort {} by {}", parents.id(), cohort.path()));
        println!(
            "    cohort {}: {} of {}{}",
            cohort.id(),
            counted(u64::from(cohort.size()), "row"),
            cohort.entity(),
            from.unwrap_or_else(|| format!(", queried at {}", cohort.origin()))
        );
    }
}

fn main() -> Result<()> {
    println!("lazy");
    let session = shop_of(3)?;
    let watching = session.observe(Rc::new(Notes));
    page::rows(&session.all(Customer::select())?)?;
    drop(watching);

    println!("\nselectin");
    let session = shop_of(3)?;
    let watching = session.observe(Rc::new(Notes));
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)?;
    drop(watching);
    Ok(())
}

fn shop_of(customers: u32) -> eagerly::Result<Session> {
    let size = Size {
        customers,
        orders: 1.0,
        items: 2.0,
        seed: 1,
    };
    data::in_memory(&size)
}
