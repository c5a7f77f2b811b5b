//! A table whose columns, and whose own name, are those that statements give to their parts.

use eagerly::Failure;

use super::*;

on_both!(
    every_strategy_reads_a_table_with_the_name_of_one_of_our_aliases,
    parts_of_such_a_table_are_right,
    figures_of_such_a_table_are_right,
    a_table_called_rarray_is_an_error_with_advice_where_a_list_is_sent,
);

/// Calls a function for the table of each name, once with keys of integers and once with keys of text.
macro_rules! tables {
    ($($module:ident $table:literal $key:ty,)*) => {
        $(mod $module {
            use super::*;

            #[derive(Debug, Entity)]
            #[entity(table = $table)]
            pub(super) struct Node {
                #[entity(key, column = "key number")]
                pub(super) id: $key,
                #[entity(column = "key 0")]
                parent: Option<$key>,
                #[entity(column = "place among siblings")]
                place: i64,
                value: i64,
                rows: i64,
                #[entity(foreign_key = "key 0")]
                pub(super) orders: HasMany<Node>,
                #[entity(foreign_key = "key 0")]
                items: HasMany<Node>,
                #[entity(key = "key 0")]
                keys: BelongsTo<Node>,
            }

            type Seen = Vec<(String, Vec<(String, Vec<String>)>, Option<String>)>;

            fn seen(nodes: &[Node]) -> Seen {
                let ids = |nodes: &[Node]| nodes.iter().map(|node| node.id.to_string()).collect::<Vec<_>>();
                let below = |node: &Node| (node.id.to_string(), ids(node.items().unwrap()));
                let see = |node: &Node| {
                    let above = node.keys().unwrap().map(|node| node.id.to_string());
                    (node.id.to_string(), node.orders().unwrap().iter().map(below).collect(), above)
                };
                nodes.iter().map(see).collect()
            }

            fn ids(nodes: &[Node]) -> Vec<String> {
                nodes.iter().map(|node| node.id.to_string()).collect()
            }

            pub(super) fn strategies() {
                let session = tree($table, stringify!($key));
                let lazy = seen(&session.all(Node::select()).unwrap());
                assert_eq!(lazy[0].1.len(), 2);
                assert_eq!(lazy[0].1[0].1, ["4", "5"]);
                for first in yielding() {
                    for second in yielding() {
                        for limit in [None, Some(3)] {
                            let mut query = Node::select()
                                .with(by(first, Node::ORDERS).by(second, Node::ITEMS))
                                .with(by(second, Node::KEYS));
                            if let Some(rows) = limit {
                                query = query.limit(rows);
                            }
                            let read = session.all(query).unwrap_or_else(|error| panic!("{first} {second}: {error}"));
                            assert_eq!(seen(&read), lazy[..limit.unwrap_or(6) as usize], "{first} {second}");
                        }
                    }
                }
            }

            pub(super) fn parts() {
                let session = tree($table, stringify!($key));
                for second in yielding() {
                    let large = || Node::ORDERS.filter(Node::ITEMS.count().ge(0).and(Node::KEYS.exists()));
                    let part = large().order_by(Node::ITEMS.count()).order_by(Node::PLACE).limit_each(1);
                    let read = session.all(Node::select().with(selectin(part).by(second, Node::ITEMS))).unwrap();
                    let parts: Vec<_> = read.iter().map(|node| ids(node.orders.part().unwrap())).collect();
                    assert_eq!(parts, [vec!["3"], vec!["5"], vec!["6"], vec![], vec![], vec![]], "{second}");
                    let part = large().order_by(Node::ITEMS.count().desc());
                    let read = session.all(Node::select().with(selectin(part).by(second, Node::ITEMS))).unwrap();
                    assert_eq!(ids(read[0].orders.part().unwrap()), ["2", "3"], "{second}");
                }
            }

            pub(super) fn figures() {
                let session = tree($table, stringify!($key));
                let below = || Node::ORDERS.then(Node::ITEMS);
                for strategy in yielding() {
                    let query = Node::select()
                        .filter(Node::ORDERS.any(Node::ITEMS.exists()).or(Node::ORDERS.count().gt(0)))
                        .order_by(below().sum(Node::VALUE).desc())
                        .with(by(strategy, Node::ORDERS))
                        .limit(3);
                    let figures = (
                        Node::ORDERS.count(),
                        below().sum(Node::VALUE.times(Node::ROWS)),
                        Node::ITEMS.filter(Node::VALUE.gt(2).and(Node::ITEMS.count().eq(0))).max(Node::PLACE),
                        below().avg(Node::VALUE),
                    );
                    let read = session.all_with(query, figures).unwrap();
                    let read: Vec<_> = read.into_iter().map(|(node, figures)| (node.id.to_string(), figures)).collect();
                    assert_eq!(
                        read,
                        [
                            ("1".to_owned(), (2, 4 * 40 + 5 * 50 + 6 * 60, None, Some(5.0))),
                            ("2".to_owned(), (2, 0, Some(96), None)),
                            ("3".to_owned(), (1, 0, Some(94), None)),
                        ],
                        "{strategy}"
                    );
                }
                let query = || Node::select().filter(below().count().gt(0).or(Node::ORDERS.count().eq(1)));
                assert_eq!(session.count(query()).unwrap(), 2);
                assert_eq!(session.count(query().order_by(Node::ORDERS.count()).limit(1)).unwrap(), 1);
                assert!(session.exists(query().limit(1)).unwrap());
                session.chunks(query(), 1, |_| Ok(())).unwrap();
            }
        })*

        const MODULES: &[(&str, [fn(); 3])] =
            &[$((concat!($table, " ", stringify!($key)), [$module::strategies, $module::parts, $module::figures])),*];
    };
}

