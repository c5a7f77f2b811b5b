//! Rows of a view, whose columns have no declared type or collation.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "words")]
struct Word {
    #[entity(key)]
    text: String,
    #[entity(foreign_key = "word")]
    uses: HasMany<Use>,
}

/// An entity over a view.
#[derive(Debug, Entity)]
#[entity(table = "seen_uses")]
struct Use {
    #[entity(key)]
    id: i64,
}

fn uses(session: &Session, strategy: Strategy) -> Vec<Vec<i64>> {
    let words = session.all(Word::select().with(by(strategy, Word::USES))).unwrap();
    let uses = words.iter().map(|word| word.uses().unwrap().iter().map(|used| used.id).collect());
    uses.collect()
}

#[test]
fn the_database_decides_which_row_of_a_view_belongs_to_which_parent() {
    let session = database(&[
        "CREATE TABLE words (text TEXT PRIMARY KEY)",
        "CREATE TABLE uses (id INTEGER PRIMARY KEY, word TEXT COLLATE NOCASE)",
        "CREATE VIEW seen_uses AS SELECT * FROM uses",
        "INSERT INTO words VALUES ('no'), ('No'), ('yes')",
        "INSERT INTO uses (word) VALUES ('no'), ('No'), ('no')",
    ]);
    for strategy in yielding() {
        assert_eq!(uses(&session, strategy), [vec![1, 2, 3], vec![1, 2, 3], vec![]], "{strategy}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "sightings")]
struct Sighting {
    #[entity(key)]
    id: i64,
    word: String,
    #[entity(key = "word")]
    row: BelongsTo<SeenWord>,
}

#[derive(Debug, Entity)]
#[entity(table = "seen_words")]
struct SeenWord {
    #[entity(key)]
    text: String,
}

#[test]
fn a_row_finds_its_partner_in_a_view_that_ignores_case() {
    let session = database(&[
        "CREATE TABLE words (text TEXT COLLATE NOCASE PRIMARY KEY)",
        "CREATE VIEW seen_words AS SELECT * FROM words",
        "CREATE TABLE sightings (id INTEGER PRIMARY KEY, word TEXT)",
        "INSERT INTO words VALUES ('AB-1')",
        "INSERT INTO sightings VALUES (1, 'AB-1'), (2, 'ab-1'), (3, 'AB-1')",
    ]);
    for strategy in yielding() {
        let sightings = session.all(Sighting::select().with(by(strategy, Sighting::ROW))).unwrap();
        for sighting in &sightings {
            assert_eq!(sighting.row().unwrap().text, "AB-1", "{strategy} {sighting:?}");
        }
    }
}
