//! Runs the programs of the chapter "Your page is slow today", and records what they print.
//!
//!     cargo your-page
//!     cargo your-page --only sqlalchemy,django
//!     cargo your-page --check       # writes nothing
//!
//! Each ORM has a folder in `book/your_page` with a slow page, the fixed page, a test, and a program for each step of the
//! chapter. This program starts a server with a small shop. It runs each of them in a process of its own, through a proxy
//! that records the wire, and stops at the first result that is not as the chapter says:
//!
//! - Both pages show the right lines.
//! - The ORM and the wire count the same statements.
//! - The wire finds an N+1 at two levels in the slow page, and none in the fixed page.
//! - The test fails for the slow page, and passes for the fixed page.

mod orm;
mod record;
mod wire;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use eagerly::Session;
use orm::{Orm, Program, Version};
use peers::peer::{Peer, Running};
use peers::server::ShopServer;
use record::Record;
use shop::{Customer, Size, page};
use wire::{Seen, Wire};

/// Runs the programs of the chapter "Your page is slow today", and records what they print
#[derive(Parser)]
struct Options {
    /// Only these ORMs
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Runs and checks everything, but writes no file
    #[arg(long)]
    check: bool,
}

/// The size of the shop. All orders fit into one statement of SQLAlchemy's `selectinload`, which names 500.
const CUSTOMERS: u32 = 20;

/// The server, and what every slow page must show and send.
struct Shop {
    server: ShopServer,
    lines: Vec<String>,
    rows: [u64; 3],
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let orms = orm::chosen(&options.only)?;
    let size = Size { customers: CUSTOMERS, ..Size::default() };
    let server = ShopServer::start(&size)?;
    let lines = right_lines(&server)?;
    let shop = Shop { server, lines, rows: size.rows() };
    for orm in orms {
        let record =
            examine(orm, &shop).with_context(|| format!("{} is not as the chapter says", orm.name))?;
        print!("{}\n{}\n", orm.name, record.summary);
        if !options.check {
            record
                .write(&orm.folder())
                .with_context(|| format!("cannot write in {}", orm.folder().display()))?;
        }
    }
    Ok(())
}

/// Returns the lines of the page, in order of their text.
fn right_lines(server: &ShopServer) -> Result<Vec<String>> {
    let session = Session::connect(&server.url_of_peer())?;
    let rows = page::rows(&session.all(Customer::select())?)?;
    let line =
        |row: page::PageRow| format!("{}|{}|{}|{}", row.first_name, row.last_name, row.orders, row.total);
    let mut lines: Vec<_> = rows.into_iter().map(line).collect();
    lines.sort();
    Ok(lines)
}

/// Runs all programs of an ORM.
fn examine(orm: &Orm, shop: &Shop) -> Result<Record> {
    let peer = Peer::install(orm.peer, true)?;
    let introduced = Running::start(&peer, &shop.server.url_of_peer())?;
    let versions = (introduced.orm.clone(), introduced.on.clone());
    drop(introduced);
    let program = Program { orm, peer: &peer };

    let [customers, orders, _] = shop.rows;
    let slow = examine_page(&program, Version::Slow, shop)?;
    let expected = 1 + customers + orders;
    ensure!(
        slow.statements == expected,
        "the slow page sends {} statements, not {expected}",
        slow.statements
    );
    ensure!(slow.levels == 2, "the wire finds an N+1 at {} levels of the slow page, not 2", slow.levels);
    let fixed = examine_page(&program, Version::Fixed, shop)?;
    ensure!(
        fixed.statements == orm.fixed,
        "the fixed page sends {} statements, not {}",
        fixed.statements,
        orm.fixed
    );
    ensure!(fixed.levels == 0, "the wire finds an N+1 at {} levels of the fixed page", fixed.levels);

    let mut record =
        Record::new(&versions, shop.server.version(), shop.rows, [slow.statements, fixed.statements]);
    for step in orm::STEPS {
        let wire = Wire::start(shop.server.address())?;
        let (output, passed) = program.run(step, None, &wire.url())?;
        ensure!(passed, "the program `{step}` fails:\n{output}");
        record.add(step, &output);
    }
    for (version, must_pass) in [(Version::Fixed, true), (Version::Slow, false)] {
        let wire = Wire::start(shop.server.address())?;
        let (output, passed) = program.test(version, &wire.url())?;
        if passed != must_pass {
            bail!("the test of the {version} page {}:\n{output}", if passed { "passes" } else { "fails" });
        }
        if !passed {
            let count = slow.statements.to_string();
            ensure!(
                output.contains(&count),
                "the test fails, but not because of {count} statements:\n{output}"
            );
            record.add("test", &output);
        }
    }
    Ok(record)
}

/// Runs a page, and compares its lines with the right ones and its own count with that of the wire.
fn examine_page(program: &Program<'_>, version: Version, shop: &Shop) -> Result<Seen> {
    let wire = Wire::start(shop.server.address())?;
    let (output, passed) = program.run("page", Some(version), &wire.url())?;
    let seen = wire.seen();
    ensure!(passed, "the {version} page fails:\n{output}");
    let mut lines: Vec<_> = output.lines().map(str::to_owned).collect();
    let last = lines.pop().unwrap_or_default();
    let counted = last.strip_suffix(" statements").or(last.strip_suffix(" statement"));
    let counted: u64 = counted
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("the last line of the {version} page is no number of statements: {last}"))?;
    lines.sort();
    ensure!(lines == shop.lines, "the {version} page is wrong:\n{output}");
    ensure!(
        counted == seen.statements,
        "the {version} page: {counted} statements by the ORM's count, but {} on the wire",
        seen.statements
    );
    Ok(seen)
}
