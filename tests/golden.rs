//! The calls, statements and row counts of each strategy, recorded in `tests/golden` for SQLite and in
//! `tests/golden/postgres`. The test compares them
//! with the statements that are sent now. The files are written for readers, too.
//!
//! After an intended change, run `INSTA_UPDATE=always cargo test -p tests --test golden` and read the diff.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

use eagerly::{
    BelongsTo, Cause, Dialect, Entity, Event, HasMany, Observer, RelationExt as _, Session, Strategy, by,
    params, selectin,
};
use shop::{Customer, Order, OrderItem, schema};
use support::databases;
use support::databases::{current, empty, execute};

#[macro_use]
mod support;

on_both!(
    lazy,
    immediate,
    batch,
    selectin_,
    subquery,
    joined,
    raise,
    subquery_of_some,
    joined_with_a_limit,
    preload_and_the_key_of_now,
    parts_conditions_and_figures,
    through,
    writing,
);

/// An observer that records every statement.
#[derive(Default)]
struct Log(RefCell<String>);

impl Observer for Log {
    fn statement(&self, event: &Event<'_>) {
        let values: Vec<_> = event.values.iter().map(ToString::to_string).collect();
        let cause = match event.cause {
            Cause::Explicit { call, .. } => format!("session.{call}"),
            Cause::Access { relation, strategy, .. } => format!("{strategy}, when {relation} is accessed"),
            Cause::Eager { relation, strategy, .. } => format!("{strategy} {relation}"),
            Cause::Control { .. } => "control".to_owned(),
        };
        let mut log = self.0.borrow_mut();
        let sql = clauses(event.sql).join("\n      ");
        writeln!(log, "   -- {cause}\n   {sql}").unwrap();
        if !values.is_empty() {
            writeln!(log, "      values: {}", values.join(", ")).unwrap();
        }
        if event.changed > 0 {
            writeln!(log, "      changed: {}", event.changed).unwrap();
        } else if event.cause.kind() != eagerly::Kind::Control {
            writeln!(log, "      rows: {}", event.rows).unwrap();
        }
    }
}

/// Splits a statement before each of its clauses. The clauses of a subquery stay in one piece.
fn clauses(sql: &str) -> Vec<String> {
    const BEGINNINGS: [&str; 7] = ["FROM", "LEFT", "WHERE", "ORDER", "VALUES", "SET", "RETURNING"];
    let mut clauses = vec![String::new()];
    let mut depth = 0;
    for word in sql.split(' ') {
        if depth == 0 && BEGINNINGS.contains(&word) {
            clauses.push(String::new());
        }
        depth += word.matches('(').count();
        depth -= word.matches(')').count();
        if let Some(clause) = clauses.last_mut() {
            let space = if clause.is_empty() { "" } else { " " };
            write!(clause, "{space}{word}").unwrap();
        }
    }
    clauses
}

/// Returns the message without the line numbers of this file, which change often.
fn without_lines(message: &str) -> String {
    let mut parts = message.split(concat!(file!(), ":"));
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|digit: char| digit.is_ascii_digit());
        format!("{text}page.rs:…{rest}")
    })
}

/// Creates a shop. Ada has two orders, with two items and none. Zoë has none. Kim has one, with one item.
fn shop() -> Session {
    let session = empty();
    schema::create(&session).unwrap();
    for (id, first, last) in [(1, "Ada", "Lovelace"), (2, "Zoë", "O'Brien"), (3, "Kim", "Lee")] {
        let sql = "INSERT INTO customers VALUES (?1, ?2, ?3, '')";
        execute(&session, sql, params![id, first, last]).unwrap();
    }
    for (id, customer, status) in [(1, 1, "open"), (2, 3, "open"), (3, 1, "shipped")] {
        let sql = "INSERT INTO orders VALUES (?1, ?2, '2026-11-22', ?3)";
        execute(&session, sql, params![id, customer, status]).unwrap();
    }
    for (id, order, product) in [(1, 1, "Lamp"), (2, 2, "Clock"), (3, 1, "Radio")] {
        let sql = "INSERT INTO order_items VALUES (?1, ?2, ?3, 1, 100)";
        execute(&session, sql, params![id, order, product]).unwrap();
    }
    session
}

/// A session that records each call with its statements and its result.
struct Script {
    session: Session,
    log: Rc<Log>,
    _listening: eagerly::Observation,
}

impl Script {
    fn new() -> Self {
        Self::on(shop())
    }

    fn on(session: Session) -> Self {
        let log = Rc::new(Log::default());
        let listening = session.observe(log.clone());
        Self { session, log, _listening: listening }
    }

