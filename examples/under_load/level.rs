//! The figures of a level: one strategy under one number of users.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use eagerly::Strategy;
use eagerly::numbers::time;
use indicatif::{ProgressBar, ProgressStyle};

use crate::Options;
use crate::database::Database;
use crate::pool::{Answer, Pool};
use crate::users::{self, Recording};

pub struct Level {
    pub strategy: Strategy,
    pub users: u16,
    /// The number of pages that were finished in the measured time.
    pub pages: u64,
    /// The measured time.
    pub time: Duration,
    /// The number of statements of one page, which is the same for all.
    pub statements: u64,
    /// The time from the request to the page: half of the pages take at most this long.
    pub median: Duration,
    /// 99 % of the pages take at most this long. Of fewer than 100 pages, this is the slowest.
    pub p99: Duration,
    /// The part of the time in which a request waits for a connection, on average.
    pub waiting: Duration,
    /// The time in which a page holds its connection, on average.
    pub held: Duration,
    /// The number of connections that are held at once, on average.
    pub busy: f64,
    /// The CPU time of the server's processes, if the system reports it.
    pub cpu: Option<Duration>,
}

/// Measures every number of users with every strategy.
pub fn measure_all(database: &Database, pool: &Pool, options: &Options) -> Result<Vec<Level>> {
    let count = options.users.len() * options.strategy.len();
    let style = ProgressStyle::with_template("measuring {msg} {bar:24} {pos} of {len}, {eta} left")?;
    let bar = ProgressBar::new(count as u64).with_style(style);
    let mut levels = Vec::new();
    for users in &options.users {
        for strategy in &options.strategy {
            bar.set_message(format!("{strategy}, {users} users"));
            let tick = || bar.tick();
            let recording = users::work(pool, *strategy, *users, options.seconds, &database.cpu, tick)?;
            levels.push(Level::of(*strategy, *users, &recording)?);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(levels)
}

impl Level {
    fn of(strategy: Strategy, users: u16, recording: &Recording) -> Result<Self> {
        let Recording { from, until, .. } = *recording;
        let is_measured = |answer: &&Answer| (from..until).contains(&answer.page.ended);
        let finished: Vec<_> = recording.answers.iter().filter(is_measured).collect();
        let slowest = recording.answers.iter().map(|answer| answer.page.ended - answer.sent).max();
        ensure!(
            !finished.is_empty(),
            "no page was finished in {} by {strategy}, because a page takes {}\n  help: choose more --seconds, or fewer --customers",
            time(until - from),
            time(slowest.unwrap_or_default()),
        );
        let statements = finished[0].page.statements;
        ensure!(
            finished.iter().all(|answer| answer.page.statements == statements),
            "two pages of {strategy} sent different numbers of statements\n  help: report this as a bug in eagerly"
        );
        let mut times: Vec<_> = finished.iter().map(|answer| answer.page.ended - answer.sent).collect();
        times.sort_unstable();
        let mean = |part: &dyn Fn(&Answer) -> Duration| {
            finished.iter().map(|answer| part(answer)).sum::<Duration>().div_f64(finished.len() as f64)
        };
        // Also of the pages that began before the measured time or ended after it: only the part within it.
        let within = |answer: &Answer| {
            let clip = |at: Instant| at.clamp(from, until);
            clip(answer.page.ended) - clip(answer.page.started)
        };
        let held: Duration = recording.answers.iter().map(within).sum();
        Ok(Self {
            strategy,
            users,
            pages: finished.len() as u64,
            time: until - from,
            statements,
            median: percentile(&times, 50),
            p99: percentile(&times, 99),
            waiting: mean(&|answer| answer.page.started - answer.sent),
            held: mean(&|answer| answer.page.ended - answer.page.started),
            busy: held.as_secs_f64() / (until - from).as_secs_f64(),
            cpu: recording.cpu,
        })
    }

    /// Returns a number of the whole measured time per second.
    fn per_second(&self, number: f64) -> f64 {
        number / self.time.as_secs_f64()
    }

    pub fn pages_per_second(&self) -> f64 {
        self.per_second(self.pages as f64)
    }

    pub fn statements_per_second(&self) -> f64 {
        self.per_second((self.pages * self.statements) as f64)
    }

    /// Returns the number of processors that the server keeps busy, on average.
    pub fn processors(&self) -> Option<f64> {
        self.cpu.map(|cpu| self.per_second(cpu.as_secs_f64()))
    }

    /// Returns the CPU time of the server for one page.
    pub fn cpu_of_page(&self) -> Option<Duration> {
        self.cpu.map(|cpu| cpu.div_f64(self.pages as f64))
    }
}

/// Returns the shortest time that at least `percent` of the sorted times do not exceed. There must be at least one time.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}
