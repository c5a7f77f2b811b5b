//! The slow-query log of the slow page, which stays empty.
//!
//!     cargo run --release --example slow_log
//!
//! A slow-query log lists statements that take long. A page of 33,001 fast statements does not appear in it
//! at any usual threshold. No statement is slow; there are too many.

use std::time::Duration;

use anyhow::Result;
use eagerly::Session;
use eagerly_watch::SlowLog;
use shop::{Customer, Size, data, page};
use terminal::{fitted, println};

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    data::fill(&session, &Size::default(), |_| {})?;

    let usual = SlowLog::attach(&session);
    let strict = SlowLog::over(&session, Duration::from_millis(10));
    page::rows(&session.all(Customer::select())?)?;

    println!("The page of 3,000 customers, with a database in memory");
    println!("{}", fitted(&usual.to_string()));
    println!("{}", fitted(&strict.to_string()));
    Ok(())
}
