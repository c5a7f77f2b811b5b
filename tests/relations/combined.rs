//! Features that meet: relations through others that have an order, over schemas and unique columns, with parts that have
//! figures.

use super::random_graphs::Random;
use super::*;

on_both!(
    every_strategy_sorts_what_it_reaches_through_unique_columns_and_schemas,
    parts_and_figures_agree_with_the_rows_that_are_reached,
    parts_with_the_same_figures_are_one_part,
    preloading_sorts_a_relation_through_others,
    messages_and_plans_name_the_schema_on_the_way,
);

#[derive(Debug, Entity)]
#[entity(table = "people", schema = "the press")]
struct Writer {
    #[entity(key)]
    id: i64,
    code: Option<String>,
    #[entity(foreign_key = "writerCode", references = "code")]
    credits: HasMany<Credit>,
    #[entity(through(credits, work), order_by = "year desc")]
    works: HasMany<Work>,
    #[entity(through(credits, work), order_by = "year, name desc")]
    first: HasOne<Work>,
}

/// The joining table has the name of the target's table, in another schema.
#[derive(Debug, Entity)]
#[entity(table = "works", rename_all = "camelCase")]
struct Credit {
    writer_code: Option<String>,
    work_number: Option<i64>,
    #[entity(key = "writerCode", references = "code")]
    writer: BelongsTo<Writer>,
    #[entity(key = "workNumber", references = "number")]
    work: BelongsTo<Work>,
}

/// Names that differ in case are equal, and are the key.
#[derive(Debug, Entity)]
#[entity(table = "works", schema = "the press")]
struct Work {
    #[entity(key)]
    name: String,
    number: Option<i64>,
    year: Option<i64>,
    #[entity(foreign_key = "workNumber", references = "number")]
    credits: HasMany<Credit>,
    #[entity(through(credits, writer), order_by = "id desc")]
    writers: HasMany<Writer>,
    #[entity(foreign_key = "work_number", references = "number")]
    pages: HasMany<Page>,
}

#[derive(Debug, Entity)]
#[entity(table = "pages", schema = "the press")]
struct Page {
    #[entity(key)]
    id: i64,
    work_number: Option<i64>,
    words: i64,
}

/// Creates the tables. On PostgreSQL, all tests share a database, so they take turns.
fn press() -> Session {
    let session = database(&[]);
    let create = match session.dialect() {
        Dialect::Sqlite => "ATTACH ':memory:' AS \"the press\"",
        Dialect::Postgres => "CREATE SCHEMA \"the press\"",
    };
    let name = match session.dialect() {
        Dialect::Sqlite => "TEXT COLLATE NOCASE",
        Dialect::Postgres => "public.citext",
    };
    if session.dialect() == Dialect::Postgres {
        // The lock is held as long as the session.
        session.query::<Locked>("SELECT pg_advisory_lock(3)::text AS locked", []).unwrap();
        session.execute("DROP SCHEMA IF EXISTS \"the press\" CASCADE", []).unwrap();
    }
    for sql in [
        create,
        "CREATE TABLE works (\"writerCode\" TEXT, \"workNumber\" INTEGER)",
        "CREATE TABLE \"the press\".people (id INTEGER PRIMARY KEY, code TEXT UNIQUE)",
        &format!(
            "CREATE TABLE \"the press\".works (name {name} NOT NULL, number INTEGER UNIQUE, year INTEGER)"
        ),
        "CREATE TABLE \"the press\".pages (id INTEGER PRIMARY KEY, work_number INTEGER, words INTEGER NOT NULL)",
    ] {
        session.execute(sql, []).unwrap_or_else(|error| panic!("{error}"));
    }
    session
}

#[derive(eagerly::FromRow)]
#[expect(dead_code, reason = "the lock matters, not the row")]
struct Locked {
    locked: String,
}

/// The rows, as Rust knows them.
struct Rows {
    writers: Vec<(i64, Option<String>)>,
    credits: Vec<(Option<String>, Option<i64>)>,
    works: Vec<(String, Option<i64>, Option<i64>)>,
    pages: Vec<(i64, Option<i64>, i64)>,
}

