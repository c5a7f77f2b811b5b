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

#[test]
fn a_child_of_two_equal_keys_with_a_joined_collection_below_belongs_to_both_parents() {
    let session = groups("TEXT", "TEXT COLLATE NOCASE", ["('a'), ('A')", "(1, 'a', NULL)", "(1, 1), (2, 1)"]);
    let lazy = graph(&session.all(Group::select().order_by(Group::CODE)).unwrap());
    for first in YIELDING {
        for second in YIELDING {
            let path = by(first, Group::MEMBERS).by(second, Member::NOTES);
            let groups = session.all(Group::select().order_by(Group::CODE).with(path)).unwrap();
            assert_eq!(graph(&groups), lazy, "{first} {second}");
        }
    }
}

#[test]
fn a_row_that_two_equal_keys_point_to_has_its_joined_collection_once() {
    let session = groups(
        "TEXT COLLATE NOCASE PRIMARY KEY",
        "TEXT",
        ["('a')", "(1, 'a', NULL), (2, 'A', NULL), (3, 'a', NULL)", "(1, 1)"],
    );
    let seen = |members: &[Member]| members.iter().map(member_graph).collect::<String>();
    let lazy = seen(&session.all(Member::select()).unwrap());
    for first in YIELDING {
        for second in YIELDING {
            let path = by(first, Member::GROUP).by(second, Group::MEMBERS);
            assert_eq!(seen(&all(&session, path)), lazy, "{first} {second}");
        }
    }
}

#[test]
fn a_part_of_the_children_of_two_equal_keys_with_a_joined_collection_below_belongs_to_both() {
    let session = groups("TEXT", "TEXT COLLATE NOCASE", ["('a'), ('A')", "(1, 'a', NULL)", "(1, 1), (2, 1)"]);
    for second in YIELDING {
        let path = selectin(Group::MEMBERS.limit_each(5)).by(second, Member::NOTES);
        for group in all(&session, path) {
            let part = group.members.part().unwrap();
            assert_eq!(part.len(), 1, "{second} {}", group.code);
            assert_eq!(part[0].notes().unwrap().len(), 2, "{second} {}", group.code);
        }
    }
}

#[derive(Debug, Entity)]
#[entity(table = "members")]
struct Owner {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "member")]
    notes: HasMany<Owned>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Owned {
    #[entity(key)]
    id: i64,
    #[entity(column = "member")]
    owner: i64,
    #[entity(foreign_key = "member")]
    more: HasMany<Owned>,
}

#[test]
fn a_row_without_a_parent_is_not_read() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1), (2, NULL), (3, 1)"]);
    for strategy in YIELDING {
        let owners = session.all(Owner::select().with(by(strategy, Owner::NOTES)));
        let owners = owners.unwrap_or_else(|error| panic!("{strategy}: {error}"));
        assert_eq!(owners[0].notes().unwrap().len(), 2, "{strategy}");
    }
}

#[test]
fn nothing_is_loaded_below_a_row_without_a_parent() {
    let session =
        groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL), (2, 'a', NULL)", "(1, 9), (2, 9), (3, 1)"]);
    for (strategy, expected) in [(Strategy::Immediate, 3), (Strategy::Selectin, 3), (Strategy::Joined, 2)] {
        let tally = session.tally();
        all(&session, subquery(Member::NOTES).by(strategy, Note::MEMBER));
        assert_eq!(tally.statements(), expected, "{strategy}");
    }
    session.execute("DELETE FROM notes WHERE member = 1", []).unwrap();
    for strategy in [Strategy::Immediate, Strategy::Selectin, Strategy::Subquery] {
        let tally = session.tally();
        all(&session, subquery(Member::NOTES).by(strategy, Note::MEMBER));
        assert_eq!(tally.statements(), 2, "{strategy}: no member has a note");
    }
}

