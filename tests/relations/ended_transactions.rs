//! A transaction that SQLite has already ended, after a conflict or a `ROLLBACK`. Its closure must not read
//! or write any more, because its work would happen outside the transaction.

use super::groups_and_members::*;
use super::*;

#[test]
fn nothing_is_written_in_a_transaction_that_is_already_over() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1)"]);
    let note = || Note { id: 7, member_id: None, member: BelongsTo::default() };
    for nested in [false, true] {
        let result = session.transaction(|session| {
            session.execute("INSERT INTO notes VALUES (6, 1)", [])?;
            let conflict = session.execute("INSERT OR ROLLBACK INTO notes VALUES (1, 1)", []);
            assert!(conflict.is_err());
            match nested {
                true => session.insert_all([note()]).map(drop),
                false => session.insert(&note()).map(drop),
            }
        });
        assert!(result.is_err());
        assert_eq!(session.count(Note::select()).unwrap(), 1, "nested: {nested}");
    }
}

#[test]
fn nothing_is_read_in_a_transaction_that_is_already_over() {
    let session = groups("TEXT", "TEXT", ["('a')", "(1, 'a', NULL)", "(1, 1)"]);
    for eager in [false, true] {
        let mut read = None;
        let _ = session.transaction(|session| {
            session.execute("ROLLBACK", [])?;
            let query = if eager { Member::select().with(selectin(Member::NOTES)) } else { Member::select() };
            read = Some(session.all(query));
            Ok(())
        });
        assert!(matches!(read, Some(Err(Error::TransactionOver { .. }))), "eager: {eager}");
    }
}
