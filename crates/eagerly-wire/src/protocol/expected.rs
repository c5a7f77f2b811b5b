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
