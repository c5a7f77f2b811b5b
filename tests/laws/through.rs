//! The laws for relations through others: the tags of a post, through its taggings. `tests/relations/through.rs` compares
//! the graphs.

use eagerly::{
    BelongsTo, Entity, HasMany, RelationExt as _, Session, Strategy, View, Views, by, params, selectin,
};
use eagerly_watch::Detector;

use crate::databases::{empty, execute};
use crate::shared::yielding;
use crate::support::Auditor;

on_both!(
    a_relation_through_others_costs_as_many_statements_as_a_direct_one,
    the_text_and_the_rows_do_not_depend_on_repeated_ways,
    views_and_messages_name_the_relation_itself,
    an_access_answers_for_the_key_of_now_and_reloads,
);

#[derive(Debug, Entity)]
#[entity(table = "posts")]
struct Post {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "post_id")]
    taggings: HasMany<Tagging>,
    #[entity(through(taggings, tag))]
    tags: HasMany<Tag>,
}

#[derive(Debug, Entity)]
#[entity(table = "taggings")]
struct Tagging {
    #[entity(key)]
    id: i64,
    post_id: i64,
    tag_id: i64,
    #[entity(key = "tag_id")]
    tag: BelongsTo<Tag>,
}

#[derive(Debug, Entity)]
#[entity(table = "tags")]
struct Tag {
    #[entity(key)]
    id: i64,
    name: String,
}

/// Creates this number of posts, each with three of ten tags. `times` is how often a post has each of its tags.
fn blog(posts: i64, times: i64) -> Session {
    let session = empty();
    for sql in [
        "CREATE TABLE posts (id INTEGER PRIMARY KEY)",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE taggings (id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL, tag_id INTEGER NOT NULL)",
        "CREATE INDEX taggings_post_id ON taggings (post_id)",
        "INSERT INTO tags VALUES (0, 'a'), (1, 'b'), (2, 'c'), (3, 'd'), (4, 'e'), (5, 'f'), (6, 'g'), (7, 'h'),
             (8, 'i'), (9, 'j')",
    ] {
        session.execute(sql, []).unwrap();
    }
    let mut id = 0;
    for post in 1..=posts {
        execute(&session, "INSERT INTO posts VALUES (?1)", params![post]).unwrap();
        for tag in (0..3).flat_map(|number| std::iter::repeat_n((post * 7 + number * 3) % 10, times as usize))
        {
            id += 1;
            execute(&session, "INSERT INTO taggings VALUES (?1, ?2, ?3)", params![id, post, tag]).unwrap();
        }
    }
    session
}

fn tags(posts: &[Post]) -> Vec<Vec<i64>> {
    posts.iter().map(|post| post.tags().unwrap().iter().map(|tag| tag.id).collect()).collect()
}

fn a_relation_through_others_costs_as_many_statements_as_a_direct_one() {
    let session = blog(12, 2);
    for strategy in yielding() {
        let auditor = Auditor::of(&session);
        let tally = session.tally();
        let posts = session.all(Post::select().with(by(strategy, Post::TAGS))).unwrap();
        assert!(tags(&posts).iter().all(|tags| tags.len() == 3));
        let statements = match strategy {
            Strategy::Lazy | Strategy::Immediate => 1 + 12,
            Strategy::Joined => 1,
            _ => 1 + 1,
        };
        assert_eq!(tally.statements(), statements, "{strategy}");
        assert_eq!(auditor.count(), tally.statements() + tally.control(), "{strategy}");
        assert_eq!(tally.objects(), 12 + 12 * 3, "{strategy}");
    }
}

fn the_text_and_the_rows_do_not_depend_on_repeated_ways() {
    for strategy in yielding() {
        let load = |times| {
            let session = blog(5, times);
            let tally = session.tally();
            let posts = session.all(Post::select().with(by(strategy, Post::TAGS))).unwrap();
            let texts: Vec<_> =
                tally.shapes().into_iter().map(|shape| (shape.sql, shape.statements)).collect();
            (tags(&posts), texts)
        };
        assert_eq!(load(1), load(4), "{strategy}");
    }
}

fn names(post: View<'_, Post, impl eagerly::Loads<post::Tags>>) -> String {
    let tags: Views<'_, post::Tags, _> = post.get(Post::TAGS);
    tags.iter().map(|tag| tag.name.clone()).collect()
}

