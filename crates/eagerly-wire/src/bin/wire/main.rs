//! A proxy that a program in any language connects to instead of its PostgreSQL server.
//!
//!     cargo run --release -p eagerly-wire -- --to localhost:5432 --round-trip 1ms
//!     # in the application: host=localhost port=6543
//!
//! It adds an exact round trip, counts what passes, and finds N+1 by the flow of data. Each page of the application is shown
//! when it has ended. Ctrl-C prints the report.

mod live;
mod target;

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Parser;
use eagerly_wire::{Proxy, Recorder, Report, Settings};
use live::{Live, say};

/// Shows what a program sends to PostgreSQL, and finds N+1.
#[derive(Parser)]
#[command(name = "wire", version, allow_negative_numbers = true)]
struct Options {
    /// Address of the PostgreSQL server
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:5432")]
    to: String,

    /// Address for the application to connect to
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:6543")]
    listen: SocketAddr,

    /// Round trip to add: 1ms, 250us, …; 0 for none
    #[arg(long, default_value = "0", value_parser = duration)]
    round_trip: Duration,

    /// Pause that ends a page
    #[arg(long, default_value = "200ms", value_parser = duration)]
    gap: Duration,

    /// Time in the server from which a statement is slow
    #[arg(long, default_value = "100ms", value_parser = duration)]
    slow: Duration,

    /// A page can use several connections (then run one page at a time)
    #[arg(long)]
    pool: bool,

    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,

    /// Draw the page that waited longest, as a waterfall
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

fn duration(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let parsed = text.parse::<jiff::SignedDuration>();
    match parsed.ok().and_then(|time| Duration::try_from(time).ok()) {
        Some(time) => Ok(time),
        None => Err("expected a time such as 1ms, 250us or 0.5s".to_owned()),
    }
}

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if error.exit_code() == 0 => error.exit(),
        // The message would repeat a URL, and a URL can contain a password.
        Err(error) if ["://", "@", "password="].iter().any(|sign| error.to_string().contains(sign)) => {
            let kind = error.kind();
            let _ = writeln!(
                anstream::stderr(),
                "error: {kind}. A URL can contain a password, so the arguments are not shown\n  help: name the server by \
                 its address, for example --to localhost:5432"
            );
            return ExitCode::from(2);
        }
        Err(error) => error.exit(),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not `eprintln!`, which panics if standard error is closed.
            let _ = writeln!(anstream::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    if let Some(path) = &options.html {
        check_writable(path)?;
    }
    let server = target::find(&options.to)?;
    let settings = Settings { gap: options.gap, slow: options.slow, is_pool: options.pool };
    let recorder = Recorder::new(settings);
    let live = Live::new(recorder.clone());
    let observers = vec![Arc::new(recorder.clone()) as _, Arc::new(live.clone()) as _];
    let proxy = Proxy::observed(options.listen, server, options.round_trip, observers).map_err(|error| {
        let at = options.listen;
        anyhow!(
            "cannot listen at {at}: {error}\n  help: choose another address of this machine with --listen"
        )
    })?;
    let (end, ended) = channel();
    ctrlc::set_handler(move || {
        // A second Ctrl-C, while the report is printed, changes nothing.
        let _ = end.send(());
    })
    .map_err(|error| anyhow!("cannot wait for Ctrl-C: {error}"))?;
    introduce(&proxy, server);
    while ended.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
        live.show();
    }
    drop(proxy);
    print(&recorder.report(), options)
}

/// Checks that a file can be written, before an hour of recording depends on it.
fn check_writable(path: &Path) -> Result<()> {
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened.map(drop).map_err(|error| not_written(path, &error))
}

fn not_written(path: &Path, error: &std::io::Error) -> anyhow::Error {
    anyhow!("cannot write {}: {error}\n  help: name a file in a folder that you can write to", path.display())
}

/// Tells where to connect.
fn introduce(proxy: &Proxy, server: SocketAddr) {
    let at = proxy.address();
    say(format_args!("listening at {at}, forwarding to {server}"));
    if !proxy.round_trip().is_zero() {
        let (asked, measured) =
            (proxy.round_trip().as_secs_f64() * 1e3, proxy.measured().as_secs_f64() * 1e3);
        say(format_args!("added round trip: asked {asked:.2} ms, measured {measured:.2} ms"));
    }
    say(format_args!("connect the application to port {} instead of {}", at.port(), server.port()));
    if std::io::stderr().is_terminal() {
        say("Ctrl-C prints the report and ends");
    }
}

fn print(report: &Report, options: &Options) -> Result<()> {
    let mut output = anstream::stdout().lock();
    let written = if options.json {
        writeln!(output, "{}", report.to_json())
    } else {
        report.to_string().lines().try_for_each(|line| writeln!(output, "{}", live::coloured(line)))
    };
    written.map_err(|error| anyhow!("cannot print the report: {error}"))?;
    if let Some(path) = &options.html {
        let page = report.to_html().ok_or_else(|| {
            anyhow!(
                "no page has passed, so there is no waterfall\n  help: connect the application to wire's port"
            )
        })?;
        std::fs::write(path, page).map_err(|error| not_written(path, &error))?;
        say(format_args!("the waterfall is in {}", path.display()));
    }
    Ok(())
}
