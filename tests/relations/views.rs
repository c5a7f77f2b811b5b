//! Children from a view, whose columns have no known collation.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "words")]
struct Word {
    #[entity(key)]
    text: String,
    #[entity(foreign_key = "word")]
    uses: HasMany<Use>,
}

/// An entity over a view, whose columns have no known collation.
#[derive(Debug, Entity)]
#[entity(table = "seen_uses")]
struct Use {
    #[entity(key)]
    id: i64,
}

#[test]
fn siblings_that_are_not_adjacent_are_an_error_and_none_is_lost() {
    let session = database(&[
        "CREATE TABLE words (text TEXT PRIMARY KEY)",
        "CREATE TABLE uses (id INTEGER PRIMARY KEY, word TEXT COLLATE NOCASE)",
        "CREATE VIEW seen_uses AS SELECT * FROM uses",
        "INSERT INTO words VALUES ('no'), ('No')",
        "INSERT INTO uses (word) VALUES ('no'), ('No'), ('no')",
    ]);
    let words = session.all(Word::select().with(selectin(Word::USES)));
    assert!(matches!(words, Err(Error::UnmatchedKey { .. })), "{words:?}");
    session.execute("DELETE FROM uses WHERE id = 3", []).unwrap();
    let words = session.all(Word::select().with(selectin(Word::USES))).unwrap();
    let uses = words.iter().map(|word| word.uses().unwrap().len());
    assert_eq!(uses.collect::<Vec<_>>(), [1, 1]);
}
