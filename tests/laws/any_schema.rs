//! Law 1 over generated schemas of SQLite, where a column can hold values of any type. Each side of each relation has a type,
//! a collation and values of its own, may be in a `STRICT` table, and may be read through a view. The reference is raw SQL,
//! one parent at a time: the database decides which rows are equal. (On PostgreSQL, a key has one type. `tests/postgres/keys.rs`
//! compares 13 of them.)

use eagerly::value::Cell;
use eagerly::{BelongsTo, ColumnType, Entity, FromRow, HasMany, Mismatch, Session, Strategy, Value, by};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};
use proptest::strategy::Strategy as _;

use crate::databases::cases;
use crate::shared::yielding;

/// Any value that SQLite stores.
#[derive(Debug, Clone, PartialEq)]
struct Any(Value<'static>);

impl ColumnType for Any {
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        Ok(Self(cell.value().into_owned()))
    }

    fn bind(&self) -> Value<'_> {
        self.0.clone()
    }
}

#[derive(Debug, Clone, Entity)]
#[entity(table = "seen_parents")]
struct Parent {
    #[entity(key)]
    code: Any,
    #[entity(foreign_key = "parent")]
    children: HasMany<Child>,
    #[entity(foreign_key = "parent")]
    links: HasMany<Link>,
    #[entity(through(links, target))]
    targets: HasMany<Parent>,
}

#[derive(Debug, Clone, Entity)]
#[entity(table = "seen_children")]
struct Child {
    #[entity(key)]
    id: i64,
    parent: Any,
    #[entity(key = "parent")]
    owner: BelongsTo<Maybe>,
}

/// A parent, as the row that a child may or may not have.
#[derive(Debug, Clone, Entity)]
#[entity(table = "seen_parents")]
struct Maybe {
    #[entity(key)]
    code: Any,
    #[entity(foreign_key = "parent")]
    children: HasMany<Child>,
}

#[derive(Debug, Clone, Entity)]
#[entity(table = "links")]
struct Link {
    #[entity(key)]
    id: i64,
    parent: Any,
    to: Any,
    #[entity(key = "to")]
    target: BelongsTo<Parent>,
}

/// A table's column: its declaration, whether the table is `STRICT`, and whether it is read through a view.
type Column = (&'static str, bool, bool);

fn columns() -> impl proptest::strategy::Strategy<Value = Column> {
    let loose =
        ["TEXT", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "INTEGER", "REAL", "NUMERIC", "BLOB", ""];
    let strict = ["TEXT", "TEXT COLLATE NOCASE", "INTEGER", "REAL", "BLOB", "ANY"];
    let loose = prop::sample::select(loose.to_vec()).prop_map(|declared| (declared, false));
    let strict = prop::sample::select(strict.to_vec()).prop_map(|declared| (declared, true));
    (proptest::prop_oneof![loose, strict], any::<bool>())
        .prop_map(|((declared, is_strict), is_view)| (declared, is_strict, is_view))
}

fn values() -> impl proptest::strategy::Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "'a'",
            "'A'",
            "'a '",
            "''",
            "'5'",
            "'05'",
            "'5.0'",
            "5",
            "5.0",
            "6",
            "'1e16'",
            "1e16",
            "1e-5",
            "'1.0e-05'",
            "9007199254740993",
            "9007199254740992.0",
            "'nan'",
            "'+inf'",
            "1e999",
            "-0.0",
            "x'61'",
            "x''",
        ][..],
    )
}

