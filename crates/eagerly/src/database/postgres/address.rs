//! Where a server listens, and how its running statement is stopped: through another connection to the same place.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::{CancelToken, NoTls};

use crate::database::postgres::driver;
use crate::database::postgres::wire::{Control, Socket, Wire};

/// A place where a server listens.
#[derive(Debug, Clone)]
pub(super) enum Address {
    Tcp {
        host: String,
        address: SocketAddr,
    },
    #[cfg(unix)]
    Unix(std::path::PathBuf),
}

impl Address {
    pub(super) fn open(&self, timeout: Duration) -> io::Result<Socket> {
        let socket = match self {
            Self::Tcp { address, .. } => Socket::Tcp(TcpStream::connect_timeout(address, timeout)?),
            #[cfg(unix)]
            Self::Unix(path) => Socket::Unix(std::os::unix::net::UnixStream::connect(path)?),
        };
        socket.configured()
    }

    /// The name that the server's certificate has to show.
    pub(super) fn host(&self) -> &str {
        match self {
            Self::Tcp { host, .. } => host,
            #[cfg(unix)]
            Self::Unix(_) => "",
        }
    }
}

/// Stops the running statement of a connection, through a connection of its own.
#[derive(Clone)]
pub(crate) struct Canceller {
    pub(super) address: Address,
    pub(super) timeout: Duration,
    pub(super) token: CancelToken,
    pub(super) encrypts: bool,
}

impl Canceller {
    /// Asks the server to stop the running statement.
    pub(crate) fn cancel(&self) {
        let Ok(socket) = self.address.open(self.timeout) else {
            return;
        };
        let control = Arc::new(Control::default());
        let wire = Wire::new(socket, Arc::clone(&control));
        let start = Instant::now();
        let is_late = || start.elapsed() > self.timeout;
        // There is no answer, and whether the statement stops is not known here.
        match self.encrypts {
            false => drop(driver::connect(&control, self.token.cancel_query_raw(wire, NoTls), is_late)),
            #[cfg(feature = "tls")]
            true => {
                if let Ok(tls) = crate::database::postgres::tls::connector(self.address.host()) {
                    drop(driver::connect(&control, self.token.cancel_query_raw(wire, tls), is_late));
                }
            }
            #[cfg(not(feature = "tls"))]
            true => {}
        }
    }
}
