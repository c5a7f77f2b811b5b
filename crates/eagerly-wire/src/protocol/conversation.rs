//! Finds the request that each reply belongs to.
//!
//! A server replies in the order of the requests. So the requests wait in a queue, and each reply belongs to the first one.
//! A client can send many requests before it reads the first reply. After an error, the server skips the requests up to the
//! next `Sync`, and so does the queue.
//!
//! A *round trip* begins when the client sends a message and awaits no reply. It ends when all replies have come. So
//! requests that are sent together share a round trip.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::message::backend::{self, DataRowBody, RowDescriptionBody};

use super::frames::{Frame, Frames};
use super::request::{Bound, Name, Request, Target, format};
use super::value::{TypeNumber, Value};
use crate::proxy::Passage;
use crate::sql::{Content, Sql};

/// The most requests, values of requests, and names that a conversation holds. No client is known to need as many. Beyond
/// it, the conversation is no longer followed, or forgets its names.
const MOST: usize = 200_000;

/// The most names of prepared texts, and of portals.
const MOST_NAMES: usize = 10_000;

/// The most values of one request that are kept. Only the first places of a shape are compared.
const MOST_VALUES: usize = 256;

/// The most columns of a row whose values are kept.
const MOST_COLUMNS: usize = 64;

/// What happens on a connection.
pub(crate) enum Event<'e> {
    /// The application has this name now.
    Application(&'e str),
    /// The client sends something, and awaits no other reply.
    RoundTripBegan { at: Instant },
    /// All replies have come. `wire` is the time that the proxy delayed the bytes, and `server` the time between.
    RoundTripEnded { wire: Duration, server: Duration },
    /// The server has begun a statement, or goes on with it.
    Began(Began<'e>),
    /// The statement has returned a row. The hashes are those of its values, and 0 for what is no value.
    Row { columns: &'e [String], hashes: &'e [u64], at: Instant },
    /// The statement has ended, or its portion of rows.
    Ended(Ended),
    /// The server waits for the next statement.
    Ready { is_in_transaction: bool, at: Instant },
    /// A message passed that has no meaning here.
    NotUnderstood,
}

/// The beginning of a statement.
#[derive(Clone, Copy)]
pub(crate) struct Began<'e> {
    pub(crate) sql: &'e Sql,
    /// The values in the places of the shape.
    pub(crate) values: &'e [Option<Value>],
    /// A hash of all values. Two statements of one shape with the same hash are the same statement.
    pub(crate) identity: u64,
    /// When the request reached the proxy.
    pub(crate) sent: Instant,
    /// False if the client reads the next rows of a result.
    pub(crate) is_first: bool,
}

/// The end of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) is_failed: bool,
    pub(crate) rows: u64,
    /// When the request reached the proxy.
    pub(crate) sent: Instant,
    /// How long the request was delayed. Of statements that share a round trip, only the first has delays.
    pub(crate) to_server: Duration,
    /// How long the end of the reply was delayed.
    pub(crate) from_server: Duration,
    /// How long the server took.
    pub(crate) server: Duration,
}

/// A prepared text.
#[derive(Clone)]
struct Prepared {
    sql: Arc<Sql>,
    types: Arc<[TypeNumber]>,
    columns: Arc<Columns>,
}

/// A prepared text with values.
struct Portal {
    prepared: Prepared,
    values: Vec<Option<Value>>,
    identity: u64,
    formats: Vec<i16>,
    has_begun: bool,
}

/// The columns of a result.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    types: Vec<TypeNumber>,
    formats: Vec<i16>,
}

/// A request whose reply has not come yet.
enum Expected {
    Parse { name: Name, prepared: Prepared },
    Bind { portal: Name, prepared: Name, bound: Values, formats: Vec<i16> },
    Describe(Target),
    Close(Target),
    Execute { portal: Name, sent: Passage },
    Query { statements: VecDeque<Sql>, sent: Passage },
    FunctionCall,
    Sync,
}

impl Expected {
    /// Returns whether `ReadyForQuery` is the last reply to this request.
    fn ends_group(&self) -> bool {
        matches!(self, Self::Sync | Self::Query { .. } | Self::FunctionCall)
    }
}

