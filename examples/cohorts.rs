//! Cohorts: the statements and cohorts that an observer sees, for the lazy page and for the fixed page.
//!
//!     cargo run --release --example cohorts
//!
//! The rows that one statement loads are a cohort. It records the cohort of its parents, or the line that
//! queried it. Each event for a loaded relation names the parents' cohort.

use std::rc::Rc;

use anyhow::Result;
use eagerly::Cohort;
use eagerly::numbers::counted;
use eagerly::{Cause, Event, Observer, Session, selectin};
use shop::{Customer, Order, Size, data, page};
use terminal::{fitted, println};

/// Prints each statement and each cohort.
struct Notes;

impl Observer for Notes {
    fn statement(&self, event: &Event<'_>) {
        let whom = match event.cause {
            Cause::Control { .. } => return,
            Cause::Explicit { .. } => String::new(),
            Cause::Access { parents, position, .. } => {
                format!(", for row {position} of cohort {}", parents.id())
            }
            Cause::Eager { parents, .. } => {
                format!(", for all {} rows of cohort {}", parents.size(), parents.id())
            }
        };
        println!("{}", fitted(&format!("  {}{whom}", event.cause)));
    }

    fn cohort(&self, cohort: &Rc<Cohort>) {
        let from = cohort
            .parents()
            .map(|parents| format!(", reached from cohort {} by {}", parents.id(), cohort.path()));
        let line = format!(
            "    cohort {}: {} of {}{}",
            cohort.id(),
            counted(u64::from(cohort.size()), "row"),
            cohort.entity(),
            from.unwrap_or_else(|| format!(", queried at {}", cohort.origin()))
        );
        println!("{}", fitted(&line));
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
    let size = Size { customers, orders: 1.0, items: 2.0, seed: 1 };
    data::in_memory(&size)
}
