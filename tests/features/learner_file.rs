//! The file of a learner: what another process begins with, what is ignored in it, and who may write it.

use std::path::{Path, PathBuf};

use eagerly::{Result, Session};
use eagerly_watch::Learner;
use shop::{Customer, page};

use super::learner::{counted, shop_of};

/// Runs a page with a learner that has read the file, as a new process would. Returns the number of statements.
fn learned(file: &Path, page: impl FnOnce(&Session) -> Result<()>) -> u64 {
    let session = shop_of(20);
    let learner = Learner::open(file).unwrap();
    learner.attach(&session);
    let (statements, _) = counted(&session, page);
    learner.save().unwrap();
    statements
}

fn file_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("learned.txt")
}

fn read_all(session: &Session) -> Result<()> {
    page::rows(&session.all(Customer::select())?).map(drop)
}

#[test]
fn the_file_has_a_line_for_each_decision_and_another_process_begins_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    assert_eq!([(); 3].map(|()| learned(&file, read_all)), [101, 3, 3]);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("selectin\tCustomer::ORDERS\t3 runs: 3 many, 0 one, 0 none; lazy 20\t"));
    assert!(lines.iter().any(|line| line.starts_with("lazy\tCustomer::ORDERS/Order::CUSTOMER\t3 runs: ")));
    assert!(lines.iter().all(|line| line.split('\t').nth(3).unwrap().starts_with(file!())), "{text}");
}

#[test]
fn lines_that_cannot_be_read_are_ignored_and_so_are_relations_that_no_longer_exist() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    learned(&file, read_all);
    let text = std::fs::read_to_string(&file).unwrap();
    let stranger = text.replace("Customer::ORDERS", "Customer::INVOICES");
    let numbers = text.replace("1 run: 1 many", "99999999999999999999999 runs: 1 many");
    let torn = &text[..text.len() - 40];
    for damaged in [stranger, numbers, torn.to_owned(), format!("{text}\0\t\t\n🦀"), String::new()] {
        std::fs::write(&file, &damaged).unwrap();
        Learner::open(&file).unwrap();
        assert!(learned(&file, read_all) >= 3);
        assert_eq!(learned(&file, read_all), 3, "{damaged}");
    }
}

#[test]
fn a_file_of_something_else_is_an_error_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    for text in ["[package]\nname = \"shop\"\n", "# A note\n", "\0\t\t\n🦀", "a\tb\tc\td\te\tf\tg\th\n"] {
        std::fs::write(&file, text).unwrap();
        for error in [Learner::open(&file).err(), Learner::frozen(&file).err()] {
            let error = error.unwrap().to_string();
            assert!(error.contains("was not written by a learner\n  help: "), "{error}");
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn a_query_that_has_moved_in_its_file_keeps_what_was_learned() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    learned(&file, read_all);
    let text = std::fs::read_to_string(&file).unwrap();
    let is_origin = |cell: &&str| cell.starts_with(file!());
    let origin = text.split('\t').find(is_origin).unwrap().to_owned();
    // As if the program had been compiled anew, after lines were added above the query. Another query like it is below.
    let moved = format!("{}:3:5", file!());
    let below = format!("{}:99999:5", file!());
    let build = text.lines().last().unwrap().rsplit('\t').next().unwrap().to_owned();
    let text = text.replace(&build, "00000000");
    let copy = text
        .replace(&origin, &below)
        .replace("selectin\t", "lazy\t")
        .replace("1 many, 0 one", "0 many, 1 one");
    std::fs::write(&file, text.replace(&origin, &moved) + &copy).unwrap();
    assert_eq!(learned(&file, read_all), 3);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(&origin) && !text.contains(&moved) && text.contains(&below), "{text}");
}

#[test]
fn a_new_query_does_not_take_over_what_is_known_of_another_one_like_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    let names = |session: &Session| session.all(Customer::select()).map(drop);
    let one = |session: &Session| session.all(Customer::select())?[0].orders().map(drop);
    assert_eq!([(); 2].map(|()| learned(&file, read_all)), [101, 3]);
    assert_eq!([(); 2].map(|()| learned(&file, names)), [1, 1]);
    assert_eq!([(); 2].map(|()| learned(&file, one)), [2, 2]);
    assert_eq!(learned(&file, read_all), 3);
    let lines = Learner::open(&file).unwrap().lines();
    assert_eq!((lines.len(), lines[0].runs), (1, 3), "{lines:?}");
}

#[test]
fn a_frozen_learner_advises_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    assert!(Learner::frozen(&file).is_err(), "a test must not begin without the file");
    learned(&file, read_all);
    let before = std::fs::read(&file).unwrap();
    let session = shop_of(20);
    let learner = Learner::frozen(&file).unwrap();
    learner.attach(&session);
    assert_eq!(counted(&session, read_all).0, 3);
    for _ in 0..100 {
        counted(&session, |session| session.all(Customer::select()));
    }
    learner.save().unwrap();
    drop((learner, session));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn learners_that_share_a_file_add_to_what_the_others_have_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let runs: Vec<_> = (0..5).map(|_| learned(&file, read_all)).collect();
                assert_eq!(runs.last(), Some(&3));
            });
        }
    });
    let learner = Learner::open(&file).unwrap();
    assert_eq!(learner.lines()[0].runs, 40);
}

#[test]
fn what_was_learned_is_written_when_everything_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    let session = shop_of(5);
    let learner = Learner::open(&file).unwrap();
    learner.attach(&session);
    read_all(&session).unwrap();
    drop(learner);
    assert!(!file.exists(), "the session still learns");
    drop(session);
    assert_eq!(Learner::open(&file).unwrap().lines().len(), 1);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let learner = Learner::open(folder.path().join("nowhere").join("learned.txt")).unwrap();
    learner.save().unwrap();
    let session = shop_of(5);
    learner.attach(&session);
    read_all(&session).unwrap();
    let error = learner.save().unwrap_err().to_string();
    assert!(error.contains("learned.txt") && error.contains("\n  help: "), "{error}");
    assert!(Learner::open(folder.path()).is_err(), "a folder is no file");
}
