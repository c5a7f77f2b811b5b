//! The server with both databases in it. Each is a schema.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, anyhow};
use eagerly::Session;
use eagerly_wire::{Calibration, Server};

use crate::postgres::seats::{OWNER, Seats};
use crate::settings::Stage;

/// A throw-away server. Dropping it removes the server.
pub struct Database {
    /// `None` after it was closed.
    server: Mutex<Option<Server>>,
    version: String,
    address: SocketAddr,
    url: String,
    pub(super) seats: Arc<Seats>,
    /// The calibrations of the proxies. Each takes 200 ms or longer, so it is made once for each round trip.
    calibrations: Mutex<HashMap<Duration, Calibration>>,
}

impl Database {
    /// Starts a throw-away server with two empty databases.
    pub fn start() -> Result<Self> {
        let settings = ["shared_preload_libraries=pg_stat_statements", "log_min_duration_statement=100ms"];
        // As text, because the message already contains its cause. It ends with advice, and this is another way out.
        let server = Server::with_settings(&settings).map_err(|error| anyhow!("{error}"))?;
        let administrator = Session::connect(&server.url())?;
        administrator.execute("CREATE EXTENSION pg_stat_statements", [])?;
        administrator.execute(&format!("CREATE ROLE {OWNER}"), [])?;
        for stage in Stage::ALL {
            let schema = stage.name();
            administrator.execute(&format!("CREATE SCHEMA {schema} AUTHORIZATION {OWNER}"), [])?;
        }
        Ok(Self {
            version: format!("PostgreSQL {}", server.version()),
            address: server.address(),
            url: server.url(),
            server: Mutex::new(Some(server)),
            seats: Arc::default(),
            calibrations: Mutex::default(),
        })
    }

    pub fn version(&self) -> String {
        self.version.clone()
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connects the administrator to the database of a stage, without a proxy.
    pub fn connect(&self, stage: Stage) -> eagerly::Result<Session> {
        let session = Session::connect(&self.url)?;
        choose(&session, stage)?;
        Ok(session)
    }

    /// Connects to an empty database, to fill it. What the session creates belongs to the owner.
    pub fn fill(&self, stage: Stage) -> eagerly::Result<Session> {
        let session = self.connect(stage)?;
        session.execute(&format!("SET ROLE {OWNER}"), [])?;
        Ok(session)
    }

    /// Returns the calibration of a round trip.
    pub(super) fn calibration(&self, round_trip: Duration) -> io::Result<Calibration> {
        let lock = || self.calibrations.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&round_trip).copied();
        if let Some(calibration) = known {
            return Ok(calibration);
        }
        let calibration = Calibration::of(round_trip)?;
        lock().insert(round_trip, calibration);
        Ok(calibration)
    }

    /// Removes the server.
    pub fn close(&self) -> Result<()> {
        drop(self.server.lock().unwrap_or_else(PoisonError::into_inner).take());
        Ok(())
    }
}

/// Makes a session use the tables of a stage.
pub(super) fn choose(session: &Session, stage: Stage) -> eagerly::Result<()> {
    session.execute(&format!("SET search_path TO {}", stage.name()), [])?;
    Ok(())
}
