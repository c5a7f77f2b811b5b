//! Forwards the bytes of one direction.
//!
//! One thread reads and another writes, because a byte's delay starts when it arrives. A single thread would read too
//! late, because it waits before it writes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::observer::Passage;
use super::window::{Chunk, Window};
use crate::pace::{prefer_exact, wait_until};

/// The most bytes that are read at once.
const BUFFER: usize = 64 * 1024;

/// Forwards bytes until `from` ends or `to` fails. Then it ends `to`, so that closing one side closes the other.
///
/// The bytes of `first` were already read. `observe` is called for all bytes, just before they are written.
pub(super) fn relay(
    from: &TcpStream,
    to: &TcpStream,
    delay: Duration,
    first: Vec<u8>,
    observe: &(dyn Fn(&[u8], Passage) + Sync),
) {
    if delay.is_zero() {
        // A second thread would only add its own delay. With many connections on busy processors, some replies take seconds.
        // The cause is how Linux schedules the server's processes, and yielding here did not help (see TESTING.md).
        read(from, first, |bytes| {
            let now = Instant::now();
            observe(bytes, Passage { arrived: now, left: now });
            (&*to).write_all(bytes).is_ok()
        });
    } else {
        let window = Window::default();
        thread::scope(|scope| {
            let writer =
                thread::Builder::new().spawn_scoped(scope, || write(&window, from, to, delay, observe));
            if writer.is_err() {
                // The system has no thread left. The other direction must end, too.
                let _ = from.shutdown(Shutdown::Both);
                return;
            }
            read(from, first, |bytes| window.push(Chunk { arrived: Instant::now(), bytes: bytes.to_vec() }));
            window.end(Instant::now());
        });
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Calls `accept` with the bytes that arrive, until the stream ends or `accept` returns false.
fn read(mut from: &TcpStream, first: Vec<u8>, mut accept: impl FnMut(&[u8]) -> bool) {
    if !first.is_empty() && !accept(&first) {
        return;
    }
    let mut buffer = vec![0; BUFFER];
    loop {
        match from.read(&mut buffer) {
            Ok(count @ 1..) if accept(&buffer[..count]) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

/// Writes the chunks of the window, each when it is due.
fn write(
    window: &Window,
    from: &TcpStream,
    mut to: &TcpStream,
    delay: Duration,
    observe: &(dyn Fn(&[u8], Passage) + Sync),
) {
    prefer_exact();
    while let Some(chunk) = window.pop() {
        wait_until(chunk.arrived + delay);
        observe(&chunk.bytes, Passage { arrived: chunk.arrived, left: Instant::now() });
        if to.write_all(&chunk.bytes).is_err() {
            window.close();
            // Wakes the thread that reads. The other direction stays open, because its last bytes still wait.
            let _ = from.shutdown(Shutdown::Read);
            return;
        }
    }
    // The end of the stream is delayed, too.
    if let Some(ended) = window.ended() {
        wait_until(ended + delay);
    }
}
