//! A network that damages one message of a conversation, and forwards all others.
//!
//! A message of PostgreSQL's protocol is one byte for its kind, four bytes for its length, and a body. Only the first message
//! of a client has no kind.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

use crate::databases::server;

/// A direction on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    ToServer,
    ToClient,
}

pub const DIRECTIONS: [Direction; 2] = [Direction::ToServer, Direction::ToClient];

/// What happens to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The connection ends before it.
    Cut,
    /// The connection ends after its first half.
    Torn,
    /// Its second half, and all that follows it, arrives later.
    Late(Duration),
    /// Its second half, and all that follows it, never arrives. The connection stays open.
    Lost,
}

/// Which message is damaged, counted from zero in its direction, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub direction: Direction,
    pub message: usize,
    pub damage: Damage,
}

#[derive(Default)]
struct Progress {
    fault: Option<Fault>,
    passed: [usize; 2],
    has_happened: bool,
}

/// A proxy for one connection.
pub struct Faulty {
    port: u16,
    progress: Arc<Mutex<Progress>>,
}

impl Faulty {
    /// Waits for a client. Until `begin`, messages pass unchanged.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let progress = Arc::new(Mutex::new(Progress::default()));
        let shared = Arc::clone(&progress);
        spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let upstream = TcpStream::connect(server().unwrap().address()).unwrap();
            let ways = [(&client, &upstream), (&upstream, &client)];
            let ways = ways.map(|(from, to)| (from.try_clone().unwrap(), to.try_clone().unwrap()));
            for ((from, to), direction) in ways.into_iter().zip(DIRECTIONS) {
                let progress = Arc::clone(&shared);
                spawn(move || forward(from, to, direction, &progress));
            }
        });
        Self { port, progress }
    }

    /// Returns a URL of the server as one that leads through this proxy.
    pub fn url(&self, url: &str) -> String {
        url.replace(&server().unwrap().address().to_string(), &format!("127.0.0.1:{}", self.port))
    }

    /// Begins to count messages.
    pub fn begin(&self, fault: Option<Fault>) {
        *self.progress.lock().unwrap() = Progress { fault, ..Progress::default() };
    }

    /// Returns how many messages have passed in each direction since `begin`.
    pub fn passed(&self) -> [usize; 2] {
        self.progress.lock().unwrap().passed
    }

    /// Returns whether the message that is to be damaged has come.
    pub fn has_happened(&self) -> bool {
        self.progress.lock().unwrap().has_happened
    }
}

/// Forwards one direction, until the connection ends.
fn forward(mut from: TcpStream, mut to: TcpStream, direction: Direction, progress: &Mutex<Progress>) {
    to.set_nodelay(true).unwrap();
    let mut has_kind = direction == Direction::ToClient;
    while let Some(message) = next(&mut from, has_kind) {
        has_kind = true;
        let half = message.len() / 2;
        let damage = damage(direction, &mut progress.lock().unwrap());
        let done = match damage {
            None => to.write_all(&message),
            Some(Damage::Cut) => break,
            Some(Damage::Torn) => {
                let _ = to.write_all(&message[..half]);
                break;
            }
            Some(Damage::Late(time)) => {
                let first = to.write_all(&message[..half]);
                sleep(time);
                first.and_then(|()| to.write_all(&message[half..]))
            }
            Some(Damage::Lost) => {
                let _ = to.write_all(&message[..half]);
                while next(&mut from, true).is_some() {}
                break;
            }
        };
        if done.is_err() {
            break;
        }
    }
    for stream in [&from, &to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// Counts a message, and returns what happens to it.
fn damage(direction: Direction, progress: &mut Progress) -> Option<Damage> {
    let number = progress.passed[direction as usize];
    progress.passed[direction as usize] += 1;
    let fault = progress.fault.filter(|fault| fault.direction == direction && fault.message == number)?;
    progress.has_happened = true;
    Some(fault.damage)
}

/// Reads a message; `None` at the end of the connection.
fn next(from: &mut TcpStream, has_kind: bool) -> Option<Vec<u8>> {
    let start = usize::from(has_kind);
    let mut message = vec![0; start + 4];
    from.read_exact(&mut message).ok()?;
    let length = u32::from_be_bytes(message[start..].try_into().ok()?) as usize;
    message.resize(start + length, 0);
    from.read_exact(&mut message[start + 4..]).ok()?;
    Some(message)
}
