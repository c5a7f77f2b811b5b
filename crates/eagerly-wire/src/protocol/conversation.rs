//! Finds the request that each reply belongs to.
//!
//! A server replies in the order of the requests. So the requests wait in a queue, and each reply belongs to the first one.
//! A client can send many requests before it reads the first reply. After an error, the server skips the requests up to the
//! next `Sync`, and so does the queue.
//!
//! A *round trip* begins when the client sends a message and awaits no reply. It ends when all replies have come. So
//! requests that are sent together share a round trip.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::message::backend::{self, DataRowBody, RowDescriptionBody};

use super::event::{Began, Ended, Event};
use super::expected::{Columns, Expected, Prepared, Queue};
use super::frames::{Frame, Frames};
use super::request::{Bound, Name, Request, Target, format};
use super::round_trip::{RoundTrip, Times};
use crate::proxy::Passage;
use crate::sql::{Content, Sql};
use crate::value::{TypeNumber, Value};

/// The most names of prepared texts, and of portals.
const MOST_NAMES: usize = 10_000;

/// The most values of one request that are kept. Only the first places of a shape are compared.
const MOST_VALUES: usize = 256;

/// The most columns of a row whose values are kept.
const MOST_COLUMNS: usize = 64;

/// A prepared text with values.
struct Portal {
    prepared: Prepared,
    values: Vec<Option<Value>>,
    identity: u64,
    formats: Vec<i16>,
    has_begun: bool,
}

/// The statement that runs.
#[derive(Default)]
struct Running {
    has_begun: bool,
    rows: u64,
    /// The columns of a statement of the simple way.
    columns: Arc<Columns>,
}

/// One connection.
pub(crate) struct Conversation {
    client: Frames,
    server: Frames,
    expected: Queue,
    prepared: HashMap<Name, Prepared>,
    portals: HashMap<Name, Portal>,
    running: Running,
    /// Whether the server skips all requests up to the next `Sync`.
    is_skipping: bool,
    /// Whether the server reads the data of a `COPY`, and ignores each `Sync`.
    is_copying: bool,
    /// Whether the client has signed on.
    is_open: bool,
    /// Whether the bytes have another meaning from here on, for example those of a cancelling connection.
    is_blind: bool,
    round_trip: RoundTrip,
    /// When the last statement ended.
    last_end: Option<Instant>,
    hashes: Vec<u64>,
}

