//! From a URL to a connection.
//!
//! The client library reads the URL, signs on (with SCRAM, if the server requires a password), and encrypts. Only the
//! socket is opened here, because a session needs one that blocks (`wire.rs`).

use std::io;
use std::net::ToSocketAddrs as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::NoTls;
use tokio_postgres::config::{Config, Host, LoadBalanceHosts, SslMode, TargetSessionAttrs};
use tokio_postgres::tls::TlsConnect;

use crate::database::postgres::address::{Address, Canceller};
use crate::database::postgres::connection::Connection;
use crate::database::postgres::driver::{self, Driver};
use crate::database::postgres::wire::{Control, Socket, Wire};
use crate::error::{DatabaseError, Failure};

/// How long to wait for a server that does not answer, if the URL has no `connect_timeout`.
const TIMEOUT: Duration = Duration::from_secs(10);

const FORM: &str = "its form is postgres://user:password@host:port/database?sslmode=require, and characters such as \
                    @ : / ? # in a name or password are written in percent-encoding, %40 for @";

/// Connects to the server that a URL names. Returns also how to call the server in a message: without the password.
pub(crate) fn connect(url: &str) -> (String, Result<Connection, DatabaseError>) {
    match parsed(url) {
        Err(error) => ("the server in the URL".to_owned(), Err(error)),
        Ok(config) => (shown(&config), connect_to_any(&config)),
    }
}

fn error(kind: Failure, message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(kind, message)
}

/// Reads a URL. A message never repeats a part of it that could belong to a password.
fn parsed(url: &str) -> Result<Config, DatabaseError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(error(Failure::Url, format!("the URL does not begin with postgres://; {FORM}")));
    }
    // The library ends user and password at the first @. So the rest of a password that contains one would be taken for a
    // host, a user or a database, and a message would contain it. If `&password=` comes before the @, that is perhaps an
    // option whose `?` was forgotten.
    let (_, after_scheme) = url.split_once("://").unwrap_or_default();
    if let Some((credentials, rest)) = after_scheme.split_once('@')
        && (credentials.contains(['/', '?']) || credentials.contains("&password=") || rest.contains('@'))
    {
        return Err(error(
            Failure::Url,
            format!("an @, /, ? or & in the password or in an option is not in percent-encoding; {FORM}"),
        ));
    }
    let names_mode = url.split(['?', '&']).skip(1).any(|option| option.starts_with("sslmode="));
    // The library's `require` checks the certificate and the name in it, as `verify-full` does elsewhere.
    let url = url.replace("sslmode=verify-full", "sslmode=require");
    let mut config: Config = url.parse().map_err(|cause: tokio_postgres::Error| {
        let cause = cause.into_source().map(|cause| cause.to_string()).unwrap_or_default();
        let reason = match cause.strip_prefix("invalid value for option ") {
            Some(option) => format!("the value of {option} cannot be read"),
            None => "the URL cannot be read".to_owned(),
        };
        error(Failure::Url, format!("{reason}; {FORM}"))
    })?;
    if config.get_ssl_mode() == SslMode::Prefer {
        // That is also the library's default.
        if names_mode {
            return Err(error(
                Failure::Unencrypted,
                "with sslmode=prefer, data would be sent unencrypted, without a warning, if the server does not encrypt",
            ));
        }
        config.ssl_mode(SslMode::Disable);
    }
    // The server repeats the names of the user and of the database in its messages.
    let user_is_both =
        config.get_password().is_none() && config.get_user().is_some_and(|user| user.contains(':'));
    let database_is_url = config.get_dbname().is_some_and(|name| name.contains("://"));
    let host_has_user =
        config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(name) if name.contains('@')));
    // If the first option begins with & instead of ?, the options become a part of the name before them.
    let name_has_password = shown(&config).contains("password=");
    if user_is_both || database_is_url || host_has_user || name_has_password {
        return Err(error(
            Failure::Url,
            format!("the name of the user, the host or the database contains more than a name; {FORM}"),
        ));
    }
    if config.get_target_session_attrs() != TargetSessionAttrs::Any || !config.get_hostaddrs().is_empty() {
        return Err(error(
            Failure::Url,
            "a session does not support the options `target_session_attrs` and `hostaddr`; name the right server",
        ));
    }
    // The library leaves these to its own sockets. Their defaults are no timeout, two hours, and the order of the URL.
    let has_own_timeouts = config.get_tcp_user_timeout().is_some()
        || config.get_keepalives_idle() != Config::new().get_keepalives_idle()
        || config.get_keepalives_interval().is_some()
        || config.get_keepalives_retries().is_some();
    if has_own_timeouts || config.get_load_balance_hosts() != LoadBalanceHosts::Disable {
        return Err(error(
            Failure::Url,
            "a session does not support the options `tcp_user_timeout`, `keepalives_…` and `load_balance_hosts`; set \
             a `statement_timeout` on the server, and name the hosts in the order to try them",
        ));
    }
    if config.get_application_name().is_none() {
        config.application_name("eagerly");
    }
    Ok(config)
}

