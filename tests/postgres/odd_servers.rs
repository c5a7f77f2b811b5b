//! Servers that do not keep to PostgreSQL's protocol.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use eagerly::{Failure, Session};

use crate::messages::{description, message, read_request, read_start, ready, welcome};
use crate::watchdog::{PATIENCE, within};

/// Describes a query with one column of a type that no client knows. So the client asks the server for the type.
fn description_of_an_unknown_type() -> Vec<u8> {
    description(&[("a", 999_999)])
}

/// Lets a client sign on, waits for its first request, and sends parts of an answer, one after the other. It repeats the
/// last part until the client leaves, because a busy client reads several parts as one.
fn serve(listener: &TcpListener, parts: &[Vec<u8>]) {
    let (mut client, _) = listener.accept().unwrap();
    client.set_nodelay(true).unwrap();
    read_start(&mut client).unwrap();
    client.write_all(&welcome()).unwrap();
    read_request(&mut client).unwrap();
    for part in parts.iter().chain(std::iter::repeat(parts.last().unwrap())) {
        if client.write_all(part).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts a server that sends these parts of an answer. Returns its URL.
fn server_of(parts: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://ada@{}/shop?sslmode=disable", listener.local_addr().unwrap());
    std::thread::spawn(move || serve(&listener, &parts));
    url
}

/// Returns the kind and the message of a query's error, if the server sends these parts of an answer.
fn error_after(parts: Vec<Vec<u8>>) -> (Option<Failure>, String) {
    let url = server_of(parts);
    within(PATIENCE, move || {
        let session = Session::connect(&url).unwrap();
        let error = session.query::<i64>("SELECT a FROM t", []).unwrap_err();
        // Every later query is an error, too.
        let again = session.query::<i64>("SELECT 1", []).unwrap_err();
        assert_eq!(crate::kind(&again), Some(Failure::Disconnected), "{again}");
        (crate::kind(&error), error.to_string())
    })
}

#[test]
fn a_server_that_sends_more_than_an_answer_does_not_keep_the_session_busy() {
    let (kind, message) = error_after(vec![description_of_an_unknown_type(), message(b'n', &[])]);
    assert_eq!(kind, Some(Failure::Disconnected), "{message}");
    assert!(message.contains("the server sent more than the answer to a statement"), "{message}");
}

#[test]
fn a_server_that_answers_what_nobody_asked_ends_the_session() {
    let (kind, message) = error_after(vec![[ready(), ready()].concat()]);
    assert_eq!(kind, Some(Failure::Disconnected), "{message}");
}

/// The second refusal answers nothing, so it is the reason why the connection ends.
#[test]
fn the_reason_for_the_end_of_a_session_keeps_its_code_without_values() {
    let refusal = message(b'E', b"SFATAL\0VFATAL\0C08P01\0Mthe secret\0\0");
    let url = server_of(vec![[refusal.clone(), ready(), refusal].concat()]);
    within(PATIENCE, move || {
        let session = Session::connect(&url).unwrap();
        session.redact(true);
        for _ in 0..2 {
            let error = session.query::<i64>("SELECT a FROM t", []).unwrap_err();
            assert_eq!(crate::kind(&error), Some(Failure::Disconnected), "{error}");
            assert!(error.to_string().contains("the server's message is hidden (SQLSTATE 08P01)"), "{error}");
        }
    });
}
