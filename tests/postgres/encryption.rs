//! Encryption: whatever is asked for is done, and a certificate that is not right is refused with the reason.
//!
//! The roots that a program trusts come from its environment, which is the same for all of its tests. So the test runs
//! this program again, with a root of its own in `SSL_CERT_FILE`.

use std::path::Path;
use std::process::Command;

use eagerly::{Failure, Session, Value, params, selectin};
use eagerly_wire::Server;
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use shop::{Customer, Order, OrderItem, Size, data, page};

use crate::databases::interrupted;
use crate::failures::reload;
use crate::shared::yielding;

on_postgres!(what_is_asked_for_is_encrypted_and_a_wrong_certificate_is_refused);

/// The environment variable that tells this program that it was run again, and where its files are.
const FOLDER: &str = "EAGERLY_TEST_OF_ENCRYPTION";

fn what_is_asked_for_is_encrypted_and_a_wrong_certificate_is_refused() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return with_a_root(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("encryption::on_postgres::what_is_asked_for_is_encrypted_and_a_wrong_certificate_is_refused")
        .env(FOLDER, folder.path())
        .env("SSL_CERT_FILE", folder.path().join("root.pem"))
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{}", printed.join("\n"));
    assert!(printed[0].contains("1 passed"), "{}", printed.join("\n"));
}

/// A certificate that signs others, and its key.
struct Root {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Root {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// Returns the certificate of a server with a name, and its key.
    fn signs(&self, name: &str, last_year: i32) -> [String; 2] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        [params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem()]
    }
}

const FOREVER: i32 = 2999;

fn with_a_root(folder: &Path) {
    let root = Root::new("The root of a test");
    std::fs::write(folder.join("root.pem"), root.certificate.pem()).unwrap();
    let server = Server::start().unwrap();
    let plain = Session::connect(&server.url()).unwrap();
    a_server_without_encryption_is_refused(&server);
    install(&server, &plain, root.signs("localhost", FOREVER));
    let url = url(&server, "require");
    everything_works(&Session::connect(&url).unwrap());
    everything_works(&Session::connect(&url.replace("=require", "=verify-full")).unwrap());
    an_interrupter_stops_a_statement(&url);
    a_lost_connection_says_so(&url, &plain);

    for (certificate, reason) in [
        (Root::new("Another root").signs("localhost", FOREVER), "UnknownIssuer"),
        (root.signs("localhost", 2001), "expired"),
        (root.signs("another.example.com", FOREVER), "not valid for name \"localhost\""),
    ] {
        install(&server, &plain, certificate);
        let error = Session::connect(&url).err().unwrap_or_else(|| panic!("connected in spite of: {reason}"));
        assert_eq!(error.database().unwrap().kind, Failure::Unencrypted, "{error}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }
}

fn url(server: &Server, mode: &str) -> String {
    format!("postgres://postgres@localhost:{}/postgres?sslmode={mode}", server.address().port())
}

/// Installs a certificate on the server and its key, which only the server's own user may read.
fn install(server: &Server, plain: &Session, [certificate, key]: [String; 2]) {
    for (file, text) in [("server.crt", certificate), ("server.key", key)] {
        let lines = format!("SELECT unnest(string_to_array('{}', chr(10)))", text.trim());
        let sql = format!("COPY ({lines}) TO PROGRAM 'umask 077; rm -f {file}; cat > {file}'");
        plain.execute(&sql, []).unwrap();
    }
    plain.execute("ALTER SYSTEM SET ssl = on", []).unwrap();
    reload(&server.url());
}

fn a_server_without_encryption_is_refused(server: &Server) {
    for mode in ["require", "verify-full"] {
        let error = Session::connect(&url(server, mode)).unwrap_err();
        assert_eq!(error.database().unwrap().kind, Failure::Unencrypted, "{error}");
        assert!(error.to_string().contains("server does not support TLS"), "{error}");
    }
}

/// Reads and writes everything that takes many records of TLS, each of which holds 16 kB.
fn everything_works(session: &Session) {
    #[derive(eagerly::FromRow)]
    struct Encrypted {
        ssl: bool,
    }
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert!(session.query::<Encrypted>(sql, []).unwrap()[0].ssl);

    session.execute("DROP SCHEMA IF EXISTS shop CASCADE", []).unwrap();
    session.execute("CREATE SCHEMA shop", []).unwrap();
    session.execute("SET search_path = shop", []).unwrap();
    data::fill(session, &Size { customers: 200, orders: 3.0, items: 2.0, seed: 1 }, |_| {}).unwrap();
    let rows = |customers: Vec<Customer>| format!("{:?}", page::rows(&customers).unwrap());
    let expected = rows(session.all(Customer::select()).unwrap());
    for strategy in yielding() {
        let path = eagerly::by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
        let found = session.all(Customer::select().with(path)).unwrap();
        assert_eq!(rows(found), expected, "{strategy}");
    }

    let before = session.count(OrderItem::select()).unwrap();
    let item = session.all(OrderItem::select().limit(1)).unwrap().remove(0);
    let items = (0..10_000).map(|_| OrderItem {
        id: 0,
        product: item.product.clone(),
        order: Default::default(),
        ..item
    });
    assert_eq!(session.insert_all(items).unwrap(), 10_000);
    // Rows and notices fill both directions.
    for sql in [
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE NOTICE '%', repeat('x', 10000); RETURN NEW; END $$",
        "CREATE TRIGGER shouts BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION shout()",
    ] {
        session.execute(sql, []).unwrap();
    }
    let large = (1_000..3_000).map(|id| Customer {
        id,
        first_name: "x".repeat(10_000),
        last_name: String::new(),
        email: String::new(),
        orders: Default::default(),
    });
    assert_eq!(session.insert_all(large).unwrap(), 2_000);

    let mut chunks = 0;
    session
        .chunks(OrderItem::select(), 700, |items| {
            chunks += items.len() as u64;
            Ok(())
        })
        .unwrap();
    assert_eq!(chunks, before + 10_000);

    for length in [16_383, 16_384, 16_385, 100_000, 2_000_000] {
        let name = "é".repeat(length / 2);
        let sql = "UPDATE customers SET first_name = $1 WHERE id = 7";
        session.execute(sql, params![Value::from(name.as_str())]).unwrap();
        let query = Customer::select().with(selectin(Customer::ORDERS));
        let found = session.all(query.filter(Customer::ID.eq(7))).unwrap();
        assert!(found[0].first_name == name, "{length}");
    }
}

fn an_interrupter_stops_a_statement(url: &str) {
    let session = Session::connect(url).unwrap();
    let error = interrupted(&session, url, || session.execute("SELECT pg_sleep(600)", [])).unwrap_err();
    assert_eq!(error.database().unwrap().kind, Failure::Interrupted, "{error}");
    session.execute("SELECT 1", []).unwrap();
}

fn a_lost_connection_says_so(url: &str, plain: &Session) {
    let session = Session::connect(url).unwrap();
    session.execute("SELECT 1", []).unwrap();
    // Waits until the process is gone, at most a minute.
    plain.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_ssl WHERE ssl", []).unwrap();
    let error = session.execute("SELECT 1", []).unwrap_err();
    assert_eq!(error.database().unwrap().kind, Failure::Disconnected, "{error}");
    session.close().unwrap();
}
