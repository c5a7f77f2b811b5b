//! The proxy forwards every byte, and delays each by the same time.
//!
//! The machine can be busy, so bytes may always be later than asked, but never earlier. A test for "not much later"
//! passes if one of several attempts is on time.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use eagerly_wire::proxy::{ObserveBytes, Observer, Passage};
use eagerly_wire::{Proxy, Recorder, Settings};

/// The most that the calibration takes off a round trip.
const MOST_OVERHEAD: Duration = Duration::from_micros(300);

/// A limit for everything that must happen at some time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a server that hands each connection to `serve`.
fn server(serve: fn(TcpStream) -> io::Result<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Starts a server that sends back what it receives.
fn echo_server() -> SocketAddr {
    server(|mut stream| {
        stream.set_nodelay(true)?;
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            stream.write_all(&buffer[..count])?;
        }
    })
}

fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn ping(stream: &mut TcpStream) -> Duration {
    let start = Instant::now();
    stream.write_all(b"x").unwrap();
    stream.read_exact(&mut [0]).unwrap();
    start.elapsed()
}

fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

#[test]
fn bytes_pass_unchanged_in_both_directions() {
    for round_trip in [Duration::ZERO, milliseconds(2)] {
        let proxy = Proxy::start(echo_server(), round_trip).unwrap();
        let mut stream = connect(&proxy);
        // Bytes without a short period, so that a lost or repeated chunk is visible.
        let sent: Vec<u8> = (0..4_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut received = Vec::new();
        thread::scope(|scope| {
            let mut reader = stream.try_clone().unwrap();
            let received = &mut received;
            scope.spawn(move || reader.read_to_end(received).unwrap());
            stream.write_all(&sent).unwrap();
            // The end of the stream passes, too, and does not overtake the bytes.
            stream.shutdown(Shutdown::Write).unwrap();
        });
        assert!(received == sent, "{} bytes arrived, round trip {round_trip:?}", received.len());
    }
}

#[test]
fn a_round_trip_of_5_ms_takes_5_ms_and_at_the_median_at_most_a_fifth_more() {
    let asked = milliseconds(5);
    let mut medians = Vec::new();
    for _ in 0..10 {
        let proxy = Proxy::start(echo_server(), asked).unwrap();
        assert_eq!(proxy.round_trip(), asked);
        assert!(proxy.measured() >= asked - MOST_OVERHEAD, "{:?}", proxy.measured());
        let mut stream = connect(&proxy);
        let mut times: Vec<_> = (0..21).map(|_| ping(&mut stream)).collect();
        times.sort();
        assert!(times[0] >= asked - MOST_OVERHEAD, "{times:?}");
        medians.push(times[10]);
        if times[10] <= asked * 6 / 5 {
            return;
        }
    }
    panic!("the medians are {medians:?}");
}

#[test]
fn the_median_round_trip_is_within_5_percent_of_what_was_asked() {
    for asked in [Duration::from_micros(250), milliseconds(1), milliseconds(10)] {
        let mut medians = Vec::new();
        let is_close = (0..20).any(|_| {
            let proxy = Proxy::start(echo_server(), asked).unwrap();
            let mut stream = connect(&proxy);
            ping(&mut stream);
            let mut times: Vec<_> = (0..51).map(|_| ping(&mut stream)).collect();
            times.sort();
            medians.push(times[25]);
            times[25].abs_diff(asked) <= asked / 20
        });
        assert!(is_close, "{asked:?}: {medians:?}");
    }
}

#[test]
fn without_a_round_trip_there_is_no_wait() {
    let proxy = Proxy::start(echo_server(), Duration::ZERO).unwrap();
    let mut stream = connect(&proxy);
    let fastest = (0..1000).map(|_| ping(&mut stream)).min().unwrap();
    assert!(fastest < milliseconds(1), "{fastest:?}");
    assert_eq!(proxy.round_trip(), Duration::ZERO);
}

#[test]
fn messages_sent_together_share_a_journey() {
    let proxy = Proxy::start(echo_server(), milliseconds(100)).unwrap();
    let mut stream = connect(&proxy);
    let start = Instant::now();
    for _ in 0..20 {
        stream.write_all(b"x").unwrap();
        // The proxy reads each message by itself.
        thread::sleep(milliseconds(1));
    }
    stream.read_exact(&mut [0; 20]).unwrap();
    let took = start.elapsed();
    assert!(took >= milliseconds(99), "{took:?}");
    // One after the other, the last one would leave the proxy after 20 delays of 50 ms.
    assert!(took < milliseconds(900), "{took:?}");
}

#[test]
fn a_message_waits_from_its_own_arrival() {
    let proxy = Proxy::start(echo_server(), milliseconds(40)).unwrap();
    let mut stream = connect(&proxy);
    let mut sent = Vec::new();
    for _ in 0..8 {
        sent.push(Instant::now());
        stream.write_all(b"x").unwrap();
        thread::sleep(milliseconds(5));
    }
    for sent in sent {
        stream.read_exact(&mut [0]).unwrap();
        assert!(sent.elapsed() >= milliseconds(40) - MOST_OVERHEAD, "{:?}", sent.elapsed());
    }
}

#[test]
fn a_closed_client_closes_the_server_and_the_reverse() {
    for round_trip in [Duration::ZERO, milliseconds(2)] {
        // The server says good-bye when its client ends, then closes.
        let polite = server(|mut stream| {
            stream.read_to_end(&mut Vec::new())?;
            stream.write_all(b"bye")
        });
        let proxy = Proxy::start(polite, round_trip).unwrap();
        let mut stream = connect(&proxy);
        stream.shutdown(Shutdown::Write).unwrap();
        let mut received = String::new();
        stream.read_to_string(&mut received).unwrap();
        assert_eq!(received, "bye");

        let hasty = server(|mut stream| stream.write_all(b"no"));
        let proxy = Proxy::start(hasty, round_trip).unwrap();
        let mut received = String::new();
        connect(&proxy).read_to_string(&mut received).unwrap();
        assert_eq!(received, "no");
    }
}

#[test]
fn a_client_of_a_server_that_is_not_there_is_closed() {
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = Proxy::start(nowhere, Duration::ZERO).unwrap();
    assert_eq!(connect(&proxy).read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_request_for_each_kind_of_encryption_is_refused_before_the_client_signs_on() {
    let free_port = "127.0.0.1:0".parse().unwrap();
    let observers = vec![Arc::new(Recorder::new(Settings::default())) as _];
    let proxy = Proxy::observed(free_port, echo_server(), Duration::ZERO, observers).unwrap();
    let mut stream = connect(&proxy);
    let mut reply = [0; 12];
    for code in [80_877_103_u32, 80_877_104] {
        stream.write_all(&[8_u32.to_be_bytes(), code.to_be_bytes()].concat()).unwrap();
        stream.read_exact(&mut reply[..1]).unwrap();
        assert_eq!(&reply[..1], b"N", "{code}");
    }
    let sign_on = b"\0\0\0\x0c\0\x03\0\0abc\0";
    stream.write_all(sign_on).unwrap();
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, sign_on);
}

#[test]
fn dropping_the_proxy_closes_its_port_and_its_connections() {
    for round_trip in [Duration::ZERO, milliseconds(2)] {
        let proxy = Proxy::start(echo_server(), round_trip).unwrap();
        let address = proxy.address();
        let mut streams: Vec<_> = (0..5).map(|_| connect(&proxy)).collect();
        for stream in &mut streams {
            ping(stream);
        }
        drop(proxy);
        for mut stream in streams {
            assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
        }
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
}

#[test]
fn connections_do_not_wait_for_each_other() {
    let proxy = Proxy::start(echo_server(), milliseconds(100)).unwrap();
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| ping(&mut connect(&proxy)));
        }
    });
    let took = start.elapsed();
    assert!(took < milliseconds(1900), "{took:?}");
}

