//! Many users who ask for a page at once, over a pool of connections.
//!
//! `pool` has the connections, and the queue in front of them. `users` sends the requests, and `level` computes the figures.
//! `cpu` reads the CPU time of the server.

mod cpu;
mod level;
mod pool;
mod users;

pub use cpu::Cpu;
pub use level::Level;
pub use pool::{Answer, Page, Pool, Request};
pub use users::{Recording, work};
