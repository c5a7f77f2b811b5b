//! Accepts connections, and closes them when it is dropped.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::relay::relay;

/// The pause after a failed `accept`, for example because no file descriptor is free.
const PAUSE: Duration = Duration::from_millis(10);

/// A port that forwards connections to a server, with a delay in each direction.
#[derive(Debug)]
pub(super) struct Listener {
    address: SocketAddr,
    connections: Arc<Connections>,
    acceptor: Option<JoinHandle<()>>,
}

/// A client and its connection to the server.
#[derive(Debug)]
struct Connection {
    client: TcpStream,
    server: TcpStream,
}

/// The open connections, by number.
#[derive(Debug, Default)]
struct Connections(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    closed: bool,
    next: u64,
    open: HashMap<u64, Arc<Connection>>,
}

impl Listener {
    pub(super) fn start(to: SocketAddr, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let connections = Arc::new(Connections::default());
        let shared = Arc::clone(&connections);
        let acceptor = thread::Builder::new().spawn(move || accept(&listener, to, delay, &shared))?;
        Ok(Self { address, connections, acceptor: Some(acceptor) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.connections.close();
        // `accept` returns only for a connection, so this opens one. After the join, the port is closed.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(acceptor)) = (woken, self.acceptor.take()) {
            let _ = acceptor.join();
        }
    }
}

/// Accepts connections until the listener is dropped.
fn accept(listener: &TcpListener, to: SocketAddr, delay: Duration, connections: &Arc<Connections>) {
    for client in listener.incoming() {
        if connections.lock().closed {
            return;
        }
        let Ok(client) = client else {
            thread::sleep(PAUSE);
            continue;
        };
        let connections = Arc::clone(connections);
        // If no thread can start, the client is dropped, which closes its connection.
        let _ = thread::Builder::new().spawn(move || serve(client, to, delay, &connections));
    }
}

/// Forwards the bytes of one connection until both directions have ended.
fn serve(client: TcpStream, to: SocketAddr, delay: Duration, connections: &Connections) -> io::Result<()> {
    let server = TcpStream::connect(to)?;
    // Otherwise the system waits up to 40 ms before it sends a small message, to join it with others.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let Some((number, connection)) = connections.open(Connection { client, server }) else { return Ok(()) };
    thread::scope(|scope| {
        let to_server = || relay(&connection.client, &connection.server, delay);
        // If the system has no thread left, the connection is closed.
        if thread::Builder::new().spawn_scoped(scope, to_server).is_ok() {
            relay(&connection.server, &connection.client, delay);
        }
    });
    connections.lock().open.remove(&number);
    Ok(())
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is a single step, so the state is valid even if a thread panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection, unless the listener was dropped.
    fn open(&self, connection: Connection) -> Option<(u64, Arc<Connection>)> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let (number, connection) = (state.next, Arc::new(connection));
        state.next += 1;
        state.open.insert(number, Arc::clone(&connection));
        Some((number, connection))
    }

    /// Closes all connections and refuses new ones. The connections' threads notice and end.
    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        for connection in state.open.values() {
            for stream in [&connection.client, &connection.server] {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}
