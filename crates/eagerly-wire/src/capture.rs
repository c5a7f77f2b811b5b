//! Writes down what passes, and reads it again.
//!
//! A capture lets a test examine the traffic of an application without the application, its language and a server. It is a
//! text with a line for each portion of bytes: the connection, the direction, when the bytes arrived and left in
//! microseconds, and the bytes. An `x` is the end of a connection. `page` ends what came before the page that is examined,
//! such as the sign-on.
//!
//! ```text
//! 1 > 2105 2605 Q\x00\x00\x00\rSELECT 1\x00
//! 1 < 2711 3211 T\x00\x00\x00!\x00\x01?column?\x00…
//! page
//! 1 x
//! ```

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::proxy::{ObserveBytes, Observer, Passage};
use crate::recorder::Recorder;
use crate::report::Report;
use crate::settings::Settings;

/// Writes down all bytes that pass through a [`Proxy`](crate::Proxy), with all their values and passwords.
///
/// It needs as much memory as bytes pass, and more. Clones share their text.
///
/// ```
/// use eagerly_wire::{Capture, Settings};
///
/// let capture = Capture::default();
/// // … a proxy with this observer …
/// let report = Capture::replay(&capture.text(), Settings::default())?;
/// assert_eq!(report.pages.len(), 0);
/// # Ok::<(), eagerly_wire::CaptureError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Capture(Arc<Mutex<Written>>);

#[derive(Debug, Default)]
struct Written {
    connections: u64,
    start: Option<Instant>,
    text: String,
}

/// A line of a capture that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read line {line} of the capture: {text:?}\n  help: record the capture again")]
pub struct CaptureError {
    /// The number of the line, which begins at 1.
    line: usize,
    /// The beginning of the line.
    text: String,
}

impl Capture {
    /// Returns the text so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.lock().text.clone()
    }

    /// Marks the beginning of a page. A replay examines only what comes after the last mark.
    ///
    /// Connections that are closed already are left out. Some clients open one only to ask for the server's types.
    pub fn begin_page(&self) {
        let mut written = self.lock();
        let closed: Vec<_> = written.text.lines().filter_map(|line| line.strip_suffix(" x")).collect();
        let is_open = |line: &&str| line.split_once(' ').is_none_or(|(number, _)| !closed.contains(&number));
        let mut text: String = written.text.lines().filter(is_open).flat_map(|line| [line, "\n"]).collect();
        text.push_str("page\n");
        written.text = text;
    }

    /// Records the bytes of a capture, as if they passed now, and returns the report.
    ///
    /// # Errors
    ///
    /// Fails if a line is damaged.
    pub fn replay(text: &str, settings: Settings) -> Result<Report, CaptureError> {
        let recorder = Recorder::new(settings);
        let start = Instant::now();
        let client = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut connections = std::collections::BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            if line == "page" {
                recorder.clear();
                continue;
            }
            let damaged = || CaptureError { line: number + 1, text: line.chars().take(60).collect() };
            let event = Line::of(line).ok_or_else(damaged)?;
            let connection =
                connections.entry(event.connection).or_insert_with(|| recorder.connected(client));
            let at = |micros| start.checked_add(Duration::from_micros(micros));
            match event.what {
                Some((is_client, arrived, left, bytes)) => {
                    let (arrived, left) = at(arrived).zip(at(left)).ok_or_else(damaged)?;
                    let passage = Passage { arrived, left };
                    if is_client {
                        connection.client(&bytes, passage)
                    } else {
                        connection.server(&bytes, passage)
                    }
                }
                None => connection.closed(),
            }
        }
        Ok(recorder.report())
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line of a capture.
struct Line {
    connection: u64,
    /// Whether the client has sent the bytes, when they arrived and left, and the bytes. `None` for the end.
    what: Option<(bool, u64, u64, Vec<u8>)>,
}

impl Line {
    fn of(line: &str) -> Option<Self> {
        let (connection, rest) = line.split_once(' ')?;
        let connection = connection.parse().ok()?;
        if rest == "x" {
            return Some(Self { connection, what: None });
        }
        let mut parts = rest.splitn(4, ' ');
        let is_client = match parts.next()? {
            ">" => true,
            "<" => false,
            _ => return None,
        };
        let (arrived, left) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { connection, what: Some((is_client, arrived, left, unescaped(parts.next()?)?)) })
    }
}

/// Reverses `escape_ascii`.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (escaped, length) = match rest.first()? {
            b'n' => (b'\n', 1),
            b'r' => (b'\r', 1),
            b't' => (b'\t', 1),
            b'x' => (u8::from_str_radix(std::str::from_utf8(rest.get(1..3)?).ok()?, 16).ok()?, 3),
            other @ (b'\\' | b'\'' | b'"') => (*other, 1),
            _ => return None,
        };
        bytes.push(escaped);
        rest = &rest[length..];
    }
    Some(bytes)
}

/// One connection of a capture.
struct Connection {
    number: u64,
    capture: Capture,
}

impl Observer for Capture {
    fn connected(&self, _: SocketAddr) -> Box<dyn ObserveBytes> {
        let mut written = self.lock();
        written.connections += 1;
        Box::new(Connection { number: written.connections, capture: self.clone() })
    }
}

impl Connection {
    fn write(&self, direction: char, bytes: &[u8], passage: Passage) {
        let mut written = self.capture.lock();
        let start = *written.start.get_or_insert(passage.arrived);
        let micros = |at: Instant| at.saturating_duration_since(start).as_micros();
        let (arrived, left) = (micros(passage.arrived), micros(passage.left));
        let number = self.number;
        // Writing to a text cannot fail.
        let _ = writeln!(written.text, "{number} {direction} {arrived} {left} {}", bytes.escape_ascii());
    }
}

impl ObserveBytes for Connection {
    fn client(&self, bytes: &[u8], passage: Passage) {
        self.write('>', bytes, passage);
    }

    fn server(&self, bytes: &[u8], passage: Passage) {
        self.write('<', bytes, passage);
    }

    fn closed(&self) {
        let _ = writeln!(self.capture.lock().text, "{} x", self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_as_it_was_written() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(unescaped(&bytes.escape_ascii().to_string()), Some(bytes));
    }

    #[test]
    fn each_connection_has_a_number_and_an_end() {
        let capture = Capture::default();
        let client = SocketAddr::from(([127, 0, 0, 1], 1));
        let connections = [capture.connected(client), capture.connected(client)];
        let start = Instant::now();
        let passage = |micros| {
            let arrived = start + Duration::from_micros(micros);
            Passage { arrived, left: arrived + Duration::from_micros(5) }
        };
        connections[0].client(b"a\0", passage(0));
        connections[1].server(b"b", passage(10));
        connections[0].closed();
        assert_eq!(capture.text(), "1 > 0 5 a\\x00\n2 < 10 15 b\n1 x\n");
    }

    #[test]
    fn a_damaged_line_is_an_error_with_its_number() {
        for line in ["", "1", "a > 1 2 x", "1 ? 1 2 x", "1 > 1", "1 > 1 2 \\", "1 > 1 2 \\xz1", "1 > 1 2 \\q"]
        {
            let error = Capture::replay(&format!("1 x\n{line}\n"), Settings::default()).unwrap_err();
            assert!(error.to_string().contains("line 2"), "{line}: {error}");
        }
    }

    #[test]
    fn a_damaged_line_is_shown_up_to_its_60th_character() {
        let error = Capture::replay(&"é".repeat(61), Settings::default()).unwrap_err();
        assert_eq!(error.text, "é".repeat(60));
    }
}
