//! The beginning, the rows and the end of a statement.

use std::sync::Arc;
use std::time::Duration;

use fallible_iterator::FallibleIterator as _;
use postgres_protocol::message::backend::DataRowBody;

use super::{Conversation, Emit, Running, end_round_trip};
use crate::protocol::event::{Began, Ended, Event};
use crate::protocol::expected::Expected;
use crate::protocol::request::format;
use crate::proxy::Passage;
use crate::sql::{Content, Sql};
use crate::value::Value;

impl Conversation {
    /// Emits that the first expected statement has begun, if it is new.
    pub(super) fn begin(&mut self, emit: Emit<'_>) {
        if std::mem::replace(&mut self.running.has_begun, true) {
            return;
        }
        if let Some(statements) = self.expected.statements()
            && statements.is_empty()
        {
            statements.push_back(Sql::unread());
        }
        match self.expected.front() {
            Some(Expected::Execute { portal, sent }) => {
                let Some(portal) = self.portals.get_mut(portal) else { return emit(Event::NotUnderstood) };
                emit(Event::Began(Began {
                    sql: &portal.prepared.sql,
                    values: &portal.values,
                    identity: portal.identity,
                    sent: sent.arrived,
                    is_first: !std::mem::replace(&mut portal.has_begun, true),
                }));
            }
            Some(Expected::Query { statements, sent, .. }) => {
                let Some(sql) = statements.front() else { return };
                let values: Vec<_> = sql.places.iter().map(|place| written(place.content)).collect();
                let (identity, sent) = (sql.identity, sent.arrived);
                emit(Event::Began(Began { sql, values: &values, identity, sent, is_first: true }));
            }
            _ => {}
        }
    }

    /// Emits a row. It has no values if it is too long.
    pub(super) fn row(&mut self, row: Option<&DataRowBody>, passage: Passage, emit: Emit<'_>) {
        self.begin(emit);
        self.running.rows += 1;
        let (columns, formats) = match self.expected.front() {
            Some(Expected::Execute { portal, .. }) => match self.portals.get(portal) {
                Some(portal) => (&portal.prepared.columns, &portal.formats),
                None => return,
            },
            Some(Expected::Query { .. }) => (&self.running.columns, &self.running.columns.formats),
            _ => return,
        };
        self.hashes.clear();
        if let Some(row) = row {
            let mut ranges = row.ranges();
            while let Ok(Some(range)) = ranges.next() {
                let number = self.hashes.len();
                let Some(type_number) = columns.types.get(number) else { break };
                let bytes = range.and_then(|range| row.buffer().get(range));
                let value = bytes.and_then(|bytes| match format(formats, number) {
                    0 => Value::of_text(bytes),
                    _ => Value::of_binary(*type_number, bytes),
                });
                self.hashes.push(value.map_or(0, |value| value.hash));
            }
        }
        self.hashes.resize(columns.names.len(), 0);
        emit(Event::Row { columns: &columns.names, hashes: &self.hashes, at: passage.left });
    }

    /// Emits the end of the first expected statement, or of a portion of its rows.
    pub(super) fn end(&mut self, is_failed: bool, passage: Passage, emit: Emit<'_>) {
        let sent = match self.expected.front() {
            Some(Expected::Execute { sent, .. } | Expected::Query { sent, .. }) => *sent,
            _ => return,
        };
        self.begin(emit);
        let (to_server, from_server) = self.round_trip.delays(passage);
        let began = self.last_end.map_or(sent.left, |last| last.max(sent.left));
        let server = passage.arrived.saturating_duration_since(began);
        emit(Event::Ended(Ended {
            is_failed,
            rows: self.running.rows,
            sent: sent.arrived,
            to_server,
            server,
            from_server,
        }));
        self.last_end = Some(passage.arrived);
        self.running = Running::default();
        match self.expected.statements() {
            Some(statements) => {
                statements.pop_front();
            }
            None => {
                self.expected.pop();
            }
        }
    }

    /// The server has refused the first expected request, and skips the others of its group.
    pub(super) fn fail(&mut self, passage: Passage, emit: Emit<'_>) {
        let refused = match self.expected.front() {
            Some(Expected::Query { .. } | Expected::Execute { .. }) => {
                self.end(true, passage, emit);
                None
            }
            Some(Expected::Parse { prepared, .. }) => Some(Arc::clone(&prepared.sql)),
            Some(Expected::Bind { prepared, .. }) => {
                self.prepared.get(prepared).map(|one| Arc::clone(&one.sql))
            }
            _ => None,
        };
        if let Some(sql) = refused {
            let (sql, sent, zero) = (&*sql, passage.arrived, Duration::ZERO);
            emit(Event::Began(Began { sql, values: &[], identity: sql.identity, sent, is_first: true }));
            emit(Event::Ended(Ended {
                is_failed: true,
                rows: 0,
                sent,
                to_server: zero,
                server: zero,
                from_server: zero,
            }));
        }
        self.running = Running::default();
        self.is_copying = false;
        match self.expected.front() {
            Some(Expected::Query { .. }) => {
                if let Some(statements) = self.expected.statements() {
                    statements.clear();
                }
            }
            Some(Expected::FunctionCall) => {}
            _ => {
                let (groups, has_sync) = self.expected.skip();
                self.round_trip.skipped(groups);
                self.is_skipping = self.is_open && !has_sync;
            }
        }
        end_round_trip(self.round_trip.failed(passage), emit);
    }
}

/// Returns the value that is written in a text.
fn written(content: Content) -> Option<Value> {
    match content {
        Content::Written(value) => Some(value),
        _ => None,
    }
}
