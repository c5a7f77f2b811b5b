//! `update_all` and `delete_all`: each writes exactly the rows that `all` would return, in one statement.

use std::cell::RefCell;
use std::rc::Rc;

use eagerly::{
    Assignment, BelongsTo, Condition, Dialect, Entity, Error, Failure, HasMany, Kind, Observer,
    RelationExt as _, Select, Session, selectin,
};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};
use proptest::strategy::Strategy as _;
use shop::{Customer, Order, OrderItem};

use crate::databases::{cases, current, empty};
use crate::support::{database, shop_of};

on_both!(
    each_is_one_statement_that_returns_the_number_of_rows,
    a_query_without_a_filter_writes_every_row,
    a_limit_counts_rows_in_the_order_of_the_query,
    conditions_on_related_rows_select_the_rows_to_write,
    several_columns_are_set_and_the_last_value_of_one_wins,
    a_read_only_column_is_refused,
    an_entity_without_a_key_can_be_written_by_conditions_alone,
    a_key_of_several_columns_finds_limited_rows,
    a_table_in_a_schema_is_written,
    a_failed_write_changes_nothing_and_names_the_call,
    rows_in_memory_stay_and_an_access_reads_the_database,
    a_write_by_query_is_part_of_the_transaction,
    the_rows_of_any_query_are_written_and_no_others,
);

#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    name: String,
    mark: Option<i64>,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Node>,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Node>,
    #[entity(through(children, children))]
    grandchildren: HasMany<Node>,
}

/// 1 has the children 2, 3 and 4. 3 has the children 5 and 6. 6 has the child 7. 8 points to no row, and 9 to itself.
fn nodes() -> Session {
    let session = database(&[
        "CREATE TABLE nodes (id BIGINT PRIMARY KEY, parent_id BIGINT, name TEXT NOT NULL, mark BIGINT)",
        "INSERT INTO nodes VALUES (1, NULL, 'a', NULL), (2, 1, 'b', NULL), (3, 1, 'ab', NULL), (4, 1, 'b', NULL),
             (5, 3, 'a', NULL), (6, 3, 'b', NULL), (7, 6, 'c', NULL), (8, 80, 'a', NULL), (9, 9, 'c', NULL)",
    ]);
    assert_eq!(ids(&session, Node::select()).len(), 9);
    session
}

fn ids(session: &Session, query: Select<Node>) -> Vec<i64> {
    session.all(query.order_by(Node::ID)).unwrap().iter().map(|node| node.id).collect()
}

fn marked(session: &Session) -> Vec<i64> {
    ids(session, Node::select().filter(!Node::MARK.is_null()))
}

/// Records the call, the text and the changed rows of each statement that is not control.
#[derive(Default)]
struct Sent(RefCell<Vec<(String, String, u64)>>);

impl Observer for Sent {
    fn statement(&self, event: &eagerly::Event<'_>) {
        if event.cause.kind() != Kind::Control {
            let call = event.cause.place().call.to_owned();
            self.0.borrow_mut().push((call, event.sql.replace('$', "?"), event.changed));
        }
    }
}

