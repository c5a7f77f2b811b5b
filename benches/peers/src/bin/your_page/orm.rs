//! The ORMs of the chapter, and how their programs are started.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};
use peers::peer::Peer;

/// The programs of each ORM that print something for its page, besides the page itself and its test.
pub const STEPS: [&str; 4] = ["see", "find", "guard", "trap"];

/// An ORM with a folder in `book/your_page`.
pub struct Orm {
    /// The name of the folder.
    pub name: &'static str,
    /// The peer that has its packages.
    pub peer: &'static str,
    language: Language,
    /// The number of statements of the fixed page.
    pub fixed: u64,
}

#[derive(Clone, Copy)]
enum Language {
    /// Python, with the arguments that run the test.
    Python(&'static [&'static str]),
    Ruby,
    Node,
    Rust,
}

const ORMS: [Orm; 8] = [
    Orm {
        name: "sqlalchemy",
        peer: "sqlalchemy",
        language: Language::Python(&["-m", "unittest", "test_page"]),
        fixed: 3,
    },
    Orm {
        name: "django",
        peer: "django",
        language: Language::Python(&["manage.py", "test", "--noinput"]),
        fixed: 3,
    },
    Orm { name: "rails", peer: "activerecord", language: Language::Ruby, fixed: 3 },
    Orm { name: "prisma", peer: "prisma", language: Language::Node, fixed: 3 },
    Orm { name: "typeorm", peer: "typeorm", language: Language::Node, fixed: 1 },
    Orm { name: "drizzle", peer: "drizzle", language: Language::Node, fixed: 1 },
    Orm { name: "diesel", peer: "diesel", language: Language::Rust, fixed: 3 },
    Orm { name: "seaorm", peer: "sea-orm", language: Language::Rust, fixed: 3 },
];

/// One of the two versions of the page.
#[derive(Clone, Copy)]
pub enum Version {
    Slow,
    Fixed,
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Slow => "slow",
            Self::Fixed => "fixed",
        })
    }
}

/// Returns the ORMs with these names, or all of them.
pub fn chosen(only: &[String]) -> Result<Vec<&'static Orm>> {
    let known: Vec<_> = ORMS.iter().map(|orm| orm.name).collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no ORM {unknown}\n  help: choose from {}", known.join(", "));
    }
    Ok(ORMS.iter().filter(|orm| only.is_empty() || only.iter().any(|name| name == orm.name)).collect())
}

/// Returns the folder of the repository.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().and_then(Path::parent).unwrap_or(package).to_owned()
}

impl Orm {
    pub fn folder(&self) -> PathBuf {
        root().join("book/your_page").join(self.name)
    }
}

/// An ORM whose packages are installed.
pub struct Program<'p> {
    pub orm: &'p Orm,
    pub peer: &'p Peer,
}

impl Program<'_> {
    /// Runs one of the programs. Returns what it printed, and whether it succeeded.
    pub fn run(&self, step: &str, version: Option<Version>, url: &str) -> Result<(String, bool)> {
        let mut command = self.peer.program();
        match self.orm.language {
            Language::Python(_) => command.args(["-B", &format!("{step}.py")]),
            Language::Ruby => command.arg(format!("{step}.rb")),
            Language::Node => command.arg(format!("{step}.js")),
            Language::Rust => {
                command = Command::new(self.beside_peer());
                command.arg(step)
            }
        };
        command.args(version.map(|version| version.to_string()));
        self.finish(&mut command, url)
    }

    /// Runs the test. The variable `PAGE` names the version of the page that it tests.
    pub fn test(&self, version: Version, url: &str) -> Result<(String, bool)> {
        let mut command = self.peer.program();
        match self.orm.language {
            Language::Python(arguments) => command.arg("-B").args(arguments),
            Language::Ruby => command.arg("page_test.rb"),
            Language::Node => command.args(["--test", "page.test.js"]),
            Language::Rust => {
                let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.orm.peer).join("Cargo.toml");
                let target = self.beside_peer();
                let target = target.ancestors().nth(2).context("the peer is in no target folder")?;
                command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
                command.args(["test", "--release", "--locked", "--quiet", "--features", "postgres", "--bin"]);
                command.arg(self.page_name()).arg("--manifest-path").arg(peer).arg("--target-dir").arg(target)
            }
        };
        command.env("PAGE", format!("{version}_page"));
        self.finish(&mut command, url)
    }

    fn page_name(&self) -> String {
        format!("page-{}", self.orm.peer)
    }

    /// Returns the path of a program in Rust. It is built together with the peer.
    fn beside_peer(&self) -> PathBuf {
        let peer = self.peer.program();
        Path::new(peer.get_program()).with_file_name(format!(
            "{}{}",
            self.page_name(),
            std::env::consts::EXE_SUFFIX
        ))
    }

    fn finish(&self, command: &mut Command, url: &str) -> Result<(String, bool)> {
        let Output { status, stdout, stderr } = command
            .current_dir(self.orm.folder())
            .env("DATABASE_URL", url)
            // Names and statements are UTF-8 on every system.
            .env("PYTHONIOENCODING", "utf-8")
            .env("NO_COLOR", "1")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let printed = [stdout, stderr].concat();
        Ok((String::from_utf8_lossy(&printed).into_owned(), status.success()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_orm_has_a_folder_and_unknown_names_are_refused() {
        for orm in chosen(&[]).unwrap() {
            assert!(orm.folder().is_dir(), "{} does not exist", orm.folder().display());
        }
        assert!(chosen(&["hibernate".to_owned()]).is_err());
    }
}
