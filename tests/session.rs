//! Tests of a session: queries, values, writes and transactions.

use eagerly::{
    BelongsTo, ColumnType, Entity, Error, Failure, FromRow, HasMany, Session, joined, params, selectin,
};

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Grams(i64);

#[derive(Debug, PartialEq, Entity)]
#[entity(table = "things")]
struct Thing {
    #[entity(key)]
    id: i64,
    tiny: i8,
    large: u32,
    ratio: f64,
    rough: f32,
    good: bool,
    #[entity(column = "the name")]
    name: String,
    bytes: Vec<u8>,
    weight: Grams,
    note: Option<String>,
    half: Option<f64>,
    day: jiff::civil::Date,
    r#type: Option<jiff::Timestamp>,
}

fn things() -> Session {
    let session = Session::in_memory().unwrap();
    let table = "CREATE TABLE things (id INTEGER PRIMARY KEY, tiny INTEGER, large INTEGER, ratio REAL, rough REAL,
        good INTEGER, \"the name\" TEXT, bytes BLOB, weight INTEGER, note TEXT, half REAL, day TEXT, type TEXT)";
    session.execute(table, []).unwrap();
    session
}

fn thing(id: i64, name: &str) -> Thing {
    Thing {
        id,
        tiny: -128,
        large: u32::MAX,
        ratio: 2.0,
        rough: 0.5,
        good: true,
        name: name.to_owned(),
        bytes: vec![0, 255],
        weight: Grams(7),
        note: None,
        half: Some(f64::MAX),
        day: jiff::civil::date(2026, 11, 22),
        r#type: Some(jiff::Timestamp::UNIX_EPOCH),
    }
}

#[test]
fn every_column_type_is_read_back_unchanged() {
    let session = things();
    let names = ["Zoë", "", "a\0b", "\"'--", "王", "x".repeat(100_000).as_str()].map(str::to_owned);
    for (id, name) in (1..).zip(&names) {
        let inserted = thing(id, name);
        assert_eq!(session.insert(&inserted).unwrap(), id);
        assert_eq!(session.get::<Thing>(id).unwrap(), inserted);
    }
}

#[test]
fn the_database_chooses_a_key_for_zero() {
    let session = things();
    session.insert(&thing(41, "a")).unwrap();
    assert_eq!(session.insert(&thing(0, "b")).unwrap(), 42);
    assert_eq!(session.insert_all([thing(0, "c"), thing(50, "d"), thing(0, "e")]).unwrap(), 3);
    let all = session.all(Thing::select()).unwrap();
    let keys: Vec<_> = all.iter().map(|thing| thing.id).collect();
    assert_eq!(keys, [41, 42, 43, 50, 51]);
}

#[test]
fn conditions_select_the_same_rows_as_sql() {
    let session = things();
    session.insert_all((1..=6).map(|id| thing(id, ["a", "b", "Ab"][id as usize % 3]))).unwrap();
    session.execute("UPDATE things SET note = 'n', half = NULL WHERE id <= 2", []).unwrap();
    let ids = |condition| {
        let all = session.all(Thing::select().filter(condition)).unwrap();
        all.iter().map(|thing| thing.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Thing::ID.eq(3)), [3]);
    assert_eq!(ids(Thing::ID.ne(3)), [1, 2, 4, 5, 6]);
    assert_eq!(ids(Thing::ID.lt(3).or(Thing::ID.ge(6))), [1, 2, 6]);
    assert_eq!(ids(Thing::ID.gt(2).and(Thing::ID.le(4))), [3, 4]);
    assert_eq!(ids(!Thing::ID.gt(2)), [1, 2]);
    assert_eq!(ids(Thing::NAME.eq("a").or(Thing::NAME.eq("b")).and(Thing::ID.gt(3))), [4, 6]);
    assert_eq!(ids(Thing::NAME.like("a%")), [2, 3, 5, 6]);
    assert_eq!(ids(Thing::NAME.in_(["b", "Ab"])), [1, 2, 4, 5]);
    assert_eq!(ids(Thing::ID.in_(Vec::<i64>::new())), [0; 0]);
    assert_eq!(ids(Thing::NOTE.is_null()), [3, 4, 5, 6]);
    assert_eq!(ids(Thing::NOTE.eq("n")), [1, 2]);
    assert_eq!(ids(Thing::NOTE.eq(None::<String>)), [3, 4, 5, 6]);
    assert_eq!(ids(Thing::HALF.ne(None)), [3, 4, 5, 6]);
    assert_eq!(ids(Thing::WEIGHT.eq(Grams(7)).and(Thing::GOOD.eq(true))).len(), 6);
    assert_eq!(ids(Thing::DAY.gt(jiff::civil::date(2026, 11, 21))).len(), 6);
    assert_eq!(ids(Thing::NAME.eq("' OR 1 = 1 --")), [0; 0]);
}

