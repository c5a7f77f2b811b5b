//! Rare combinations of schemas, keys and strategies.

use super::*;
use eagerly::{LoadPath, Result, immediate, subquery};

#[derive(Debug, Entity)]
#[entity(table = "groups")]
struct Group {
    #[entity(key)]
    code: String,
    #[entity(foreign_key = "grp")]
    members: HasMany<Member>,
    #[entity(foreign_key = "grp")]
    lead: HasOne<Member>,
}

#[derive(Debug, Entity)]
#[entity(table = "members")]
struct Member {
    #[entity(key)]
    id: i64,
    grp: Option<String>,
    boss: Option<i64>,
    #[entity(key = "grp")]
    group: BelongsTo<Group>,
    #[entity(key = "boss")]
    chief: BelongsTo<Member>,
    #[entity(foreign_key = "boss")]
    reports: HasMany<Member>,
    #[entity(foreign_key = "member")]
    notes: HasMany<Note>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    #[entity(column = "member")]
    member_id: Option<i64>,
    #[entity(key = "member")]
    member: BelongsTo<Member>,
}

fn groups(code: &str, grp: &str, rows: [&str; 3]) -> Session {
    database(&[
        &format!("CREATE TABLE groups (code {code})"),
        &format!("CREATE TABLE members (id INTEGER PRIMARY KEY, grp {grp}, boss INTEGER)"),
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, member INTEGER)",
        "CREATE INDEX members_grp ON members (grp)",
        "CREATE INDEX notes_member ON notes (member)",
        &format!("INSERT INTO groups VALUES {}", rows[0]),
        &format!("INSERT INTO members VALUES {}", rows[1]),
        &format!("INSERT INTO notes VALUES {}", rows[2]),
    ])
}

fn graph(groups: &[Group]) -> String {
    let mut out = String::new();
    for group in groups {
        out += &format!("{}(", group.code);
        for member in group.members().unwrap() {
            out += &member_graph(member);
        }
        out += &format!("|{})", group.lead().unwrap().map(member_graph).unwrap_or_default());
    }
    out
}

fn member_graph(member: &Member) -> String {
    let ids = |members: &[Member]| members.iter().map(|member| member.id).collect::<Vec<_>>();
    let notes: Vec<_> = member
        .notes()
        .unwrap()
        .iter()
        .map(|note| (note.id, note.member().unwrap().map(|member| member.id)))
        .collect();
    let group = member.group().unwrap();
    format!(
        "{}[{notes:?} {:?} {:?} {:?} {:?}]",
        member.id,
        ids(member.reports().unwrap()),
        member.chief().unwrap().map(|chief| (chief.id, chief.notes().unwrap().len())),
        group.map(|group| group.code.as_str()),
        group.map(|group| ids(group.members().unwrap())),
    )
}

fn all<E: Entity>(session: &Session, path: impl LoadPath<E>) -> Vec<E> {
    session.all(Select::<E>::default().with(path)).unwrap()
}

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

#[test]
fn the_first_rows_without_a_key_are_not_chosen_again_by_a_subquery() {
    let session = lines();
    for strategy in YIELDING {
        let path = selectin(Writer::LINES.limit_each(1)).by(strategy, Line::READ_BY);
        let writers = session.all(Writer::select().with(path));
        let writers = writers.unwrap_or_else(|error| panic!("{strategy}: {error}"));
        for line in writers.iter().flat_map(|writer| writer.lines.part().unwrap()) {
            assert_eq!(line.read_by().unwrap().id, line.reader, "{strategy}");
        }
    }
}

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

#[test]
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
    for first in YIELDING {
        for second in YIELDING {
            let path = by(first, Named::KEYS).by(second, Named::PLACE_AMONG_SIBLINGS).by(first, Named::KEYS);
            assert_eq!(seen(Named::select().with(path)), lazy, "{first} {second}");
        }
    }
}

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
    for first in YIELDING {
        for second in YIELDING {
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

#[derive(Debug, Entity)]
#[entity(table = "numbers")]
struct Number {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "number")]
    uses: HasMany<Use>,
}

#[derive(Debug, Entity)]
#[entity(table = "uses")]
struct Use {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "use_id")]
    details: HasMany<Detail>,
}

#[derive(Debug, Entity)]
#[entity(table = "details")]
struct Detail {
    #[entity(key)]
    id: i64,
}

