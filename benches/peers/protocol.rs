//! The peer's side of the protocol. It introduces itself, then answers each line of its input until the input
//! ends. [README.md](README.md) describes the lines.

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

/// A line of the page.
#[derive(PartialEq, Eq)]
pub struct Line {
    pub first_name: String,
    pub last_name: String,
    pub orders: i64,
    /// The total in cents.
    pub total: i64,
}

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// An ORM with a connection to the shop.
pub trait Peer {
    /// Builds the page with one of the ways. It drops the objects before it returns, because that is part of
    /// the cost.
    fn page(&mut self, way: &str) -> Result<Vec<Line>>;

    /// Builds the same page, and counts its `SELECT`s.
    fn counted(&mut self, way: &str) -> Result<(Vec<Line>, u64)>;
}

/// The first line of a peer.
pub struct Introduction<'a> {
    pub name: &'a str,
    pub version: &'a str,
    /// The version of SQLite or of the client library, and of the language if it is interpreted.
    pub on: &'a str,
    pub ways: &'a [&'a str],
}

/// Answers until the input ends.
pub fn serve(introduction: &Introduction<'_>, peer: &mut impl Peer) -> Result<()> {
    let Introduction {
        name,
        version,
        on,
        ways,
    } = introduction;
    let mut output = std::io::stdout().lock();
    writeln!(output, "ready\t{name}\t{version}\t{on}\t{}", ways.join("\t"))?;
    output.flush()?;
    for line in std::io::stdin().lock().lines() {
        match answer(peer, &line?) {
            Ok(answer) => writeln!(output, "{answer}")?,
            Err(error) => writeln!(output, "error {}", error.to_string().replace('\n', " "))?,
        }
        output.flush()?;
    }
    Ok(())
}

fn answer(peer: &mut impl Peer, line: &str) -> Result<String> {
    match line.split_once(' ') {
        Some(("time", way)) => {
            let start = Instant::now();
            let page = peer.page(way)?;
            let time = start.elapsed();
            Ok(format!("ok {:.3} {}", time.as_secs_f64() * 1e3, checksum(&page)))
        }
        Some(("count", way)) => {
            let (page, statements) = peer.counted(way)?;
            Ok(format!("ok {statements} {}", checksum(&page)))
        }
        _ => Err(format!("neither `time WAY` nor `count WAY`: {line}").into()),
    }
}

/// Returns the CRC-32 of the page as text.
pub fn checksum(page: &[Line]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    for Line {
        first_name,
        last_name,
        orders,
        total,
    } in page
    {
        crc.update(format!("{first_name}|{last_name}|{orders}|{total}\n").as_bytes());
    }
    crc.finalize()
}

/// Returns the version of a package in a lock file, or `?`.
pub fn locked<'l>(lock: &'l str, package: &str) -> &'l str {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let after = lock.split_once(&entry).map(|(_, after)| after);
    after.and_then(|after| after.split('"').next()).unwrap_or("?")
}
