//! Keys that are SQLite's row number (`rowid`). A subquery has no row number of its own, so it must select
//! this one by name.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "rowids")]
struct Parent {
    #[entity(key, column = "_rowid_")]
    id: i64,
    #[entity(foreign_key = "parent")]
    children: HasMany<Child>,
}

#[derive(Debug, Entity)]
#[entity(table = "children")]
struct Child {
    #[entity(key, column = "rowid")]
    id: i64,
    parent: i64,
    #[entity(key = "parent")]
    row: BelongsTo<Parent>,
}

#[test]
fn a_rowid_can_be_a_key() {
    let session = database(&[
        "CREATE TABLE rowids (name TEXT)",
        "CREATE TABLE children (number INTEGER PRIMARY KEY, parent INTEGER)",
        "INSERT INTO rowids VALUES ('a'), ('b'), ('c')",
        "INSERT INTO children VALUES (1, 1), (2, 2), (3, 1), (4, 1)",
    ]);
    for first in yielding() {
        for second in yielding() {
            for limit in [2, 3] {
                let path = by(first, Parent::CHILDREN).by(second, Child::ROW);
                let parents = session.all(Parent::select().limit(limit).with(path));
                let parents = parents.unwrap_or_else(|error| panic!("{first} {second}: {error}"));
                let seen: Vec<_> = parents.iter().map(|parent| parent.children().unwrap().len()).collect();
                assert_eq!(seen, [3, 1, 0][..limit as usize], "{first} {second}");
            }
        }
    }
}

#[test]
fn the_first_rows_of_each_parent_may_be_known_by_their_rowid() {
    let session = database(&[
        "CREATE TABLE rowids (name TEXT)",
        "CREATE TABLE children (number INTEGER PRIMARY KEY, parent INTEGER)",
        "INSERT INTO rowids VALUES ('a'), ('b'), ('c')",
        "INSERT INTO children VALUES (1, 1), (2, 2), (3, 1), (4, 1)",
    ]);
    let parents = session.all(Parent::select().with(selectin(Parent::CHILDREN.limit_each(2)))).unwrap();
    let seen: Vec<_> = parents.iter().map(|parent| parent.children.part().unwrap().len()).collect();
    assert_eq!(seen, [2, 1, 0]);
}
