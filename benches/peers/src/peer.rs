//! The peers: their list, starting them, and sending them requests.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use indicatif::ProgressBar;

use crate::install::{self, folder};

#[derive(Clone, Copy)]
enum Kind {
    /// This program.
    Ours,
    Rust,
    Python,
    /// A program for Node.js, and the folder of its `package.json`.
    Node(&'static str),
    Ruby,
}

/// The databases that a peer has a page for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Both,
    File,
    Server,
}

/// An entry in the list of peers.
struct Known {
    name: &'static str,
    kind: Kind,
    on: On,
    /// The folder of the program, if it does not have the name of the peer.
    folder: Option<&'static str>,
    /// The client library that the program uses, if it has a choice.
    driver: Option<&'static str>,
}

const fn known(name: &'static str, kind: Kind, on: On) -> Known {
    Known { name, kind, on, folder: None, driver: None }
}

/// All peers, in the order of the table.
const PEERS: [Known; 15] = [
    known("eagerly", Kind::Ours, On::Both),
    known("hand", Kind::Ours, On::Both),
    known("diesel", Kind::Rust, On::Both),
    known("sea-orm", Kind::Rust, On::Both),
    known("toasty", Kind::Rust, On::File),
    known("python", Kind::Python, On::Both),
    known("sqlalchemy", Kind::Python, On::Both),
    Known {
        folder: Some("sqlalchemy"),
        driver: Some("psycopg2"),
        ..known("sqlalchemy-psycopg2", Kind::Python, On::Server)
    },
    known("django", Kind::Python, On::Both),
    Known { driver: Some("psycopg2"), ..known("peewee", Kind::Python, On::Both) },
    known("sequelize", Kind::Node(""), On::Server),
    known("typeorm", Kind::Node(""), On::Server),
    known("drizzle", Kind::Node(""), On::Server),
    known("prisma", Kind::Node("prisma"), On::Server),
    known("activerecord", Kind::Ruby, On::Server),
];

/// The time limit for an answer. A peer that exceeds it is killed.
const PATIENCE: Duration = Duration::from_secs(300);

/// A peer that is ready to be started.
pub struct Peer {
    program: PathBuf,
    arguments: Vec<PathBuf>,
    driver: Option<&'static str>,
    /// An environment variable.
    variable: Option<(&'static str, PathBuf)>,
}

/// Returns the chosen names, or all of them, always with `base`. Fails if a name is unknown.
pub fn names(only: &[String], on_server: bool, base: Option<&str>) -> Result<Vec<&'static str>> {
    let other = if on_server { On::File } else { On::Server };
    let known: Vec<_> = PEERS.iter().filter(|peer| peer.on != other).map(|peer| peer.name).collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(&name.as_str())) {
        bail!(
            "there is no peer {unknown} on {}\n  help: choose from {}",
            if on_server { "PostgreSQL" } else { "SQLite" },
            known.join(", ")
        );
    }
    let wanted = known
        .into_iter()
        .filter(|name| base == Some(*name) || only.is_empty() || only.iter().any(|one| one == name));
    Ok(wanted.collect())
}

impl Peer {
    /// Builds or installs a peer. The first time takes minutes, and later times take no time.
    pub fn install(name: &str, on_server: bool) -> Result<Self> {
        let known = PEERS.iter().find(|peer| peer.name == name).context("there is no such peer")?;
        let this = std::env::current_exe().context("cannot find this program's own file")?;
        // Build into the target folder of this program, so that a `--target-dir` applies to the peers, too.
        let release = this.parent().context("this program's file is in no folder")?;
        let target = release.parent().context("this program was not built by cargo")?;
        let source = folder().join(known.folder.unwrap_or(known.name));
        let mut variable = None;
        let (program, arguments) = match known.kind {
            Kind::Ours => (this, vec!["--serve".into(), name.into()]),
            Kind::Rust => {
                install::rust(name, target, on_server)?;
                (release.join(format!("peer-{name}{}", std::env::consts::EXE_SUFFIX)), vec![])
            }
            Kind::Python => (install::python(target)?, vec!["-B".into(), source.join("page.py")]),
            Kind::Node(packages) => {
                variable = Some(("NODE_PATH", install::node(&folder().join(packages), target)?));
                ("node".into(), vec!["--expose-gc".into(), source.join("page.js")])
            }
            Kind::Ruby => {
                install::ruby()?;
                ("ruby".into(), vec![source.join("page.rb")])
            }
        };
        Ok(Self { program, arguments, driver: known.driver.filter(|_| on_server), variable })
    }

    /// Returns the interpreter, which finds the installed packages, or the program of a peer in Rust.
    pub fn program(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.envs(self.variable.clone());
        command
    }

