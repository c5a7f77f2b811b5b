//! The settings of a recorder.

use std::time::Duration;

/// What a recorder distinguishes.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// A pause that is longer ends a page. By default 200 ms.
    pub gap: Duration,
    /// A statement that takes longer in the server is slow. By default 100 ms.
    pub slow: Duration,
    /// Whether a page can use several connections of a pool. Then no two pages may run at the same time. By default false.
    pub is_pool: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { gap: Duration::from_millis(200), slow: Duration::from_millis(100), is_pool: false }
    }
}
