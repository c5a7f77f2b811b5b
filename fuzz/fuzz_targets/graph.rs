//! For any rows, load path, filter, order and limit, every strategy returns the same graph as lazy loading.
#![no_main]

use arbitrary::Arbitrary;
use eagerly::{BelongsTo, Entity, HasMany, HasOne, Result, Select, Session, Strategy, by, params};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    /// The label, the parent and the friend of each node. The parent and the friend may not exist.
    nodes: Vec<(i8, Option<i8>, Option<i8>)>,
    outer: u8,
    inner: u8,
    third: u8,
    shape: u8,
    limit: Option<u8>,
    descending: bool,
    least: Option<i8>,
    by_real: bool,
}

#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    id: i64,
    label: i64,
    parent_id: Option<i64>,
    friend: Option<i64>,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Node>,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Node>,
    #[entity(foreign_key = "friend")]
    admirer: HasOne<Node>,
    #[entity(key = "friend")]
    admired: BelongsTo<Node>,
}

/// Returns one of the strategies that return a graph: every one except `raise`.
fn strategy(number: u8) -> Strategy {
    let yielding = || Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Raise);
    yielding().nth(usize::from(number) % yielding().count()).unwrap_or(Strategy::Lazy)
}

fn query(input: &Input) -> Select<Node> {
    let mut query = Node::select();
    if let Some(least) = input.least {
        query = query.filter(Node::LABEL.ge(i64::from(least)));
    }
    if input.descending {
        query = query.order_by(Node::LABEL.desc());
    }
    if let Some(limit) = input.limit {
        query = query.limit(u64::from(limit % 20));
    }
    query
}

fn with_path(query: Select<Node>, input: &Input, of: impl Fn(u8) -> Strategy) -> Select<Node> {
    let [outer, inner, third] = [of(input.outer), of(input.inner), of(input.third)];
    match input.shape % 5 {
        0 => query.with(by(outer, Node::CHILDREN).by(inner, Node::CHILDREN).by(third, Node::PARENT)),
        1 => query.with((by(outer, Node::CHILDREN), by(inner, Node::PARENT), by(third, Node::ADMIRER))),
        2 => query.with(by(outer, Node::PARENT).by(inner, Node::CHILDREN).by(third, Node::ADMIRED)),
        3 => query.with(by(outer, Node::CHILDREN).with((by(inner, Node::ADMIRER), by(third, Node::CHILDREN)))),
        _ => query.with((by(outer, Node::ADMIRER).by(inner, Node::CHILDREN), by(third, Node::ADMIRED))),
    }
}

/// Writes the graph below `nodes` to `out`, down to `depth` more levels.
fn graph(nodes: &[Node], depth: u8, out: &mut String) -> Result<()> {
    for node in nodes {
        out.push_str(&format!("{}:{}(", node.id, node.label));
        if depth > 0 {
            graph(node.children()?, depth - 1, out)?;
            out.push('|');
            for one in [node.parent()?, node.admirer()?, node.admired()?].into_iter().flatten() {
                graph(std::slice::from_ref(one), depth - 1, out)?;
            }
        }
        out.push(')');
    }
    Ok(())
}

fuzz_target!(|input: Input| {
    let session = Session::in_memory().unwrap();
    // SQLite compares real keys with integer keys, so the ORM must match them, too.
    let key = if input.by_real { "REAL" } else { "INTEGER" };
    session
        .execute(
            &format!("CREATE TABLE nodes (id INTEGER PRIMARY KEY, label INTEGER NOT NULL, parent_id {key}, friend INTEGER)"),
            [],
        )
        .unwrap();
    for (label, parent, friend) in input.nodes.iter().take(24) {
        let parent = parent.map(|parent| i64::from(parent) % 16);
        let friend = friend.map(|friend| i64::from(friend) % 16);
        session
            .execute(
                "INSERT INTO nodes (label, parent_id, friend) VALUES (?1, ?2, ?3)",
                params![i64::from(*label), parent, friend],
            )
            .unwrap();
    }
    let page = |query: Select<Node>| {
        let nodes = session.all(query)?;
        let mut text = String::new();
        graph(&nodes, 2, &mut text)?;
        Ok::<_, eagerly::Error>(text)
    };
    let lazily = page(query(&input));
    let chosen = page(with_path(query(&input), &input, strategy));
    match (lazily, chosen) {
        (Ok(lazily), Ok(chosen)) => assert_eq!(lazily, chosen, "{input:?}"),
        // With real keys, no strategy can read the column as integers.
        (Err(_), Err(_)) if input.by_real => {}
        (lazily, chosen) => panic!("{input:?}\n{lazily:?}\n{chosen:?}"),
    }
});
