//! Connecting to any text is an error that does not depend on the password in it. Nothing panics, and nothing waits.
//!
//! The first line of the input is a password. The rest is a URL, in which `<>` is the place of the password. A message that
//! shows a part of the password is found because it changes if the password does.
#![no_main]

use std::error::Error as _;
use std::ffi::{c_char, c_int, c_void};

use eagerly::Session;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (password, url) = input.split_once('\n').unwrap_or(("", input));
    let (before, after) = url.split_once("<>").unwrap_or((url, ""));
    let message = |password: &str| printed(&format!("{before}{password}{after}"));
    // Without percent-encoding, punctuation has a meaning in a URL, and so do the names of options. So the password keeps
    // its punctuation, and each other character becomes one letter, so that it contains no such name.
    let as_letters = |letter: &str| -> String {
        password
            .chars()
            .map(|read| if read.is_ascii_punctuation() { read.to_string() } else { letter.to_owned() })
            .collect()
    };
    for passwords in [[encoded(password), encoded("xyzzy")], [as_letters("q"), as_letters("x")]] {
        let messages = passwords.map(|password| message(&password));
        if is_for_password(before, after) && !password.is_empty() {
            assert_eq!(messages[0], messages[1]);
        }
    }
});

/// Returns whether a password belongs between two parts of a URL: after the name of the user, or as an option.
fn is_for_password(before: &str, after: &str) -> bool {
    let is_option = ["?password=", "&password="].iter().any(|option| before.ends_with(option))
        && (after.is_empty() || after.starts_with('&'));
    // Directly after `postgres:`, the text `//ada` is a user.
    let is_after_user = before.contains("://") && before.ends_with(':') && after.starts_with('@');
    is_option || is_after_user
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Returns everything that can be printed of the error.
fn printed(url: &str) -> String {
    let error = Session::connect(url).map(drop).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("cannot connect to ") && message.contains("\n  help: "), "{message}");
    let mut all = format!("{message}\n{error:?}\n{:?}", error.database());
    let mut source = error.source();
    while let Some(cause) = source {
        all += &format!("\n{cause}\n{cause:?}");
        source = cause.source();
    }
    all
}

/// Replaces the function of the C library that looks up names: here, no name has an address.
#[unsafe(no_mangle)]
extern "C" fn getaddrinfo(
    _: *const c_char,
    _: *const c_char,
    _: *const c_void,
    _: *mut *mut c_void,
) -> c_int {
    const UNKNOWN_NAME: c_int = -2;
    UNKNOWN_NAME
}

/// Replaces the function of the C library that connects a socket: here, no server answers.
#[unsafe(no_mangle)]
extern "C" fn connect(_: c_int, _: *const c_void, _: u32) -> c_int {
    // The caller reads the number of the system's last error. Here it is always this one.
    let _ = std::fs::File::open("/no such file");
    -1
}
