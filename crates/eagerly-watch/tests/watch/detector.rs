//! The detector finds every N+1 and reports nothing else as one.

use eagerly::{
    BelongsTo, Entity, Error, HasMany, RelationExt as _, Result, Session, Strategy, batch, by, immediate,
    joined, lazy, params, selectin, subquery,
};
use eagerly_watch::{Detector, Report};
use proptest::prelude::*;
use shop::{Customer, Order, OrderItem, page, schema};

use crate::support::{Paper, shop_of};

fn empty_shop() -> Session {
    let session = Session::in_memory().unwrap();
    schema::create(&session).unwrap();
    session
}

/// Creates a shop in which each customer has one order with one item.
fn one_order_each(customers: i64) -> Session {
    let session = empty_shop();
    for id in 1..=customers {
        let customer = "INSERT INTO customers VALUES (?1, 'x', 'y', 'x@example.com')";
        session.execute(customer, params![id]).unwrap();
        let order = "INSERT INTO orders VALUES (?1, ?1, '2026-11-22', 'open')";
        session.execute(order, params![id]).unwrap();
        let item = "INSERT INTO order_items VALUES (?1, ?1, 'Lamp', 1, 100)";
        session.execute(item, params![id]).unwrap();
    }
    session
}

fn watched(session: &Session, work: impl FnOnce(&Session) -> Result<()>) -> Report {
    let detector = Detector::attach(session);
    work(session).unwrap();
    detector.report()
}

/// Returns the relation, the number of statements and the load path of each finding.
fn found(report: &Report) -> Vec<(String, u64, &str)> {
    let findings = report.n_plus_one.iter();
    findings
        .map(|finding| (finding.relation.to_string(), finding.statements, finding.load_path.as_str()))
        .collect()
}

fn lazy_page(session: &Session) -> Result<()> {
    page::rows(&session.all(Customer::select())?)?;
    Ok(())
}

#[test]
fn an_n_plus_one_is_reported_with_both_places_and_the_load_path() {
    let session = shop_of(20);
    let report = watched(&session, lazy_page);
    assert_eq!(
        found(&report),
        [
            ("Customer.orders".to_owned(), 20, "selectin(Customer::ORDERS)"),
            ("Order.items".to_owned(), 60, "selectin(Customer::ORDERS).selectin(Order::ITEMS)"),
        ]
    );
    let items = &report.n_plus_one[1];
    assert!(items.at.file().ends_with("page.rs"));
    assert!(items.origin.file().ends_with("detector.rs"));
    let words = report.to_string();
    assert!(words.contains("\n      .with(selectin(Customer::ORDERS).selectin(Order::ITEMS))\n"), "{words}");
    assert_eq!(words.matches(".with(").count(), 1, "the path must appear once: {words}");
}

#[test]
fn an_n_plus_one_is_found_across_cohorts_of_one_row() {
    let session = one_order_each(30);
    let report = watched(&session, lazy_page);
    let items = &report.n_plus_one[1];
    assert_eq!((items.statements, items.needed), (30, 1));
}

#[test]
fn two_parents_are_an_n_plus_one() {
    let session = one_order_each(2);
    let report = watched(&session, |session| {
        for customer in &session.all(Customer::select())? {
            customer.orders()?;
        }
        Ok(())
    });
    assert_eq!(found(&report), [("Customer.orders".to_owned(), 2, "selectin(Customer::ORDERS)")]);
}

#[test]
fn repeated_loads_for_one_parent_are_not_an_n_plus_one() {
    let session = shop_of(1);
    let report = watched(&session, |session| {
        let mut customer = session.get::<Customer>(1)?;
        for _ in 0..10 {
            customer.orders()?;
            customer.orders.reload();
        }
        Ok(())
    });
    assert!(report.n_plus_one.is_empty(), "{report}");
}

#[test]
fn separately_queried_rows_are_not_an_n_plus_one() {
    let session = one_order_each(10);
    let report = watched(&session, |session| {
        for id in 1..=10 {
            session.get::<Customer>(id)?.orders()?;
        }
        Ok(())
    });
    assert!(report.n_plus_one.is_empty(), "{report}");
    assert_eq!(report.similar[0].statements, 10, "the ten queries are similar");
}

