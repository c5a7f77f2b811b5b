//! The requests whose replies have not come yet.

use std::collections::VecDeque;
use std::sync::Arc;

use super::request::{Bound, Name, Target};
use crate::proxy::Passage;
use crate::sql::Sql;
use crate::value::TypeNumber;

/// The most memory that expected requests take, in bytes. No client is known to need as much.
const MOST: usize = 64 * 1024 * 1024;

/// A request whose reply has not come yet.
pub(super) enum Expected {
    Parse { name: Name, prepared: Prepared },
    Bind { portal: Name, prepared: Name, values: Vec<Bound>, identity: u64, formats: Vec<i16> },
    Describe(Target),
    Close(Target),
    Execute { portal: Name, sent: Passage },
    Query { statements: VecDeque<Sql>, weight: usize, sent: Passage },
    FunctionCall,
    Sync,
}

/// A prepared text.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) sql: Arc<Sql>,
    pub(super) types: Arc<[TypeNumber]>,
    pub(super) columns: Arc<Columns>,
}

/// The columns of a result.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) types: Vec<TypeNumber>,
    pub(super) formats: Vec<i16>,
}

impl Expected {
    /// Returns the request for a text that contains any number of statements.
    pub(super) fn query(text: &str, sent: Passage) -> Self {
        let statements: VecDeque<_> = Sql::all_of(text).into();
        let weight = statements.iter().map(Sql::weight).sum();
        Self::Query { statements, weight, sent }
    }

    /// Returns whether `ReadyForQuery` is the last reply to this request.
    fn ends_group(&self) -> bool {
        matches!(self, Self::Sync | Self::Query { .. } | Self::FunctionCall)
    }

    /// Returns about how many bytes of memory the request takes.
    fn weight(&self) -> usize {
        let content = match self {
            Self::Parse { prepared, .. } => prepared.sql.weight() + size_of_val(&*prepared.types),
            // A binary value is at most as large again.
            Self::Bind { values, formats, .. } => 2 * size_of_val(&**values) + size_of_val(&**formats),
            Self::Query { weight, .. } => *weight,
            _ => 0,
        };
        size_of::<Self>() + content
    }
}

/// The expected requests, in the order in which they were sent.
#[derive(Default)]
pub(super) struct Queue {
    requests: VecDeque<Expected>,
    weight: usize,
}

impl Queue {
    pub(super) fn push(&mut self, request: Expected) {
        self.weight += request.weight();
        self.requests.push_back(request);
    }

    pub(super) fn front(&self) -> Option<&Expected> {
        self.requests.front()
    }

    pub(super) fn pop(&mut self) -> Option<Expected> {
        let first = self.requests.pop_front()?;
        self.weight -= first.weight();
        Some(first)
    }

    /// Returns the statements of the first request, if it is a simple query.
    pub(super) fn statements(&mut self) -> Option<&mut VecDeque<Sql>> {
        match self.requests.front_mut() {
            Some(Expected::Query { statements, .. }) => Some(statements),
            _ => None,
        }
    }

    /// Removes the first group.
    pub(super) fn pop_group(&mut self) {
        while let Some(first) = self.pop()
            && !first.ends_group()
        {}
    }

    /// Removes the requests before the next `Sync`. Returns how many groups are removed with them, and whether there is a
    /// `Sync`.
    pub(super) fn skip(&mut self) -> (u32, bool) {
        let mut groups = 0;
        while let Some(first) = self.front() {
            if matches!(first, Expected::Sync) {
                return (groups, true);
            }
            groups += u32::from(first.ends_group());
            self.pop();
        }
        (groups, false)
    }

    /// Removes each `Sync` after the first request. Returns how many there were.
    pub(super) fn remove_syncs(&mut self) -> u32 {
        let mut removed = 0;
        while let Some(Expected::Sync) = self.requests.get(1) {
            self.requests.remove(1);
            self.weight -= Expected::Sync.weight();
            removed += 1;
        }
        removed
    }

    /// Returns whether the requests take more memory than they may.
    pub(super) fn is_too_long(&self) -> bool {
        self.weight > MOST
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::value::Value;

    fn passage() -> Passage {
        let now = Instant::now();
        Passage { arrived: now, left: now }
    }

    fn parse(text: &str) -> Expected {
        let prepared =
            Prepared { sql: Arc::new(Sql::of(text)), types: vec![20; 4].into(), columns: Arc::default() };
        Expected::Parse { name: 1, prepared }
    }

    fn bind(values: Vec<Bound>) -> Expected {
        Expected::Bind { portal: 1, prepared: 1, values, identity: 0, formats: vec![1; 3] }
    }

    fn execute() -> Expected {
        Expected::Execute { portal: 1, sent: passage() }
    }

    fn queue(requests: impl IntoIterator<Item = Expected>) -> Queue {
        let mut queue = Queue::default();
        requests.into_iter().for_each(|request| queue.push(request));
        queue
    }

    #[test]
    fn a_request_weighs_what_it_has_in_memory() {
        let empty = size_of::<Expected>();
        assert_eq!(execute().weight(), empty);
        let sql = Sql::of("SELECT 1");
        // Four types of four bytes.
        assert_eq!(parse("SELECT 1").weight(), empty + sql.weight() + 16);
        // Three formats of two bytes.
        let value = Bound::Text(Value::of_text(b"17"));
        assert_eq!(bind(vec![value; 5]).weight(), empty + 2 * 5 * size_of::<Bound>() + 6);
        let query = Expected::query("SELECT 1; SELECT 1", passage());
        assert_eq!(query.weight(), empty + 2 * sql.weight());
    }

    #[test]
    fn a_queue_weighs_what_its_requests_weigh_also_after_some_are_removed() {
        let full =
            || queue([parse("SELECT 1"), bind(vec![]), execute(), Expected::Sync, Expected::Sync, execute()]);
        let weighs = |queue: &Queue| queue.requests.iter().map(Expected::weight).sum::<usize>();
        let mut each = [full(), full(), full(), full()];
        each[0].pop();
        each[1].pop_group();
        each[2].skip();
        each[3].pop();
        each[3].pop();
        assert_eq!(each[3].remove_syncs(), 2);
        assert_eq!(each.each_ref().map(|queue| queue.requests.len()), [5, 2, 3, 2]);
        for queue in &each {
            assert_eq!(queue.weight, weighs(queue));
        }
    }

    #[test]
    fn an_error_skips_the_requests_before_the_next_sync_and_counts_the_groups() {
        let query = || Expected::query("SELECT 1", passage());
        let mut all = queue([execute(), query(), Expected::FunctionCall, Expected::Sync, execute()]);
        assert_eq!(all.skip(), (2, true));
        assert!(matches!(all.front(), Some(Expected::Sync)));
        // A `Sync` that is already the first stays.
        assert_eq!(all.skip(), (0, true));
        all.pop();
        assert_eq!(all.skip(), (0, false));
        assert!(all.front().is_none());
    }

    #[test]
    fn only_the_syncs_directly_after_the_first_request_are_removed() {
        let mut all = queue([execute(), Expected::Sync, Expected::Sync, execute(), Expected::Sync]);
        assert_eq!((all.remove_syncs(), all.requests.len()), (2, 3));
        assert_eq!(all.remove_syncs(), 0);
    }

    #[test]
    fn a_queue_is_too_long_beyond_64_mib() {
        let mut queue = Queue { weight: 64 * 1024 * 1024 - size_of::<Expected>(), ..Queue::default() };
        queue.push(Expected::Sync);
        assert!(!queue.is_too_long());
        queue.push(Expected::Sync);
        assert!(queue.is_too_long());
    }
}
