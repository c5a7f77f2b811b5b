//! Waits until an exact time.
//!
//! The system wakes a sleeping thread late, on Linux by about 60 µs. The bytes wait once in each direction. So a round
//! trip of 250 µs would take almost half as long again.

use std::time::{Duration, Instant};

/// The last part of a wait, in which the thread spins instead of sleeping. It is longer than the usual delay of a
/// wake-up. A longer spin would only take CPU time from the client and the server.
const SPIN: Duration = Duration::from_micros(120);

/// Blocks the thread until `due`. Returns at once if that time has passed.
pub(crate) fn wait_until(due: Instant) {
    let left = due.saturating_duration_since(Instant::now());
    if let Some(asleep) = left.checked_sub(SPIN).filter(|asleep| !asleep.is_zero()) {
        std::thread::sleep(asleep);
    }
    while Instant::now() < due {
        std::hint::spin_loop();
    }
}
