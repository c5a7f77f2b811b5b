//! A real browser for tests: headless Chromium, controlled through chromedriver.
//!
//! A test starts with [`Browser::start`], which returns `None` if chromedriver is not installed. The test
//! then returns early and passes. If the environment variable `CHROMEDRIVER_REQUIRED` is set, the test fails
//! instead. All methods panic on failure, which fails the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, Runtime};

/// The time limit for a page to reach an expected state.
const PATIENCE: Duration = Duration::from_secs(20);

/// A headless browser and its chromedriver process. Dropping it ends both.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Child,
    port: u16,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.runtime.block_on(self.client.clone().close());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Starts a browser whose window is `width` pixels wide, with additional command line arguments.
    ///
    /// Returns `None` and prints a note if chromedriver cannot be started.
    #[must_use]
    pub fn start(width: u32, arguments: &[&str]) -> Option<Self> {
        let port = free_port();
        let driver = Command::new(std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into()))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(driver) = driver else {
            let required = std::env::var_os("CHROMEDRIVER_REQUIRED").is_some();
            assert!(!required, "cannot start chromedriver");
            eprintln!(
                "SKIPPED: cannot start chromedriver\n  help: install Chromium and its driver (Debian: apt install chromium chromium-driver)"
            );
            return None;
        };
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(connect(port, &capabilities(width, arguments)));
        Some(Self {
            runtime,
            client: client.expect("chromedriver runs, but cannot start a browser"),
            driver,
            port,
        })
    }

    /// Opens a page. The address is a URL, with `http:` or `file:`.
    pub fn open(&self, address: &str) {
        self.runtime.block_on(self.client.goto(address)).unwrap();
    }

    /// Returns the value of a JavaScript expression, as JSON.
    pub fn evaluate(&self, script: &str) -> Json {
        let script = format!("return {script}");
        self.runtime
            .block_on(self.client.execute(&script, Vec::new()))
            .unwrap()
    }

    /// Returns the visible text of the first element that matches a CSS selector, or an empty text.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        let text = self.evaluate(&inner_text(selector));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Clicks on the first element that matches a CSS selector.
    pub fn click(&self, selector: &str) {
        self.evaluate(&format!("document.querySelector({selector:?}).click()"));
    }

    /// Sets the value of the form field with this `id`, and sends its `input` and `change` events.
    pub fn set(&self, id: &str, value: &str) {
        self.evaluate(&format!(
            "(() => {{ const field = document.getElementById({id:?}); field.value = {value:?}; \
             for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {{ bubbles: true }})); }})()"
        ));
    }

    /// Presses keys, one after the other, while the element with this `id` has the focus.
    pub fn press(&self, id: &str, keys: &[Key]) {
        let keys: String = keys.iter().map(|key| &**key).collect();
        self.runtime.block_on(async {
            let element = self.client.find(Locator::Id(id)).await.unwrap();
            element.send_keys(&keys).await.unwrap();
        });
    }

    /// Waits until a JavaScript expression is true, for at most 20 seconds.
    pub fn wait_for(&self, script: &str) {
        let start = Instant::now();
        while self.evaluate(script) != true {
            assert!(start.elapsed() < PATIENCE, "timed out waiting for: {script}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the visible text of an element contains `words`, for at most 20 seconds.
    pub fn wait_for_text(&self, selector: &str, words: &str) {
        self.wait_for(&format!("({}).includes({words:?})", inner_text(selector)));
    }

    /// Waits until a JavaScript expression is true in the first frame of the page, for at most 20 seconds.
    ///
    /// The expression also works in a sandboxed frame, which the page's own scripts cannot access.
    pub fn wait_for_in_frame(&self, script: &str) {
        let start = Instant::now();
        let look = format!("return {script}");
        let is_true = || {
            self.runtime.block_on(async {
                self.client.enter_frame(0).await.unwrap();
                let found = self.client.execute(&look, Vec::new()).await;
                self.client.enter_parent_frame().await.unwrap();
                found.is_ok_and(|found| found == true)
            })
        };
        while !is_true() {
            assert!(
                start.elapsed() < PATIENCE,
                "timed out waiting in the frame for: {script}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Checks that the browser's console is empty: no errors, and nothing that the security policy blocked.
    ///
    /// It also checks that no alert is open, because chromedriver rejects the request while one is open.
    pub fn nothing_is_wrong(&self) {
        let session = self.runtime.block_on(self.client.session_id()).unwrap().unwrap();
        let body = r#"{"type":"browser"}"#;
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "POST /session/{session}/se/log HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        // The driver keeps the connection open, so the end of the body comes from its Content-Length header.
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        let mut line = String::from("head");
        while !line.trim().is_empty() {
            line.clear();
            answer.read_line(&mut line).unwrap();
            if let Some(given) = line.to_lowercase().strip_prefix("content-length:") {
                length = given.trim().parse().unwrap();
            }
        }
        let mut said = vec![0; length];
        answer.read_exact(&mut said).unwrap();
        let said: Json = serde_json::from_slice(&said).unwrap();
        assert_eq!(said["value"], json!([]));
    }
}

fn free_port() -> u16 {
    let any = TcpListener::bind("127.0.0.1:0").unwrap();
    any.local_addr().unwrap().port()
}

fn capabilities(width: u32, arguments: &[&str]) -> Json {
    let window = format!("--window-size={width},900");
    let mut all = vec![
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        &window,
    ];
    all.extend(arguments);
    json!({
        "goog:chromeOptions": {"args": all},
        "goog:loggingPrefs": {"browser": "ALL"},
        // An alert stays open, so that it fails the test.
        "unhandledPromptBehavior": "ignore",
    })
}

/// Connects to the driver. Retries for about 10 seconds, because the driver does not listen immediately.
async fn connect(port: u16, capabilities: &Json) -> Option<Client> {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities.as_object()?.clone());
    for _ in 0..100 {
        if let Ok(client) = builder.connect(&format!("http://127.0.0.1:{port}")).await {
            return Some(client);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

fn inner_text(selector: &str) -> String {
    format!("document.querySelector({selector:?})?.innerText ?? ''")
}
