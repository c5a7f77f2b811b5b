//! # eagerly-wire
//!
//! The connection to a database server, for tests and example programs.
//!
//! A statement to a server costs a round trip through a network. An embedded database hides that cost, and so
//! does a server on the same machine. This crate makes the cost visible and exact, on a laptop and in CI:
//!
//! - [`Server`] is a throw-away PostgreSQL server. It starts in one or two seconds. When it is dropped, it stops and
//!   its data is deleted. The same happens when the program ends in any other way.
//! - [`Proxy`] forwards TCP connections and delays the bytes. For a program that connects through it, the server is,
//!   for example, 1 ms away.
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
//! The crate does not depend on the ORM, so programs in any language can connect to both.
//!
//! ## How to read the source
//!
//! - `server` is the public type. Its `programs` finds PostgreSQL, and `account` chooses the user that runs it.
//!   Its `keeper` starts a small shell script, `keeper.sh`, which runs the server and cleans up.
//! - `proxy` is the public type. Its `listener` accepts connections, `relay` forwards the bytes of one direction,
//!   and `window` holds the bytes that are waiting. `calibration` finds the delay that results in the round trip.
//! - `pace` waits until an exact time.

mod capture;
mod findings;
mod pace;
mod page;
mod protocol;
pub mod proxy;
mod recorder;
pub mod report;
pub mod server;
mod sql;
mod stream;

pub use capture::{Capture, CaptureError};
pub use findings::{Finding, Kind};
pub use proxy::Proxy;
pub use recorder::{Activity, Recorder, Settings};
pub use report::Report;
pub use server::{Server, ServerError};
