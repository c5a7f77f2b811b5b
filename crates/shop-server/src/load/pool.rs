//! A pool of connections, and the queue in front of it.
//!
//! A `Session` stays in the thread that opened it. So each connection has a thread of its own, which takes one request
//! after the other from the queue. While all connections are busy, the requests wait in the queue. This wait is what a web
//! framework calls "waiting for a connection". The first request in the queue is the first to be served.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use eagerly::Session;

/// A request: computes a page on the connection that serves it. A failure ends the measurement.
pub type Request = Arc<dyn Fn(&Session) -> eagerly::Result<Page> + Send + Sync>;

/// A finished page.
#[derive(Debug, Clone)]
pub struct Page {
    /// When a connection began to work on the request.
    pub started: Instant,
    /// When the page was finished.
    pub ended: Instant,
    /// The number of statements, without `BEGIN` and `COMMIT`.
    pub statements: u64,
    /// The number of customers on it.
    pub lines: u64,
    /// A checksum of its lines. All pages of a pool must have the same.
    pub checksum: String,
}

/// A pool. When it is dropped, its connections are closed.
pub struct Pool {
    queue: Sender<Queued>,
    /// The number of lines of the page, as the first request returned it.
    pub lines: u64,
    /// The checksum of these lines.
    pub checksum: String,
}

/// A request in the queue, and where its answer goes.
struct Queued {
    request: Request,
    answer: Sender<eagerly::Result<Page>>,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When the user sent the request. From then until `page.started`, it waited for a connection.
    pub sent: Instant,
    /// The page.
    pub page: Page,
}

impl Pool {
    /// Opens the connections. Each of them serves every request of `first` once, and all pages must be the same.
    ///
    /// A session prepares a statement at its first use, which takes an additional round trip. So the measured requests
    /// do not include it.
    ///
    /// # Errors
    /// If a connection cannot be opened, if a page fails, or if two pages differ.
    pub fn open(
        connections: u16,
        connect: impl Fn() -> eagerly::Result<Session> + Send + Sync + 'static,
        first: &[Request],
    ) -> Result<Self> {
        let (queue, requests) = channel();
        let requests = Arc::new(Mutex::new(requests));
        let (warm, first_pages) = channel();
        let connect = Arc::new(connect);
        for _ in 0..connections {
            let (connect, first) = (Arc::clone(&connect), first.to_vec());
            let (requests, warm) = (Arc::clone(&requests), warm.clone());
            thread::Builder::new()
                .spawn(move || match open(&*connect, &first) {
                    Ok((session, pages)) => {
                        // If the pool could not be opened, no page is expected.
                        let _ = warm.send(Ok(pages));
                        drop(warm);
                        serve(&session, &requests);
                    }
                    Err(error) => drop(warm.send(Err(error))),
                })
                .context("the system cannot start a thread\n  help: choose fewer connections")?;
        }
        drop(warm);
        let first_pages = first_pages.iter().collect::<eagerly::Result<Vec<_>>>();
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
    ///
    /// # Errors
    /// If the page fails, or differs from the first.
    pub fn ask(&self, request: &Request) -> Result<Answer> {
        let sent = Instant::now();
        let (answer, answers) = channel();
        let lost = || anyhow!("a connection of the pool has ended\n  help: run the program again");
        self.queue.send(Queued { request: Arc::clone(request), answer }).map_err(|_| lost())?;
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

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("checksum", &self.checksum).finish_non_exhaustive()
    }
}

/// Opens a connection in its thread, and serves the first requests.
fn open(
    connect: &dyn Fn() -> eagerly::Result<Session>,
    first: &[Request],
) -> eagerly::Result<(Session, Vec<Page>)> {
    let session = connect()?;
    let pages = first.iter().map(|request| request(&session)).collect::<eagerly::Result<_>>()?;
    Ok((session, pages))
}

/// Serves requests until the pool is dropped.
fn serve(session: &Session, requests: &Mutex<Receiver<Queued>>) {
    loop {
        // The lock is held while this thread waits, and released before it computes the page.
        let queued = requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Queued { request, answer }) = queued else { return };
        // A user who is gone does not need the answer.
        let _ = answer.send(request(session));
    }
}
