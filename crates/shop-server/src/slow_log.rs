//! The server's slow-query log: the statements that took `log_min_duration_statement` or longer.
//!
//! They are lines in the server's log, which also has other lines, for example about checkpoints:
//!
//! ```text
//! 2026-11-26 09:41:07.318 UTC [812] LOG:  duration: 131.204 ms  execute s4: SELECT "id", …
//! 2026-11-26 09:41:07.318 UTC [812] DETAIL:  parameters: $1 = '{1,2,3,…}'
//! ```

use std::time::Duration;

use anyhow::{Context as _, Result};
use eagerly_wire::Server;

/// The threshold of the log.
pub const THRESHOLD: Duration = Duration::from_millis(100);

/// The setting of the server.
pub const SETTING: &str = "log_min_duration_statement=100ms";

/// The text that marks a slow statement.
const MARK: &str = "LOG:  duration: ";

/// A slow statement.
#[derive(Debug, Clone)]
pub struct Slow {
    /// The number of the server's process that ran it. Each connection has one.
    pub process: u32,
    /// How long it took.
    pub took: Duration,
    /// Its text.
    pub sql: String,
    /// The length of its lines in the log.
    pub bytes: u64,
}

/// Returns the length of the log, in bytes. Later entries begin there.
///
/// # Errors
/// If the log cannot be read.
pub fn length(server: &Server) -> Result<usize> {
    Ok(read(server)?.len())
}

/// Returns the slow statements in the log that were added after it had this length.
///
/// # Errors
/// If the log cannot be read.
pub fn since(server: &Server, length: usize) -> Result<Vec<Slow>> {
    Ok(slow(read(server)?.get(length..).unwrap_or_default()))
}

fn read(server: &Server) -> Result<String> {
    server.log().with_context(|| format!("cannot read {}", server.log_path().display()))
}

fn slow(log: &str) -> Vec<Slow> {
    let mut found = Vec::new();
    let mut is_slow = false;
    for line in log.split_inclusive('\n') {
        if let Some((prefix, entry)) = line.split_once(MARK) {
            let (milliseconds, rest) = entry.split_once(" ms").unwrap_or((entry, ""));
            let milliseconds = milliseconds.parse::<f64>().unwrap_or_default();
            // `execute s4: SELECT …` or `statement: SELECT …`
            let sql = rest.split_once(": ").map_or(rest, |(_, sql)| sql);
            let took = Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default();
            let process = prefix
                .rsplit_once('[')
                .and_then(|(_, number)| number.trim_end_matches([']', ' ']).parse().ok());
            let process = process.unwrap_or_default();
            found.push(Slow { process, took, sql: sql.to_owned(), bytes: line.len() as u64 });
            is_slow = true;
        } else if is_slow && (line.starts_with('\t') || line.contains("] DETAIL:  ")) {
            // A statement of several lines continues after a tab.
            if let Some(last) = found.last_mut() {
                last.bytes += line.len() as u64;
                if line.starts_with('\t') {
                    last.sql.push_str(line);
                }
            }
        } else {
            is_slow = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_statement_has_the_lines_that_follow_it() {
        let log = "2026-11-26 09:41:07.318 UTC [7] LOG:  checkpoint starting: time\n\
                   2026-11-26 09:41:07.318 UTC [812] LOG:  duration: 131.204 ms  execute s4: SELECT 1,\n\
                   \t2\n\
                   2026-11-26 09:41:07.318 UTC [812] DETAIL:  parameters: $1 = '1'\n\
                   2026-11-26 09:41:08.001 UTC [7] LOG:  checkpoint complete\n";
        let found = slow(log);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].process, found[0].took), (812, Duration::from_micros(131_204)));
        assert_eq!(found[0].sql, "SELECT 1,\n\t2\n");
        assert_eq!(
            found[0].bytes,
            log.lines().skip(1).take(3).map(|line| line.len() as u64 + 1).sum::<u64>()
        );
    }
}
