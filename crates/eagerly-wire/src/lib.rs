//! # eagerly-wire
//!
//! The wire to a database server: how far the server is, and what travels.
//!
//! A statement to a server costs a round trip through a network. An embedded database hides that cost, and so does a server
//! on the same machine. This crate makes the cost visible and exact, on a laptop and in CI:
//!
//! - [`Server`] is a throw-away PostgreSQL server. It starts in one or two seconds. When it is dropped, it stops and
//!   its data is deleted. The same happens when the program ends in any other way.
//! - [`Proxy`] forwards TCP connections and delays the bytes. For a program that connects through it, the server is,
//!   for example, 1 ms away.
//! - [`Recorder`] reads PostgreSQL's protocol as it passes through the proxy. It counts statements and round trips, and finds
//!   N+1 by the flow of data.
//! - [`Capture`] writes down what passes, so that a test can examine it again.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use eagerly_wire::{Proxy, Server};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start()?;
//! let proxy = Proxy::start(server.address(), Duration::from_millis(1))?;
//! println!("connect to postgres://postgres@{}/postgres", proxy.address());
//! println!("asked for {:?}, measured {:?}", proxy.round_trip(), proxy.measured());
//! # Ok(())
//! # }
//! ```
//!
//! The crate does not depend on the ORM, so programs in any language can connect to both. The program `wire` is all of it
//! on the command line.
//!
//! ## How to read the source
//!
//! From the ground up. A file uses only what is above it in this list.
//!
//! | file | what it is about |
//! |---|---|
//! | `server` | PostgreSQL's programs, the user that runs them, and `keeper.sh`, which cleans up |
//! | `pace` | waiting until an exact time |
//! | `proxy` | connections, the bytes that wait, and the delay that results in a round trip |
//! | `settings` | what a recorder is told |
//! | `value` | a value, reduced to a hash |
//! | `sql` | a statement's text: its shape, its values, and the page that it belongs to |
//! | `protocol` | bytes to messages, messages to statements |
//! | `page`, `stream` | what a page collects, and where it begins |
//! | `findings` | values that came back and are sent again |
//! | `report` | a page for a terminal, as JSON, and as a waterfall |
//! | `recorder`, `capture` | both ends: from a proxy's bytes to a report, and from a file |

mod capture;
mod findings;
mod pace;
mod page;
mod protocol;
pub mod proxy;
mod recorder;
pub mod report;
pub mod server;
mod settings;
mod sql;
mod stream;
mod value;

pub use capture::{Capture, CaptureError};
pub use findings::{Finding, Kind};
pub use proxy::{Calibration, Proxy};
pub use recorder::Recorder;
pub use report::Report;
pub use server::{Server, ServerError};
pub use settings::Settings;
