//! Mistakes that the compiler reports, and how they are worded. Each file in `tests/ui` is one mistake, and the
//! `.stderr` beside it is what is said.
//!
//! When a message changes on purpose: `TRYBUILD=overwrite cargo test --test compile_fail`, then read the diff.

#[test]
fn the_derives_say_what_to_write_at_the_place_that_is_wrong() {
    trybuild::TestCases::new().compile_fail("tests/ui/derive/*.rs");
}

/// These are worded by the compiler, and differently by each version of it.
#[rustversion::attr(
    not(stable(1.95)),
    ignore = "the compiler's words were recorded with Rust 1.95, and this is another version"
)]
#[test]
fn the_types_forbid_what_cannot_work_and_what_was_not_loaded() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/types/*.rs");
    cases.compile_fail("tests/ui/loaded/*.rs");
}
