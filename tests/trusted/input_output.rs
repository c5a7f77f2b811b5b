//! Disk failures: files that cannot grow, are truncated or are blocked. Committed data stays. Each read
//! returns all rows or an error, and never only some of the rows.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use eagerly::{Entity, Failure, Session, Strategy, by};
use shop::{Customer, Order, Size, data, page};
use tempfile::TempDir;

use crate::faults::{failure, text};

#[derive(Debug, Entity)]
#[entity(table = "entries")]
struct Entry {
    #[entity(key)]
    id: i64,
    text: String,
}

fn entries(count: u32) -> impl Iterator<Item = Entry> {
    (0..count).map(|_| Entry { id: 0, text: "x".repeat(100) })
}

fn shop_file(customers: u32) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let size = Size { customers, ..Size::default() };
    data::fill(&Session::open(&path).unwrap(), &size, |_| {}).unwrap();
    (folder, path)
}

fn lines(session: &Session, strategy: Strategy) -> eagerly::Result<Vec<page::PageRow>> {
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)
}

#[test]
fn a_file_that_is_truncated_while_it_is_open_is_an_error_and_never_fewer_rows() {
    let (_folder, path) = shop_file(200);
    let whole = fs::read(&path).unwrap();
    let right = lines(&Session::open(&path).unwrap(), Strategy::Lazy).unwrap();
    for strategy in Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Raise) {
        for part in 1..8 {
            let session = Session::open(&path).unwrap();
            let length = whole.len() as u64 * part / 8;
            OpenOptions::new().write(true).open(&path).unwrap().set_len(length).unwrap();
            let error = lines(&session, strategy).unwrap_err();
            let kind = failure(&error);
            assert!(
                matches!(kind, Some(Failure::Corrupt | Failure::InputOutput)),
                "{strategy}, {part} of 8: {error}"
            );
            assert!(error.to_string().contains("help:"), "{error}");
            fs::write(&path, &whole).unwrap();
            assert!(lines(&session, strategy).unwrap() == right, "{strategy}, {part} of 8");
        }
    }
}

#[test]
fn a_journal_that_cannot_be_read_or_created_is_an_error_until_it_can() {
    let (_folder, path) = shop_file(5);
    let session = Session::open(&path).unwrap();
    let right = lines(&session, Strategy::Selectin).unwrap();
    let journal = path.with_file_name("shop.db-journal");
    fs::create_dir(&journal).unwrap();
    let reading = lines(&session, Strategy::Selectin).unwrap_err();
    let writing = session.execute("UPDATE customers SET first_name = 'x'", []).unwrap_err();
    for error in [reading, writing] {
        let kind = failure(&error);
        assert!(matches!(kind, Some(Failure::InputOutput | Failure::CannotOpen)), "{kind:?}: {error}");
        assert!(error.to_string().contains("help:"), "{error}");
    }
    fs::remove_dir(&journal).unwrap();
    assert_eq!(lines(&session, Strategy::Selectin).unwrap(), right);
    assert!(session.execute("UPDATE customers SET first_name = 'x'", []).is_ok());
}

/// Tests with the system's limit on the size of a file, which makes a write fail in the middle of an insert.
/// The limit applies to a whole process, so another process does the writing.
#[cfg(unix)]
mod limited {
    use std::process::Command;

    use super::*;

    const FILE: &str = "EAGERLY_LIMITED_FILE";

    fn count(path: &Path) -> u64 {
        Session::open(path).unwrap().count(Entry::select()).unwrap()
    }

    #[test]
    fn a_write_that_the_system_refuses_is_rolled_back_and_the_session_continues() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entries.db");
        let session = Session::open(&path).unwrap();
        let table = "CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT NOT NULL)";
        session.execute(table, []).unwrap();
        session.insert_all(entries(100)).unwrap();
        drop(session);

        // 1,024 blocks are 512 KiB or 1 MiB, depending on the shell. The trap keeps the signal from ending
        // the process.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "input_output::limited::writes_more_than_it_may", "--ignored"])
            .env(FILE, &path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
        assert_eq!(count(&path), 110);
        let session = Session::open(&path).unwrap();
        assert_eq!(text(&session, "PRAGMA integrity_check"), "ok");
    }

    #[test]
    #[ignore = "it is the writer that the other test starts and limits"]
    fn writes_more_than_it_may() {
        let Some(path) = std::env::var_os(FILE) else {
            return;
        };
        let session = Session::open(path).unwrap();
        for _ in 0..3 {
            let error = session.insert_all(entries(100_000)).unwrap_err();
            assert_eq!(failure(&error), Some(Failure::InputOutput), "{error}");
            assert!(error.to_string().contains("help:"), "{error}");
            assert_eq!(session.count(Entry::select()).unwrap(), 100);
            assert_eq!(text(&session, "PRAGMA integrity_check"), "ok");
        }
        session.insert_all(entries(10)).unwrap();
    }
}
