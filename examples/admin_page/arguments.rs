//! Options and their values, and errors as one line. The example `server_page` has the same.

use std::process::ExitCode;
use std::time::Duration;

use shop::Size;

use crate::ways::Way;

/// The options for the shop's data.
#[derive(clap::Args)]
pub struct ShopSize {
    /// Number of customers
    #[arg(long, default_value_t = Size::default().customers)]
    customers: u32,

    /// Orders per customer, on average
    #[arg(long, default_value_t = Size::default().orders, value_parser = mean)]
    orders: f64,

    /// Items per order, on average
    #[arg(long, default_value_t = Size::default().items, value_parser = mean)]
    items: f64,

    /// Seed: the same seed creates the same data
    #[arg(long, default_value_t = Size::default().seed)]
    seed: u64,
}

impl ShopSize {
    pub fn size(&self) -> Size {
        let Self { customers, orders, items, seed } = *self;
        Size { customers, orders, items, seed }
    }
}

/// The ways to run: the value of `--strategy`.
#[derive(Clone)]
pub struct Ways(pub Vec<Way>);

/// Parses the value of `--strategy`.
pub fn ways(name: &str) -> Result<Ways, String> {
    match name {
        "all" => Ok(Ways(Way::all())),
        "sql" => Ok(Ways(vec![Way::Report])),
        _ => match name.parse() {
            Ok(strategy) => Ok(Ways(vec![Way::Objects(strategy)])),
            Err(error) => Err(format!("{error}, sql, all")),
        },
    }
}

fn mean(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(mean) if (0.0..=1_000_000.0).contains(&mean) => Ok(mean),
        _ => Err("expected a number from 0 to 1000000, such as 10 or 4.5".to_owned()),
    }
}

pub fn round_trip(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let parsed = text.parse::<jiff::SignedDuration>();
    match parsed.ok().and_then(|time| Duration::try_from(time).ok()) {
        Some(time) => Ok(time),
        None => Err("expected a time such as 1ms, 250us or 0.5s".to_owned()),
    }
}

/// Prints an error as one line: clap's usage text would hide it.
pub fn complain(message: &str, code: u8) -> ExitCode {
    let message = message.split("\n\nUsage").next().unwrap_or(message);
    let message = message.split("\n\nFor more").next().unwrap_or(message);
    let lines: Vec<_> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    anstream::eprintln!("{}", lines.join("; ").replace(":;", ":"));
    ExitCode::from(code)
}
