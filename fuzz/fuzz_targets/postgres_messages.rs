//! A session reads rows or returns an error, whatever bytes a server sends. It does not panic, and does not wait for more
//! after the server has ended the connection.
//!
//! The first byte of the input is how many answers the server gets right. The rest is what it sends as the next answer.
#![no_main]

mod server;

use std::sync::LazyLock;

use eagerly::{Error, Result, Session};
use libfuzzer_sys::{Corpus, fuzz_target};
use server::{Answers, Server, description, ready, rows, welcome};

static RIGHT: LazyLock<Answers> = LazyLock::new(|| Answers {
    sign_on: welcome(),
    prepare: [description(&[("id", 20), ("name", 25)]), ready()].concat(),
    run: rows(&[vec![Some(&[0, 0, 0, 0, 0, 0, 0, 1]), Some(b"Ada")]]),
    last: 0,
});

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(RIGHT.clone()));

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((last, bytes)) = input.split_first().filter(|(last, _)| **last < 3) else {
        return Corpus::Reject;
    };
    let mut answers = RIGHT.clone();
    *[&mut answers.sign_on, &mut answers.prepare, &mut answers.run][usize::from(*last)] = bytes.to_vec();
    answers.last = usize::from(*last);
    SERVER.change(|current| *current = answers);
    match names() {
        // Without the third answer, there are no rows.
        Ok(_) => assert_eq!(*last, 2),
        Err(error) => assert!(error.to_string().contains("\n  help: ")),
    }
    Corpus::Keep
});

/// Connects, and reads rows with a number and a text.
fn names() -> Result<Vec<(i64, String)>, Error> {
    Session::connect(&SERVER.url())?.query("SELECT id, name FROM customers", [])
}