#[test]
fn an_access_to_one_of_many_parents_is_not_an_n_plus_one() {
    let session = shop_of(10);
    let report = watched(&session, |session| {
        session.all(Customer::select())?[3].orders()?;
        Ok(())
    });
    assert!(report.n_plus_one.is_empty(), "{report}");
}

#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    id: i64,
    above_id: Option<i64>,
    #[entity(key = "above_id")]
    above: BelongsTo<Node>,
    #[entity(foreign_key = "above_id")]
    below: HasMany<Node>,
}

/// Creates a binary tree. Node 1 has the children 2 and 3, node 2 has 4 and 5, and so on.
fn tree(nodes: i64) -> Session {
    let session = Session::in_memory().unwrap();
    session.execute("CREATE TABLE nodes (id INTEGER PRIMARY KEY, above_id INTEGER)", []).unwrap();
    for id in 1..=nodes {
        let above = (id > 1).then_some(id / 2);
        session.execute("INSERT INTO nodes VALUES (?1, ?2)", params![id, above]).unwrap();
    }
    session
}

#[test]
fn a_walk_along_a_chain_is_not_an_n_plus_one() {
    let session = tree(64);
    let report = watched(&session, |session| {
        let leaf = session.get::<Node>(64)?;
        let mut node = &leaf;
        while let Some(above) = node.above()? {
            node = above;
        }
        assert_eq!(node.id, 1);
        Ok(())
    });
    assert!(report.n_plus_one.is_empty(), "{report}");
}

#[test]
fn a_walk_over_a_tree_is_an_n_plus_one_on_each_level_with_several_parents() {
    fn visit(node: &Node) -> Result<()> {
        node.below()?.iter().try_for_each(visit)
    }
    let session = tree(15);
    let report = watched(&session, |session| visit(&session.get::<Node>(1)?));
    // The levels have 1, 2, 4 and 8 parents. Each of the last three levels is a family with its own path.
    let levels: Vec<_> = report
        .n_plus_one
        .iter()
        .map(|finding| (finding.statements, finding.needed, finding.load_path.matches("selectin").count()))
        .collect();
    assert_eq!(levels, [(2, 1, 2), (4, 1, 3), (8, 1, 4)]);
}

#[test]
fn batch_loads_for_many_cohorts_are_an_n_plus_one() {
    let session = one_order_each(5);
    let report = watched(&session, |session| {
        for customer in &session.all(Customer::select().with(lazy(Customer::ORDERS).batch(Order::ITEMS)))? {
            for order in customer.orders()? {
                order.items()?;
            }
        }
        Ok(())
    });
    assert_eq!(report.n_plus_one.len(), 2, "{report}");
    let whole = watched(&session, |session| {
        session
            .all(Customer::select().with(batch(Customer::ORDERS)))?
            .iter()
            .try_for_each(|customer| customer.orders().map(drop))
    });
    assert!(whole.n_plus_one.is_empty(), "{whole}");
}

#[test]
fn immediate_is_an_n_plus_one_and_the_fix_is_selectin() {
    let session = one_order_each(5);
    let report = watched(&session, |session| {
        let path = immediate(Customer::ORDERS).immediate(Order::ITEMS);
        page::rows(&session.all(Customer::select().with(path))?)?;
        Ok(())
    });
    let paths: Vec<_> = found(&report).into_iter().map(|(_, statements, path)| (statements, path)).collect();
    assert_eq!(
        paths,
        [(5, "selectin(Customer::ORDERS)"), (5, "selectin(Customer::ORDERS).selectin(Order::ITEMS)")]
    );
}

#[test]
fn the_fix_keeps_the_strategy_of_steps_that_are_already_eager() {
    let session = one_order_each(3);
    let report = watched(&session, |session| {
        page::rows(&session.all(Customer::select().with(joined(Customer::ORDERS)))?)?;
        Ok(())
    });
    assert_eq!(
        found(&report),
        [("Order.items".to_owned(), 3, "joined(Customer::ORDERS).selectin(Order::ITEMS)")]
    );
}