fn numbers(table: &[&str]) -> Session {
    let session = database(&[
        "CREATE TABLE numbers (id INTEGER PRIMARY KEY)",
        "CREATE TABLE details (id INTEGER PRIMARY KEY, use_id INTEGER)",
        "INSERT INTO numbers VALUES (-9223372036854775808), (-5), (0), (1), (5), (16), (9007199254740992), (9007199254740993), (9223372036854775807)",
        "INSERT INTO details SELECT value, value % 9 FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 30) SELECT value FROM n)",
    ]);
    for sql in table {
        session.execute(sql, []).unwrap();
    }
    session
}

fn check_numbers(session: &Session, what: &str) {
    let seen = |query: Select<Number>| -> Result<Vec<(i64, Vec<(i64, usize)>)>> {
        let one = |number: &Number| {
            let uses = number.uses()?.iter();
            let uses = uses.map(|used| Ok((used.id, used.details()?.len()))).collect::<Result<Vec<_>>>()?;
            Ok((number.id, uses))
        };
        session.all(query)?.iter().map(one).collect()
    };
    let lazy = seen(Number::select()).unwrap();
    for first in YIELDING {
        for second in YIELDING {
            for least in [i64::MIN, 0] {
                let path = by(first, Number::USES).by(second, Use::DETAILS);
                let mut query = Number::select().with(path);
                if least == 0 {
                    query = query.filter(Number::ID.ge(least));
                }
                let expected: Vec<_> = lazy.iter().filter(|(id, _)| *id >= least).cloned().collect();
                let found = seen(query).unwrap_or_else(|error| panic!("{what} {first} {second}: {error}"));
                assert_eq!(found, expected, "{what} {first} {second}");
            }
        }
    }
}

const VALUES: &str = "(1, 1), (2, '1'), (3, 1.0), (4, '5'), (5, ' 5 '), (6, '5x'), (7, x'35'), (8, NULL), \
    (9, 1e0), (10, -9223372036854775808), (11, -9.223372036854775808e18), (12, 9223372036854775807), \
    (13, 9.223372036854775807e18), (14, '9223372036854775807'), (15, 9007199254740993), (16, 9007199254740992.0), \
    (17, '0x10'), (18, ''), (19, -0.0), (20, 0.5), (21, '1e0'), (22, '-5.0')";

#[test]
fn values_of_every_kind_are_matched_in_a_column_of_any_declaration() {
    for declared in [
        "INT",
        "POINT",
        "FLOATING POINT",
        "CHARINT",
        "REAL",
        "TEXT",
        "BLOB",
        "",
        "NUMERIC",
        "TEXT COLLATE RTRIM",
    ] {
        for index in ["", "CREATE INDEX uses_number ON uses (number)"] {
            let session = numbers(&[
                &format!("CREATE TABLE uses (id INTEGER PRIMARY KEY, number {declared})"),
                &format!("INSERT INTO uses VALUES {VALUES}"),
            ]);
            if !index.is_empty() {
                session.execute(index, []).unwrap();
            }
            check_numbers(&session, &format!("{declared:?} {index}"));
        }
    }
}

#[test]
fn values_of_every_kind_are_matched_in_columns_that_are_made_in_unusual_ways() {
    let insert = format!("INSERT INTO raw VALUES {VALUES}");
    for (what, create) in [
        ("generated", "CREATE TABLE uses (id INTEGER PRIMARY KEY, raw, number INTEGER AS (raw))"),
        ("stored", "CREATE TABLE uses (id INTEGER PRIMARY KEY, raw, number INTEGER AS (raw) STORED)"),
        ("without rowid", "CREATE TABLE uses (id INTEGER PRIMARY KEY, number INTEGER) WITHOUT ROWID"),
        ("strict any", "CREATE TABLE uses (id INTEGER PRIMARY KEY, number ANY) STRICT"),
    ] {
        let columns = if create.contains("raw") { "id, raw" } else { "id, number" };
        let session = numbers(&[
            "CREATE TABLE raw (id INTEGER PRIMARY KEY, number)",
            &insert,
            create,
            &format!("INSERT INTO uses ({columns}) SELECT id, number FROM raw"),
        ]);
        check_numbers(&session, what);
    }
    for (what, create) in [
        ("view", "CREATE VIEW uses AS SELECT id, number FROM raw"),
        ("view of a cast", "CREATE VIEW uses AS SELECT id, CAST(number AS INTEGER) AS number FROM raw"),
        ("view of an expression", "CREATE VIEW uses AS SELECT id, number || '' AS number FROM raw"),
        ("distinct view", "CREATE VIEW uses AS SELECT DISTINCT id, number FROM raw"),
        ("table of a select", "CREATE TABLE uses AS SELECT id, CAST(number AS INTEGER) AS number FROM raw"),
        ("added", "CREATE TABLE uses (id INTEGER PRIMARY KEY)"),
    ] {
        let session = numbers(&["CREATE TABLE raw (id INTEGER PRIMARY KEY, number)", &insert, create]);
        if what == "added" {
            session.execute("INSERT INTO uses SELECT id FROM raw", []).unwrap();
            session.execute("ALTER TABLE uses ADD COLUMN number INTEGER DEFAULT '5.0'", []).unwrap();
        }
        check_numbers(&session, what);
    }
}

