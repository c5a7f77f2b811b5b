//! The watch floor: observers that count and print, and numbers as people read them.
//!
//! Read in this order:
//! 1. `shapes.rs`: one table of statements by their text, which the tools share;
//! 2. `tally.rs`: counts the statements;
//! 3. `echo.rs`: prints them;
//! 4. `numbers.rs`: writes counts, times and sizes.

pub mod echo;
pub mod numbers;
pub mod shapes;
pub(crate) mod tally;

pub(crate) use self::echo::Echo;
pub(crate) use self::tally::Tally;
