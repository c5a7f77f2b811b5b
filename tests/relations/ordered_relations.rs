//! Relations with an order of their own: every strategy returns the related rows in it.

use super::*;

on_both!(
    every_strategy_sorts_by_the_relation_and_then_by_the_key,
    two_ordered_collections_can_be_joined_side_by_side,
    a_part_sorts_by_its_own_order_first,
    a_column_of_an_order_may_have_any_name,
    nulls_of_a_newtype_come_first_too,
);

#[derive(Debug, Entity)]
#[entity(table = "authors")]
struct Author {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "author_id", order_by = "year desc, title")]
    books: HasMany<Book>,
    #[entity(foreign_key = "author_id", order_by = "year")]
    oldest: HasOne<Book>,
    #[entity(foreign_key = "author_id", order_by = "last word  ASC,id DESC")]
    by_word: HasMany<Book>,
    #[entity(foreign_key = "author_id", order_by = "desc desc")]
    by_rank: HasMany<Book>,
}

#[derive(Debug, Entity)]
#[entity(table = "books")]
struct Book {
    #[entity(key)]
    id: i64,
    author_id: i64,
    title: String,
    year: Option<i64>,
    #[entity(column = "last word")]
    word: String,
    #[entity(column = "desc")]
    rank: Rank,
    #[entity(foreign_key = "book_id", order_by = "page desc")]
    marks: HasMany<Mark>,
    #[entity(key = "author_id")]
    author: BelongsTo<Author>,
}

#[derive(Debug, PartialEq, eagerly::ColumnType)]
struct Rank(Option<i64>);

#[derive(Debug, Entity)]
#[entity(table = "marks")]
struct Mark {
    #[entity(key)]
    id: i64,
    book_id: i64,
    page: Option<i64>,
}

fn library() -> Session {
    database(&[
        "CREATE TABLE authors (id INTEGER PRIMARY KEY)",
        "CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, title TEXT NOT NULL, year INTEGER,
             \"last word\" TEXT NOT NULL, \"desc\" INTEGER)",
        "CREATE TABLE marks (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL, page INTEGER)",
        "INSERT INTO authors VALUES (1), (2), (3)",
        "INSERT INTO books VALUES
             (10, 1, 'a', 1990, 'z', 1), (11, 2, 'a', NULL, 'b', NULL), (12, 1, 'a', 2001, 'y', NULL),
             (13, 1, 'b', 2001, 'y', 2), (14, 1, 'a', NULL, 'x', 1), (15, 1, 'a', 2001, 'y', 3),
             (16, 2, 'b', 1980, 'a', 4), (17, 1, 'a', NULL, 'x', NULL)",
        "INSERT INTO marks VALUES (1, 12, 5), (2, 12, NULL), (3, 12, 9), (4, 12, 9), (5, 16, NULL), (6, 16, 1)",
    ])
}

fn ids(books: &[Book]) -> Vec<i64> {
    books.iter().map(|book| book.id).collect()
}

fn every_strategy_sorts_by_the_relation_and_then_by_the_key() {
    let session = library();
    for strategy in yielding() {
        for limit in [None, Some(2)] {
            let mut query = Author::select()
                .with(by(strategy, Author::BOOKS).by(strategy, Book::MARKS))
                .with(by(strategy, Author::OLDEST));
            if let Some(limit) = limit {
                query = query.limit(limit);
            }
            let authors = session.all(query).unwrap();
            assert_eq!(ids(authors[0].books().unwrap()), [12, 15, 13, 10, 14, 17], "{strategy}");
            assert_eq!(ids(authors[1].books().unwrap()), [16, 11], "{strategy}");
            let oldest = authors.iter().map(|author| author.oldest().unwrap().map(|book| book.id));
            assert_eq!(oldest.take(2).collect::<Vec<_>>(), [Some(14), Some(11)], "{strategy}");
            let pages =
                |book: &Book| -> Vec<i64> { book.marks().unwrap().iter().map(|mark| mark.id).collect() };
            assert_eq!(pages(&authors[0].books().unwrap()[0]), [3, 4, 1, 2], "{strategy}");
            assert_eq!(pages(&authors[1].books().unwrap()[0]), [6, 5], "{strategy}");
            let none: &[i64] = &[];
            assert!(authors.get(2).is_none_or(|author| ids(author.books().unwrap()) == none));
        }
    }
}

/// Each mixture of strategies, so that one collection repeats the rows of the other.
fn two_ordered_collections_can_be_joined_side_by_side() {
    let session = library();
    for one in yielding() {
        for other in yielding() {
            let paths = (by(one, Author::BOOKS).joined(Book::MARKS), by(other, Author::BY_WORD));
            let authors = session.all(Author::select().with(paths)).unwrap();
            assert_eq!(ids(authors[0].books().unwrap()), [12, 15, 13, 10, 14, 17], "{one} {other}");
            assert_eq!(ids(authors[0].by_word().unwrap()), [17, 14, 15, 13, 12, 10], "{one} {other}");
            let path = by(one, Book::AUTHOR).by(other, Author::BOOKS);
            let books = session.all(Book::select().with(path)).unwrap();
            let of_first = books[0].author().unwrap().books().unwrap();
            assert_eq!(ids(of_first), [12, 15, 13, 10, 14, 17], "{one} {other}");
        }
    }
}

fn a_part_sorts_by_its_own_order_first() {
    let session = library();
    fn first(session: &Session, part: Part<author::Books>) -> Vec<i64> {
        let authors = session.all(Author::select().with(selectin(part))).unwrap();
        ids(authors[0].books.part().unwrap())
    }
    assert_eq!(first(&session, Author::BOOKS.filter(Book::ID.gt(10))), [12, 15, 13, 14, 17]);
    assert_eq!(first(&session, Author::BOOKS.limit_each(4)), [12, 15, 13, 10]);
    assert_eq!(first(&session, Author::BOOKS.order_by(Book::TITLE.desc())), [13, 12, 15, 10, 14, 17]);
    assert_eq!(first(&session, Author::BOOKS.order_by(Book::TITLE.desc()).limit_each(2)), [13, 12]);
    assert_eq!(first(&session, Author::BOOKS.order_by(Book::YEAR)), [14, 17, 10, 12, 15, 13]);
}

fn a_column_of_an_order_may_have_any_name() {
    let session = library();
    for strategy in yielding() {
        let authors = session.all(Author::select().with(by(strategy, Author::BY_WORD))).unwrap();
        assert_eq!(ids(authors[0].by_word().unwrap()), [17, 14, 15, 13, 12, 10], "{strategy}");
    }
    let names: Vec<_> = author::ByWord::INFO.order.iter().map(|term| term.column).collect();
    assert_eq!(names, ["last word", "id"]);
}

fn nulls_of_a_newtype_come_first_too() {
    let session = library();
    for strategy in yielding() {
        let authors = session.all(Author::select().with(by(strategy, Author::BY_RANK))).unwrap();
        assert_eq!(ids(authors[0].by_rank().unwrap()), [15, 13, 10, 14, 12, 17], "{strategy}");
    }
    let ranks = session.all(Book::select().order_by(Book::RANK)).unwrap();
    assert_eq!((ids(&ranks)[0], &ranks[0].rank), (11, &Rank(None)));
}
