//! Conversations that are written down message by message, without a connection.

use std::time::{Duration, Instant};

use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

use super::replies::{MOST_NAMES, insert};
use super::*;
use crate::protocol::event::{Began, Ended};
use crate::value::hash;

/// A conversation, and what it has emitted since the last look.
struct Script {
    conversation: Conversation,
    log: Vec<String>,
    /// The values of the last statement that has begun.
    values: Vec<Option<Value>>,
    /// The hashes of the last row.
    hashes: Vec<u64>,
}

impl Script {
    /// Returns a conversation whose client has signed on.
    fn new() -> Self {
        let conversation = Conversation::new();
        let mut script = Self { conversation, log: Vec::new(), values: Vec::new(), hashes: Vec::new() };
        script.client(|bytes| frontend::startup_message([("user", "ada")], bytes).unwrap());
        script.server(b'Z', b"I");
        script.log.clear();
        script
    }

    fn emit(&mut self, read: impl FnOnce(&mut Conversation, Passage, Emit<'_>)) {
        let now = Instant::now();
        let (log, values_of, hashes_of) = (&mut self.log, &mut self.values, &mut self.hashes);
        let mut emit = |event: Event<'_>| {
            log.push(match event {
                Event::Application(name) => format!("application {name}"),
                Event::RoundTripBegan { .. } => "request".to_owned(),
                Event::RoundTripEnded { .. } => "reply".to_owned(),
                Event::Began(Began { sql, values, .. }) => {
                    *values_of = values.to_vec();
                    format!("began {}", sql.shape)
                }
                Event::Row { hashes, .. } => {
                    *hashes_of = hashes.to_vec();
                    "row".to_owned()
                }
                Event::Ended(Ended { is_failed: true, rows, .. }) => format!("failed after {rows} rows"),
                Event::Ended(Ended { rows, .. }) => format!("ended after {rows} rows"),
                Event::Ready { .. } => "ready".to_owned(),
                Event::NotUnderstood => "not understood".to_owned(),
            });
        };
        read(
            &mut self.conversation,
            Passage { arrived: now, left: now + Duration::from_millis(1) },
            &mut emit,
        );
    }

    fn client(&mut self, write: impl FnOnce(&mut BytesMut)) {
        let mut bytes = BytesMut::new();
        write(&mut bytes);
        self.emit(|conversation, passage, emit| conversation.client(&bytes, passage, emit));
    }

    fn query(&mut self, text: &str) {
        self.client(|bytes| frontend::query(text, bytes).unwrap());
    }

    /// Sends a message of the server.
    fn server(&mut self, kind: u8, body: &[u8]) {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        let bytes = [&[kind], &length[..], body].concat();
        self.emit(|conversation, passage, emit| conversation.server(&bytes, passage, emit));
    }

    /// Returns what was emitted since the last look.
    #[track_caller]
    fn emits(&mut self, expected: &[&str]) {
        assert_eq!(std::mem::take(&mut self.log), expected);
    }

    /// Describes two columns in the text format.
    fn two_columns(&mut self) {
        let column = |name: &[u8]| [name, &[0; 7], &25_u32.to_be_bytes(), &[0; 8]].concat();
        self.server(b'T', &[&[0, 2][..], &column(b"a"), &column(b"b")].concat());
    }
}

/// Writes a `Bind` with one value in the binary format.
fn bind(portal: &str, prepared: &str, value: &[u8], bytes: &mut BytesMut) {
    let write = |value: &[u8], bytes: &mut BytesMut| {
        bytes.extend_from_slice(value);
        Ok(IsNull::No)
    };
    assert!(frontend::bind(portal, prepared, [1], [value], write, [0], bytes).is_ok());
}

fn parse(name: &str, text: &str, bytes: &mut BytesMut) {
    frontend::parse(name, text, [0], bytes).unwrap();
}

/// The fields of an error.
const ERROR: &[u8] = b"SERROR\0C42601\0Mno\0\0";

