//! The admin page of the case study, in a browser.
//!
//!     cargo run --release -p dashboard -- --open
//!
//! The program creates the shop's data in a temporary file, or opens the file of `--db FILE`. Then it prints
//! its address. By default it listens on the loopback interface only.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;
use dashboard::{Dashboard, Shops};
use eagerly::numbers::count;
use shop::Size;
use tokio::net::TcpListener;

/// The admin page of the case study, in a browser
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Port to listen on; 0 picks a free port
    #[arg(long, default_value_t = 8033)]
    port: u16,
    /// Address to listen on. Any address other than the default admits other machines, without a login
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Open the page in a browser
    #[arg(long)]
    open: bool,
    /// Number of customers in a new shop
    #[arg(long, default_value_t = Size::default().customers, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    customers: u32,
    /// File of the shop, created if it does not exist. The default is a temporary file
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Use a throw-away PostgreSQL server. Needs the feature `postgres`
    #[arg(long, conflicts_with = "db")]
    server: bool,
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
    let size = Size { customers: options.customers, ..Size::default() };
    let shops = prepare(options, &size)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    runtime.block_on(serve(options, shops))?;
    // Do not wait for pages that are still being built: one can take minutes.
    runtime.shutdown_background();
    Ok(())
}

#[cfg(feature = "postgres")]
fn prepare(options: &Options, size: &Size) -> Result<Shops> {
    match options.server {
        true => Shops::on_server(size),
        false => Shops::prepare(options.db.as_deref(), size),
    }
}

#[cfg(not(feature = "postgres"))]
fn prepare(options: &Options, size: &Size) -> Result<Shops> {
    anyhow::ensure!(
        !options.server,
        "this dashboard was built without PostgreSQL\n  help: cargo run --release -p dashboard --features postgres -- --server"
    );
    Shops::prepare(options.db.as_deref(), size)
}

async fn serve(options: &Options, shops: Shops) -> Result<()> {
    let wanted = SocketAddr::new(options.address, options.port);
    let listener = TcpListener::bind(wanted).await.map_err(|error| {
        anyhow!("cannot listen on {wanted}: {error}\n  help: choose another port with `--port`")
    })?;
    let address = format!("http://{}/", listener.local_addr()?);
    let rows = shops.at(dashboard::settings::Stage::Production).rows.map(count);
    println!("{} customers, {} orders, {} items, in {}", rows[0], rows[1], rows[2], shops.place());
    println!("The admin page: {address}   (Ctrl+C stops it)");
    if options.open && !opened(&address) {
        eprintln!("warning: cannot open a browser\n  help: open the address above yourself");
    }
    tokio::select! {
        ended = Dashboard::new(shops).serve(listener) => ended.context("the server failed"),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Opens an address in the default browser. Returns whether the system's opener started.
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