    /// Installs the peers, and adds to `missing` what to do about those that cannot be installed.
    pub fn install_all(
        names: Vec<&'static str>,
        on_server: bool,
        missing: &mut Vec<String>,
    ) -> Vec<(&'static str, Self)> {
        let progress = ProgressBar::new_spinner();
        progress.enable_steady_tick(Duration::from_millis(100));
        let mut peers = Vec::new();
        for name in names {
            progress.set_message(format!("{name}: building or installing; this takes minutes the first time"));
            match Self::install(name, on_server) {
                Ok(peer) => peers.push((name, peer)),
                Err(error) => {
                    // The outermost error says what to do. The inner ones are the reasons.
                    let reasons: Vec<_> = error.chain().skip(1).map(ToString::to_string).collect();
                    missing.push(format!("missing: {name}: {}\n  help: {error}", reasons.join(": ")));
                }
            }
        }
        progress.finish_and_clear();
        peers
    }
}

/// A running peer, connected to a shop.
pub struct Running {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    /// The name of the ORM.
    pub name: String,
    /// The name and version of the ORM.
    pub orm: String,
    pub on: String,
    pub ways: Vec<String>,
}

/// The answer to a request.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// The time in milliseconds or the number of statements, and the checksum of the page.
    Page(f64, u32),
    /// The error message of the ORM.
    Failed(String),
}

/// The settings that make glibc keep freed memory. By default it returns memory to the system by thresholds
/// that depend on what the process did before. A way then takes up to a sixth longer, depending on the ways
/// that ran before it. With fixed thresholds, each process keeps its memory, as a server does after a while.
/// (32 MiB is the largest value that every glibc accepts.) Other systems, and peers with their own allocator,
/// ignore these settings.
const STEADY_MEMORY: [(&str, &str); 2] = [
    ("MALLOC_TRIM_THRESHOLD_", "4000000000"),
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
];

impl Running {
    pub fn start(peer: &Peer, shop: &str) -> Result<Self> {
        let mut command = Command::new(&peer.program);
        command
            .args(&peer.arguments)
            .arg(shop)
            .args(peer.driver)
            .envs(STEADY_MEMORY)
            .envs(peer.variable.clone())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", peer.program.display()))?;
        let input = child.stdin.take().context("a peer has no input")?;
        let output = child.stdout.take().context("a peer has no output")?;
        let (sender, answers) = channel();
        // A pipe has no read timeout, so a thread reads it and the channel has the timeout.
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.take_while(|line| sender.send(line.clone()).is_ok()).count()
        });
        let mut running = Self {
            child,
            input,
            answers,
            name: String::new(),
            orm: String::new(),
            on: String::new(),
            ways: Vec::new(),
        };
        let line = running.line()?;
        match line.split('\t').map(str::to_owned).collect::<Vec<_>>().as_slice() {
            [ready, name, version, on, ways @ ..] if ready == "ready" => {
                running.name.clone_from(name);
                running.orm = format!("{name} {version}");
                (running.on, running.ways) = (on.clone(), ways.to_vec());
                Ok(running)
            }
            _ => bail!("its first line `{line}` is no introduction; see benches/peers/README.md"),
        }
    }

    /// Sends the request `time` or `count` for one of the ways, and waits for the answer.
    pub fn ask(&mut self, verb: &str, way: &str) -> Result<Answer> {
        writeln!(self.input, "{verb} {way}").with_context(|| format!("{} has ended", self.orm))?;
        let line = self.line()?;
        parse(&line).with_context(|| format!("{} answered `{line}`; see benches/peers/README.md", self.orm))
    }

    fn line(&mut self) -> Result<String> {
        self.answers.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => anyhow!("no answer within {} s", PATIENCE.as_secs()),
            RecvTimeoutError::Disconnected => anyhow!("it ended without an answer"),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The peer may have ended already. Then both calls fail, and there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parse(line: &str) -> Option<Answer> {
    if let Some(message) = line.strip_prefix("error ") {
        // Cut the message, because some end with a statement that has a placeholder for each of many rows.
        return Some(Answer::Failed(message.chars().take(160).collect()));
    }
    let (number, checksum) = line.strip_prefix("ok ")?.split_once(' ')?;
    Some(Answer::Page(number.parse().ok()?, checksum.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Answer, names, parse};

    #[test]
    fn answers_are_pages_or_errors() {
        assert_eq!(
            parse("ok 12.345 4294967295"),
            Some(Answer::Page(12.345, u32::MAX))
        );
        assert_eq!(
            parse("error too many"),
            Some(Answer::Failed("too many".to_owned()))
        );
        for line in ["", "ok", "ok 1", "ok 1 -1", "ok one 1", "ok 1 1 1", "error"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn peers_keep_their_order_and_unknown_names_are_refused() {
        let only = ["peewee", "eagerly"].map(str::to_owned);
        let base = Some("hand");
        assert!(names(&only, false, base).is_ok_and(|names| names == ["eagerly", "hand", "peewee"]));
        assert!(names(&only, true, None).is_ok_and(|names| names == ["eagerly", "peewee"]));
        assert!(names(&["hibernate".to_owned()], false, base).is_err());
        assert!(names(&["toasty".to_owned()], true, base).is_err());
        assert!(names(&["prisma".to_owned()], false, base).is_err());
    }
}
