//! Law 10: an access answers for the parent as it is now. What was loaded for another key is not shown.

use eagerly::{BelongsTo, Entity, Error, HasMany, Select, Session, Strategy, by, raise, selectin};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};
use proptest::strategy::Strategy as _;

use crate::databases::cases;
use crate::shared::{database, yielding};

on_both!(
    a_key_that_is_changed_after_the_query_is_the_one_that_counts,
    a_row_whose_key_was_null_finds_its_new_parent,
    a_clone_and_its_original_each_answer_for_their_own_key,
    a_dangling_key_that_is_corrected_leads_to_its_row,
    a_primary_key_that_is_changed_leads_to_the_children_of_the_new_one,
    a_row_whose_key_changes_often_answers_each_time,
    a_null_key_sends_nothing_and_is_no_error_under_any_strategy,
    a_null_key_of_a_row_that_no_query_returned_leads_to_nothing,
    reload_keeps_what_the_load_path_loads_below,
    reload_keeps_raise,
    after_any_changes_an_access_returns_the_rows_of_the_key_of_now,
);

#[derive(Debug, Clone, Entity)]
#[entity(table = "authors")]
struct Author {
    #[entity(key)]
    id: i64,
    name: String,
    #[entity(foreign_key = "author_id")]
    books: HasMany<Book>,
    #[entity(foreign_key = "editor_id")]
    edited: HasMany<Book>,
}

#[derive(Debug, Clone, Entity)]
#[entity(table = "books")]
struct Book {
    #[entity(key)]
    id: i64,
    author_id: i64,
    editor_id: Option<i64>,
    #[entity(key = "author_id")]
    author: BelongsTo<Author>,
    #[entity(key = "editor_id")]
    editor: BelongsTo<Author>,
}

fn library() -> Session {
    database(&[
        "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, editor_id INTEGER)",
        "INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bo'), (3, 'Cy')",
        "INSERT INTO books VALUES (1, 1, NULL), (2, 1, 2), (3, 2, 3), (4, 3, NULL), (5, 42, 42)",
    ])
}

/// Returns the books 1 to 4, whose authors exist.
fn books(session: &Session, author: Strategy) -> Vec<Book> {
    let query = Book::select().filter(Book::ID.lt(5));
    session.all(query.with(by(author, Book::AUTHOR)).with(by(author, Book::EDITOR))).unwrap()
}

fn name(book: &Book) -> &str {
    &book.author().unwrap().name
}

fn editor(book: &Book) -> Option<&str> {
    book.editor().unwrap().map(|editor| editor.name.as_str())
}

fn a_key_that_is_changed_after_the_query_is_the_one_that_counts() {
    let session = library();
    for strategy in yielding() {
        let mut rows = books(&session, strategy);
        rows[0].author_id = 3;
        let names = rows.iter().map(name).collect::<Vec<_>>();
        assert_eq!(names, ["Cy", "Ann", "Bo", "Cy"], "{strategy}");

        // Also if the relation was accessed before.
        let mut rows = books(&session, strategy);
        assert_eq!(name(&rows[0]), "Ann");
        rows[0].author_id = 3;
        assert_eq!(name(&rows[0]), "Cy", "{strategy}");
        rows[0].author_id = 1;
        let tally = session.tally();
        assert_eq!(name(&rows[0]), "Ann", "{strategy}");
        assert_eq!(tally.statements(), 0, "what was loaded for this key is still there ({strategy})");
    }
    let mut rows = books(&session, Strategy::Batch);
    rows[0].author_id = 3;
    let tally = session.tally();
    assert_eq!(rows.iter().map(name).collect::<Vec<_>>(), ["Cy", "Ann", "Bo", "Cy"]);
    assert_eq!(tally.statements(), 1, "batch asks for the key of now");
    let mut rows = books(&session, Strategy::Batch);
    rows[1].editor_id = Some(3);
    let tally = session.tally();
    assert_eq!(rows.iter().map(editor).collect::<Vec<_>>(), [None, Some("Cy"), Some("Cy"), None]);
    assert_eq!(tally.statements(), 1, "also beside rows without a key");
}

fn a_row_whose_key_was_null_finds_its_new_parent() {
    let session = library();
    for strategy in yielding() {
        for access_first in [false, true] {
            let mut rows = books(&session, strategy);
            if access_first {
                assert_eq!(editor(&rows[0]), None, "{strategy}");
            }
            rows[0].editor_id = Some(3);
            assert_eq!(editor(&rows[0]), Some("Cy"), "{strategy}, {access_first}");
            rows[1].editor_id = None;
            let tally = session.tally();
            assert_eq!(editor(&rows[1]), None, "{strategy}, {access_first}");
            assert_eq!(tally.statements(), 0, "a null sends nothing ({strategy}, {access_first})");
        }
    }
}