type Reached<'r> = Vec<&'r (String, Option<i64>, Option<i64>)>;

impl Rows {
    /// Replaces the rows by others.
    fn fill(session: &Session, random: &mut Random) -> Self {
        let code = |random: &mut Random| {
            (random.below(5) > 0).then(|| ["a", "b", "c", "A"][random.below(4) as usize].to_owned())
        };
        let number = |random: &mut Random| (random.below(6) > 0).then(|| random.below(5) as i64);
        let mut codes = vec![Some("b"), None, Some("A"), Some("a"), None];
        codes.truncate(random.below(6) as usize);
        let writers = (1..).zip(codes).map(|(id, code)| (id, code.map(str::to_owned))).collect();
        let credits = (0..random.below(16)).map(|_| (code(random), number(random))).collect();
        let mut works = Vec::new();
        for name in ["x", "X", "y", "Y", "z", "xy"] {
            let number = [(); 6].map(|()| number(random)).into_iter().find(|number| {
                number.is_none() || works.iter().all(|(_, taken, _): &(_, Option<i64>, _)| taken != number)
            });
            if random.below(4) > 0 {
                let year = (random.below(3) > 0).then(|| random.below(2) as i64);
                works.push((name.to_owned(), number.flatten(), year));
            }
        }
        let pages = (1..random.below(12) as i64).map(|id| (id, number(random), random.below(9) as i64));
        let rows = Self { writers, credits, works, pages: pages.collect() };
        for table in ["works", "\"the press\".people", "\"the press\".works", "\"the press\".pages"] {
            session.execute(&format!("DELETE FROM {table}"), []).unwrap();
        }
        let insert = |table: &str, values: Vec<String>| {
            if !values.is_empty() {
                session.execute(&format!("INSERT INTO {table} VALUES {}", values.join(", ")), []).unwrap();
            }
        };
        let text =
            |text: &Option<String>| text.as_ref().map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let integer = |number: &Option<i64>| number.map_or("NULL".to_owned(), |number| number.to_string());
        let written = rows.writers.iter().map(|(id, code)| format!("({id}, {})", text(code)));
        insert("\"the press\".people", written.collect());
        let written =
            rows.credits.iter().map(|(code, number)| format!("({}, {})", text(code), integer(number)));
        insert("works", written.collect());
        // In the reverse order, so that rows in the order of their insertion are wrong.
        let works = rows.works.iter().rev();
        let written =
            works.map(|(name, number, year)| format!("('{name}', {}, {})", integer(number), integer(year)));
        insert("\"the press\".works", written.collect());
        let written =
            rows.pages.iter().map(|(id, number, words)| format!("({id}, {}, {words})", integer(number)));
        insert("\"the press\".pages", written.collect());
        rows
    }

    fn is_credited(&self, code: &Option<String>, number: Option<i64>) -> bool {
        let is_same = |credit: &&(Option<String>, Option<i64>)| credit.0 == *code && credit.1 == number;
        code.is_some() && number.is_some() && self.credits.iter().any(|credit| is_same(&credit))
    }

    /// Returns the works of a writer, in the order of the relation, and then of the key.
    fn works(&self, code: &Option<String>) -> Reached<'_> {
        let mut works: Vec<_> = self.works.iter().filter(|work| self.is_credited(code, work.1)).collect();
        works.sort_by_key(|(name, _, year)| {
            (std::cmp::Reverse(*year), name.to_ascii_lowercase(), name.clone())
        });
        works
    }

    fn first(&self, code: &Option<String>) -> Option<&str> {
        let works = self.works(code).into_iter();
        let key = |name: &str| std::cmp::Reverse(name.to_ascii_lowercase());
        works.min_by_key(|(name, _, year)| (*year, key(name), name.clone())).map(|work| work.0.as_str())
    }

    fn writers(&self, number: Option<i64>) -> Vec<i64> {
        let writers = self.writers.iter().rev().filter(|writer| self.is_credited(&writer.1, number));
        writers.map(|writer| writer.0).collect()
    }

    fn pages(&self, number: Option<i64>) -> Vec<i64> {
        let pages = self.pages.iter().filter(|page| number.is_some() && page.1 == number);
        pages.map(|page| page.2).collect()
    }
}

