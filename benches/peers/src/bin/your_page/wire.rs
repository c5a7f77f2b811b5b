//! The proxy between a program and the server, and what it saw.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use eagerly_wire::{Kind, Proxy, Recorder, Settings};
use peers::server;

/// A proxy for one process.
pub struct Wire {
    proxy: Proxy,
    recorder: Recorder,
}

/// What passed.
pub struct Seen {
    /// The statements that read the shop. A client sends others when it connects.
    pub statements: u64,
    /// The number of relations that were loaded with a statement for each parent.
    pub levels: usize,
}

impl Wire {
    pub fn start(server: SocketAddr) -> Result<Self> {
        // All connections and pauses of the process belong to one page.
        let settings = Settings { gap: Duration::from_secs(3_600), is_pool: true, ..Settings::default() };
        let recorder = Recorder::new(settings);
        let any_port = (Ipv4Addr::LOCALHOST, 0).into();
        let observers = vec![Arc::new(recorder.clone()) as _];
        let proxy =
            Proxy::observed(any_port, server, Duration::ZERO, observers).context("cannot start the proxy")?;
        Ok(Self { proxy, recorder })
    }

    /// Returns the URL of the shop. Every ORM reads this spelling.
    pub fn url(&self) -> String {
        server::url(self.proxy.address()).replacen("postgres:", "postgresql:", 1)
    }

    pub fn seen(&self) -> Seen {
        let mut seen = Seen { statements: 0, levels: 0 };
        for page in self.recorder.report().pages {
            let of_shop = page.shapes.iter().filter(|shape| !shape.is_control && reads_shop(&shape.text));
            seen.statements += of_shop.map(|shape| shape.statements).sum::<u64>();
            let loops =
                page.findings.iter().filter(|finding| finding.kind == Kind::NPlusOne && !finding.is_hint);
            seen.levels += loops.count();
        }
        seen
    }
}

/// Returns whether a statement reads the shop, and not the catalogue of the server.
fn reads_shop(text: &str) -> bool {
    let names_table = ["customers", "orders", "order_items"].iter().any(|table| text.contains(table));
    names_table && !text.contains("pg_")
}

#[cfg(test)]
mod tests {
    use super::reads_shop;

    #[test]
    fn statements_about_the_catalogue_are_not_counted() {
        assert!(reads_shop(r#"SELECT * FROM "order_items" WHERE "order_id" = $1"#));
        assert!(!reads_shop("SELECT pg_catalog.version()"));
        assert!(!reads_shop(
            "SELECT a.attname FROM pg_attribute a WHERE a.attrelid = '\"orders\"'::regclass"
        ));
        assert!(!reads_shop("SELECT 1"));
    }
}
