//! Which rows are equal is decided by the database alone: by the type and the collation of the child's column.
//!
//! Each case is a pair of columns and their values. Lazy loading compares in the database, one key at a time. Every other
//! strategy must find the same rows.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "parents")]
struct Text {
    #[entity(key)]
    code: String,
    #[entity(foreign_key = "parent")]
    children: HasMany<Child>,
}

#[derive(Debug, Entity)]
#[entity(table = "parents")]
struct Real {
    #[entity(key)]
    code: f64,
    #[entity(foreign_key = "parent")]
    children: HasMany<Child>,
}

#[derive(Debug, Entity)]
#[entity(table = "parents")]
struct Integer {
    #[entity(key)]
    code: i64,
    #[entity(foreign_key = "parent")]
    children: HasMany<Child>,
}

#[derive(Debug, Entity)]
#[entity(table = "children")]
struct Child {
    #[entity(key)]
    id: i64,
}

fn related(parents: &str, children: &str, rows: [&str; 2]) -> Session {
    database(&[
        &format!("CREATE TABLE parents (code {parents})"),
        &format!("CREATE TABLE children (id INTEGER PRIMARY KEY, parent {children}"),
        &format!("INSERT INTO parents VALUES {}", rows[0]),
        &format!("INSERT INTO children VALUES {}", rows[1]),
    ])
}

/// Checks every strategy, with the whole table and with a filter, and the children of each parent.
macro_rules! check {
    ($entity:ident, $session:expr, $expected:expr) => {
        for strategy in yielding() {
            for is_filtered in [false, true] {
                let mut query = $entity::select().with(by(strategy, $entity::CHILDREN));
                if is_filtered {
                    query = query.filter(!$entity::CODE.is_null());
                }
                let parents = $session.all(query).unwrap();
                let of = |parent: &$entity| -> Vec<i64> {
                    parent.children().unwrap().iter().map(|child| child.id).collect()
                };
                let children: Vec<_> = parents.iter().map(of).collect();
                assert_eq!(children, $expected, "{strategy}, filtered: {is_filtered}");
            }
        }
    };
}

#[test]
fn a_strict_column_of_any_type_distinguishes_texts_and_numbers() {
    let session = related("TEXT", "ANY) STRICT", ["('5'), ('05')", "(1, '5'), (2, '05'), (3, 5)"]);
    check!(Text, session, [vec![2], vec![1]]);
}

#[test]
fn reals_match_the_texts_that_sqlite_writes_for_them() {
    let session = related(
        "REAL",
        "TEXT)",
        ["(1e-5), (1e16), (1e300), (0.1)", "(1, 1e-5), (2, 1e16), (3, 1e300), (4, 0.1), (5, '1e-5')"],
    );
    check!(Real, session, [vec![1], vec![4], vec![2], vec![3]]);
}

#[test]
fn words_that_look_like_numbers_stay_words_in_a_numeric_column() {
    let session = related(
        "TEXT",
        "NUMERIC)",
        ["('+inf'), ('nan'), ('5')", "(1, 5), (2, '+inf'), (3, 'nan'), (4, '5.0')"],
    );
    check!(Text, session, [vec![2], vec![1, 4], vec![3]]);
}

#[test]
fn integers_beyond_2_to_the_53_are_compared_exactly_with_reals() {
    let session = related(
        "INTEGER",
        "REAL)",
        ["(9007199254740992), (9007199254740993)", "(1, 9007199254740992.0), (2, 9007199254740994.0)"],
    );
    check!(Integer, session, lazily(&session));
}

#[test]
fn the_smallest_integer_is_matched_although_sqlite_may_store_it_as_a_real() {
    let session = related(
        "INTEGER",
        "INTEGER)",
        [
            "(-9223372036854775808), (9223372036854775807)",
            "(1, -9223372036854775808), (2, -9223372036854775808.0), (3, 9223372036854775807), (4, 9223372036854775808.0)",
        ],
    );
    check!(Integer, session, lazily(&session));
}

/// Returns the children of each parent by lazy loading, the reference.
fn lazily(session: &Session) -> Vec<Vec<i64>> {
    let parents = session.all(Integer::select()).unwrap();
    let of = |parent: &Integer| parent.children().unwrap().iter().map(|child| child.id).collect();
    parents.iter().map(of).collect()
}

#[test]
fn parents_that_differ_in_case_each_get_the_children_of_a_column_that_ignores_case() {
    let session = related(
        "TEXT COLLATE NOCASE",
        "TEXT COLLATE NOCASE)",
        ["('a'), ('A'), ('b')", "(1, 'a'), (2, 'A'), (3, 'a'), (4, 'A'), (5, 'B')"],
    );
    for strategy in yielding() {
        let parents = session.all(Text::select().with(by(strategy, Text::CHILDREN))).unwrap();
        assert_eq!(parents.len(), 3, "{strategy}");
        for parent in &parents {
            let expected = if parent.code == "b" { vec![5] } else { vec![1, 2, 3, 4] };
            let children: Vec<_> = parent.children().unwrap().iter().map(|child| child.id).collect();
            assert_eq!(children, expected, "{strategy} {}", parent.code);
        }
    }
}

#[test]
fn integers_match_the_texts_of_a_text_column_and_nothing_else() {
    let session = related(
        "INTEGER",
        "TEXT COLLATE RTRIM)",
        ["(5), (50), (7)", "(1, '5'), (2, '5  '), (3, '05'), (4, 50), (5, NULL)"],
    );
    check!(Integer, session, [vec![1, 2], vec![], vec![4]]);
}