#[test]
fn a_round_trip_begins_after_the_sign_on_and_not_with_the_end_of_the_connection() {
    let mut script = Script::new();
    script.conversation = Conversation::new();
    script.client(|bytes| frontend::startup_message([("application_name", "shop")], bytes).unwrap());
    script.emits(&["application shop"]);
    script.client(|bytes| frontend::password_message(b"secret", bytes).unwrap());
    script.server(b'R', &[0; 4]);
    script.emits(&[]);
    script.server(b'S', b"application_name\0shop2\0");
    script.emits(&["application shop2"]);
    script.server(b'Z', b"I");
    script.emits(&["ready"]);
    script.query("SELECT 1");
    script.emits(&["request"]);
    script.server(b'C', b"SELECT 1\0");
    script.server(b'Z', b"I");
    script.emits(&["began SELECT $1", "ended after 0 rows", "reply", "ready"]);
    script.client(frontend::terminate);
    script.emits(&[]);
}

#[test]
fn after_an_impossible_length_nothing_more_is_understood() {
    for is_client in [true, false] {
        let mut script = Script::new();
        if is_client {
            script.client(|bytes| bytes.extend_from_slice(&[b'Q', 0, 0, 0, 3]));
        } else {
            script
                .emit(|conversation, passage, emit| conversation.server(&[b'Z', 0, 0, 0, 3], passage, emit));
        }
        script.emits(&["not understood"]);
        script.query("SELECT 1");
        script.server(b'Z', b"I");
        script.emits(&[]);
    }
}

#[test]
fn a_client_whose_requests_have_no_replies_is_given_up() {
    let mut script = Script::new();
    let mut some = BytesMut::new();
    (0..100_000).for_each(|_| frontend::sync(&mut some));
    for _ in 0..20 {
        script.client(|bytes| bytes.extend_from_slice(&some));
        if script.log.len() > 1 {
            break;
        }
    }
    script.emits(&["request", "not understood"]);
    script.query("SELECT 1");
    script.emits(&[]);
}

#[test]
fn what_is_sent_between_an_error_and_the_sync_is_skipped() {
    let mut script = Script::new();
    script.client(|bytes| {
        parse("", "SELEC 1", bytes);
        frontend::flush(bytes);
    });
    script.server(b'E', ERROR);
    script.emits(&["request", "began SELEC $1", "failed after 0 rows", "reply"]);
    script.client(|bytes| {
        frontend::execute("", 0, bytes).unwrap();
        frontend::query("SELECT 2", bytes).unwrap();
        frontend::sync(bytes);
    });
    script.server(b'Z', b"I");
    script.emits(&["request", "reply", "ready"]);
    script.query("SELECT a FROM t");
    script.server(b'C', b"SELECT 0\0");
    script.server(b'Z', b"I");
    script.emits(&["request", "began SELECT a FROM t", "ended after 0 rows", "reply", "ready"]);
}

#[test]
fn a_notice_and_a_notification_are_no_replies() {
    let mut script = Script::new();
    script.client(|bytes| {
        parse("", "SELECT 1", bytes);
        frontend::flush(bytes);
    });
    script.emits(&["request"]);
    script.server(b'N', b"SNOTICE\0C00000\0Mhello\0\0");
    script.server(b'A', b"\0\0\0\x01channel\0\0");
    script.emits(&[]);
    script.server(b'1', b"");
    script.emits(&["reply"]);
}

#[test]
fn a_closed_name_is_unknown() {
    for is_portal in [true, false] {
        let mut script = Script::new();
        script.client(|bytes| {
            parse("s", "SELECT $1", bytes);
            bind("p", "s", b"1", bytes);
            frontend::close(if is_portal { b'P' } else { b'S' }, if is_portal { "p" } else { "s" }, bytes)
                .unwrap();
            frontend::sync(bytes);
        });
        [b'1', b'2', b'3'].into_iter().for_each(|kind| script.server(kind, b""));
        script.server(b'Z', b"I");
        script.emits(&["request", "reply", "ready"]);
        script.client(|bytes| {
            if is_portal {
                frontend::execute("p", 0, bytes).unwrap();
            } else {
                bind("", "s", b"1", bytes);
            }
            frontend::sync(bytes);
        });
        script.server(b'E', ERROR);
        script.server(b'Z', b"I");
        if is_portal {
            script.emits(&["request", "not understood", "failed after 0 rows", "reply", "ready"]);
        } else {
            script.emits(&["request", "reply", "ready"]);
        }
        // The next statement has its own replies.
        script.query("SELECT a FROM t");
        script.server(b'C', b"SELECT 0\0");
        script.emits(&["request", "began SELECT a FROM t", "ended after 0 rows"]);
    }
}

