//! The learner: which strategy it learns from what a page reads, what that saves against `lazy` and against `batch`, and what
//! it must not learn.

use eagerly::{Echo, Entity, HasMany, RelationExt as _, Result, Session, Strategy, params, selectin};
use eagerly_watch::{Learner, Recording};
use shop::page::{self, PageRow};
use shop::{Customer, Order, Size};

use crate::databases::{empty, execute};
use crate::support;

on_both!(
    the_page_is_learned_after_one_run,
    where_one_customer_of_many_is_read_the_learner_reads_fewer_rows_than_batch,
    a_relation_that_leads_back_is_learned_up_to_where_the_page_has_followed_it,
    what_a_page_no_longer_reads_is_unlearned,
    what_is_loaded_together_and_then_read_of_one_row_becomes_lazy,
    a_relation_that_is_read_in_fewer_than_half_of_the_runs_is_loaded_at_the_first_access,
    two_collections_are_learned_and_their_rows_do_not_multiply,
    pages_that_share_the_line_of_a_query_are_told_apart_by_a_scope_or_by_their_callers,
    a_run_without_rows_says_nothing,
    a_run_ends_when_its_last_row_is_dropped,
    what_the_program_writes_down_is_forgotten,
    the_line_to_write_goes_through_what_the_program_loads_already,
    what_a_page_preloads_is_left_to_the_page,
    the_chunks_of_a_query_are_one_run,
    a_get_is_advised_and_its_line_is_another_query,
    what_was_learned_precedes_the_default_of_the_session_and_follows_that_of_the_query,
    under_raise_an_access_that_would_be_lazy_stays_an_error,
    echo_and_plan_show_from_how_many_runs_a_strategy_was_learned,
    a_page_that_panics_teaches_nothing,
    a_tree_is_followed_for_eight_levels,
);

pub fn shop_of(customers: u32) -> Session {
    support::filled(&Size { customers, orders: 4.0, items: 2.0, seed: 7 })
}

/// Runs `page` and returns its statements and rows.
pub fn counted<T>(session: &Session, page: impl FnOnce(&Session) -> Result<T>) -> (u64, u64) {
    let tally = session.tally();
    page(session).unwrap();
    (tally.statements(), tally.rows())
}

/// Builds the shop's page, which reads the items of every order of every customer.
fn whole_page(session: &Session) -> Result<Vec<PageRow>> {
    page::rows(&session.all(Customer::select())?)
}

fn the_page_is_learned_after_one_run() {
    for customers in [5, 60] {
        let session = shop_of(customers);
        let orders = session.count(Order::select()).unwrap();
        let learner = Learner::in_memory();
        learner.attach(&session);
        let total = whole_page(&shop_of(customers)).unwrap();
        let runs: Vec<_> = (0..4)
            .map(|_| {
                let tally = session.tally();
                assert_eq!(whole_page(&session).unwrap(), total);
                tally.statements()
            })
            .collect();
        assert_eq!(runs, [1 + u64::from(customers) + orders, 3, 3, 3]);
        let lines = learner.lines();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].code, ".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))");
        assert_eq!((lines[0].runs, lines[0].lazy), (4, u64::from(customers) + orders));
        assert_eq!((lines[0].is_by_key, lines[0].is_disputed), (false, false));
        let fixes = learner.fixes();
        assert_eq!((fixes.len(), fixes[0].statements, fixes[0].saved), (1, lines[0].lazy, lines[0].lazy - 2));
    }
}

fn where_one_customer_of_many_is_read_the_learner_reads_fewer_rows_than_batch() {
    let page = |session: &Session| {
        let customers = session.all(Customer::select())?;
        customers[1].orders()?.iter().try_for_each(|order| order.items().map(drop))
    };
    let session = shop_of(100);
    session.default_strategy(Strategy::Batch);
    let (batch_statements, batch_rows) = counted(&session, page);
    let learner = Learner::in_memory();
    learner.attach(&session);
    counted(&session, page);
    let (statements, rows) = counted(&session, page);
    assert_eq!((batch_statements, statements), (3, 3), "{learner}");
    let customer = session.all(Customer::select()).unwrap().swap_remove(1);
    let orders = customer.orders().unwrap();
    let items: usize = orders.iter().map(|order| order.items().unwrap().len()).sum();
    assert_eq!(rows, 100 + (orders.len() + items) as u64);
    assert!(rows * 4 < batch_rows, "{rows} rows, and {batch_rows} by batch");
}

