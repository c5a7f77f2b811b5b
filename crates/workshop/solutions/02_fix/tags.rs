//! # 8. Tags: why the relation goes through
//!
//! The page sent 1 statement for the posts, 1 for the taggings of each post, and 1 for the tag of each tagging. For 3
//! posts with 12 taggings, that is 1 + 3 + 12 = 16. The inner of the two loops sends most of them.
//!
//! The path of two steps sends 3 statements for any number of posts: posts, taggings, tags. That fixes the N+1. But the
//! page does not use the taggings. It builds an object for each of them, only to reach the tags and to drop repeated
//! ones.
//!
//! `through(taggings, tag)` says where the tags are: follow the taggings of the post, then the tag of each. It needs no
//! new column. `selectin(Post::TAGS)` joins the two tables in the database:
//!
//! ```sql
//! SELECT "tags"."id", "tags"."name", "taggings"."post_id"
//!     FROM "taggings" AS "taggings" JOIN "tags" ON "tags"."id" = +"taggings"."tag_id"
//!     WHERE "taggings"."post_id" IN (SELECT +value FROM rarray(?1))
//!     ORDER BY "taggings"."post_id", "tags"."id"
//! ```
//!
//! That is 2 statements. Each tag comes once for each post, in the order of its key, so the page need not sort or drop
//! anything. The database still returns a row for each tagging. The ORM drops the repeated ones before it builds objects.
//!
//! `joined(Post::TAGS)` sends 1 statement, and repeats the post in the row of each tagging. If the page showed who gave
//! a tag, it would need the taggings, and the path of two steps would be right.

use workshop::*;

/// How many statements the page sends in a blog of 3 posts: as it is, and with the path of two steps.
const PREDICTED: [u64; 2] = [16, 3];

#[derive(Debug, Entity)]
#[entity(table = "posts")]
struct Post {
    #[entity(key)]
    id: i64,
    title: String,
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
    reader: i64,
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
    name: String,
}

#[derive(Debug, PartialEq)]
struct Line {
    title: String,
    tags: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let posts = session.all(Post::select().with(selectin(Post::TAGS)))?;

    let mut lines = Vec::new();
    for post in &posts {
        let tags: Vec<_> = post.tags()?.iter().map(|tag| tag.name.as_str()).collect();
        lines.push(Line { title: post.title.clone(), tags: tags.join(", ") });
    }
    Ok(lines)
}

/// Loads the posts with the path of two steps. The loop of the page then sends nothing.
fn two_steps(session: &Session) -> Result<Vec<Post>> {
    session.all(Post::select().with(selectin(Post::TAGGINGS).selectin(Tagging::TAG)))
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    let session = blog(3);
    session.echo(has_argument("echo"));
    for line in page(&session)? {
        println!("{line:?}");
    }
    if has_argument("path") {
        println!("\nwith the path of two steps:");
        session.echo(true);
        two_steps(&session)?;
    }
    println!();
    for posts in [3, 50, 500] {
        let session = blog(posts);
        let tally = session.tally();
        page(&session)?;
        println!("{posts:>3} posts: {:>5} objects built", count(tally.objects()));
    }
    Ok(())
}

/// Creates a blog with this number of posts, tagged by 7 readers. Some posts have no tag. Some have a tag from several
/// readers.
fn blog(posts: u32) -> Session {
    let session = Session::in_memory().expect("a database in memory");
    let tables = || {
        session.create_tables::<(Post, Tagging, Tag)>()?;
        let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?1)";
        session.execute(
            &format!("{numbers} INSERT INTO posts (id, title) SELECT n, 'Post ' || n FROM numbers"),
            params![posts],
        )?;
        session.execute(
            "INSERT INTO tags (id, name) VALUES (1, 'rust'), (2, 'sql'), (3, 'orm'), (4, 'index'), (5, 'join'),
                (6, 'cache'), (7, 'tests'), (8, 'latency'), (9, 'postgres'), (10, 'sqlite')",
            [],
        )?;
        session.execute(
            &format!(
                "{numbers} INSERT INTO taggings (post_id, tag_id, reader)
                SELECT posts.id, 1 + (posts.id + n * n) % 10, n FROM posts JOIN numbers
                WHERE n <= (posts.id * 5 + 2) % 8 ORDER BY n, posts.id"
            ),
            params![7],
        )
    };
    tables().unwrap_or_else(|error| panic!("{error}"));
    session
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the predictions. Afterwards, the test grades the page.
    fn the_predictions_are_right() {
        let session = blog(3);
        let [as_it_is, with_two_steps] = PREDICTED;
        let ran = statements_of(&session, || Ok(by_objects(&session)));
        let help = "count with `cargo run --bin tags -- echo`";
        expect_prediction("the statements of the page as it is", as_it_is, ran, help);
        let ran = statements_of(&session, || two_steps(&session));
        let help = "count with `cargo run --bin tags -- path`, without BEGIN and COMMIT";
        expect_prediction("the statements with two steps", with_two_steps, ran, help);
    }

    #[derive(FromRow)]
    struct Shown {
        objects: i64,
    }

    /// Counts each post, and each tag once for each post that has it.
    const OBJECTS: &str = "SELECT (SELECT count(*) FROM posts)
        + (SELECT count(*) FROM (SELECT DISTINCT post_id, tag_id FROM taggings)) AS objects";

    #[test]
    fn two_statements_and_no_object_of_a_tagging() {
        the_predictions_are_right();
        for posts in [1, 7, 60] {
            let session = blog(posts);
            let lines = expect_at_most(&session, 2, || page(&session));
            expect_lines(&lines, &by_objects(&session));

            let objects = truth::<Shown>(&session, OBJECTS)[0].objects as u64;
            let tally = session.tally();
            page(&session).unwrap();
            assert!(
                tally.objects() == objects,
                "expected {} of posts and tags, built {}",
                eagerly::numbers::counted(objects, "object"),
                count(tally.objects())
            );
        }
    }

    /// Builds the lines as the page did at first.
    fn by_objects(session: &Session) -> Vec<Line> {
        let line = |post: &Post| {
            let mut tags = Vec::new();
            for tagging in post.taggings()? {
                tags.push(tagging.tag()?);
            }
            tags.sort_by_key(|tag| tag.id);
            tags.dedup_by_key(|tag| tag.id);
            let tags: Vec<_> = tags.iter().map(|tag| tag.name.as_str()).collect();
            Ok(Line { title: post.title.clone(), tags: tags.join(", ") })
        };
        session.all(Post::select()).unwrap().iter().map(line).collect::<Result<_>>().unwrap()
    }
}
