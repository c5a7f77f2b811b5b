//! A program that fixes its own source: a detector finds an N+1, and `eagerly-fix` writes the load path.
//!
//!     cargo run --release --example fix
//!
//! In your own program, these are two commands: `EAGERLY_ADVICE=advice.jsonl cargo test`, and then
//! `cargo run -p eagerly-fix -- advice.jsonl`. Here, the file `page.rs` is copied to a temporary folder and edited there.
//! The result is `fixed.rs`, which is compiled into this program, too.

mod fixed;
mod page;

use std::fs;

use anyhow::{Context as _, Result, ensure};
use eagerly::Session;
use eagerly::numbers::counted;
use eagerly_fix::advice::combined;
use eagerly_fix::{apply, show};
use eagerly_watch::Detector;
use shop::{Size, data};
use terminal::{print, println};

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    data::fill(&session, &Size::default(), |_| {})?;

    println!("== The page");
    let detector = Detector::attach(&session);
    let lazy = page::rows(&session)?;
    let report = detector.report();
    println!("{}, {}", counted(lazy.len() as u64, "line"), counted(report.statements, "statement"));

    println!("\n== The advice (in the file, it is one line)");
    let fixes = report.fixes();
    for fix in &fixes {
        println!("{}", serde_json::to_string_pretty(fix)?);
    }

    println!("\n== What eagerly-fix shows");
    let folder = terminal::folder()?;
    let file = folder.path().join(&fixes.first().context("the page has no N+1")?.file);
    fs::create_dir_all(file.parent().context("the file has no folder")?)?;
    fs::write(&file, include_str!("page.rs"))?;
    // The source is looked for below the folder with this file.
    fs::write(folder.path().join("Cargo.lock"), "")?;
    let proposal = apply::propose(folder.path(), combined(fixes));
    print!("{}", show::proposal(&proposal));

    println!("\n== The page, fixed");
    apply::write(&proposal.files)?;
    ensure!(
        fs::read_to_string(&file)? == include_str!("fixed.rs"),
        "fixed.rs is not what eagerly-fix writes"
    );
    let detector = Detector::attach(&session);
    let eager = fixed::rows(&session)?;
    ensure!(eager == lazy, "the fixed page shows something else");
    let report = detector.report();
    println!("The same {}, {}", counted(eager.len() as u64, "line"), counted(report.statements, "statement"));
    ensure!(report.fixes().is_empty(), "the fixed page has an N+1");
    println!("The second run has no advice.");
    Ok(())
}
