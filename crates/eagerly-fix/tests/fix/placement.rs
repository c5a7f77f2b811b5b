//! Where a change goes, and that everything else stays.

use eagerly_watch::Change;

use crate::support::*;

#[test]
fn a_path_is_added_at_the_end_of_the_query() {
    let cases = [
        (
            "session.‸all(Customer::select())?;",
            "session.all(Customer::select().with(selectin(Customer::ORDERS)))?;",
        ),
        (
            "let c = session.‸one(Customer::select().filter(x))?;",
            "let c = session.one(Customer::select().filter(x).with(selectin(Customer::ORDERS)))?;",
        ),
        (
            "session.‸first((Customer::select()),)?;",
            "session.first((Customer::select().with(selectin(Customer::ORDERS))),)?;",
        ),
        (
            "session.‸chunks(Customer::select(), 20, |c| page(c))?;",
            "session.chunks(Customer::select().with(selectin(Customer::ORDERS)), 20, |c| page(c))?;",
        ),
        (
            "session.‸all_with(Customer::select().limit(3), n)?;",
            "session.all_with(Customer::select().limit(3).with(selectin(Customer::ORDERS)), n)?;",
        ),
        (
            "for c in &self.session().‸all(Customer::select())? {}",
            "for c in &self.session().all(Customer::select().with(selectin(Customer::ORDERS)))? {}",
        ),
        (
            "page(&session.‸all(Customer::select().with(joined(Customer::ADDRESS)))?)?;",
            "page(&session.all(Customer::select().with(joined(Customer::ADDRESS)).with(selectin(Customer::ORDERS)))?)?;",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(added_to(before, ORDERS), after);
    }
}

#[test]
fn a_path_that_begins_like_the_advice_is_extended() {
    let cases = [
        (
            "session.‸all(Customer::select().with(selectin(Customer::ORDERS)))?;",
            "session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;",
        ),
        (
            "session.‸all(Customer::select().with(lazy(Customer::ORDERS)))?;",
            "session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;",
        ),
        (
            "session.‸all(Customer::select().with(joined(Customer::ORDERS)).limit(2))?;",
            "session.all(Customer::select().with(joined(Customer::ORDERS).selectin(Order::ITEMS)).limit(2))?;",
        ),
        (
            "session.‸all(Customer::select().with(eagerly::immediate(Customer::ORDERS).lazy(Order::ITEMS)))?;",
            "session.all(Customer::select().with(eagerly::selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;",
        ),
        (
            "session.‸all(Customer::select().with((joined(Customer::ORDERS), selectin(Customer::ADDRESS))))?;",
            "session.all(Customer::select().with((joined(Customer::ORDERS).selectin(Order::ITEMS), selectin(Customer::ADDRESS))))?;",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(added_to(before, ITEMS), after);
    }
}

#[test]
fn a_path_that_continues_differently_gets_a_sibling_with_the_same_strategies() {
    let before =
        "session.‸all(Customer::select().with(joined(Customer::ORDERS).selectin(Order::CUSTOMER)))?;";
    let after = "session.all(Customer::select().with(joined(Customer::ORDERS).selectin(Order::CUSTOMER)).with(joined(Customer::ORDERS).selectin(Order::ITEMS)))?;";
    assert_eq!(added_to(before, ITEMS), after);
}

#[test]
fn every_path_through_a_lazy_relation_is_changed_because_the_last_one_wins() {
    let before = "session.‸all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)).with(lazy(Customer::ORDERS)))?;";
    let after = "session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)).with(selectin(Customer::ORDERS)))?;";
    assert_eq!(added_to(before, ITEMS), after);
}

#[test]
fn a_part_of_a_relation_is_extended_where_it_is_written() {
    let path = "selectin(Customer::ORDERS.…).selectin(Order::ITEMS)";
    let before = "session.‸all(Customer::select().with(selectin(Customer::ORDERS.filter(Order::STATUS.eq(\"open\")))))?;";
    let after = "session.all(Customer::select().with(selectin(Customer::ORDERS.filter(Order::STATUS.eq(\"open\"))).selectin(Order::ITEMS)))?;";
    assert_eq!(added_to(before, path), after);
}

#[test]
fn several_fixes_of_one_query_are_one_edit() {
    let changes = [(Change::Add, ORDERS), (Change::Add, ITEMS), (Change::Add, "selectin(Customer::ADDRESS)")];
    let page = applied(&page("session.‸all(Customer::select())?;"), &changes);
    let after = "session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)).with(selectin(Customer::ADDRESS)))?;";
    assert_eq!(statement(&page), after);
}

#[test]
fn two_queries_of_one_line_are_told_apart_by_their_columns() {
    let before = "let (a, b) = (session.all(Customer::select())?, session.‸all(Customer::select())?);";
    let after = "let (a, b) = (session.all(Customer::select())?, session.all(Customer::select().with(selectin(Customer::ORDERS)))?);";
    assert_eq!(added_to(before, ORDERS), after);
}

#[test]
fn a_chain_over_several_lines_gets_a_line_of_its_own() {
    let before = "let c = session\n        .‸all(\n            Customer::select()\n                .filter(x) // those of x\n                .limit(3), // the newest\n        )?;";
    let after = "let c = session\n        .all(\n            Customer::select()\n                .filter(x) // those of x\n                .limit(3)\n                .with(selectin(Customer::ORDERS)), // the newest\n        )?;";
    assert_eq!(added_to(before, ORDERS), after);
    // A comment at the end of the chain belongs to the line before.
    let before = "let query = Customer::select()\n        .limit(3) // the newest\n        ;\n    session.‸all(query)?;";
    let after = "let query = Customer::select()\n        .limit(3) // the newest\n        .with(selectin(Customer::ORDERS))\n        ;\n    session.all(query)?;";
    assert_eq!(added_to(before, ORDERS), after);
}

#[test]
fn a_path_over_several_lines_gets_a_line_for_each_new_step() {
    let before = "session.‸all(Customer::select().with(\n        selectin(Customer::ORDERS)\n            .joined(Order::CUSTOMER),\n    ))?;";
    let after = "session.all(Customer::select().with(\n        selectin(Customer::ORDERS)\n            .joined(Order::CUSTOMER)\n            .selectin(Customer::ADDRESS),\n    ))?;";
    let path = "selectin(Customer::ORDERS).joined(Order::CUSTOMER).selectin(Customer::ADDRESS)";
    assert_eq!(added_to(before, path), after);
}

#[test]
fn the_query_and_its_path_can_be_variables_of_the_same_block() {
    let before = "let query = Customer::select();\n    let customers = session.‸all(query)?;";
    let after = "let query = Customer::select().with(selectin(Customer::ORDERS));\n    let customers = session.all(query)?;";
    assert_eq!(added_to(before, ORDERS), after);
    let before = "let path = lazy(Customer::ORDERS);\n    session.‸all(Customer::select().with(path))?;";
    let after = "let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);\n    session.all(Customer::select().with(path))?;";
    assert_eq!(added_to(before, ITEMS), after);
}

#[test]
fn everything_else_stays_byte_for_byte() {
    let before = "\u{feff}use eagerly::*;\r\nuse shop::*;\r\n\r\n/* é漢 */ fn page(s: &Session) {\r\n\tlet c = s.‸all(Customer::select()\r\n\t\t.limit( 3 ) /* 漢字 */ );\r\n\r\n\r\n}  \r\n";
    let after = "\u{feff}use eagerly::*;\r\nuse shop::*;\r\n\r\n/* é漢 */ fn page(s: &Session) {\r\n\tlet c = s.all(Customer::select()\r\n\t\t.limit( 3 )\r\n\t\t.with(selectin(Customer::ORDERS)) /* 漢字 */ );\r\n\r\n\r\n}  \r\n";
    assert_eq!(added(before, ORDERS), after);
    let before = "#!/usr/bin/env cargo\nuse {eagerly::*, shop::*};\nfn f() { let _ = (\"漢字 é\", s.‸all(Customer::select())); } // no line end";
    let after = "#!/usr/bin/env cargo\nuse {eagerly::*, shop::*};\nfn f() { let _ = (\"漢字 é\", s.all(Customer::select().with(selectin(Customer::ORDERS)))); } // no line end";
    assert_eq!(added(before, ORDERS), after);
}

#[test]
fn an_unused_path_is_removed_with_its_line() {
    let cases = [
        (
            "session.‸all(Customer::select().with(selectin(Customer::ORDERS)).limit(2))?;",
            "session.all(Customer::select().limit(2))?;",
        ),
        (
            "session.‸all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;",
            "session.all(Customer::select())?;",
        ),
        (
            "session.‸all(\n        Customer::select()\n            .with(joined(Customer::ORDERS))\n            .limit(2),\n    )?;",
            "session.all(\n        Customer::select()\n            .limit(2),\n    )?;",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(removed_from(before, ORDERS), after);
    }
}

#[test]
fn the_unused_last_steps_of_a_path_are_removed() {
    let cases = [
        (
            "session.‸all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;",
            "session.all(Customer::select().with(selectin(Customer::ORDERS)))?;",
        ),
        (
            "session.‸all(Customer::select().with(joined(Customer::ORDERS).batch(Order::ITEMS).joined(OrderItem::ORDER)))?;",
            "session.all(Customer::select().with(joined(Customer::ORDERS)))?;",
        ),
        (
            "let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);\n    session.‸all(Customer::select().with(path))?;",
            "let path = selectin(Customer::ORDERS);\n    session.all(Customer::select().with(path))?;",
        ),
        (
            "session.‸all(Customer::select().with((selectin(Customer::ORDERS).selectin(Order::ITEMS), joined(Customer::ADDRESS))))?;",
            "session.all(Customer::select().with((selectin(Customer::ORDERS), joined(Customer::ADDRESS))))?;",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(removed_from(before, ITEMS), after);
    }
}

#[test]
fn a_path_is_added_while_another_one_is_removed() {
    let changes = [(Change::Add, "selectin(Customer::ADDRESS)"), (Change::Remove, ORDERS)];
    let page =
        applied(&page("session.‸all(Customer::select().with(selectin(Customer::ORDERS)))?;"), &changes);
    assert_eq!(statement(&page), "session.all(Customer::select().with(selectin(Customer::ADDRESS)))?;");
}

#[test]
fn a_line_that_becomes_too_long_is_left_to_rustfmt() {
    let text = page(
        "let the_customers_of_the_page = session.‸all(Customer::select().order_by(Customer::LAST_NAME))?;",
    );
    let path = "joined(Customer::ADDRESS).joined(Customer::CITY)";
    let (_, edited) = apply(&text, &[(Change::Add, path)]);
    assert_eq!(edited.notes, ["a changed line is longer than 100 columns; run `cargo fmt`"]);
}