fn a_relation_that_leads_back_is_learned_up_to_where_the_page_has_followed_it() {
    let page = |session: &Session| {
        let orders = session.all(Order::select())?;
        orders.iter().try_for_each(|order| order.customer()?.orders().map(drop))
    };
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    counted(&session, page);
    for _ in 0..3 {
        assert_eq!(counted(&session, page).0, 3);
    }
    assert_eq!(learner.lines()[0].code, ".with(selectin(Order::CUSTOMER).selectin(Customer::ORDERS))");
}

/// Reads the orders of the first `wanted` customers.
fn orders_of(session: &Session, wanted: usize) -> Result<()> {
    let customers = session.all(Customer::select())?;
    customers[..wanted].iter().try_for_each(|customer| customer.orders().map(drop))
}

fn what_a_page_no_longer_reads_is_unlearned() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    (0..200).for_each(|_| orders_of(&session, 20).unwrap());
    assert_eq!(counted(&session, |session| orders_of(session, 0)).0, 2);
    let runs = (1..).find(|_| counted(&session, |session| orders_of(session, 0)).1 == 20).unwrap();
    assert!(runs <= 64, "unlearned after {runs} runs");
    assert_eq!(learner.lines()[0].code, ".with(batch(Customer::ORDERS))");
    (0..500).for_each(|_| orders_of(&session, 0).unwrap());
    assert_eq!(learner.lines(), []);
}

fn what_is_loaded_together_and_then_read_of_one_row_becomes_lazy() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    orders_of(&session, 20).unwrap();
    let everything = counted(&session, |session| orders_of(session, 1));
    assert_eq!(everything.0, 2);
    // No run has to load lazily to find out.
    let runs: Vec<_> = (0..200).map(|_| counted(&session, |session| orders_of(session, 1))).collect();
    assert!(runs.iter().all(|(statements, _)| *statements == 2));
    let (_, rows) = runs[199];
    assert!(rows < everything.1, "{learner}");
    assert_eq!(learner.lines(), []);
}

fn a_relation_that_is_read_in_fewer_than_half_of_the_runs_is_loaded_at_the_first_access() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    for wanted in [20, 0, 0] {
        orders_of(&session, wanted).unwrap();
    }
    assert_eq!(counted(&session, |session| orders_of(session, 0)).0, 1);
    assert_eq!(counted(&session, |session| orders_of(session, 20)).0, 2);
    assert_eq!(learner.lines()[0].code, ".with(batch(Customer::ORDERS))");
}

fn two_collections_are_learned_and_their_rows_do_not_multiply() {
    #[derive(Entity)]
    #[entity(table = "authors")]
    struct Author {
        #[entity(key)]
        id: i64,
        #[entity(foreign_key = "author_id")]
        books: HasMany<Book>,
        #[entity(foreign_key = "author_id")]
        prizes: HasMany<Prize>,
    }
    #[derive(Entity)]
    #[entity(table = "books")]
    struct Book {
        #[entity(key)]
        id: i64,
        author_id: i64,
    }
    #[derive(Entity)]
    #[entity(table = "prizes")]
    struct Prize {
        #[entity(key)]
        id: i64,
        author_id: i64,
    }
    let session = empty();
    for table in ["authors (id BIGINT PRIMARY KEY)", "books (id BIGINT PRIMARY KEY, author_id BIGINT)"] {
        session.execute(&format!("CREATE TABLE {table}"), []).unwrap();
    }
    session.execute("CREATE TABLE prizes (id BIGINT PRIMARY KEY, author_id BIGINT)", []).unwrap();
    for author in 1..=3 {
        execute(&session, "INSERT INTO authors VALUES (?1)", params![author]).unwrap();
        for number in 0..4 {
            for table in ["books", "prizes"] {
                let sql = format!("INSERT INTO {table} VALUES (?1, ?2)");
                execute(&session, &sql, params![author * 10 + number, author]).unwrap();
            }
        }
    }
    let page = |session: &Session| {
        session.all(Author::select())?.iter().try_for_each(|author| {
            assert!(author.books()?.iter().all(|book| book.author_id == author.id && book.id > 0));
            assert!(author.prizes()?.iter().all(|prize| prize.author_id == author.id && prize.id > 0));
            Ok(())
        })
    };
    let learner = Learner::in_memory();
    learner.attach(&session);
    counted(&session, page);
    assert_eq!(counted(&session, page), (3, 3 + 12 + 12));
    assert_eq!(learner.lines()[0].code, ".with(selectin(Author::BOOKS)).with(selectin(Author::PRIZES))");
    let fixes = learner.fixes();
    let counts: Vec<_> = fixes.iter().map(|fix| (fix.path.as_str(), fix.statements, fix.saved)).collect();
    assert_eq!(counts, [("selectin(Author::BOOKS)", 3, 2), ("selectin(Author::PRIZES)", 3, 2)]);
}

