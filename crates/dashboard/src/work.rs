//! Runs pages on blocking threads. It limits how many run at once, and stops a page when its client
//! disconnects.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::sse::{self, KeepAlive, KeepAliveStream, Sse};
use futures_core::Stream;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::spawn_blocking;

use crate::stop::{Stop, StopWhenDropped};

/// The most pages with real round trips that run at once. They sleep most of the time, so the number is high.
const WAITING: usize = 32;
/// The longest time that a page queues before it is refused.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most events that are buffered for a slow client. When the buffer is full, progress events are dropped.
const EVENTS: usize = 32;

/// The queue of pages, and the pages that are running.
pub struct Work {
    quick: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    running: Arc<AtomicUsize>,
    stops: Mutex<Stops>,
}

/// The streamed pages by number, so that a request can stop one.
#[derive(Default)]
struct Stops {
    last: u64,
    by_number: HashMap<u64, Weak<Stop>>,
}

impl Stops {
    fn add(&mut self, stop: &Arc<Stop>) -> u64 {
        self.by_number.retain(|_, stop| stop.strong_count() > 0);
        self.last += 1;
        self.by_number.insert(self.last, Arc::downgrade(stop));
        self.last
    }
}

/// The reason why work has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// Its turn did not come in time.
    Busy,
    /// It panicked, which is a bug in this program.
    Broken,
}

impl Default for Work {
    /// Allows one page more than the machine has cores, so that the cores stay busy.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            quick: Arc::new(Semaphore::new(cores + 1)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            running: Arc::default(),
            stops: Mutex::default(),
        }
    }
}

impl Work {
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// Stops the page with this number. Returns `false` if no such page is running.
    pub fn stop(&self, number: u64) -> bool {
        let stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        let stop = stops.by_number.get(&number).and_then(Weak::upgrade);
        stop.inspect(|stop| stop.request()).is_some()
    }

    /// Runs `work` on a blocking thread. If the returned future is dropped before it ends, `work` is stopped.
    ///
    /// # Errors
    /// If its turn does not come in time, or if it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        waits: bool,
        work: impl FnOnce(&Arc<Stop>) -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let turn = self.turn(waits).await?;
        let stop = StopWhenDropped::default();
        let asked = Arc::clone(&stop.0);
        let done = spawn_blocking(move || {
            let _turn = turn;
            work(&asked)
        });
        done.await.map_err(|_| Undone::Broken)
    }

    /// Runs `work` on a blocking thread and returns its events as a stream. If the client closes the stream,
    /// `work` is stopped. The first event contains the number for [`stop`](Self::stop).
    pub fn tell(
        self: &Arc<Self>,
        waits: bool,
        work: impl FnOnce(&Arc<Stop>, &Teller) + Send + 'static,
    ) -> Sse<KeepAliveStream<Events>> {
        let (sender, receiver) = mpsc::channel(EVENTS);
        let stop = StopWhenDropped::default();
        let asked = Arc::clone(&stop.0);
        let mut stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        let number = stops.add(&stop.0);
        drop(stops);
        let own = Arc::clone(self);
        tokio::spawn(async move {
            let teller = Teller(sender);
            teller.now("begun", &number);
            let turn = tokio::select! {
                turn = own.turn(waits) => turn,
                () = teller.0.closed() => return,
            };
            match turn {
                Ok(turn) => drop(spawn_blocking(move || {
                    let _turn = turn;
                    work(&asked, &teller);
                })),
                Err(_) => teller.now("failed", &"Too many pages are being built. Try again in a moment."),
            }
        });
        let events = Events { receiver, _stop: stop };
        Sse::new(events).keep_alive(KeepAlive::default())
    }

    async fn turn(&self, waits: bool) -> Result<Turn, Undone> {
        let gate = Arc::clone(if waits { &self.waiting } else { &self.quick });
        match tokio::time::timeout(PATIENCE, gate.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn::begin(permit, &self.running)),
            _ => Err(Undone::Busy),
        }
    }
}

/// The permission to run. Dropping it lets the next page run.
struct Turn {
    running: Arc<AtomicUsize>,
    _permit: OwnedSemaphorePermit,
}

impl Turn {
    fn begin(permit: OwnedSemaphorePermit, running: &Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::SeqCst);
        Self { running: Arc::clone(running), _permit: permit }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The sender of events, for the thread that does the work.
#[derive(Clone)]
pub struct Teller(mpsc::Sender<sse::Event>);

impl Teller {
    /// Sends an event if the buffer has room. For progress, which the next event supersedes.
    pub fn now(&self, name: &str, told: &impl Serialize) {
        let _ = self.0.try_send(event(name, told));
    }

    /// Sends an event, and waits until the buffer has room. Does nothing if the client is gone.
    pub fn surely(&self, name: &str, told: &impl Serialize) {
        let _ = self.0.blocking_send(event(name, told));
    }
}

/// Encodes an event as JSON, which has no line breaks. A line break would end the event.
fn event(name: &str, told: &impl Serialize) -> sse::Event {
    let json = serde_json::to_string(told).unwrap_or_default();
    sse::Event::default().event(name).data(json)
}

/// The stream of events. Dropping it stops the work.
pub struct Events {
    receiver: mpsc::Receiver<sse::Event>,
    _stop: StopWhenDropped,
}

impl Stream for Events {
    type Item = Result<sse::Event, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_recv(context).map(|event| event.map(Ok))
    }
}
