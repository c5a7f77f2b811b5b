//! A real browser, driven as a person would: headless Chromium, where there is one.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::support::Server;

/// A browser, and the program that drives it.
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
    /// Starts one; `None`, with a word, if the system has none.
    pub fn start(width: u32) -> Option<Self> {
        let any = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = any.local_addr().unwrap().port();
        drop(any);
        let driver = Command::new(std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into()))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(driver) = driver else {
            let required = std::env::var_os("CHROMEDRIVER_REQUIRED").is_some();
            assert!(!required, "there is no chromedriver");
            eprintln!("SKIPPED: no chromedriver. Install Chromium and its driver.");
            return None;
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let capabilities = json!({
            "goog:chromeOptions": {"args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                format!("--window-size={width},900"),
            ]},
            "goog:loggingPrefs": {"browser": "ALL"},
            // An alert would stay, and fail the test.
            "unhandledPromptBehavior": "ignore",
        });
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.as_object().unwrap().clone());
            for _ in 0..100 {
                if let Ok(client) = builder.connect(&format!("http://127.0.0.1:{port}")).await {
                    return Some(client);
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            None
        });
        Some(Self {
            runtime,
            client: client.expect("chromedriver is there, but starts no browser"),
            driver,
            port,
        })
    }

    pub fn open(&self, server: &Server, path: &str) {
        let address = format!("http://{}{path}", server.address);
        self.runtime.block_on(self.client.goto(&address)).unwrap();
    }

    pub fn evaluate(&self, script: &str) -> Json {
        let script = format!("return {script}");
        self.runtime
            .block_on(self.client.execute(&script, Vec::new()))
            .unwrap()
    }

    pub fn text(&self, selector: &str) -> String {
        let text = self.evaluate(&format!("document.querySelector({selector:?})?.innerText ?? ''"));
        text.as_str().unwrap_or_default().to_owned()
    }

    pub fn click(&self, selector: &str) {
        self.evaluate(&format!("document.querySelector({selector:?}).click()"));
    }

    pub fn set(&self, id: &str, value: &str) {
        self.evaluate(&format!(
            "(() => {{ const field = document.getElementById({id:?}); field.value = {value:?}; \
             for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {{ bubbles: true }})); }})()"
        ));
    }

    pub fn wait_for(&self, script: &str) {
        let start = Instant::now();
        while self.evaluate(script) != true {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "still not true: {script}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn wait_for_text(&self, selector: &str, words: &str) {
        self.wait_for(&format!(
            "(document.querySelector({selector:?})?.innerText ?? '').includes({words:?})"
        ));
    }

    /// The waterfall draws its lanes in a frame of its own, out of this page's reach: the driver goes in.
    pub fn wait_for_lanes_in_the_frame(&self) {
        let lanes = "return document.querySelectorAll('#rows > div').length";
        let found = self.runtime.block_on(async {
            let mut found = Ok(Json::Null);
            for _ in 0..100 {
                self.client.enter_frame(0).await.unwrap();
                found = self.client.execute(lanes, Vec::new()).await;
                self.client.enter_parent_frame().await.unwrap();
                if matches!(&found, Ok(lanes) if *lanes == 3) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            found
        });
        assert_eq!(found.unwrap(), 3);
    }

    /// The browser's console is empty: no error, and nothing that the policy refused. No alert is open either: with
    /// one, the driver would refuse to look.
    pub fn nothing_is_wrong(&self) {
        let session = self.runtime.block_on(self.client.session_id()).unwrap().unwrap();
        let body = r#"{"type":"browser"}"#;
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let request = format!(
            "POST /session/{session}/se/log HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        // The driver keeps the connection open: it says how long its answer is.
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
