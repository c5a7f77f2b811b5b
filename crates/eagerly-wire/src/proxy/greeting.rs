//! The first bytes of a client of PostgreSQL.
//!
//! A client can ask for encryption before it sends anything else. The request has eight bytes: its length, and a code. The
//! proxy reads the protocol, so it answers `N`: no. A client that only prefers encryption goes on without it. A client that
//! requires it shows its own error and closes the connection.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::observer::ObserveBytes;
use crate::pace::wait_until;

/// The codes of the requests for encryption by TLS and by GSSAPI.
const REQUESTS: [[u8; 4]; 2] = [80_877_103_u32.to_be_bytes(), 80_877_104_u32.to_be_bytes()];

/// Answers the requests for encryption. Returns the bytes that were read and belong to the server.
///
/// The answer takes two delays, like one of a server that is so far away.
pub(super) fn answer(
    mut client: &TcpStream,
    delay: Duration,
    observers: &[Box<dyn ObserveBytes>],
) -> io::Result<Vec<u8>> {
    // A client sends each of the two requests at most once.
    for _ in 0..REQUESTS.len() {
        let mut first = Vec::with_capacity(8);
        client.take(8).read_to_end(&mut first)?;
        if !matches!(first[..], [0, 0, 0, 8, ref code @ ..] if REQUESTS.iter().any(|one| one == code)) {
            return Ok(first);
        }
        observers.iter().for_each(|observer| observer.refused_encryption());
        wait_until(Instant::now() + delay * 2);
        client.write_all(b"N")?;
    }
    Ok(Vec::new())
}

/// Tells a client that the server is out of reach, as an error of PostgreSQL: fields with a letter each.
pub(super) fn refuse(mut client: &TcpStream, message: &str) -> io::Result<()> {
    let mut fields = Vec::new();
    // 08006 is the code of a connection failure.
    for (letter, text) in [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', "08006"), (b'M', message)] {
        fields.push(letter);
        fields.extend_from_slice(text.as_bytes());
        fields.push(0);
    }
    fields.push(0);
    let length = u32::try_from(fields.len() + 4).unwrap_or(u32::MAX);
    client.write_all(&[&b"E"[..], &length.to_be_bytes(), &fields].concat())?;
    // Closing while bytes of the client are unread would discard the message.
    client.shutdown(std::net::Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_millis(200)))?;
    io::copy(&mut client.take(64 * 1024), &mut io::sink()).map(|_| ())
}
