//! The watch floor: observers that count and print, and the format of numbers.
//!
//! Read in this order:
//! 1. `shapes.rs`: a table of statements by text, shared by the tools;
//! 2. `tally.rs`: counts the statements;
//! 3. `echo.rs`: prints them;
//! 4. `numbers.rs`: formats counts, times and sizes.

pub mod echo;
pub mod numbers;
pub mod shapes;
pub(crate) mod tally;

pub(crate) use self::echo::Echo;
pub(crate) use self::tally::Tally;
