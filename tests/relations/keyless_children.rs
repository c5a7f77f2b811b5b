//! Children without a key. A part of them keeps the order of the whole, and no second query chooses its rows
//! again.

use super::*;

on_both!(
    the_first_rows_without_a_key_are_not_chosen_again_by_a_subquery,
    a_filter_keeps_the_order_of_rows_without_a_key,
);

#[derive(Debug, Entity)]
#[entity(table = "writers")]
struct Writer {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "writer")]
    lines: HasMany<Line>,
}

#[derive(Debug, Entity)]
#[entity(table = "lines")]
struct Line {
    text: String,
    writer: i64,
    reader: i64,
    #[entity(key = "reader")]
    read_by: BelongsTo<Writer>,
}

fn lines() -> Session {
    database(&[
        "CREATE TABLE writers (id INTEGER PRIMARY KEY)",
        "CREATE TABLE lines (writer INTEGER, reader INTEGER, text TEXT)",
        "CREATE INDEX lines_writer ON lines (writer)",
        "INSERT INTO writers VALUES (1), (2), (3)",
        "INSERT INTO lines VALUES (1, 3, 'z'), (1, 2, 'b'), (1, 1, 'm'), (2, 3, 'y'), (2, 1, 'x')",
    ])
}

fn the_first_rows_without_a_key_are_not_chosen_again_by_a_subquery() {
    let session = lines();
    for strategy in yielding() {
        let path = selectin(Writer::LINES.limit_each(1)).by(strategy, Line::READ_BY);
        let writers = session.all(Writer::select().with(path));
        let writers = writers.unwrap_or_else(|error| panic!("{strategy}: {error}"));
        for line in writers.iter().flat_map(|writer| writer.lines.part().unwrap()) {
            assert_eq!(line.read_by().unwrap().id, line.reader, "{strategy}");
        }
    }
}

fn a_filter_keeps_the_order_of_rows_without_a_key() {
    let session = lines();
    let whole = all(&session, selectin(Writer::LINES));
    let part = all(&session, selectin(Writer::LINES.filter(Line::READER.gt(0))));
    for (whole, part) in whole.iter().zip(&part) {
        let texts = |lines: &[Line]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(part.lines.part().unwrap()), texts(whole.lines().unwrap()));
    }
}
