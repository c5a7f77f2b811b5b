//! The schema on the user's server, and the process that drops it.
//!
//! The schema must not be left behind, even after an error, Ctrl-C or `kill -9`. So a second process drops it, the keeper.
//! It is the same program with one argument: `main` has to call [`keep`] if the argument is [`KEEPER`]. Its standard input
//! is a pipe. The system closes the other end when the program ends. The keeper of a throw-away server (`eagerly-wire`)
//! works in the same way.

use std::io::{BufRead as _, Write as _};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use eagerly::Session;

/// The argument that makes this program the keeper.
pub const KEEPER: &str = "keep-own-schema";

/// A new schema. When this value is dropped or the program ends, the schema and everything in it is dropped.
#[derive(Debug)]
pub struct OwnSchema {
    /// `eagerly_`, the purpose, and the number of the process.
    pub name: String,
    keeper: Child,
}

impl OwnSchema {
    /// Creates the schema `eagerly_PURPOSE_NUMBER`, and starts the keeper.
    ///
    /// # Errors
    /// If the user of the session may not create a schema, or if the system cannot start a process.
    pub fn create(session: &Session, url: &str, purpose: &str) -> Result<Self> {
        let name = format!("eagerly_{purpose}_{}", std::process::id());
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(KEEPER).stdin(Stdio::piped()).stdout(Stdio::null());
        // Ctrl-C ends the program's process group. The keeper has to live longer than the program.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let keeper = command.spawn().context("cannot start the process that drops the schema")?;
        let mut schema = Self { name, keeper };
        // Not as an argument: other users of the machine can see arguments, and the URL may have a password.
        schema.tell(url)?;
        session.execute(&format!("CREATE SCHEMA {}", schema.name), [])?;
        // The keeper learns the name only now. If a schema of this name existed before, `CREATE SCHEMA` failed, and the
        // keeper does not drop the schema of another program.
        let name = schema.name.clone();
        schema.tell(&name)?;
        Ok(schema)
    }

    fn tell(&mut self, line: &str) -> Result<()> {
        let input = self.keeper.stdin.as_mut().context("the process that drops the schema has no input")?;
        writeln!(input, "{line}").context("the process that drops the schema has ended")
    }

    /// Drops the schema.
    ///
    /// # Errors
    /// If that failed. The keeper has printed the reason.
    pub fn close(mut self) -> Result<()> {
        let status = self.keeper.wait()?;
        if !status.success() {
            bail!(
                "the schema {name} may still be on your server\n  help: DROP SCHEMA {name} CASCADE",
                name = self.name
            );
        }
        Ok(())
    }
}

impl Drop for OwnSchema {
    fn drop(&mut self) {
        // `wait` closes the keeper's input first.
        let _ = self.keeper.wait();
    }
}

/// Is the keeper: waits until the program has ended, and drops its schema.
#[must_use]
pub fn keep() -> ExitCode {
    let lines: Vec<_> = std::io::stdin().lock().lines().map_while(Result::ok).collect();
    let [url, name] = lines.as_slice() else {
        return ExitCode::SUCCESS;
    };
    let dropped = Session::connect(url)
        .and_then(|session| session.execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE"), []));
    match dropped {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            let error = error.to_string();
            let lines: Vec<_> = error.lines().map(str::trim).collect();
            eprintln!("error: cannot drop the schema {name}: {}", lines.join("; "));
            ExitCode::FAILURE
        }
    }
}
