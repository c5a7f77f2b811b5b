//! Splits a stream of bytes into messages.
//!
//! A message of PostgreSQL's protocol is one byte that tells its kind, four bytes with its length, and a body:
//!
//! ```text
//! Q  00 00 00 0d  SELECT 1\0
//! ```
//!
//! Only the first message of a client has no kind. Bytes arrive in any portions, so a message can be incomplete for a while.
//! A message can also be very long, for example a row with a photo. So only the beginning of a long body is kept.

use bytes::{Buf as _, BytesMut};

/// The longest body that is kept whole, in bytes. Few statements and rows are longer, and a connection takes at most about
/// twice this memory in each direction.
const LONGEST: usize = 256 * 1024;

/// The size of the kind and the length, in bytes.
const HEADER: usize = 5;

/// One message.
pub(super) struct Frame {
    /// The kind; 0 for the first message of a client.
    pub(super) kind: u8,
    /// The kind, the length and the body, or the beginning of the body.
    pub(super) bytes: BytesMut,
    /// Whether `bytes` contains the whole body.
    pub(super) is_whole: bool,
}

impl Frame {
    /// Returns the body, or its beginning.
    pub(super) fn body(&self) -> &[u8] {
        let header = if self.kind == 0 { HEADER - 1 } else { HEADER };
        self.bytes.get(header..).unwrap_or_default()
    }
}

/// The bytes that have arrived and do not yet form a message.
pub(super) struct Frames {
    buffer: BytesMut,
    /// How many of the next bytes belong to a body whose beginning was returned already.
    skip: usize,
    /// Whether the next message has no kind.
    is_first: bool,
    /// Whether a length was impossible. After that, the beginning of a message cannot be found again.
    is_broken: bool,
}

impl Frames {
    /// Returns an empty buffer for the messages of a client. Their first has no kind.
    pub(super) fn of_client() -> Self {
        Self { is_first: true, ..Self::of_server() }
    }

    /// Returns an empty buffer for the messages of a server.
    pub(super) fn of_server() -> Self {
        Self { buffer: BytesMut::new(), skip: 0, is_first: false, is_broken: false }
    }

    /// Adds bytes that have arrived.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.is_broken {
            return;
        }
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.buffer.extend_from_slice(&bytes[skipped..]);
    }

    /// Removes the next message. Returns `None` until it has arrived, and for ever after an impossible length.
    pub(super) fn next(&mut self) -> Option<Frame> {
        if self.is_broken {
            return None;
        }
        let (kind, at) = if self.is_first { (0, 0) } else { (*self.buffer.first()?, 1) };
        let length = self.buffer.get(at..at + 4)?;
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        // The length counts itself. PostgreSQL's own limit is 1 GiB.
        if !(4..=1 << 30).contains(&length) {
            self.is_broken = true;
            self.buffer = BytesMut::new();
            return None;
        }
        let whole = at + length;
        let kept = whole.min(LONGEST);
        if self.buffer.len() < kept {
            return None;
        }
        self.is_first = false;
        let bytes = self.buffer.split_to(kept);
        let here = (whole - kept).min(self.buffer.len());
        self.buffer.advance(here);
        self.skip = whole - kept - here;
        Some(Frame { kind, bytes, is_whole: kept == whole })
    }

    /// Returns whether a length was impossible, so no further message can be found.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    }

    fn all(frames: &mut Frames) -> Vec<(u8, usize, bool)> {
        std::iter::from_fn(|| frames.next())
            .map(|frame| (frame.kind, frame.body().len(), frame.is_whole))
            .collect()
    }

    #[test]
    fn messages_are_found_whatever_the_portions_are() {
        let bytes =
            [message(b'Q', b"SELECT 1\0"), message(b'S', b""), message(b'd', &[7; LONGEST * 3])].concat();
        for portion in [1, 2, 3, 7, 64 * 1024, bytes.len()] {
            let mut frames = Frames::of_server();
            let mut found = Vec::new();
            for bytes in bytes.chunks(portion) {
                frames.push(bytes);
                found.extend(all(&mut frames));
            }
            assert_eq!(
                found,
                [(b'Q', 9, true), (b'S', 0, true), (b'd', LONGEST - HEADER, false)],
                "{portion}"
            );
            assert!(frames.buffer.is_empty() && frames.skip == 0);
        }
    }

    #[test]
    fn the_first_message_of_a_client_has_no_kind() {
        let mut frames = Frames::of_client();
        frames.push(&[0, 0, 0, 8, 0, 3, 0, 0]);
        frames.push(&message(b'X', b""));
        assert_eq!(all(&mut frames), [(0, 4, true), (b'X', 0, true)]);
    }

    #[test]
    fn after_an_impossible_length_nothing_is_kept() {
        for length in [0_u32, 3, (1 << 30) + 1, u32::MAX] {
            let mut frames = Frames::of_server();
            frames.push(&[&b"Q"[..], &length.to_be_bytes()].concat());
            assert!(frames.next().is_none() && frames.is_broken(), "{length}");
            frames.push(&[0; 1000]);
            assert!(frames.buffer.is_empty());
        }
    }
}
