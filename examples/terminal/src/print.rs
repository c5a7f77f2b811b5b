//! Printing to standard output, when its reader may be gone.
//!
//! In `admin_page | head`, the reader ends after ten lines. `println!` of the standard library then panics, with a message
//! about a broken pipe. A program that fills a database should end without a message, as `cat` and `grep` do.

use std::fmt;
use std::io::{ErrorKind, Write as _};

use crate::folder;

/// What a shell reports for a program that a closed pipe has ended: 128 and the number of the signal.
const READER_IS_GONE: i32 = 141;

/// Prints a line to standard output. If its reader is gone, the program ends without a message.
///
/// ```
/// use terminal::println;
///
/// println!("{} customers", 3_000);
/// ```
#[macro_export]
macro_rules! println {
    () => { $crate::println!("") };
    ($($text:tt)*) => { $crate::write_out(::core::format_args!($($text)*), "\n") };
}

/// Prints to standard output. If its reader is gone, the program ends without a message.
#[macro_export]
macro_rules! print {
    ($($text:tt)*) => { $crate::write_out(::core::format_args!($($text)*), "") };
}

/// Writes a text and its end, without colours if standard output is not a terminal.
#[doc(hidden)]
pub fn write_out(text: fmt::Arguments<'_>, end: &str) {
    let Err(error) = write!(anstream::stdout().lock(), "{text}{end}") else { return };
    // Ending here drops no values, so the folders have to be removed first.
    folder::remove_all();
    if error.kind() != ErrorKind::BrokenPipe {
        let _ = writeln!(anstream::stderr(), "error: cannot write to standard output: {error}");
        std::process::exit(1);
    }
    std::process::exit(READER_IS_GONE);
}
