//! The page for many users at once, over a pool of connections through one proxy.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use eagerly::Session;
use shop_server::load::{self, Page, Pool, Request};

use crate::customers;
use crate::level::{CONNECTIONS, Level};
use crate::postgres::database::Database;
use crate::postgres::page::{choose, start};
use crate::race::digest;
use crate::settings::{Settings, Stage};
use crate::stop::{Refuser, Stop};

/// Measures the page under each number of users. See [`crate::load::run`].
pub fn run(
    database: &Arc<Database>,
    stage: Stage,
    settings: &Settings,
    users: &[u16],
    time: Duration,
    stop: &Arc<Stop>,
    mut each: impl FnMut(Level),
) -> Result<()> {
    let seat = database.seats.take(&database.connect(stage)?)?;
    let proxy = start(database, settings.round_trip, Vec::new())?;
    let url = database.url_through(proxy.address(), seat.user().as_deref())?;
    let schema = database.schema(stage).to_owned();
    let connect = move || {
        let session = Session::connect(&url)?;
        choose(&session, &schema)?;
        Ok(session)
    };
    let request = request(settings, stop);
    let cpu = database.cpu();
    let measured = Pool::open(CONNECTIONS, connect, &[Arc::clone(&request)]).and_then(|pool| {
        for users in users {
            let recording = load::work(&pool, &request, *users, time, &cpu, || {})?;
            each(level(&load::Level::of(settings.orders.name(), *users, &recording)?));
        }
        Ok(())
    });
    match measured {
        Err(_) if stop.is_requested() => Ok(()),
        measured => measured,
    }
}

/// Returns the request for the page of the settings.
fn request(settings: &Settings, stop: &Arc<Stop>) -> Request {
    let (settings, stop) = (settings.clone(), Arc::clone(stop));
    Arc::new(move |session| {
        let started = Instant::now();
        let _refusing = session.observe(Rc::new(Refuser(Arc::clone(&stop))));
        let tally = session.tally();
        let lines = customers::lines(session, &settings)?;
        Ok(Page {
            started,
            ended: Instant::now(),
            statements: tally.statements(),
            lines: lines.len() as u64,
            checksum: digest(&lines),
        })
    })
}

fn level(level: &load::Level) -> Level {
    Level {
        users: level.users,
        pages_per_second: level.pages_per_second(),
        statements: level.statements,
        median: level.median,
        p95: level.p95,
        waiting: level.waiting,
        held: level.held,
        busy: level.busy,
        processors: level.processors(),
    }
}