    fn call<T>(&self, call: &str, run: impl FnOnce(&Session) -> T, shown: impl FnOnce(&T) -> String) -> T {
        writeln!(self.log.0.borrow_mut(), "> {call}").unwrap();
        let result = run(&self.session);
        writeln!(self.log.0.borrow_mut(), "   = {}\n", shown(&result)).unwrap();
        result
    }

    fn assert_as_written(&self, name: &str) {
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(match current() {
            Dialect::Sqlite => "golden",
            Dialect::Postgres => "golden/postgres",
        });
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.log.0.borrow().as_str()));
    }
}

fn customer(customer: &Customer) -> String {
    format!("{} {}", customer.first_name, customer.last_name)
}

/// Records the page with one strategy for every relation.
fn page(strategy: Strategy) {
    let script = Script::new();
    let call = match strategy {
        Strategy::Lazy => "customers = session.all(Customer::select())".to_owned(),
        other => format!(
            "customers = session.all(Customer::select().with({other}(Customer::ORDERS).{other}(Order::ITEMS)))"
        ),
    };
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    let names = |customers: &Vec<Customer>| customers.iter().map(customer).collect::<Vec<_>>().join(", ");
    let customers = script.call(&call, |session| session.all(Customer::select().with(path)).unwrap(), names);
    for customer in &customers {
        let call = format!("{}.orders()", customer.first_name);
        let shown = |orders: &eagerly::Result<&[Order]>| match orders {
            Ok(orders) => format!("{} orders", orders.len()),
            Err(error) => without_lines(&format!("error: {error}")),
        };
        let Ok(orders) = script.call(&call, |_| customer.orders(), shown) else {
            break;
        };
        for order in orders {
            let call = format!("order {}.items()", order.id);
            let products = |items: &&[OrderItem]| {
                let products = items.iter().map(|item| item.product.as_str());
                format!("[{}]", products.collect::<Vec<_>>().join(", "))
            };
            script.call(&call, |_| order.items().unwrap(), products);
        }
    }
    script.assert_as_written(strategy.name());
}

fn lazy() {
    page(Strategy::Lazy);
}

fn immediate() {
    page(Strategy::Immediate);
}

fn batch() {
    page(Strategy::Batch);
}

fn selectin_() {
    page(Strategy::Selectin);
}

fn subquery() {
    page(Strategy::Subquery);
}

fn joined() {
    page(Strategy::Joined);
}

fn raise() {
    page(Strategy::Raise);
}

fn subquery_of_some() {
    let script = Script::new();
    let query = Customer::select()
        .filter(Customer::LAST_NAME.like("L%"))
        .with(by(Strategy::Subquery, Customer::ORDERS).by(Strategy::Subquery, Order::ITEMS));
    script.call(
        "session.all(Customer::select().filter(Customer::LAST_NAME.like(\"L%\")).with(subquery(Customer::ORDERS).subquery(Order::ITEMS)))",
        |session| session.all(query).unwrap(),
        |customers| customers.iter().map(customer).collect::<Vec<_>>().join(", "),
    );
    script.assert_as_written("subquery_of_some");
}

fn joined_with_a_limit() {
    let script = Script::new();
    let query =
        Customer::select().order_by(Customer::LAST_NAME).limit(2).with(eagerly::joined(Customer::ORDERS));
    script.call(
        "session.all(Customer::select().order_by(Customer::LAST_NAME).limit(2).with(joined(Customer::ORDERS)))",
        |session| session.all(query).unwrap(),
        |customers| {
            let orders = customers.iter().map(|c| format!("{} with {} orders", customer(c), c.orders().unwrap().len()));
            orders.collect::<Vec<_>>().join(", ")
        },
    );
    script.assert_as_written("joined_with_a_limit");
}

fn preload_and_the_key_of_now() {
    let script = Script::new();
    let customers = script.call(
        "customers = session.all(Customer::select())",
        |session| session.all(Customer::select()).unwrap(),
        |customers| customers.iter().map(customer).collect::<Vec<_>>().join(", "),
    );
    let orders = |orders: &&[Order]| format!("{} orders", orders.len());
    script.call("Ada.orders()", |_| customers[0].orders().unwrap(), orders);
    let path = || selectin(Customer::ORDERS).selectin(Order::ITEMS);
    for _ in 0..2 {
        script.call(
            "session.preload(&customers, selectin(Customer::ORDERS).selectin(Order::ITEMS))",
            |session| session.preload(&customers, path()).unwrap(),
            |()| "()".to_owned(),
        );
    }
    script.call(
        "Ada.orders()[0].items()",
        |_| customers[0].orders().unwrap()[0].items().unwrap(),
        |items| format!("{} items", items.len()),
    );
    let mut order = script.call(
        "order = session.one(Order::select().filter(Order::ID.eq(2)).with(selectin(Order::CUSTOMER)))",
        |session| {
            session.one(Order::select().filter(Order::ID.eq(2)).with(selectin(Order::CUSTOMER))).unwrap()
        },
        |order| format!("order {} of customer {}", order.id, order.customer_id),
    );
    script.call("order.customer()", |_| customer(order.customer().unwrap()), String::clone);
    order.customer_id = 1;
    script.call(
        "order.customer_id = 1\n> order.customer()",
        |_| customer(order.customer().unwrap()),
        String::clone,
    );
    order.customer_id = 3;
    script.call(
        "order.customer_id = 3\n> order.customer()",
        |_| customer(order.customer().unwrap()),
        String::clone,
    );
    script.assert_as_written("preload_and_the_key_of_now");
}

