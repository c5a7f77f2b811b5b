//! The check of each request: only this server's own pages may send it.
//!
//! With DNS rebinding, an attacker's domain name resolves to this machine, and a page of that domain can read
//! this server. Its requests carry that domain as their `Host`, so every `Host` other than this machine's own
//! is refused. An IP address is safe, because it is not resolved.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// Returns whether the `Host` of a request names this server.
#[must_use]
pub fn is_ours(host: &str, server: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        // The colons of a bare IPv6 address do not separate a port.
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port),
        _ => (host, "80"),
    };
    port.parse() == Ok(server.port()) && is_ours_by_name(name, server.ip())
}

fn is_ours_by_name(name: &str, server: IpAddr) -> bool {
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let digits = name.trim_start_matches('[').trim_end_matches(']');
    match digits.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || address == server || server.is_unspecified(),
        Err(_) => false,
    }
}

/// Returns whether a page of another site caused the request. Navigation, such as following a link, is
/// allowed.
#[must_use]
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate")
}

/// Returns the `Host` header, or an empty string if there is none.
#[must_use]
pub fn named(headers: &HeaderMap) -> &str {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_own_names_are_ours() {
        let here: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"] {
            assert!(is_ours(host, here), "{host}");
        }
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:80",
            "evil.example:8080",
            "localhost.evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "192.168.1.5:8080",
            "127.0.0.1:8080:8080",
            "::1",
        ] {
            assert!(!is_ours(host, here), "{host}");
        }
        let everywhere: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        assert!(is_ours("192.168.1.5:8080", everywhere));
        assert!(!is_ours("evil.example:8080", everywhere));
        let there: SocketAddr = "192.168.1.5:80".parse().unwrap();
        assert!(is_ours("192.168.1.5", there));
        assert!(!is_ours("192.168.1.6", there));
    }
}
