//! Loads that stop halfway, because a statement fails or an observer panics. Afterwards everything can be
//! loaded again.

use super::groups_and_members::*;
use super::*;
use eagerly::{Result, immediate};

#[test]
fn an_error_below_leaves_nothing_half_loaded_and_no_transaction_open() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1)"]);
    for first in yielding() {
        let path = by(first, Group::MEMBERS).with(immediate(Member::NOTES));
        session.execute("ALTER TABLE notes RENAME TO gone", []).unwrap();
        let groups = session.all(Group::select().with(path));
        if let Ok(groups) = &groups {
            assert!(groups[0].members().is_err(), "{first}");
            assert!(!groups[0].members.is_loaded(), "{first}");
        }
        session.execute("ALTER TABLE gone RENAME TO notes", []).unwrap();
        if let Ok(groups) = &groups {
            assert_eq!(groups[0].members().unwrap()[0].notes().unwrap().len(), 1, "{first}");
        }
        session.transaction(|session| session.execute("UPDATE notes SET member = 1", [])).unwrap();
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Moment {
    Before,
    Statement,
    Cohort,
}

struct Panics {
    moment: Moment,
    after: std::cell::Cell<u32>,
}

impl Panics {
    fn at(&self, moment: Moment) {
        if self.moment == moment {
            let left = self.after.get();
            self.after.set(left.saturating_sub(1));
            assert!(left != 1, "the observer panics");
        }
    }
}

impl eagerly::Observer for Panics {
    fn before(&self, _: &eagerly::Cause<'_>) -> Result<()> {
        self.at(Moment::Before);
        Ok(())
    }

    fn statement(&self, _: &eagerly::Event<'_>) {
        self.at(Moment::Statement);
    }

    fn cohort(&self, _: &std::rc::Rc<eagerly::Cohort>) {
        self.at(Moment::Cohort);
    }
}

#[test]
fn after_an_observer_panics_everything_can_be_loaded() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let rows = ["('a'), ('A')", "(1, 'a', NULL), (2, 'A', 1)", "(1, 1), (2, 1)"];
    let session = groups("TEXT", "TEXT COLLATE NOCASE", rows);
    let lazy = graph(&session.all(Group::select()).unwrap());
    for moment in [Moment::Before, Moment::Statement, Moment::Cohort] {
        for after in 1..8 {
            for first in
                [Strategy::Lazy, Strategy::Immediate, Strategy::Batch, Strategy::Selectin, Strategy::Subquery]
            {
                let path = || by(first, Group::MEMBERS).with(selectin(Member::NOTES).subquery(Note::MEMBER));
                let groups =
                    session.all(Group::select().with(by(first, Group::MEMBERS).with(path_below()))).unwrap();
                let observation =
                    session.observe(std::rc::Rc::new(Panics { moment, after: std::cell::Cell::new(after) }));
                let _ = catch_unwind(AssertUnwindSafe(|| {
                    graph(&groups);
                    graph(&session.all(Group::select().with(path())).unwrap())
                }));
                drop(observation);
                assert_eq!(graph(&groups), lazy, "{moment:?} {after} {first}");
                assert_eq!(graph(&all(&session, path())), lazy, "{moment:?} {after} {first}");
                session.transaction(|session| session.execute("UPDATE notes SET id = id", [])).unwrap();
            }
        }
    }
}

fn path_below() -> eagerly::path::Start<member::Notes> {
    selectin(Member::NOTES)
}
