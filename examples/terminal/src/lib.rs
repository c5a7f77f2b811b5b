//! What the example programs share: text that fits the terminal, and temporary folders that Ctrl-C removes.
//!
//! - [`width`]: the number of columns. Every output fits it.
//! - [`wrapped`] breaks sentences, [`fitted`] breaks reports that have lines and columns of their own, and [`cut`]
//!   shortens a line.
//! - [`Fitting`]: a writer that breaks what a library prints.
//! - [`folder`]: a temporary folder.

mod fit;
mod folder;

pub use fit::{Fitting, cut, fitted, width, wrapped};
pub use folder::{Folder, folder};

/// Prints sentences to standard output, indented, and broken at the width of the terminal.
pub fn say(text: &str, indent: usize) {
    anstream::println!("{}", wrapped(text, indent));
}