#[test]
fn a_view_of_two_tables_whose_columns_have_different_types_is_matched_by_every_strategy() {
    let session = numbers(&[
        "CREATE TABLE texts (id INTEGER PRIMARY KEY, number TEXT)",
        "CREATE TABLE integers (id INTEGER PRIMARY KEY, number INTEGER)",
        "INSERT INTO texts VALUES (1, '1'), (2, '5')",
        "INSERT INTO integers VALUES (3, '1'), (4, '5')",
        "CREATE VIEW uses AS SELECT id, number FROM texts UNION ALL SELECT id, number FROM integers",
    ]);
    check_numbers(&session, "union");
}

#[test]
fn a_virtual_table_may_hold_a_text_in_a_column_of_integers() {
    let session = numbers(&[
        "CREATE VIRTUAL TABLE uses USING rtree(id, low, high, +number INTEGER)",
        "INSERT INTO uses (id, low, high, number) VALUES (1, 0, 1, 1), (2, 0, 1, '1'), (3, 0, 1, 5.0), (4, 0, 1, '5')",
    ]);
    check_numbers(&session, "rtree");
}

#[derive(Debug, Entity)]
#[entity(table = "blobs")]
struct Bytes {
    #[entity(key)]
    a: Vec<u8>,
    #[entity(key)]
    b: String,
    #[entity(key)]
    c: Option<f64>,
    #[entity(foreign_key("a", "b", "c"))]
    items: HasMany<Piece>,
}

#[derive(Debug, Entity)]
#[entity(table = "pieces")]
struct Piece {
    #[entity(key)]
    id: i64,
    a: Option<Vec<u8>>,
    b: Option<String>,
    c: Option<f64>,
    #[entity(key("a", "b", "c"))]
    whole: BelongsTo<Bytes>,
}

#[test]
fn a_hundred_thousand_text_keys_without_an_index_are_matched_in_seconds() {
    let session = groups("TEXT", "TEXT", ["('-')", "(0, NULL, NULL)", "(0, NULL)"]);
    session.execute("DROP INDEX members_grp", []).unwrap();
    let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    session.execute(&format!("INSERT INTO groups {count} SELECT 'g' || i FROM n"), []).unwrap();
    session
        .execute(&format!("INSERT INTO members {count} SELECT i, 'g' || (i % 1000), NULL FROM n"), [])
        .unwrap();
    for strategy in [Strategy::Batch, Strategy::Selectin, Strategy::Subquery, Strategy::Joined] {
        let start = std::time::Instant::now();
        let groups = all(&session, by(strategy, Group::MEMBERS));
        let members: usize = groups.iter().map(|group| group.members().unwrap().len()).sum();
        assert_eq!(members, 99_900, "{strategy}");
        assert!(start.elapsed().as_secs() < 20, "{strategy} {:?}", start.elapsed());
    }
}

