//! What the example programs share: text that fits the terminal, output whose reader may be gone, and temporary folders that
//! Ctrl-C removes.
//!
//! - [`width`]: the number of columns. Every output fits it.
//! - [`wrapped`] breaks sentences, [`fitted`] breaks reports that have lines and columns of their own, and [`cut`]
//!   shortens a line.
//! - [`Fitting`]: a writer that breaks what a library prints.
//! - [`println!`] and [`print!`] print to standard output, and end the program if its reader is gone, as in `… | head`.
//! - [`folder`]: a temporary folder.

mod fit;
mod folder;
mod print;

pub use fit::{Fitting, cut, fitted, width, wrapped};
pub use folder::{Folder, folder};
#[doc(hidden)]
pub use print::write_out;

/// Prints sentences to standard output, indented, and broken at the width of the terminal.
pub fn say(text: &str, indent: usize) {
    println!("{}", wrapped(text, indent));
}
