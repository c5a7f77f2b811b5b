//! Chunks and snapshots: many rows in pieces, and several statements that see one state.

use eagerly::{BelongsTo, Dialect, Entity, Error, Failure, Session, Strategy, by, lazy, params, selectin};
use shop::{Customer, Order, Size, data, page};

use crate::databases::{Place, current, empty, execute, open};
use crate::support::shop_of;

on_both!(
    chunks_send_one_statement_and_one_for_each_relation_of_each_chunk,
    a_page_in_a_snapshot_sees_one_state_and_a_later_access_sees_another,
    a_commit_between_chunks_stays_when_the_loop_ends_early,
    objects_built_in_chunks_are_counted_once,
    an_access_that_sends_several_statements_uses_one_snapshot,
    chunks_see_no_change_that_their_work_makes,
    a_table_that_chunks_read_cannot_be_dropped_and_the_message_says_why,
    a_transaction_that_ends_between_chunks_ends_them_with_an_error,
);

fn chunks_send_one_statement_and_one_for_each_relation_of_each_chunk() {
    let session = shop_of(25);
    let expected = page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    for size in [0, 1, 7, 25, 100] {
        for strategy in [Strategy::Selectin, Strategy::Subquery, Strategy::Joined, Strategy::Batch] {
            let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
            let mut rows = Vec::new();
            let mut chunks = 0;
            let tally = session.tally();
            session
                .chunks(Customer::select().with(path), size, |customers| {
                    assert!(customers.len() <= size.max(1));
                    chunks += 1;
                    rows.extend(page::rows(&customers)?);
                    Ok(())
                })
                .unwrap();
            assert_eq!(rows, expected, "{strategy} by {size}");
            assert_eq!(chunks, 25_u64.div_ceil(size.max(1) as u64));
            if size > 1 && strategy != Strategy::Joined {
                assert_eq!(tally.statements(), 1 + chunks * 2, "{strategy} by {size}");
            }
        }
    }
    let mut calls = 0;
    let stopped = session.chunks(Customer::select(), 10, |_| {
        calls += 1;
        Err(Error::other("enough"))
    });
    assert_eq!((stopped.unwrap_err().to_string().as_str(), calls), ("enough", 1));
    session.chunks(Customer::select().limit(0), 10, |_| unreachable!("there is no chunk")).unwrap();
}

fn a_page_in_a_snapshot_sees_one_state_and_a_later_access_sees_another() {
    let place = Place::empty();
    let session = place.with_concurrent_reads();
    data::fill(&session, &Size { customers: 10, ..Size::default() }, |_| {}).unwrap();
    let other = open(place.address());
    let (customers, seen) = session
        .snapshot(|session| {
            let customers = session.all(Customer::select())?;
            let first = customers[0].orders()?.len();
            other.execute("DELETE FROM order_items", [])?;
            other.execute("DELETE FROM orders", [])?;
            let all: usize = customers[1..].iter().map(|customer| customer.orders().unwrap().len()).sum();
            Ok((customers, first + all))
        })
        .unwrap();
    assert_eq!(seen, 100);
    let mut customers = customers;
    for customer in &mut customers {
        customer.orders.reload();
        assert!(customer.orders().unwrap().is_empty());
    }
}

fn a_commit_between_chunks_stays_when_the_loop_ends_early() {
    let session = shop_of(20);
    let mut chunks = 0;
    let walk = session.chunks(Customer::select().with(selectin(Customer::ORDERS)), 5, |customers| {
        chunks += 1;
        if chunks == 3 {
            return Err(Error::other("enough"));
        }
        session.transaction(|session| {
            customers.iter().try_for_each(|customer| {
                let sql = "UPDATE customers SET email = 'seen' WHERE id = ?1";
                execute(session, sql, params![customer.id]).map(drop)
            })
        })
    });
    assert!(walk.is_err());
    assert_eq!(session.count(Customer::select().filter(Customer::EMAIL.eq("seen"))).unwrap(), 10);
    session.transaction(|session| session.execute("DELETE FROM order_items", [])).unwrap();
}

fn objects_built_in_chunks_are_counted_once() {
    let session = shop_of(20);
    let tally = session.tally();
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    session.chunks(Customer::select().with(path), 6, |_| Ok(())).unwrap();
    assert_eq!(tally.objects(), 20 + 200 + 600);
    assert_eq!(tally.rows(), 20 + 200 + 600);
}

fn an_access_that_sends_several_statements_uses_one_snapshot() {
    let session = shop_of(5);
    let customers =
        session.all(Customer::select().with(lazy(Customer::ORDERS).selectin(Order::ITEMS))).unwrap();
    let with_orders = customers.iter().position(|customer| {
        session.exists(Order::select().filter(Order::CUSTOMER_ID.eq(customer.id))).unwrap()
    });
    let tally = session.tally();
    customers[with_orders.unwrap()].orders().unwrap();
    assert_eq!((tally.statements(), tally.control()), (2, 2));
}

