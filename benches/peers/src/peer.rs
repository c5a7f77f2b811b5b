//! The peers: building or installing them, starting them, and sending them requests.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// This program.
    Ours,
    Rust,
    Python,
}

/// All peers, in the order of the table, and whether they can use PostgreSQL, too.
const PEERS: [(&str, Kind, bool); 9] = [
    ("eagerly", Kind::Ours, true),
    ("hand", Kind::Ours, true),
    ("diesel", Kind::Rust, true),
    ("sea-orm", Kind::Rust, true),
    ("toasty", Kind::Rust, false),
    ("python", Kind::Python, true),
    ("sqlalchemy", Kind::Python, true),
    ("django", Kind::Python, true),
    ("peewee", Kind::Python, false),
];

/// The time limit for an answer. A peer that exceeds it is killed.
const PATIENCE: Duration = Duration::from_secs(300);

/// Returns the folder of the peers.
fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A peer that is ready to be started.
pub struct Peer {
    program: PathBuf,
    arguments: Vec<PathBuf>,
}

/// Returns the chosen names, or all of them, always with the base. Fails if a name is unknown.
pub fn names(only: &[String], on_server: bool) -> Result<Vec<&'static str>> {
    let known = PEERS
        .iter()
        .filter(|(.., can_use_server)| *can_use_server || !on_server);
    let known: Vec<_> = known.map(|(name, ..)| *name).collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(&name.as_str())) {
        bail!(
            "there is no peer {unknown}{}\n  help: choose from {}",
            if on_server { " on PostgreSQL" } else { "" },
            known.join(", ")
        );
    }
    let wanted = known
        .into_iter()
        .filter(|name| *name == "hand" || only.is_empty() || only.iter().any(|one| one == name));
    Ok(wanted.collect())
}

impl Peer {
    /// Builds or installs a peer. The first time takes minutes, and later times take no time.
    pub fn install(name: &str, on_server: bool) -> Result<Self> {
        let kind = PEERS
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(_, kind, _)| *kind);
        let this = std::env::current_exe().context("cannot find this program's own file")?;
        // Build into the target folder of this program, so that a `--target-dir` applies to the peers, too.
        let release = this.parent().context("this program's file is in no folder")?;
        let target = release.parent().context("this program was not built by cargo")?;
        match kind {
            Some(Kind::Rust) => build(name, target, on_server).map(|()| Self {
                program: release.join(format!("peer-{name}{}", std::env::consts::EXE_SUFFIX)),
                arguments: Vec::new(),
            }),
            Some(Kind::Python) => Ok(Self {
                program: python(target)?,
                arguments: vec!["-B".into(), folder().join(name).join("page.py")],
            }),
            Some(Kind::Ours) | None => Ok(Self {
                program: this,
                arguments: vec!["--serve".into(), name.into()],
            }),
        }
    }
}

fn build(name: &str, target: &Path, on_server: bool) -> Result<()> {
    let manifest = folder().join(name).join("Cargo.toml");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--release", "--locked", "--quiet", "--manifest-path"]);
    cargo.arg(manifest).arg("--target-dir").arg(target);
    if !on_server {
        return run(&mut cargo)
            .with_context(|| format!("run `cargo build --release --locked` in benches/peers/{name}"));
    }
    run(cargo.args(["--features", "postgres"])).with_context(|| {
        let command = "cargo build --release --locked --features postgres";
        format!("run `{command}` in benches/peers/{name}; Diesel needs libpq (Debian: libpq-dev)")
    })
}

/// Returns the Python of a virtual environment with the packages of `requirements.txt`. Creates it first
/// if necessary.
pub fn python(target: &Path) -> Result<PathBuf> {
    let environment = target.join("python");
    let python = environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let requirements = folder().join("requirements.txt");
    let wanted =
        std::fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let marker = environment.join("installed.txt");
    if std::fs::read(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let answers = |python: &&str| run(Command::new(python).arg("--version")).is_ok();
    let installed = ["python3", "python"]
        .into_iter()
        .find(answers)
        .unwrap_or("python3");
    run(Command::new(installed).args(["-m", "venv"]).arg(&environment))
        .context("install Python 3.10 or newer, with its module venv")?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(&requirements))
    .context("check that pip reaches its package index, and start again")?;
    std::fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(python)
}

/// Runs a command to its end. If it fails, its own error line is the error.
fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot start {name}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().find(|line| line.to_lowercase().starts_with("error"));
    bail!(
        "{}",
        line.or(said.lines().last())
            .unwrap_or("it failed without a message")
            .to_owned()
    )
}

/// A running peer, connected to a shop.
pub struct Running {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
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
            .envs(STEADY_MEMORY)
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
            orm: String::new(),
            on: String::new(),
            ways: Vec::new(),
        };
        let line = running.line()?;
        match line.split('\t').map(str::to_owned).collect::<Vec<_>>().as_slice() {
            [ready, name, version, on, ways @ ..] if ready == "ready" => {
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
        assert!(names(&only, false).is_ok_and(|names| names == ["eagerly", "hand", "peewee"]));
        assert!(names(&["hibernate".to_owned()], false).is_err());
        assert!(names(&only, true).is_err());
    }
}
