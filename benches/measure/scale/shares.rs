//! For which share of the parents it is faster to read whole tables than to look up keys.
//!
//! A page shows the first customers. `selectin` sends their keys. `subquery` repeats their query. The third way reads the
//! whole tables, by `subquery` without a filter, and drops the other customers. Its time is the same for every share.

use anyhow::Result;
use eagerly::{Strategy, by};
use shop::{Customer, Order, page};

use crate::Shop;
use crate::figures::{OfShare, median_ms};

/// The page shows one customer of this many.
const ONE_IN: [u32; 5] = [64, 16, 4, 2, 1];

#[derive(Clone, Copy)]
enum Turn {
    Some(Strategy, u32),
    Whole,
}

pub fn measure(shop: &Shop<'_>) -> Result<Vec<OfShare>> {
    let some = |strategy| ONE_IN.map(|one_in| Turn::Some(strategy, one_in));
    let turns = [&some(Strategy::Selectin)[..], &some(Strategy::Subquery), &[Turn::Whole]].concat();
    let times = shop.in_turns(&turns, name, |turn| page_of(shop, *turn))?;
    let ms: Vec<_> = times.iter().map(|times| median_ms(times)).collect();
    let figures = ONE_IN.iter().enumerate().map(|(place, one_in)| OfShare {
        customers: shop.size.customers,
        one_in: *one_in,
        selectin_ms: ms[place],
        subquery_ms: ms[ONE_IN.len() + place],
        whole_ms: ms[2 * ONE_IN.len()],
    });
    Ok(figures.collect())
}

fn name(turn: &Turn) -> String {
    match turn {
        Turn::Some(strategy, one_in) => format!("{strategy} for one customer in {one_in}"),
        Turn::Whole => "whole tables".to_owned(),
    }
}

fn page_of(shop: &Shop<'_>, turn: Turn) -> Result<()> {
    let (strategy, query) = match turn {
        Turn::Some(strategy, one_in) => {
            let last = i64::from(shop.size.customers.div_ceil(one_in));
            (strategy, Customer::select().filter(Customer::ID.le(last)))
        }
        Turn::Whole => (Strategy::Subquery, Customer::select()),
    };
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    page::rows(&shop.session.all(query.with(path))?)?;
    Ok(())
}
