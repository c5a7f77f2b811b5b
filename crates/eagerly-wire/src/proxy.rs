//! A TCP proxy that adds a round trip.
//!
//! A server on the same machine answers in about 50 µs. A server in another data centre answers in milliseconds. A
//! program that sends 5,000 statements shows the difference. A client that sleeps before each statement would be simpler,
//! but it would delay each statement. A network delays messages. So the proxy delays *bytes*, each from its own arrival.
//! Statements that a client sends together wait only once, as in a real network.
//!
//! Each direction takes half of the round trip. The proxy's own work takes about 100 µs of the round trip.
//! [`Proxy::start`] measures this overhead, and shortens the delay by it.
//!
//! The proxy delays only bytes. Opening a connection to it does not take a round trip.

mod calibration;
mod greeting;
mod listener;
mod observer;
mod relay;
mod window;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub use calibration::Calibration;
use listener::{Listener, Target};
pub use observer::{ObserveBytes, Observer, Passage};

/// A TCP proxy on this machine that delays bytes in both directions.
///
/// Dropping it closes its port and all its connections.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
/// use std::time::{Duration, Instant};
///
/// use eagerly_wire::Proxy;
///
/// // A server that answers at once.
/// let server = TcpListener::bind("127.0.0.1:0")?;
/// let address = server.local_addr()?;
/// std::thread::spawn(move || {
///     let (mut stream, _) = server.accept()?;
///     stream.read_exact(&mut [0])?;
///     stream.write_all(b"!")
/// });
///
/// let proxy = Proxy::start(address, Duration::from_millis(10))?;
/// let mut stream = TcpStream::connect(proxy.address())?;
/// let start = Instant::now();
/// stream.write_all(b"?")?;
/// stream.read_exact(&mut [0])?;
/// assert!(start.elapsed() > Duration::from_millis(9));
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Proxy {
    listener: Listener,
    calibration: Calibration,
}

impl Proxy {
    /// Starts a proxy that forwards connections to the server at `to`, `round_trip` away.
    ///
    /// The calibration takes about 200 ms, and longer for a round trip of more than 10 ms. With a round trip of zero, the
    /// proxy forwards bytes without a delay. A round trip below 100 µs is shorter than the overhead, so it takes longer
    /// than requested.
    ///
    /// # Errors
    ///
    /// Fails if no port is free. It does not fail if the server does not run yet. Then the proxy closes each connection
    /// at once.
    pub fn start(to: SocketAddr, round_trip: Duration) -> io::Result<Self> {
        Self::observed((Ipv4Addr::LOCALHOST, 0).into(), to, round_trip, Vec::new())
    }

    /// Starts a proxy for a PostgreSQL server that listens at the address `at`, and tells the observers what passes.
    ///
    /// Port 0 stands for any free port. With an observer, the proxy answers "no" when a client asks for encryption, and
    /// sends an error of PostgreSQL to a client while the server is out of reach.
    ///
    /// # Errors
    ///
    /// Fails if the address is taken or does not belong to this machine.
    pub fn observed(
        at: SocketAddr,
        to: SocketAddr,
        round_trip: Duration,
        observers: Vec<Arc<dyn Observer>>,
    ) -> io::Result<Self> {
        Self::calibrated(at, to, Calibration::of(round_trip)?, observers)
    }

    /// Starts a proxy as [`observed`](Self::observed) does, with a calibration that was made before. So it starts at once.
    ///
    /// # Errors
    ///
    /// Fails if the address is taken or does not belong to this machine.
    pub fn calibrated(
        at: SocketAddr,
        to: SocketAddr,
        calibration: Calibration,
        observers: Vec<Arc<dyn Observer>>,
    ) -> io::Result<Self> {
        let listener = Listener::start(at, Target { server: to, delay: calibration.delay, observers })?;
        Ok(Self { listener, calibration })
    }

    /// Returns the address that clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Returns the round trip that `start` was called with.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        self.calibration.round_trip
    }

    /// Returns the round trip that the calibration measured: the median of several one-byte messages to a server
    /// that answers at once.
    #[must_use]
    pub fn measured(&self) -> Duration {
        self.calibration.measured
    }
}
