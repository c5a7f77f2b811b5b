//! Encryption, by `rustls`.
//!
//! The server's certificate must be valid for its host, by a root that this machine trusts. With the environment
//! variables `SSL_CERT_FILE` or `SSL_CERT_DIR`, other roots are trusted instead, such as that of a company.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::database::postgres::wire::Wire;
use crate::error::{DatabaseError, Failure};

type Connector = <MakeRustlsConnect as MakeTlsConnect<Wire>>::TlsConnect;

/// Returns what encrypts a connection to a host.
pub(super) fn connector(host: &str) -> Result<Connector, DatabaseError> {
    let unencrypted = |message: String| DatabaseError::new(Failure::Unencrypted, message);
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(unencrypted(
            "this machine trusts no certificate; name a file of roots in SSL_CERT_FILE".to_owned(),
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unencrypted(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connect = MakeRustlsConnect::new(config);
    <MakeRustlsConnect as MakeTlsConnect<Wire>>::make_tls_connect(&mut connect, host)
        .map_err(|error| unencrypted(format!("{host:?} is not the name of a host: {error}")))
}