fn ids(writers: &[Writer]) -> Vec<i64> {
    writers.iter().map(|writer| writer.id).collect()
}

fn every_strategy_sorts_what_it_reaches_through_unique_columns_and_schemas() {
    let session = press();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..cases(400) {
        let rows = Rows::fill(&session, &mut random);
        let [a, b, c] = [(); 3].map(|()| random.strategy());
        let below =
            by(a, Writer::WORKS).with((by(b, Work::WRITERS).by(c, Writer::FIRST), by(c, Work::PAGES)));
        let query = Writer::select().with((below, by(b, Writer::FIRST)));
        let (query, count) = match random.below(3) {
            0 => (query.limit(2), rows.writers.len().min(2)),
            _ => (query, rows.writers.len()),
        };
        let what = format!("{round} {a} {b} {c}");
        let writers = session.all(query).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(writers.len(), count, "{what}");
        for (writer, (id, code)) in writers.iter().zip(&rows.writers) {
            assert_eq!(writer.id, *id, "{what}");
            assert_eq!(writer.first().unwrap().map(|work| work.name.as_str()), rows.first(code), "{what}");
            let (works, expected) = (writer.works().unwrap(), rows.works(code));
            let names: Vec<_> = works.iter().map(|work| work.name.as_str()).collect();
            assert_eq!(names, expected.iter().map(|work| work.0.as_str()).collect::<Vec<_>>(), "{what}");
            for work in works {
                let writers = work.writers().unwrap();
                assert_eq!(ids(writers), rows.writers(work.number), "{what}");
                for writer in writers {
                    let first = writer.first().unwrap().map(|work| work.name.as_str());
                    assert_eq!(first, rows.first(&writer.code), "{what}");
                }
                let pages: Vec<_> = work.pages().unwrap().iter().map(|page| page.words).collect();
                assert_eq!(pages, rows.pages(work.number), "{what}");
            }
        }
    }
}

fn parts_and_figures_agree_with_the_rows_that_are_reached() {
    let session = press();
    let mut random = Random(0xA076_1D64_78BD_642F);
    for round in 0..cases(300) {
        let rows = Rows::fill(&session, &mut random);
        let (each, least) = (random.below(4), random.below(2) as i64);
        let part = Writer::WORKS
            .filter(Work::PAGES.count().ge(least))
            .order_by(Work::PAGES.sum(Page::WORDS).desc())
            .limit_each(each);
        let path = selectin(part).by(random.strategy(), Work::WRITERS);
        let query = Writer::select().order_by(Writer::WORKS.count().desc()).with(path);
        let figures = (
            Writer::WORKS.count(),
            Writer::WORKS.filter(Work::YEAR.ge(1)).count(),
            Writer::WORKS.then(Work::PAGES).sum(Page::WORDS),
        );
        let writers = session.all_with(query, figures).unwrap_or_else(|error| panic!("{round}: {error}"));
        let mut order: Vec<_> = rows.writers.iter().collect();
        order.sort_by_key(|(_, code)| std::cmp::Reverse(rows.works(code).len()));
        assert_eq!(writers.len(), order.len(), "{round}");
        for ((writer, (count, late, words)), (id, code)) in writers.iter().zip(order) {
            assert_eq!(writer.id, *id, "{round}");
            let mut works = rows.works(code);
            let sum = |work: &(String, Option<i64>, Option<i64>)| rows.pages(work.1).iter().sum::<i64>();
            assert_eq!(*count, works.len() as i64, "{round}");
            assert_eq!(*late, works.iter().filter(|work| work.2 >= Some(1)).count() as i64, "{round}");
            assert_eq!(*words, works.iter().map(|work| sum(work)).sum::<i64>(), "{round}");
            works.retain(|work| rows.pages(work.1).len() as i64 >= least);
            works.sort_by_key(|work| std::cmp::Reverse(sum(work)));
            works.truncate(each as usize);
            let part = writer.works.part().unwrap();
            let names: Vec<_> = part.iter().map(|work| work.name.as_str()).collect();
            assert_eq!(names, works.iter().map(|work| work.0.as_str()).collect::<Vec<_>>(), "{round}");
            assert!(
                part.iter().all(|work| ids(work.writers().unwrap()) == rows.writers(work.number)),
                "{round}"
            );
        }
        let long = Writer::select().filter(Writer::WORKS.any(Work::PAGES.count().gt(1)));
        let expected = rows
            .writers
            .iter()
            .filter(|(_, code)| rows.works(code).iter().any(|work| rows.pages(work.1).len() > 1));
        assert_eq!(session.count(long).unwrap(), expected.count() as u64, "{round}");
    }
}

