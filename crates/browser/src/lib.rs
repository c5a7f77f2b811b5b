//! A real browser for tests: headless Chromium, controlled through chromedriver.
//!
//! A test starts with [`Browser::start`], which returns `None` if chromedriver is not installed. The test
//! then returns early and passes. If the environment variable `CHROMEDRIVER_REQUIRED` is set, the test fails
//! instead. All methods panic on failure, which fails the test.
//!
//! [`Browser::accessible`] checks the page for readers with a disability. [`Browser::resize`] and [`Browser::dark`] show it as
//! others see it.

mod accessible;
mod appearance;
mod keys;

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

/// The time limit for a page to reach an expected state.
const PATIENCE: Duration = Duration::from_secs(60);

/// A headless browser and its chromedriver process. Dropping it ends both.
pub struct Browser {
    driver: Driver,
    /// The address of the browser's session in the driver.
    session: String,
}

/// The program that drives browsers. Its protocol is WebDriver: JSON over HTTP. The tests send a dozen of its commands. A
/// library for all of them brought 56 crates, a tenth of what `cargo test` compiled.
struct Driver {
    process: Child,
    port: u16,
    agent: ureq::Agent,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.send("DELETE", &self.session, &json!({}));
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Driver {
    /// Sends a command, and returns the value of the answer, or the error.
    fn send(&self, method: &str, path: &str, body: &Json) -> Result<Json, String> {
        let address = format!("http://127.0.0.1:{}{path}", self.port);
        let sent = match method {
            "DELETE" => self.agent.delete(address).call(),
            "GET" => self.agent.get(address).call(),
            _ => self.agent.post(address).send_json(body),
        };
        let answer = sent.and_then(|mut answer| {
            let succeeded = answer.status().is_success();
            Ok((succeeded, answer.body_mut().read_json::<Json>()?))
        });
        match answer {
            Ok((true, mut answer)) => Ok(answer["value"].take()),
            Ok((false, answer)) => Err(format!("{method} {path}: {answer}")),
            Err(error) => Err(format!("{method} {path}: {error}")),
        }
    }

    /// Starts a browser. The driver takes a moment until it listens.
    fn session(&self, capabilities: &Json) -> Result<String, String> {
        let capabilities = json!({"capabilities": {"alwaysMatch": capabilities}});
        let start = Instant::now();
        loop {
            match self.send("POST", "/session", &capabilities) {
                Ok(value) => {
                    return Ok(format!("/session/{}", value["sessionId"].as_str().unwrap_or_default()));
                }
                Err(error) if start.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}

impl Browser {
    /// Starts a browser whose window is `width` pixels wide, with additional command line arguments.
    ///
    /// Returns `None` and prints a note if chromedriver cannot be started.
    #[must_use]
    pub fn start(width: u32, arguments: &[&str]) -> Option<Self> {
        let port = free_port();
        let process = Command::new(std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into()))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            let required = std::env::var_os("CHROMEDRIVER_REQUIRED").is_some();
            assert!(!required, "cannot start chromedriver");
            eprintln!(
                "SKIPPED: cannot start chromedriver\n  help: install Chromium and its driver (Debian: apt install chromium chromium-driver)"
            );
            return None;
        };
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(3 * PATIENCE))
            .http_status_as_error(false)
            .build();
        let driver = Driver { process, port, agent: config.new_agent() };
        let session = driver.session(&capabilities(width, arguments));
        let session = session.expect("chromedriver runs, but cannot start a browser");
        Some(Self { driver, session })
    }

    /// Sends a command to the browser.
    fn command(&self, name: &str, body: Json) -> Json {
        let path = format!("{}/{name}", self.session);
        self.driver.send("POST", &path, &body).unwrap()
    }

    /// Reads a value from the browser.
    fn get(&self, name: &str) -> Json {
        self.driver.send("GET", &format!("{}/{name}", self.session), &Json::Null).unwrap()
    }

    /// Opens a page. The address is a URL, with `http:` or `file:`.
    pub fn open(&self, address: &str) {
        self.command("url", json!({"url": address}));
    }

    /// Returns the value of a JavaScript expression, as JSON.
    pub fn evaluate(&self, script: &str) -> Json {
        self.command("execute/sync", json!({"script": format!("return {script}"), "args": []}))
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

    /// Waits until a JavaScript expression is true, for at most 20 seconds.
    pub fn wait_for(&self, script: &str) {
        let start = Instant::now();
        while self.evaluate(script) != true {
            if start.elapsed() > PATIENCE {
                let text = self.evaluate("document.body.innerText.slice(0, 1000)");
                let console = self.command("se/log", json!({"type": "browser"}));
                panic!("timed out waiting for: {script}\n  on the page: {text}\n  on the console: {console}");
            }
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
        let path = format!("{}/execute/sync", self.session);
        let look = json!({"script": format!("return {script}"), "args": []});
        let is_true = || {
            self.command("frame", json!({"id": 0}));
            let found = self.driver.send("POST", &path, &look);
            self.command("frame/parent", json!({}));
            found.is_ok_and(|found| found == true)
        };
        while !is_true() {
            assert!(start.elapsed() < PATIENCE, "timed out waiting in the frame for: {script}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Checks that the browser's console is empty: no errors, and nothing that the security policy blocked.
    ///
    /// It also checks that no alert is open, because chromedriver rejects the request while one is open.
    pub fn nothing_is_wrong(&self) {
        assert_eq!(self.command("se/log", json!({"type": "browser"})), json!([]));
    }
}

fn free_port() -> u16 {
    let any = TcpListener::bind("127.0.0.1:0").unwrap();
    any.local_addr().unwrap().port()
}

fn capabilities(width: u32, arguments: &[&str]) -> Json {
    let window = format!("--window-size={width},900");
    let mut all =
        vec!["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", &window];
    all.extend(arguments);
    json!({
        "goog:chromeOptions": {"args": all},
        "goog:loggingPrefs": {"browser": "ALL"},
        // An alert stays open, so that it fails the test.
        "unhandledPromptBehavior": "ignore",
    })
}

fn inner_text(selector: &str) -> String {
    format!("document.querySelector({selector:?})?.innerText ?? ''")
}
