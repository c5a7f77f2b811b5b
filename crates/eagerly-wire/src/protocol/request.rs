//! The messages that a client sends.
//!
//! A statement comes in one of two ways. The *simple* way is one message, `Query`, with the values in the text. The
//! *extended* way has several:
//!
//! | message | meaning |
//! |---|---|
//! | `Parse` | prepare this text, under a name |
//! | `Bind` | connect the prepared text with these values; the result is a *portal* |
//! | `Describe` | describe the columns of a prepared text, or of a portal |
//! | `Execute` | run the portal, or read its next rows |
//! | `Sync` | the end of a group of messages |
//!
//! The library `postgres-protocol` writes these messages and does not read them.

use super::frames::Frame;
use crate::value::{TypeNumber, Value, hash};

/// The code of a connection that cancels a statement of another connection.
const CANCEL: u32 = 80_877_102;

/// The longest value in the binary format that is kept until its type is known, in bytes.
const LONGEST_VALUE: usize = 64;

/// The hash of a name of a prepared text or of a portal. The empty name is for the unnamed one.
pub(super) type Name = u64;

/// A message of a client.
#[derive(Debug, PartialEq)]
pub(super) enum Request {
    /// The first message of a connection, with the name of the application if the client tells it.
    Startup {
        application: Option<String>,
    },
    /// The only message of a connection that cancels a statement.
    Cancel,
    Query {
        text: String,
    },
    Parse {
        name: Name,
        text: String,
        types: Vec<TypeNumber>,
    },
    /// The formats are those of the result's columns. `identity` is a hash of all the values.
    Bind {
        portal: Name,
        prepared: Name,
        values: Vec<Bound>,
        identity: u64,
        formats: Vec<i16>,
    },
    Describe(Target),
    Close(Target),
    Execute {
        portal: Name,
    },
    FunctionCall,
    Sync,
    Flush,
    /// The end of the data for `COPY`, or its failure.
    CopyEnd,
    /// The end of the connection.
    End,
    /// Data for `COPY`, or a password. It has no reply of its own.
    Other,
}

/// What `Describe` and `Close` are about.
#[derive(Debug, PartialEq)]
pub(super) enum Target {
    Prepared(Name),
    Portal(Name),
}

/// A value of a `Bind`, before its type is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    /// NULL, or a value that is too long to be a key.
    Nothing,
    Text(Option<Value>),
    Binary(Vec<u8>),
}

impl Request {
    /// Reads a message. Returns `None` if it is of an unknown kind, or damaged.
    pub(super) fn of(frame: &Frame) -> Option<Self> {
        let mut body = Body(frame.body());
        if !frame.is_whole && !matches!(frame.kind, b'Q' | b'P' | b'd') {
            // A long `Bind` still needs its place in the conversation. Its values are not compared.
            return match frame.kind {
                b'B' => Some(Self::Bind {
                    portal: body.name()?,
                    prepared: body.name()?,
                    values: Vec::new(),
                    identity: hash(body.0),
                    formats: Vec::new(),
                }),
                _ => None,
            };
        }
        Some(match frame.kind {
            0 => match body.u32()? {
                CANCEL => Self::Cancel,
                _ => Self::Startup { application: application(body) },
            },
            b'Q' => Self::Query { text: body.text() },
            b'P' => {
                let (name, text) = (body.name()?, body.text());
                // The types come after the text, so a long text has lost them.
                let types = if frame.is_whole { body.list(Body::u32)? } else { Vec::new() };
                Self::Parse { name, text, types }
            }
            b'B' => {
                let (portal, prepared) = (body.name()?, body.name()?);
                let formats = body.list(Body::i16)?;
                let (start, mut number) = (body.0, 0);
                let values = body.list(|body| {
                    let format = format(&formats, number);
                    number += 1;
                    body.bound(format)
                })?;
                let identity = hash(&start[..start.len() - body.0.len()]);
                Self::Bind { portal, prepared, values, identity, formats: body.list(Body::i16)? }
            }
            b'D' => Self::Describe(body.target()?),
            b'C' => Self::Close(body.target()?),
            b'E' => Self::Execute { portal: body.name()? },
            b'F' => Self::FunctionCall,
            b'S' => Self::Sync,
            b'H' => Self::Flush,
            b'c' | b'f' => Self::CopyEnd,
            b'd' | b'p' => Self::Other,
            b'X' => Self::End,
            _ => return None,
        })
    }
}

/// Returns the format of a column or a value: 0 for text, 1 for binary. A message has no format, one for all, or one for
/// each.
pub(super) fn format(formats: &[i16], number: usize) -> i16 {
    match formats {
        [all] => *all,
        formats => formats.get(number).copied().unwrap_or(0),
    }
}

/// Returns the application's name of a startup message.
fn application(mut body: Body<'_>) -> Option<String> {
    loop {
        let name = body.until_zero().filter(|name| !name.is_empty())?;
        let value = body.until_zero()?;
        if name == b"application_name" {
            return Some(String::from_utf8_lossy(value).into_owned());
        }
    }
}

/// The rest of a body that is not read yet.
struct Body<'b>(&'b [u8]);

