//! Trees whose depth is known only while the program runs.

use eagerly::{BelongsTo, Entity, HasMany, Session, params};

use crate::databases::execute;
use crate::support::database;

on_both!(
    a_tree_of_any_depth_takes_one_statement_for_each_level,
    a_level_that_is_loaded_is_not_loaded_again,
    a_cycle_ends,
    a_forest_has_every_row_in_its_place,
);

#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Node>,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Node>,
}

fn nodes(rows: impl IntoIterator<Item = (i64, Option<i64>)>) -> Session {
    let session = database(&["CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent_id INTEGER)"]);
    session.execute("CREATE INDEX by_parent ON nodes (parent_id)", []).unwrap();
    for (id, parent) in rows {
        execute(&session, "INSERT INTO nodes VALUES (?1, ?2)", params![id, parent]).unwrap();
    }
    session
}

fn roots(session: &Session) -> Vec<Node> {
    session.all(Node::select().filter(Node::PARENT_ID.is_null())).unwrap()
}

fn a_tree_of_any_depth_takes_one_statement_for_each_level() {
    let session = nodes((1..=300).map(|id| (id, (id > 1).then_some(id - 1))));
    let roots = roots(&session);
    let tally = session.tally();
    assert_eq!(session.preload_tree(&roots, Node::CHILDREN).unwrap(), 300);
    assert_eq!((tally.statements(), tally.control()), (300, 2));
    let mut at = &roots[0];
    while let Some(child) = at.children().unwrap().first() {
        assert_eq!(child.id, at.id + 1);
        at = child;
    }
    assert_eq!((at.id, tally.statements()), (300, 300));
    assert_eq!(session.preload_tree(&[] as &[Node], Node::CHILDREN).unwrap(), 0);
    assert_eq!((tally.statements(), tally.control()), (300, 2));
}

fn a_level_that_is_loaded_is_not_loaded_again() {
    let session = nodes([(1, None), (2, Some(1)), (3, Some(2))]);
    let roots = roots(&session);
    roots[0].children().unwrap();
    let tally = session.tally();
    assert_eq!(session.preload_tree(&roots, Node::CHILDREN).unwrap(), 3);
    assert_eq!(tally.statements(), 2);
}

fn a_cycle_ends() {
    let session = nodes([(1, Some(3)), (2, Some(1)), (3, Some(2)), (4, Some(4))]);
    let nodes = session.all(Node::select().filter(Node::ID.in_([1, 4]))).unwrap();
    let tally = session.tally();
    assert_eq!(session.preload_tree(&nodes, Node::CHILDREN).unwrap(), 3);
    assert_eq!(tally.statements(), 3);
    let back = &nodes[0].children().unwrap()[0].children().unwrap()[0].children().unwrap()[0];
    assert_eq!((back.id, back.children.is_loaded()), (1, false));
}

fn a_forest_has_every_row_in_its_place() {
    let session = nodes((1..=200).map(|id| (id, (id > 5).then_some(id / 3))));
    let expected = |id: i64| (6..=200).filter(|child| child / 3 == id).collect::<Vec<_>>();
    let roots = roots(&session);
    let levels = session.preload_tree(&roots, Node::CHILDREN).unwrap();
    let tally = session.tally();
    let (mut level, mut seen, mut depth) = (roots.iter().collect::<Vec<_>>(), 0, 0);
    while !level.is_empty() {
        for node in &level {
            let children: Vec<_> = node.children().unwrap().iter().map(|child| child.id).collect();
            assert_eq!(children, expected(node.id));
        }
        (seen, depth) = (seen + level.len(), depth + 1);
        level = level.into_iter().flat_map(|node| node.children().unwrap()).collect();
    }
    assert_eq!((seen, depth, tally.statements()), (200, levels, 0));
}