#[test]
fn an_error_below_leaves_nothing_half_loaded_and_no_transaction_open() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1)"]);
    for first in YIELDING {
        let path = by(first, Group::MEMBERS).with(immediate(Member::NOTES));
        session.execute("ALTER TABLE notes RENAME TO gone", []).unwrap();
        let groups = session.all(Group::select().with(path));
        if let Ok(groups) = &groups {
            assert!(groups[0].members().is_err(), "{first}");
            assert!(!groups[0].members.is_loaded(), "{first}");
        }
        session.execute("ALTER TABLE gone RENAME TO notes", []).unwrap();
        if let Ok(groups) = &groups {
            assert_eq!(groups[0].members().unwrap()[0].notes().unwrap().len(), 1, "{first}");
        }
        session.transaction(|session| session.execute("UPDATE notes SET member = 1", [])).unwrap();
    }
}

#[derive(Debug, Entity)]
#[entity(table = "small_notes")]
struct Small {
    #[entity(key)]
    id: i64,
    member: Option<i64>,
    #[entity(foreign_key = "boss")]
    reports: HasMany<Member>,
}

#[derive(Debug, Entity)]
#[entity(table = "twins")]
struct Twin {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "boss")]
    reports: HasMany<Member>,
    #[entity(foreign_key = "member")]
    notes: HasMany<Note>,
}

#[test]
fn parents_with_one_key_share_what_is_loaded_below_them() {
    let session = groups(
        "TEXT",
        "TEXT",
        ["('a')", "(1, 'a', 3), (2, 'a', 1), (3, NULL, 1), (4, 'a', 9)", "(1, 2), (2, 2), (3, 1)"],
    );
    session
        .execute("CREATE VIEW twins AS SELECT id FROM members UNION ALL SELECT id FROM members UNION ALL SELECT NULL WHERE 0", [])
        .unwrap();
    session.execute("CREATE VIEW small_notes AS SELECT id, member FROM notes", []).unwrap();
    let seen = |twins: &[Twin]| -> String {
        let one = |twin: &Twin| {
            let reports: String = twin.reports().unwrap().iter().map(member_graph).collect();
            format!("{}({reports}|{})", twin.id, twin.notes().unwrap().len())
        };
        twins.iter().map(one).collect()
    };
    let lazy = seen(&session.all(Twin::select()).unwrap());
    for first in
        [Strategy::Lazy, Strategy::Immediate, Strategy::Batch, Strategy::Selectin, Strategy::Subquery]
    {
        for second in YIELDING {
            for third in YIELDING {
                let path = (
                    by(first, Twin::REPORTS).by(second, Member::NOTES).by(third, Note::MEMBER),
                    by(first, Twin::NOTES),
                );
                assert_eq!(seen(&all(&session, path)), lazy, "{first} {second} {third}");
            }
        }
    }
    let small = all(&session, subquery(Small::REPORTS).joined(Member::NOTES));
    assert_eq!(
        small.iter().map(|small| small.reports().unwrap().len()).sum::<usize>(),
        3,
        "{:?}",
        small[0].member
    );
}

