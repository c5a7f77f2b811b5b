//! Learned: a page that names no load path, and an ORM that learns one from what the page reads.
//!
//!     cargo run --release --example learned
//!
//! Each run opens the learner's file again, as a new process would.

use std::path::Path;

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets};
use eagerly::numbers::{count, counted};
use eagerly::{Session, Strategy};
use eagerly_watch::Learner;
use shop::{Customer, Size, data};

/// Reads the items of every order of every customer.
fn whole_page(session: &Session) -> eagerly::Result<i64> {
    let mut total = 0;
    for customer in &session.all(Customer::select())? {
        for order in customer.orders()? {
            for item in order.items()? {
                total += item.quantity * item.unit_price;
            }
        }
    }
    Ok(total)
}

/// Lists all customers, and reads the items of one customer's orders.
fn one_unfolded(session: &Session) -> eagerly::Result<i64> {
    let mut total = 0;
    let customers = session.all(Customer::select())?;
    for order in customers[1].orders()? {
        for item in order.items()? {
            total += item.quantity * item.unit_price;
        }
    }
    Ok(total)
}

/// A page returns a total, so that the runs can be compared.
type Page = fn(&Session) -> eagerly::Result<i64>;

fn main() -> Result<()> {
    let session = data::in_memory(&Size { customers: 100, ..Size::default() })?;
    let folder = terminal::folder()?;
    let file = folder.path().join("learned.txt");

    terminal::println!(
        "Two pages over {}. Each run has a new learner, which reads the file.\n",
        counted(100, "customer")
    );
    terminal::println!("The page that reads everything");
    compare(&session, whole_page, &file)?;
    terminal::println!("\nThe page that unfolds one customer");
    compare(&session, one_unfolded, &file)?;

    terminal::println!("\nWhat it has learned, from the file:\n\n{}", Learner::open(&file)?);
    terminal::println!("\nThe lines to write into the program:\n");
    for line in Learner::open(&file)?.lines() {
        terminal::println!("{line}");
    }
    Ok(())
}

/// Runs a page without the learner, by `lazy` and by `batch`, and then four times with it.
fn compare(session: &Session, page: Page, file: &Path) -> Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "statements", "rows read"]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut expected = None;
    let mut add = |name: String| -> Result<()> {
        let tally = session.tally();
        let total = page(session)?;
        assert_eq!(*expected.get_or_insert(total), total);
        table.add_row([name, count(tally.statements()), count(tally.rows())]);
        Ok(())
    };
    for strategy in [Strategy::Lazy, Strategy::Batch] {
        session.default_strategy(strategy);
        add(format!("every run by {strategy}"))?;
    }
    session.default_strategy(Strategy::Lazy);
    for run in 1..=4 {
        let learner = Learner::open(file)?;
        learner.attach(session);
        add(format!("learned, run {run}"))?;
        learner.save()?;
        session.advise(None);
    }
    for line in table.lines() {
        terminal::println!("  {}", line.trim_end());
    }
    Ok(())
}
