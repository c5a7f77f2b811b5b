//! A running dashboard, and a minimal HTTP client. It uses a plain socket, so that tests see the exact
//! response.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::{Duration, Instant};

use dashboard::{Dashboard, Preparing, Shops};
use shop::Size;
use tokio::net::TcpListener;

/// The size of a shop in which even a lazy page (1 + customers + orders statements) is fast.
pub const CUSTOMERS: u32 = 60;
pub const ORDERS: u64 = 240;
pub const ITEMS: u64 = 720;

/// A limit for everything that happens at some time. Without a failure, no test needs it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The dashboard that all tests without side effects share.
pub static SHARED: LazyLock<Server> = LazyLock::new(|| Server::start(CUSTOMERS, 4.0));

/// A dashboard on its own port. It runs until the test program ends.
pub struct Server {
    pub address: SocketAddr,
    pub dashboard: Arc<Dashboard>,
}

impl Server {
    pub fn start(customers: u32, orders: f64) -> Self {
        let size = Size { customers, orders, ..Size::default() };
        Self::serve(Shops::prepare(None, &size, &Preparing::default()).unwrap())
    }

    /// Starts a dashboard on a throw-away PostgreSQL server. Returns `None` if PostgreSQL is not installed, unless it is
    /// required.
    #[cfg(feature = "postgres")]
    pub fn on_postgres(customers: u32, orders: f64) -> Option<Self> {
        let size = Size { customers, orders, ..Size::default() };
        if !eagerly_wire::Server::is_available() {
            assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "PostgreSQL is not installed");
            return None;
        }
        Some(Self::serve(Shops::on_server(None, &size, &Preparing::default()).unwrap()))
    }

    fn serve(shops: Shops) -> Self {
        let dashboard = Dashboard::new(shops);
        let (told, address) = mpsc::channel();
        let serving = Arc::clone(&dashboard);
        std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                serving.serve(listener).await.unwrap();
            });
        });
        Self { address: address.recv().unwrap(), dashboard }
    }

    /// Returns the URL of a path, for a browser.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Requests a path with the correct `Host` header.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[("Host", &self.address.to_string())])
    }

    /// Requests the admin page with these settings, as a browser without JavaScript does: the response contains the result.
    pub fn page(&self, query: &str) -> Answer {
        self.get(&format!("/?plain=yes&{query}"))
    }

    /// Requests a path with these headers, and no others.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = self.ask(path, headers);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&String::from_utf8(bytes).unwrap())
    }

    /// Sends a request (`/path`, or `POST /path`) and returns the connection with the unread response. It
    /// uses HTTP/1.0, so that the response ends when the connection closes.
    pub fn ask(&self, path: &str, headers: &[(&str, &str)]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (method, path) = path.split_once(' ').unwrap_or(("GET", path));
        let mut request = format!("{method} {path} HTTP/1.0\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        stream
    }

    /// Waits until exactly `pages` pages are running. Panics after a minute.
    pub fn wait_until_running(&self, pages: usize) {
        let start = Instant::now();
        while self.dashboard.running() != pages {
            assert!(
                start.elapsed() < PATIENCE,
                "{} pages are running, not {pages}",
                self.dashboard.running()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A response.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Returns the lines of the admin page, without markup.
    pub fn lines(&self) -> Vec<String> {
        let (_, page) = self.body.split_once("<section class=\"customers\">").unwrap();
        let (_, rows) = page.split_once("<tbody>").unwrap();
        let (rows, _) = rows.split_once("</tbody>").unwrap();
        let rows = rows.split("<tr>").skip(1);
        rows.map(|row| {
            let cells = row.split("</td>").filter_map(|cell| cell.split_once('>'));
            cells.map(|(_, text)| text.replace("<td>", "")).collect::<Vec<_>>().join("|")
        })
        .collect()
    }

    /// Returns the number of statements that the page shows.
    pub fn statements(&self) -> u64 {
        let (_, rest) = self.body.split_once("data-number=\"").unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    }
}
