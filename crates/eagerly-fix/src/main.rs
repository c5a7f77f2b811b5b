//! The program `eagerly-fix`: shows what the advice changes in the source, asks, and applies it.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | nothing is left to do |
//! | 1 | changes are left: they were only shown, or you have to make them |
//! | 2 | an error: wrong arguments, no advice, or a file that must not be changed |

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;
use eagerly_fix::apply::{Allowed, check, propose, write};
use eagerly_fix::{advice, show};

/// Adds load paths to queries, and removes unused ones, as a detector advises.
///
/// First run your tests with EAGERLY_ADVICE=advice.jsonl, and with `Detector::attach`.
///
/// Exit codes: 0 nothing is left to do, 1 changes are left, 2 an error.
#[derive(Parser)]
#[command(name = "eagerly-fix", version, max_term_width = 80)]
struct Options {
    /// File that EAGERLY_ADVICE named
    advice: PathBuf,

    /// Apply the changes without asking
    #[arg(long)]
    yes: bool,

    /// Change files with uncommitted changes
    #[arg(long)]
    allow_dirty: bool,

    /// Change files outside of a git repository
    #[arg(long)]
    allow_no_vcs: bool,
}

/// The size of the stack in bytes.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    let options = Options::parse();
    // The parser is recursive, so a long chain of methods needs a deep stack.
    let program = std::thread::Builder::new().stack_size(STACK).spawn(move || run(&options));
    let result = program.context("cannot start\n  help: free some memory").and_then(|program| {
        program.join().unwrap_or_else(|_| {
            Err(anyhow!("the program stopped at a bug; nothing more was written\n  help: report this as a bug in eagerly-fix"))
        })
    });
    match result {
        Ok(code) => code,
        Err(error) => {
            // Not `eprintln!`, which panics if standard error is closed.
            let _ = writeln!(anstream::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<ExitCode> {
    let folder = std::env::current_dir()
        .context("cannot find the current folder\n  help: run the command in the folder of your program")?;
    let proposal = propose(&folder, advice::read(&folder, &options.advice)?);
    say(&show::proposal(&proposal))?;
    let remaining = if proposal.left.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) };
    if proposal.files.is_empty() {
        return Ok(remaining);
    }
    let can_ask = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !options.yes && !can_ask {
        say("\nNothing was written. Pass `--yes` to apply the changes.\n")?;
        return Ok(ExitCode::from(1));
    }
    check(&proposal.files, Allowed { dirty: options.allow_dirty, no_vcs: options.allow_no_vcs })?;
    if !options.yes && !agreed()? {
        say("Nothing was written.\n")?;
        return Ok(ExitCode::from(1));
    }
    write(&proposal.files)?;
    let files = proposal.files.len();
    let plural = if files == 1 { "" } else { "s" };
    // The detectors append to the file, and its lines and columns are those of the old source.
    let next = format!("Now delete {}, and run your tests again.", options.advice.display());
    say(&format!("\nWrote {files} file{plural}. {next}\n"))?;
    Ok(remaining)
}

/// Asks whether to apply the changes.
fn agreed() -> Result<bool> {
    say("\nApply? [y/N] ")?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("cannot read the answer\n  help: pass `--yes` to apply the changes without asking")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Writes to standard output. A closed pipe is no error, because the reader has seen enough.
fn say(text: &str) -> Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output\n  help: check where the output goes")
        }
        _ => Ok(()),
    }
}
