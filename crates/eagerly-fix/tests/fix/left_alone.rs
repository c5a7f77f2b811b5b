//! What is left to the reader, with the reason. The text stays as it is.

use eagerly_fix::edit::Outcome;
use eagerly_watch::Change;

use crate::support::*;

#[test]
fn a_query_that_is_built_elsewhere_is_left_alone() {
    let cases = [
        ("session.‸all(query)?;", "the query is built elsewhere"),
        ("session.‸all(customers())?;", "the query is built elsewhere"),
        (
            "session.‸all(Customer::select().active())?;",
            "`.active(…)` is not a method of `Select`, so the query is built elsewhere",
        ),
        (
            "session.‸all(if x { Customer::select() } else { Customer::select().limit(1) })?;",
            "the query is built elsewhere",
        ),
        (
            "let query = Customer::select();\n    if x { session.‸all(query)?; }",
            "the query is built elsewhere",
        ),
        (
            "let query = Customer::select();\n    let f = move || { session.‸all(query) };",
            "the query is built elsewhere",
        ),
        (
            "let query = Customer::select();\n    if x { return show(query); }\n    session.‸all(query)?;",
            "the variable `query` is used or bound several times",
        ),
        (
            "let query = Customer::select();\n    let query = query.limit(3);\n    session.‸all(query)?;",
            "the variable `query` is used or bound several times",
        ),
        (
            "let query = Customer::select();\n    println!(\"{}\", query.to_sql());\n    session.‸all(query)?;",
            "the variable `query` is used or bound several times",
        ),
        (
            "session.‸all(query)?;\n    let query = Customer::select();",
            "the variable `query` is used or bound several times",
        ),
        (
            "let Some(query) = Some(Customer::select()) else { return Ok(()) };\n    session.‸all(query)?;",
            "the query is built elsewhere",
        ),
    ];
    for (text, reason) in cases {
        assert_eq!(left(&page(text), Change::Add, ORDERS), reason, "{text}");
    }
}

#[test]
fn a_call_inside_a_macro_is_left_alone() {
    let text = page("assert_queries!(session, 3, {\n        session.‸all(Customer::select())\n    });");
    assert_eq!(left(&text, Change::Add, ORDERS), "the call is inside a macro, whose text is not parsed");
}

#[test]
fn a_source_that_has_changed_is_left_alone() {
    let moved = "no session is called at this place; the source has changed, or the call is in a function with `#[track_caller]`";
    assert_eq!(left(&page("‸\n    session.all(Customer::select())?;"), Change::Add, ORDERS), moved);
    assert_eq!(left(&page("session‸.all(Customer::select())?;"), Change::Add, ORDERS), moved);
    let broken =
        left("fn page() {}\nfn page( {\n    session.‸all(Customer::select())?;\n", Change::Add, ORDERS);
    assert!(broken.starts_with("the file cannot be parsed: ") && broken.ends_with(", on line 2"), "{broken}");
}

#[test]
fn a_query_for_another_name_is_left_alone() {
    for name in ["Order", "Self", "Buyer"] {
        // `Self` is not the entity here, outside of `impl Customer`.
        let other = format!(
            "the query at this place selects `{name}`; either this is another name of `Customer`, or the source has changed"
        );
        let text = page(&format!("session.‸all({name}::select())?;"));
        assert_eq!(left(&text, Change::Add, ORDERS), other);
    }
}

#[test]
fn a_call_in_a_macro_is_not_mistaken_for_another_one_on_its_line() {
    // The columns after other characters depend on their width, so there the line has to decide.
    let text =
        page("assert!(session.‸all(Customer::select()).is_ok(), \"é\"); session.all(Customer::select())?;");
    assert_eq!(left(&text, Change::Add, ORDERS), "the call is inside a macro, whose text is not parsed");
}

#[test]
fn a_path_that_is_not_plain_is_left_alone() {
    let cases = [
        (
            "session.‸all(Customer::select().with(orders()))?;",
            "its `.with(…)` on line 5 is not a plain load path",
        ),
        (
            "session.‸all(Customer::select().with(by(strategy, Customer::ORDERS)))?;",
            "its `.with(…)` on line 5 is not a plain load path",
        ),
        (
            "session.‸all(Customer::select().with(selectin(Customer::ORDERS).with((a, b))))?;",
            "its `.with(…)` on line 5 is not a plain load path",
        ),
        (
            "let path: Start<customer::Orders> = selectin(Customer::ORDERS);\n    session.‸all(Customer::select().with(path))?;",
            "its load path is a variable whose type is stated",
        ),
        (
            "session.‸all(Customer::select().with(raise(Customer::ORDERS)))?;",
            "the query forbids it by `raise`, which you have to remove first",
        ),
    ];
    for (text, reason) in cases {
        assert_eq!(left(&page(text), Change::Add, ITEMS), reason, "{text}");
    }
}

#[test]
fn the_path_of_a_typed_view_is_left_alone() {
    let text = page("session.‸load(Customer::select(), lazy(Customer::ORDERS))?;");
    assert_eq!(
        left(&text, Change::Add, ORDERS),
        "`load` takes the path as an argument of its own, which also is its type"
    );
}

#[test]
fn a_part_that_is_written_elsewhere_is_left_alone() {
    let reason = "the path leads through a part of a relation, and the part is written elsewhere";
    let path = "selectin(Customer::ORDERS.…).selectin(Order::ITEMS)";
    for query in ["Customer::select()", "Customer::select().with(selectin(Customer::ORDERS))"] {
        assert_eq!(left(&page(&format!("session.‸all({query})?;")), Change::Add, path), reason);
    }
}

#[test]
fn a_path_beside_others_or_beside_a_comment_is_not_removed() {
    let cases = [
        (
            "session.‸all(Customer::select().with((selectin(Customer::ORDERS), joined(Customer::ADDRESS))))?;",
            "its load path is not written alone in a `.with(…)`",
        ),
        (
            "let path = selectin(Customer::ORDERS);\n    session.‸all(Customer::select().with(path))?;",
            "its load path is not written alone in a `.with(…)`",
        ),
        (
            "session.‸all(Customer::select()\n        // The page reads them.\n        .with(selectin(Customer::ORDERS)))?;",
            "there is a comment beside it, which may be about this load path",
        ),
        (
            "session.‸all(Customer::select()\n        .with(selectin(Customer::ORDERS)) // for the page\n    )?;",
            "there is a comment beside it, which may be about this load path",
        ),
        (
            "session.‸all(Customer::select().with(/* all */ selectin(Customer::ORDERS)))?;",
            "there is a comment beside it, which may be about this load path",
        ),
    ];
    for (text, reason) in cases {
        assert_eq!(left(&page(text), Change::Remove, ORDERS), reason, "{text}");
    }
}

#[test]
fn what_is_done_already_is_no_change() {
    let loaded = "session.‸all(Customer::select().with(subquery(Customer::ORDERS).batch(Order::ITEMS)))?;";
    let (plain, edited) = apply(&page(loaded), &[(Change::Add, ORDERS), (Change::Add, ITEMS)]);
    let done = Outcome::Done("the query loads it already".to_owned());
    assert_eq!((edited.text, edited.outcomes), (plain, vec![done.clone(), done]));
    let (plain, edited) = apply(&page("session.‸all(Customer::select())?;"), &[(Change::Remove, ORDERS)]);
    let done = Outcome::Done(
        "no `.with(…)` of the query loads it; if it is loaded by default, override the default with `lazy`"
            .to_owned(),
    );
    assert_eq!((edited.text, edited.outcomes), (plain, vec![done]));
}