fn views_and_messages_name_the_relation_itself() {
    let session = blog(3, 2);
    let posts = session.load(Post::select(), selectin(Post::TAGS)).unwrap();
    assert_eq!(posts.iter().map(names).collect::<Vec<_>>(), ["adh", "aeh", "beh"]);

    let raised = session.all(Post::select().with(eagerly::raise(Post::TAGS))).unwrap();
    let error = raised[0].tags().unwrap_err().to_string();
    assert!(error.contains("Post.tags"), "{error}");
    assert!(error.contains("help: add `.with(selectin(Post::TAGS))` to the query at"), "{error}");

    let detector = Detector::attach(&session);
    tags(&session.all(Post::select()).unwrap());
    let report = detector.report();
    assert_eq!(report.n_plus_one[0].load_path, "selectin(Post::TAGS)");
    assert_eq!(report.n_plus_one[0].statements, 3);
    drop(detector);

    let lazily = session.all(Post::select()).unwrap();
    session.close().unwrap();
    let error = lazily[0].tags().unwrap_err().to_string();
    assert!(error.contains("Post.tags"), "{error}");
}

fn an_access_answers_for_the_key_of_now_and_reloads() {
    let session = blog(3, 2);
    let mut posts = session.all(Post::select().with(by(Strategy::Batch, Post::TAGS))).unwrap();
    assert_eq!(tags(&posts), [[0, 3, 7], [0, 4, 7], [1, 4, 7]]);
    session.execute("DELETE FROM taggings WHERE tag_id = 7", []).unwrap();
    posts[0].tags.reload();
    assert_eq!(tags(&posts)[0], [0, 3]);

    let mut lazily = session.all(Post::select()).unwrap();
    lazily[0].id = 3;
    assert_eq!(tags(&lazily)[0], [1, 4]);
}

/// A joining row is searched by the index on its parent's column, and the target by its key.
#[test]
fn both_tables_of_a_relation_through_others_are_searched_by_an_index() {
    let session = blog(40, 2);
    let any = || Post::TAGS.any(Tag::NAME.eq("a"));
    let part = Post::TAGS.order_by(Tag::NAME).limit_each(2);
    let mut plans = vec![
        Post::select().filter(any()).plan(&session).unwrap(),
        Post::select().filter(Post::ID.gt(3)).with(selectin(part)).plan(&session).unwrap(),
    ];
    for strategy in Strategy::ALL {
        let query = Post::select().filter(Post::ID.gt(3)).with(by(strategy, Post::TAGS));
        plans.push(query.plan(&session).unwrap());
        plans.push(Post::select().with(by(strategy, Post::TAGS)).plan(&session).unwrap());
    }
    // With its statistics, SQLite would read a table of ten tags as a whole, which is faster.
    let more =
        "INSERT INTO tags WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                SELECT i, 'z' FROM n";
    session.execute(more, []).unwrap();
    session.execute("ANALYZE", []).unwrap();
    for strategy in Strategy::ALL {
        let query = Post::select().filter(Post::ID.gt(3)).with(by(strategy, Post::TAGS));
        plans.push(query.plan(&session).unwrap());
    }
    for plan in plans {
        let text = plan.to_string();
        // `limit_each` selects from a sub-select with the name of the table.
        let scans = text.matches("SCAN tag").count() - text.matches("CO-ROUTINE tags").count();
        assert_eq!(scans, 0, "{plan}");
        let searches = text.contains("INDEX taggings_post_id (post_id=?)");
        assert!(searches || text.contains("raise"), "{plan}");
    }
}

#[test]
fn a_plan_shows_the_statement_through_the_joining_table() {
    let session = blog(3, 1);
    let plan = |strategy| Post::select().with(by(strategy, Post::TAGS)).plan(&session).unwrap();
    assert_eq!(plan(Strategy::Lazy).formula(), "1 + posts");
    assert_eq!(plan(Strategy::Selectin).formula(), "1 + 1");
    assert_eq!(plan(Strategy::Joined).formula(), "1");
    let steps = plan(Strategy::Selectin).steps;
    assert_eq!(steps[1].loads, "Post.tags, by selectin");
    assert_eq!(steps[1].keyed_by, r#"the keys of all rows of "posts""#);
    assert_eq!(
        steps[1].sql,
        r#"SELECT "tags"."id", "tags"."name", "taggings"."post_id" FROM "taggings" AS "taggings" JOIN "tags" ON "tags"."id" = +"taggings"."tag_id" WHERE "taggings"."post_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "taggings"."post_id", "tags"."id""#
    );
    assert_eq!(
        plan(Strategy::Lazy).steps[1].sql,
        r#"SELECT "tags"."id", "tags"."name", "taggings"."post_id" FROM "taggings" AS "taggings" JOIN "tags" ON "tags"."id" = +"taggings"."tag_id" WHERE "taggings"."post_id" = ?1 ORDER BY "tags"."id""#
    );
}
