//! Finds the request that each reply belongs to.
//!
//! A server replies in the order of the requests. So the requests wait in a queue, and each reply belongs to the first one.
//! A client can send many requests before it reads the first reply. After an error, the server skips the requests up to the
//! next `Sync`, and so does the queue.
//!
//! A *round trip* begins when the client sends a message and awaits no reply. It ends when all replies have come. So
//! requests that are sent together share a round trip.
//!
//! This file has the state of a connection, and what each request adds to it. `replies` has what each reply changes, and
//! `statements` the beginning, the rows and the end of a statement.

mod replies;
mod statements;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use postgres_protocol::message::backend;

use super::event::Event;
use super::expected::{Columns, Expected, Prepared, Queue};
use super::frames::{Frame, Frames};
use super::request::{Name, Request};
use super::round_trip::{RoundTrip, Times};
use crate::proxy::Passage;
use crate::sql::Sql;
use crate::value::Value;

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
}

fn end_round_trip(times: Option<Times>, emit: Emit<'_>) {
    if let Some(Times { wire, server }) = times {
        emit(Event::RoundTripEnded { wire, server });
    }
}

/// Reads a message of the server. Returns `None` if the library does not know it, or if it is too long.
fn message(frame: Frame) -> Option<backend::Message> {
    let mut bytes: BytesMut = frame.bytes;
    if !frame.is_whole {
        return None;
    }
    backend::Message::parse(&mut bytes).ok().flatten()
}

#[cfg(test)]
mod tests;
