//! Tables and columns with the names that the library gives to its own. A statement must not confuse the two.

use super::*;

on_both!(
    tables_and_columns_may_have_the_names_of_our_own,
    the_first_rows_of_each_parent_may_have_columns_with_the_names_of_our_own,
    limit_each_works_beside_a_column_with_the_name_of_its_own,
    the_module_of_the_relation_types_can_have_another_name,
);

#[derive(Debug, Entity)]
#[entity(table = "KEYS")]
struct Named {
    #[entity(key, column = "key number")]
    number: String,
    #[entity(column = "place among siblings")]
    place: i64,
    #[entity(column = "0")]
    zero: Option<String>,
    #[entity(foreign_key = "0")]
    keys: HasMany<Named>,
    #[entity(key = "0")]
    place_among_siblings: BelongsTo<Named>,
}

fn named() -> Session {
    database(&[
        r#"CREATE TABLE "KEYS" ("key number" TEXT PRIMARY KEY, "place among siblings" INTEGER, "0" TEXT)"#,
        r#"INSERT INTO "KEYS" VALUES ('a', 30, NULL), ('b', 20, 'a'), ('c', 10, 'a'), ('2', 5, 'b')"#,
    ])
}

fn tables_and_columns_may_have_the_names_of_our_own() {
    let session = named();
    let seen = |query: Select<Named>| -> Vec<_> {
        let one = |named: &Named| {
            let keys: Vec<_> = named
                .keys()
                .unwrap()
                .iter()
                .map(|key| (key.number.clone(), key.place_among_siblings().unwrap().unwrap().number.clone()))
                .collect();
            (named.number.clone(), keys)
        };
        session.all(query).unwrap().iter().map(one).collect()
    };
    let lazy = seen(Named::select());
    for first in yielding() {
        for second in yielding() {
            let path = by(first, Named::KEYS).by(second, Named::PLACE_AMONG_SIBLINGS).by(first, Named::KEYS);
            assert_eq!(seen(Named::select().with(path)), lazy, "{first} {second}");
        }
    }
}

fn the_first_rows_of_each_parent_may_have_columns_with_the_names_of_our_own() {
    let session = named();
    for second in yielding() {
        let path = selectin(Named::KEYS.order_by(Named::PLACE).limit_each(2)).by(second, Named::KEYS);
        let named =
            session.all(Named::select().with(path)).unwrap_or_else(|error| panic!("{second}: {error}"));
        let parts: Vec<Vec<_>> = named
            .iter()
            .map(|named| named.keys.part().unwrap().iter().map(|key| key.number.as_str()).collect())
            .collect();
        assert_eq!(parts, [vec![], vec!["c", "b"], vec!["2"], vec![]], "{second}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "owners")]
struct Placed {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "owner")]
    items: HasMany<Item>,
}

#[derive(Debug, Entity)]
#[entity(table = "items")]
struct Item {
    #[entity(key)]
    id: i64,
    #[entity(column = "place among siblings")]
    place: i64,
}

fn limit_each_works_beside_a_column_with_the_name_of_its_own() {
    let session = database(&[
        "CREATE TABLE owners (id INTEGER PRIMARY KEY)",
        r#"CREATE TABLE items (id INTEGER PRIMARY KEY, owner INTEGER, "place among siblings" INTEGER)"#,
        "INSERT INTO owners VALUES (1)",
        "INSERT INTO items VALUES (1, 1, 30), (2, 1, 20), (3, 1, 10)",
    ]);
    let owners = all(&session, selectin(Placed::ITEMS.order_by(Item::PLACE).limit_each(2)));
    let ids: Vec<_> = owners[0].items.part().unwrap().iter().map(|item| item.id).collect();
    assert_eq!(ids, [3, 2]);
}

/// The derive of `Letter` would create a module of this name.
mod letter {
    pub const FIRST: &str = "a";
}

#[derive(Debug, Entity)]
#[entity(table = "KEYS", module = "letter_relations")]
struct Letter {
    #[entity(key, column = "key number")]
    number: String,
    #[entity(column = "0")]
    zero: Option<String>,
    #[entity(foreign_key = "0")]
    letters: HasMany<Letter>,
}

fn the_module_of_the_relation_types_can_have_another_name() {
    let relation: letter_relations::Letters = Letter::LETTERS;
    let letters = named().load(Letter::select(), selectin(relation)).unwrap();
    let first = letters.iter().find(|row| row.number == letter::FIRST).unwrap();
    assert!(first.get(relation).iter().all(|row| row.zero.as_deref() == Some(letter::FIRST)));
    assert_eq!(first.get(relation).len(), 2);
}
