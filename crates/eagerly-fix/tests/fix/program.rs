//! The program: what it prints, its exit codes, and the files that it refuses to change.

use std::fs;
use std::path::Path;
use std::process::Command;

use eagerly_watch::{Change, Fix};

use crate::support::{ITEMS, ORDERS, fix, git, marked, page};

/// Creates a package with a page, in a git repository or without one.
fn package(in_git: bool) -> (tempfile::TempDir, Fix) {
    let folder = tempfile::tempdir().unwrap();
    let (text, line, column) = marked(&page("session.‸all(Customer::select())?;"));
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/page.rs"), text).unwrap();
    fs::write(folder.path().join("Cargo.lock"), "").unwrap();
    if in_git {
        git(folder.path(), &["init", "--quiet"]);
        git(folder.path(), &["add", "--all"]);
        git(folder.path(), &["commit", "--quiet", "--message", "Lazy"]);
    }
    (folder, fix(line, column, Change::Add, ORDERS))
}

/// Runs the program with this advice. Returns its exit code, and what it prints.
fn run(folder: &Path, advice: &[Fix], arguments: &[&str]) -> (i32, String) {
    let lines: Vec<_> = advice.iter().map(|fix| serde_json::to_string(fix).unwrap() + "\n").collect();
    fs::write(folder.join("advice.jsonl"), lines.concat()).unwrap();
    let program = env!("CARGO_BIN_EXE_eagerly-fix");
    let output =
        Command::new(program).arg("advice.jsonl").args(arguments).current_dir(folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn source(folder: &Path) -> String {
    fs::read_to_string(folder.join("src/page.rs")).unwrap()
}

#[test]
fn without_a_terminal_it_only_shows_the_diff() {
    let (folder, fix) = package(true);
    let before = source(folder.path());
    let expected = "\
--- a/src/page.rs
+++ b/src/page.rs
@@ -3,5 +3,5 @@
 
 fn page(session: &Session) -> Result<()> {
-    session.all(Customer::select())?;
+    session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
     Ok(())
 }

Changes
  src/page.rs:5: adds `selectin(Customer::ORDERS)`. Customer.orders: 5
    statements, one per parent. This saves 4 of 5 statements.

Nothing was written. Pass `--yes` to apply the changes.
";
    assert_eq!(run(folder.path(), &[fix], &[]), (1, expected.to_owned()));
    assert_eq!(source(folder.path()), before);
}

#[test]
fn with_yes_it_writes_and_a_second_run_finds_nothing_to_do() {
    let (folder, fix) = package(true);
    let (code, text) = run(folder.path(), std::slice::from_ref(&fix), &["--yes"]);
    assert!(text.ends_with("\nWrote 1 file. Now delete advice.jsonl, and run your tests again.\n"), "{text}");
    assert_eq!(code, 0);
    let after = source(folder.path());
    assert!(after.contains("Customer::select().with(selectin(Customer::ORDERS))"));
    let (code, text) = run(folder.path(), &[fix], &["--yes"]);
    let expected =
        "Nothing to do\n  src/page.rs:5: `selectin(Customer::ORDERS)`: the query loads it already\n";
    assert_eq!((code, text.as_str()), (0, expected));
    assert_eq!(source(folder.path()), after);
    assert_eq!(run(folder.path(), &[], &["--yes"]), (0, "The advice has no changes.\n".to_owned()));
}

#[test]
fn what_is_left_is_printed_with_the_line_to_write() {
    let (folder, mut moved) = package(true);
    moved.line = 4;
    moved.path = format!("{ITEMS}.selectin(OrderItem::ORDER)");
    let expected = "\
Left for you
  src/page.rs:4: no session is called at this place; the source has changed, or
    the call is in a function with `#[track_caller]`. Add this where the query
    is built:
      .with(selectin(Customer::ORDERS)
          .selectin(Order::ITEMS)
          .selectin(OrderItem::ORDER))
";
    assert_eq!(run(folder.path(), &[moved], &["--yes"]), (1, expected.to_owned()));
}

#[test]
fn an_eager_load_that_another_test_reads_is_not_to_be_overridden() {
    let (folder, fix) = package(true);
    let [mut unused, mut read] = [fix.clone(), fix];
    (unused.change, read.change) = (Change::Remove, Change::Keep);
    let expected = "Nothing to do\n  src/page.rs:5: `selectin(Customer::ORDERS)`: another test reads it\n";
    assert_eq!(run(folder.path(), &[unused, read], &[]), (0, expected.to_owned()));
}

#[test]
fn a_source_that_is_newer_than_the_advice_is_to_be_checked() {
    let (folder, fix) = package(true);
    let note = "the file has changed since the advice was written, so a line can be that of another query";
    let (_, text) = run(folder.path(), std::slice::from_ref(&fix), &[]);
    assert!(!in_one_line(&text).contains(note), "{text}");
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    let file = fs::File::options().write(true).open(folder.path().join("src/page.rs")).unwrap();
    file.set_modified(later).unwrap();
    let (code, text) = run(folder.path(), &[fix], &[]);
    assert!(code == 1 && in_one_line(&text).contains(&format!("Please check src/page.rs: {note}")), "{text}");
}

#[test]
fn a_removed_path_of_one_step_has_no_last_step() {
    let (folder, fix) = package(true);
    let written = source(folder.path()).replace("select()", "select().with(selectin(Customer::ORDERS))");
    fs::write(folder.path().join("src/page.rs"), &written).unwrap();
    let mut unused = fix.clone();
    unused.change = Change::Remove;
    let (_, text) = run(folder.path(), &[unused.clone()], &[]);
    assert!(text.contains("src/page.rs:5: removes `selectin(Customer::ORDERS)`."), "{text}");
    unused.line = 4;
    let (_, text) = run(folder.path(), &[unused.clone()], &[]);
    assert!(in_one_line(&text).contains("Remove this where the query is built:"), "{text}");
    unused.path = ITEMS.to_owned();
    let (_, text) = run(folder.path(), &[unused], &[]);
    assert!(in_one_line(&text).contains("Remove the last step of this path, where"), "{text}");
}

#[test]
fn a_file_with_uncommitted_changes_is_refused() {
    let (folder, fix) = package(true);
    let dirty = source(folder.path()) + "// mine\n";
    fs::write(folder.path().join("src/page.rs"), &dirty).unwrap();
    let (code, text) = run(folder.path(), std::slice::from_ref(&fix), &["--yes"]);
    let error = "error: cannot change src/page.rs: it has uncommitted changes, or git does not track it\n  help: commit it, or pass `--allow-dirty`\n";
    assert!(code == 2 && text.ends_with(error), "{text}");
    assert_eq!(source(folder.path()), dirty);
    assert_eq!(run(folder.path(), &[fix], &["--yes", "--allow-dirty"]).0, 0);
    assert!(source(folder.path()).contains("selectin") && source(folder.path()).ends_with("// mine\n"));
}

#[test]
fn a_file_that_git_ignores_is_refused() {
    let (folder, fix) = package(true);
    git(folder.path(), &["rm", "--quiet", "--cached", "src/page.rs"]);
    fs::write(folder.path().join(".gitignore"), "src\n").unwrap();
    git(folder.path(), &["add", "--all"]);
    git(folder.path(), &["commit", "--quiet", "--message", "Ignored"]);
    assert_eq!(run(folder.path(), &[fix], &["--yes"]).0, 2);
}

#[test]
fn a_file_outside_of_a_repository_is_refused() {
    let (folder, fix) = package(false);
    let (code, text) = run(folder.path(), std::slice::from_ref(&fix), &["--yes"]);
    assert!(
        code == 2 && text.contains("it is not in a git repository") && text.contains("--allow-no-vcs"),
        "{text}"
    );
    assert!(!source(folder.path()).contains("selectin"));
    assert_eq!(run(folder.path(), &[fix], &["--yes", "--allow-no-vcs"]).0, 0);
    assert!(source(folder.path()).contains("selectin"));
}

#[test]
fn a_file_outside_of_the_root_is_left_alone() {
    let (folder, fix) = package(true);
    let (elsewhere, _) = package(true);
    let outside = elsewhere.path().join("src/page.rs");
    let up = Path::new("..").join(elsewhere.path().file_name().unwrap()).join("src/page.rs");
    for file in
        [outside.as_path(), up.as_path(), Path::new("/rustc/0123/library/core/src/iter.rs"), Path::new("src")]
    {
        let mut fix = fix.clone();
        fix.file = file.to_str().unwrap().to_owned();
        let (code, text) = run(folder.path(), &[fix], &["--yes", "--allow-no-vcs", "--allow-dirty"]);
        assert!(code == 1 && text.starts_with("Left for you"), "{text}");
    }
    assert!(!fs::read_to_string(outside).unwrap().contains("selectin"));
}

#[test]
fn a_read_only_file_is_refused() {
    let (folder, fix) = package(true);
    let path = folder.path().join("src/page.rs");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let (code, text) = run(folder.path(), &[fix], &["--yes", "--allow-dirty", "--allow-no-vcs"]);
    let error = "error: cannot change src/page.rs: it is read-only\n  help: ";
    assert!(code == 2 && text.contains(error), "{text}");
    assert!(!source(folder.path()).contains("selectin"));
}

#[test]
fn the_words_of_git_are_shown_if_it_refuses_the_repository() {
    let (folder, fix) = package(true);
    fs::write(folder.path().join(".git/config"), "[core]\n\trepositoryformatversion = 99\n").unwrap();
    let (code, text) = run(folder.path(), &[fix], &["--yes"]);
    assert!(code == 2 && !text.contains("it is not in a git repository"), "{text}");
    assert!(text.contains("could not be taken back") && text.contains("99"), "{text}");
}

#[cfg(unix)]
#[test]
fn the_permissions_of_a_file_are_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, fix) = package(true);
    let path = folder.path().join("src/page.rs");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run(folder.path(), &[fix], &["--yes", "--allow-dirty"]).0, 0);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
    let names: Vec<_> = fs::read_dir(folder.path().join("src")).unwrap().collect();
    assert_eq!(names.len(), 1, "a temporary file is left");
}

#[test]
fn wrong_arguments_and_missing_advice_are_errors() {
    let (folder, _) = package(true);
    let program = env!("CARGO_BIN_EXE_eagerly-fix");
    for arguments in [&[][..], &["missing.jsonl"], &["--no-such-option", "advice.jsonl"]] {
        let output = Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_long_chain_of_methods_does_not_overflow_the_stack() {
    let (folder, fix) = package(true);
    let query = format!("Customer::select(){}", ".filter(x)".repeat(5_000));
    fs::write(folder.path().join("src/page.rs"), source(folder.path()).replace("Customer::select()", &query))
        .unwrap();
    assert_eq!(run(folder.path(), &[fix], &["--yes", "--allow-dirty"]).0, 0);
    assert!(source(folder.path()).contains(".filter(x).with(selectin(Customer::ORDERS))"));
}
