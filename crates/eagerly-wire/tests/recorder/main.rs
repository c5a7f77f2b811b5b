//! The recorder counts exactly, for every way to send statements, on a real server.
//!
//! Each test has a database of its own, so the server's own count of calls is about this test only. Each report is also
//! compared with that of a replay of the captured bytes.
//!
//! The client library closes a statement some time after it is dropped, with messages of its own. So a test that counts
//! round trips prepares its statements itself and keeps them.

mod copy;
mod errors;
mod findings;
mod pages;
mod pipelines;
mod raw;
mod statements;
mod support;
mod transparent;