#[test]
fn accesses_at_two_lines_are_separate_findings_of_one_n_plus_one() {
    let session = one_order_each(6);
    let report = watched(&session, |session| {
        for (index, customer) in session.all(Customer::select())?.iter().enumerate() {
            match index {
                0..2 => customer.orders()?,
                _ => customer.orders()?,
            };
        }
        Ok(())
    });
    let statements: Vec<_> =
        report.n_plus_one.iter().map(|finding| (finding.statements, finding.needed)).collect();
    assert_eq!(statements, [(2, 1), (4, 0)]);
}

#[test]
fn an_accessor_passed_as_a_function_is_named_instead_of_its_line() {
    let session = one_order_each(3);
    let report = watched(&session, |session| {
        let customers = session.all(Customer::select())?;
        let orders: Result<Vec<_>> = customers.iter().map(Customer::orders).collect();
        assert_eq!(orders?.len(), 3);
        Ok(())
    });
    assert!(report.to_string().contains("look for `Customer::orders`"), "{report}");
}

#[test]
fn a_refusing_detector_returns_an_error_instead_of_sending_the_second_statement() {
    let session = one_order_each(5);
    let detector = Detector::refusing(&session);
    let tally = session.tally();
    let customers = session.all(Customer::select()).unwrap();
    customers[0].orders().unwrap();
    let error = customers[1].orders().unwrap_err();
    assert!(matches!(error, Error::Other(_)));
    let words = error.to_string().replace('\\', "/");
    for part in [
        "Customer.orders, accessed at crates/eagerly-watch/tests/watch/detector.rs:",
        "add `.with(selectin(Customer::ORDERS))` to the query at crates/eagerly-watch/tests/watch/detector.rs:",
    ] {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(tally.statements(), 2);
    assert!(!customers[1].orders.is_loaded());
    assert!(customers[0].orders().is_ok(), "a loaded relation stays readable");
    let findings = detector.report().n_plus_one;
    let sent: Vec<_> = findings.iter().map(|finding| (finding.statements, finding.refused)).collect();
    assert_eq!(sent, [(1, false), (0, true)], "one access was sent, and one was refused");
    drop(detector);
    assert!(customers[1].orders().is_ok(), "a dropped detector refuses nothing");
}

#[test]
fn a_refusing_detector_accepts_an_eager_page() {
    let session = shop_of(10);
    let _detector = Detector::refusing(&session);
    for strategy in [Strategy::Selectin, Strategy::Subquery, Strategy::Joined, Strategy::Batch] {
        let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
        let customers = session.all(Customer::select().with(path)).unwrap();
        assert_eq!(page::rows(&customers).unwrap().len(), 10);
    }
}

#[test]
fn a_warning_is_written_immediately_and_once_for_each_place() {
    let session = one_order_each(5);
    let paper = Paper::default();
    let _detector = Detector::warning_to(&session, paper.clone());
    let customers = session.all(Customer::select()).unwrap();
    customers[0].orders().unwrap();
    assert_eq!(paper.text(), "");
    customers[1].orders().unwrap();
    assert!(paper.text().is_empty() || paper.text().starts_with("N+1: Customer.orders, accessed at "));
    for customer in &customers {
        customer.orders().unwrap();
    }
    let places = paper.text().matches("N+1: Customer.orders").count();
    assert_eq!(places, 3, "three lines of this test access orders: {}", paper.text());
}

#[test]
fn five_calls_of_one_shape_are_similar_and_four_are_not() {
    let session = shop_of(1);
    let sql = "SELECT id AS n FROM orders WHERE id = ?1";
    #[derive(eagerly::FromRow)]
    struct Number {
        #[row(column = "n")]
        _n: i64,
    }
    let ask = |times: i64| {
        watched(&session, |session| {
            for id in 0..times {
                session.query::<Number>(sql, params![id])?;
            }
            Ok(())
        })
    };
    assert!(ask(4).similar.is_empty());
    let similar = ask(5).similar;
    assert_eq!((similar.len(), similar[0].statements, similar[0].call), (1, 5, "query"));
}

#[test]
fn statements_that_differ_in_values_in_their_text_are_similar() {
    let session = shop_of(3);
    let report = watched(&session, |session| {
        let mut ids = Vec::new();
        for id in 1..=6 {
            session.execute(&format!("UPDATE orders SET status = 'it''s {id}' WHERE id = {id}"), [])?;
            ids.push(id.to_string());
            session
                .execute(&format!("DELETE FROM order_items WHERE order_id IN ({})", ids.join(", ")), [])?;
        }
        Ok(())
    });
    let similar: Vec<_> = report
        .similar
        .iter()
        .map(|similar| (similar.sql.as_str(), similar.statements, similar.has_written_values))
        .collect();
    assert_eq!(
        similar,
        [
            ("UPDATE orders SET status = ? WHERE id = ?", 6, true),
            ("DELETE FROM order_items WHERE order_id IN (?)", 6, true)
        ]
    );
    let words = report.to_string();
    assert_eq!(words.matches("Bind each as a parameter, and a list as one value.").count(), 2, "{words}");
}

#[test]
fn a_constant_in_the_text_is_no_written_value() {
    let session = shop_of(3);
    let report = watched(&session, |session| {
        for id in 1..=6 {
            session.execute("UPDATE orders SET status = 'open' WHERE id = ?1", params![id])?;
        }
        Ok(())
    });
    let similar = &report.similar[0];
    assert_eq!(similar.sql, "UPDATE orders SET status = 'open' WHERE id = ?1");
    assert!(!similar.has_written_values && !report.to_string().contains("Bind each"), "{report}");
}

#[test]
fn a_repeated_statement_is_a_duplicate_unless_a_row_changed_in_between() {
    let session = shop_of(3);
    let report = watched(&session, |session| {
        session.get::<Customer>(1)?;
        session.get::<Customer>(2)?;
        session.get::<Customer>(1)?;
        Ok(())
    });
    assert_eq!((report.duplicates.len(), report.duplicates[0].repetitions), (1, 1));
    assert_eq!(report.duplicates[0].values, "1");
    let report = watched(&session, |session| {
        session.get::<Customer>(1)?;
        session.execute("UPDATE customers SET email = 'new@example.com' WHERE id = 1", [])?;
        session.get::<Customer>(1)?;
        Ok(())
    });
    assert!(report.duplicates.is_empty());
}

#[test]
fn inserting_many_rows_at_once_is_not_similar() {
    let session = empty_shop();
    let report = watched(&session, |session| {
        let customers = (1..=20).map(|id| Customer {
            id,
            first_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            orders: HasMany::default(),
        });
        session.insert_all(customers).map(drop)
    });
    assert!(report.similar.is_empty(), "{report}");
}

#[test]
fn an_unused_load_is_found_for_every_eager_strategy() {
    let session = shop_of(10);
    for strategy in Strategy::ALL {
        let report = watched(&session, |session| {
            let path = by(strategy, Customer::ORDERS);
            session.all(Customer::select().with(path)).map(drop)
        });
        let wasted: Vec<_> = report.wasted.iter().map(|wasted| (wasted.rows, wasted.strategy)).collect();
        match strategy.is_eager() {
            true => assert_eq!(wasted, [(30, strategy)]),
            false => assert_eq!(wasted, []),
        }
        for wasted in &report.wasted {
            assert!(wasted.bytes > 30 * 16 && wasted.bytes < 30 * 100, "{} bytes", wasted.bytes);
            assert!(report.to_string().contains("remove `.with("), "{report}");
        }
    }
}

#[test]
fn a_load_that_is_read_is_not_reported_for_any_strategy() {
    let session = shop_of(10);
    for strategy in Strategy::ALL.into_iter().filter(|strategy| strategy.is_eager()) {
        let report = watched(&session, |session| {
            let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
            page::rows(&session.all(Customer::select().with(path))?).map(drop)
        });
        assert!(report.wasted.is_empty(), "{strategy}: {report}");
    }
}

#[test]
fn an_unused_load_is_found_while_its_objects_exist_and_printing_is_not_an_access() {
    let session = shop_of(3);
    let detector = Detector::attach(&session);
    let customers = session.all(Customer::select().with(subquery(Customer::ORDERS))).unwrap();
    assert!(customers[0].orders.is_loaded() && !format!("{customers:?}").is_empty());
    assert_eq!(detector.report().wasted.len(), 1);
    customers[2].orders().unwrap();
    assert!(detector.report().wasted.is_empty());
}

#[test]
fn the_fix_for_an_unused_path_removes_its_first_step() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
        session.all(Customer::select().with(path)).map(drop)
    });
    assert_eq!(report.wasted.len(), 2);
    let words = report.to_string();
    assert!(words.contains("remove `.with(selectin(Customer::ORDERS))` and the steps after it"), "{words}");
    assert!(words.contains("The fix for Customer.orders removes this load too."), "{words}");
}