tables! {
    keys "keys" i64,
    keys_of_text "keys" String,
    key_number "key number" i64,
    key_number_of_text "key number" String,
    rarray "rarray" i64,
    rarray_of_text "rarray" String,
    place "place among siblings" i64,
    place_of_text "place among siblings" String,
    value "value" i64,
    value_of_text "value" String,
    key_0 "key 0" i64,
    key_0_of_text "key 0" String,
    figures "figures of items" i64,
    figures_of_text "figures of items" String,
    count "count of orders" i64,
    count_of_text "count of orders" String,
    orders_count "orders.items count" i64,
    rows "rows" i64,
    rows_of_text "rows" String,
    field "orders" i64,
    field_of_text "ORDERS" String,
    other_field "items" i64,
    other_field_of_text "items" String,
    dotted "keys.orders" i64,
    dotted_of_text "keys.orders" String,
    long "a table whose name is as long as PostgreSQL allows for a name 12" i64,
    long_of_text "a table whose name is as long as PostgreSQL allows for a name 12" String,
    quoted "a \"quoted\" name" i64,
}

/// 1 has the children 2 and 3, 2 has 4 and 5, 3 has 6.
fn tree(table: &str, key: &str) -> Session {
    let session = databases::empty();
    let kind = if key == "i64" { "BIGINT" } else { "TEXT" };
    let table = table.replace('"', "\"\"");
    session
        .execute(
            &format!(
                r#"CREATE TABLE "{table}" ("key number" {kind} PRIMARY KEY, "key 0" {kind}, "place among siblings" BIGINT,
                   "value" BIGINT, "rows" BIGINT)"#
            ),
            [],
        )
        .unwrap();
    session
        .execute(
            &format!(
                r#"INSERT INTO "{table}" VALUES ('1', NULL, 99, 1, 10), ('2', '1', 98, 2, 20), ('3', '1', 97, 3, 30),
                   ('4', '2', 96, 4, 40), ('5', '2', 95, 5, 50), ('6', '3', 94, 6, 60)"#
            ),
            [],
        )
        .unwrap();
    session
}

fn each(which: usize) {
    for (name, functions) in MODULES {
        let is_refused = name.starts_with("rarray") && databases::current() == Dialect::Sqlite;
        if !is_refused {
            println!("the table {name}");
            functions[which]();
        }
    }
}

fn every_strategy_reads_a_table_with_the_name_of_one_of_our_aliases() {
    each(0);
}

fn parts_of_such_a_table_are_right() {
    each(1);
}

fn figures_of_such_a_table_are_right() {
    each(2);
}

fn a_table_called_rarray_is_an_error_with_advice_where_a_list_is_sent() {
    if databases::current() == Dialect::Sqlite {
        let session = tree("rarray", "i64");
        let error = session.all(rarray::Node::select().with(selectin(rarray::Node::ORDERS))).unwrap_err();
        assert_eq!(error.database().unwrap().kind, Failure::NameTaken);
        assert!(error.to_string().contains("rename the table or view `rarray`"), "{error}");
    }
}
