//! The two databases: production, with many customers, and a developer's database with five. Both are files of
//! SQLite, or both are on one PostgreSQL server.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use eagerly::{Network, Session};
use shop::schema::State;
use shop::{Customer, Order, OrderItem, Size, schema};
use tempfile::TempDir;

use crate::on_server::OnServer;
#[cfg(feature = "postgres")]
use crate::postgres;
use crate::preparing::Preparing;
use crate::settings::{Settings, Stage};
use crate::stop::{Reach, Stop};

/// The two databases. Clones share them.
#[derive(Clone)]
pub struct Shops {
    production: Shop,
    development: Shop,
    created: Arc<Created>,
}

/// What was created for the databases. It is removed when the last clone is dropped.
struct Created {
    folder: Mutex<Option<TempDir>>,
    #[cfg(feature = "postgres")]
    database: Option<Arc<postgres::Database>>,
}

/// A database that contains the shop.
#[derive(Clone)]
pub struct Shop {
    /// The numbers of customers, orders and items.
    pub rows: [u64; 3],
    place: Place,
}

/// Where a database is.
#[derive(Clone)]
enum Place {
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Server(Arc<postgres::Database>, Stage),
}

impl Shops {
    /// Creates both databases in a temporary folder. With `production`, that file is the production database,
    /// and it is created only if it does not exist.
    ///
    /// # Errors
    /// If a file cannot be written, or contains a different database.
    pub fn prepare(production: Option<&Path>, size: &Size, preparing: &Preparing) -> Result<Self> {
        let folder = TempDir::new().context("cannot create a temporary folder")?;
        let made = folder.path().join("production.db");
        Ok(Self {
            production: Shop::prepare(production.unwrap_or(&made), size, preparing)?,
            development: Shop::prepare(&folder.path().join("development.db"), &few(size), preparing)?,
            created: Arc::new(Created {
                folder: Mutex::new(Some(folder)),
                #[cfg(feature = "postgres")]
                database: None,
            }),
        })
    }

    /// Creates both databases on a PostgreSQL server: on a throw-away server, or on the server at `url`. There, each is a
    /// schema that is dropped at the end.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start. With `url`, if the server cannot be reached, or if its user may
    /// not create a schema.
    #[cfg(feature = "postgres")]
    pub fn on_server(url: Option<&str>, size: &Size, preparing: &Preparing) -> Result<Self> {
        let database = Arc::new(match url {
            Some(url) => postgres::Database::at(url)?,
            None => postgres::Database::start()?,
        });
        let prepare = |stage, size: &Size| {
            let session = database.connect_to_fill(stage)?;
            preparing.fill(&session, size)?;
            let place = Place::Server(Arc::clone(&database), stage);
            Ok::<_, eagerly::Error>(Shop { rows: counted(&session)?, place })
        };
        Ok(Self {
            production: prepare(Stage::Production, size)?,
            development: prepare(Stage::Development, &few(size))?,
            created: Arc::new(Created { folder: Mutex::default(), database: Some(database) }),
        })
    }

    /// Fails: this program was built without PostgreSQL.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(feature = "postgres"))]
    pub fn on_server(_: Option<&str>, _: &Size, _: &Preparing) -> Result<Self> {
        bail!(
            "this dashboard was built without PostgreSQL\n  help: run `cargo dashboard-server`, or add `--features postgres` before `--`"
        )
    }

    /// Returns the database of a stage.
    #[must_use]
    pub fn at(&self, stage: Stage) -> &Shop {
        match stage {
            Stage::Production => &self.production,
            Stage::Development => &self.development,
        }
    }

    /// Returns where the databases are, such as `a SQLite file` or `PostgreSQL 15.18`.
    #[must_use]
    pub fn place(&self) -> String {
        self.production.place()
    }

    /// Returns what happens to the server at the end. Returns `None` for a file.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        match &self.production.place {
            Place::File(_) => None,
            #[cfg(feature = "postgres")]
            Place::Server(database, _) => Some(database.note()),
        }
    }

    /// Removes what was created for the databases, although pages may still be running. They fail then.
    ///
    /// # Errors
    /// If something could not be removed.
    pub fn close(&self) -> Result<()> {
        let folder = self.created.folder.lock().unwrap_or_else(PoisonError::into_inner).take();
        folder.map_or(Ok(()), TempDir::close).context("cannot remove the temporary folder")?;
        #[cfg(feature = "postgres")]
        if let Some(database) = &self.created.database {
            database.close()?;
        }
        Ok(())
    }
}

impl Shop {
    fn prepare(file: &Path, size: &Size, preparing: &Preparing) -> Result<Self> {
        let session = Session::open(file)?;
        match schema::state(&session)? {
            State::Empty => preparing.fill(&session, size)?,
            State::Shop => {}
            State::Foreign => bail!(
                "cannot use {} as the shop: it has tables other than customers, orders and order_items\n  help: choose another file, or one that does not exist yet",
                file.display()
            ),
        }
        Ok(Self { rows: counted(&session)?, place: Place::File(file.to_owned()) })
    }

