//! The admin page of the case study, in a browser.
//!
//!     cargo run --release -p dashboard -- --open
//!     cargo dashboard-server --open
//!
//! The program creates the shop's data in a temporary file, or opens the file of `--db FILE`. With `--server` or `--url` it
//! creates the data on a PostgreSQL server, where times are measured. Then it prints its address. By default it listens on
//! the loopback interface only. At the end it removes what it created.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;
use dashboard::settings::{LONGEST_ROUND_TRIP, Settings, Stage, in_milliseconds};
use dashboard::{Dashboard, Preparing, Shops};
use eagerly::numbers::count;
use indicatif::{ProgressBar, ProgressStyle};
use shop::Size;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// How long the end of the program waits for pages that are still being built. They were stopped before.
const PATIENCE: Duration = Duration::from_secs(5);

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
    /// Round trip of the first page, in milliseconds from 0 to 150
    #[arg(long, value_name = "MS", default_value_t = in_milliseconds(Settings::default().round_trip), value_parser = milliseconds)]
    round_trip: f64,
    /// File of the shop, created if it does not exist. The default is a temporary file
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Use a throw-away PostgreSQL server, which is removed at the end.
    /// Needs the feature `postgres`
    #[arg(long, conflicts_with = "db", verbatim_doc_comment)]
    server: bool,
    /// Use this PostgreSQL server; create two schemas there, and drop them at
    /// the end. Needs the feature `postgres`
    #[arg(
        long,
        value_name = "postgres://USER:PASSWORD@HOST/DATABASE",
        conflicts_with = "db",
        verbatim_doc_comment
    )]
    url: Option<String>,
}

fn milliseconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(time) if (0.0..=LONGEST_ROUND_TRIP).contains(&time) => Ok(time),
        _ => Err(format!("expected a number of milliseconds from 0 to {LONGEST_ROUND_TRIP}")),
    }
}

fn main() -> ExitCode {
    #[cfg(feature = "postgres")]
    if std::env::args_os().nth(1).is_some_and(|first| first == shop_server::own_schema::KEEPER) {
        return shop_server::own_schema::keep();
    }
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if error.exit_code() == 0 => error.exit(),
        // The message would contain a URL that is given without `--url`, with its password.
        Err(error) if ["://", "@", "password="].iter().any(|sign| error.to_string().contains(sign)) => {
            let kind = error.kind();
            eprintln!("error: {kind}. A URL can contain a password, so the arguments are not shown");
            eprintln!("  help: give the URL with `--url`; `--help` lists the options");
            return ExitCode::from(2);
        }
        Err(error) => error.exit(),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let runtime = Runtime::new().context("cannot start the async runtime")?;
    // Before anything is created. A signal that comes between two waits is not lost.
    let mut end = runtime.block_on(async { End::listen() })?;
    let prepared = runtime.block_on(prepare(options, &mut end));
    let Ok(Some(shops)) = prepared else {
        // Do not wait for a server that is just starting. Its keeper removes it.
        runtime.shutdown_background();
        return prepared.map(drop);
    };
    let served = runtime.block_on(serve(options, shops.clone(), &mut end));
    // It drops the requests, which stops their pages.
    runtime.shutdown_timeout(PATIENCE);
    let closed = shops.close();
    served.and(closed)
}

/// Creates the databases. Returns `None` if the user ends the program meanwhile.
async fn prepare(options: &Options, end: &mut End) -> Result<Option<Shops>> {
    let size = Size { customers: options.customers, ..Size::default() };
    let bar = progress(if options.server && options.url.is_none() {
        "starting a PostgreSQL server"
    } else {
        "creating the databases"
    })?;
    let preparing = {
        let bar = bar.clone();
        let style =
            ProgressStyle::with_template("making data {bar:24} {human_pos} of {human_len} rows, {elapsed}")?;
        Preparing::showing(move |rows, all| {
            if bar.length() != Some(all) {
                bar.set_style(style.clone());
                bar.set_length(all);
            }
            bar.set_position(rows);
        })
    };
    let (db, url, server) = (options.db.clone(), options.url.clone(), options.server);
    let stopping = preparing.clone();
    let mut work = tokio::task::spawn_blocking(move || match (server, url) {
        (false, None) => Shops::prepare(db.as_deref(), &size, &preparing),
        (_, url) => Shops::on_server(url.as_deref(), &size, &preparing),
    });
    let done = tokio::select! {
        done = &mut work => Some(done),
        () = end.next() => None,
    };
    bar.finish_and_clear();
    match done {
        Some(done) => done.context("creating the databases failed")?.map(Some),
        None => {
            stopping.stop();
            // Until it has removed what it created. The next signal ends the program at once.
            tokio::select! {
                _ = work => (),
                () = end.next() => (),
            }
            Ok(None)
        }
    }
}

/// Shows on a terminal that the program is working.
fn progress(message: &'static str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg} {spinner} {elapsed}")?;
    let bar = ProgressBar::new_spinner().with_style(style).with_message(message);
    bar.enable_steady_tick(Duration::from_millis(100));
    Ok(bar)
}

async fn serve(options: &Options, shops: Shops, end: &mut End) -> Result<()> {
    let wanted = SocketAddr::new(options.address, options.port);
    let listener = TcpListener::bind(wanted).await.map_err(|error| {
        anyhow!("cannot listen on {wanted}: {error}\n  help: choose another port with `--port`")
    })?;
    // The settings of a page are in its link, and nowhere else.
    let round_trip = Duration::from_secs_f64(options.round_trip / 1e3);
    let query = Settings { round_trip, ..Settings::default() }.query();
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let address = format!("http://{}/{query}", listener.local_addr()?);
    let rows = shops.at(Stage::Production).rows.map(count);
    println!("{} customers, {} orders, {} items, in {}", rows[0], rows[1], rows[2], shops.place());
    if let Some(note) = shops.note() {
        println!("{note}");
    }
    println!("The admin page: {address}   (Ctrl+C stops it)");
    if options.open && !opened(&address) {
        eprintln!("warning: cannot open a browser\n  help: open the address above yourself");
    }
    let dashboard: Arc<Dashboard> = Dashboard::new(shops);
    tokio::select! {
        served = dashboard.serve(listener) => served.context("the server failed"),
        () = end.next() => Ok(()),
    }
}

/// The signals by which a user ends the program: by Ctrl-C, by closing the terminal, or by `kill`.
#[cfg(unix)]
struct End([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl End {
    /// Listens from now on.
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::hangup(), SignalKind::terminate()];
        let [interrupt, hangup, terminate] =
            kinds.map(|kind| signal(kind).context("cannot listen for signals"));
        Ok(Self([interrupt?, hangup?, terminate?]))
    }

    /// Waits for the next signal.
    async fn next(&mut self) {
        let [interrupt, hangup, terminate] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = hangup.recv() => (),
            _ = terminate.recv() => (),
        }
    }
}

/// The signal by which a user ends the program: Ctrl-C.
#[cfg(not(unix))]
struct End;

#[cfg(not(unix))]
impl End {
    fn listen() -> Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
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