#[test]
fn an_in_with_any_number_of_values_has_one_statement_text() {
    let session = things();
    let tally = session.tally();
    for count in [0, 1, 40_000] {
        session.all(Thing::select().filter(Thing::ID.in_(0..count))).unwrap();
    }
    let shapes = tally.shapes();
    assert_eq!(shapes.len(), 1);
    assert_eq!(shapes[0].slowest, tally.slowest());
}

#[test]
fn count_and_exists_see_the_rows_that_the_query_selects() {
    let session = things();
    assert!(!session.exists(Thing::select()).unwrap());
    session.insert_all((1..=5).map(|id| thing(id, "x"))).unwrap();
    let query = || Thing::select().filter(Thing::ID.gt(1)).order_by(Thing::NAME);
    assert_eq!(session.count(query()).unwrap(), 4);
    assert_eq!(session.count(query().limit(3)).unwrap(), 3);
    assert_eq!(session.count(query().limit(3).offset(2)).unwrap(), 2);
    assert!(session.exists(query().offset(3)).unwrap());
    assert!(!session.exists(query().offset(4)).unwrap());
}

#[test]
fn order_limit_and_offset_give_pages_that_do_not_overlap() {
    let session = things();
    session.insert_all((1..=20).map(|id| thing(id, "the same"))).unwrap();
    let mut seen = Vec::new();
    for page in 0..4 {
        let query = Thing::select().order_by(Thing::NAME.desc()).limit(5).offset(page * 5);
        seen.extend(session.all(query).unwrap().iter().map(|thing| thing.id));
    }
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());
}

#[test]
fn one_requires_exactly_one_row_and_first_returns_the_first() {
    let session = things();
    assert!(session.first(Thing::select()).unwrap().is_none());
    let none = session.one(Thing::select()).unwrap_err();
    assert!(none.to_string().starts_with(&format!("asking for one Thing at {}:", file!())), "{none}");
    session.insert_all([thing(1, "b"), thing(2, "a")]).unwrap();
    assert_eq!(session.first(Thing::select().order_by(Thing::NAME)).unwrap().unwrap().id, 2);
    assert_eq!(session.one(Thing::select().limit(1)).unwrap().id, 1);
    assert!(matches!(session.one(Thing::select()), Err(Error::NotUnique { .. })));
    let missing = session.get::<Thing>(9).unwrap_err().to_string();
    assert!(missing.contains("no row of \"things\" has the key 9"), "{missing}");
}

#[test]
fn update_and_delete_change_one_row_or_report_that_it_is_missing() {
    let session = things();
    session.insert_all([thing(1, "a"), thing(2, "b")]).unwrap();
    let mut first = session.get::<Thing>(1).unwrap();
    first.name = "new".to_owned();
    first.note = Some("changed".to_owned());
    session.update(&first).unwrap();
    assert_eq!(session.get::<Thing>(1).unwrap(), first);
    assert_eq!(session.get::<Thing>(2).unwrap(), thing(2, "b"));
    session.delete(&first).unwrap();
    assert_eq!(session.count(Thing::select()).unwrap(), 1);
    assert!(matches!(session.delete(&first), Err(Error::NotFound { .. })));
    assert!(matches!(session.update(&first), Err(Error::NotFound { .. })));
}

