//! How long a row takes, and how much memory, at one size.

use anyhow::{Result, ensure};

use crate::figures::{OfSize, PerRow};
use crate::way::{ALL, Way};
use crate::{Shop, memory};

/// Measures every way. The first turn of each counts its statements, and checks that all ways return the same page. Its time
/// does not count.
pub fn measure(shop: &Shop<'_>) -> Result<Vec<OfSize>> {
    shop.show("checking report");
    let expected = Way::Report.page(&shop.session)?;
    let mut statements = Vec::new();
    for way in ALL {
        shop.show(&format!("checking {}", way.name()));
        let tally = shop.session.tally();
        ensure!(
            way.page(&shop.session)? == expected,
            "the ways {} and report return different pages\n  help: report this as a bug in eagerly",
            way.name()
        );
        statements.push(tally.statements());
    }
    let times = shop.in_turns(
        &ALL,
        |way| format!("timing {}", way.name()),
        |way| {
            way.page(&shop.session)?;
            Ok(())
        },
    )?;
    let mut rows = Vec::new();
    for ((way, statements), times) in ALL.into_iter().zip(statements).zip(times) {
        shop.show(&format!("memory of {}", way.name()));
        rows.push(OfSize {
            way: way.name(),
            customers: shop.size.customers,
            rows: shop.rows(),
            rounds: shop.rounds,
            statements,
            times: PerRow::of(&times, shop.rows()),
            peak_bytes: memory::peak(way.name(), &["--shop".into(), shop.path.clone().into()])?,
        });
    }
    Ok(rows)
}