impl<'b> Body<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Reads bytes up to a zero.
    fn until_zero(&mut self) -> Option<&'b [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let bytes = self.take(end)?;
        self.take(1)?;
        Some(bytes)
    }

    fn name(&mut self) -> Option<Name> {
        self.until_zero().map(hash)
    }

    /// Reads a text up to a zero. The end of a long text is missing.
    fn text(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(&self.0[..end]).into_owned();
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        text
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        (0..count).map(|_| read(self)).collect()
    }

    fn bound(&mut self, format: i16) -> Option<Bound> {
        // A length of -1 stands for NULL.
        let Ok(length) = usize::try_from(self.u32()?.cast_signed()) else { return Some(Bound::Nothing) };
        let bytes = self.take(length)?;
        Some(match format {
            0 => Bound::Text(Value::of_text(bytes)),
            _ if bytes.len() > LONGEST_VALUE => Bound::Nothing,
            _ => Bound::Binary(bytes.to_vec()),
        })
    }

    fn target(&mut self) -> Option<Target> {
        match self.take(1)? {
            b"S" => Some(Target::Prepared(self.name()?)),
            b"P" => Some(Target::Portal(self.name()?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use postgres_protocol::message::frontend;

    use super::*;
    use crate::protocol::frames::Frames;

    /// Reads a message that the library has written.
    fn read(write: impl FnOnce(&mut BytesMut)) -> Option<Request> {
        let mut bytes = BytesMut::new();
        write(&mut bytes);
        let mut frames = Frames::of_server();
        frames.push(&bytes);
        Request::of(&frames.next().unwrap())
    }

    #[test]
    fn the_messages_of_the_extended_way_are_read() {
        let parse = read(|bytes| frontend::parse("s1", "SELECT $1", [20], bytes).unwrap());
        assert_eq!(
            parse,
            Some(Request::Parse { name: hash(b"s1"), text: "SELECT $1".to_owned(), types: vec![20] })
        );
        let bind = read(|bytes| {
            let write = |value: Option<&[u8]>, bytes: &mut BytesMut| match value {
                None => Ok(postgres_protocol::IsNull::Yes),
                Some(value) => {
                    bytes.extend_from_slice(value);
                    Ok(postgres_protocol::IsNull::No)
                }
            };
            let values = [Some(&b"17"[..]), None, Some(&[0, 1][..])];
            let formats = [0, 0, 1];
            assert!(frontend::bind("p", "s1", formats, values, write, [1], bytes).is_ok());
        });
        let values = vec![Bound::Text(Value::of_text(b"17")), Bound::Nothing, Bound::Binary(vec![0, 1])];
        let Some(Request::Bind { portal, prepared, values: bound, formats, .. }) = bind else {
            panic!("{bind:?}")
        };
        assert_eq!((portal, prepared, bound, formats), (hash(b"p"), hash(b"s1"), values, vec![1]));
        let describe = read(|bytes| frontend::describe(b'S', "s1", bytes).unwrap());
        assert_eq!(describe, Some(Request::Describe(Target::Prepared(hash(b"s1")))));
        let execute = read(|bytes| frontend::execute("p", 0, bytes).unwrap());
        assert_eq!(execute, Some(Request::Execute { portal: hash(b"p") }));
        assert_eq!(read(frontend::sync), Some(Request::Sync));
    }

    #[test]
    fn a_binary_value_of_more_than_64_bytes_is_not_kept() {
        for (length, expected) in [(64, Bound::Binary(vec![7; 64])), (65, Bound::Nothing)] {
            let bytes = [&u32::try_from(length).unwrap().to_be_bytes()[..], &vec![7; length]].concat();
            assert_eq!(Body(&bytes).bound(1), Some(expected));
        }
    }

    #[test]
    fn the_name_of_the_application_is_read() {
        let mut bytes = BytesMut::new();
        frontend::startup_message([("user", "ada"), ("application_name", "shop")], &mut bytes).unwrap();
        let mut frames = Frames::of_client();
        frames.push(&bytes);
        let startup = Request::of(&frames.next().unwrap());
        assert_eq!(startup, Some(Request::Startup { application: Some("shop".to_owned()) }));
    }

    #[test]
    fn damaged_messages_are_not_understood() {
        for (kind, body) in
            [(b'P', &b"no end"[..]), (b'B', b"\0\0\0\x01"), (b'D', b"Z\0"), (b'E', b""), (b'!', b"")]
        {
            let mut frames = Frames::of_server();
            let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
            frames.push(&[&[kind], &length[..], body].concat());
            let request = frames.next().and_then(|frame| Request::of(&frame));
            // A text without an end is read up to the end of its message.
            assert!(request.is_none(), "{kind}: {request:?}");
        }
    }

    #[test]
    fn each_kind_of_message_is_read() {
        let kinds = [
            (b'F', Request::FunctionCall),
            (b'S', Request::Sync),
            (b'H', Request::Flush),
            (b'c', Request::CopyEnd),
            (b'f', Request::CopyEnd),
            (b'd', Request::Other),
            (b'p', Request::Other),
            (b'X', Request::End),
        ];
        for (kind, request) in kinds {
            let mut frames = Frames::of_server();
            frames.push(&[&[kind], &4_u32.to_be_bytes()[..]].concat());
            assert_eq!(Request::of(&frames.next().unwrap()), Some(request));
        }
        let mut bytes = BytesMut::new();
        frontend::cancel_request(1, 2, &mut bytes);
        let mut frames = Frames::of_client();
        frames.push(&bytes);
        assert_eq!(Request::of(&frames.next().unwrap()), Some(Request::Cancel));
    }
}
