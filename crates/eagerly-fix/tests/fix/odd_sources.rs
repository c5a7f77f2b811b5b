//! Sources that nobody would write. Each is edited into something that parses, or is left as it is, byte for byte.

use eagerly_fix::edit::{Outcome, edited};
use eagerly_watch::Change;
use proptest::prelude::*;

use crate::support::{ITEMS, MARK, ORDERS, apply, fix, marked, page};

/// Pieces of queries, of paths and of what is around them. Not every sequence of them is Rust.
const PIECES: &[&str] = &[
    "Customer::select()",
    ".filter(x)",
    ".limit(3)",
    ".with(",
    "selectin(Customer::ORDERS)",
    "lazy(Customer::ORDERS)",
    ".selectin(Order::ITEMS)",
    ".joined(Order::CUSTOMER)",
    ")",
    "(",
    ",",
    ";",
    "\n",
    "\r\n",
    "\t",
    " ",
    "// note\n",
    "/* note */",
    "\"漢字\"",
    "let query = ",
    "query",
    "session.all(",
    "session.‸all(",
    "?",
    "{",
    "}",
    "é",
    "'a'",
    "|x| ",
    "r#\"a\"#",
    "raise(Customer::ORDERS)",
    "(a, b)",
    "&",
    "#[cfg(x)]",
    "macro!(",
    "use shop::Order;",
    "mod m {",
];

fn checked(text: &str, change: Change, path: &str) {
    if text.matches(MARK).count() != 1 {
        return;
    }
    let (plain, edited) = apply(text, &[(change, path)]);
    match edited.outcomes[0] {
        Outcome::Changed => {
            assert_ne!(edited.text, plain);
            syn::parse_file(&edited.text).unwrap();
            let comments = |text: &str| text.matches("note").count();
            assert_eq!(comments(&edited.text), comments(&plain), "a comment is lost");
        }
        Outcome::Done(_) | Outcome::Left(_) => assert_eq!(edited.text, plain),
    }
}

proptest! {
    #[test]
    fn any_sequence_of_pieces_is_edited_or_left(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        for change in [Change::Add, Change::Remove] {
            checked(&page(&pieces.concat()), change, ITEMS);
            checked(&pieces.concat(), change, ORDERS);
        }
    }

    #[test]
    fn any_chain_is_edited_or_left(
        before in "[ \t\r\n]{0,3}(// note\n|/\\* note \\*/)?[ \t\n]{0,3}",
        chain in prop::collection::vec(prop::sample::select(&[
            ".filter(x)", "\n        .limit(3)", ".with(selectin(Customer::ORDERS))", "\r\n\t.with(lazy(Customer::ORDERS))",
            ".with((joined(Customer::ORDERS).selectin(Order::ITEMS), joined(Customer::ADDRESS)))", " // note\n", "/* note */",
            ".with(joined(Customer::ORDERS)\n            .batch(Order::ITEMS))", ".with(selectin(Customer::ORDERS.limit_each(3)))",
        ][..]), 0..5),
        path in prop::sample::select(&[ORDERS, ITEMS, "selectin(Customer::ORDERS.…).selectin(Order::ITEMS)"][..]),
    ) {
        for change in [Change::Add, Change::Remove] {
            checked(&page(&format!("session.‸all({before}Customer::select(){})?;", chain.concat())), change, path);
        }
    }

    #[test]
    fn any_line_and_column_of_any_advice_is_edited_or_left(line in 0_u32..12, column in 0_u32..60, path in "\\PC{0,40}") {
        let (text, ..) = marked(&page("session.‸all(Customer::select())?;"));
        for path in [ORDERS, &path] {
            let mut fix = fix(line, column, Change::Add, ORDERS);
            fix.path = path.to_owned();
            let edited = edited(&text, &[fix]);
            let is_changed = matches!(edited.outcomes[0], Outcome::Changed);
            prop_assert_eq!(edited.text != text, is_changed);
            prop_assert!(!is_changed || (line, column) == (5, 13));
        }
    }
}

#[test]
fn the_largest_numbers_of_an_advice_are_no_place() {
    let (text, ..) = marked(&page("session.‸all(Customer::select())?;"));
    for (line, column) in [(0, 0), (u32::MAX, u32::MAX), (5, u32::MAX), (u32::MAX, 13)] {
        let edited = edited(&text, &[fix(line, column, Change::Add, ORDERS)]);
        assert!(matches!(edited.outcomes[0], Outcome::Left(_)));
        assert_eq!(edited.text, text);
    }
}
