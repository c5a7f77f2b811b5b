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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A round trip, and the time in it.
    struct Script(RoundTrip, Instant);

    const MS: Duration = Duration::from_millis(1);

    impl Script {
        fn new() -> Self {
            Self(RoundTrip::default(), Instant::now())
        }

        /// Returns a message that comes 10 ms after the one before, and is delayed for this long.
        fn passage(&mut self, delay: u32) -> Passage {
            self.1 += 10 * MS;
            Passage { arrived: self.1, left: self.1 + delay * MS }
        }

        fn send_group(&mut self, delay: u32) -> bool {
            let passage = self.passage(delay);
            let begins = self.0.sent(passage);
            self.0.group_sent();
            begins
        }

        /// Answers with a message. Returns the milliseconds of the round trip, if it has ended: of the wire and of the server.
        fn answer(
            &mut self,
            message: impl FnOnce(&mut RoundTrip, Passage) -> Option<Times>,
        ) -> Option<(u128, u128)> {
            let passage = self.passage(2);
            message(&mut self.0, passage).map(|times| (times.wire.as_millis(), times.server.as_millis()))
        }
    }

    #[test]
    fn requests_that_are_sent_together_share_a_round_trip() {
        let mut script = Script::new();
        assert!(!script.0.is_open());
        assert!(script.send_group(1));
        assert!(!script.send_group(4));
        assert!(script.0.is_open());
        assert_eq!(script.answer(RoundTrip::ready), None);
        // The first request left after 1 ms. The last reply came 30 ms after it had arrived, and was delayed for 2 ms.
        assert_eq!(script.answer(RoundTrip::ready), Some((3, 29)));
        assert!(!script.0.is_open());
        assert!(script.send_group(1));
        assert_eq!(script.answer(RoundTrip::ready), Some((3, 9)));
    }

    #[test]
    fn a_reply_before_the_end_of_the_group_ends_a_round_trip_only_if_the_client_has_asked_for_it() {
        let mut script = Script::new();
        let request = script.passage(0);
        script.0.sent(request);
        assert_eq!(script.answer(RoundTrip::replied), None);
        script.0.flush_sent();
        assert_eq!(script.answer(RoundTrip::replied), Some((2, 20)));
        // The request for replies holds for one round trip.
        let request = script.passage(0);
        script.0.sent(request);
        assert_eq!(script.answer(RoundTrip::replied), None);
        // Nor does it end one whose group has ended.
        script.0.flush_sent();
        script.0.group_sent();
        assert_eq!(script.answer(RoundTrip::replied), None);
        assert!(script.answer(RoundTrip::ready).is_some());
    }

    #[test]
    fn an_error_ends_the_round_trip_and_the_server_is_ready_later() {
        let mut script = Script::new();
        script.send_group(0);
        assert_eq!(script.answer(RoundTrip::failed), Some((2, 10)));
        // The client goes on before the server says that it is ready.
        assert!(script.send_group(0));
        assert_eq!(script.answer(RoundTrip::ready), None);
        assert_eq!(script.answer(RoundTrip::ready), Some((2, 20)));
    }

    #[test]
    fn an_error_in_the_first_of_two_groups_ends_nothing() {
        let mut script = Script::new();
        script.send_group(0);
        script.send_group(0);
        assert_eq!(script.answer(RoundTrip::failed), None);
        assert_eq!(script.answer(RoundTrip::ready), None);
        assert!(script.answer(RoundTrip::ready).is_some());
    }

    #[test]
    fn a_server_is_not_ready_after_the_groups_that_it_skips() {
        let mut script = Script::new();
        (0..3).for_each(|_| _ = script.send_group(0));
        script.0.skipped(2);
        assert!(script.answer(RoundTrip::ready).is_some());
        // Nor after those that it ignores because it reads the data of a `COPY`.
        script.send_group(0);
        assert!(script.answer(|round_trip, passage| round_trip.asked_for_data(passage, 1)).is_some());
        assert!(script.send_group(0));
        assert!(script.answer(RoundTrip::ready).is_some());
    }

    #[test]
    fn only_the_first_statement_of_a_round_trip_has_delays() {
        let mut script = Script::new();
        let delays = |script: &mut Script| {
            let passage = script.passage(3);
            let (to_server, from_server) = script.0.delays(passage);
            (to_server.as_millis(), from_server.as_millis())
        };
        script.send_group(1);
        assert_eq!(delays(&mut script), (1, 3));
        assert_eq!(delays(&mut script), (0, 0));
        assert!(script.answer(RoundTrip::ready).is_some());
        script.send_group(5);
        assert_eq!(delays(&mut script), (5, 3));
    }
}
