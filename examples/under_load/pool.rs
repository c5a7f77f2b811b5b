//! A pool of connections, and the queue in front of it.
//!
//! A `Session` stays in the thread that opened it. So each connection has a thread of its own, which takes one request
//! after the other from the queue. While all connections are busy, the requests wait in the queue. This wait is what a web
//! framework calls "waiting for a connection". The first request in the queue is the first to be served.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use eagerly::{Session, Strategy};
use indicatif::ProgressBar;

use crate::Options;
use crate::page::{self, Page};

/// A pool. When it is dropped, its connections are closed.
pub struct Pool {
    queue: Sender<Request>,
    /// The page, as the first strategy returned it.
    pub lines: u64,
    pub checksum: String,
}

/// A request in the queue, and where its answer goes.
struct Request {
    strategy: Strategy,
    answer: Sender<eagerly::Result<Page>>,
}

/// The answer to a request.
pub struct Answer {
    /// When the user sent the request. From then until `page.started`, it waited for a connection.
    pub sent: Instant,
    pub page: Page,
}

impl Pool {
    /// Opens the connections. On each of them, every strategy loads the page once, and all pages must be the same.
    ///
    /// A session prepares a statement at its first use, which takes an additional round trip. So the measured requests
    /// do not include it.
    pub fn open(url: &str, options: &Options) -> Result<Self> {
        let (queue, requests) = channel();
        let requests = Arc::new(Mutex::new(requests));
        let (warm, first_pages) = channel();
        for _ in 0..options.connections {
            let worker = Worker { url: url.to_owned(), customers: options.customers };
            let (strategies, requests, warm) =
                (options.strategy.clone(), Arc::clone(&requests), warm.clone());
            thread::Builder::new()
                .spawn(move || match worker.open(&strategies) {
                    Ok((session, pages)) => {
                        // If the pool could not be opened, no page is expected.
                        let _ = warm.send(Ok(pages));
                        drop(warm);
                        worker.serve(&session, &requests);
                    }
                    Err(error) => drop(warm.send(Err(error))),
                })
                .context("the system cannot start a thread\n  help: choose fewer --connections")?;
        }
        drop(warm);
        let bar = ProgressBar::new_spinner().with_message("opening the connections");
        bar.enable_steady_tick(Duration::from_millis(100));
        let first_pages = first_pages.iter().collect::<eagerly::Result<Vec<_>>>();
        bar.finish_and_clear();
        let mut pool = Self { queue, lines: 0, checksum: String::new() };
        for page in first_pages?.into_iter().flatten() {
            if pool.checksum.is_empty() {
                pool.lines = page.lines;
                pool.checksum.clone_from(&page.checksum);
            }
            pool.check(&page)?;
        }
        Ok(pool)
    }

    /// Sends a request, and waits for its page.
    pub fn ask(&self, strategy: Strategy) -> Result<Answer> {
        let sent = Instant::now();
        let (answer, answers) = channel();
        let lost = || anyhow!("a connection of the pool has ended\n  help: run the program again");
        self.queue.send(Request { strategy, answer }).map_err(|_| lost())?;
        let page = answers.recv().map_err(|_| lost())??;
        self.check(&page)?;
        Ok(Answer { sent, page })
    }

    fn check(&self, page: &Page) -> Result<()> {
        ensure!(
            page.checksum == self.checksum,
            "two requests returned different pages\n  help: report this as a bug in eagerly"
        );
        Ok(())
    }
}

/// The thread of one connection.
struct Worker {
    url: String,
    customers: u32,
}

impl Worker {
    /// Opens the connection, and loads the page once by each strategy.
    fn open(&self, strategies: &[Strategy]) -> eagerly::Result<(Session, Vec<Page>)> {
        let session = Session::connect(&self.url)?;
        let pages = strategies.iter().map(|strategy| page::load(&session, *strategy, self.customers));
        let pages = pages.collect::<eagerly::Result<_>>()?;
        Ok((session, pages))
    }

    /// Serves requests until the pool is dropped.
    fn serve(&self, session: &Session, requests: &Mutex<Receiver<Request>>) {
        loop {
            // The lock is held while this thread waits, and released before it loads the page.
            let request = requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Request { strategy, answer }) = request else { return };
            // A user who is gone does not need the answer.
            let _ = answer.send(page::load(session, strategy, self.customers));
        }
    }
}
