//! Accepts connections, and closes them when it is dropped.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::greeting;
use super::observer::{ObserveBytes, Observer};
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

/// Where the connections go, and who learns about them.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) server: SocketAddr,
    /// The delay in each direction.
    pub(super) delay: Duration,
    /// Only with observers, the protocol is expected to be that of PostgreSQL.
    pub(super) observers: Vec<Arc<dyn Observer>>,
}

/// A client and its connection to the server.
#[derive(Debug)]
struct Connection {
    client: Arc<TcpStream>,
    /// `None` until the proxy has connected to the server.
    server: Option<Arc<TcpStream>>,
}

/// The open connections, by number.
#[derive(Debug, Default)]
struct Connections(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    closed: bool,
    next: u64,
    open: HashMap<u64, Connection>,
}

impl Listener {
    pub(super) fn start(listen: SocketAddr, target: Target) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        let address = listener.local_addr()?;
        let connections = Arc::new(Connections::default());
        let shared = Arc::clone(&connections);
        let acceptor = thread::Builder::new().spawn(move || accept(&listener, &Arc::new(target), &shared))?;
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
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        let woken = TcpStream::connect(address);
        if let (Ok(_), Some(acceptor)) = (woken, self.acceptor.take()) {
            let _ = acceptor.join();
        }
    }
}

/// Accepts connections until the listener is dropped.
fn accept(listener: &TcpListener, target: &Arc<Target>, connections: &Arc<Connections>) {
    for client in listener.incoming() {
        if connections.lock().closed {
            return;
        }
        let Ok(client) = client else {
            thread::sleep(PAUSE);
            continue;
        };
        let (target, connections) = (Arc::clone(target), Arc::clone(connections));
        // If no thread can start, the client is dropped, which closes its connection.
        let _ = thread::Builder::new().spawn(move || serve(client, &target, &connections));
    }
}

/// Forwards the bytes of one connection until both directions have ended.
fn serve(client: TcpStream, target: &Target, connections: &Connections) -> io::Result<()> {
    // Otherwise the system waits up to 40 ms before it sends a small message, to join it with others.
    client.set_nodelay(true)?;
    let peer = client.peer_addr()?;
    let observers: Vec<_> = target.observers.iter().map(|observer| observer.connected(peer)).collect();
    let outcome = forward(client, target, connections, &observers);
    tell(&observers, |observer| observer.closed());
    outcome
}

fn forward(
    client: TcpStream,
    target: &Target,
    connections: &Connections,
    observers: &[Box<dyn ObserveBytes>],
) -> io::Result<()> {
    let Some((number, client)) = connections.open(client) else { return Ok(()) };
    let _closed = Closing { number, connections };
    let is_observed = !observers.is_empty();
    let first = if is_observed { greeting::answer(&client, target.delay, observers)? } else { Vec::new() };
    let server = match TcpStream::connect(target.server) {
        Ok(server) => Arc::new(server),
        Err(error) => {
            let reason = format!("cannot connect to {}: {error}", target.server);
            tell(observers, |observer| observer.unreachable(&reason));
            return if is_observed {
                greeting::refuse(&client, &format!("the proxy {reason}"))
            } else {
                Err(error)
            };
        }
    };
    server.set_nodelay(true)?;
    if !connections.add_server(number, &server) {
        return Ok(());
    }
    // A request and a reply can pass at the same moment. With the lock, all observers learn about them in the same order.
    // Without it, one observer could count two round trips where another counts one.
    let order = Mutex::new(());
    let in_order = |call: &dyn Fn(&dyn ObserveBytes)| {
        let _order = order.lock().unwrap_or_else(PoisonError::into_inner);
        tell(observers, call);
    };
    let from_client = |bytes: &[u8], passage| in_order(&|observer| observer.client(bytes, passage));
    let from_server = |bytes: &[u8], passage| in_order(&|observer| observer.server(bytes, passage));
    thread::scope(|scope| {
        let to_server = || relay(&client, &server, target.delay, first, &from_client);
        // If the system has no thread left, the connection is closed.
        if thread::Builder::new().spawn_scoped(scope, to_server).is_ok() {
            relay(&server, &client, target.delay, Vec::new(), &from_server);
        }
    });
    Ok(())
}

/// Calls each observer. The bytes go on even if one of them panics.
fn tell(observers: &[Box<dyn ObserveBytes>], call: impl Fn(&dyn ObserveBytes)) {
    for observer in observers {
        let _ = catch_unwind(AssertUnwindSafe(|| call(&**observer)));
    }
}

/// Removes a connection from the open ones when it is dropped.
struct Closing<'c> {
    number: u64,
    connections: &'c Connections,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.connections.lock().open.remove(&self.number);
    }
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is a single step, so the state is valid even if a thread panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection, unless the listener was dropped.
    fn open(&self, client: TcpStream) -> Option<(u64, Arc<TcpStream>)> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let (number, client) = (state.next, Arc::new(client));
        state.next += 1;
        state.open.insert(number, Connection { client: Arc::clone(&client), server: None });
        Some((number, client))
    }

    /// Adds the server of a connection. Returns false if the listener was dropped.
    fn add_server(&self, number: u64, server: &Arc<TcpStream>) -> bool {
        let mut state = self.lock();
        if let Some(connection) = state.open.get_mut(&number) {
            connection.server = Some(Arc::clone(server));
        }
        !state.closed
    }

    /// Closes all connections and refuses new ones. The connections' threads notice and end.
    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        for connection in state.open.values() {
            for stream in [Some(&connection.client), connection.server.as_ref()].into_iter().flatten() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}
