//! A spinner on standard error, for work of a second or two whose length is unknown. The example `under_load` has the same.

use std::time::Duration;

use indicatif::ProgressBar;

/// Shows `message` while `work` runs.
pub fn while_waiting<T>(message: &'static str, work: impl FnOnce() -> T) -> T {
    let bar = ProgressBar::new_spinner().with_message(message);
    bar.enable_steady_tick(Duration::from_millis(100));
    let done = work();
    bar.finish_and_clear();
    done
}