#[test]
fn a_hundred_thousand_keys_of_every_kind_are_matched_in_seconds() {
    let session = database(&[
        "CREATE TABLE numbers (id INTEGER PRIMARY KEY)",
        "CREATE TABLE raw (id INTEGER PRIMARY KEY, number TEXT)",
        "CREATE VIEW uses AS SELECT id, number FROM raw",
        "CREATE TABLE details (id INTEGER PRIMARY KEY, use_id INTEGER)",
        "CREATE TABLE blobs (a BLOB, b TEXT, c REAL)",
        "CREATE TABLE pieces (id INTEGER PRIMARY KEY, a BLOB, b TEXT, c REAL)",
    ]);
    let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    for sql in [
        "INSERT INTO numbers {} SELECT i * 92233720368547 * CASE i % 2 WHEN 0 THEN 1 ELSE -1 END FROM n",
        "INSERT INTO raw {} SELECT i, i * 92233720368547 * CASE i % 2 WHEN 0 THEN 1 ELSE -1 END FROM n",
        "INSERT INTO details {} SELECT i, i FROM n",
        "INSERT INTO blobs {} SELECT CAST(i % 100 AS BLOB), 'b' || i, i / 2.0 FROM n",
        "INSERT INTO pieces {} SELECT i, CAST(i % 100 AS BLOB), 'b' || i, i / 2.0 FROM n",
    ] {
        session.execute(&sql.replace("{}", count), []).unwrap();
    }
    for strategy in TOGETHER {
        let start = std::time::Instant::now();
        let numbers = all(&session, by(strategy, Number::USES).by(Strategy::Selectin, Use::DETAILS));
        let details: usize = numbers
            .iter()
            .flat_map(|number| number.uses().unwrap())
            .map(|used| used.details().unwrap().len())
            .sum();
        assert_eq!(details, 100_000, "{strategy}");
        let blobs = all(&session, by(strategy, Bytes::ITEMS).by(Strategy::Selectin, Piece::WHOLE));
        let pieces = blobs.iter().flat_map(|bytes| bytes.items().unwrap());
        assert_eq!(pieces.filter(|piece| piece.whole().unwrap().is_some()).count(), 100_000, "{strategy}");
        assert!(start.elapsed().as_secs() < 30, "{strategy} {:?}", start.elapsed());
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Moment {
    Before,
    Statement,
    Cohort,
}

struct Panics {
    moment: Moment,
    after: std::cell::Cell<u32>,
}

impl Panics {
    fn at(&self, moment: Moment) {
        if self.moment == moment {
            let left = self.after.get();
            self.after.set(left.saturating_sub(1));
            assert!(left != 1, "the observer panics");
        }
    }
}

impl eagerly::Observer for Panics {
    fn before(&self, _: &eagerly::Cause<'_>) -> Result<()> {
        self.at(Moment::Before);
        Ok(())
    }

    fn statement(&self, _: &eagerly::Event<'_>) {
        self.at(Moment::Statement);
    }

    fn cohort(&self, _: &std::rc::Rc<eagerly::Cohort>) {
        self.at(Moment::Cohort);
    }
}

#[test]
fn after_an_observer_panics_everything_can_be_loaded() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let rows = ["('a'), ('A')", "(1, 'a', NULL), (2, 'A', 1)", "(1, 1), (2, 1)"];
    let session = groups("TEXT", "TEXT COLLATE NOCASE", rows);
    let lazy = graph(&session.all(Group::select()).unwrap());
    for moment in [Moment::Before, Moment::Statement, Moment::Cohort] {
        for after in 1..8 {
            for first in
                [Strategy::Lazy, Strategy::Immediate, Strategy::Batch, Strategy::Selectin, Strategy::Subquery]
            {
                let path = || by(first, Group::MEMBERS).with(selectin(Member::NOTES).subquery(Note::MEMBER));
                let groups =
                    session.all(Group::select().with(by(first, Group::MEMBERS).with(path_below()))).unwrap();
                let observation =
                    session.observe(std::rc::Rc::new(Panics { moment, after: std::cell::Cell::new(after) }));
                let _ = catch_unwind(AssertUnwindSafe(|| {
                    graph(&groups);
                    graph(&session.all(Group::select().with(path())).unwrap())
                }));
                drop(observation);
                assert_eq!(graph(&groups), lazy, "{moment:?} {after} {first}");
                assert_eq!(graph(&all(&session, path())), lazy, "{moment:?} {after} {first}");
                session.transaction(|session| session.execute("UPDATE notes SET id = id", [])).unwrap();
            }
        }
    }
}

fn path_below() -> eagerly::path::Start<member::Notes> {
    selectin(Member::NOTES)
}

#[test]
fn figures_beside_a_joined_collection_are_those_without_it() {
    let rows = ["('a'), ('A'), ('b')", "(1, 'a', NULL), (2, 'A', 1), (3, 'b', 1)", "(1, 1), (2, 1)"];
    let session = groups("TEXT", "TEXT COLLATE NOCASE", rows);
    for strategy in YIELDING {
        for limit in [2, 3] {
            let select = || Group::select().order_by(Group::CODE.desc()).limit(limit);
            let alone = session.all_with(select(), Group::MEMBERS.count()).unwrap();
            let query = select().with(by(strategy, Group::MEMBERS).by(strategy, Member::NOTES));
            let both = session.all_with(query, Group::MEMBERS.count()).unwrap();
            let seen = |rows: &[(Group, i64)]| -> Vec<_> {
                rows.iter()
                    .map(|(group, count)| (group.code.clone(), *count, graph(std::slice::from_ref(group))))
                    .collect()
            };
            let cast = |rows: Vec<(Group, _)>| {
                rows.into_iter()
                    .map(|(group, count)| (group, i64::try_from(count).unwrap()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(seen(&cast(both)), seen(&cast(alone)), "{strategy}");
        }
    }
}
