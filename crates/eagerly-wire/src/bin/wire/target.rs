//! Finds the server, and checks that it is PostgreSQL.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};

/// The port of PostgreSQL, for an address without one.
const PORT: u16 = 5432;

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks whether the server uses encryption: a length of eight bytes, and a code. It needs no user, and every version of
/// PostgreSQL answers with one letter.
const QUESTION: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Returns the address of the server.
pub fn find(to: &str) -> Result<SocketAddr> {
    if to.contains(['/', '@', '=']) {
        // It is not repeated, because a URL can contain a password.
        bail!(
            "--to needs an address, and not a URL\n  help: name the server as HOST:PORT, for example --to localhost:5432"
        );
    }
    let has_port = to.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { to.to_owned() } else { format!("{to}:{PORT}") };
    let found = address.to_socket_addrs().map_err(|error| {
        // "failed to lookup address information: Name or service not known"
        let error = error.to_string();
        let reason = error.rsplit(": ").next().unwrap_or_default();
        anyhow!(
            "cannot find the host of {to}: {reason}\n  help: name the server as HOST:PORT, for example --to localhost:5432"
        )
    })?;
    // `localhost` often has two addresses, but the server listens only on one of them.
    let mut refusal = None;
    for address in found {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(server) => return check(server, address),
            Err(error) => refusal = Some((address, error)),
        }
    }
    match refusal {
        Some((address, error)) => bail!(
            "no server answers at {address}: {error}\n  help: start PostgreSQL, or name its address with --to HOST:PORT"
        ),
        None => bail!("the host of {to} has no address\n  help: name the server as HOST:PORT"),
    }
}

fn check(mut server: TcpStream, address: SocketAddr) -> Result<SocketAddr> {
    server.set_read_timeout(Some(PATIENCE))?;
    let mut answer = [0; 16];
    let answered = server.write_all(&QUESTION).and_then(|()| server.read(&mut answer));
    match answered.ok().and_then(|count| answer.get(..count)) {
        // S: it can encrypt. N: it cannot. Then it waits. The greeting of a server for SSH begins with an S, too.
        // E: an error, for example too many connections, and then its length.
        Some([b'S' | b'N'] | [b'E'] | [b'E', 0, ..]) => Ok(address),
        _ => bail!(
            "the server at {address} is not PostgreSQL\n  help: name the address of the database with --to HOST:PORT"
        ),
    }
}
