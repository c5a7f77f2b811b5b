//! Options and their values, and errors as one line. The example `server_page` has the same.

use std::process::ExitCode;
use std::time::Duration;

use shop::Size;

use crate::ways::Way;

/// The options for the shop's data.
#[derive(clap::Args)]
pub struct ShopSize {
    /// Number of customers
    #[arg(long, value_name = "N", default_value_t = Size::default().customers)]
    customers: u32,

    /// Orders per customer, on average
    #[arg(long, value_name = "N", default_value_t = Size::default().orders, value_parser = mean)]
    orders: f64,

    /// Items per order, on average
    #[arg(long, value_name = "N", default_value_t = Size::default().items, value_parser = mean)]
    items: f64,

    /// Seed of the data
    #[arg(long, value_name = "N", default_value_t = Size::default().seed)]
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
        _ => match (Way::others().into_iter().find(|way| way.name() == name), name.parse()) {
            (Some(way), _) => Ok(Ways(vec![way])),
            (None, Ok(strategy)) => Ok(Ways(vec![Way::Objects(strategy)])),
            (None, Err(error)) => Err(format!("{error}, orders, totals, sql, all")),
        },
    }
}

fn mean(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(mean) if (0.0..=1_000_000.0).contains(&mean) => Ok(mean),
        _ => Err("expected a number from 0 to 1000000, such as 10 or 4.5".to_owned()),
    }
}

/// Parses the value of `--round-trip`. It needs a unit, except 0.
pub fn round_trip(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let reason = match text.parse::<jiff::SignedDuration>().map(Duration::try_from) {
        Ok(Ok(time)) => return Ok(time),
        Ok(Err(_)) => "a round trip cannot be negative",
        Err(_) if text.parse::<f64>().is_ok() => "a time needs a unit",
        Err(_) => "this is not a time",
    };
    Err(format!("{reason}\n  help: write a time such as 1ms, 250us or 0.5s, or write 0"))
}

/// Prints an error as one line: clap's usage text would hide it.
pub fn complain(message: &str, code: u8) -> ExitCode {
    let message = message.split("\n\nUsage").next().unwrap_or(message);
    let message = message.split("\n\nFor more").next().unwrap_or(message);
    let lines: Vec<_> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    anstream::eprintln!("{}", lines.join("; ").replace(":;", ":"));
    ExitCode::from(code)
}
