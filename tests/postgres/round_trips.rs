//! Round trips, that is, how often the program waits for the server. The session and the wire count them.

use eagerly::{RelationExt as _, Session, batch, joined, selectin, subquery};
use shop::{Customer, Order, OrderItem, Size, data, page};

use crate::databases::{WireCount, empty};
use crate::shared::shop_of;

on_postgres!(
    a_statement_is_prepared_once_and_then_takes_one_round_trip,
    lazy_takes_a_round_trip_for_each_statement,
    eager_loads_take_four_round_trips_at_most,
    an_insert_takes_one_round_trip_and_the_first_also_prepares_and_commits,
    insert_all_sends_many_statements_in_one_round_trip,
    writes_in_a_loop_take_a_round_trip_each_and_the_calls_for_many_rows_do_not,
    chunks_take_a_round_trip_for_a_thousand_rows,
    prepared_statements_are_kept_within_a_limit,
    a_session_starts_without_settings_of_its_own,
);

/// A shop whose session goes through a proxy.
struct Shop {
    session: Session,
    wire: WireCount,
}

impl Shop {
    fn of(customers: u32) -> Self {
        let (session, wire) = WireCount::empty();
        data::fill(&session, &Size { customers, ..Size::default() }, |_| {}).unwrap();
        Self { session, wire }
    }

    /// Returns the round trips and the statements of the second run, when all statements are prepared.
    fn second(&self, run: impl Fn(&Session)) -> (u64, u64) {
        let (passed, counted) = self.passed_and_counted(run);
        assert_eq!(passed, counted, "the wire, and the session");
        counted
    }

    /// Like `second`, for a thousand statements that are sent without waiting. The server can answer the first before the last
    /// is sent. The wire then sees an answer between two requests, and counts one more round trip. The session does not wait.
    fn second_of_many(&self, run: impl Fn(&Session)) -> (u64, u64) {
        let (passed, counted) = self.passed_and_counted(run);
        assert!(passed.0 >= counted.0, "{passed:?} on the wire, {counted:?} in the session");
        assert_eq!(passed.1, counted.1, "the wire, and the session");
        counted
    }

    fn passed_and_counted(&self, run: impl Fn(&Session)) -> ((u64, u64), (u64, u64)) {
        let session = &self.session;
        run(session);
        let (trips, tally) = (session.round_trips(), session.tally());
        self.wire.restart();
        run(session);
        let counted = (session.round_trips() - trips, tally.statements());
        let passed = self.wire.passed();
        ((passed.round_trips, passed.statements), counted)
    }
}

fn a_statement_is_prepared_once_and_then_takes_one_round_trip() {
    let session = shop_of(5);
    let start = session.round_trips();
    session.get::<Customer>(1).unwrap();
    assert_eq!(session.round_trips() - start, 2, "prepared, then run");
    session.get::<Customer>(2).unwrap();
    assert_eq!(session.round_trips() - start, 3);
}

fn lazy_takes_a_round_trip_for_each_statement() {
    let shop = Shop::of(40);
    let orders = shop.session.count(Order::select()).unwrap();
    let run = |session: &Session| drop(page::rows(&session.all(Customer::select()).unwrap()).unwrap());
    let (trips, statements) = shop.second(run);
    assert_eq!((trips, statements), (1 + 40 + orders, 1 + 40 + orders));
}

fn eager_loads_take_four_round_trips_at_most() {
    let shop = Shop::of(40);
    let whole = |path: fn() -> eagerly::Select<Customer>| {
        shop.second(|session| drop(page::rows(&session.all(path()).unwrap()).unwrap()))
    };
    let selected = whole(|| Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    assert_eq!(selected, (4, 3), "BEGIN travels with the first, COMMIT alone");
    assert_eq!(whole(|| Customer::select().with(subquery(Customer::ORDERS).subquery(Order::ITEMS))), (4, 3));
    assert_eq!(whole(|| Customer::select().with(batch(Customer::ORDERS).batch(Order::ITEMS))), (3, 3));
    assert_eq!(whole(|| Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS))), (1, 1));
    let part = || Customer::select().with(selectin(Customer::ORDERS.limit_each(1)));
    assert_eq!(shop.second(|session| drop(session.all(part()).unwrap())), (3, 2));
}

