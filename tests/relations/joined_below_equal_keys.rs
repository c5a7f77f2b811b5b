//! Parents whose keys are equal, in the column's collation or because a view repeats them. Each child belongs
//! to all of them, also if a collection is joined beside it or below it.

use super::groups_and_members::*;
use super::*;
use eagerly::subquery;

on_both!(
    figures_beside_a_joined_collection_are_those_without_it,
    a_child_of_two_equal_keys_with_a_joined_collection_below_belongs_to_both_parents,
    a_row_that_two_equal_keys_point_to_has_its_joined_collection_once,
    a_part_of_the_children_of_two_equal_keys_with_a_joined_collection_below_belongs_to_both,
    parents_with_one_key_share_what_is_loaded_below_them,
);

fn figures_beside_a_joined_collection_are_those_without_it() {
    let rows = ["('a'), ('A'), ('b')", "(1, 'a', NULL), (2, 'A', 1), (3, 'b', 1)", "(1, 1), (2, 1)"];
    let session = groups("TEXT", "TEXT COLLATE NOCASE", rows);
    for strategy in yielding() {
        for limit in [2, 3] {
            let select = || Group::select().order_by(Group::CODE.desc()).limit(limit);
            let alone = session.all_with(select(), Group::MEMBERS.count()).unwrap();
            let query = select().with(by(strategy, Group::MEMBERS).by(strategy, Member::NOTES));
            let both = session.all_with(query, Group::MEMBERS.count()).unwrap();
            let seen = |rows: &[(Group, i64)]| -> Vec<_> {
                rows.iter()
                    .map(|(group, count)| (group.code.clone(), *count, graph(std::slice::from_ref(group))))
                    .collect()
            };
            assert_eq!(seen(&both), seen(&alone), "{strategy}");
        }
    }
}

fn a_child_of_two_equal_keys_with_a_joined_collection_below_belongs_to_both_parents() {
    let session = groups("TEXT", "TEXT COLLATE NOCASE", ["('a'), ('A')", "(1, 'a', NULL)", "(1, 1), (2, 1)"]);
    let lazy = graph(&session.all(Group::select().order_by(Group::CODE)).unwrap());
    for first in yielding() {
        for second in yielding() {
            let path = by(first, Group::MEMBERS).by(second, Member::NOTES);
            let groups = session.all(Group::select().order_by(Group::CODE).with(path)).unwrap();
            assert_eq!(graph(&groups), lazy, "{first} {second}");
        }
    }
}

fn a_row_that_two_equal_keys_point_to_has_its_joined_collection_once() {
    let session = groups(
        "TEXT COLLATE NOCASE PRIMARY KEY",
        "TEXT",
        ["('a')", "(1, 'a', NULL), (2, 'A', NULL), (3, 'a', NULL)", "(1, 1)"],
    );
    let seen = |members: &[Member]| members.iter().map(member_graph).collect::<String>();
    let lazy = seen(&session.all(Member::select()).unwrap());
    for first in yielding() {
        for second in yielding() {
            let path = by(first, Member::GROUP).by(second, Group::MEMBERS);
            assert_eq!(seen(&all(&session, path)), lazy, "{first} {second}");
        }
    }
}

fn a_part_of_the_children_of_two_equal_keys_with_a_joined_collection_below_belongs_to_both() {
    let session = groups("TEXT", "TEXT COLLATE NOCASE", ["('a'), ('A')", "(1, 'a', NULL)", "(1, 1), (2, 1)"]);
    for second in yielding() {
        let path = selectin(Group::MEMBERS.limit_each(5)).by(second, Member::NOTES);
        for group in all(&session, path) {
            let part = group.members.part().unwrap();
            assert_eq!(part.len(), 1, "{second} {}", group.code);
            assert_eq!(part[0].notes().unwrap().len(), 2, "{second} {}", group.code);
        }
    }
}

#[derive(Debug, Entity)]
#[entity(table = "small_notes")]
struct Small {
    #[entity(key)]
    id: i64,
    member: Option<i64>,
    #[entity(foreign_key = "boss")]
    reports: HasMany<Member>,
}

#[derive(Debug, Entity)]
#[entity(table = "twins")]
struct Twin {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "boss")]
    reports: HasMany<Member>,
    #[entity(foreign_key = "member")]
    notes: HasMany<Note>,
}

fn parents_with_one_key_share_what_is_loaded_below_them() {
    let session = groups(
        "TEXT",
        "TEXT",
        ["('a')", "(1, 'a', 3), (2, 'a', 1), (3, NULL, 1), (4, 'a', 9)", "(1, 2), (2, 2), (3, 1)"],
    );
    session
        .execute(
            "CREATE VIEW twins AS SELECT id FROM members UNION ALL SELECT id FROM members \
             UNION ALL SELECT NULL WHERE 1 = 0",
            [],
        )
        .unwrap();
    session.execute("CREATE VIEW small_notes AS SELECT id, member FROM notes", []).unwrap();
    let seen = |twins: &[Twin]| -> String {
        let one = |twin: &Twin| {
            let reports: String = twin.reports().unwrap().iter().map(member_graph).collect();
            format!("{}({reports}|{})", twin.id, twin.notes().unwrap().len())
        };
        twins.iter().map(one).collect()
    };
    let lazy = seen(&session.all(Twin::select()).unwrap());
    for first in
        [Strategy::Lazy, Strategy::Immediate, Strategy::Batch, Strategy::Selectin, Strategy::Subquery]
    {
        for second in yielding() {
            for third in yielding() {
                let path = (
                    by(first, Twin::REPORTS).by(second, Member::NOTES).by(third, Note::MEMBER),
                    by(first, Twin::NOTES),
                );
                assert_eq!(seen(&all(&session, path)), lazy, "{first} {second} {third}");
            }
        }
    }
    let small = all(&session, subquery(Small::REPORTS).joined(Member::NOTES));
    assert_eq!(
        small.iter().map(|small| small.reports().unwrap().len()).sum::<usize>(),
        3,
        "{:?}",
        small[0].member
    );
}
