//! Reads PostgreSQL's protocol from the bytes that pass.
//!
//! ```text
//! client ── bytes ──> frames ── request ─┐
//!                                        ├─> conversation ── event ──> (the recorder)
//! server ── bytes ──> frames ── reply ───┘
//! ```
//!
//! `frames` splits the bytes into messages. `request` reads those of a client, and the library `postgres-protocol` those of
//! a server. `conversation` finds the request that each reply belongs to. Its requests wait in `expected`, and `round_trip`
//! decides what shares a round trip. `value` reduces a value to a hash.
//!
//! Nothing here changes a byte, and no byte can stop it. A message that it does not understand is counted, and the rest goes
//! on. The protocol is described in PostgreSQL's documentation, in the chapter "Frontend/Backend Protocol".

mod conversation;
mod expected;
mod frames;
mod request;
mod round_trip;
mod value;

pub(crate) use conversation::{Began, Conversation, Ended, Event};
pub(crate) use value::{Value, hash};