fn parts_conditions_and_figures() {
    let script = Script::new();
    let latest =
        Customer::ORDERS.filter(Order::STATUS.ne("lost")).order_by(Order::PLACED_ON.desc()).limit_each(1);
    script.call(
        "session.all(Customer::select().with(selectin(Customer::ORDERS.filter(Order::STATUS.ne(\"lost\")).order_by(Order::PLACED_ON.desc()).limit_each(1))))",
        |session| session.all(Customer::select().with(selectin(latest))).unwrap(),
        |customers| {
            let parts = customers.iter().map(|c| format!("{}: {}", customer(c), c.orders.part().unwrap_or_default().len()));
            parts.collect::<Vec<_>>().join(", ")
        },
    );
    let any = Customer::ORDERS.any(Order::STATUS.eq("shipped"));
    script.call(
        "session.all(Customer::select().filter(Customer::ORDERS.any(Order::STATUS.eq(\"shipped\"))))",
        |session| session.all(Customer::select().filter(any)).unwrap(),
        |customers| customers.iter().map(customer).collect::<Vec<_>>().join(", "),
    );
    let figures = (
        Customer::ORDERS.count(),
        Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE)),
    );
    script.call(
        "session.all_with(Customer::select(), (Customer::ORDERS.count(), Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE))))",
        |session| session.all_with(Customer::select(), figures).unwrap(),
        |rows| {
            let rows = rows.iter().map(|(c, (orders, total))| format!("{}: {orders} orders, {total} cents", customer(c)));
            rows.collect::<Vec<_>>().join(", ")
        },
    );
    let without = Customer::select().filter(!Customer::ORDERS.exists());
    script.call(
        "session.all(Customer::select().filter(!Customer::ORDERS.exists()))",
        |session| session.all(without).unwrap(),
        |customers| customers.iter().map(customer).collect::<Vec<_>>().join(", "),
    );
    let open = || Customer::ORDERS.filter(Order::STATUS.eq("open")).count();
    script.call(
        "open = || Customer::ORDERS.filter(Order::STATUS.eq(\"open\")).count()\n> session.all(Customer::select().filter(open().gt(0)).order_by(open().desc()))",
        |session| session.all(Customer::select().filter(open().gt(0)).order_by(open().desc())).unwrap(),
        |customers| customers.iter().map(customer).collect::<Vec<_>>().join(", "),
    );
    script.assert_as_written("parts_conditions_and_figures");
}

#[derive(Entity)]
#[entity(table = "posts")]
struct Post {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "post_id")]
    taggings: HasMany<Tagging>,
    #[entity(through(taggings, tag))]
    tags: HasMany<Tag>,
}

#[derive(Entity)]
#[entity(table = "taggings")]
struct Tagging {
    post_id: i64,
    tag_id: i64,
    #[entity(key = "tag_id")]
    tag: BelongsTo<Tag>,
}

#[derive(Entity)]
#[entity(table = "tags")]
struct Tag {
    #[entity(key)]
    id: i64,
    name: String,
}

/// Creates a blog. Post 1 has the tag `sql` twice, and `rust`. Post 2 has `sql`. Post 3 has none.
fn blog() -> Session {
    let session = empty();
    for sql in [
        "CREATE TABLE posts (id INTEGER PRIMARY KEY)",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE taggings (post_id INTEGER NOT NULL, tag_id INTEGER NOT NULL)",
        "INSERT INTO posts VALUES (1), (2), (3)",
        "INSERT INTO tags VALUES (1, 'rust'), (2, 'sql')",
        "INSERT INTO taggings VALUES (1, 2), (1, 1), (2, 2), (1, 2)",
    ] {
        session.execute(sql, []).unwrap();
    }
    session
}

