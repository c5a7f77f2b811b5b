//! Statements on the server: prepared, prepared again, planned, and refused.

use eagerly::{Failure, FromRow, Session, Strategy, by, selectin};
use shop::{Customer, Order};

use crate::databases::empty;
use crate::shared::shop_of;
use crate::sql::{Note, notes};

on_postgres!(
    more_parameters_than_the_protocol_has_room_for_are_refused,
    a_plan_shows_the_generic_plan_and_runs_nothing,
    children_are_searched_by_an_index,
    a_statement_is_prepared_again_after_the_schema_has_changed,
    a_missing_table_is_an_error_that_names_it,
    another_session_can_send_statements_while_rows_are_read,
);

fn more_parameters_than_the_protocol_has_room_for_are_refused() {
    let session = empty();
    let list: Vec<_> = (1..=70_000).map(|number| format!("(${number}::bigint)")).collect();
    let values: Vec<_> = (0..70_000_i64).map(eagerly::Value::from).collect();
    let error = session.execute(&format!("VALUES {}", list.join(", ")), values).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(eagerly::Failure::TooLarge));
    session.execute("SELECT 1", []).unwrap();
}

fn a_plan_shows_the_generic_plan_and_runs_nothing() {
    let session = shop_of(200);
    let tally = session.tally();
    let plan = || {
        let query = Customer::select()
            .filter(Customer::ID.eq(3))
            .with(selectin(Customer::ORDERS).selectin(Order::ITEMS));
        query.plan(&session).unwrap().to_string()
    };
    let text = plan();
    assert!(text.contains("PostgreSQL: ") && text.contains("(id = $1)"), "{text}");
    assert!(!text.contains("One-Time Filter: false"), "NULL must not be planned for: {text}");
    assert_eq!(tally.statements(), 0);
    let inside = session.transaction(|session| {
        let inside = plan();
        session.count(Customer::select())?;
        Ok(inside)
    });
    assert_eq!(inside.unwrap(), text);
    #[derive(FromRow)]
    struct Setting {
        mode: String,
    }
    let mode: Vec<Setting> = session.query("SELECT current_setting('plan_cache_mode') AS mode", []).unwrap();
    assert_eq!(mode[0].mode, "auto");
}

fn children_are_searched_by_an_index() {
    let session = shop_of(3_000);
    for strategy in
        [Strategy::Lazy, Strategy::Batch, Strategy::Selectin, Strategy::Subquery, Strategy::Joined]
    {
        let query = Customer::select()
            .filter(Customer::ID.le(20))
            .with(by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS));
        let plan = query.plan(&session).unwrap().to_string();
        let searched = plan.contains("orders_customer_id") && plan.contains("order_items_order_id");
        // A generic plan does not know that the filter matches few customers, so a join can read whole tables.
        assert!(searched || matches!(strategy, Strategy::Joined | Strategy::Subquery), "{strategy}: {plan}");
    }
}

fn a_statement_is_prepared_again_after_the_schema_has_changed() {
    let session = notes();
    let other = crate::databases::another(&session);
    assert_eq!(session.all(Note::select()).unwrap().len(), 6);
    other.execute("ALTER TABLE notes ALTER text TYPE VARCHAR(50)", []).unwrap();
    assert_eq!(session.all(Note::select()).unwrap().len(), 6);
    session.execute("DEALLOCATE ALL", []).unwrap();
    assert_eq!(session.all(Note::select()).unwrap().len(), 6);
    // The failure ends a transaction, so inside one it is reported. The next transaction works.
    other.execute("ALTER TABLE notes ALTER text TYPE TEXT", []).unwrap();
    let failed = session.transaction(|session| session.all(Note::select()).map(|notes| notes.len()));
    assert!(failed.unwrap_err().to_string().contains("cached plan"));
    assert_eq!(
        session.transaction(|session| session.all(Note::select()).map(|notes| notes.len())).unwrap(),
        6
    );
}

fn a_missing_table_is_an_error_that_names_it() {
    let session = shop_of(3);
    let customers = session.all(Customer::select()).unwrap();
    session.execute("ALTER TABLE orders RENAME TO purchases", []).unwrap();
    for error in [
        customers[0].orders().unwrap_err(),
        session.all(Customer::select().with(selectin(Customer::ORDERS))).err().unwrap(),
        session.all(Customer::select().with(eagerly::joined(Customer::ORDERS))).err().unwrap(),
        Customer::select().with(selectin(Customer::ORDERS)).plan(&session).err().unwrap(),
    ] {
        assert_eq!(error.database().map(|error| error.kind), Some(Failure::NoSuchName), "{error}");
        assert!(error.to_string().contains("relation \"orders\" does not exist"), "{error}");
    }
    session.execute("ALTER TABLE purchases RENAME TO orders", []).unwrap();
    customers[0].orders().unwrap();
}

fn another_session_can_send_statements_while_rows_are_read() {
    use std::cell::RefCell;
    thread_local! {
        static INNER: RefCell<Option<(Session, Option<String>)>> = const { RefCell::new(None) };
    }
    struct Meddling;
    impl FromRow for Meddling {
        const NAME: &'static str = "Meddling";
        const COLUMNS: &'static [&'static str] = &["n"];
        fn from_row(_: &eagerly::Row<'_>, _: &[usize]) -> eagerly::Result<Self> {
            INNER.with_borrow_mut(|inner| {
                let (session, message) = inner.as_mut().unwrap();
                *message = session.execute("SELECT 1", []).err().map(|error| error.to_string());
            });
            Ok(Self)
        }
    }
    // A thread-local carries the session, because `from_row` does not receive one.
    let session = std::rc::Rc::new(empty());
    INNER.with_borrow_mut(|inner| *inner = Some((crate::databases::another(&session), None)));
    assert_eq!(session.query::<Meddling>("SELECT generate_series(1, 3) AS n", []).unwrap().len(), 3);
    INNER.with_borrow(|inner| assert_eq!(inner.as_ref().unwrap().1, None, "another session may do so"));
}