#[derive(Debug, Clone)]
struct Schema {
    parents: Column,
    children: Column,
    links: [Column; 2],
    rows: [Vec<&'static str>; 2],
    ways: Vec<(&'static str, &'static str)>,
}

fn schemas() -> impl proptest::strategy::Strategy<Value = Schema> {
    let some = |rows| prop::collection::vec(values(), rows);
    let ways = prop::collection::vec((values(), values()), 0..8);
    (columns(), columns(), [columns(), columns()], some(1..7), some(0..10), ways).prop_map(
        |(parents, children, links, codes, owners, ways)| Schema {
            parents,
            children,
            links,
            rows: [codes, owners],
            ways,
        },
    )
}

fn build(schema: &Schema) -> Session {
    let session = Session::in_memory().unwrap();
    let run = |sql: String| session.execute(&sql, []).map(drop);
    let table = |name: &str, columns: &str, (_, is_strict, is_view): Column| {
        let base = if is_view { format!("base_{name}") } else { name.to_owned() };
        let end = if is_strict { " STRICT" } else { "" };
        run(format!("CREATE TABLE {base} ({columns}){end}")).unwrap();
        if is_view {
            run(format!("CREATE VIEW {name} AS SELECT * FROM {base}")).unwrap();
        }
        base
    };
    let code = format!("code {} NOT NULL UNIQUE", schema.parents.0);
    let parents = table("seen_parents", &code, schema.parents);
    let owner = format!("id INTEGER PRIMARY KEY, parent {}", schema.children.0);
    let children = table("seen_children", &owner, schema.children);
    let [from, to] = schema.links;
    // `ANY` is the name of a type in strict tables only.
    let is_strict = from.1 && to.1;
    let declared =
        |(declared, ..): Column| if is_strict { declared } else { declared.trim_start_matches("ANY") };
    let ends = format!("id INTEGER PRIMARY KEY, parent {}, \"to\" {}", declared(from), declared(to));
    table("links", &ends, ("", is_strict, false));
    // A strict table refuses a value of another type, and a parent that equals another is refused.
    for value in &schema.rows[0] {
        let _ = run(format!("INSERT INTO {parents} VALUES ({value})"));
    }
    for value in &schema.rows[1] {
        let _ = run(format!("INSERT INTO {children} (parent) VALUES ({value})"));
    }
    for (parent, to) in &schema.ways {
        let _ = run(format!("INSERT INTO links (parent, \"to\") VALUES ({parent}, {to})"));
    }
    session
}

#[derive(FromRow)]
struct Found {
    value: Any,
}

/// Returns the values in the first column of a result, for one key.
fn select(session: &Session, sql: &str, key: &Any) -> Vec<Any> {
    let rows: Vec<Found> = session.query(sql, [key.0.clone()]).unwrap();
    rows.into_iter().map(|row| row.value).collect()
}

const CHILDREN: &str = "SELECT id AS value FROM seen_children WHERE parent = ?1 ORDER BY id";
const OWNER: &str = "SELECT code AS value FROM seen_parents WHERE code = ?1";
const WAYS: &str = "SELECT \"to\" AS value FROM links WHERE parent = ?1 ORDER BY id";

/// Checks what can be accessed from a parent. Returns whether it is the same as by raw SQL.
fn check_parent(session: &Session, parent: &Parent) {
    let children: Vec<_> = parent.children().unwrap().iter().map(|child| Any(child.id.into())).collect();
    assert_eq!(children, select(session, CHILDREN, &parent.code), "the children of {:?}", parent.code);
    let mut expected: Vec<Any> = Vec::new();
    for way in select(session, WAYS, &parent.code) {
        for target in select(session, OWNER, &way) {
            if !expected.contains(&target) {
                expected.push(target);
            }
        }
    }
    let targets: Vec<_> = parent.targets().unwrap().iter().map(|target| target.code.clone()).collect();
    assert_eq!(targets.len(), expected.len(), "the targets of {:?}: {targets:?}, {expected:?}", parent.code);
    assert!(expected.iter().all(|target| targets.contains(target)), "{targets:?}, {expected:?}");
}

/// Checks the row that a child leads to.
fn check_child(session: &Session, child: &Child) {
    let owner: Vec<_> = match child.owner() {
        Ok(owner) => vec![owner.code.clone()],
        Err(eagerly::Error::Dangling { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(owner, select(session, OWNER, &child.parent), "the owner of {child:?}");
}

fn strategies() -> impl proptest::strategy::Strategy<Value = Strategy> {
    prop::sample::select(yielding())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(400)))]

    #[test]
    fn every_strategy_finds_the_rows_that_the_database_calls_equal(
        schema in schemas(),
        [first, second, third] in [strategies(), strategies(), strategies()],
        preloads in any::<bool>(),
        changed in prop::collection::vec((any::<usize>(), any::<usize>()), 0..4),
    ) {
        let session = build(&schema);
        let below = || (by(first, Parent::CHILDREN).by(second, Child::OWNER).by(third, Maybe::CHILDREN), by(second, Parent::TARGETS));
        let mut parents = if preloads {
            let parents = session.all(Parent::select()).unwrap();
            session.preload(parents.iter().rev().step_by(2), below()).unwrap();
            parents
        } else {
            session.all(Parent::select().with(below())).unwrap()
        };
        for parent in &parents {
            check_parent(&session, parent);
            for child in parent.children().unwrap() {
                check_child(&session, child);
            }
        }
        let counts = session.figures(&parents, eagerly::RelationExt::count(Parent::CHILDREN)).unwrap();
        let found: Vec<_> = parents.iter().map(|parent| parent.children().unwrap().len() as i64).collect();
        prop_assert_eq!(counts, found);
        let mut children = session.all(Child::select().with(by(third, Child::OWNER))).unwrap();
        if preloads {
            session.preload(children.iter().skip(1).step_by(2), by(second, Child::OWNER)).unwrap();
        }
        children.iter().for_each(|child| check_child(&session, child));

        // Each row, and each clone of it, answers for the key that it has now.
        let codes: Vec<_> = parents.iter().map(|parent| parent.code.clone()).collect();
        for (row, code) in changed {
            if !children.is_empty() && !codes.is_empty() {
                let row = row % children.len();
                let mut copy = children[row].clone();
                copy.parent = codes[code % codes.len()].clone();
                check_child(&session, &copy);
                check_child(&session, &children[row]);
                children.push(copy);
            }
            if !codes.is_empty() {
                let row = row % parents.len();
                let mut copy = parents[row].clone();
                copy.code = codes[code % codes.len()].clone();
                check_parent(&session, &copy);
                check_parent(&session, &parents[row]);
                parents.push(copy);
            }
        }
        let tally = session.tally();
        children.iter().for_each(|child| drop(child.owner()));
        parents.iter().for_each(|parent| drop(parent.targets()));
        prop_assert_eq!(tally.statements(), 0);
    }
}