#[test]
fn a_server_that_does_not_read_stops_the_client() {
    let stubborn = server(|_stream| {
        thread::sleep(PATIENCE);
        Ok(())
    });
    let proxy = Proxy::start(stubborn, milliseconds(1)).unwrap();
    let mut stream = connect(&proxy);
    stream.set_write_timeout(Some(milliseconds(500))).unwrap();
    let megabyte = vec![0; 1 << 20];
    // The window takes 4 MB, and the system's buffers take some more.
    let stopped = (0..200).position(|_| stream.write_all(&megabyte).is_err());
    assert!(stopped.is_some(), "the proxy holds 200 MB");
}

/// An observer with a bug.
#[derive(Debug)]
struct Broken;

impl Observer for Broken {
    fn connected(&self, _: SocketAddr) -> Box<dyn ObserveBytes> {
        Box::new(Self)
    }
}

impl ObserveBytes for Broken {
    fn client(&self, _: &[u8], _: Passage) {
        panic!("this panic is part of a test");
    }

    fn server(&self, _: &[u8], _: Passage) {
        panic!("this panic is part of a test");
    }
}

#[test]
fn an_observer_that_panics_does_not_stop_the_bytes() {
    for round_trip in [Duration::ZERO, milliseconds(2)] {
        let any_port = "127.0.0.1:0".parse().unwrap();
        let observers = vec![std::sync::Arc::new(Broken) as _];
        let proxy = Proxy::observed(any_port, echo_server(), round_trip, observers).unwrap();
        let mut stream = connect(&proxy);
        // The proxy reads the first eight bytes before it connects.
        stream.write_all(b"01234567").unwrap();
        stream.read_exact(&mut [0; 8]).unwrap();
        for _ in 0..3 {
            ping(&mut stream);
        }
    }
}
