//! Reads PostgreSQL's protocol from the bytes that pass.
//!
//! ```text
//! client ── bytes ──> frames ── request ─┐
//!                                        ├─> conversation ── event ──> (the recorder)
//! server ── bytes ──> frames ── reply ───┘
//! ```
//!
//! `frames` splits the bytes into messages. `request` reads those of a client, and the library `postgres-protocol` those of
//! a server. `conversation` finds the request that each reply belongs to, and emits an `event` for what happens. Its requests
//! wait in `expected`, and `round_trip` decides what shares a round trip.
//!
//! Nothing here changes a byte, and no byte can stop it. A message that it does not understand is counted, and the rest goes
//! on. The protocol is described in PostgreSQL's documentation, in the chapter "Frontend/Backend Protocol".

mod conversation;
mod event;
mod expected;
mod frames;
mod request;
mod round_trip;

pub(crate) use conversation::Conversation;
pub(crate) use event::{Began, Ended, Event};
