//! Progress on standard error, so that the program is never silent for seconds.
//!
//! It appears on a terminal only, and is removed when the work is done or fails. The example `server_page` has the same.

use std::cell::Cell;
use std::time::Duration;

use anyhow::Result;
use eagerly::{Event, Kind, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shop::Size;

/// The time between two redraws.
const TICK: Duration = Duration::from_millis(100);

/// The number of statements between two updates. An update takes longer than counting, and 256 fast
/// statements take less than the time between two redraws.
const STEP: u64 = 256;

/// Shows the number of rows while `fill` creates the data. `fill` calls its argument with the rows so far.
pub fn while_filling(size: &Size, fill: impl FnOnce(&dyn Fn(u64)) -> eagerly::Result<()>) -> Result<()> {
    let style =
        ProgressStyle::with_template("making data {bar:24} {human_pos} of {human_len} rows, {eta} left")?;
    let bar = ProgressBar::new(size.rows().iter().sum()).with_style(style);
    bar.enable_steady_tick(TICK);
    fill(&|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    Ok(())
}

/// An observer that shows how many statements a page has sent.
pub struct Progress {
    bar: ProgressBar,
    sent: Cell<u64>,
}

impl Progress {
    /// Shows a bar for `expected` statements, and the time that is left, if `visible`.
    pub fn of(what: &str, expected: u64, visible: bool) -> Result<Self> {
        let target = match visible {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let style =
            ProgressStyle::with_template("{msg} {bar:24} {human_pos} of {human_len} statements, {eta} left")?;
        let bar = ProgressBar::with_draw_target(Some(expected), target).with_style(style);
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(TICK);
        Ok(Self { bar, sent: Cell::new(0) })
    }

    /// Removes the progress from the screen.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn statement(&self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            return;
        }
        let sent = self.sent.get() + 1;
        self.sent.set(sent);
        // A page of three statements is counted exactly.
        if sent < STEP || sent.is_multiple_of(STEP) {
            self.bar.set_position(sent);
        }
    }
}
