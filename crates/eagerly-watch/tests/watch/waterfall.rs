//! The waterfall, in a real browser: headless Chromium, where there is one.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use eagerly::Session;
use eagerly_watch::Recording;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};
use shop::{Customer, Size, data, page};
use tokio::runtime::Runtime;

/// A browser, and the program that drives it.
struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Child,
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
    fn start(dark: bool) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new(std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into()))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(driver) = driver else {
            assert!(
                std::env::var_os("CHROMEDRIVER_REQUIRED").is_none(),
                "there is no chromedriver"
            );
            eprintln!(
                "SKIPPED: no chromedriver. Install Chromium and its driver (Debian: apt install chromium chromium-driver)."
            );
            return None;
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut arguments = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--window-size=1200,900",
        ];
        arguments.extend(dark.then_some("--force-dark-mode"));
        let capabilities = json!({"goog:chromeOptions": {"args": arguments}});
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
        let client = client.expect("chromedriver is there, but starts no browser");
        Some(Self {
            runtime,
            client,
            driver,
        })
    }

    fn open(&self, file: &Path) {
        let address = format!("file://{}", file.display());
        self.runtime.block_on(self.client.goto(&address)).unwrap();
        self.wait_for("document.querySelectorAll('#rows > div').length > 0");
    }

    fn evaluate(&self, script: &str) -> Json {
        let script = format!("return {script}");
        self.runtime
            .block_on(self.client.execute(&script, Vec::new()))
            .unwrap()
    }

    fn text(&self, id: &str) -> String {
        let text = self.evaluate(&format!("document.getElementById({id:?}).innerText"));
        text.as_str().unwrap_or_default().to_owned()
    }

    fn press(&self, keys: &[Key]) {
        let keys: String = keys.iter().map(|key| &**key).collect();
        self.runtime.block_on(async {
            let chart = self.client.find(Locator::Id("chart")).await.unwrap();
            chart.send_keys(&keys).await.unwrap();
        });
    }

    /// Waits until a script gives true.
    fn wait_for(&self, script: &str) {
        let start = Instant::now();
        while self.evaluate(script) != true {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "still not true: {script}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_page_of_33_001_statements_opens_fast_and_answers() {
    let Some(browser) = Browser::start(false) else {
        return;
    };
    let session = Session::in_memory().unwrap();
    data::fill(&session, &Size::default(), |_| {}).unwrap();
    let recording = Recording::start(&session);
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    recording.write_html(&file).unwrap();

    let start = Instant::now();
    browser.open(&file);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "it took {:?} to open",
        start.elapsed()
    );

    // Totals, findings, the empty log.
    assert!(browser.text("totals").contains("33,001"));
    assert!(
        browser
            .text("findings")
            .contains(".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))")
    );
    assert!(
        browser
            .text("slow-log")
            .contains("EMPTY. 0 statements over 100 ms; total of 33,001 statements")
    );
    assert_eq!(
        browser.evaluate("document.querySelectorAll('#shapes tbody tr').length"),
        3
    );

    // Three lanes, closed. Opening the second shows its statements, not all of them at once.
    let rows = "document.querySelectorAll('#rows > div').length";
    assert_eq!(browser.evaluate(rows), 3);
    browser.evaluate("document.querySelectorAll('#rows .toggle')[1].click()");
    browser.wait_for(&format!("{rows} > 8"));
    assert!(
        browser.evaluate(rows).as_u64().unwrap() < 60,
        "only what is in sight is there"
    );
    assert!(browser.text("rows").contains("SELECT orders ["));
    assert!(browser.text("details").contains("lazy Customer.orders at "));

    // The keyboard does it, too: close the lane, go on to the next, open that.
    browser.press(&[Key::Left, Key::Down, Key::Right]);
    browser
        .wait_for("document.getElementById('rows').innerText.includes('for the rows of #2 SELECT orders')");

    // A round trip is modelled, and said to be.
    browser.evaluate("(() => { const preset = document.getElementById('preset'); preset.value = '1'; preset.dispatchEvent(new Event('change')); })()",
    );
    browser.wait_for("document.getElementById('totals').innerText.includes('33.0 s')");
    assert!(browser.text("time-note").starts_with("Modelled"));

    // Something is drawn.
    let painted = "(() => { const c = document.getElementById('canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; })()";
    browser.wait_for(&format!("{painted} > 5000"));
}

#[test]
fn a_page_in_the_dark_with_markup_in_its_data_shows_it_as_text() {
    let Some(browser) = Browser::start(true) else {
        return;
    };
    let session = Session::in_memory().unwrap();
    let size = Size {
        customers: 3,
        ..Size::default()
    };
    data::fill(&session, &size, |_| {}).unwrap();
    let recording = Recording::start(&session);
    let evil = "<img src=x onerror=\"document.title='broken'\"></script>";
    session
        .execute("UPDATE customers SET email = ?1", eagerly::params![evil])
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    recording.write_html(&file).unwrap();
    browser.open(&file);
    assert!(browser.text("details").contains("<img src=x onerror"));
    assert_eq!(browser.evaluate("document.title"), "Waterfall of statements");
    assert_eq!(browser.evaluate("document.querySelectorAll('img').length"), 0);
}
