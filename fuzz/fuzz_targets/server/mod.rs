//! A server of PostgreSQL's protocol that sends the answers of a target, whatever the session asks.
//!
//! A session that sends one query waits for an answer three times: after it signs on, after it prepares the query, and
//! after it runs the query. The last two requests end with a `Sync` message.

#[path = "../../../tests/postgres/messages.rs"]
mod messages;

use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub use messages::{description, message, ready, welcome};
use messages::{read_request, read_start};

/// What the server sends.
#[derive(Clone)]
pub struct Answers {
    pub sign_on: Vec<u8>,
    pub prepare: Vec<u8>,
    pub run: Vec<u8>,
    /// The answer after which the server ends the connection, counted from 0.
    pub last: usize,
}

/// A server in a thread of its own, at a Unix socket in a temporary folder.
pub struct Server {
    folder: PathBuf,
    answers: Arc<Mutex<Answers>>,
}

impl Server {
    pub fn start(answers: Answers) -> Self {
        let folder = std::env::temp_dir().join(format!("eagerly-fuzz-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
        let answers = Arc::new(Mutex::new(answers));
        let shared = Arc::clone(&answers);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                // The session may leave at any time.
                let _ = serve(connection.unwrap(), &shared);
            }
        });
        Self { folder, answers }
    }

    pub fn url(&self) -> String {
        format!("postgres://ada@/shop?host={}", self.folder.display())
    }

    /// Changes what the server sends from now on.
    pub fn change(&self, change: impl FnOnce(&mut Answers)) {
        change(&mut self.answers.lock().unwrap());
    }
}

/// Answers the requests of one connection.
fn serve(mut connection: UnixStream, answers: &Mutex<Answers>) -> std::io::Result<()> {
    read_start(&mut connection)?;
    for number in 0.. {
        let answers = answers.lock().unwrap().clone();
        connection.write_all([&answers.sign_on, &answers.prepare, &answers.run][number.min(2)])?;
        if number == answers.last {
            break;
        }
        read_request(&mut connection)?;
    }
    Ok(())
}

/// Answers a query with some rows.
pub fn rows<'c>(rows: &[Vec<Option<&'c [u8]>>]) -> Vec<u8> {
    let mut answer = message(b'2', &[]);
    for row in rows {
        let mut body = u16::try_from(row.len()).unwrap().to_be_bytes().to_vec();
        for cell in row {
            let length = cell.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap());
            body.extend(length.to_be_bytes());
            body.extend_from_slice(cell.unwrap_or_default());
        }
        answer.extend(message(b'D', &body));
    }
    [answer, message(b'C', b"SELECT\0"), ready()].concat()
}