#[test]
fn a_part_and_its_whole_relation_are_checked_separately() {
    let session = shop_of(5);
    let part = || selectin(Customer::ORDERS.filter(Order::STATUS.eq("open")));
    let detector = Detector::attach(&session);
    let customers = session.all(Customer::select().with(part()).with(selectin(Customer::ORDERS))).unwrap();
    customers[0].orders().unwrap();
    let wasted: Vec<_> = detector.report().wasted.into_iter().map(|wasted| wasted.load_path).collect();
    assert_eq!(wasted, ["selectin(Customer::ORDERS.…)"]);
    let _ = customers[0].orders.part();
    assert!(detector.report().wasted.is_empty());
}

#[test]
fn an_n_plus_one_is_found_along_belongs_to_relations() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        for item in &session.all(OrderItem::select())? {
            item.order()?.customer()?;
        }
        Ok(())
    });
    let paths: Vec<_> = found(&report).into_iter().map(|(_, _, path)| path).collect();
    assert_eq!(paths, ["selectin(OrderItem::ORDER)", "selectin(OrderItem::ORDER).selectin(Order::CUSTOMER)"]);
}

#[test]
fn counts_stay_exact_for_more_queries_than_are_remembered() {
    let session = one_order_each(2);
    let detector = Detector::attach(&session);
    for _ in 0..11_000 {
        for customer in &session.all(Customer::select()).unwrap() {
            customer.orders().unwrap();
        }
    }
    let report = detector.report();
    assert_eq!((report.n_plus_one[0].statements, report.n_plus_one[0].needed), (22_000, 11_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Adding the load path saves exactly as many statements as the report promises.
    #[test]
    fn the_fix_saves_the_reported_number_of_statements(customers in 2_u32..12, first in 0..2_usize) {
        let session = shop_of(customers);
        let first = [Strategy::Lazy, Strategy::Joined][first];
        let counted = |path: &dyn Fn() -> eagerly::Select<Customer>| {
            let (detector, tally) = (Detector::attach(&session), session.tally());
            page::rows(&session.all(path()).unwrap()).unwrap();
            (detector.report(), tally.statements())
        };
        let (before, sent) = counted(&|| Customer::select().with(by(first, Customer::ORDERS)));
        let second = match first { Strategy::Lazy => Strategy::Selectin, other => other };
        let (after, needed) = counted(&|| Customer::select().with(by(second, Customer::ORDERS).selectin(Order::ITEMS)));
        let saved: u64 = before.n_plus_one.iter().map(|finding| finding.saved()).sum();
        prop_assert_eq!(sent - saved, needed);
        prop_assert!(after.is_clean());
    }
}

#[derive(Debug, Entity)]
#[entity(table = "letters")]
struct Letter {
    #[entity(key)]
    id: i64,
    from_id: i64,
    to_id: i64,
    #[entity(key = "from_id")]
    from: BelongsTo<Person>,
    #[entity(key = "to_id")]
    to: BelongsTo<Person>,
}

#[derive(Debug, Clone, Entity)]
#[entity(table = "people")]
struct Person {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "from_id")]
    sent: HasMany<Letter>,
}

