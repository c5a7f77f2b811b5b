//! For which share of the parents it is faster to read whole tables than to look up keys.
//!
//! A page shows the first customers. `selectin` sends their keys. `subquery` repeats their query. The third way reads the
//! whole tables, by `subquery` without a filter, and computes the page of the first customers only.

use anyhow::Result;
use eagerly::{Strategy, by};
use shop::{Customer, Order, page};

use crate::Shop;
use crate::figures::OfShare;
use crate::times::median;

/// The page shows one customer of this many.
pub const ONE_IN: [u32; 5] = [64, 16, 4, 2, 1];

#[derive(Clone, Copy)]
enum Turn {
    Filtered(Strategy, u32),
    Whole(u32),
}

pub fn measure(shop: &Shop<'_>) -> Result<Vec<OfShare>> {
    let some = |strategy| ONE_IN.map(|one_in| Turn::Filtered(strategy, one_in));
    let turns = [some(Strategy::Selectin), some(Strategy::Subquery), ONE_IN.map(Turn::Whole)].concat();
    let times = shop.in_turns(&turns, name, |turn| page_of(shop, *turn))?;
    let ms: Vec<_> = times.iter().map(|times| median(times).as_secs_f64() * 1e3).collect();
    let figures = ONE_IN.iter().enumerate().map(|(place, one_in)| OfShare {
        customers: shop.size.customers,
        one_in: *one_in,
        selectin_ms: ms[place],
        subquery_ms: ms[ONE_IN.len() + place],
        whole_ms: ms[2 * ONE_IN.len() + place],
    });
    Ok(figures.collect())
}

fn name(turn: &Turn) -> String {
    match turn {
        Turn::Filtered(strategy, one_in) => format!("{strategy} for one customer in {one_in}"),
        Turn::Whole(one_in) => format!("whole tables for one customer in {one_in}"),
    }
}

fn page_of(shop: &Shop<'_>, turn: Turn) -> Result<()> {
    let (Turn::Filtered(_, one_in) | Turn::Whole(one_in)) = turn;
    let shown = shop.size.customers.div_ceil(one_in);
    let (strategy, query) = match turn {
        Turn::Filtered(strategy, _) => {
            (strategy, Customer::select().filter(Customer::ID.le(i64::from(shown))))
        }
        Turn::Whole(_) => (Strategy::Subquery, Customer::select().order_by(Customer::ID.asc())),
    };
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    let customers = shop.session.all(query.with(path))?;
    page::rows(&customers[..shown as usize])?;
    Ok(())
}
