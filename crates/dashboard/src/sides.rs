//! One of two pages that run side by side, as a stream of events.

use std::sync::Arc;

use eagerly::Result;
use eagerly::numbers::time;
use serde::Serialize;

use crate::build;
use crate::journal::{Point, Trip};
use crate::on_server::Message;
use crate::settings::{Settings, in_milliseconds};
use crate::shops::Shop;
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
    /// The number of round trips. On a server, preparing a statement takes one more.
    trips: u64,
    curve: Vec<Point>,
    /// The error message, if there is no page.
    error: Option<String>,
}

/// Runs the page, and sends its progress and its result.
///
/// # Errors
/// If the database cannot be opened.
pub fn run(shop: &Shop, settings: &Settings, stop: &Arc<Stop>, teller: &Teller) -> Result<()> {
    let open = shop.open(settings, stop)?;
    let listener = {
        let teller = teller.clone();
        move |progress| teller.now("progress", &progress)
    };
    let run = build::run(&open, settings, stop, Box::new(listener));
    teller.surely(
        "end",
        &End {
            statements: run.statements,
            milliseconds: in_milliseconds(run.measured),
            time: time(run.measured),
            first: match &run.server {
                Some(server) => trips(&server.messages.first),
                None => run.journal.first.iter().take(DRAWN).map(|entry| entry.trip).collect(),
            },
            trips: run.server.as_ref().map_or(run.statements, |server| server.wire.round_trips),
            curve: run.journal.curve,
            error: run.lines.err().map(|failed| failed.words),
        },
    );
    Ok(())
}

/// Returns the first trips on a wire: each begins with what the page sent, and ends with the last reply before it sent more.
fn trips(messages: &[Message]) -> Vec<Trip> {
    let micros = |time: std::time::Duration| time.as_micros() as u64;
    let mut trips: Vec<Trip> = Vec::new();
    let mut was_down = true;
    for message in messages {
        let [from, to] = [micros(message.sent), micros(message.received)];
        let is_full = trips.len() == DRAWN;
        match trips.last_mut() {
            Some(trip) if message.is_down => (trip.answered, trip.received) = (from, to),
            Some(trip) if !was_down => trip.arrived = to,
            _ if is_full => break,
            _ => trips.push(Trip { sent: from, arrived: to, answered: to, received: to }),
        }
        was_down = message.is_down;
    }
    trips
}