/// Creates a table of 30 numbered rows, sorted by an index.
fn ranks() -> Session {
    let session = empty();
    session.execute("CREATE TABLE ranks (id BIGINT PRIMARY KEY, rank BIGINT, game BIGINT)", []).unwrap();
    session.execute("CREATE TABLE reports (id BIGINT PRIMARY KEY)", []).unwrap();
    session.execute("CREATE INDEX by_rank ON ranks (rank)", []).unwrap();
    session.insert_all((1..=30).map(|id| rank(id, id))).unwrap();
    session
}

#[derive(Debug, Entity)]
#[entity(table = "ranks")]
struct Rank {
    #[entity(key)]
    id: i64,
    rank: i64,
    game: i64,
    #[entity(key = "game")]
    first: BelongsTo<Rank>,
}

fn rank(id: i64, rank: i64) -> Rank {
    Rank { id, rank, game: 1, first: Default::default() }
}

#[derive(Debug, Entity)]
#[entity(table = "reports")]
struct Report {
    #[entity(key)]
    id: i64,
}

fn chunks_see_no_change_that_their_work_makes() {
    type Work = fn(&Session, &Rank) -> eagerly::Result<()>;
    let changes: [Work; 5] = [
        |session, seen| session.update(&rank(seen.id, seen.rank + 1_000)),
        |session, seen| session.insert(&rank(seen.id + 1_000, seen.rank + 1_000)).map(drop),
        |session, seen| execute(session, "DELETE FROM ranks WHERE id > ?1", params![seen.id]).map(drop),
        |session, _| session.execute("UPDATE ranks SET rank = 31 - rank", []).map(drop),
        |session, seen| session.insert(&Report { id: seen.id }).map(drop),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        for by_rank in [true, false] {
            for strategy in [Strategy::Lazy, Strategy::Selectin, Strategy::Joined] {
                let session = ranks();
                let query = Rank::select().with(by(strategy, Rank::FIRST));
                let query = if by_rank { query.order_by(Rank::RANK) } else { query };
                let mut seen = Vec::new();
                let walk = session.chunks(query, 4, |rows| {
                    assert!(seen.len() < 100, "the reading never ends");
                    seen.extend(rows.iter().map(|row| (row.id, row.rank)));
                    assert_eq!(rows[0].first()?.id, 1);
                    rows.iter().try_for_each(|row| change(&session, row))
                });
                walk.unwrap_or_else(|error| panic!("change {number}, {strategy}: {error}"));
                let expected: Vec<_> = (1..=30).map(|id| (id, id)).collect();
                assert_eq!(seen, expected, "change {number}, sorted: {by_rank}, {strategy}");
                session.close().unwrap();
            }
        }
    }
}

fn a_table_that_chunks_read_cannot_be_dropped_and_the_message_says_why() {
    for (sql, is_refused) in [
        ("DROP TABLE ranks", true),
        ("ALTER TABLE ranks ADD COLUMN more TEXT", current() == Dialect::Postgres),
        ("DROP TABLE reports", current() == Dialect::Sqlite),
    ] {
        let session = ranks();
        let walk = session.chunks(Rank::select(), 4, |_| session.execute(sql, []).map(drop));
        match walk {
            Err(error) if is_refused => {
                assert_eq!(error.database().map(|error| error.kind), Some(Failure::InUse), "{error}");
                assert!(error.to_string().contains("`chunks` of this session"), "{error}");
            }
            // The first chunk has done it, and the second cannot do it again.
            Err(error) => {
                let kind = error.database().map(|error| error.kind);
                assert!(matches!(kind, Some(Failure::NoSuchName | Failure::Other)), "{error}");
            }
            Ok(()) => panic!("{sql} succeeded for each chunk"),
        }
        assert_eq!(session.count(Rank::select()).unwrap(), 30, "{sql}");
        session.execute("DROP TABLE ranks", []).unwrap();
        session.close().unwrap();
    }
}

fn a_transaction_that_ends_between_chunks_ends_them_with_an_error() {
    for sql in ["ROLLBACK", "COMMIT"] {
        let session = ranks();
        let query = || Rank::select().with(selectin(Rank::FIRST));
        let mut seen = 0;
        let walk = session.chunks(query(), 4, |rows| {
            seen += rows.len();
            if seen == 4 { session.execute(sql, []).map(drop) } else { Ok(()) }
        });
        assert!(walk.is_err() && seen == 4, "{sql}: {walk:?} after {seen}");
        let mut again = 0;
        session
            .chunks(query(), 4, |rows| {
                again += rows.len();
                Ok(())
            })
            .unwrap();
        assert_eq!(again, 30);
        session.close().unwrap();
    }
}