fn through() {
    let script = Script::on(blog());
    let names = |tags: &[Tag]| tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>().join(", ");
    let shown = |posts: &Vec<Post>| {
        let posts = posts.iter().map(|post| format!("{}: [{}]", post.id, names(post.tags().unwrap())));
        posts.collect::<Vec<_>>().join(", ")
    };
    for strategy in [Strategy::Lazy, Strategy::Selectin, Strategy::Subquery, Strategy::Joined] {
        let call = format!("session.all(Post::select().with({strategy}(Post::TAGS))), and the tags of each");
        let query = Post::select().with(by(strategy, Post::TAGS));
        let read = |session: &Session| {
            let posts = session.all(query).unwrap();
            assert!(posts.iter().all(|post| post.tags().is_ok()));
            posts
        };
        script.call(&call, read, shown);
    }
    let part = Post::TAGS.order_by(Tag::NAME.desc()).limit_each(1);
    script.call(
        "session.all(Post::select().with(selectin(Post::TAGS.order_by(Tag::NAME.desc()).limit_each(1))))",
        |session| session.all(Post::select().with(selectin(part))).unwrap(),
        |posts| {
            let parts =
                posts.iter().map(|post| format!("{}: [{}]", post.id, names(post.tags.part().unwrap())));
            parts.collect::<Vec<_>>().join(", ")
        },
    );
    script.call(
        "session.all(Post::select().filter(Post::TAGS.any(Tag::NAME.eq(\"rust\"))))",
        |session| session.all(Post::select().filter(Post::TAGS.any(Tag::NAME.eq("rust")))).unwrap(),
        |posts| posts.iter().map(|post| post.id.to_string()).collect::<Vec<_>>().join(", "),
    );
    script.call(
        "session.all_with(Post::select(), Post::TAGS.count())",
        |session| session.all_with(Post::select(), Post::TAGS.count()).unwrap(),
        |posts| {
            let counts = posts.iter().map(|(post, tags)| format!("{}: {tags}", post.id));
            counts.collect::<Vec<_>>().join(", ")
        },
    );
    script.assert_as_written("through");
}

fn writing() {
    let script = Script::new();
    let zuse = Customer {
        id: 4,
        first_name: "Konrad".to_owned(),
        last_name: "Zuse".to_owned(),
        email: "z4@example.com".to_owned(),
        ..Customer::default()
    };
    script.call(
        "zuse = Customer { id: 4, first_name: …, ..Customer::default() }\n> session.insert(&zuse)",
        |session| session.insert(&zuse).unwrap(),
        ToString::to_string,
    );
    let items = [5, 6].map(|id| OrderItem {
        id,
        order_id: 3,
        product: "Chair".to_owned(),
        quantity: 1,
        unit_price: 900,
        ..OrderItem::default()
    });
    script.call("session.insert_all(&items)", |session| session.insert_all(&items).unwrap(), u64::to_string);
    script.call("session.upsert(&zuse)", |session| session.upsert(&zuse).unwrap(), ToString::to_string);
    script.call("session.update(&zuse)", |session| session.update(&zuse).unwrap(), |()| "()".to_owned());
    script.call("session.delete(&zuse)", |session| session.delete(&zuse).unwrap(), |()| "()".to_owned());
    let open = Order::select().filter(Order::STATUS.eq("open"));
    script.call(
        "session.update_all(Order::select().filter(Order::STATUS.eq(\"open\")), Order::STATUS.set(\"sent\"))",
        |session| session.update_all(open, Order::STATUS.set("sent")).unwrap(),
        u64::to_string,
    );
    let busiest = Customer::select().order_by(Customer::ORDERS.count().desc()).limit(1);
    script.call(
        "session.update_all(Customer::select().order_by(Customer::ORDERS.count().desc()).limit(1), [Customer::EMAIL.set(\"vip\"), Customer::LAST_NAME.set(\"King\")])",
        |session| {
            session.update_all(busiest, [Customer::EMAIL.set("vip"), Customer::LAST_NAME.set("King")]).unwrap()
        },
        u64::to_string,
    );
    let shipped = OrderItem::select().filter(OrderItem::ORDER.any(Order::STATUS.eq("shipped")));
    script.call(
        "session.delete_all(OrderItem::select().filter(OrderItem::ORDER.any(Order::STATUS.eq(\"shipped\"))))",
        |session| session.delete_all(shipped).unwrap(),
        u64::to_string,
    );
    let without = Customer::select().filter(Customer::ORDERS.count().eq(0));
    script.call(
        "session.delete_all(Customer::select().filter(Customer::ORDERS.count().eq(0)))",
        |session| session.delete_all(without).unwrap(),
        u64::to_string,
    );
    script.call(
        "session.delete_all(OrderItem::select())",
        |session| session.delete_all(OrderItem::select()).unwrap(),
        u64::to_string,
    );
    script.assert_as_written("writing");
}
