//! What is measured of the page for many users at once.

use std::time::Duration;

/// The numbers of users that are measured.
pub const USERS: [u16; 7] = [1, 2, 4, 8, 16, 32, 64];
/// The number of connections in the pool.
pub const CONNECTIONS: u16 = 10;
/// How long each number of users is measured.
pub const TIME: Duration = Duration::from_secs(2);

/// What was measured for one number of users. A time of a page includes its wait for a connection.
#[derive(Debug, Clone)]
pub struct Level {
    /// The number of users at once.
    pub users: u16,
    pub pages_per_second: f64,
    /// The number of statements of each page.
    pub statements: u64,
    /// Half of the pages take at most this long.
    pub median: Duration,
    /// 95 % of the pages take at most this long.
    pub p95: Duration,
    /// How long a page waits for a connection, on average.
    pub waiting: Duration,
    /// How long a page holds its connection, on average.
    pub held: Duration,
    /// The number of connections that are held at once, on average.
    pub busy: f64,
    /// The number of processors that the server keeps busy, on average. `None` if the system does not report it.
    pub processors: Option<f64>,
}
