//! Waits until an exact time.
//!
//! The system wakes a sleeping thread late, so a round trip of 250 µs would take almost half as long again. Linux wakes
//! threads together to save energy: at the median 77 µs late, on the machine where this was written. A thread can ask it not
//! to wait for others. Then it is 27 µs late. The rest of the time the thread does not sleep, but spins.
//!
//! Spinning takes CPU time from the client and the server. With 10 connections and the 120 µs that are needed without asking,
//! two processors had no time left.

use std::time::{Duration, Instant};

/// The last part of a wait, in which the thread spins. It is about the usual delay of a wake-up.
const SPIN: Duration = Duration::from_micros(if cfg!(target_os = "linux") { 30 } else { 120 });

/// Asks the system to wake this thread as early as it can. Call it once in a thread that waits often.
pub(crate) fn prefer_exact() {
    // A system that refuses wakes the thread later. Then the round trip is longer, and the calibration measures that.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
}

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