fn letters(count: i64) -> Session {
    let session = Session::in_memory().unwrap();
    for table in [
        "CREATE TABLE people (id INTEGER PRIMARY KEY)",
        "CREATE TABLE letters (id INTEGER PRIMARY KEY, from_id INTEGER NOT NULL, to_id INTEGER NOT NULL)",
        "INSERT INTO people VALUES (1), (2), (3)",
    ] {
        session.execute(table, []).unwrap();
    }
    for id in 1..=count {
        let letter = "INSERT INTO letters VALUES (?1, 1, 2)";
        session.execute(letter, params![id]).unwrap();
    }
    session
}

#[test]
fn one_parent_on_each_of_two_paths_is_not_an_n_plus_one() {
    let session = letters(1);
    let report = watched(&session, |session| {
        let letter = session.get::<Letter>(1)?;
        letter.from()?.sent()?;
        letter.to()?.sent()?;
        Ok(())
    });
    assert!(report.n_plus_one.is_empty(), "{report}");
}

#[test]
fn two_paths_accessed_at_one_line_are_two_findings() {
    let session = letters(3);
    let report = watched(&session, |session| {
        for letter in
            &session.all(Letter::select().with(selectin(Letter::FROM)).with(selectin(Letter::TO)))?
        {
            let people = [letter.from()?, letter.to()?];
            for person in people.iter().filter(|person| !person.sent.is_loaded()) {
                person.sent()?;
            }
        }
        Ok(())
    });
    assert!(report.n_plus_one.is_empty(), "there is only one person on each path: {report}");
    let report = watched(&session, |session| {
        for letter in &session.all(Letter::select())? {
            for person in [letter.from()?, letter.to()?] {
                person.sent()?;
            }
        }
        Ok(())
    });
    let mut paths: Vec<_> =
        found(&report).into_iter().map(|(_, statements, path)| (path, statements)).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            ("selectin(Letter::FROM)", 3),
            ("selectin(Letter::FROM).selectin(Person::SENT)", 3),
            ("selectin(Letter::TO)", 3),
            ("selectin(Letter::TO).selectin(Person::SENT)", 3),
        ]
    );
}

