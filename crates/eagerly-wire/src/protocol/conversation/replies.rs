//! What each reply of the server changes.

use std::collections::HashMap;
use std::sync::Arc;

use fallible_iterator::FallibleIterator as _;
use postgres_protocol::message::backend::{self, RowDescriptionBody};

use super::{Conversation, Emit, MOST_COLUMNS, MOST_VALUES, Portal, Running, end_round_trip};
use crate::protocol::event::Event;
use crate::protocol::expected::{Columns, Expected};
use crate::protocol::request::{Bound, Name, Target};
use crate::proxy::Passage;
use crate::sql::Content;
use crate::value::{TypeNumber, Value};

/// The most names of prepared texts, and of portals.
pub(super) const MOST_NAMES: usize = 10_000;

/// The type of a value whose client tells none.
const TEXT: TypeNumber = 25;

impl Conversation {
    pub(super) fn reply(&mut self, message: backend::Message, passage: Passage, emit: Emit<'_>) {
        use backend::Message;
        match message {
            Message::ParameterStatus(body) => {
                if let (Ok("application_name"), Ok(value)) = (body.name(), body.value()) {
                    emit(Event::Application(value));
                }
                return;
            }
            Message::NoticeResponse(_) | Message::NotificationResponse(_) => return,
            Message::ReadyForQuery(body) => return self.ready(body.status(), passage, emit),
            _ if !self.is_open => return,
            Message::ParseComplete => {
                if let Some(Expected::Parse { name, prepared }) = self.expected.pop() {
                    insert(&mut self.prepared, name, prepared);
                }
            }
            Message::BindComplete => {
                if let Some(Expected::Bind { portal, prepared, values, identity, formats }) =
                    self.expected.pop()
                {
                    self.bind(portal, prepared, &values, identity, formats);
                }
            }
            Message::CloseComplete => match self.expected.pop() {
                Some(Expected::Close(Target::Prepared(name))) => {
                    self.prepared.remove(&name);
                }
                Some(Expected::Close(Target::Portal(name))) => {
                    self.portals.remove(&name);
                }
                _ => {}
            },
            Message::ParameterDescription(body) => {
                let types: Option<Vec<_>> = body.parameters().take(MOST_VALUES).collect().ok();
                if let (Some(Expected::Describe(Target::Prepared(name))), Some(types)) =
                    (self.expected.front(), types)
                    && let Some(prepared) = self.prepared.get_mut(name)
                {
                    prepared.types = types.into();
                }
            }
            Message::RowDescription(body) => self.columns(&body),
            Message::NoData => {
                self.expected.pop();
            }
            Message::DataRow(row) => self.row(Some(&row), passage, emit),
            Message::CommandComplete(_) | Message::PortalSuspended => self.end(false, passage, emit),
            // An empty text has no statement.
            Message::EmptyQueryResponse => {
                if let Some(Expected::Execute { .. }) = self.expected.front() {
                    self.expected.pop();
                }
                self.last_end = Some(passage.arrived);
            }
            Message::ErrorResponse(_) => return self.fail(passage, emit),
            Message::CopyInResponse(_) => {
                let ignored = match self.expected.front() {
                    Some(Expected::Execute { .. }) => self.expected.remove_syncs(),
                    _ => 0,
                };
                self.is_copying = true;
                end_round_trip(self.round_trip.asked_for_data(passage, ignored), emit);
            }
            // Bytes of `COPY`.
            _ => {}
        }
        end_round_trip(self.round_trip.replied(passage), emit);
    }

    pub(super) fn bind(
        &mut self,
        portal: Name,
        prepared: Name,
        bound: &[Bound],
        identity: u64,
        formats: Vec<i16>,
    ) {
        let Some(prepared) = self.prepared.get(&prepared) else { return };
        let place = |content: Content| match content {
            Content::Written(value) => Some(value),
            Content::Other => None,
            Content::Parameter(number) => {
                let number = usize::from(number).checked_sub(1)?;
                match bound.get(number)? {
                    Bound::Nothing => None,
                    Bound::Text(value) => *value,
                    Bound::Binary(bytes) => {
                        // A client that tells no type sends most values as text.
                        let type_number = prepared.types.get(number).copied().filter(|known| *known != 0);
                        Value::of_binary(type_number.unwrap_or(TEXT), bytes)
                    }
                }
            }
        };
        let values = prepared.sql.places.iter().map(|one| place(one.content)).collect();
        let identity = identity ^ prepared.sql.identity;
        let bound = Portal { prepared: prepared.clone(), values, identity, formats, has_begun: false };
        insert(&mut self.portals, portal, bound);
    }

    /// Keeps the columns that a reply describes, where the rows will look for them.
    pub(super) fn columns(&mut self, body: &RowDescriptionBody) {
        let mut columns = Columns::default();
        let mut fields = body.fields().take(MOST_COLUMNS);
        while let Ok(Some(field)) = fields.next() {
            columns.names.push(field.name().to_owned());
            columns.types.push(field.type_oid());
            columns.formats.push(field.format());
        }
        let columns = Arc::new(columns);
        match self.expected.front() {
            Some(Expected::Describe(Target::Prepared(name))) => {
                if let Some(prepared) = self.prepared.get_mut(name) {
                    prepared.columns = columns;
                }
                self.expected.pop();
            }
            Some(Expected::Describe(Target::Portal(name))) => {
                if let Some(portal) = self.portals.get_mut(name) {
                    portal.prepared.columns = columns;
                }
                self.expected.pop();
            }
            _ => self.running.columns = columns,
        }
    }

    pub(super) fn ready(&mut self, status: u8, passage: Passage, emit: Emit<'_>) {
        // The first one ends the sign-on.
        if std::mem::replace(&mut self.is_open, true) {
            self.expected.pop_group();
            self.running = Running::default();
            self.is_copying = false;
            end_round_trip(self.round_trip.ready(passage), emit);
        }
        let (is_in_transaction, is_awaited) = (status != b'I', self.round_trip.is_open());
        emit(Event::Ready { is_in_transaction, is_awaited, at: passage.arrived });
    }
}

/// Adds a name. A client that never closes its names loses all of them at some time, and only its next statements are
/// unknown.
pub(super) fn insert<T>(names: &mut HashMap<Name, T>, name: Name, value: T) {
    if names.len() >= MOST_NAMES {
        names.clear();
    }
    names.insert(name, value);
}
