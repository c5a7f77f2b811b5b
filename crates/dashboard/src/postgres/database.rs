//! The server with both databases in it. Each is a schema.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, anyhow};
use eagerly::Session;
use eagerly_wire::{Calibration, Server};
use shop_server::address::Address;
use shop_server::identity;
use shop_server::load::Cpu;
use shop_server::own_schema::OwnSchema;
use shop_server::slow_log::{self, Slow};

use crate::postgres::seats::{OWNER, Seats};
use crate::settings::Stage;

/// A throw-away server, or two schemas on the user's server. Dropping it removes them.
pub struct Database {
    /// `None` after it was closed.
    created: Mutex<Option<Created>>,
    version: String,
    /// The URL of the administrator, or of the user.
    url: String,
    address: SocketAddr,
    /// In the order of [`Stage::ALL`].
    schemas: [String; 2],
    pub seats: Arc<Seats>,
    /// The calibrations of the proxies. Each takes 200 ms or longer, so it is made once for each round trip.
    calibrations: Mutex<HashMap<Duration, Calibration>>,
}

/// What has to be removed.
enum Created {
    Server(Server),
    Schemas([OwnSchema; 2]),
}

impl Database {
    /// Starts a throw-away server with two empty databases.
    ///
    /// # Errors
    /// If PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let settings = ["shared_preload_libraries=pg_stat_statements", slow_log::SETTING];
        // As text, because the message already contains its cause. It ends with advice, and this is another way out.
        let server = Server::with_settings(&settings);
        let server = server.map_err(|error| anyhow!("{error}; or use a server of your own with --url"))?;
        let administrator = Session::connect(&server.url())?;
        administrator.execute("CREATE EXTENSION pg_stat_statements", [])?;
        administrator.execute(&format!("CREATE ROLE {OWNER}"), [])?;
        let schemas = Stage::ALL.map(|stage| stage.name().to_owned());
        for schema in &schemas {
            administrator.execute(&format!("CREATE SCHEMA {schema} AUTHORIZATION {OWNER}"), [])?;
        }
        Ok(Self {
            version: identity::version(&administrator)?,
            url: server.url(),
            address: server.address(),
            schemas,
            created: Mutex::new(Some(Created::Server(server))),
            seats: Seats::new(true),
            calibrations: Mutex::default(),
        })
    }

    /// Creates two empty databases on the user's server.
    ///
    /// # Errors
    /// If the server cannot be reached through a proxy, or if the user may not create a schema.
    pub fn at(url: &str) -> Result<Self> {
        let address = Address::of(url).map_err(|reason| {
            anyhow!("cannot count what passes on the wire, because {reason}\n  help: name one host, without encryption")
        })?;
        // First the session: its error has the reason, for example a wrong password.
        let session = Session::connect(url)?;
        let address = address.resolved()?;
        let [production, development] =
            Stage::ALL.map(|stage| OwnSchema::create(&session, url, &format!("dashboard_{}", stage.name())));
        let schemas = [production?, development?];
        Ok(Self {
            version: identity::version(&session)?,
            url: url.to_owned(),
            address,
            schemas: schemas.each_ref().map(|schema| schema.name.clone()),
            created: Mutex::new(Some(Created::Schemas(schemas))),
            seats: Seats::new(false),
            calibrations: Mutex::default(),
        })
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns what happens to the server at the end.
    pub fn note(&self) -> String {
        let [production, development] = &self.schemas;
        match &*self.created() {
            Some(Created::Schemas(_)) => {
                format!(
                    "The server is yours. At the end, these schemas are dropped:\n  {production}\n  {development}"
                )
            }
            _ => "The server is a throw-away server. It is removed at the end.".to_owned(),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn schema(&self, stage: Stage) -> &str {
        let [production, development] = &self.schemas;
        match stage {
            Stage::Production => production,
            Stage::Development => development,
        }
    }

    /// Returns the URL of a page whose proxy has this address. `user` is `None` for the user in the URL.
    pub(super) fn url_through(&self, proxy: SocketAddr, user: Option<&str>) -> eagerly::Result<String> {
        match user {
            Some(user) => Ok(format!("postgres://{user}@{proxy}/postgres")),
            None => Address::of(&self.url).map(|url| url.at(proxy)).map_err(eagerly::Error::other),
        }
    }

    /// Connects to the database of a stage as the administrator, or as the user of the server, without a proxy.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn connect(&self, stage: Stage) -> eagerly::Result<Session> {
        let session = Session::connect(&self.url)?;
        session.execute(&format!("SET search_path TO {}", self.schema(stage)), [])?;
        Ok(session)
    }

    /// Connects to an empty database, to fill it. The tables that the session creates belong to the owner.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn connect_to_fill(&self, stage: Stage) -> eagerly::Result<Session> {
        let session = self.connect(stage)?;
        if matches!(*self.created(), Some(Created::Server(_))) {
            session.execute(&format!("SET ROLE {OWNER}"), [])?;
        }
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

    /// Returns the length of the slow-query log, or the reason why it cannot be read.
    pub(super) fn log_length(&self) -> Result<usize, String> {
        self.log(slow_log::length)
    }

    /// Returns the slow statements that were added to the log after it had this length.
    pub(super) fn log_since(&self, length: usize) -> Result<Vec<Slow>, String> {
        self.log(|server| slow_log::since(server, length))
    }

    fn log<T>(&self, read: impl FnOnce(&Server) -> Result<T>) -> Result<T, String> {
        match &*self.created() {
            Some(Created::Server(server)) => read(server).map_err(|error| format!("{error:#}")),
            Some(Created::Schemas(_)) => Err("the log is a file of your server".to_owned()),
            None => Err("the server has ended".to_owned()),
        }
    }

    /// Returns the processes of a throw-away server, to measure their CPU time.
    pub(super) fn cpu(&self) -> Cpu {
        match &*self.created() {
            Some(Created::Server(server)) => Cpu::of(server),
            _ => Cpu::unknown(),
        }
    }

    fn created(&self) -> MutexGuard<'_, Option<Created>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the server, or the schemas on the user's server.
    ///
    /// # Errors
    /// If a schema could not be dropped.
    pub fn close(&self) -> Result<()> {
        let created = self.created().take();
        match created {
            Some(Created::Schemas(schemas)) => {
                // Drop both, even if the first fails.
                let [production, development] = schemas.map(OwnSchema::close);
                production.and(development)
            }
            Some(Created::Server(_)) | None => Ok(()),
        }
    }
}
