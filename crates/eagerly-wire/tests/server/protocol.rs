//! As much of PostgreSQL's protocol as one statement needs: a message is a byte for its kind, its length, its body.

use std::io::{Read, Write};

/// Logs in as `postgres`, sends a statement, and returns the first value of its result as text.
pub fn first_value(mut stream: impl Read + Write, sql: &str) -> String {
    log_in(&mut stream);
    send(&mut stream, b"Q", format!("{sql}\0").as_bytes());
    let value = until_ready(&mut stream);
    send(&mut stream, b"X", b"");
    value
}

/// Logs in as `postgres`, so that the server is ready for a statement.
pub fn log_in(stream: &mut (impl Read + Write)) {
    let mut startup = 196_608_i32.to_be_bytes().to_vec(); // version 3.0 of the protocol
    startup.extend(b"user\0postgres\0database\0postgres\0\0");
    send(stream, b"", &startup);
    until_ready(stream);
}

fn send(stream: &mut impl Write, kind: &[u8], body: &[u8]) {
    // The length counts itself, but not the kind. The first message has no kind.
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    stream.write_all(&[kind, &length, body].concat()).unwrap();
}

/// Reads messages until the server is ready for a statement.
fn until_ready(stream: &mut impl Read) -> String {
    let mut value = String::new();
    loop {
        let mut header = [0; 5];
        stream.read_exact(&mut header).unwrap();
        let length = u32::from_be_bytes(header[1..].try_into().unwrap());
        let mut body = vec![0; length as usize - 4];
        stream.read_exact(&mut body).unwrap();
        match header[0] {
            b'Z' => return value,
            b'E' => panic!("{}", String::from_utf8_lossy(&body)),
            // A row: the number of its values, then the length of each and its bytes.
            b'D' => value = String::from_utf8_lossy(&body[6..]).into_owned(),
            _ => {}
        }
    }
}
