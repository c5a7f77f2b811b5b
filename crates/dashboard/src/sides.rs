//! One of two pages that run side by side, as a stream of events.

use std::path::Path;
use std::sync::Arc;

use eagerly::Result;
use eagerly::numbers::time;
use serde::Serialize;

use crate::build;
use crate::journal::{Point, Trip};
use crate::settings::{Settings, in_milliseconds};
use crate::stop::Stop;
use crate::work::Teller;

/// The most statements that are drawn on the wire.
const DRAWN: usize = 120;

/// The result of a side.
#[derive(Serialize)]
struct End {
    statements: u64,
    milliseconds: f64,
    time: String,
    first: Vec<Trip>,
    curve: Vec<Point>,
    /// The error message, if there is no page.
    error: Option<String>,
}

/// Runs the page, and sends its progress and its result.
///
/// # Errors
/// If the database cannot be opened.
pub fn run(file: &Path, settings: &Settings, stop: &Arc<Stop>, teller: &Teller) -> Result<()> {
    let session = build::open(file, stop)?;
    let listener = {
        let teller = teller.clone();
        move |progress| teller.now("progress", &progress)
    };
    let run = build::run(&session, settings, stop, Box::new(listener));
    teller.surely("end", &End {
        statements: run.statements,
        milliseconds: in_milliseconds(run.measured),
        time: time(run.measured),
        first: run.journal.first.iter().take(DRAWN).map(|entry| entry.trip).collect(),
        curve: run.journal.curve,
        error: run.lines.err().map(|failed| failed.words),
    });
    Ok(())
}
