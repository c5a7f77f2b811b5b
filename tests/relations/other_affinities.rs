//! Keys whose column has another type on the other side of the relation.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "parents")]
struct Parent {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "parent")]
    children: HasMany<Child>,
}

#[derive(Debug, Entity)]
#[entity(table = "children")]
struct Child {
    #[entity(key)]
    id: i64,
}

/// In a text column, `column = 5` matches `'5'` but not `'05'` in lazy loading. The other strategies must do
/// the same.
#[test]
fn every_strategy_distinguishes_5_from_05_in_a_text_column() {
    for column in ["TEXT", ""] {
        let session = database(&[
            "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
            &format!("CREATE TABLE children (id INTEGER PRIMARY KEY, parent {column})"),
            "INSERT INTO parents VALUES (5)",
            "INSERT INTO children VALUES (1, '5'), (2, '05'), (3, 5)",
        ]);
        let lazy = session.get::<Parent>(5).unwrap().children().unwrap().len();
        for strategy in yielding() {
            for filtered in [true, false] {
                let mut query = Parent::select().with(by(strategy, Parent::CHILDREN));
                if filtered {
                    query = query.filter(Parent::ID.in_([5]));
                }
                let parents = session.all(query).unwrap();
                assert_eq!(parents.len(), 1);
                assert_eq!(parents[0].children().unwrap().len(), lazy, "{strategy} {column}");
            }
        }
        let figures = session.all_with(Parent::select(), Parent::CHILDREN.count()).unwrap();
        assert_eq!(figures.len(), 1);
        assert_eq!(figures[0].1, if column == "TEXT" { 2 } else { 1 });
        let only_05 = Parent::CHILDREN.any(Child::ID.eq(2));
        assert!(!session.exists(Parent::select().filter(only_05)).unwrap());
    }
}

#[test]
fn integer_keys_match_equal_values_in_a_column_of_any_type() {
    for column in ["INTEGER", "TEXT", "VARCHAR(20) COLLATE NOCASE", "NUMERIC", "REAL", "BLOB", ""] {
        let session = database(&[
            "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
            &format!("CREATE TABLE children (id INTEGER PRIMARY KEY, parent {column})"),
            "CREATE INDEX children_parent ON children (parent)",
            "INSERT INTO parents VALUES (1), (2), (10), (-3)",
            "INSERT INTO children SELECT column1, column2 FROM (VALUES (1, 1), (2, 2), (3, 1), (4, 10), (5, -3), (6, 99), (7, 2.0))",
        ]);
        let seen = |query: Select<Parent>| {
            let parents = session.all(query).unwrap();
            let children = parents.iter().map(|parent| {
                let children = parent.children().unwrap();
                (parent.id, children.iter().map(|child| child.id).collect::<Vec<_>>())
            });
            children.collect::<Vec<_>>()
        };
        let lazy = seen(Parent::select());
        // As text, 2 and 2.0 are different.
        let of_2 = match column {
            "TEXT" | "VARCHAR(20) COLLATE NOCASE" => vec![2],
            _ => vec![2, 7],
        };
        assert_eq!(lazy, [(-3, vec![5]), (1, vec![1, 3]), (2, of_2), (10, vec![4])], "{column}");
        for strategy in yielding() {
            assert_eq!(
                seen(Parent::select().with(by(strategy, Parent::CHILDREN))),
                lazy,
                "{strategy} {column}"
            );
        }
    }
}
