//! Conditions: deep ones, long ones, and those on related rows.

use eagerly::{
    BelongsTo, Condition, Dialect, Entity, Error, Failure, HasMany, RelationExt as _, Result, Select,
    Session, joined, selectin,
};

use crate::databases::{current, fresh_url};
use crate::support::{database, yielding};

on_both!(
    a_condition_nested_too_deep_is_an_error_before_anything_is_sent,
    a_condition_of_the_greatest_depth_works_on_a_small_stack,
    thousands_of_conditions_in_a_row_work,
    more_values_than_a_statement_can_have_are_an_error_with_advice,
    exists_selects_the_parents_that_have_any_related_row,
    a_part_of_a_text_is_found_as_rust_finds_it,
    a_statement_with_too_many_tables_or_columns_is_an_error_with_advice,
);

#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    name: String,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Node>,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Node>,
}

/// 1 has the children 2 and 3. 3 has the child 4.
const NODES: [&str; 3] = [
    "CREATE TABLE nodes (id BIGINT PRIMARY KEY, parent_id BIGINT, name TEXT NOT NULL)",
    "CREATE INDEX by_parent ON nodes (parent_id)",
    "INSERT INTO nodes VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 1, 'c'), (4, 3, 'd')",
];

fn nodes() -> Session {
    database(&NODES)
}

fn ids(session: &Session, query: Select<Node>) -> Vec<i64> {
    session.all(query).unwrap().iter().map(|node| node.id).collect()
}

/// Each nests a condition once more.
const NESTINGS: [fn(Condition<Node>) -> Condition<Node>; 5] = [
    |condition| condition.and(Node::ID.gt(0)).or(Node::ID.lt(0)),
    |condition| Node::ID.lt(0).or(Node::ID.gt(0).and(condition)),
    |condition| !condition,
    |condition| Node::PARENT.any(condition),
    |condition| Node::CHILDREN.filter(condition).count().gt(0),
];

fn nested(times: usize, nest: fn(Condition<Node>) -> Condition<Node>) -> Condition<Node> {
    (0..times).fold(Node::ID.gt(0), |condition, _| nest(condition))
}

