//! Text keys that refer to a numeric column.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "scales")]
struct Scale {
    #[entity(key)]
    mark: String,
    #[entity(foreign_key = "mark")]
    readings: HasMany<Reading>,
}

#[derive(Debug, Entity)]
#[entity(table = "readings")]
struct Reading {
    #[entity(key)]
    id: i64,
}

#[test]
fn text_keys_match_the_numbers_that_they_spell_and_words_match_words() {
    let session = database(&[
        "CREATE TABLE scales (mark TEXT PRIMARY KEY)",
        "CREATE TABLE readings (id INTEGER PRIMARY KEY, mark NUMERIC)",
        "CREATE INDEX readings_mark ON readings (mark)",
        "INSERT INTO scales VALUES ('1.5'), ('-2'), ('+4'), (' 7 '), ('.5'), ('1e2'), ('inf'), ('nan'), ('x1')",
        "INSERT INTO readings (mark) VALUES (1.5), (-2), (4), (7), (0.5), (100), ('inf'), ('nan'), ('x1'), (1.5), (9)",
    ]);
    let seen = |query: Select<Scale>| -> Vec<(String, Vec<i64>)> {
        let scales = session.all(query).unwrap();
        let readings = |scale: &Scale| scale.readings().unwrap().iter().map(|reading| reading.id).collect();
        scales.iter().map(|scale| (scale.mark.clone(), readings(scale))).collect()
    };
    let one_by_one = seen(Scale::select());
    assert_eq!(one_by_one.iter().map(|(_, readings)| readings.len()).sum::<usize>(), 10);
    for strategy in TOGETHER {
        let together = seen(Scale::select().with(by(strategy, Scale::READINGS)));
        assert_eq!(together, one_by_one, "{strategy}");
    }
}
