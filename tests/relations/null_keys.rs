//! Children whose own key is null. Null does not equal null, so these children are different rows.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "coded")]
struct Coded {
    #[entity(key)]
    code: Option<String>,
    n: i64,
    owner: i64,
    #[entity(key = "owner")]
    owned_by: BelongsTo<Holder>,
    #[entity(foreign_key = "code")]
    tags: HasMany<Tag>,
}

#[derive(Debug, Entity)]
#[entity(table = "holders")]
struct Holder {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "owner")]
    coded: HasMany<Coded>,
    #[entity(foreign_key = "holder")]
    tags: HasMany<Tag>,
}

#[derive(Debug, Entity)]
#[entity(table = "tags")]
struct Tag {
    #[entity(key)]
    id: i64,
}

fn holders() -> Session {
    database(&[
        "CREATE TABLE holders (id INTEGER PRIMARY KEY)",
        "CREATE TABLE coded (code TEXT PRIMARY KEY, n INTEGER, owner INTEGER)",
        "CREATE INDEX coded_covers ON coded (code, owner DESC)",
        "CREATE INDEX coded_owner ON coded (owner)",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY, code TEXT, holder INTEGER)",
        "INSERT INTO holders VALUES (1), (2), (3)",
        "INSERT INTO coded VALUES (NULL, 1, 1), (NULL, 2, 1), ('a', 3, 1), \
         ('b', 4, 2), (NULL, 5, 3), (NULL, 6, 2)",
        "INSERT INTO tags VALUES (1, 'a', 1), (2, 'a', 1), (3, NULL, 2)",
    ])
}

#[test]
fn children_with_a_null_key_stay_separate_rows() {
    let session = holders();
    for first in yielding() {
        for second in yielding() {
            let path = by(first, Holder::CODED).by(second, Coded::TAGS);
            let seen: Vec<Vec<_>> = all(&session, path)
                .iter()
                .map(|holder| {
                    let coded = holder.coded().unwrap().iter();
                    coded.map(|coded| (coded.n, coded.tags().unwrap().len())).collect()
                })
                .collect();
            assert_eq!(
                seen,
                [vec![(1, 0), (2, 0), (3, 2)], vec![(6, 0), (4, 0)], vec![(5, 0)]],
                "{first} {second}"
            );
        }
    }
}

#[test]
fn chunks_of_parents_with_a_null_key_have_the_size_that_was_asked_for() {
    let session = holders();
    for strategy in yielding() {
        let mut sizes = Vec::new();
        let query = Coded::select().filter(Coded::CODE.is_null()).with(by(strategy, Coded::TAGS));
        session
            .chunks(query, 1, |chunk| {
                sizes.push(chunk.len());
                Ok(())
            })
            .unwrap();
        assert_eq!(sizes, [1, 1, 1, 1], "{strategy}");
    }
}