fn all_customers(session: &Session) -> Result<Vec<Customer>> {
    session.all(Customer::select())
}

#[track_caller]
fn all_customers_of_my_caller(session: &Session) -> Result<Vec<Customer>> {
    session.all(Customer::select())
}

fn pages_that_share_the_line_of_a_query_are_told_apart_by_a_scope_or_by_their_callers() {
    fn read_orders(customers: &[Customer]) -> Result<()> {
        customers.iter().try_for_each(|customer| customer.orders().map(drop))
    }
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    // Of one line, the second page loads what only the first one reads.
    read_orders(&all_customers(&session).unwrap()).unwrap();
    assert_eq!(counted(&session, all_customers).0, 2);
    // Each scope learns for itself.
    let totals = |session: &Session| session.scope("totals", || read_orders(&all_customers(session)?));
    let names = |session: &Session| session.scope("names", || all_customers(session));
    counted(&session, totals);
    counted(&session, names);
    assert_eq!(counted(&session, totals).0, 2);
    assert_eq!(counted(&session, names).0, 1);
    let line = learner.lines().into_iter().find(|line| line.scope.as_deref() == Some("totals")).unwrap();
    assert!(line.is_disputed, "one line cannot be right for both scopes");
    assert!(line.to_string().contains("needs another path at this line"));
    assert!(learner.fixes().is_empty());
    // So does each caller of a function that tracks its caller.
    let totals = |session: &Session| read_orders(&all_customers_of_my_caller(session)?);
    let names = |session: &Session| all_customers_of_my_caller(session).map(drop);
    counted(&session, totals);
    counted(&session, names);
    assert_eq!(counted(&session, totals).0, 2);
    assert_eq!(counted(&session, names).0, 1);
}

fn a_run_without_rows_says_nothing() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session, above: i64| {
        let customers = session.all(Customer::select().filter(Customer::ID.gt(above)))?;
        customers.iter().try_for_each(|customer| customer.orders().map(drop))
    };
    page(&session, 0).unwrap();
    for _ in 0..10 {
        page(&session, 1_000).unwrap();
        Customer::select().filter(Customer::ID.gt(0)).plan(&session).unwrap();
    }
    assert_eq!(learner.lines()[0].runs, 1);
    assert_eq!(counted(&session, |session| page(session, 0)).0, 2);
}

fn a_run_ends_when_its_last_row_is_dropped() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let mut customers = session.all(Customer::select()).unwrap();
    customers.iter().try_for_each(|customer| customer.orders().map(drop)).unwrap();
    customers.truncate(1);
    assert_eq!(learner.lines(), [], "a customer of the run is in use");
    drop(customers);
    assert_eq!(learner.lines()[0].code, ".with(selectin(Customer::ORDERS))");
}

