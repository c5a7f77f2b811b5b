//! The lines of several runs are combined before anything is changed.

use eagerly_fix::advice::{combined, read};
use eagerly_watch::Change;

use crate::support::{ITEMS, ORDERS, fix};

#[test]
fn equal_lines_are_added_up() {
    let advice = combined(vec![
        fix(5, 13, Change::Add, ORDERS),
        fix(5, 13, Change::Add, ORDERS),
        fix(5, 14, Change::Add, ORDERS),
    ]);
    let counts: Vec<_> = advice.fixes.iter().map(|fix| (fix.column, fix.statements, fix.saved)).collect();
    assert_eq!(counts, [(13, 10, 8), (14, 5, 4)]);
}

#[test]
fn an_eager_load_that_another_run_reads_is_kept() {
    for (change, path) in [
        (Change::Keep, ORDERS),
        (Change::Keep, "joined(Customer::ORDERS).joined(Order::ITEMS)"),
        (Change::Add, ITEMS),
    ] {
        let unused = fix(5, 13, Change::Remove, ORDERS);
        let advice = combined(vec![unused.clone(), fix(5, 13, change, path)]);
        assert_eq!(advice.kept, [unused], "{path}");
        assert!(advice.fixes.iter().all(|fix| fix.change == Change::Add));
    }
    // These are about something else.
    for other in [
        fix(6, 13, Change::Keep, ORDERS),
        fix(5, 13, Change::Keep, "selectin(Customer::ADDRESS)"),
        fix(5, 13, Change::Keep, "selectin(Customer::ORDERS.…)"),
    ] {
        let advice = combined(vec![fix(5, 13, Change::Remove, ORDERS), other]);
        assert_eq!((advice.fixes.len(), advice.kept.len()), (1, 0));
    }
    let behind = combined(vec![fix(5, 13, Change::Remove, ITEMS), fix(5, 13, Change::Keep, ORDERS)]);
    assert_eq!((behind.fixes.len(), behind.kept.len()), (1, 0));
}

#[test]
fn the_names_of_one_file_are_combined() {
    // Two programs that include a module by `#[path = "../support.rs"]`.
    let [unused, read, other] = [
        ("tests/orders/../support.rs", Change::Remove),
        ("./tests/pages/../support.rs", Change::Keep),
        ("../tests/support.rs", Change::Remove),
    ]
    .map(|(file, change)| {
        let mut fix = fix(5, 13, change, ORDERS);
        fix.file = file.to_owned();
        fix
    });
    let advice = combined(vec![unused, read, other]);
    let files = |fixes: &[eagerly_watch::Fix]| fixes.iter().map(|fix| fix.file.clone()).collect::<Vec<_>>();
    assert_eq!(files(&advice.kept), ["tests/support.rs"]);
    assert_eq!(files(&advice.fixes), ["../tests/support.rs"]);
}

#[test]
fn a_file_that_is_no_advice_is_an_error_with_help() {
    let folder = tempfile::tempdir().unwrap();
    let missing = read(folder.path(), "advice.jsonl".as_ref()).unwrap_err().to_string();
    assert!(
        missing.starts_with("cannot read the advice: there is no file advice.jsonl\n  help: "),
        "{missing}"
    );
    std::fs::write(folder.path().join("advice.jsonl"), "\n{\"file\":\"a.rs\"}\n").unwrap();
    let broken = read(folder.path(), "advice.jsonl".as_ref()).unwrap_err().to_string();
    assert!(
        broken.contains("advice.jsonl:2 is not a fix: missing field `line`") && broken.contains("\n  help: "),
        "{broken}"
    );
    std::fs::write(folder.path().join("advice.jsonl"), b"\xff").unwrap();
    let not_text = read(folder.path(), "advice.jsonl".as_ref()).unwrap_err();
    assert!(
        format!("{not_text:#}").ends_with(
            ": stream did not contain valid UTF-8\n  help: name a file that detectors have written, and that you can read"
        ),
        "the help is not at the end: {not_text:#}"
    );
}

#[test]
fn the_advice_is_found_from_a_folder_below() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
    let line = serde_json::to_string(&fix(5, 13, Change::Add, ORDERS)).unwrap();
    std::fs::write(folder.path().join("advice.jsonl"), line).unwrap();
    assert_eq!(read(&folder.path().join("a/b"), "advice.jsonl".as_ref()).unwrap().fixes.len(), 1);
}
