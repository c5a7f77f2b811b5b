//! Rows whose parent is missing or was not selected. Eager loading must not read them or load anything below
//! them.

use super::groups_and_members::*;
use super::*;
use eagerly::subquery;

on_both!(a_row_without_a_parent_is_not_read, nothing_is_loaded_below_a_row_without_a_parent,);

#[derive(Debug, Entity)]
#[entity(table = "members")]
struct Owner {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "member")]
    notes: HasMany<Owned>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Owned {
    #[entity(key)]
    id: i64,
    #[entity(column = "member")]
    owner: i64,
    #[entity(foreign_key = "member")]
    more: HasMany<Owned>,
}

fn a_row_without_a_parent_is_not_read() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1), (2, NULL), (3, 1)"]);
    for strategy in yielding() {
        let owners = session.all(Owner::select().with(by(strategy, Owner::NOTES)));
        let owners = owners.unwrap_or_else(|error| panic!("{strategy}: {error}"));
        assert_eq!(owners[0].notes().unwrap().len(), 2, "{strategy}");
    }
}

fn nothing_is_loaded_below_a_row_without_a_parent() {
    let session =
        groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL), (2, 'a', NULL)", "(1, 9), (2, 9), (3, 1)"]);
    for (strategy, expected) in [(Strategy::Immediate, 3), (Strategy::Selectin, 3), (Strategy::Joined, 2)] {
        let tally = session.tally();
        all(&session, subquery(Member::NOTES).by(strategy, Note::MEMBER));
        assert_eq!(tally.statements(), expected, "{strategy}");
    }
    session.execute("DELETE FROM notes WHERE member = 1", []).unwrap();
    for strategy in [Strategy::Immediate, Strategy::Selectin, Strategy::Subquery] {
        let tally = session.tally();
        all(&session, subquery(Member::NOTES).by(strategy, Note::MEMBER));
        assert_eq!(tally.statements(), 2, "{strategy}: no member has a note");
    }
}

#[test]
fn subquery_below_a_list_of_texts_repeats_the_list_and_does_not_read_the_whole_table() {
    let session =
        groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL), (2, 'gone', NULL)", "(1, 1), (2, 2), (3, NULL)"]);
    let shapes = |session: &Session, path: eagerly::path::Start<group::Members>| {
        let tally = session.tally();
        let groups = all(session, path.subquery(Member::NOTES));
        assert_eq!(groups[0].members().unwrap()[0].notes().unwrap().len(), 1);
        let shape = tally.shapes().into_iter().find(|shape| shape.sql.contains(r#"FROM "notes""#)).unwrap();
        shape.sql.to_string()
    };
    for path in [selectin(Group::MEMBERS), subquery(Group::MEMBERS)] {
        let sql = shapes(&session, path);
        assert!(sql.contains(" IN (SELECT"), "{sql}");
    }
}