/// Runs a test in a thread of 1 MB of stack, half of what a thread of Rust has. The session is made there, because it cannot leave its thread.
fn on_a_small_stack(test: fn(&Session)) {
    let url = (current() == Dialect::Postgres).then(fresh_url);
    let run = move || {
        let session = url.map_or_else(Session::in_memory, |url| Session::connect(&url)).unwrap();
        for sql in NODES {
            session.execute(sql, []).unwrap();
        }
        test(&session);
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

fn is_too_deep<T>(result: Result<T>) -> bool {
    matches!(&result, Err(error @ Error::TooDeep { entity: "Node" }) if error.to_string().contains("a.or(b).or(c)"))
}

fn a_condition_nested_too_deep_is_an_error_before_anything_is_sent() {
    on_a_small_stack(|session| {
        let before = session.statements();
        for nest in NESTINGS {
            assert!(is_too_deep(session.all(Node::select().filter(nested(1_000_000, nest)))));
            for times in [501, 1_100] {
                let query = || Node::select().filter(Node::ID.gt(0)).filter(nested(times, nest));
                assert!(is_too_deep(session.all(query())));
                assert!(is_too_deep(session.one(query())));
                assert!(is_too_deep(session.count(query())));
                assert!(is_too_deep(session.exists(query())));
                assert!(is_too_deep(session.chunks(query(), 1, |_| Ok(()))));
                assert!(is_too_deep(query().plan(session)));
                let part = || Node::CHILDREN.filter(nested(times, nest));
                assert!(is_too_deep(session.all(Node::select().with(selectin(part())))));
                assert!(is_too_deep(session.all(Node::select().with(joined(Node::PARENT).selectin(part())))));
                assert!(query().to_sql().contains("a condition nested deeper than 500 levels"));
            }
        }
        assert_eq!(session.statements(), before);
    });
}

fn a_condition_of_the_greatest_depth_works_on_a_small_stack() {
    on_a_small_stack(|session| {
        // How often each nests until it has 500 levels, and the rows that are left then.
        for (nest, (times, expected)) in
            NESTINGS.into_iter().zip([(250, 4), (250, 4), (500, 4), (25, 0), (25, 0)])
        {
            let query = || Node::select().filter(nested(times, nest));
            assert_eq!(session.count(query()).unwrap(), expected);
            assert_eq!(session.all(query()).unwrap().len() as u64, expected);
            assert!(is_too_deep(session.count(Node::select().filter(!nested(times, nest)))));
        }
    });
}

fn thousands_of_conditions_in_a_row_work() {
    let session = nodes();
    let any = (0..5_000).map(|id| Node::ID.eq(id)).reduce(Condition::or).unwrap();
    assert_eq!(session.count(Node::select().filter(any)).unwrap(), 4);
    let all = (5..5_000).map(|id| Node::ID.ne(id)).reduce(Condition::and).unwrap();
    assert_eq!(session.count(Node::select().filter(all)).unwrap(), 4);
    let query = (5..5_000).fold(Node::select(), |query, id| query.filter(Node::ID.ne(id)));
    assert_eq!(ids(&session, query.filter(Node::ID.ne(2))), [1, 3, 4]);
    let part = (5..5_000).fold(Node::CHILDREN.limit_each(9), |part, id| part.filter(Node::ID.ne(id)));
    let nodes = session.all(Node::select().with(selectin(part))).unwrap();
    assert_eq!(nodes[0].children.part().unwrap().len(), 2);
    // The halves keep their meaning: only one of 20 conditions fails, wherever it is.
    for failing in 0..20 {
        let one = |number| if number == failing { Node::ID.lt(0) } else { Node::ID.gt(0) };
        assert_eq!(
            session.count(Node::select().filter((0..20).map(one).reduce(Condition::and).unwrap())).unwrap(),
            0
        );
        assert_eq!(
            session
                .count(
                    Node::select().filter((0..20).map(|number| !one(number)).reduce(Condition::or).unwrap())
                )
                .unwrap(),
            4
        );
    }
}

fn more_values_than_a_statement_can_have_are_an_error_with_advice() {
    let session = nodes();
    let most = if session.dialect() == Dialect::Sqlite { 32_766 } else { 65_535 };
    let any = |values| (0..values).map(|id| Node::ID.eq(id)).reduce(Condition::or).unwrap();
    if session.dialect() == Dialect::Sqlite {
        assert_eq!(session.count(Node::select().filter(any(most))).unwrap(), 4);
    }
    let error = session.count(Node::select().filter(any(most + 1))).unwrap_err();
    assert_eq!(error.database().unwrap().kind, Failure::TooLarge);
    assert!(error.to_string().contains("column.in_(values)"));
    assert_eq!(session.count(Node::select().filter(Node::ID.in_(0..=most))).unwrap(), 4);
}

fn exists_selects_the_parents_that_have_any_related_row() {
    let session = nodes();
    for strategy in yielding() {
        let query = || Node::select().with(eagerly::by(strategy, Node::CHILDREN));
        assert_eq!(ids(&session, query().filter(Node::CHILDREN.exists())), [1, 3], "{strategy}");
        assert_eq!(ids(&session, query().filter(!Node::CHILDREN.exists())), [2, 4], "{strategy}");
        assert_eq!(ids(&session, query().filter(!Node::PARENT.exists())), [1], "{strategy}");
        let grandparents = Node::CHILDREN.any(Node::CHILDREN.exists());
        assert_eq!(ids(&session, query().filter(grandparents).limit(2)), [1], "{strategy}");
    }
    assert_eq!(session.count(Node::select().filter(Node::CHILDREN.exists()).limit(1)).unwrap(), 1);
    assert!(!session.exists(Node::select().filter(Node::PARENT.exists()).filter(Node::ID.eq(1))).unwrap());
    let part = Node::CHILDREN.filter(Node::CHILDREN.exists());
    let nodes = session.all(Node::select().with(selectin(part))).unwrap();
    assert_eq!(
        nodes.iter().map(|node| node.children.part().unwrap().len()).collect::<Vec<_>>(),
        [1, 0, 0, 0]
    );
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    text: Option<String>,
    same: Option<String>,
}

/// `%`, `_` and each character that escapes them are ordinary. Case matters, in ASCII letters and in others.
fn a_part_of_a_text_is_found_as_rust_finds_it() {
    let session =
        database(&["CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT COLLATE NOCASE, same TEXT)"]);
    let mut texts = vec![
        "", "É", "é", "e", "É!é", "abc", "ABC", "a%c", "a_c", "a!c", "a\\c", "a*c", "a[b]c", "a?c", "%", "_",
        "!", "!%", "ab", "bc", "😀", "x😀", " a ", "'", "\"",
    ];
    let mut parts = texts.clone();
    if session.dialect() == Dialect::Sqlite {
        // PostgreSQL stores no zero character.
        texts.extend(["a\0b", "a\0", "b\0a"]);
        parts.extend(["a\0b", "\0b", "\0", "a\0"]);
    }
    for (id, text) in (1..).zip(&texts) {
        let text = Some((*text).to_owned());
        session.insert(&Note { id, text: text.clone(), same: text }).unwrap();
    }
    session.insert(&Note { id: 99, text: None, same: None }).unwrap();
    type Find = (&'static str, fn(&str) -> Condition<Note>, fn(&str, &str) -> bool);
    let finds: [Find; 6] = [
        ("starts_with", |part| Note::TEXT.starts_with(part), |text, part| text.starts_with(part)),
        ("contains", |part| Note::TEXT.contains(part), |text, part| text.contains(part)),
        ("ends_with", |part| Note::TEXT.ends_with(part), |text, part| text.ends_with(part)),
        ("starts_with", |part| Note::SAME.starts_with(part), |text, part| text.starts_with(part)),
        ("contains", |part| Note::SAME.contains(part), |text, part| text.contains(part)),
        ("ends_with", |part| Note::SAME.ends_with(part), |text, part| text.ends_with(part)),
    ];
    for (name, condition, rust) in finds {
        for part in &parts {
            let found = |condition| -> Vec<_> {
                session
                    .all(Note::select().filter(condition))
                    .unwrap()
                    .into_iter()
                    .map(|note| note.text.unwrap())
                    .collect()
            };
            let expected: Vec<_> = texts.iter().copied().filter(|text| rust(text, part)).collect();
            assert_eq!(found(condition(part)), expected, "{name}({part:?})");
            assert_eq!(found(!condition(part)).len() + expected.len(), texts.len(), "!{name}({part:?})");
        }
    }
}

fn a_statement_with_too_many_tables_or_columns_is_an_error_with_advice() {
    let session = nodes();
    let is_too_large = |error: Error| {
        assert_eq!(error.database().unwrap().kind, Failure::TooLarge, "{error}");
        assert!(error.to_string().contains("`selectin` instead of `joined`"), "{error}");
    };
    // Each figure joins a table. SQLite joins at most 64.
    let figures = |number| {
        (1..number).fold(Node::select(), |query, id| {
            query.filter(Node::CHILDREN.filter(Node::ID.ne(100 + id)).count().ge(0))
        })
    };
    match session.dialect() {
        Dialect::Sqlite => {
            assert_eq!(session.count(figures(64)).unwrap(), 4);
            is_too_large(session.count(figures(65)).unwrap_err());
            is_too_large(figures(65).plan(&session).map(drop).unwrap_err());
        }
        // PostgreSQL has no limit, but takes 4 s to plan 64 joins.
        Dialect::Postgres => assert_eq!(session.count(figures(30)).unwrap(), 4),
    }
    let any = |_| Node::CHILDREN.any(Node::CHILDREN.exists().or(Node::ID.gt(0)));
    let conditions = if session.dialect() == Dialect::Sqlite { 200 } else { 40 };
    assert_eq!(session.count((0..conditions).map(any).fold(Node::select(), Select::filter)).unwrap(), 2);
    let most = if session.dialect() == Dialect::Sqlite { 2_000 } else { 1_664 };
    let columns = |number| format!("SELECT {}", vec!["1"; number].join(", "));
    session.execute(&columns(most), []).unwrap();
    is_too_large(session.execute(&columns(most + 1), []).unwrap_err());
}
