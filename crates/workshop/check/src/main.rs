//! Checks that every starter fails for the stated reason, and that every solution passes.
//!
//!     cargo run -p check                 # all exercises
//!     cargo run -p check -- first_fix    # some of them
//!
//! A starter states the reason at its top: ``//! Fails with: `your prediction is wrong` ``. It has to build, to run
//! without an error, to be clean for clippy, and its tests have to fail with these words. Its solution has to build, run
//! and be clean as well, and the same tests have to pass.
//!
//! If a starter asks for a prediction first, its page is not graded until the prediction is right. Then a second line
//! states how it fails after that: ``//! Then fails with: `expected 2 statements` ``. For this, the check grants the
//! prediction, by a variable of the environment. See `expect_prediction` in the crate `workshop`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

#[derive(Deserialize)]
struct Info {
    exercises: Vec<Exercise>,
}

#[derive(Deserialize)]
struct Exercise {
    name: String,
    dir: String,
    hint: String,
}

fn main() -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    match check(&chosen) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{wrong} wrong");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Checks the named exercises, or all. Returns how many are wrong.
fn check(chosen: &[String]) -> Result<usize> {
    let workshop = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = workshop.join("info.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let info: Info = toml::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    for name in chosen {
        let is_known = info.exercises.iter().any(|exercise| exercise.name == *name);
        ensure!(is_known, "there is no exercise named {name:?} in info.toml");
    }
    let is_chosen = |exercise: &&Exercise| chosen.is_empty() || chosen.contains(&exercise.name);
    let mut wrong = 0;
    for exercise in info.exercises.iter().filter(is_chosen) {
        match exercise.check(&workshop) {
            Ok(reason) => println!("{:<20} fails with: {reason}; its solution passes", exercise.name),
            Err(error) => {
                wrong += 1;
                println!("{:<20} WRONG: {error:#}", exercise.name);
            }
        }
    }
    Ok(wrong)
}

impl Exercise {
    /// Checks an exercise. Returns the words with which its starter fails.
    fn check(&self, workshop: &Path) -> Result<String> {
        let starter = self.source(workshop, "exercises")?;
        let solution = self.source(workshop, "solutions")?;
        for word in ["**Predict**", "**Edit**", "**Done**"] {
            ensure!(starter.contains(word), "the starter does not say {word}");
        }
        ensure!(
            self.hint.trim().split("\n\n").count() == 2,
            "there should be two hints, with an empty line between them"
        );
        ensure!(self.hint.trim().lines().count() <= 11, "the hints have more than 10 lines of text");
        ensure!(solution.starts_with("//! # "), "the solution does not say why");
        let (_, tests) = starter.split_once("#[cfg(test)]\nmod tests {").context("there are no tests")?;
        ensure!(
            solution.contains(tests.trim_end().trim_end_matches('}')),
            "the solution has other tests than the starter"
        );
        let words =
            |start: &str| starter.lines().find_map(|line| line.strip_prefix(start)?.strip_suffix('`'));
        let reason =
            words("//! Fails with: `").context("the starter does not say with which words it fails")?;
        let solved = format!("{}_sol", self.name);
        for name in [&self.name, &solved] {
            for arguments in [["run", "--quiet"].as_slice(), &["clippy", "--quiet", "--profile", "test"]] {
                let strict: &[_] = if arguments[0] == "clippy" { &["--", "-D", "warnings"] } else { &[] };
                let (succeeded, said) = cargo(workshop, arguments, name, strict)?;
                ensure!(succeeded, "`cargo {} --bin {name}` fails:\n{said}", arguments[0]);
                ensure!(!said.contains("warning: "), "`cargo {} --bin {name}` warns:\n{said}", arguments[0]);
                if let Some(line) = too_wide(&said).filter(|_| *name == self.name) {
                    anyhow::bail!(
                        "`cargo {} --bin {name}` prints more than 80 columns:\n{line}",
                        arguments[0]
                    );
                }
            }
        }
        let (succeeded, said) = cargo(workshop, &["test", "--quiet"], &self.name, &[])?;
        ensure!(!succeeded, "the tests of the starter pass");
        ensure!(
            said.contains(reason),
            "the tests of the starter do not fail with {reason:?}, but with:\n{said}"
        );
        ensure!(
            !said.contains("stack backtrace"),
            "a learner who sets RUST_BACKTRACE gets a backtrace:\n{said}"
        );
        if let Some(line) = too_wide(&said) {
            anyhow::bail!("the failure has a line of more than 80 columns:\n{line}");
        }
        if let Some(then) = words("//! Then fails with: `") {
            let (succeeded, said) = cargo_with("granted", workshop, &["test", "--quiet"], &self.name, &[])?;
            ensure!(!succeeded, "the tests of the starter pass, if its predictions are right");
            ensure!(
                said.contains(then),
                "if its predictions are right, the starter does not fail with {then:?}, but with:\n{said}"
            );
            if let Some(line) = too_wide(&said) {
                anyhow::bail!("the second failure has a line of more than 80 columns:\n{line}");
            }
        }
        let (succeeded, said) = cargo(workshop, &["test", "--quiet"], &solved, &[])?;
        ensure!(succeeded, "the tests of the solution fail:\n{said}");
        Ok(reason.to_owned())
    }

    fn source(&self, workshop: &Path, folder: &str) -> Result<String> {
        let file = PathBuf::from(format!("{}.rs", self.name));
        let path = workshop.join(folder).join(&self.dir).join(file);
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }
}

/// Returns the first line that does not fit a terminal of 80 columns. The lines of the test harness and the rows of a page
/// are left out, because they have formats of their own.
fn too_wide(said: &str) -> Option<&str> {
    let is_own =
        |line: &&str| !["thread '", "test result: ", "Line { "].iter().any(|start| line.starts_with(start));
    said.lines().filter(is_own).find(|line| line.chars().count() > 80)
}

/// Runs cargo for one binary. Returns whether it succeeded, and what it printed.
fn cargo(workshop: &Path, arguments: &[&str], name: &str, rest: &[&str]) -> Result<(bool, String)> {
    cargo_with("checked", workshop, arguments, name, rest)
}

/// Runs cargo for one binary, with predictions that are checked or granted.
fn cargo_with(
    predictions: &str,
    workshop: &Path,
    arguments: &[&str],
    name: &str,
    rest: &[&str],
) -> Result<(bool, String)> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--bin", name])
        .args(rest)
        .current_dir(workshop)
        .env("RUST_BACKTRACE", "1")
        .env("PREDICTIONS", predictions)
        .output()
        .with_context(|| format!("running cargo {}", arguments.join(" ")))?;
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    Ok((output.status.success(), said.concat()))
}