fn parts_with_the_same_figures_are_one_part() {
    let session = press();
    let figure = |least| Work::PAGES.filter(Page::WORDS.gt(least)).count();
    let part = |least| Writer::WORKS.filter(figure(least).gt(0)).order_by(figure(least).desc()).limit_each(2);
    let query = Writer::select()
        .with((selectin(part(1)).selectin(Work::WRITERS), selectin(part(1)).selectin(Work::PAGES)));
    assert_eq!(query.plan(&session).unwrap().formula(), "1 + 1 + 1 + 1");
    let by_sum = || Writer::WORKS.filter(figure(1).gt(0)).order_by(Work::PAGES.sum(Page::WORDS).desc());
    Rows::fill(&session, &mut Random(1));
    session.execute("INSERT INTO \"the press\".people VALUES (9, 'z')", []).unwrap();
    for other in [part(2), by_sum().limit_each(2), part(1).order_by(figure(1))] {
        let query = Writer::select().with((selectin(part(1)), selectin(other)));
        let error = session.all(query).unwrap_err();
        assert!(matches!(error, Error::TwoParts { .. }), "{error}");
    }
}

fn preloading_sorts_a_relation_through_others() {
    let session = press();
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for round in 0..cases(100) {
        let rows = Rows::fill(&session, &mut random);
        let mut writers = session.all(Writer::select()).unwrap();
        if writers.is_empty() {
            continue;
        }
        // Some have their works, and the others are in another order than the query's.
        writers[0].works().unwrap();
        writers.reverse();
        let path = (by(random.strategy(), Writer::WORKS).selectin(Work::WRITERS), joined(Writer::FIRST));
        session.preload(&writers, path).unwrap();
        for (writer, (_, code)) in writers.iter().rev().zip(&rows.writers) {
            let works: Vec<_> = writer.works().unwrap().iter().map(|work| work.name.as_str()).collect();
            assert_eq!(
                works,
                rows.works(code).iter().map(|work| work.0.as_str()).collect::<Vec<_>>(),
                "{round}"
            );
            assert_eq!(writer.first().unwrap().map(|work| work.name.as_str()), rows.first(code), "{round}");
            assert!(
                writer
                    .works()
                    .unwrap()
                    .iter()
                    .all(|work| ids(work.writers().unwrap()) == rows.writers(work.number))
            );
        }
    }
}

fn messages_and_plans_name_the_schema_on_the_way() {
    let session = press();
    let plan = Writer::select().with(selectin(Writer::WORKS)).plan(&session).unwrap().to_string();
    assert!(plan.contains("the press.people"), "{plan}");
    let joins = r#""works" AS "credits" JOIN "the press"."works" ON "works"."number" = "#;
    assert!(plan.contains(joins), "{plan}");
    let plan = Work::select().with(selectin(Work::WRITERS)).plan(&session).unwrap().to_string();
    assert!(plan.contains(r#"JOIN "the press"."people" ON "people"."code" = "#), "{plan}");
}