fn what_the_program_writes_down_is_forgotten() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session, is_written: bool| {
        let query = Customer::select();
        let query = if is_written { query.with(selectin(Customer::ORDERS)) } else { query };
        session.all(query)?.iter().try_for_each(|customer| customer.orders().map(drop))
    };
    page(&session, false).unwrap();
    assert_eq!(learner.lines().len(), 1);
    page(&session, true).unwrap();
    assert_eq!(learner.lines(), []);
}

fn the_line_to_write_goes_through_what_the_program_loads_already() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session| {
        let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
        let mut orders = customers.iter().flat_map(|customer| customer.orders().unwrap());
        orders.try_for_each(|order| order.items().map(drop))
    };
    counted(&session, page);
    assert_eq!(counted(&session, page).0, 3);
    assert_eq!(learner.lines()[0].code, ".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))");
    // A part has a filter that the learner does not know, so the line is left to the reader.
    let page = |session: &Session| {
        let some = Customer::ORDERS.filter(Order::ID.gt(0));
        let customers = session.all(Customer::select().with(selectin(some)))?;
        let mut orders = customers.iter().flat_map(|customer| customer.orders.part().unwrap());
        orders.try_for_each(|order| order.items().map(drop))
    };
    counted(&session, page);
    assert_eq!(counted(&session, page).0, 3);
    assert_eq!(learner.lines().len(), 1, "{learner}");
    assert!(learner.to_string().contains("Customer::ORDERS.…"), "{learner}");
}

fn what_a_page_preloads_is_left_to_the_page() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session| {
        let customers = session.all(Customer::select())?;
        session.preload(&customers[..5], selectin(Customer::ORDERS))?;
        customers[..5].iter().try_for_each(|customer| customer.orders().map(drop))
    };
    let first = counted(&session, page);
    assert_eq!(counted(&session, page), first);
    assert_eq!(learner.lines(), []);
}

fn the_chunks_of_a_query_are_one_run() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session| {
        session.chunks(Customer::select(), 5, |customers| customers[0].orders().map(drop))
    };
    counted(&session, page);
    // One row of each chunk is several rows of the query.
    assert_eq!((learner.lines()[0].runs, learner.lines()[0].lazy), (1, 4));
    assert_eq!(learner.lines()[0].code, ".with(selectin(Customer::ORDERS))");
}

fn a_get_is_advised_and_its_line_is_another_query() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let with_orders = session.all_with(Customer::select(), Customer::ORDERS.count()).unwrap();
    let busy =
        with_orders.into_iter().find(|(_, orders)| *orders > 1).map(|(customer, _)| customer.id).unwrap();
    let page = |session: &Session| {
        session.get::<Customer>(busy)?.orders()?.iter().try_for_each(|order| order.items().map(drop))
    };
    counted(&session, page);
    assert_eq!(counted(&session, page).0, 3);
    let lines = learner.lines();
    assert_eq!(lines[0].code, ".with(lazy(Customer::ORDERS).selectin(Order::ITEMS))");
    assert!(lines[0].is_by_key);
    assert!(lines[0].to_string().contains("session.one(Customer::select().filter(…).with("), "{}", lines[0]);
    assert!(learner.fixes().is_empty());
}

fn what_was_learned_precedes_the_default_of_the_session_and_follows_that_of_the_query() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session, default: Option<Strategy>| {
        let query = Customer::select();
        let query = if let Some(default) = default { query.default(default) } else { query };
        session.all(query)?[3].orders().map(drop)
    };
    page(&session, None).unwrap();
    session.default_strategy(Strategy::Selectin);
    let (_, learned) = counted(&session, |session| page(session, None));
    let (_, all) = counted(&session, |session| page(session, Some(Strategy::Batch)));
    assert!(learned < all, "{learned} rows, and {all} for all customers");
}

fn under_raise_an_access_that_would_be_lazy_stays_an_error() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session, wanted: usize| {
        let customers = session.all(Customer::select())?;
        customers[..wanted].iter().try_for_each(|customer| customer.orders().map(drop))
    };
    page(&session, 1).unwrap();
    session.default_strategy(Strategy::Raise);
    assert!(matches!(page(&session, 1), Err(eagerly::Error::Raised { .. })));
    session.default_strategy(Strategy::Lazy);
    page(&session, 20).unwrap();
    page(&session, 20).unwrap();
    session.default_strategy(Strategy::Raise);
    page(&session, 20).unwrap();
}

