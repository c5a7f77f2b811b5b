//! A client that sends exactly the messages that a test names, in exactly the portions.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

use crate::support::Wire;

/// A connection, and the messages that are not sent yet.
pub struct Raw {
    pub stream: TcpStream,
    out: BytesMut,
}

impl Raw {
    /// Connects through the proxy, and signs on.
    pub fn connect(wire: &Wire) -> Self {
        Self::with(wire, &[])
    }

    /// Connects with parameters such as `application_name`.
    pub fn with(wire: &Wire, parameters: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(wire.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut raw = Self { stream, out: BytesMut::new() };
        let own = [("user", "postgres"), ("database", &*wire.database)];
        frontend::startup_message(own.into_iter().chain(parameters.iter().copied()), &mut raw.out).unwrap();
        raw.send();
        raw.until(b'Z');
        raw
    }

    pub fn query(&mut self, sql: &str) -> &mut Self {
        frontend::query(sql, &mut self.out).unwrap();
        self
    }

    pub fn parse(&mut self, name: &str, sql: &str) -> &mut Self {
        frontend::parse(name, sql, [], &mut self.out).unwrap();
        self
    }

    /// Binds values in the text format. The result has the text format, too.
    pub fn bind(&mut self, portal: &str, name: &str, values: &[Option<&str>]) -> &mut Self {
        let write = |value: &Option<&str>, out: &mut BytesMut| {
            let Some(value) = value else { return Ok(IsNull::Yes) };
            out.extend_from_slice(value.as_bytes());
            Ok(IsNull::No)
        };
        assert!(frontend::bind(portal, name, [], values, write, [], &mut self.out).is_ok());
        self
    }

    pub fn describe(&mut self, portal: &str) -> &mut Self {
        frontend::describe(b'P', portal, &mut self.out).unwrap();
        self
    }

    pub fn execute(&mut self, portal: &str, rows: i32) -> &mut Self {
        frontend::execute(portal, rows, &mut self.out).unwrap();
        self
    }

    /// Parses, binds, describes and executes a text without a name.
    pub fn unnamed(&mut self, sql: &str, values: &[Option<&str>]) -> &mut Self {
        self.parse("", sql).bind("", "", values).describe("").execute("", 0)
    }

    pub fn sync(&mut self) -> &mut Self {
        frontend::sync(&mut self.out);
        self
    }

    pub fn flush(&mut self) -> &mut Self {
        frontend::flush(&mut self.out);
        self
    }

    pub fn copy_data(&mut self, data: &[u8]) -> &mut Self {
        frontend::CopyData::new(data).unwrap().write(&mut self.out);
        self
    }

    pub fn copy_done(&mut self) -> &mut Self {
        frontend::copy_done(&mut self.out);
        self
    }

    pub fn copy_fail(&mut self) -> &mut Self {
        frontend::copy_fail("enough", &mut self.out).unwrap();
        self
    }

    /// Sends all messages so far in one portion.
    pub fn send(&mut self) -> &mut Self {
        self.stream.write_all(&self.out.split()).unwrap();
        self
    }

    /// Reads messages up to one of this kind. Returns their kinds.
    pub fn until(&mut self, kind: u8) -> String {
        let mut kinds = String::new();
        loop {
            let mut header = [0; 5];
            self.stream.read_exact(&mut header).unwrap();
            let length = u32::from_be_bytes(header[1..].try_into().unwrap());
            self.stream.read_exact(&mut vec![0; length as usize - 4]).unwrap();
            kinds.push(char::from(header[0]));
            if header[0] == kind {
                return kinds;
            }
        }
    }

    /// Sends what is left, and reads up to the end of the reply.
    pub fn finish(&mut self) -> String {
        self.send().until(b'Z')
    }
}
