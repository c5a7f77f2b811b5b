//! Building the peers in Rust, and installing the packages of the others in the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Returns the folder of the peers.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}


/// Builds a peer in Rust.
pub fn rust(name: &str, target: &Path, on_server: bool) -> Result<()> {
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
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = folder().join("requirements.txt");
    let wanted =
        std::fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let marker = environment.join("installed.txt");
    if std::fs::read(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let answers = |python: &&str| run(Command::new(python).arg("--version")).is_ok();
    let installed = ["python3", "python"].into_iter().find(answers).unwrap_or("python3");
    run(Command::new(installed).args(["-m", "venv"]).arg(&environment))
        .context("install Python 3.10 or newer, with its module venv")?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements))
        .context("check that pip reaches its package index, and start again")?;
    std::fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(python)
}

/// Installs the packages that the lock file in `source` names, and returns their folder. Does nothing if they are installed.
pub fn node(source: &Path, target: &Path) -> Result<PathBuf> {
    let is_prisma = source.join("schema.prisma").exists();
    let place = target.join(if is_prisma { "node-prisma" } else { "node" });
    let packages = place.join("node_modules");
    let mut files = vec!["package.json", "package-lock.json"];
    if is_prisma {
        files.push("schema.prisma");
    }
    let mut wanted = Vec::new();
    for file in &files {
        let path = source.join(file);
        wanted.extend(std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    let marker = packages.join("installed.txt");
    if std::fs::read(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(packages);
    }
    std::fs::create_dir_all(&place).with_context(|| format!("cannot create {}", place.display()))?;
    for file in files {
        std::fs::copy(source.join(file), place.join(file))
            .with_context(|| format!("cannot write {}", place.join(file).display()))?;
    }
    run(Command::new("node").args(["-e", SUPPORTED]))
        .context("install Node.js 20.19 or newer, with npm (nodejs.org)")?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&place))
    .context("check that npm reaches its registry, and start again")?;
    if is_prisma {
        generate(&place).context("run `prisma generate` in benches/peers/prisma")?;
    }
    std::fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(packages)
}

/// A program for Node.js that fails if its version is too old for TypeORM and Prisma.
const SUPPORTED: &str = "const [major, minor] = process.versions.node.split('.').map(Number);
    if (major < 20 || (major === 20 && minor < 19)) throw new Error(`this is ${process.version}`)";

/// Generates Prisma's client from its schema. Prisma would download its schema engine first, a program that migrates
/// databases. Generating does not run it, so the variable names a program that is there.
fn generate(place: &Path) -> Result<()> {
    let node = Command::new("node").args(["-p", "process.execPath"]).output()?;
    let node = String::from_utf8(node.stdout)?;
    let arguments =
        ["node_modules/prisma/build/index.js", "generate", "--no-hints", "--schema", "schema.prisma"];
    run(Command::new("node")
        .args(arguments)
        .env("PRISMA_SCHEMA_ENGINE_BINARY", node.trim())
        .env("CHECKPOINT_DISABLE", "1")
        .current_dir(place))
}

/// Checks that Ruby and ActiveRecord are installed. They come from the system's packages.
pub fn ruby() -> Result<()> {
    run(Command::new("ruby").args(["-e", "require 'active_record'; require 'pg'"]))
        .context("install Ruby with ActiveRecord 6.1 or newer and pg (Debian: ruby-activerecord and ruby-pg)")
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
    bail!("{}", line.or(said.lines().last()).unwrap_or("it failed without a message").to_owned())
}
