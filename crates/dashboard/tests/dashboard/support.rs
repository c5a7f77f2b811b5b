//! A dashboard that runs, and a client so plain that nothing is between the test and the server.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::{Duration, Instant};

use dashboard::{Dashboard, Shops};
use shop::Size;
use tokio::net::TcpListener;

/// A shop in which 1 + C + O is soon sent.
pub const CUSTOMERS: u32 = 60;
pub const ORDERS: u64 = 240;
pub const ITEMS: u64 = 720;

/// A dashboard that is shared by the tests that leave it as it is.
pub static SHARED: LazyLock<Server> = LazyLock::new(|| Server::start(CUSTOMERS, 4.0));

/// A dashboard on a port of its own. It ends with the test program.
pub struct Server {
    pub address: SocketAddr,
    pub dashboard: Arc<Dashboard>,
}

impl Server {
    pub fn start(customers: u32, orders: f64) -> Self {
        let size = Size {
            customers,
            orders,
            ..Size::default()
        };
        let dashboard = Dashboard::new(Shops::prepare(None, &size).unwrap());
        let (told, address) = mpsc::channel();
        let serving = Arc::clone(&dashboard);
        std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                serving.serve(listener).await.unwrap();
            });
        });
        Self {
            address: address.recv().unwrap(),
            dashboard,
        }
    }

    /// The address of a path, for a browser.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks for a path, as this server's own host.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[("Host", &self.address.to_string())])
    }

    /// Asks for a path, with headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = self.ask(path, headers);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&String::from_utf8(bytes).unwrap())
    }

    /// Sends a request (`/path`, or `POST /path`) and leaves the answer to be read. HTTP/1.0, so that it ends with the connection.
    pub fn ask(&self, path: &str, headers: &[(&str, &str)]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (method, path) = path.split_once(' ').unwrap_or(("GET", path));
        let mut request = format!("{method} {path} HTTP/1.0\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        stream
    }

    /// Waits until so many pages are running.
    pub fn wait_until_running(&self, pages: usize) {
        let start = Instant::now();
        while self.dashboard.running() != pages {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{} pages are running, not {pages}",
                self.dashboard.running()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// What came back.
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

    /// The lines of the admin page, each without its markup.
    pub fn lines(&self) -> Vec<String> {
        let (_, page) = self.body.split_once("<section class=\"customers\">").unwrap();
        let (_, rows) = page.split_once("<tbody>").unwrap();
        let (rows, _) = rows.split_once("</tbody>").unwrap();
        let rows = rows.split("<tr>").skip(1);
        rows.map(|row| {
            let cells = row.split("</td>").filter_map(|cell| cell.split_once('>'));
            cells
                .map(|(_, text)| text.replace("<td>", ""))
                .collect::<Vec<_>>()
                .join("|")
        })
        .collect()
    }

    /// The number of statements in the bar.
    pub fn statements(&self) -> u64 {
        let (_, rest) = self.body.split_once("data-number=\"").unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    }
}
