//! The connection of one page, and what the server and the wire count for it.

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eagerly::{Error, FromRow, Result, Session, params};
use eagerly_wire::proxy::Observer;
use eagerly_wire::{Proxy, Recorder, Report, Settings};
use shop_server::identity;
use shop_server::statistics::{Before, Entry, Statistics};

use crate::on_server::{Calls, Logged, OnServer, OnTheWire};
use crate::postgres::database::Database;
use crate::postgres::seats::Seat;
use crate::postgres::traffic::Traffic;
use crate::settings::Stage;

/// What belongs to the session of a page: its proxy, its user, and a second session.
pub struct Page {
    proxy: Proxy,
    recorder: Recorder,
    traffic: Traffic,
    /// A session without a proxy, for statements that do not belong to the page.
    pub aside: Rc<Session>,
    /// The number of the server's process that runs the page's statements. It is in each line of the log.
    process: u32,
    statistics: Result<Statistics, String>,
    seat: Seat,
    database: Arc<Database>,
}

/// What is counted while a page runs.
pub struct Watch<'p> {
    page: &'p Page,
    /// The statistics before the page.
    before: Result<Before, String>,
    /// The length of the log before the page.
    log: Result<usize, String>,
}

impl Page {
    /// Opens a session through a proxy that adds a round trip.
    ///
    /// # Errors
    /// If the server cannot be reached, or if the proxy cannot start.
    pub fn open(database: &Arc<Database>, stage: Stage, round_trip: Duration) -> Result<(Session, Self)> {
        let aside = Rc::new(database.connect(stage)?);
        let seat = database.seats.take(&aside)?;
        // A pause never ends a page, because this program says where each begins.
        let recorder = Recorder::new(Settings { gap: Duration::MAX, ..Settings::default() });
        let traffic = Traffic::default();
        let observers = vec![Arc::new(recorder.clone()) as _, Arc::new(traffic.clone()) as _];
        let proxy = start(database, round_trip, observers)?;
        let user = seat.user();
        let session = Session::connect(&database.url_through(proxy.address(), user.as_deref())?)?;
        let process = choose(&session, database.schema(stage))?;
        let user = user.map_or_else(|| identity::user(&aside), Ok)?;
        let statistics = Statistics::of(Rc::clone(&aside), user);
        let database = Arc::clone(database);
        Ok((session, Self { proxy, recorder, traffic, aside, process, statistics, seat, database }))
    }

    /// Starts to count.
    pub fn watch(&self) -> Watch<'_> {
        let before = match &self.statistics {
            Ok(statistics) => statistics.so_far().map_err(|error| error.to_string()),
            Err(reason) => Err(reason.clone()),
        };
        let log = self.database.log_length();
        self.recorder.clear();
        self.traffic.restart();
        Watch { page: self, before, log }
    }
}

/// Starts a proxy in front of the server.
pub(super) fn start(
    database: &Database,
    round_trip: Duration,
    observers: Vec<Arc<dyn Observer>>,
) -> Result<Proxy> {
    let calibration = database.calibration(round_trip).map_err(Error::other)?;
    let free_port = (Ipv4Addr::LOCALHOST, 0).into();
    Proxy::calibrated(free_port, database.address(), calibration, observers).map_err(Error::other)
}

/// Makes a session use the tables of a schema, and returns the number of the server's process. Both in one statement,
/// because each waits for the proxy.
pub(super) fn choose(session: &Session, schema: &str) -> Result<u32> {
    #[derive(FromRow)]
    struct Chosen {
        process: i64,
    }
    let sql = "SELECT pg_backend_pid()::bigint AS process, set_config('search_path', $1, false) AS schema";
    let chosen: Vec<Chosen> = session.query(sql, params![schema.to_owned()])?;
    Ok(chosen.first().and_then(|chosen| chosen.process.try_into().ok()).unwrap_or_default())
}

impl Watch<'_> {
    /// Returns what was counted since the page started.
    pub fn end(self, started: Instant) -> OnServer {
        let page = self.page;
        OnServer {
            round_trip: page.proxy.measured(),
            messages: page.traffic.messages(started),
            wire: on_the_wire(&page.recorder.report(), &page.traffic),
            slow: self.slow(),
            statistics: self.statistics(),
        }
    }

    fn slow(&self) -> Result<Vec<Logged>, String> {
        let slow = self.page.database.log_since(self.log.clone()?)?;
        let own = slow.into_iter().filter(|slow| slow.process == self.page.process);
        Ok(own.map(|slow| Logged { took: slow.took, sql: slow.sql, bytes: slow.bytes }).collect())
    }

    fn statistics(&self) -> Result<Vec<Calls>, String> {
        let (statistics, before) = (self.page.statistics.as_ref()?, self.before.as_ref()?);
        let entries = statistics.since(before).map_err(|error| error.to_string())?;
        // After the reading, so that no page can begin in between.
        if !self.page.seat.is_alone() {
            return Err("another page ran at the same time, and your server counts both together".to_owned());
        }
        let calls = |entry: Entry| Calls { calls: entry.calls(), time: entry.time(), sql: entry.sql };
        Ok(entries.into_iter().map(calls).collect())
    }
}

fn on_the_wire(report: &Report, traffic: &Traffic) -> OnTheWire {
    let (bytes_up, bytes_down) = traffic.bytes();
    let findings = report.pages.iter().flat_map(|page| &page.findings);
    OnTheWire {
        statements: report.statements(),
        control: report.control(),
        round_trips: report.round_trips(),
        delayed: report.pages.iter().map(|page| page.wire).sum(),
        server: report.pages.iter().map(|page| page.server).sum(),
        bytes_up,
        bytes_down,
        findings: findings.map(ToString::to_string).collect(),
    }
}
