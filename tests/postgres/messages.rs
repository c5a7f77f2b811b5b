//! Messages of PostgreSQL's protocol, for a server that a test or a fuzzer plays.

use std::io::{Read, Result};

/// Writes a message of the server: its kind, its length, and its body.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

/// Says that the server is ready for a statement, and that there is no transaction.
pub fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

/// Lets the client sign on.
pub fn welcome() -> Vec<u8> {
    [message(b'R', &0_u32.to_be_bytes()), ready()].concat()
}

/// Describes a prepared query without parameters, and its columns by their names and the numbers of their types.
pub fn description(columns: &[(&str, u32)]) -> Vec<u8> {
    let mut body = u16::try_from(columns.len()).unwrap().to_be_bytes().to_vec();
    for (name, number) in columns {
        body.extend(name.bytes());
        // No table and no place in it, the type, its length, its modifier, the binary form.
        body.extend([&[0; 7], &number.to_be_bytes()[..], &[0, 0, 0, 0, 0, 0, 0, 1]].concat());
    }
    [message(b'1', &[]), message(b't', &[0, 0]), message(b'T', &body)].concat()
}

/// Reads the message with which a client begins.
pub fn read_start(client: &mut impl Read) -> Result<()> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    client.read_exact(&mut vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4)])
}

/// Reads messages of a client up to a `Sync`, which ends its request.
pub fn read_request(client: &mut impl Read) -> Result<()> {
    let mut kind = [0];
    while kind != *b"S" {
        client.read_exact(&mut kind)?;
        read_start(client)?;
    }
    Ok(())
}
