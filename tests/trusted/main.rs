//! Tests of failures: locks, full and failing disks, killed processes, hostile values and concurrent
//! sessions. After each, the data is intact, and the session works or returns a clear error.

#[path = "../support/mod.rs"]
#[macro_use]
mod shared;

mod concurrency;
mod faults;
mod hostile;
mod input_output;
mod killed;

use shared::databases;
