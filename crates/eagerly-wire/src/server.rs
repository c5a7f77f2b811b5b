//! A throw-away PostgreSQL server.
//!
//! Tests and example programs need a server that is empty, private, and removed afterwards. A container needs a
//! daemon and a download. A server that already runs on the machine holds the user's data. So [`Server`] runs the
//! installed *programs* of PostgreSQL on a temporary folder.
//!
//! Dropping a [`Server`] stops it and removes its folder. Destructors do not run if the program is killed, calls
//! `exit`, or keeps the server in a static. So a second process, the keeper, cleans up. Its standard input is a pipe
//! whose other end belongs to the program. However the program ends, the system then closes that end.
//! `server/keeper.sh` is the whole keeper.

mod error;
mod for_tests;
#[cfg(not(unix))]
mod unsupported;

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod keeper;
#[cfg(unix)]
mod programs;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

pub use error::ServerError;
pub use for_tests::for_tests;

#[cfg(unix)]
use keeper::Keeper;
#[cfg(not(unix))]
use unsupported::Keeper;

/// How many ports are tried. After a port is chosen, another program can take it before the server binds it.
const ATTEMPTS: usize = 5;

/// A PostgreSQL server with an empty database, in a temporary folder.
///
/// Its only user is `postgres`, without a password. It accepts connections from this machine only, at most 200 at once.
/// It does not wait for the disk, so a crash of the machine loses its data.
#[derive(Debug)]
pub struct Server {
    keeper: Keeper,
    port: u16,
}

impl Server {
    /// Starts a server.
    ///
    /// # Errors
    ///
    /// Fails if PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self, ServerError> {
        Self::with_settings(&[])
    }

    /// Starts a server with settings of `postgresql.conf`, each written as `name=value`.
    ///
    /// The settings replace the defaults of this crate, except for the addresses and the log's destination.
    ///
    /// # Errors
    ///
    /// Fails if PostgreSQL is not installed, or does not start. If PostgreSQL rejects a setting, the error has the reason.
    pub fn with_settings(settings: &[&str]) -> Result<Self, ServerError> {
        let mut keeper = Keeper::start(settings)?;
        keeper.wait_for_data()?;
        let port = start_on_free_port(&mut keeper)?;
        Ok(Self { keeper, port })
    }

    /// Starts the server again with its data, after it has ended, for example because a test killed it. It listens on
    /// another port.
    ///
    /// # Errors
    ///
    /// Fails if the server still runs after a minute, or does not start.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.keeper.wait_for_end()?;
        self.port = self.keeper.after_a_kill(start_on_free_port)?;
        Ok(())
    }

    /// Returns whether PostgreSQL's programs are installed, without running them.
    #[must_use]
    pub fn is_available() -> bool {
        Keeper::is_available()
    }

    /// Returns the URL of the database over TCP.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address())
    }

    /// Returns the URL of the database over the Unix socket, which skips the TCP stack.
    #[must_use]
    pub fn socket_url(&self) -> String {
        let folder = percent_encoded(self.folder());
        format!("postgres://postgres@/postgres?host={folder}&port={}", self.port)
    }

    /// Returns the TCP address of the server, for example the target of a [`Proxy`](crate::Proxy).
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Returns the text of the server's log so far.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read.
    pub fn log(&self) -> io::Result<String> {
        // A statement in the log can contain bytes that are not UTF-8.
        Ok(String::from_utf8_lossy(&std::fs::read(self.log_path())?).into_owned())
    }

    /// Returns the path of the server's log.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.keeper.log_path()
    }

    /// Returns the server's folder. It holds the data, the log and the Unix socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.keeper.folder()
    }

    /// Returns the server's version number, for example `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.keeper.version()
    }
}

/// Starts the server on a port that no other program has. Returns the port.
fn start_on_free_port(keeper: &mut Keeper) -> Result<u16, ServerError> {
    for _ in 0..ATTEMPTS {
        let port = free_port().map_err(ServerError::io("find a free port on", "127.0.0.1"))?;
        if keeper.start_server(port)? {
            return Ok(port);
        }
    }
    Err(ServerError::DidNotStart { log: format!("{ATTEMPTS} ports in a row were taken by other programs") })
}

/// Returns a port that no program uses now.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Returns a path as a value in the query of a URL. A slash is allowed there.
fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_percent_encoded_in_a_url() {
        assert_eq!(percent_encoded(Path::new("/tmp/a-b_c.d~1")), "/tmp/a-b_c.d~1");
        assert_eq!(percent_encoded(Path::new("/a b&c=d%é")), "/a%20b%26c%3Dd%25%C3%A9");
    }
}