/// The values of a request.
struct Values {
    all: Vec<Bound>,
    identity: u64,
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
    expected: VecDeque<Expected>,
    /// How many values the expected requests hold.
    held: usize,
    prepared: HashMap<Name, Prepared>,
    portals: HashMap<Name, Portal>,
    running: Running,
    /// Whether the server skips all requests up to the next `Sync`.
    is_skipping: bool,
    /// Whether the client has signed on.
    is_open: bool,
    /// Whether the bytes have another meaning from here on, for example those of a cancelling connection.
    is_blind: bool,
    round_trip: RoundTrip,
    /// When the last statement ended.
    last_end: Option<Instant>,
    hashes: Vec<u64>,
}

/// The current round trip.
#[derive(Default)]
struct RoundTrip {
    /// The first request. `None` if the client awaits no reply.
    first: Option<Passage>,
    /// How many groups of requests have no reply yet.
    groups: u32,
    /// Whether the client has asked for replies before the end of the group.
    is_flushed: bool,
    /// Whether a statement has ended in this round trip.
    has_ended_one: bool,
}

type Emit<'f> = &'f mut dyn FnMut(Event<'_>);

impl Conversation {
    pub(crate) fn new() -> Self {
        Self {
            client: Frames::of_client(),
            server: Frames::of_server(),
            expected: VecDeque::new(),
            held: 0,
            prepared: HashMap::new(),
            portals: HashMap::new(),
            running: Running::default(),
            is_skipping: false,
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
            let is_row = frame.kind == backend::DATA_ROW_TAG;
            match message(frame) {
                Some(message) => self.reply(message, passage, emit),
                // A long row.
                None if is_row => self.row(None, passage, emit),
                None => emit(Event::NotUnderstood),
            }
        }
        self.give_up_if_lost(emit);
    }

    fn give_up_if_lost(&mut self, emit: Emit<'_>) {
        let is_broken = self.client.is_broken() || self.server.is_broken();
        if is_broken || self.expected.len() + self.held > MOST {
            emit(Event::NotUnderstood);
            *self = Self { is_blind: true, ..Self::new() };
        }
    }

    fn request(&mut self, request: Request, passage: Passage, emit: Emit<'_>) {
        if self.is_open
            && !matches!(request, Request::Other { ends: true })
            && self.round_trip.first.is_none()
        {
            self.round_trip.first = Some(passage);
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
            Request::Other { .. } => return,
            Request::Flush => {
                self.round_trip.is_flushed = true;
                return;
            }
            Request::Sync => {
                self.round_trip.groups += 1;
                self.is_skipping = false;
                Expected::Sync
            }
            Request::Query { text } => {
                self.round_trip.groups += 1;
                Expected::Query { statements: Sql::all_of(&text).into(), sent: passage }
            }
            Request::FunctionCall => {
                self.round_trip.groups += 1;
                Expected::FunctionCall
            }
            _ if self.is_skipping => return,
            Request::Parse { name, text, types } => {
                let sql = Arc::new(Sql::of(&text));
                Expected::Parse {
                    name,
                    prepared: Prepared { sql, types: types.into(), columns: Arc::default() },
                }
            }
            Request::Bind { portal, prepared, mut values, identity, formats } => {
                values.truncate(MOST_VALUES);
                self.held += values.len();
                Expected::Bind { portal, prepared, bound: Values { all: values, identity }, formats }
            }
            Request::Describe(target) => Expected::Describe(target),
            Request::Close(target) => Expected::Close(target),
            Request::Execute { portal } => Expected::Execute { portal, sent: passage },
        };
        self.expected.push_back(expected);
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
                if let Some(Expected::Parse { name, prepared }) = self.take() {
                    insert(&mut self.prepared, name, prepared);
                }
            }
            Message::BindComplete => {
                if let Some(Expected::Bind { portal, prepared, bound, formats }) = self.take() {
                    self.bind(portal, &prepared, &bound, formats);
                }
            }
            Message::CloseComplete => match self.take() {
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
                self.take();
            }
            Message::DataRow(row) => self.row(Some(&row), passage, emit),
            Message::CommandComplete(_) | Message::EmptyQueryResponse | Message::PortalSuspended => {
                self.end(false, passage, emit);
            }
            Message::ErrorResponse(_) => self.fail(passage, emit),
            Message::CopyInResponse(_) => self.end_round_trip(passage, emit),
            // Bytes of `COPY`.
            _ => {}
        }
        if self.round_trip.groups == 0 && self.round_trip.is_flushed {
            self.end_round_trip(passage, emit);
        }
    }

    /// Removes the first expected request.
    fn take(&mut self) -> Option<Expected> {
        let first = self.expected.pop_front();
        if let Some(Expected::Bind { bound, .. }) = &first {
            self.held -= bound.all.len();
        }
        first
    }

    fn bind(&mut self, portal: Name, prepared: &[u8], bound: &Values, formats: Vec<i16>) {
        let Some(prepared) = self.prepared.get(prepared) else { return };
        let place = |content: Content| match content {
            Content::Written(value) => Some(value),
            Content::Other => None,
            Content::Parameter(number) => {
                let number = usize::from(number).checked_sub(1)?;
                match bound.all.get(number)? {
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
        let identity = bound.identity ^ prepared.sql.identity;
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
                self.expected.pop_front();
            }
            Some(Expected::Describe(Target::Portal(name))) => {
                if let Some(portal) = self.portals.get_mut(name) {
                    portal.prepared.columns = columns;
                }
                self.expected.pop_front();
            }
            _ => self.running.columns = columns,
        }
    }

    /// Emits that the first expected statement has begun, if it is new.
    fn begin(&mut self, emit: Emit<'_>) {
        if std::mem::replace(&mut self.running.has_begun, true) {
            return;
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
            Some(Expected::Query { statements, sent }) => {
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
        // An empty text has no statement.
        if !matches!(self.expected.front(), Some(Expected::Query { statements, .. }) if statements.is_empty())
        {
            self.begin(emit);
            let (mut to_server, mut from_server) = (Duration::ZERO, Duration::ZERO);
            if !std::mem::replace(&mut self.round_trip.has_ended_one, true) {
                to_server = self.round_trip.first.map_or(Duration::ZERO, delay);
                from_server = delay(passage);
            }
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
        }
        self.last_end = Some(passage.arrived);
        self.running = Running::default();
        match self.expected.front_mut() {
            Some(Expected::Query { statements, .. }) => {
                statements.pop_front();
            }
            _ => {
                self.take();
            }
        }
    }

    /// The server has refused the first expected request, and skips the others of its group.
    fn fail(&mut self, passage: Passage, emit: Emit<'_>) {
        match self.expected.front() {
            Some(Expected::Query { .. } | Expected::Execute { .. }) => self.end(true, passage, emit),
            Some(Expected::Parse { prepared, .. }) => {
                let (sql, sent, zero) = (&prepared.sql, passage.arrived, Duration::ZERO);
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
            _ => {}
        }
        self.running = Running::default();
        if let Some(Expected::Query { statements, .. }) = self.expected.front_mut() {
            statements.clear();
            return;
        }
        while let Some(first) = self.expected.front() {
            if first.ends_group() {
                return;
            }
            self.take();
        }
        self.is_skipping = self.is_open;
    }

    fn ready(&mut self, status: u8, passage: Passage, emit: Emit<'_>) {
        // The first one ends the sign-on.
        if std::mem::replace(&mut self.is_open, true) {
            while let Some(first) = self.take() {
                if first.ends_group() {
                    break;
                }
            }
            self.running = Running::default();
            self.round_trip.groups = self.round_trip.groups.saturating_sub(1);
            if self.round_trip.groups == 0 {
                self.end_round_trip(passage, emit);
            }
        }
        emit(Event::Ready { is_in_transaction: status != b'I', at: passage.arrived });
    }

    fn end_round_trip(&mut self, passage: Passage, emit: Emit<'_>) {
        let Some(first) = self.round_trip.first.take() else { return };
        self.round_trip.is_flushed = false;
        self.round_trip.has_ended_one = false;
        emit(Event::RoundTripEnded {
            wire: delay(first) + delay(passage),
            server: passage.arrived.saturating_duration_since(first.left),
        });
    }
}

/// Returns how long bytes were delayed.
fn delay(passage: Passage) -> Duration {
    passage.left.saturating_duration_since(passage.arrived)
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