    /// Returns where the database is, such as `a SQLite file` or `PostgreSQL 15.18`.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.place {
            Place::File(_) => "a SQLite file".to_owned(),
            #[cfg(feature = "postgres")]
            Place::Server(database, _) => database.version().to_owned(),
        }
    }

    /// Returns whether each statement of a page really waits for its round trip, so that the page can take minutes. On
    /// a server it always does.
    #[must_use]
    pub fn waits(&self, settings: &Settings) -> bool {
        self.is_on_server() || settings.really_waits()
    }

    /// Returns whether the database is on a PostgreSQL server. Then [`Run::server`](crate::build::Run::server) has what
    /// the server and the wire counted, and times are measured.
    #[must_use]
    pub fn is_on_server(&self) -> bool {
        !matches!(self.place, Place::File(_))
    }

    /// Opens a session that does not belong to a page, for example to change the data.
    ///
    /// # Errors
    /// If the database cannot be opened.
    pub fn session(&self) -> eagerly::Result<Session> {
        match &self.place {
            Place::File(file) => Session::open(file),
            #[cfg(feature = "postgres")]
            Place::Server(database, stage) => database.connect(*stage),
        }
    }

    /// Returns the server and the stage, unless the database is a file.
    #[cfg(feature = "postgres")]
    pub(crate) fn server(&self) -> Option<(&Arc<postgres::Database>, Stage)> {
        match &self.place {
            Place::File(_) => None,
            Place::Server(database, stage) => Some((database, *stage)),
        }
    }

    /// Opens a session for one page. On a server, it goes through a proxy with the round trip of the settings.
    ///
    /// # Errors
    /// If the database cannot be opened.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "a file has no proxy"))]
    pub(crate) fn open(&self, settings: &Settings, stop: &Arc<Stop>) -> eagerly::Result<Open> {
        match &self.place {
            Place::File(file) => Open::new(Session::open(file)?, stop),
            #[cfg(feature = "postgres")]
            Place::Server(database, stage) => {
                let (session, page) = postgres::Page::open(database, *stage, settings.round_trip)?;
                Ok(Open { page: Some(page), ..Open::new(session, stop)? })
            }
        }
    }

    /// Opens a session without a proxy, so that the network can be modelled.
    ///
    /// # Errors
    /// If the database cannot be opened.
    pub(crate) fn open_directly(&self, stop: &Arc<Stop>) -> eagerly::Result<Open> {
        let open = Open::new(self.session()?, stop)?;
        #[cfg(feature = "postgres")]
        if let Some((database, _)) = self.server() {
            let seat = database.seats.take(&open.session)?;
            return Ok(Open { _seat: Some(seat), ..open });
        }
        Ok(open)
    }
}

/// A session for one page, and on a server the page's own proxy.
///
/// The fields are dropped in this order: the session closes before its proxy.
pub(crate) struct Open {
    _reach: Reach,
    pub session: Session,
    #[cfg(feature = "postgres")]
    page: Option<postgres::Page>,
    /// Without a proxy: it notes that another page runs, for the figures of the others.
    #[cfg(feature = "postgres")]
    _seat: Option<postgres::Seat>,
}

impl Open {
    fn new(session: Session, stop: &Arc<Stop>) -> eagerly::Result<Self> {
        Ok(Self {
            _reach: stop.reach(session.interrupter()?),
            session,
            #[cfg(feature = "postgres")]
            page: None,
            #[cfg(feature = "postgres")]
            _seat: None,
        })
    }

    /// Returns a session for statements that do not belong to the page. On a server it is another one, without a proxy.
    #[must_use]
    pub fn aside(&self) -> &Session {
        #[cfg(feature = "postgres")]
        if let Some(page) = &self.page {
            return &page.aside;
        }
        &self.session
    }

    /// Returns whether the statements travel to a server, so that their times include the round trip.
    #[must_use]
    pub fn is_on_server(&self) -> bool {
        self.session.dialect() == eagerly::Dialect::Postgres
    }

    /// Returns the network to model: none through a proxy, where the page waits for a real one.
    #[must_use]
    pub fn network(&self, settings: &Settings) -> Option<Network> {
        #[cfg(feature = "postgres")]
        if self.page.is_some() {
            return None;
        }
        settings.network()
    }

    /// Starts to count for the page on the server and on the wire.
    pub fn watch(&self) -> Watch<'_> {
        Watch {
            #[cfg(feature = "postgres")]
            watch: self.page.as_ref().map(postgres::Page::watch),
            open: std::marker::PhantomData,
        }
    }
}

/// What the server and the wire count while a page runs.
pub(crate) struct Watch<'o> {
    #[cfg(feature = "postgres")]
    watch: Option<postgres::Watch<'o>>,
    open: std::marker::PhantomData<&'o Open>,
}

impl Watch<'_> {
    /// Returns what was counted since the page started. Returns `None` without a proxy.
    #[must_use]
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only a server counts"))]
    pub fn end(self, started: std::time::Instant) -> Option<OnServer> {
        #[cfg(feature = "postgres")]
        if let Some(watch) = self.watch {
            return Some(watch.end(started));
        }
        None
    }
}

/// Returns the size of a developer's database.
fn few(size: &Size) -> Size {
    Size { customers: 5, orders: 2.0, ..*size }
}

fn counted(session: &Session) -> eagerly::Result<[u64; 3]> {
    Ok([
        session.count(Customer::select())?,
        session.count(Order::select())?,
        session.count(OrderItem::select())?,
    ])
}
