//! A network between the program and the database, imagined.
//!
//! SQLite runs in the program's own process: a statement costs microseconds, and many of them cost little. Where the
//! database is a server, each statement is a journey there and back, and that journey is what a page of 33,001
//! statements waits for. A session can be told to reckon with it, or really to wait.
//!
//! What is reckoned is never added to what is measured: it has a figure of its own, and a name, *modelled*.
//! `BEGIN` and `COMMIT` are left out, as they are in every count of statements.

use std::time::{Duration, Instant};

/// What a round trip to the database costs.
///
/// ```
/// use std::time::Duration;
/// use eagerly::{Network, Session};
///
/// # let session = Session::in_memory()?;
/// session.model_network(Some(Network::BETWEEN_ZONES));
/// let tally = session.tally();
/// session.execute("CREATE TABLE notes (text TEXT)", [])?;
/// assert_eq!(tally.round_trips(), Duration::from_millis(1));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    round_trip: Duration,
    waits: bool,
}

impl Network {
    /// Program and database within one zone of a provider: 0.25 to 0.5 ms; here 0.5 ms.
    pub const ONE_ZONE: Self = Self::virtual_of(Duration::from_micros(500));
    /// In two zones of one region: 0.5 to 3.4 ms; here 1 ms.
    pub const BETWEEN_ZONES: Self = Self::virtual_of(Duration::from_millis(1));
    /// In two regions that are near each other: 20 ms is the least there.
    pub const NEAR_REGION: Self = Self::virtual_of(Duration::from_millis(20));
    /// In two regions that are apart: 20 to 230 ms; here 80 ms.
    pub const FAR_REGION: Self = Self::virtual_of(Duration::from_millis(80));

    /// The four networks above, with a name for each.
    pub const PRESETS: [(&'static str, Self); 4] = [
        ("one zone", Self::ONE_ZONE),
        ("between zones", Self::BETWEEN_ZONES),
        ("a near region", Self::NEAR_REGION),
        ("a far region", Self::FAR_REGION),
    ];

    /// A round trip that is only reckoned with: nobody waits.
    ///
    /// ```
    /// # use {eagerly::Network, std::time::Duration};
    /// let network = Network::virtual_of(Duration::from_millis(5));
    /// assert_eq!(network.round_trip(), Duration::from_millis(5));
    /// assert!(!network.waits());
    /// ```
    #[must_use]
    pub const fn virtual_of(round_trip: Duration) -> Self {
        Self {
            round_trip,
            waits: false,
        }
    }

    /// The same network, but every statement really waits: for demonstrations.
    ///
    /// ```
    /// # use eagerly::Network;
    /// let network = Network::NEAR_REGION.waiting();
    /// assert_eq!(network.round_trip(), Network::NEAR_REGION.round_trip());
    /// assert!(network.waits());
    /// ```
    #[must_use]
    pub const fn waiting(self) -> Self {
        Self { waits: true, ..self }
    }

    /// The time of one round trip.
    #[must_use]
    pub const fn round_trip(self) -> Duration {
        self.round_trip
    }

    /// Whether statements really wait.
    #[must_use]
    pub const fn waits(self) -> bool {
        self.waits
    }

    /// What so many statements spend travelling: the number times the round trip. A modelled figure.
    ///
    /// ```
    /// # use {eagerly::Network, std::time::Duration};
    /// assert_eq!(Network::ONE_ZONE.modelled(33_001), Duration::from_micros(16_500_500));
    /// assert_eq!(Network::ONE_ZONE.modelled(3), Duration::from_micros(1_500));
    /// ```
    #[must_use]
    pub fn modelled(self, statements: u64) -> Duration {
        let seconds = self.round_trip.as_secs_f64() * statements as f64;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Goes there and back; gives the time that it took, or would have taken.
    pub(crate) fn travel(self) -> Duration {
        if !self.waits {
            return self.round_trip;
        }
        // A sleep takes longer than asked for, by more than a short round trip: the last bit is spent awake.
        const AWAKE: Duration = Duration::from_micros(200);
        let start = Instant::now();
        std::thread::sleep(self.round_trip.saturating_sub(AWAKE));
        while start.elapsed() < self.round_trip {
            std::hint::spin_loop();
        }
        start.elapsed()
    }
}
