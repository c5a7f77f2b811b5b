//! Tables with thousands of keys. If matching compared every key with every other, these tests would take minutes.

use super::groups_and_members::*;
use super::rare_columns::{Bytes, Number, Piece, Use};
use super::*;

#[test]
fn a_hundred_thousand_text_keys_are_matched_without_an_index() {
    let session = groups("TEXT", "TEXT", ["('-')", "(0, NULL, NULL)", "(0, NULL)"]);
    session.execute("DROP INDEX members_grp", []).unwrap();
    let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    session.execute(&format!("INSERT INTO groups {count} SELECT 'g' || i FROM n"), []).unwrap();
    session
        .execute(&format!("INSERT INTO members {count} SELECT i, 'g' || (i % 1000), NULL FROM n"), [])
        .unwrap();
    for strategy in [Strategy::Batch, Strategy::Selectin, Strategy::Subquery, Strategy::Joined] {
        let groups = all(&session, by(strategy, Group::MEMBERS));
        let members: usize = groups.iter().map(|group| group.members().unwrap().len()).sum();
        assert_eq!(members, 99_900, "{strategy}");
    }
}

#[test]
fn twenty_thousand_keys_of_every_kind_are_matched() {
    let session = database(&[
        "CREATE TABLE numbers (id INTEGER PRIMARY KEY)",
        "CREATE TABLE raw (id INTEGER PRIMARY KEY, number TEXT)",
        "CREATE VIEW uses AS SELECT id, number FROM raw",
        "CREATE TABLE details (id INTEGER PRIMARY KEY, use_id INTEGER)",
        "CREATE TABLE blobs (a BLOB, b TEXT, c REAL)",
        "CREATE TABLE pieces (id INTEGER PRIMARY KEY, a BLOB, b TEXT, c REAL)",
    ]);
    let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)";
    for sql in [
        "INSERT INTO numbers {} SELECT i * 461168601842738 * CASE i % 2 WHEN 0 THEN 1 ELSE -1 END FROM n",
        "INSERT INTO raw {} SELECT i, i * 461168601842738 * CASE i % 2 WHEN 0 THEN 1 ELSE -1 END FROM n",
        "INSERT INTO details {} SELECT i, i FROM n",
        "INSERT INTO blobs {} SELECT CAST(i % 100 AS BLOB), 'b' || i, i / 2.0 FROM n",
        "INSERT INTO pieces {} SELECT i, CAST(i % 100 AS BLOB), 'b' || i, i / 2.0 FROM n",
    ] {
        session.execute(&sql.replace("{}", count), []).unwrap();
    }
    for strategy in TOGETHER {
        let numbers = all(&session, by(strategy, Number::USES).by(Strategy::Selectin, Use::DETAILS));
        let details: usize = numbers
            .iter()
            .flat_map(|number| number.uses().unwrap())
            .map(|used| used.details().unwrap().len())
            .sum();
        assert_eq!(details, 20_000, "{strategy}");
        let blobs = all(&session, by(strategy, Bytes::ITEMS).by(Strategy::Selectin, Piece::WHOLE));
        let pieces = blobs.iter().flat_map(|bytes| bytes.items().unwrap());
        assert_eq!(pieces.filter(|piece| piece.whole().unwrap().is_some()).count(), 20_000, "{strategy}");
    }
}