#[test]
fn a_reloaded_row_keeps_its_identity() {
    let session = letters(3);
    let alone = watched(&session, |session| {
        let mut person = session.all(Letter::select())?[0].from()?.clone();
        person.sent()?;
        person.sent.reload();
        person.sent()?;
        Ok(())
    });
    assert!(alone.n_plus_one.is_empty(), "{alone}");
    let many = watched(&session, |session| {
        for person in &mut session.all(Person::select())? {
            person.sent.reload();
            person.sent()?;
        }
        Ok(())
    });
    assert_eq!(many.n_plus_one[0].statements, 3, "{many}");
}

#[test]
fn without_parents_nothing_is_reported() {
    let session = empty_shop();
    for strategy in Strategy::ALL {
        let report = watched(&session, |session| {
            let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
            page::rows(&session.all(Customer::select().with(path))?).map(drop)
        });
        assert!(report.is_clean(), "{strategy}: {report}");
    }
}

#[test]
fn the_step_to_remove_names_its_strategy() {
    let session = shop_of(3);
    let report = watched(&session, |session| {
        session.all(Customer::select().with(immediate(Customer::ORDERS))).map(drop)
    });
    assert!(report.to_string().contains("remove `.with(immediate(Customer::ORDERS))`"), "{report}");
    session.default_strategy(Strategy::Selectin);
    let report = watched(&session, |session| session.all(Customer::select()).map(drop));
    assert!(
        report.to_string().contains("If it is loaded by default, add `.with(lazy(Customer::ORDERS))`"),
        "{report}"
    );
}

#[test]
fn unused_rows_are_counted_for_more_cohorts_than_are_remembered() {
    let session = one_order_each(10_500);
    let report = watched(&session, |session| {
        let path = immediate(Customer::ORDERS).immediate(Order::ITEMS);
        session.all(Customer::select().with(path)).map(drop)
    });
    let rows: Vec<_> = report.wasted.iter().map(|wasted| wasted.rows).collect();
    assert_eq!(rows, [10_500, 10_500]);
}

#[test]
fn a_repeated_read_after_a_rollback_is_not_a_duplicate() {
    let session = shop_of(2);
    let report = watched(&session, |session| {
        let undone = session.transaction(|session| {
            session.execute("UPDATE customers SET email = 'x' WHERE id = 1", [])?;
            session.get::<Customer>(1)?;
            Err::<(), _>(Error::other("undo it"))
        });
        assert!(undone.is_err());
        session.get::<Customer>(1).map(drop)
    });
    assert!(report.duplicates.is_empty(), "{report}");
}

#[test]
fn a_repeated_call_is_counted_among_many_distinct_shapes() {
    let session = shop_of(1);
    let detector = Detector::attach(&session);
    for number in 0..12_000 {
        session.get::<Customer>(1).unwrap();
        session.execute(&format!("DELETE FROM orders AS number_{number} WHERE id = -1"), []).unwrap();
    }
    let similar = detector.report().similar;
    assert_eq!((similar.len(), similar[0].statements), (1, 12_000));
}