fn each_is_one_statement_that_returns_the_number_of_rows() {
    let session = nodes();
    let sent = Rc::new(Sent::default());
    let observation = session.observe(sent.clone());
    let high = || Node::select().filter(Node::ID.gt(6).or(Node::NAME.eq("ab")));
    assert_eq!(session.update_all(high(), Node::MARK.set(1)).unwrap(), 4);
    assert_eq!(session.delete_all(high()).unwrap(), 4);
    assert_eq!(session.delete_all(high()).unwrap(), 0);
    drop(observation);
    let condition = |first| format!(r#""id" > ?{first} OR "name" = ?{}"#, first + 1);
    let update = format!(r#"UPDATE "nodes" SET "mark" = ?1 WHERE {}"#, condition(2));
    let delete = format!(r#"DELETE FROM "nodes" WHERE {}"#, condition(1));
    let call = |call: &str, sql: &str, changed| (call.to_owned(), sql.to_owned(), changed);
    let expected =
        [call("update_all", &update, 4), call("delete_all", &delete, 4), call("delete_all", &delete, 0)];
    assert_eq!(*sent.0.borrow(), expected);
    assert_eq!(ids(&session, Node::select()), [1, 2, 4, 5, 6]);
}

fn a_query_without_a_filter_writes_every_row() {
    let session = nodes();
    assert_eq!(session.update_all(Node::select(), Node::MARK.set(1)).unwrap(), 9);
    assert_eq!(marked(&session).len(), 9);
    // Neither an order nor a load path changes which rows they are.
    let query = Node::select().order_by(Node::CHILDREN.count().desc()).with(selectin(Node::CHILDREN));
    let tally = session.tally();
    assert_eq!(session.delete_all(query).unwrap(), 9);
    assert_eq!(tally.statements(), 1);
    assert_eq!(session.count(Node::select()).unwrap(), 0);
}

fn a_limit_counts_rows_in_the_order_of_the_query() {
    let session = nodes();
    let last = Node::select().filter(Node::ID.lt(9)).order_by(Node::NAME.desc()).limit(3).offset(1);
    assert_eq!(session.update_all(last, Node::MARK.set(1)).unwrap(), 3);
    assert_eq!(marked(&session), [2, 4, 6]);
    let busiest = || Node::select().order_by(Node::CHILDREN.count().desc()).limit(2);
    assert_eq!(session.update_all(busiest(), Node::MARK.set(None)).unwrap(), 2);
    assert_eq!(marked(&session), [2, 4, 6]);
    assert_eq!(session.delete_all(busiest()).unwrap(), 2);
    assert_eq!(session.delete_all(Node::select().offset(1)).unwrap(), 6);
    assert_eq!(ids(&session, Node::select()), [2]);
    assert_eq!(session.delete_all(Node::select().limit(0)).unwrap(), 0);
    assert_eq!(session.delete_all(Node::select().limit(u64::MAX)).unwrap(), 1);
}

fn conditions_on_related_rows_select_the_rows_to_write() {
    type Selects = (fn() -> Condition<Node>, &'static [i64]);
    let conditions: [Selects; 7] = [
        (|| Node::PARENT.any(Node::NAME.eq("a")), &[2, 3, 4]),
        (|| Node::CHILDREN.exists(), &[1, 3, 6, 9]),
        (|| !Node::CHILDREN.exists(), &[2, 4, 5, 7, 8]),
        (|| Node::GRANDCHILDREN.any(Node::ID.lt(7)), &[1]),
        (|| Node::PARENT.any(Node::PARENT.exists()), &[5, 6, 7, 9]),
        (|| Node::CHILDREN.count().gt(1), &[1, 3]),
        (|| Node::CHILDREN.filter(Node::NAME.eq("b")).count().eq(1).or(Node::ID.eq(8)), &[3, 8]),
    ];
    for (condition, expected) in conditions {
        let session = nodes();
        let written = session.update_all(Node::select().filter(condition()), Node::MARK.set(5)).unwrap();
        assert_eq!((marked(&session).as_slice(), written), (expected, expected.len() as u64));
        assert_eq!(session.delete_all(Node::select().filter(condition())).unwrap(), written);
        assert_eq!(marked(&session), [0; 0]);
    }
    let session = shop_of(20);
    let rich = Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::UNIT_PRICE).gt(1_000_000);
    let expected = session.count(Customer::select().filter(rich)).unwrap();
    let rich = Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::UNIT_PRICE).gt(1_000_000);
    let changed = session.update_all(Customer::select().filter(rich), Customer::EMAIL.set("rich")).unwrap();
    assert!(changed > 0 && changed < 20, "{changed}");
    assert_eq!(changed, expected);
    // A condition that is nested too deep is refused before anything is sent.
    let deep = (0..600).fold(Order::ID.gt(0), |condition, _| !condition);
    let before = session.statements();
    let error = session.delete_all(Order::select().filter(deep)).unwrap_err();
    assert!(matches!(error, Error::TooDeep { entity: "Order" }), "{error}");
    assert_eq!(session.statements(), before);
}

fn several_columns_are_set_and_the_last_value_of_one_wins() {
    let session = nodes();
    let two = || Node::select().filter(Node::ID.eq(2));
    let changes: Vec<Assignment<Node>> = vec![
        Node::MARK.set(1),
        Node::NAME.set("first"),
        Node::PARENT_ID.set(None::<i64>),
        Node::NAME.set("' OR 1 = 1 --".to_owned()),
        Node::MARK.set(Some(7)),
    ];
    assert_eq!(session.update_all(two(), changes).unwrap(), 1);
    let node = session.one(two()).unwrap();
    assert_eq!((node.name.as_str(), node.mark, node.parent_id), ("' OR 1 = 1 --", Some(7), None));
    let before = session.statements();
    assert_eq!(session.update_all(two(), []).unwrap(), 0);
    assert_eq!(session.statements(), before);
    // A key can be set, too.
    assert_eq!(session.update_all(two(), Node::ID.set(20)).unwrap(), 1);
    assert_eq!(session.get::<Node>(20).unwrap().mark, Some(7));
}

#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Frozen {
    id: i64,
    #[entity(read_only)]
    name: String,
    mark: Option<i64>,
}

fn a_read_only_column_is_refused() {
    let session = nodes();
    let before = session.statements();
    let changes = || [Frozen::MARK.set(1), Frozen::NAME.set("x")];
    let line = line!() + 1;
    let error = session.update_all(Frozen::select(), changes()).unwrap_err();
    let expected = format!(
        "update_all at {}:{line}: the column \"name\" is read only\n  \
         help: remove the assignment, or remove `read_only` from the field",
        file!()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(session.statements(), before);
}

fn an_entity_without_a_key_can_be_written_by_conditions_alone() {
    let session = nodes();
    assert_eq!(
        session.update_all(Frozen::select().filter(Frozen::ID.lt(3)), Frozen::MARK.set(1)).unwrap(),
        2
    );
    let marked = || Frozen::select().filter(Frozen::MARK.eq(1));
    let names: Vec<_> = session.all(marked()).unwrap().into_iter().map(|node| node.name).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(session.delete_all(marked()).unwrap(), 2);
    let before = session.statements();
    for query in [Frozen::select().limit(1), Frozen::select().offset(1)] {
        let error = session.delete_all(query).unwrap_err();
        assert!(matches!(error, Error::WriteNeedsKey { entity: "Frozen", .. }), "{error}");
        assert!(error.to_string().starts_with("delete_all at "), "{error}");
        assert!(
            error.to_string().contains("help: select the rows by conditions on columns alone"),
            "{error}"
        );
    }
    assert_eq!(session.statements(), before);
}

#[derive(Debug, Entity)]
#[entity(table = "prices")]
struct Price {
    #[entity(key)]
    shop: i64,
    #[entity(key, column = "the \"product\"")]
    product: String,
    cents: i64,
}

fn a_key_of_several_columns_finds_limited_rows() {
    let session =
        database(&["CREATE TABLE prices (shop BIGINT, \"the \"\"product\"\"\" TEXT, cents BIGINT)"]);
    let price = |shop, product: &str, cents| Price { shop, product: product.to_owned(), cents };
    session.insert_all([price(1, "a", 1), price(1, "b", 2), price(2, "a", 3), price(2, "b", 4)]).unwrap();
    let middle = Price::select().order_by(Price::CENTS).limit(2).offset(1);
    assert_eq!(session.delete_all(middle).unwrap(), 2);
    let left: Vec<_> = session.all(Price::select()).unwrap().iter().map(|price| price.cents).collect();
    assert_eq!(left, [1, 4]);
}

#[derive(Debug, Entity)]
#[entity(table = "notes", schema = "written")]
struct Note {
    #[entity(key)]
    id: i64,
    next_id: Option<i64>,
    #[entity(key = "next_id")]
    next: BelongsTo<Note>,
    #[entity(foreign_key = "next_id")]
    before: HasMany<Note>,
}

fn a_table_in_a_schema_is_written() {
    let session = empty();
    match current() {
        Dialect::Sqlite => session.execute("ATTACH ':memory:' AS written", []).unwrap(),
        Dialect::Postgres => session.execute("CREATE SCHEMA written", []).unwrap(),
    };
    session.execute("CREATE TABLE written.notes (id INTEGER PRIMARY KEY, next_id INTEGER)", []).unwrap();
    session.execute("INSERT INTO written.notes VALUES (1, 2), (2, 3), (3, NULL)", []).unwrap();
    let changed =
        session.update_all(Note::select().filter(Note::NEXT.any(Note::ID.eq(3))), Note::NEXT_ID.set(1));
    assert_eq!(changed.unwrap(), 1);
    let deleted = session.delete_all(Note::select().filter(Note::BEFORE.count().eq(0))).unwrap();
    assert_eq!(deleted, 1, "only note 3 has none before it");
    assert_eq!(session.delete_all(Note::select().filter(Note::NEXT.exists()).limit(1)).unwrap(), 1);
    assert_eq!(session.count(Note::select()).unwrap(), 1);
}

fn a_failed_write_changes_nothing_and_names_the_call() {
    let session = shop_of(5);
    let before = session.count(Customer::select()).unwrap();
    for error in [
        session.delete_all(Customer::select()).unwrap_err(),
        session.update_all(Order::select(), Order::CUSTOMER_ID.set(99)).unwrap_err(),
        session.update_all(Order::select(), Order::ID.set(1)).unwrap_err(),
    ] {
        assert_eq!(error.database().map(|error| error.kind), Some(Failure::Constraint), "{error}");
        assert!(error.to_string().contains("_all at "), "{error}");
    }
    assert_eq!(session.count(Customer::select()).unwrap(), before);
    session.close().unwrap();
}

fn rows_in_memory_stay_and_an_access_reads_the_database() {
    let session = nodes();
    let mut rows = session.all(Node::select().filter(Node::ID.in_([1, 3]))).unwrap();
    assert_eq!(rows[0].children().unwrap().len(), 3);
    assert_eq!(session.update_all(Node::select().filter(Node::ID.eq(5)), Node::PARENT_ID.set(1)).unwrap(), 1);
    assert_eq!(rows[0].children().unwrap().len(), 3, "what was loaded stays");
    assert_eq!(rows[1].children().unwrap().len(), 1, "what was not loaded is read now");
    rows[0].children.reload();
    assert_eq!(rows[0].children().unwrap().len(), 4);
    assert_eq!(session.delete_all(Node::select()).unwrap(), 9);
    assert_eq!((rows[0].name.as_str(), rows[0].children().unwrap().len()), ("a", 4));
    assert!(rows[0].children().unwrap()[3].children().unwrap().is_empty());
}

fn a_write_by_query_is_part_of_the_transaction() {
    let session = nodes();
    let undone = session.transaction(|session| {
        assert_eq!(session.update_all(Node::select(), Node::MARK.set(1))?, 9);
        assert_eq!(session.delete_all(Node::select().limit(4))?, 4);
        Err::<(), _>(Error::other("changed my mind"))
    });
    assert!(undone.is_err());
    assert_eq!((ids(&session, Node::select()).len(), marked(&session).len()), (9, 0));
}

/// A query, as numbers.
#[derive(Debug, Clone)]
struct Drawn {
    /// Each is an operation and a number. Operations on conditions take the last ones.
    operations: Vec<(u8, i64)>,
    order: Option<u8>,
    limit: Option<u64>,
    offset: Option<u64>,
}

fn queries() -> impl proptest::strategy::Strategy<Value = Drawn> {
    (
        prop::collection::vec((0_u8..13, 0_i64..10), 0..8),
        prop::option::of(any::<u8>()),
        prop::option::weighted(0.3, 0_u64..9),
        prop::option::weighted(0.2, 0_u64..5),
    )
        .prop_map(|(operations, order, limit, offset)| Drawn { operations, order, limit, offset })
}

fn condition(drawn: &Drawn) -> Option<Condition<Node>> {
    let mut stack: Vec<Condition<Node>> = Vec::new();
    for (operation, number) in &drawn.operations {
        let mut last = || stack.pop().unwrap_or_else(|| Node::ID.gt(*number));
        let next = match operation {
            0 => Node::ID.lt(*number),
            1 => Node::PARENT_ID.is_null(),
            2 => Node::PARENT_ID.ge(*number),
            3 => Node::NAME.contains(["a", "b", ""][*number as usize % 3]),
            4 => Node::ID.in_([*number, 2, 9]),
            5 => Node::CHILDREN.exists(),
            6 => Node::CHILDREN.count().gt(*number % 3),
            7 => Node::GRANDCHILDREN.any(last()),
            8 => Node::PARENT.any(last()),
            9 => Node::CHILDREN.filter(last()).count().lt(*number % 4),
            10 => !last(),
            11 => last().and(last()),
            _ => last().or(last()),
        };
        stack.push(next);
    }
    stack.into_iter().reduce(Condition::and)
}

fn query(drawn: &Drawn) -> Select<Node> {
    let mut query = condition(drawn).into_iter().fold(Node::select(), Select::filter);
    query = match drawn.order.map(|order| order % 4) {
        Some(0) => query.order_by(Node::NAME),
        Some(1) => query.order_by(Node::PARENT_ID.desc()),
        Some(2) => query.order_by(Node::CHILDREN.count().desc()),
        Some(_) => query.order_by(Node::ID.desc()),
        None => query,
    };
    query = drawn.limit.into_iter().fold(query, Select::limit);
    drawn.offset.into_iter().fold(query, Select::offset)
}

fn the_rows_of_any_query_are_written_and_no_others() {
    let session = nodes();
    proptest!(ProptestConfig::with_cases(cases(400)), |(drawn in queries())| {
        let mut expected: Vec<_> = session.all(query(&drawn)).unwrap().iter().map(|node| node.id).collect();
        expected.sort_unstable();
        let mut seen = None;
        drop(session.transaction(|session| {
            let updated = session.update_all(query(&drawn), [Node::MARK.set(1), Node::PARENT_ID.set(4)])?;
            seen = Some((updated, marked(session)));
            Err::<(), _>(Error::other("undo"))
        }));
        prop_assert_eq!(seen.take(), Some((expected.len() as u64, expected.clone())));
        drop(session.transaction(|session| {
            let deleted = session.delete_all(query(&drawn))?;
            seen = Some((deleted, ids(session, Node::select())));
            Err::<(), _>(Error::other("undo"))
        }));
        let left: Vec<_> = (1..10).filter(|id| !expected.contains(id)).collect();
        prop_assert_eq!(seen, Some((expected.len() as u64, left)));
    });
}