#[test]
fn a_binary_value_without_a_type_is_read_as_a_text() {
    for (type_number, text) in [(0, "Ada"), (25, "Ada")] {
        let mut script = Script::new();
        script.client(|bytes| {
            frontend::parse("", "SELECT $1", [type_number], bytes).unwrap();
            bind("", "", b"Ada", bytes);
            frontend::execute("", 0, bytes).unwrap();
            frontend::sync(bytes);
        });
        script.server(b'1', b"");
        script.server(b'2', b"");
        script.server(b'C', b"SELECT 0\0");
        assert_eq!(script.values, [Value::of_text(text.as_bytes())], "{type_number}");
    }
    // With the type of a truth value, it has no meaning.
    let mut script = Script::new();
    script.client(|bytes| {
        frontend::parse("", "SELECT $1", [16], bytes).unwrap();
        bind("", "", b"A", bytes);
        frontend::execute("", 0, bytes).unwrap();
    });
    script.server(b'1', b"");
    script.server(b'2', b"");
    script.server(b'C', b"SELECT 0\0");
    assert_eq!(script.values, [None]);
}

#[test]
fn a_row_has_a_hash_for_each_column_and_none_for_what_is_missing() {
    let mut script = Script::new();
    script.query("SELECT a, b FROM t");
    script.two_columns();
    let nothing = (-1_i32).to_be_bytes();
    let ada = [&3_u32.to_be_bytes()[..], b"Ada"].concat();
    script.server(b'D', &[&[0, 2][..], &ada, &nothing].concat());
    assert_eq!(script.hashes, [hash(b"Ada"), 0]);
    // A row with fewer values than columns, and one that is too long to be kept.
    script.server(b'D', &[&[0, 1][..], &ada].concat());
    assert_eq!(script.hashes, [hash(b"Ada"), 0]);
    script.server(b'D', &vec![0; 300_000]);
    assert_eq!(script.hashes, [0, 0]);
    script.server(b'C', b"SELECT 3\0");
    let rows = ["began SELECT a, b FROM t", "row", "row", "row"];
    script.emits(&[&["request"], &rows[..], &["ended after 3 rows"]].concat());
}

#[test]
fn a_function_call_that_fails_takes_no_other_request_with_it() {
    let mut script = Script::new();
    script.client(|bytes| {
        bytes.extend_from_slice(&[b'F', 0, 0, 0, 4]);
        frontend::query("SELECT a FROM t", bytes).unwrap();
    });
    script.server(b'E', ERROR);
    script.server(b'Z', b"I");
    script.server(b'C', b"SELECT 0\0");
    script.server(b'Z', b"I");
    script.emits(&["request", "ready", "began SELECT a FROM t", "ended after 0 rows", "reply", "ready"]);
}

#[test]
fn a_copy_with_a_simple_query_has_two_round_trips() {
    let mut script = Script::new();
    script.query("COPY t FROM STDIN");
    script.server(b'G', &[0, 0, 0]);
    script.emits(&["request", "reply"]);
    script.client(frontend::copy_done);
    script.server(b'C', b"COPY 0\0");
    script.server(b'Z', b"I");
    script.emits(&["request", "began COPY t FROM STDIN", "ended after 0 rows", "reply", "ready"]);
}

#[test]
fn too_many_names_are_forgotten_together() {
    let mut names = HashMap::new();
    for name in 0..MOST_NAMES {
        insert(&mut names, name as u64, ());
    }
    assert_eq!(names.len(), MOST_NAMES);
    insert(&mut names, u64::MAX, ());
    assert_eq!(names.len(), 1);
}
