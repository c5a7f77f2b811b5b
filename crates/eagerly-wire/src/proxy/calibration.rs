//! Finds the delay that results in a round trip.
//!
//! Each byte wakes threads of the proxy, and each thread takes some microseconds. This overhead depends on the machine.
//! So the proxy measures it, with a server that answers at once.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::listener::{Listener, Target};

/// The most that the calibration subtracts from a round trip. It also subtracts at most three quarters of it. On a machine
/// that is busy during the calibration, the overhead seems much larger than it is later.
const MOST_OVERHEAD: Duration = Duration::from_micros(300);

/// The longest round trip at which the overhead is measured. Up to this limit, the overhead grows with the time that the
/// threads sleep, from about 70 µs to 250 µs.
const LONGEST_TRIAL: Duration = Duration::from_millis(10);

/// About how long a measurement takes.
const BUDGET: Duration = Duration::from_millis(80);

/// The delay that results in a round trip on this machine.
///
/// It takes time to find it. A program that starts many proxies keeps it, and calls [`Proxy::calibrated`].
///
/// ```no_run
/// use std::time::Duration;
///
/// use eagerly_wire::{Calibration, Proxy, Server};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::start()?;
/// let calibration = Calibration::of(Duration::from_millis(1))?;
/// for _ in 0..10 {
///     let free_port = "127.0.0.1:0".parse()?;
///     let proxy = Proxy::calibrated(free_port, server.address(), calibration, Vec::new())?;
///     // …
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`Proxy::calibrated`]: crate::Proxy::calibrated
#[derive(Debug, Clone, Copy)]
pub struct Calibration {
    pub(super) round_trip: Duration,
    /// The delay in each direction.
    pub(super) delay: Duration,
    pub(super) measured: Duration,
}

impl Calibration {
    /// Finds the delay for a round trip, and measures the result. This takes about 200 ms, and longer for a round trip of
    /// more than 10 ms.
    ///
    /// # Errors
    ///
    /// Fails if no port is free.
    pub fn of(round_trip: Duration) -> io::Result<Self> {
        let delay = delay(round_trip)?;
        Ok(Self { round_trip, delay, measured: measure(delay, round_trip)? })
    }
}

/// Returns the delay in each direction for a round trip.
fn delay(round_trip: Duration) -> io::Result<Duration> {
    let trial = round_trip.min(LONGEST_TRIAL);
    if trial.is_zero() {
        return Ok(Duration::ZERO);
    }
    let overhead = measure(trial / 2, trial)?.saturating_sub(trial).min(MOST_OVERHEAD).min(trial * 3 / 4);
    Ok(round_trip.saturating_sub(overhead) / 2)
}

/// Returns the median round trip through a proxy with this delay. `expected` decides how many messages are sent.
fn measure(delay: Duration, expected: Duration) -> io::Result<Duration> {
    let target = Target { server: echo_server()?, delay, observers: Vec::new() };
    let proxy = Listener::start((Ipv4Addr::LOCALHOST, 0).into(), target)?;
    let mut stream = TcpStream::connect(proxy.address())?;
    stream.set_nodelay(true)?;
    let mut ping = || {
        let start = Instant::now();
        stream.write_all(b"x")?;
        stream.read_exact(&mut [0])?;
        Ok(start.elapsed())
    };
    // The first message also waits for the connection's threads to start.
    ping()?;
    let times = (0..messages(expected)).map(|_| ping()).collect::<io::Result<Vec<_>>>()?;
    Ok(median(times))
}

/// Returns how many messages are sent to measure a round trip that takes about as long as `expected`.
fn messages(expected: Duration) -> usize {
    let count = BUDGET.as_micros().checked_div(expected.as_micros()).unwrap_or(u128::MAX);
    usize::try_from(count).unwrap_or(usize::MAX).clamp(7, 201)
}

/// Returns the median of some times, and the upper one of two.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Starts a server that sends back the bytes of its first connection.
fn echo_server() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        io::copy(&mut &stream, &mut &stream)
    });
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_round_trip_is_measured_more_often_than_a_long_one() {
        let counts = [0, 1, 2_000, 10_000, 1_000_000].map(|micros| messages(Duration::from_micros(micros)));
        let budget = usize::try_from(BUDGET.as_micros()).unwrap();
        assert_eq!(counts, [201, 201, budget / 2_000, budget / 10_000, 7]);
    }

    #[test]
    fn the_median_is_the_middle_of_the_times_in_their_order() {
        let of = |micros: &[u64]| median(micros.iter().copied().map(Duration::from_micros).collect());
        assert_eq!(of(&[9, 1, 5, 7, 3]), Duration::from_micros(5));
        assert_eq!(of(&[9, 1, 7, 5]), Duration::from_micros(7));
    }
}
