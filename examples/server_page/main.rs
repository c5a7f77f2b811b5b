//! The case study on a real PostgreSQL server, with measured times.
//!
//! `admin_page` runs on SQLite, inside its own process, and has to model the round trips. Here, each statement travels to
//! a server and back. So the seconds of the slow page are measured. The server reports what it saw: in its slow-query log,
//! and in `pg_stat_statements`, which counts calls. The proxy reads the messages that pass, and counts the same statements.
//! So there are three independent counts: of the session, the server and the wire.
//!
//! The program starts a throw-away server, fills it, runs the page in every way, and removes the server. A proxy adds a
//! round trip of 1 ms, as between two zones of a cloud region. With `--url`, the program uses a server of your own, and
//! changes only a schema that it creates there.
//!
//!     cargo server-page
//!     cargo server-page --customers 300 --round-trip 0
//!     cargo server-page --url postgres://ada@localhost/shop
//!     cargo server-page --json

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

// These files are shared with `admin_page`.
#[path = "../admin_page/arguments.rs"]
mod arguments;
#[path = "../admin_page/progress.rs"]
mod progress;
#[path = "../admin_page/screen.rs"]
mod screen;
#[path = "../admin_page/ways.rs"]
mod ways;

mod database;
mod report;
mod runs;
mod story;
mod table;
mod waiting;

use arguments::{ShopSize, Ways, complain, round_trip, ways};
use database::Database;
use eagerly::Strategy;
// The dashboard has the same.
use shop_server::{address, own_schema, slow_log, statistics};
use ways::Way;

/// Runs the case study on a PostgreSQL server, with measured times.
#[derive(Parser)]
#[command(name = "server_page", version, allow_negative_numbers = true)]
struct Options {
    #[command(flatten)]
    shop: ShopSize,

    /// Round trip to add; 0 for no proxy
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = round_trip, allow_hyphen_values = true)]
    round_trip: Duration,

    /// How the page loads its data: lazy, immediate, batch,
    /// selectin, subquery, joined, raise;
    /// orders (no totals), totals (a sum in SQL),
    /// sql (no objects); or all
    /// [default: all except immediate and raise]
    #[arg(long, value_name = "WAY", value_parser = ways, verbatim_doc_comment)]
    strategy: Option<Ways>,

    /// Print the statements of the pages to standard error
    #[arg(long)]
    echo: bool,

    /// Use postgres://USER:PASSWORD@HOST/DATABASE;
    /// create a schema there, and drop it at the end
    /// [default: a throw-away server]
    #[arg(long, value_name = "URL", verbatim_doc_comment)]
    url: Option<String>,

    /// Print only the figures, as one JSON object
    #[arg(long)]
    json: bool,
}

/// Returns the ways that run by default. `immediate` sends the statements of `lazy`, so it would take as long again
/// and show nothing new. `raise` returns no page.
fn usual() -> Vec<Way> {
    let is_usual = |way: &Way| !matches!(way, Way::Objects(Strategy::Immediate | Strategy::Raise));
    Way::all().into_iter().filter(is_usual).collect()
}

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == own_schema::KEEPER) {
        return own_schema::keep();
    }
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if error.exit_code() == 0 => error.exit(),
        // The message would contain a URL that is given without `--url`, with its password.
        Err(error) if address::can_contain_password(&error.to_string()) => {
            let message = format!(
                "error: {}. A URL can contain a password, so the arguments are not shown\n  help: give the URL with \
                 `--url`; `--help` lists the options",
                error.kind()
            );
            return complain(&message, 2);
        }
        Err(error) => return complain(&error.to_string(), 2),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("error: {error:#}"), 1),
    }
}

fn run(options: &Options) -> Result<()> {
    let size = options.shop.size();
    let ways = match &options.strategy {
        Some(Ways(chosen)) => chosen.clone(),
        None => usual(),
    };
    let mut database = Database::open(options.url.as_deref(), options.round_trip)?;
    if options.json {
        database.develop(&size, &ways)?;
        database.fill(&size)?;
        database.echo(options.echo);
        let runs = runs::run_all(&database, &ways)?;
        report::print(&database, &runs)?;
    } else {
        story::tell(&mut database, &ways, &size, options.echo)?;
    }
    database.close()
}
