//! The work that pages are: on threads of their own, only so many at a time, each ended when nobody wants it any more.

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

/// How many pages that really wait run at once: they sleep most of the time.
const WAITING: usize = 32;
/// How long a page queues for its turn.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many events may wait for a client that is slow to read them. Progress that finds no room is left out.
const EVENTS: usize = 32;

/// The pages at work.
pub struct Work {
    quick: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    running: Arc<AtomicUsize>,
    stops: Mutex<Stops>,
}

/// The pages that tell of themselves, by number, for those who want one stopped.
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

/// Why a piece of work gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// Too many others were before it.
    Busy,
    /// It broke: a fault of this program.
    Broken,
}

impl Default for Work {
    /// As many pages at once as the machine has cores, and one more.
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
    /// How many pages are running.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// Asks the page of a number to stop. Gives whether there is one.
    pub fn stop(&self, number: u64) -> bool {
        let stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        let stop = stops.by_number.get(&number).and_then(Weak::upgrade);
        stop.inspect(|stop| stop.request()).is_some()
    }

    /// Runs `work` on a thread of its own. If the caller goes away meanwhile, the work is asked to stop.
    ///
    /// # Errors
    /// If its turn does not come, or if it panics.
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

    /// Runs `work` on a thread of its own, and gives what it tells as a stream of events. If nobody listens any more,
    /// the work is asked to stop. The first event gives the number by which it can be [stopped](Self::stop).
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
                Err(_) => teller.now(
                    "failed",
                    &"Too many pages are being built. Try again in a moment.",
                ),
            }
        });
        let events = Events {
            receiver,
            _stop: stop,
        };
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

/// The right to run, given back when it is dropped.
struct Turn {
    running: Arc<AtomicUsize>,
    _permit: OwnedSemaphorePermit,
}

impl Turn {
    fn begin(permit: OwnedSemaphorePermit, running: &Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::SeqCst);
        Self {
            running: Arc::clone(running),
            _permit: permit,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Tells a client, from the thread that does the work.
#[derive(Clone)]
pub struct Teller(mpsc::Sender<sse::Event>);

impl Teller {
    /// Tells it if there is room: what is told next says more.
    pub fn now(&self, name: &str, told: &impl Serialize) {
        let _ = self.0.try_send(event(name, told));
    }

    /// Tells it, and waits until there is room. Nothing is told to a client that is gone.
    pub fn surely(&self, name: &str, told: &impl Serialize) {
        let _ = self.0.blocking_send(event(name, told));
    }
}

/// As JSON, which has no line breaks.
fn event(name: &str, told: &impl Serialize) -> sse::Event {
    let json = serde_json::to_string(told).unwrap_or_default();
    sse::Event::default().event(name).data(json)
}

/// What is told, as it comes. Letting go of it stops the work.
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