#[test]
fn an_invalid_cell_is_an_error_that_names_the_entity_and_the_column() {
    let session = things();
    session.insert(&thing(1, "a")).unwrap();
    let spoilt = [
        ("tiny = 128", "\"tiny\": expected an integer that fits in i8, found 128"),
        ("tiny = 'x'", "\"tiny\": expected an integer, found the text \"x\""),
        ("large = -1", "\"large\": expected an integer that fits in u32, found -1"),
        ("good = 2", "\"good\": expected a bool (0 or 1), found 2"),
        ("\"the name\" = NULL", "\"the name\": expected text, found NULL"),
        ("\"the name\" = CAST(x'ff' AS TEXT)", "expected text in UTF-8, found 1 bytes that are not UTF-8"),
        ("bytes = 'text'", "\"bytes\": expected a blob, found the text \"text\""),
        ("day = 'soon'", "\"day\": expected a date such as 2026-11-22, found \"soon\""),
    ];
    for (spoil, message) in spoilt {
        session.execute("DELETE FROM things", []).unwrap();
        session.insert(&thing(1, "a")).unwrap();
        session.execute(&format!("UPDATE things SET {spoil}"), []).unwrap();
        let error = session.all(Thing::select()).unwrap_err().to_string();
        assert!(error.starts_with("reading Thing, column"), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

#[derive(Debug, PartialEq, FromRow)]
struct Report {
    name: String,
    #[row(column = "how many")]
    count: i64,
}

#[test]
fn a_report_is_read_by_column_name() {
    let session = things();
    session.insert_all((1..=3).map(|id| thing(id, ["x", "y"][id as usize % 2]))).unwrap();
    let sql = "SELECT count(*) AS \"how many\", 1 AS unused, \"the name\" AS name FROM things
               WHERE id >= ?1 GROUP BY name ORDER BY name";
    let report: Vec<Report> = session.query(sql, params![1]).unwrap();
    let row = |name: &str, count| Report { name: name.to_owned(), count };
    assert_eq!(report, [row("x", 1), row("y", 2)]);

    let missing = session.query::<Report>("SELECT 'x' AS name", []).unwrap_err().to_string();
    assert!(missing.contains("the result has no column named \"how many\", only name"), "{missing}");
    let values = session.query::<Report>(sql, params![1, 2]).unwrap_err();
    assert_eq!(values.database().map(|error| error.kind), Some(Failure::Parameters));
}

#[test]
fn an_overflowing_total_of_a_report_is_an_error() {
    let session = Session::in_memory().unwrap();
    shop::schema::create(&session).unwrap();
    session.execute("INSERT INTO customers VALUES (1, 'a', 'b', 'c')", []).unwrap();
    session.execute("INSERT INTO orders VALUES (1, 1, '', '')", []).unwrap();
    for (quantity, price) in [(i64::MAX, 2), (1, 1)] {
        let sql = "INSERT INTO order_items (order_id, product, quantity, unit_price) VALUES (1, '', ?1, ?2)";
        session.execute(sql, params![quantity, price]).unwrap();
    }
    shop::page::report(&session).unwrap_err();
    let error = shop::page::rows(&session.all(shop::Customer::select()).unwrap()).unwrap_err();
    assert!(error.to_string().contains("the price of order item 1: it does not fit in 64 bits"), "{error}");
    shop::page::with_totals(&session).unwrap_err();
    session.execute("UPDATE order_items SET quantity = 1, unit_price = ?1", params![i64::MAX]).unwrap();
    shop::page::report(&session).unwrap_err();
    let error = shop::page::rows(&session.all(shop::Customer::select()).unwrap()).unwrap_err();
    assert!(error.to_string().contains("customer 1: the total does not fit in 64 bits"), "{error}");
    shop::page::with_totals(&session).unwrap_err();
}

#[test]
fn a_transaction_is_committed_or_rolled_back_as_a_whole() {
    let session = things();
    session.transaction(|session| session.insert(&thing(1, "kept"))).unwrap();
    let undone = session.transaction(|session| {
        session.insert(&thing(2, "undone"))?;
        session.insert(&thing(1, "refused"))
    });
    let error = undone.unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::Constraint));
    assert_eq!(session.count(Thing::select()).unwrap(), 1);

    let nested = session.transaction(|session| {
        session.insert(&thing(3, "kept"))?;
        let inner = session.transaction(|session| {
            session.insert(&thing(4, "undone"))?;
            Err::<(), _>(Error::other("no"))
        });
        assert_eq!(inner.unwrap_err().to_string(), "no");
        Ok(())
    });
    nested.unwrap();
    assert_eq!(session.count(Thing::select()).unwrap(), 2);
}

#[test]
fn a_panic_rolls_back_the_transaction() {
    let session = things();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.transaction(|session| {
            session.insert(&thing(1, "undone"))?;
            if session.count(Thing::select())? == 1 {
                std::panic::resume_unwind(Box::new("stop"));
            }
            Ok(())
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(session.count(Thing::select()).unwrap(), 0);
    session.transaction(|session| session.insert(&thing(1, "kept"))).unwrap();
}

#[test]
fn insert_all_inserts_all_or_nothing_with_one_statement_text() {
    let session = things();
    let tally = session.tally();
    let refused = session.insert_all([thing(1, "a"), thing(2, "b"), thing(1, "again")]);
    assert!(refused.is_err());
    assert_eq!(session.count(Thing::select()).unwrap(), 0);
    session.insert_all((1..=100).map(|id| thing(id, "x"))).unwrap();
    let inserts = tally.shapes().into_iter().filter(|shape| shape.sql.starts_with("INSERT"));
    let inserts: Vec<_> = inserts.map(|shape| shape.statements).collect();
    assert_eq!(inserts, [103]);
}

#[test]
fn execute_returns_the_number_of_changed_rows() {
    let session = things();
    session.insert_all((1..=4).map(|id| thing(id, "x"))).unwrap();
    assert_eq!(session.execute("UPDATE things SET tiny = 1 WHERE id > 1", []).unwrap(), 3);
    assert_eq!(session.execute("CREATE TABLE other (x)", []).unwrap(), 0);
    assert_eq!(session.execute("DELETE FROM things RETURNING id", []).unwrap(), 4);
}

#[test]
fn foreign_keys_are_enforced() {
    let session = Session::in_memory().unwrap();
    shop::schema::create(&session).unwrap();
    let order = shop::Order {
        id: 1,
        customer_id: 5,
        placed_on: String::new(),
        status: String::new(),
        customer: BelongsTo::default(),
        items: HasMany::default(),
    };
    let error = session.insert(&order).unwrap_err();
    assert!(error.to_string().contains("FOREIGN KEY constraint failed"), "{error}");
}

#[derive(Debug, Entity)]
#[entity(table = "select")]
struct Keyword {
    #[entity(key, column = "order")]
    id: i64,
    #[entity(column = "group \" by")]
    parent_id: Option<i64>,
    #[entity(key = "group \" by")]
    parent: BelongsTo<Keyword>,
    #[entity(foreign_key = "group \" by")]
    children: HasMany<Keyword>,
}

#[test]
fn names_can_be_keywords_or_contain_quotes() {
    let session = Session::in_memory().unwrap();
    session
        .execute(r#"CREATE TABLE "select" ("order" INTEGER PRIMARY KEY, "group "" by" INTEGER)"#, [])
        .unwrap();
    let keyword =
        |id, parent_id| Keyword { id, parent_id, parent: BelongsTo::default(), children: HasMany::default() };
    session
        .insert_all([keyword(1, None), keyword(2, Some(1)), keyword(3, Some(1)), keyword(4, Some(3))])
        .unwrap();
    let queries = [
        Keyword::select(),
        Keyword::select().with(selectin(Keyword::CHILDREN).selectin(Keyword::CHILDREN)),
        Keyword::select().with(joined(Keyword::CHILDREN).joined(Keyword::CHILDREN)),
        Keyword::select().with(joined(Keyword::PARENT)).with(joined(Keyword::CHILDREN)),
    ];
    for query in queries {
        let all = session.all(query.order_by(Keyword::PARENT_ID)).unwrap();
        let tree: Vec<_> = all
            .iter()
            .map(|keyword| {
                let children = keyword.children().unwrap();
                let grandchildren: usize = children.iter().map(|child| child.children().unwrap().len()).sum();
                let parent = keyword.parent().unwrap().map(|parent| parent.id);
                (keyword.id, parent, children.len(), grandchildren)
            })
            .collect();
        assert_eq!(tree, [(1, None, 2, 1), (2, Some(1), 0, 0), (3, Some(1), 1, 0), (4, Some(3), 0, 0)]);
    }
}

#[test]
fn an_observer_may_use_the_session_and_detach_itself() {
    use std::cell::RefCell;
    use std::rc::Rc;

    struct Asks(Rc<Session>, RefCell<Vec<u64>>);
    impl eagerly::Observer for Asks {
        fn statement(&self, event: &eagerly::Event<'_>) {
            if event.sql.starts_with("DELETE") {
                let count = self.0.count(Thing::select()).unwrap();
                self.1.borrow_mut().push(count);
            }
        }
    }
    let session = Rc::new(things());
    session.insert(&thing(1, "a")).unwrap();
    let asks = Rc::new(Asks(Rc::clone(&session), RefCell::default()));
    let observation = session.observe(asks.clone());
    session.execute("DELETE FROM things", []).unwrap();
    drop(observation);
    session.execute("DELETE FROM things", []).unwrap();
    assert_eq!(*asks.1.borrow(), [0]);
}

#[test]
fn a_failed_statement_is_an_error_with_its_purpose_and_a_help_line() {
    let session = Session::in_memory().unwrap();
    let error = session.all(Thing::select()).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with(&format!("all at {}:", file!())), "{message}");
    assert!(message.contains("no such table: things\n  statement: SELECT \"id\""), "{message}");
    assert!(message.contains("help: compare the entity's #[entity(…)] with the schema"), "{message}");
    let renamed = things();
    renamed.execute("ALTER TABLE things RENAME COLUMN note TO remark", []).unwrap();
    let error = renamed.all(Thing::select()).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::NoSuchName));
}

#[test]
fn a_session_keeps_64_mib_of_pages_and_a_pragma_changes_that() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(folder.path().join("things.db")).unwrap();
    let cache = || session.query::<i64>("PRAGMA cache_size", []).unwrap()[0];
    assert_eq!(cache(), -64 * 1024);
    session.execute("PRAGMA cache_size = -262144", []).unwrap();
    assert_eq!(cache(), -256 * 1024);
}