fn echo_and_plan_show_from_how_many_runs_a_strategy_was_learned() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let customers = |session: &Session, plan: bool| {
        let query = Customer::select();
        match plan {
            true => Customer::select().plan(session).map(|plan| plan.to_string()),
            false => {
                session.all(query)?.iter().try_for_each(|customer| customer.orders().map(drop))?;
                Ok(String::new())
            }
        }
    };
    customers(&session, false).unwrap();
    customers(&session, false).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    let echo = session.observe(std::rc::Rc::new(Echo::to(writer)));
    customers(&session, false).unwrap();
    drop(echo);
    let printed = std::io::read_to_string(reader).unwrap();
    assert!(printed.contains("  selectin Customer.orders, learned from 2 runs, for "), "{printed}");
    // The plan is asked for at another line. It is the same query, which has moved.
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session, query| {
        session.all(query).map(|customers: Vec<Customer>| {
            assert!(customers.iter().all(|customer| customer.orders().is_ok()));
        })
    };
    page(&session, Customer::select()).unwrap();
    let plan = Customer::select().plan(&session).unwrap().to_string();
    assert!(!plan.contains("learned"), "the query is still where it was: {plan}");
}

fn a_page_that_panics_teaches_nothing() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |panics: bool| {
        let customers = session.all(Customer::select()).unwrap();
        assert!(customers.iter().all(|customer| customer.orders().is_ok()));
        assert!(!panics, "the page fails");
    };
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| page(true)));
    assert!(result.is_err());
    assert_eq!(learner.lines(), []);
    page(false);
    assert_eq!(learner.lines()[0].runs, 1);
}

fn a_tree_is_followed_for_eight_levels() {
    #[derive(Entity)]
    #[entity(table = "folders")]
    struct Folder {
        #[entity(key)]
        id: i64,
        parent_id: Option<i64>,
        #[entity(foreign_key = "parent_id")]
        folders: HasMany<Folder>,
    }
    fn walk(folders: &[Folder]) -> Result<u64> {
        folders.iter().map(|folder| Ok(1 + walk(folder.folders()?)?)).sum()
    }
    let session = empty();
    session.execute("CREATE TABLE folders (id BIGINT PRIMARY KEY, parent_id BIGINT)", []).unwrap();
    // Two chains of twelve folders.
    for id in 1..=24_i64 {
        let parent = Some(id - 2).filter(|parent| *parent > 0);
        execute(&session, "INSERT INTO folders VALUES (?1, ?2)", params![id, parent]).unwrap();
    }
    let page = |session: &Session| {
        let roots = session.all(Folder::select().filter(Folder::PARENT_ID.is_null()))?;
        assert!(roots.iter().all(|root| root.parent_id.is_none() && root.id > 0));
        assert_eq!(walk(&roots)?, 24);
        Ok(())
    };
    let learner = Learner::in_memory();
    learner.attach(&session);
    assert_eq!(counted(&session, page).0, 1 + 24);
    // The roots, nine learned levels, and two for each of the three levels below.
    assert_eq!(counted(&session, page).0, 1 + 9 + 6);
    assert_eq!(learner.lines()[0].code.matches("selectin(Folder::FOLDERS)").count(), 9);
}

#[test]
fn a_waterfall_shows_from_how_many_runs_a_strategy_was_learned() {
    let session = shop_of(20);
    let learner = Learner::in_memory();
    learner.attach(&session);
    let page = |session: &Session| whole_page(session).unwrap();
    page(&session);
    page(&session);
    let recording = Recording::start(&session);
    page(&session);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    recording.write_html(&file).unwrap();
    let html = std::fs::read_to_string(file).unwrap();
    assert!(html.contains("selectin Customer.orders, learned from 2 runs, for "));
    assert_eq!(recording.to_json_lines().matches(r#""learned_from":2"#).count(), 2);
}
