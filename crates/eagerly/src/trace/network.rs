//! A modelled network between the program and the database.
//!
//! SQLite runs inside the program, so a statement costs microseconds. On a server, each statement is also a
//! round trip, and a page of 33,001 statements waits for 33,001 of them. A session can report that time, or
//! wait for it.
//!
//! It is reported apart from measured time. `BEGIN` and `COMMIT` are left out, as in
//! [`Tally::statements`](crate::Tally::statements).

use std::time::{Duration, Instant};

/// A modelled network: its round trip, and whether statements wait.
///
/// ```
/// # use {eagerly::*, std::time::Duration}; let session = shop::small()?;
/// session.model_network(Some(Network::BETWEEN_ZONES));
/// let tally = session.tally();
/// session.execute("CREATE TABLE notes (text TEXT)", [])?;
/// assert_eq!(tally.round_trips(), Duration::from_millis(1));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    round_trip: Duration,
    waits: bool,
}

impl Network {
    /// One zone of a provider: 0.25 to 0.5 ms, modelled as 0.5 ms.
    pub const ONE_ZONE: Self = Self::virtual_of(Duration::from_micros(500));
    /// Two zones of one region: 0.5 to 3.4 ms, modelled as 1 ms.
    pub const BETWEEN_ZONES: Self = Self::virtual_of(Duration::from_millis(1));
    /// Two regions near each other: at least 20 ms, modelled as 20 ms.
    pub const NEAR_REGION: Self = Self::virtual_of(Duration::from_millis(20));
    /// Two regions far from each other: 20 to 230 ms, modelled as 80 ms.
    pub const FAR_REGION: Self = Self::virtual_of(Duration::from_millis(80));

    /// The four networks above, each with a name.
    pub const PRESETS: [(&'static str, Self); 4] = [
        ("one zone", Self::ONE_ZONE),
        ("between zones", Self::BETWEEN_ZONES),
        ("a near region", Self::NEAR_REGION),
        ("a far region", Self::FAR_REGION),
    ];

    /// Returns a network whose round trips are only computed. No statement waits.
    ///
    /// ```
    /// # use {eagerly::Network, std::time::Duration};
    /// let network = Network::virtual_of(Duration::from_millis(5));
    /// assert_eq!((network.round_trip(), network.waits()), (Duration::from_millis(5), false));
    /// ```
    pub const fn virtual_of(round_trip: Duration) -> Self {
        Self { round_trip, waits: false }
    }

    /// Returns the same network, but every statement really waits.
    ///
    /// ```
    /// # use eagerly::Network;
    /// assert!(Network::NEAR_REGION.waiting().waits());
    /// ```
    pub const fn waiting(self) -> Self {
        Self { waits: true, ..self }
    }

    /// Returns the time of one round trip.
    pub const fn round_trip(self) -> Duration {
        self.round_trip
    }

    /// Returns whether statements really wait.
    pub const fn waits(self) -> bool {
        self.waits
    }

    /// Returns the time that a number of statements spend in round trips. This is a modelled figure.
    ///
    /// ```
    /// # use {eagerly::Network, std::time::Duration};
    /// assert_eq!(Network::ONE_ZONE.modelled(33_001), Duration::from_micros(16_500_500));
    /// ```
    pub fn modelled(self, statements: u64) -> Duration {
        let seconds = self.round_trip.as_secs_f64() * statements as f64;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Waits for one round trip, if the network waits. Returns the time that it took, or would have taken.
    pub(crate) fn wait_one_round_trip(self) -> Duration {
        if !self.waits {
            return self.round_trip;
        }
        // `sleep` can overshoot by more than a short round trip, so the last 200 µs are a busy loop.
        const SPIN: Duration = Duration::from_micros(200);
        let start = Instant::now();
        std::thread::sleep(self.round_trip.saturating_sub(SPIN));
        while start.elapsed() < self.round_trip {
            std::hint::spin_loop();
        }
        start.elapsed()
    }
}
