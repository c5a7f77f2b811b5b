//! Mistakes that the compiler reports, with its messages. Each file in `tests/ui` contains one mistake. The
//! `.stderr` file beside it contains the expected message.
//!
//! After an intended change, run `TRYBUILD=overwrite cargo test --test compile_fail` and read the diff.

#[test]
fn the_derives_report_the_fix_at_the_position_of_the_mistake() {
    trybuild::TestCases::new().compile_fail("tests/ui/derive/*.rs");
}

/// The compiler words these messages, and their wording differs between versions.
#[rustversion::attr(
    not(stable(1.95)),
    ignore = "the messages were recorded with Rust 1.95, and this is another version"
)]
#[test]
fn the_types_reject_invalid_queries_and_unloaded_relations() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/types/*.rs");
    cases.compile_fail("tests/ui/loaded/*.rs");
}
