//! The bytes between the program and the server.
//!
//! The client library is asynchronous, and a session is not: it has one thread, which waits. So instead of a runtime
//! there is this stream. It reads and writes a blocking socket. If no bytes have arrived, it returns "not
//! yet" to the library. A statement costs one write and one read; a runtime adds a call that waits for the socket.
//!
//! It also counts the round trips: each time that something is read after something was written.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long a read waits before the client library looks for something to write.
const READ_TURN: Duration = Duration::from_millis(100);

/// How long a write waits before everything is read that has arrived.
///
/// Both sides can wait for each other: the program's statements fill one direction, and the server's notices fill the
/// other. Then each turn moves no more than the buffers of the system hold, so it must be short. With one read of 8 kB
/// for each turn of 100 ms, 5,000 rows of 10 kB took 10 minutes if a trigger raised a notice of that size for each.
const WRITE_TURN: Duration = Duration::from_millis(1);

/// An open connection to a server.
pub(super) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Socket {
    /// Prepares the socket for a [`Wire`].
    pub(super) fn configured(self) -> io::Result<Self> {
        match &self {
            Self::Tcp(stream) => {
                // A statement is one small packet. It must not wait for another to travel with it.
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(READ_TURN))?;
                stream.set_write_timeout(Some(WRITE_TURN))?;
            }
            #[cfg(unix)]
            Self::Unix(stream) => {
                stream.set_read_timeout(Some(READ_TURN))?;
                stream.set_write_timeout(Some(WRITE_TURN))?;
            }
        }
        Ok(self)
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            #[cfg(unix)]
            Self::Unix(stream) => stream.read(into),
        }
    }

    /// Reads what has arrived, and does not wait for more.
    fn read_arrived(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.set_nonblocking(true)?;
        let done = self.read(into);
        self.set_nonblocking(false)?;
        done
    }

    fn set_nonblocking(&self, is_on: bool) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_nonblocking(is_on),
            #[cfg(unix)]
            Self::Unix(stream) => stream.set_nonblocking(is_on),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn shut_down(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            #[cfg(unix)]
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }
}

/// Whether a read may wait for the server.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Reads {
    /// The server owes nothing, or a request has not been written.
    No,
    /// Once. A second read would wait for an answer that has already arrived.
    Once,
    /// As often as needed: while the connection is made, each read follows a request.
    Always,
}

/// What a stream and its driver share.
#[derive(Default)]
pub(super) struct Control {
    reads: AtomicU8,
    has_written: AtomicBool,
    round_trips: AtomicU64,
}

impl Control {
    pub(super) fn allow(&self, reads: Reads) {
        self.reads.store(reads as u8, Relaxed);
    }

    /// Returns whether a read may wait now.
    fn may_read(&self) -> bool {
        let reads = self.reads.load(Relaxed);
        if reads == Reads::Once as u8 {
            self.allow(Reads::No);
        }
        reads != Reads::No as u8
    }

    /// Returns whether the read that [`Reads::Once`] allows has not been tried.
    pub(super) fn may_still_read(&self) -> bool {
        self.reads.load(Relaxed) == Reads::Once as u8
    }

    pub(super) fn round_trips(&self) -> u64 {
        self.round_trips.load(Relaxed)
    }
}

/// A blocking socket, as the stream that the client library requires.
pub(super) struct Wire {
    socket: Socket,
    control: Arc<Control>,
    /// Whether the last write found no room.
    is_stalled: bool,
}

impl Wire {
    pub(super) fn new(socket: Socket, control: Arc<Control>) -> Self {
        Self { socket, control, is_stalled: false }
    }
}

/// Returns "not yet" if the socket had nothing to read, or no room to write, for one turn.
fn or_later<T>(done: io::Result<T>) -> Poll<io::Result<T>> {
    match done {
        Err(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => Poll::Pending,
            _ => Poll::Ready(Err(error)),
        },
        done => Poll::Ready(done),
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let may_read = self.control.may_read();
        let read = if self.is_stalled {
            // The server may be waiting until its notices are read, before it reads on.
            self.socket.read_arrived(buffer.initialize_unfilled())
        } else if may_read {
            self.socket.read(buffer.initialize_unfilled())
        } else {
            return Poll::Pending;
        };
        or_later(read).map_ok(|count| {
            if self.control.has_written.swap(false, Relaxed) {
                self.control.round_trips.fetch_add(1, Relaxed);
            }
            buffer.advance(count);
        })
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.control.has_written.store(true, Relaxed);
        let written = or_later(self.socket.write(bytes));
        self.is_stalled = written.is_pending();
        written
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The server may have closed its side before.
        let _ = self.socket.shut_down();
        Poll::Ready(Ok(()))
    }
}
