//! The users. Each sends a request, waits for its page, and sends the next request at once: a closed loop.
//!
//! With a fixed number of users, the requests cannot pile up without limit. Real users think between two pages, so one of
//! these users stands for many real ones.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use crate::load::cpu::Cpu;
use crate::load::pool::{Answer, Pool, Request};

/// The time between two updates of the progress.
const TICK: Duration = Duration::from_millis(100);

/// What was recorded while the users were at work.
#[derive(Debug)]
pub struct Recording {
    /// Every answer, also those from before the time that is measured, and after it.
    pub answers: Vec<Answer>,
    /// When the measured time began.
    pub from: Instant,
    /// When it ended.
    pub until: Instant,
    /// The CPU time of the server between `from` and `until`.
    pub cpu: Option<Duration>,
}

/// Lets this number of users work for `time`, and calls `tick` meanwhile.
///
/// At first the queue is empty, and the first pages are fast. So the measured time begins when every user has an answer.
///
/// # Errors
/// If a page fails, or if the system cannot start the threads of the users.
pub fn work(
    pool: &Pool,
    request: &Request,
    users: u16,
    time: Duration,
    cpu: &Cpu,
    tick: impl Fn(),
) -> Result<Recording> {
    let stop = AtomicBool::new(false);
    let (first, firsts) = channel();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..users {
            let (first, stop) = (first.clone(), &stop);
            let started =
                thread::Builder::new().spawn_scoped(scope, move || user(pool, request, &first, stop));
            let started = started.inspect_err(|_| stop.store(true, Ordering::Relaxed));
            threads.push(started.context("the system cannot start a thread\n  help: choose fewer users")?);
        }
        for _ in 0..users {
            while firsts.recv_timeout(TICK).is_err() && !stop.load(Ordering::Relaxed) {
                tick();
            }
        }
        let (from, used) = (Instant::now(), cpu.used());
        while from.elapsed() < time && !stop.load(Ordering::Relaxed) {
            thread::sleep(TICK.min(time.saturating_sub(from.elapsed())));
            tick();
        }
        let (until, used_later) = (Instant::now(), cpu.used());
        stop.store(true, Ordering::Relaxed);
        let mut answers = Vec::new();
        for thread in threads {
            let of_user: Result<Vec<Answer>> =
                thread.join().map_err(|_| anyhow!("a user's thread panicked"))?;
            answers.extend(of_user?);
        }
        let cpu = used.zip(used_later).map(|(before, after)| after.saturating_sub(before));
        Ok(Recording { answers, from, until, cpu })
    })
}

/// Asks for the page again and again until `stop`, and reports the first answer.
fn user(pool: &Pool, request: &Request, first: &Sender<()>, stop: &AtomicBool) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        // One failure ends the measurement for all.
        let answer = pool.ask(request).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
        if answers.is_empty() {
            let _ = first.send(());
        }
        answers.push(answer);
    }
    Ok(answers)
}