fn an_insert_takes_one_round_trip_and_the_first_also_prepares_and_commits() {
    let shop = Shop::of(5);
    let (trips, tally) = (shop.session.round_trips(), shop.session.tally());
    shop.session.insert(&blank()).unwrap();
    // BEGIN travels with the preparation, so the transaction costs one round trip.
    assert_eq!((shop.session.round_trips() - trips, tally.statements(), tally.control()), (3, 1, 2));
    let tally = shop.session.tally();
    let alone = |session: &Session| assert!(session.insert(&blank()).unwrap() > 0);
    assert_eq!(shop.second(alone), (1, 1));
    assert_eq!(tally.control(), 0);
    // In a transaction of the program, it takes none of its own.
    let transaction = |session: &Session| {
        session.transaction(|session| session.insert(&blank())).unwrap();
    };
    assert_eq!(shop.second(transaction), (3, 1), "BEGIN, the insert, COMMIT");
}

fn insert_all_sends_many_statements_in_one_round_trip() {
    let session = shop_of(5);
    let items = |count| std::iter::repeat_with(blank).take(count);
    session.insert_all(items(3)).unwrap();
    let start = session.round_trips();
    assert_eq!(session.insert_all(items(10_000)).unwrap(), 10_000);
    let trips = session.round_trips() - start;
    assert!(trips <= 40, "{trips} round trips");
    assert_eq!(session.count(OrderItem::select()).unwrap(), 150 + 3 + 10_000);
}

/// The numbers are in a table of the book, in the chapter `count_in_sql.md`.
fn writes_in_a_loop_take_a_round_trip_each_and_the_calls_for_many_rows_do_not() {
    let shop = Shop::of(100);
    let items: Vec<_> = shop.session.all(OrderItem::select().limit(1_000)).unwrap();
    let new = || std::iter::repeat_with(blank).take(1_000);
    let update = |session: &Session| {
        for item in &items {
            session.update(item).unwrap();
        }
    };
    assert_eq!(shop.second(update), (1_000, 1_000));
    let insert = |session: &Session| {
        for item in new() {
            session.insert(&item).unwrap();
        }
    };
    assert_eq!(shop.second(insert), (1_000, 1_000));
    let update_all = |session: &Session| {
        session.update_all(OrderItem::select(), OrderItem::QUANTITY.set(2)).unwrap();
    };
    assert_eq!(shop.second(update_all), (1, 1));
    let insert_all = |session: &Session| {
        session.insert_all(new()).unwrap();
    };
    assert_eq!(shop.second_of_many(insert_all), (3, 1_000), "BEGIN, the inserts, COMMIT");
    let upsert_all = |session: &Session| {
        session.upsert_all(&items).unwrap();
    };
    assert_eq!(shop.second_of_many(upsert_all), (3, 1_000));
}

fn blank() -> OrderItem {
    OrderItem {
        id: 0,
        order_id: 1,
        product: "Lamp".to_owned(),
        quantity: 1,
        unit_price: 1,
        order: Default::default(),
    }
}

fn chunks_take_a_round_trip_for_a_thousand_rows() {
    let (session, wire) = WireCount::empty();
    session
        .execute("CREATE TABLE customers (id BIGINT, first_name TEXT, last_name TEXT, email TEXT)", [])
        .unwrap();
    session
        .execute("INSERT INTO customers SELECT n, '', '', '' FROM generate_series(1, 5500) AS n", [])
        .unwrap();
    let shop = Shop { session, wire };
    let run = |session: &Session| session.chunks(Customer::select(), 100, |_| Ok(())).unwrap();
    // DECLARE is prepared again, because the cursor has a new name. Then BEGIN, DECLARE and the first FETCH travel
    // together. Five more FETCHes follow, and then CLOSE with COMMIT.
    assert_eq!(shop.second(run), (1 + 6 + 1, 1));
}

fn prepared_statements_are_kept_within_a_limit() {
    #[derive(eagerly::FromRow)]
    struct Count {
        n: i64,
    }
    let session = empty();
    for number in 0..300 {
        session.execute(&format!("SELECT {number}"), []).unwrap();
    }
    let sql = "SELECT count(*) AS n FROM pg_prepared_statements";
    let count: Vec<Count> = session.query(sql, []).unwrap();
    assert!((100..=130).contains(&count[0].n), "{}", count[0].n);
    let before = session.round_trips();
    session.execute("SELECT 299", []).unwrap();
    session.execute("SELECT 0", []).unwrap();
    assert_eq!(session.round_trips() - before, 1 + 2, "the first is still prepared, the second no longer");
}

fn a_session_starts_without_settings_of_its_own() {
    #[derive(eagerly::FromRow)]
    struct Setting {
        name: String,
    }
    let session = empty();
    let sql = "SELECT name FROM pg_settings WHERE source = 'session'";
    let settings: Vec<Setting> = session.query(sql, []).unwrap();
    assert_eq!(settings.iter().map(|setting| setting.name.as_str()).collect::<Vec<_>>(), [""; 0]);
}