#[test]
fn subquery_below_a_list_of_texts_repeats_the_list_and_does_not_read_the_whole_table() {
    let session =
        groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL), (2, 'gone', NULL)", "(1, 1), (2, 2), (3, NULL)"]);
    let shapes = |session: &Session, path: eagerly::path::Start<group::Members>| {
        let tally = session.tally();
        let groups = all(session, path.subquery(Member::NOTES));
        assert_eq!(groups[0].members().unwrap()[0].notes().unwrap().len(), 1);
        let shape = tally.shapes().into_iter().find(|shape| shape.sql.contains(r#"FROM "notes""#)).unwrap();
        shape.sql.to_string()
    };
    for path in [selectin(Group::MEMBERS), subquery(Group::MEMBERS)] {
        let sql = shapes(&session, path);
        assert!(sql.contains(" IN (SELECT"), "{sql}");
    }
}

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
        "INSERT INTO coded VALUES (NULL, 1, 1), (NULL, 2, 1), ('a', 3, 1), ('b', 4, 2), (NULL, 5, 3), (NULL, 6, 2)",
        "INSERT INTO tags VALUES (1, 'a', 1), (2, 'a', 1), (3, NULL, 2)",
    ])
}

#[test]
fn children_with_a_null_key_stay_separate_rows() {
    let session = holders();
    for first in YIELDING {
        for second in YIELDING {
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
    for strategy in YIELDING {
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

#[test]
fn a_filter_keeps_the_order_of_rows_without_a_key() {
    let session = lines();
    let whole = all(&session, selectin(Writer::LINES));
    let part = all(&session, selectin(Writer::LINES.filter(Line::READER.gt(0))));
    for (whole, part) in whole.iter().zip(&part) {
        let texts = |lines: &[Line]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(part.lines.part().unwrap()), texts(whole.lines().unwrap()));
    }
}

#[test]
fn the_first_rows_of_each_parent_may_have_columns_with_the_names_of_our_own() {
    let session = named();
    for second in YIELDING {
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

#[test]
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

#[test]
fn empty_values_zeros_and_nulls_in_keys_of_three_columns_are_matched_by_every_strategy() {
    let session = database(&[
        "CREATE TABLE blobs (a BLOB, b TEXT COLLATE NOCASE, c REAL)",
        "CREATE TABLE pieces (id INTEGER PRIMARY KEY, a BLOB, b TEXT COLLATE NOCASE, c)",
        "INSERT INTO blobs VALUES (x'', '', 0), (x'', 'x', -0.0), (x'00', '', 1e300), (x'', '', NULL), (x'6100', 'a', 0.1)",
        "INSERT INTO pieces VALUES (1, x'', '', 0), (2, x'', '', -0.0), (3, x'', 'X', 0), (4, x'00', '', 1e300), \
         (5, x'', '', NULL), (6, x'6100', 'A', 0.1), (7, NULL, 'a', 0.1), (8, x'6100', 'a', 0.1)",
    ]);
    let seen = |query: Select<Bytes>| -> Vec<Vec<(i64, bool)>> {
        let one = |bytes: &Bytes| {
            let pieces = bytes.items().unwrap().iter();
            pieces
                .map(|piece| (piece.id, piece.whole().unwrap().is_some_and(|whole| whole.a == bytes.a)))
                .collect()
        };
        session.all(query).unwrap().iter().map(one).collect()
    };
    let lazy = seen(Bytes::select());
    assert_eq!(lazy.iter().map(Vec::len).sum::<usize>(), 6);
    for first in YIELDING {
        for second in YIELDING {
            let path = by(first, Bytes::ITEMS).by(second, Piece::WHOLE).by(first, Bytes::ITEMS);
            assert_eq!(seen(Bytes::select().with(path)), lazy, "{first} {second}");
        }
    }
}

#[derive(Debug, Entity)]
#[entity(table = "pairs")]
struct Pair {
    #[entity(key)]
    a: i64,
    #[entity(key)]
    b: Option<i64>,
    friend: i64,
    #[entity(key = "friend")]
    holder: BelongsTo<Holder>,
}

#[derive(Debug, Entity)]
#[entity(table = "singles")]
struct Single {
    #[entity(key)]
    at: f32,
    #[entity(foreign_key = "at")]
    items: HasMany<SingleItem>,
}

#[derive(Debug, Entity)]
#[entity(table = "single_items")]
struct SingleItem {
    #[entity(key)]
    id: i64,
}

#[derive(Debug, Entity)]
#[entity(table = "visits")]
struct Visit {
    #[entity(key)]
    id: i64,
    place: i64,
    #[entity(key = "place")]
    at: BelongsTo<Seen>,
}

#[derive(Debug, Entity)]
#[entity(table = "seen")]
struct Seen {
    #[entity(key)]
    id: i64,
    name: String,
}

#[test]
fn nothing_is_written_in_a_transaction_that_is_already_over() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1)"]);
    let note = || Note { id: 7, member_id: None, member: BelongsTo::default() };
    for nested in [false, true] {
        let result = session.transaction(|session| {
            session.execute("INSERT INTO notes VALUES (6, 1)", [])?;
            let conflict = session.execute("INSERT OR ROLLBACK INTO notes VALUES (1, 1)", []);
            assert!(conflict.is_err());
            match nested {
                true => session.insert_all([note()]).map(drop),
                false => session.insert(&note()).map(drop),
            }
        });
        assert!(result.is_err());
        assert_eq!(session.count(Note::select()).unwrap(), 1, "nested: {nested}");
    }
}

#[test]
fn nothing_is_read_in_a_transaction_that_is_already_over() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1)"]);
    for eager in [false, true] {
        let mut read = None;
        let _ = session.transaction(|session| {
            session.execute("ROLLBACK", [])?;
            let query = if eager { Member::select().with(selectin(Member::NOTES)) } else { Member::select() };
            read = Some(session.all(query));
            Ok(())
        });
        assert!(matches!(read, Some(Err(Error::TransactionOver { .. }))), "eager: {eager}");
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    fn strategy(&mut self) -> Strategy {
        YIELDING[self.below(6) as usize]
    }
}

fn random_rows(session: &Session, random: &mut Random) {
    let texts = ["a", "A", "b", "B", "c ", "c", "1", "1.0", "", "z"];
    for text in texts.iter().take(3 + random.below(8) as usize) {
        // A text that equals another in the column is refused.
        let _ = session.execute("INSERT INTO groups VALUES (?1)", params![*text]);
    }
    for _ in 0..random.below(9) {
        let grp = (random.below(6) > 0).then(|| texts[random.below(10) as usize].to_owned());
        let boss = (random.below(3) > 0).then(|| random.below(10) as i64);
        session.execute("INSERT INTO members VALUES (NULL, ?1, ?2)", params![grp, boss]).unwrap();
    }
    for _ in 0..random.below(12) {
        let member = (random.below(6) > 0).then(|| random.below(10) as i64);
        session.execute("INSERT INTO notes VALUES (NULL, ?1)", params![member]).unwrap();
    }
}

const ROUNDS: u32 = 600;

#[test]
fn random_paths_over_random_rows_return_the_graph_of_lazy_loading() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..ROUNDS {
        let columns = ["TEXT", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "", "NUMERIC"];
        let code = format!("{} NOT NULL UNIQUE", columns[random.below(3) as usize]);
        // A text in a numeric column would become a number, which the field cannot hold.
        let grp = columns[random.below(4) as usize];
        let session = groups(&code, grp, ["('-')", "(99, NULL, NULL)", "(99, NULL)"]);
        random_rows(&session, &mut random);
        let [a, b, c, d] = [(); 4].map(|()| random.strategy());
        let limit = random.below(8);
        let filter = random.below(3);
        let select = || {
            let select = match filter {
                0 => Group::select(),
                1 => Group::select().filter(Group::CODE.ge("A")),
                _ => Group::select().order_by(Group::CODE.desc()),
            };
            if limit < 5 { select.limit(limit) } else { select }
        };
        let query = match random.below(6) {
            0 => select()
                .with(by(a, Group::MEMBERS).by(b, Member::NOTES).by(c, Note::MEMBER).by(d, Member::GROUP)),
            1 => select()
                .with(by(a, Group::LEAD).by(b, Member::GROUP).by(c, Group::MEMBERS).by(d, Member::NOTES)),
            2 => select().with((
                by(a, Group::MEMBERS).by(b, Member::REPORTS).by(c, Member::GROUP),
                by(d, Group::LEAD),
            )),
            3 => select().with(
                by(a, Group::MEMBERS).with((by(b, Member::CHIEF).by(c, Member::NOTES), by(d, Member::NOTES))),
            ),
            4 => select().with((
                by(a, Group::MEMBERS).by(b, Member::GROUP).by(c, Group::LEAD),
                by(d, Group::LEAD).by(b, Member::NOTES),
            )),
            _ => select().with(by(a, Group::MEMBERS).with((
                by(b, Member::GROUP).by(c, Group::MEMBERS).by(d, Member::NOTES),
                by(d, Member::REPORTS),
            ))),
        };
        let lazy = graph(&session.all(select()).unwrap());
        let found = session
            .all(query)
            .unwrap_or_else(|error| panic!("{round} {code} {grp} {a} {b} {c} {d}: {error}"));
        assert_eq!(graph(&found), lazy, "{round} {code} {grp:?} {a} {b} {c} {d} {limit}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    code: String,
    up: Option<String>,
    n: i64,
    #[entity(key = "up")]
    above: BelongsTo<Node>,
    #[entity(foreign_key = "up")]
    below: HasMany<Node>,
    #[entity(foreign_key = "up")]
    first: HasOne<Node>,
}

fn nodes(random: &mut Random) -> Session {
    let columns = ["TEXT", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "", "BLOB"];
    let session = database(&[&format!(
        "CREATE TABLE nodes (code {} NOT NULL UNIQUE, up {}, n INTEGER)",
        columns[random.below(3) as usize],
        columns[random.below(5) as usize]
    )]);
    if random.below(2) == 0 {
        session.execute("CREATE INDEX nodes_up ON nodes (up)", []).unwrap();
    }
    let texts = ["a", "A", "b", "B", "b ", "c", "1", "01", "1.0", "", "C"];
    for _ in 0..random.below(14) {
        let code = texts[random.below(11) as usize];
        let up = (random.below(5) > 0).then(|| texts[random.below(11) as usize].to_owned());
        let n = random.below(4) as i64;
        let _ = session.execute("INSERT INTO nodes VALUES (?1, ?2, ?3)", params![code, up, n]);
    }
    session
}

fn nodes_graph(nodes: &[Node], depth: u8, out: &mut String) {
    for node in nodes {
        out.push_str(&format!("{:?}(", node.code));
        if depth > 0 {
            nodes_graph(node.below().unwrap(), depth - 1, out);
            out.push('|');
            for one in [node.above().unwrap(), node.first().unwrap()].into_iter().flatten() {
                nodes_graph(std::slice::from_ref(one), depth - 1, out);
            }
        }
        out.push(')');
    }
}

fn nodes_text(nodes: &[Node]) -> String {
    let mut out = String::new();
    nodes_graph(nodes, 3, &mut out);
    out
}

#[test]
fn random_paths_over_texts_that_refer_to_their_own_table_return_the_graph_of_lazy_loading() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for round in 0..ROUNDS {
        let session = nodes(&mut random);
        let [a, b, c, d] = [(); 4].map(|()| random.strategy());
        let (limit, filter, shape) = (random.below(8), random.below(4), random.below(5));
        let select = || {
            let select = match filter {
                0 => Node::select(),
                1 => Node::select().filter(Node::N.gt(0)),
                2 => Node::select().filter(Node::BELOW.any(Node::N.lt(3))),
                _ => Node::select().order_by(Node::N.desc()),
            };
            if limit < 5 { select.limit(limit) } else { select }
        };
        let with = |select: Select<Node>, [a, b, c, d]: [Strategy; 4]| match shape {
            0 => select.with(by(a, Node::BELOW).by(b, Node::BELOW).by(c, Node::ABOVE).by(d, Node::FIRST)),
            1 => select.with(by(a, Node::ABOVE).by(b, Node::BELOW).by(c, Node::BELOW).by(d, Node::ABOVE)),
            2 => select.with((by(a, Node::BELOW).by(b, Node::FIRST), by(c, Node::ABOVE).by(d, Node::BELOW))),
            3 => select.with(by(a, Node::FIRST).with((
                by(b, Node::BELOW),
                by(c, Node::BELOW),
                by(d, Node::ABOVE),
            ))),
            _ => select.with((by(a, Node::FIRST), by(b, Node::BELOW).by(c, Node::BELOW), by(d, Node::ABOVE))),
        };
        let lazy = nodes_text(&session.all(select()).unwrap());
        let what = format!("{round} {a} {b} {c} {d} shape {shape} filter {filter} limit {limit}");
        let found =
            session.all(with(select(), [a, b, c, d])).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(nodes_text(&found), lazy, "{what}");

        let mut chunked = String::new();
        let query = with(select(), [a, b, c, d]);
        session
            .chunks(query, 2, |chunk| {
                assert!(chunk.len() <= 2, "{what}");
                chunked += &nodes_text(&chunk);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(chunked, lazy, "chunks {what}");

        session.default_strategy(d);
        let found =
            session.all(with(select(), [a, b, c, c])).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(nodes_text(&found), lazy, "by default {what}");
        session.default_strategy(Strategy::Lazy);

        // `subquery` sends as many statements as `selectin`.
        let sent = |strategies: [Strategy; 4]| {
            let tally = session.tally();
            session.all(with(select(), strategies)).unwrap();
            tally.statements()
        };
        let chosen = [a, b, c, d].map(|one| if one == Strategy::Subquery { Strategy::Selectin } else { one });
        assert_eq!(sent([a, b, c, d]), sent(chosen), "statements {what}");
    }
}

#[test]
fn random_parts_have_the_rows_of_the_whole() {
    let mut random = Random(0xA076_1D64_78BD_642F);
    for round in 0..ROUNDS {
        let session = nodes(&mut random);
        let [a, b] = [(); 2].map(|()| random.strategy());
        let (each, least, descending) = (random.below(4), random.below(3) as i64, random.below(2) == 0);
        let mut part = Node::BELOW.filter(Node::N.ge(least));
        if descending {
            part = part.order_by(Node::N.desc());
        }
        if each < 3 {
            part = part.limit_each(each);
        }
        let what = format!("{round} {a} {b} each {each} least {least} {descending}");
        let nodes = session.all(Node::select().with(selectin(part).by(a, Node::BELOW).by(b, Node::ABOVE)));
        for node in nodes.unwrap_or_else(|error| panic!("{what}: {error}")) {
            let mut whole: Vec<_> = node.below().unwrap().iter().filter(|node| node.n >= least).collect();
            if descending {
                whole.sort_by_key(|node| -node.n);
            }
            if each < 3 {
                whole.truncate(each as usize);
            }
            let part = node.below.part().unwrap();
            let codes = |nodes: &mut dyn Iterator<Item = &Node>| nodes_of(nodes);
            assert_eq!(codes(&mut part.iter()), codes(&mut whole.into_iter()), "{what}");
        }
    }
}

fn nodes_of(nodes: &mut dyn Iterator<Item = &Node>) -> Vec<String> {
    nodes.map(|node| nodes_text(std::slice::from_ref(node))).collect()
}
