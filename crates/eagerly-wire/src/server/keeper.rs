//! Starts the keeper, the process that runs the server and cleans up after it.
//!
//! The keeper is a shell script, so it needs no program of ours on the disk, and starts in a millisecond. It runs in a
//! process group of its own, so Ctrl-C in a terminal ends only the program. The keeper then cleans up and ends. Rust
//! marks the program's end of the pipe as "close on exec", so other child processes do not keep it open.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::ServerError;
use super::account::Account;
use super::programs::Programs;

/// The time limit for creating the data, and for each start of the server. Both take less than a second on an idle
/// machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two looks at the keeper's files.
const PAUSE: Duration = Duration::from_millis(2);

/// How many lines of the log an error shows.
const LAST_LINES: usize = 20;

/// Settings that the caller can replace. The data is thrown away, so no write has to wait for the disk.
///
/// A server that stops waits for clients that have connected but not yet logged in, at most `authentication_timeout`. The
/// default is 60 s, and a test that dropped its server right after `connect` took that long.
const DEFAULTS: [&str; 6] = [
    "authentication_timeout=5s",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=32MB",
    "max_connections=200",
];

/// Settings that the caller cannot replace, because the methods of `Server` depend on them. The server runs in the
/// folder `data`, so `..` is the keeper's folder. The system limits the path of a socket to about 100 bytes, and the
/// relative path is shorter.
const FIXED: [&str; 4] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=..",
    "log_destination=stderr",
    "logging_collector=off",
];

/// The running keeper and its folder.
#[derive(Debug)]
pub(super) struct Keeper {
    process: Child,
    /// Dropped after the keeper has ended. By then, the keeper has usually removed the folder.
    folder: TempDir,
    version: String,
}

impl Keeper {
    pub(super) fn is_available() -> bool {
        Programs::find().is_ok()
    }

    /// Starts the keeper, which creates the data at once.
    pub(super) fn start(settings: &[&str]) -> Result<Self, ServerError> {
        let programs = Programs::find()?;
        let version = programs.version()?;
        let account = Account::for_server()?;
        // If the program is killed between here and the keeper's start, it leaves an empty folder. So nothing slow is
        // done here.
        let folder = private_folder()?;
        account.take(folder.path())?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", include_str!("keeper.sh"), "eagerly-wire-keeper"]);
        command.arg(folder.path()).arg(programs.initdb()).arg(programs.postgres());
        for setting in DEFAULTS.iter().chain(settings).chain(&FIXED) {
            command.args(["-c", setting]);
        }
        account.run(&mut command);
        // The log must be in English, because it is searched for messages.
        command.env("LC_ALL", "C").current_dir(folder.path()).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().map_err(ServerError::io("run /bin/sh in", folder.path()))?;
        Ok(Self { process, folder, version })
    }

    /// Waits until `initdb` has created the data.
    pub(super) fn wait_for_data(&mut self) -> Result<(), ServerError> {
        let start = Instant::now();
        loop {
            match self.read("initdb.status").as_str() {
                "0\n" => return Ok(()),
                "" if self.is_alive() && start.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                _ => return Err(ServerError::InitdbFailed { output: self.read("initdb.log") }),
            }
        }
    }

    /// Starts the server, and waits until it accepts connections. Returns false if another program has the port.
    pub(super) fn start_server(&mut self, port: u16) -> Result<bool, ServerError> {
        let _ = std::fs::remove_file(self.log_path());
        let sent = self.process.stdin.as_mut().map(|input| writeln!(input, "{port}"));
        sent.transpose().map_err(ServerError::io("start the server in", self.folder.path()))?;
        let start = Instant::now();
        loop {
            // The status is read before the log, so that the log is complete if the server has ended. The status can
            // still belong to the previous attempt, which used another port.
            let ended = self.read("server.status") == format!("{port}\n") || !self.is_alive();
            let log = self.read("server.log");
            if !ended && log.contains("ready to accept connections") {
                return Ok(true);
            }
            if ended && log.contains("could not create any TCP/IP sockets") {
                return Ok(false);
            }
            if ended || start.elapsed() > PATIENCE {
                return Err(ServerError::DidNotStart { log: last_lines(&log) });
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Waits until the server has ended.
    pub(super) fn wait_for_end(&self) -> Result<(), ServerError> {
        let start = Instant::now();
        while self.read("server.status").is_empty() {
            if start.elapsed() > PATIENCE {
                return Err(ServerError::StillRuns);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Calls `start` again while processes of a killed server still live. A new server does not start before they have ended.
    pub(super) fn after_a_kill<T>(
        &mut self,
        start: impl Fn(&mut Self) -> Result<T, ServerError>,
    ) -> Result<T, ServerError> {
        let began = Instant::now();
        loop {
            match start(self) {
                Err(ServerError::DidNotStart { log })
                    if log.contains("still in use") && began.elapsed() < PATIENCE =>
                {
                    std::thread::sleep(PAUSE);
                }
                result => return result,
            }
        }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Returns the text of one of the keeper's files, which is empty until the file exists.
    fn read(&self, file: &str) -> String {
        let bytes = std::fs::read(self.folder.path().join(file)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // `wait` closes the keeper's input first, which makes it stop the server.
        let _ = self.process.wait();
    }
}

/// Creates a folder that only its owner can enter, because the server has no passwords.
fn private_folder() -> Result<TempDir, ServerError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("eagerly-postgres-").permissions(std::fs::Permissions::from_mode(0o700));
    builder.tempdir().map_err(ServerError::io("create a temporary folder in", std::env::temp_dir()))
}

fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_port_that_another_program_has_is_not_an_error() {
        if crate::server::for_tests().is_none() {
            return;
        }
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let [taken_port, free_port] = [&taken, &free].map(|listener| listener.local_addr().unwrap().port());
        let mut keeper = Keeper::start(&[]).unwrap();
        keeper.wait_for_data().unwrap();
        assert!(!keeper.start_server(taken_port).unwrap());
        drop(free);
        assert!(keeper.start_server(free_port).unwrap());
    }
}
