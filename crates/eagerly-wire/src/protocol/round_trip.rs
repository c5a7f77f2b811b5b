//! When a round trip begins and ends.

use std::time::Duration;

use crate::proxy::Passage;

/// The current round trip.
///
/// A *group* is what the server answers with one `ReadyForQuery`: a simple query, or the requests up to a `Sync`.
#[derive(Default)]
pub(super) struct RoundTrip {
    /// The first request. `None` if the client awaits no reply.
    first: Option<Passage>,
    /// How many groups of requests have no reply yet.
    groups: u32,
    /// How many groups have ended with an error, and the server has not yet said that it is ready.
    refused: u32,
    /// Whether the client has asked for replies before the end of the group.
    is_flushed: bool,
    /// Whether a statement has ended in this round trip.
    has_ended_one: bool,
}

/// The times of a round trip that has ended.
pub(super) struct Times {
    /// How long the proxy delayed the bytes.
    pub(super) wire: Duration,
    /// The time between.
    pub(super) server: Duration,
}

impl RoundTrip {
    /// The client has sent a message. Returns whether a round trip begins with it.
    pub(super) fn sent(&mut self, passage: Passage) -> bool {
        let begins = self.first.is_none();
        self.first.get_or_insert(passage);
        begins
    }

    /// The message has ended a group.
    pub(super) fn group_sent(&mut self) {
        self.groups += 1;
    }

    /// The client awaits the replies to what it has sent so far.
    pub(super) fn flush_sent(&mut self) {
        self.is_flushed = true;
    }

    /// Returns whether the client awaits a reply.
    pub(super) fn is_open(&self) -> bool {
        self.first.is_some()
    }

    /// The server has replied to something.
    pub(super) fn replied(&mut self, passage: Passage) -> Option<Times> {
        if self.groups == 0 && self.is_flushed { self.end(passage) } else { None }
    }

    /// The server has reported an error. It skips the rest of the group, so the client can go on without awaiting the
    /// `ReadyForQuery`, and some clients do.
    pub(super) fn failed(&mut self, passage: Passage) -> Option<Times> {
        if self.groups > 1 {
            return None;
        }
        self.refused += std::mem::take(&mut self.groups);
        self.end(passage)
    }

    /// The server skips groups, and is not ready after them.
    pub(super) fn skipped(&mut self, groups: u32) {
        self.groups = self.groups.saturating_sub(groups);
    }

    /// The server asks for the data of a `COPY`. It ignores `ignored` groups that the client has sent already.
    pub(super) fn asked_for_data(&mut self, passage: Passage, ignored: u32) -> Option<Times> {
        self.groups = self.groups.saturating_sub(ignored);
        self.end(passage)
    }

    /// The server is ready for the next group.
    pub(super) fn ready(&mut self, passage: Passage) -> Option<Times> {
        if let Some(refused) = self.refused.checked_sub(1) {
            self.refused = refused;
            return None;
        }
        self.groups = self.groups.saturating_sub(1);
        if self.groups == 0 { self.end(passage) } else { None }
    }

    /// Returns the delays of a statement that has ended. Of statements that share a round trip, only the first has delays.
    pub(super) fn delays(&mut self, passage: Passage) -> (Duration, Duration) {
        if std::mem::replace(&mut self.has_ended_one, true) {
            return (Duration::ZERO, Duration::ZERO);
        }
        (self.first.map_or(Duration::ZERO, delay), delay(passage))
    }

    fn end(&mut self, passage: Passage) -> Option<Times> {
        let first = self.first.take()?;
        self.is_flushed = false;
        self.has_ended_one = false;
        Some(Times {
            wire: delay(first) + delay(passage),
            server: passage.arrived.saturating_duration_since(first.left),
        })
    }
}

/// Returns how long bytes were delayed.
fn delay(passage: Passage) -> Duration {
    passage.left.saturating_duration_since(passage.arrived)
}
