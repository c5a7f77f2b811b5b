//! The admin page of the case study, in a browser.
//!
//!     cargo run --release -p dashboard -- --open
//!
//! It makes the shop's data in a temporary file (or takes `--db FILE`), listens on this machine alone unless told
//! otherwise, and prints its address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result};
use clap::Parser;
use dashboard::{Dashboard, Shops};
use eagerly::text::count;
use shop::Size;
use tokio::net::TcpListener;

/// The admin page of the case study, in a browser
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The port to listen on; 0 for any that is free
    #[arg(long, default_value_t = 8033)]
    port: u16,
    /// The address to listen on. Any but this machine's own lets others in, and nobody is asked who they are
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Open it in the browser
    #[arg(long)]
    open: bool,
    /// How many customers the shop has
    #[arg(long, default_value_t = Size::default().customers, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    customers: u32,
    /// Keep the shop in this file, or use the one that is there; without it, a temporary file
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
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
    let size = Size {
        customers: options.customers,
        ..Size::default()
    };
    let shops = Shops::prepare(options.db.as_deref(), &size)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    runtime.block_on(serve(options, shops))?;
    // A page that is still being built does not keep the program from ending.
    runtime.shutdown_background();
    Ok(())
}

async fn serve(options: &Options, shops: Shops) -> Result<()> {
    let wanted = SocketAddr::new(options.address, options.port);
    let listener = TcpListener::bind(wanted)
        .await
        .with_context(|| format!("cannot listen on {wanted}; what to do: choose another with --port"))?;
    let address = format!("http://{}/", listener.local_addr()?);
    let rows = shops.at(dashboard::settings::Stage::Production).rows.map(count);
    println!(
        "{} customers, {} orders, {} items, in a SQLite file",
        rows[0], rows[1], rows[2]
    );
    println!("The admin page: {address}   (Ctrl+C ends it)");
    if options.open && !opened(&address) {
        eprintln!("There is no browser that this program knows to open: follow the link.");
    }
    tokio::select! {
        ended = Dashboard::new(shops).serve(listener) => ended.context("the server failed"),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Opens an address as the system does.
fn opened(address: &str) -> bool {
    let mut command = match std::env::consts::OS {
        "macos" => Command::new("open"),
        "windows" => {
            let mut command = Command::new("cmd");
            command.args(["/C", "start", ""]);
            command
        }
        _ => Command::new("xdg-open"),
    };
    let started = command.arg(address).stdout(Stdio::null()).stderr(Stdio::null());
    started.spawn().is_ok()
}
