//! The connection of one page, and what the server and the wire count for it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eagerly::{Error, Result, Session};
use eagerly_wire::{Proxy, Recorder, Settings};

use crate::on_server::{OnServer, OnTheWire};
use crate::postgres::database::{Database, choose};
use crate::postgres::seats::Seat;
use crate::postgres::traffic::Traffic;
use crate::settings::Stage;

/// What belongs to the session of a page: its proxy, its user, and a second session.
pub struct Page {
    proxy: Proxy,
    recorder: Recorder,
    traffic: Traffic,
    /// A session of the administrator, without a proxy.
    pub aside: Session,
    _seat: Seat,
}

/// What is counted while a page runs.
pub struct Watch<'p>(&'p Page);

impl Page {
    /// Opens a session through a proxy that adds a round trip.
    pub fn open(database: &Arc<Database>, stage: Stage, round_trip: Duration) -> Result<(Session, Self)> {
        let aside = database.connect(stage)?;
        let seat = Seat::take(&database.seats, &aside)?;
        // A pause never ends a page, because this program says where each begins.
        let recorder = Recorder::new(Settings { gap: Duration::MAX, ..Settings::default() });
        let traffic = Traffic::default();
        let observers = vec![Arc::new(recorder.clone()) as _, Arc::new(traffic.clone()) as _];
        let calibration = database.calibration(round_trip).map_err(Error::other)?;
        let free_port = (Ipv4Addr::LOCALHOST, 0).into();
        let proxy = Proxy::calibrated(free_port, database.address(), calibration, observers);
        let proxy = proxy.map_err(Error::other)?;
        let session = Session::connect(&format!("postgres://{}@{}/postgres", seat.user(), proxy.address()))?;
        choose(&session, stage)?;
        Ok((session, Self { proxy, recorder, traffic, aside, _seat: seat }))
    }

    /// Starts to count.
    pub fn watch(&self) -> Watch<'_> {
        self.recorder.clear();
        self.traffic.restart();
        Watch(self)
    }
}

impl Watch<'_> {
    /// Returns what was counted since the page started.
    pub fn end(self, started: Instant) -> OnServer {
        let Page { proxy, recorder, traffic, .. } = self.0;
        let report = recorder.report();
        let (bytes_up, bytes_down) = traffic.bytes();
        OnServer {
            round_trip: proxy.measured(),
            messages: traffic.messages(started),
            slow: Err("not read yet".to_owned()),
            statistics: Err("not read yet".to_owned()),
            wire: OnTheWire {
                statements: report.statements(),
                control: report.control(),
                round_trips: report.round_trips(),
                delayed: report.pages.iter().map(|page| page.wire).sum(),
                server: report.pages.iter().map(|page| page.server).sum(),
                bytes_up,
                bytes_down,
                findings: {
                    let findings = report.pages.iter().flat_map(|page| &page.findings);
                    findings.map(ToString::to_string).collect()
                },
            },
        }
    }
}