type Emit<'f> = &'f mut dyn FnMut(Event<'_>);

impl Conversation {
    pub(crate) fn new() -> Self {
        Self {
            client: Frames::of_client(),
            server: Frames::of_server(),
            expected: Queue::default(),
            prepared: HashMap::new(),
            portals: HashMap::new(),
            running: Running::default(),
            is_skipping: false,
            is_copying: false,
            is_open: false,
            is_blind: false,
            round_trip: RoundTrip::default(),
            last_end: None,
            hashes: Vec::new(),
        }
    }

    /// Reads bytes of the client. Call it before the bytes go on, so that the reply cannot come first.
    pub(crate) fn client(&mut self, bytes: &[u8], passage: Passage, emit: Emit<'_>) {
        if self.is_blind {
            return;
        }
        self.client.push(bytes);
        while let Some(frame) = self.client.next() {
            match Request::of(&frame) {
                Some(request) => self.request(request, passage, emit),
                None => emit(Event::NotUnderstood),
            }
        }
        self.give_up_if_lost(emit);
    }

    /// Reads bytes of the server.
    pub(crate) fn server(&mut self, bytes: &[u8], passage: Passage, emit: Emit<'_>) {
        if self.is_blind {
            return;
        }
        self.server.push(bytes);
        while let Some(frame) = self.server.next() {
            let kind = frame.kind;
            match (message(frame), kind) {
                (Some(message), _) => self.reply(message, passage, emit),
                // These can be too long to be read: a row, an error, a notice, and the data of a `COPY`.
                (None, backend::DATA_ROW_TAG) => self.row(None, passage, emit),
                (None, backend::ERROR_RESPONSE_TAG) => self.fail(passage, emit),
                (None, backend::NOTICE_RESPONSE_TAG | backend::COPY_DATA_TAG) => {}
                (None, _) => emit(Event::NotUnderstood),
            }
        }
        self.give_up_if_lost(emit);
    }

    fn give_up_if_lost(&mut self, emit: Emit<'_>) {
        let is_broken = self.client.is_broken() || self.server.is_broken();
        if is_broken || self.expected.is_too_long() {
            emit(Event::NotUnderstood);
            *self = Self { is_blind: true, ..Self::new() };
        }
    }

    fn request(&mut self, request: Request, passage: Passage, emit: Emit<'_>) {
        if self.is_open && !matches!(request, Request::End) && self.round_trip.sent(passage) {
            emit(Event::RoundTripBegan { at: passage.arrived });
        }
        let expected = match request {
            Request::Startup { application } => {
                if let Some(application) = application {
                    emit(Event::Application(&application));
                }
                return;
            }
            Request::Cancel => {
                self.is_blind = true;
                return;
            }
            Request::CopyEnd => {
                self.is_copying = false;
                return;
            }
            Request::Other | Request::End => return,
            Request::Sync | Request::Flush if self.is_copying => return,
            Request::Flush => {
                self.round_trip.flush_sent();
                return;
            }
            Request::Sync => {
                self.round_trip.group_sent();
                self.is_skipping = false;
                Expected::Sync
            }
            _ if self.is_skipping => return,
            Request::Query { text } => {
                self.round_trip.group_sent();
                Expected::query(&text, passage)
            }
            Request::FunctionCall => {
                self.round_trip.group_sent();
                Expected::FunctionCall
            }
            Request::Parse { name, text, types } => {
                let sql = Arc::new(Sql::of(&text));
                Expected::Parse {
                    name,
                    prepared: Prepared { sql, types: types.into(), columns: Arc::default() },
                }
            }
            Request::Bind { portal, prepared, mut values, identity, formats } => {
                values.truncate(MOST_VALUES);
                Expected::Bind { portal, prepared, values, identity, formats }
            }
            Request::Describe(target) => Expected::Describe(target),
            Request::Close(target) => Expected::Close(target),
            Request::Execute { portal } => Expected::Execute { portal, sent: passage },
        };
        self.expected.push(expected);
    }

    fn reply(&mut self, message: backend::Message, passage: Passage, emit: Emit<'_>) {
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

    fn bind(&mut self, portal: Name, prepared: Name, bound: &[Bound], identity: u64, formats: Vec<i16>) {
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
    fn columns(&mut self, body: &RowDescriptionBody) {
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

    /// Emits that the first expected statement has begun, if it is new.
    fn begin(&mut self, emit: Emit<'_>) {
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
    fn row(&mut self, row: Option<&DataRowBody>, passage: Passage, emit: Emit<'_>) {
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
    fn end(&mut self, is_failed: bool, passage: Passage, emit: Emit<'_>) {
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
    fn fail(&mut self, passage: Passage, emit: Emit<'_>) {
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

    fn ready(&mut self, status: u8, passage: Passage, emit: Emit<'_>) {
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

fn end_round_trip(times: Option<Times>, emit: Emit<'_>) {
    if let Some(Times { wire, server }) = times {
        emit(Event::RoundTripEnded { wire, server });
    }
}

/// The type of a value whose client tells none.
const TEXT: TypeNumber = 25;

/// Reads a message of the server. Returns `None` if the library does not know it, or if it is too long.
fn message(frame: Frame) -> Option<backend::Message> {
    let mut bytes: BytesMut = frame.bytes;
    if !frame.is_whole {
        return None;
    }
    backend::Message::parse(&mut bytes).ok().flatten()
}

/// Returns the value that is written in a text.
fn written(content: Content) -> Option<Value> {
    match content {
        Content::Written(value) => Some(value),
        _ => None,
    }
}

/// Adds a name. A client that never closes its names loses all of them at some time, and only its next statements are
/// unknown.
fn insert<T>(names: &mut HashMap<Name, T>, name: Name, value: T) {
    if names.len() >= MOST_NAMES {
        names.clear();
    }
    names.insert(name, value);
}
