//! Relations through others, such as the tags of a post through its taggings. Each strategy returns the same set: each row
//! of the target once for each parent, in the order of its key.

use super::*;

on_both!(each_tag_comes_once_for_each_post_in_the_order_of_its_key,);

#[derive(Debug, Entity)]
#[entity(table = "posts")]
struct Post {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "post_id")]
    taggings: HasMany<Tagging>,
    #[entity(through(taggings, tag))]
    tags: HasMany<Tag>,
    #[entity(through(taggings, tag))]
    first_tag: HasOne<Tag>,
    /// Goes through two relations that go through others themselves, and so twice through one table.
    #[entity(through(tags, posts))]
    alike: HasMany<Post>,
    #[entity(through(taggings, tag, notes))]
    notes: HasMany<Note>,
}

/// A joining table without a key, whose columns can be null.
#[derive(Debug, Entity)]
#[entity(table = "taggings")]
struct Tagging {
    post_id: Option<i64>,
    tag_id: Option<i64>,
    #[entity(key = "post_id")]
    post: BelongsTo<Post>,
    #[entity(key = "tag_id")]
    tag: BelongsTo<Tag>,
}

#[derive(Debug, Entity)]
#[entity(table = "tags")]
struct Tag {
    #[entity(key)]
    id: i64,
    weight: i64,
    #[entity(foreign_key = "tag_id")]
    taggings: HasMany<Tagging>,
    #[entity(foreign_key = "tag_id")]
    notes: HasMany<Note>,
    #[entity(through(taggings, post))]
    posts: HasMany<Post>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    tag_id: Option<i64>,
    #[entity(key = "tag_id")]
    tag: BelongsTo<Tag>,
}

/// Creates the tables. `rows` has the values of posts, taggings, tags and notes.
fn blog(rows: [&str; 4]) -> Session {
    let session = database(&[
        "CREATE TABLE posts (id INTEGER PRIMARY KEY)",
        "CREATE TABLE taggings (post_id INTEGER, tag_id INTEGER)",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY, weight INTEGER NOT NULL)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, tag_id INTEGER)",
        "CREATE INDEX taggings_post ON taggings (post_id)",
        "CREATE INDEX taggings_tag ON taggings (tag_id)",
        "CREATE INDEX notes_tag ON notes (tag_id)",
    ]);
    for (table, values) in ["posts", "taggings", "tags", "notes"].into_iter().zip(rows) {
        if !values.is_empty() {
            session.execute(&format!("INSERT INTO {table} VALUES {values}"), []).unwrap();
        }
    }
    session
}

/// Creates three posts. The first has the tags 1 and 3, which it has twice. The second has tag 1 and a dangling one. The
/// third has none.
fn small_blog() -> Session {
    blog([
        "(1), (2), (3)",
        "(1, 3), (1, 1), (1, 3), (2, 1), (2, 99), (NULL, 1), (2, NULL), (99, 2), (NULL, NULL)",
        "(1, 10), (2, 20), (3, 5)",
        "(1, 3), (2, 1), (3, 3), (4, NULL)",
    ])
}

fn tags(post: &Post) -> Vec<i64> {
    post.tags().unwrap().iter().map(|tag| tag.id).collect()
}

fn each_tag_comes_once_for_each_post_in_the_order_of_its_key() {
    let session = small_blog();
    for strategy in yielding() {
        let tally = session.tally();
        let posts = all::<Post>(&session, by(strategy, Post::TAGS));
        let found: Vec<_> = posts.iter().map(tags).collect();
        assert_eq!(found, [vec![1, 3], vec![1], vec![]], "{strategy}");
        let statements = match strategy {
            Strategy::Lazy | Strategy::Immediate => 1 + 3,
            Strategy::Joined => 1,
            _ => 1 + 1,
        };
        assert_eq!(tally.statements(), statements, "{strategy}");
        assert_eq!(tally.objects(), 3 + 3, "{strategy}");
    }
}