fn a_clone_and_its_original_each_answer_for_their_own_key() {
    let session = library();
    for strategy in yielding() {
        for clone_first in [false, true] {
            let rows = books(&session, strategy);
            let mut copy = rows[0].clone();
            copy.author_id = 3;
            if clone_first {
                assert_eq!((name(&copy), name(&rows[0])), ("Cy", "Ann"), "{strategy}");
            } else {
                assert_eq!((name(&rows[0]), name(&copy)), ("Ann", "Cy"), "{strategy}");
            }
            let tally = session.tally();
            assert_eq!((name(&rows[0].clone()), name(&copy.clone())), ("Ann", "Cy"), "{strategy}");
            assert_eq!(tally.statements(), 0, "clones share what is loaded ({strategy})");
        }
    }
}

fn a_dangling_key_that_is_corrected_leads_to_its_row() {
    let session = library();
    for strategy in yielding() {
        let query = Book::select().filter(Book::ID.eq(5)).with(by(strategy, Book::AUTHOR));
        let mut book = session.one(query).unwrap();
        let error = book.author().unwrap_err().to_string();
        assert!(error.contains(r#""author_id" is 42, but no row of "authors" has that key"#), "{error}");
        book.author_id = 3;
        assert_eq!(name(&book), "Cy", "{strategy}");
        book.author_id = 43;
        let error = book.author().unwrap_err().to_string();
        assert!(error.contains(r#""author_id" is 43"#), "{strategy}: {error}");
    }
}

fn a_primary_key_that_is_changed_leads_to_the_children_of_the_new_one() {
    let session = library();
    for strategy in yielding() {
        let mut authors = session.all(Author::select().with(by(strategy, Author::BOOKS))).unwrap();
        let ids = |author: &Author| author.books().unwrap().iter().map(|book| book.id).collect::<Vec<_>>();
        assert_eq!(ids(&authors[0]), [1, 2]);
        authors[0].id = 3;
        assert_eq!(ids(&authors[0]), [4], "{strategy}");
        authors[0].id = 99;
        assert_eq!(ids(&authors[0]), [0_i64; 0], "{strategy}");
    }
}

fn a_row_whose_key_changes_often_answers_each_time() {
    let session = library();
    let mut book = books(&session, Strategy::Selectin).swap_remove(0);
    for round in 0..2_000 {
        book.author_id = 1 + round % 3;
        assert_eq!(book.author().unwrap().id, book.author_id);
        book.editor_id = Some(round + 1_000);
        assert!(book.editor().unwrap().is_none());
    }
}

fn a_null_key_sends_nothing_and_is_no_error_under_any_strategy() {
    let session = library();
    for strategy in Strategy::ALL {
        let query = Book::select().filter(Book::EDITOR_ID.is_null()).with(by(strategy, Book::EDITOR));
        let tally = session.tally();
        for book in session.all(query).unwrap() {
            assert_eq!(editor(&book), None, "{strategy}");
            assert!(book.editor.is_loaded(), "{strategy}");
        }
        assert_eq!(tally.statements(), 1, "{strategy}");
    }
    session.default_strategy(Strategy::Raise);
    let book = session.get::<Book>(1).unwrap();
    assert_eq!(editor(&book), None);
    assert!(book.author().is_err());
}

fn a_null_key_of_a_row_that_no_query_returned_leads_to_nothing() {
    let new = |editor_id| Book {
        id: 9,
        author_id: 1,
        editor_id,
        author: BelongsTo::default(),
        editor: BelongsTo::default(),
    };
    assert!(new(None).editor().unwrap().is_none());
    assert!(matches!(new(Some(1)).editor(), Err(Error::Unattached { .. })));
}

fn reload_keeps_what_the_load_path_loads_below() {
    let session = library();
    for strategy in yielding() {
        let path = by(strategy, Author::BOOKS).selectin(Book::EDITOR);
        let mut authors = session.all(Author::select().with(path)).unwrap();
        assert_eq!(authors[0].books().unwrap().len(), 2);
        authors[0].books.reload();
        let tally = session.tally();
        let editors: Vec<_> = authors[0].books().unwrap().iter().map(editor).collect();
        assert_eq!(editors, [None, Some("Bo")], "{strategy}");
        assert_eq!(tally.statements(), 2, "the books and their editors ({strategy})");
    }
}

fn reload_keeps_raise() {
    let session = library();
    let mut author = session.first(Author::select().with(raise(Author::BOOKS))).unwrap().unwrap();
    author.books.reload();
    assert!(matches!(author.books(), Err(Error::Raised { .. })));

    // The default of a query or of the session counts, too, after its relation was loaded by a path.
    let query = || Author::select().with(selectin(Author::BOOKS));
    let mut author = session.first(query().default(Strategy::Raise)).unwrap().unwrap();
    assert_eq!(author.books().unwrap().len(), 2);
    author.books.reload();
    assert!(matches!(author.books(), Err(Error::Raised { .. })));
    author.id = 3;
    assert!(matches!(author.books(), Err(Error::Raised { .. })));
    session.preload([&author], selectin(Author::BOOKS)).unwrap();
    assert_eq!(author.books().unwrap()[0].id, 4);
}

/// One thing that a program does with its rows. The numbers choose a row, or several.
#[derive(Debug, Clone)]
enum Step {
    Author(usize, i64),
    Editor(usize, Option<i64>),
    Clone(usize),
    Reload(usize),
    Access(usize),
    Preload(usize, usize, Strategy),
    Query(Strategy),
}

fn steps() -> impl proptest::strategy::Strategy<Value = Step> {
    let strategies = || prop::sample::select(yielding());
    proptest::prop_oneof![
        (any::<usize>(), 1_i64..4).prop_map(|(row, key)| Step::Author(row, key)),
        (any::<usize>(), prop::option::of(1_i64..5)).prop_map(|(row, key)| Step::Editor(row, key)),
        any::<usize>().prop_map(Step::Clone),
        any::<usize>().prop_map(Step::Reload),
        any::<usize>().prop_map(Step::Access),
        (any::<usize>(), 0_usize..9, strategies()).prop_map(|(from, rows, by)| Step::Preload(from, rows, by)),
        strategies().prop_map(Step::Query),
    ]
}

/// Checks everything that can be accessed from a book against the tables.
fn check(book: &Book) {
    assert_eq!(book.author().unwrap().id, book.author_id);
    let editor = book.editor_id.filter(|key| *key <= 3);
    assert_eq!(book.editor().unwrap().map(|editor| editor.id), editor);
    if let Some(editor) = book.editor().unwrap() {
        let edited: &[i64] = [&[][..], &[2], &[3]][editor.id as usize - 1];
        assert_eq!(editor.edited().unwrap().iter().map(|book| book.id).collect::<Vec<_>>(), edited);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256)))]

    fn after_any_changes_an_access_returns_the_rows_of_the_key_of_now(
        first in prop::sample::select(yielding()),
        steps in prop::collection::vec(steps(), 0..30),
    ) {
        let session = library();
        let mut rows = books(&session, first);
        for step in steps {
            let count = rows.len();
            match step {
                Step::Author(row, key) => rows[row % count].author_id = key,
                Step::Editor(row, key) => rows[row % count].editor_id = key,
                Step::Clone(row) => rows.push(rows[row % count].clone()),
                Step::Reload(row) => {
                    rows[row % count].author.reload();
                    rows[row % count].editor.reload();
                }
                Step::Access(row) => check(&rows[row % count]),
                Step::Preload(from, taken, strategy) => {
                    let some = || rows.iter().cycle().skip(from % count).take(taken);
                    let path = (
                        by(strategy, Book::AUTHOR).by(strategy, Author::BOOKS),
                        by(strategy, Book::EDITOR).by(strategy, Author::EDITED),
                    );
                    session.preload(some(), path).unwrap();
                    if strategy.is_eager() {
                        let tally = session.tally();
                        some().for_each(check);
                        prop_assert_eq!(tally.statements(), 0);
                    }
                }
                Step::Query(strategy) => rows.extend(books(&session, strategy)),
            }
        }
        rows.iter().for_each(check);
        let tally = session.tally();
        rows.iter().for_each(check);
        prop_assert_eq!(tally.statements(), 0);
    }
}

/// `Select` has a method of the name of a function of `Default`.
#[test]
fn the_default_of_a_query_is_still_a_query_of_all_rows() {
    let query: Select<Author> = Default::default();
    assert_eq!(query.to_sql(), Author::select().to_sql());
}
