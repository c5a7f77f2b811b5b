//! The proxy between a peer and the server, and what it records. No other file uses the recorder.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use eagerly_wire::proxy::Observer;
use eagerly_wire::{Capture, Kind, Proxy, Recorder, Settings};

/// A proxy for one process.
pub struct Witness {
    proxy: Proxy,
    recorder: Recorder,
    capture: Option<Capture>,
}

/// What the recorder saw of one page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The number of statements that read or write data.
    pub statements: u64,
    /// The number of other statements, such as `BEGIN` and `SET`, without `DEALLOCATE`.
    pub control: u64,
    /// How often the client waited for the server.
    pub round_trips: u64,
    pub findings: Vec<Finding>,
}

/// Something that costs the page round trips without need.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Whether it is an N+1. Otherwise it is, for example, a statement that was sent twice.
    pub is_n_plus_one: bool,
    /// Whether the recorder only suspects it.
    pub is_hint: bool,
    pub statements: u64,
    /// In words: the column that is compared and the column that the values come from, or the kind of the finding.
    pub what: String,
}

impl Witness {
    /// Starts a proxy that is `round_trip` away from the server. If `is_capturing`, it keeps the bytes, too.
    pub fn start(server: SocketAddr, round_trip: Duration, is_capturing: bool) -> io::Result<Self> {
        // All connections of a peer, and all of its pauses, belong to one page.
        let settings = Settings { gap: Duration::from_secs(3_600), is_pool: true, ..Settings::default() };
        let recorder = Recorder::new(settings);
        let capture = is_capturing.then(Capture::default);
        let mut observers = vec![Arc::new(recorder.clone()) as Arc<dyn Observer>];
        observers.extend(capture.clone().map(|capture| Arc::new(capture) as _));
        let any_port = (Ipv4Addr::LOCALHOST, 0).into();
        let proxy = Proxy::observed(any_port, server, round_trip, observers)?;
        Ok(Self { proxy, recorder, capture })
    }

    /// Returns the address that the peer connects to.
    pub fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Starts a page: drops what the recorder saw before.
    pub fn start_page(&self) {
        self.recorder.clear();
        if let Some(capture) = &self.capture {
            capture.begin_page();
        }
    }

    /// Ends the page, and returns what the recorder saw.
    pub fn finish_page(&self) -> Page {
        let report = self.recorder.report();
        let mut all = Page { statements: 0, control: 0, round_trips: 0, findings: Vec::new() };
        for page in report.pages {
            all.statements += page.statements;
            let uncounted = page.shapes.iter().filter(|shape| shape.text.eq_ignore_ascii_case("DEALLOCATE"));
            // PostgreSQL counts these only from version 17, so neither side counts them here.
            all.control += page.control - uncounted.map(|shape| shape.statements).sum::<u64>();
            all.round_trips += page.round_trips;
            all.findings.extend(page.findings.into_iter().map(|finding| Finding {
                is_n_plus_one: finding.kind == Kind::NPlusOne,
                is_hint: finding.is_hint,
                statements: finding.statements,
                what: match finding.kind {
                    Kind::NPlusOne | Kind::LoopOfWrites => {
                        let compared = finding.column.unwrap_or(finding.parameter);
                        format!("{compared} = {}", finding.from_column)
                    }
                    Kind::Repeated => "repeated".to_owned(),
                    Kind::IdleTransaction => "idle transaction".to_owned(),
                },
            }));
        }
        all
    }

    /// Returns what passed, as a text.
    pub fn captured(&self) -> Option<String> {
        self.capture.as_ref().map(Capture::text)
    }
}