/// Returns the hosts and their ports. A single port is that of all hosts.
fn hosts(config: &Config) -> impl Iterator<Item = (&Host, u16)> {
    let ports = config.get_ports();
    let port = |number: usize| ports.get(number).or(ports.first()).copied().unwrap_or(5432);
    config.get_hosts().iter().enumerate().map(move |(number, host)| (host, port(number)))
}

/// Returns `user@host:port/database`.
fn shown(config: &Config) -> String {
    let hosts = hosts(config).map(|(host, port)| match host {
        Host::Tcp(name) => format!("{name}:{port}"),
        #[cfg(unix)]
        Host::Unix(folder) => format!("{}:{port}", folder.display()),
    });
    let hosts: Vec<_> = hosts.collect();
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let database = config.get_dbname().map(|name| format!("/{name}")).unwrap_or_default();
    format!("{user}{}{database}", hosts.join(","))
}

/// Tries the addresses in order. Returns the first connection, or the last error.
fn connect_to_any(config: &Config) -> Result<Connection, DatabaseError> {
    let timeout = config.get_connect_timeout().copied().unwrap_or(TIMEOUT);
    let mut last = error(Failure::Url, format!("the URL names no host; {FORM}"));
    for address in addresses(config) {
        let connected = address.and_then(|address| {
            let socket = address.open(timeout).map_err(unreachable)?;
            sign_on(config, address, socket, timeout)
        });
        match connected {
            Ok(connection) => return Ok(connection),
            // Another host has the same password.
            Err(error) if error.kind != Failure::Unreachable => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn unreachable(cause: io::Error) -> DatabaseError {
    let kind = match cause.kind() {
        io::ErrorKind::PermissionDenied => Failure::AccessDenied,
        _ => Failure::Unreachable,
    };
    error(kind, cause.to_string())
}

fn addresses(config: &Config) -> Vec<Result<Address, DatabaseError>> {
    let mut addresses = Vec::new();
    for (host, port) in hosts(config) {
        match host {
            Host::Tcp(host) => match (host.as_str(), port).to_socket_addrs() {
                Ok(found) => {
                    addresses.extend(found.map(|address| Ok(Address::Tcp { host: host.clone(), address })));
                }
                Err(cause) => {
                    addresses
                        .push(Err(error(Failure::Unreachable, format!("no host named {host}: {cause}"))));
                }
            },
            #[cfg(unix)]
            Host::Unix(folder) => addresses.push(Ok(Address::Unix(folder.join(format!(".s.PGSQL.{port}"))))),
        }
    }
    addresses
}

/// Signs on to the server at the other end of a socket, encrypted if the URL requires it.
fn sign_on(
    config: &Config,
    address: Address,
    socket: Socket,
    timeout: Duration,
) -> Result<Connection, DatabaseError> {
    if config.get_ssl_mode() == SslMode::Disable {
        return sign_on_through(NoTls, config, address, socket, timeout);
    }
    #[cfg(feature = "tls")]
    {
        let tls = crate::database::postgres::tls::connector(address.host())?;
        sign_on_through(tls, config, address, socket, timeout)
    }
    #[cfg(not(feature = "tls"))]
    {
        // Only a certificate is compared with the name of the host.
        let _ = address.host();
        Err(error(
            Failure::Unencrypted,
            "the URL asks for an encrypted connection, and this program was built without the feature `tls` of eagerly",
        ))
    }
}

/// Signs on, through what encrypts the connection or does not.
fn sign_on_through<T: TlsConnect<Wire, Stream: 'static>>(
    tls: T,
    config: &Config,
    address: Address,
    socket: Socket,
    timeout: Duration,
) -> Result<Connection, DatabaseError> {
    let control = Arc::new(Control::default());
    let wire = Wire::new(socket, Arc::clone(&control));
    let start = Instant::now();
    let is_late = || start.elapsed() > timeout;
    let late = || error(Failure::Unreachable, format!("the server did not answer within {timeout:?}"));
    let connected = driver::connect(&control, config.connect_raw(wire, tls), is_late);
    let (client, mover) = connected.ok_or_else(late)?.map_err(refusal)?;
    let encrypts = config.get_ssl_mode() != SslMode::Disable;
    let canceller = Canceller { address, timeout, token: client.cancel_token(), encrypts };
    Ok(Connection::new(client, Driver::new(Box::pin(mover), control), canceller))
}

/// Translates an error of signing on. The client library distinguishes its own errors only by their texts.
fn refusal(cause: tokio_postgres::Error) -> DatabaseError {
    let known = match cause.to_string().as_str() {
        "error performing TLS handshake" => Some(Failure::Unencrypted),
        // The second is a missing password.
        "authentication error" | "invalid configuration" => Some(Failure::AccessDenied),
        _ => None,
    };
    let refusal: DatabaseError = cause.into();
    // There is no session yet whose work could be lost. Perhaps another host answers.
    let kind = if refusal.kind == Failure::Disconnected { Failure::Unreachable } else { refusal.kind };
    DatabaseError { kind: known.unwrap_or(kind), ..refusal }
}
