//! Relations through others, such as the tags of a post through its taggings. Each strategy returns the same set: each row
//! of the target once for each parent, in the order of its key.

use super::random_graphs::Random;
use super::*;

on_both!(
    each_tag_comes_once_for_each_post_in_the_order_of_its_key,
    a_has_one_through_others_is_the_first_row_by_key,
    random_paths_through_others_return_the_graph_of_lazy_loading,
    random_parts_through_others_have_the_rows_of_the_whole,
    conditions_and_figures_count_each_tag_once_for_each_post,
    friends_of_friends_by_texts_of_any_collation_equal_a_plain_join,
    keys_of_several_columns_are_matched_along_the_way,
    a_null_key_on_the_way_is_an_error_where_rows_could_repeat,
    names_of_our_own_do_not_disturb_a_relation_through_others,
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

fn a_has_one_through_others_is_the_first_row_by_key() {
    let session = small_blog();
    for strategy in yielding() {
        let posts = all::<Post>(&session, by(strategy, Post::FIRST_TAG));
        let found: Vec<_> = posts.iter().map(|post| post.first_tag().unwrap().map(|tag| tag.id)).collect();
        assert_eq!(found, [Some(1), Some(1), None], "{strategy}");
    }
}

/// Reads everything that is below the posts, as a text that two loads can compare.
fn graph(posts: &[Post]) -> String {
    let ids = |posts: &[Post]| posts.iter().map(|post| post.id).collect::<Vec<_>>();
    let mut out = String::new();
    for post in posts {
        out += &format!("{}(", post.id);
        for tag in post.tags().unwrap() {
            let notes: Vec<_> = tag.notes().unwrap().iter().map(|note| note.id).collect();
            out += &format!("{}:{}{notes:?}{:?}", tag.id, tag.weight, ids(tag.posts().unwrap()));
        }
        out += &format!("|{:?}", post.taggings().unwrap().len());
        out +=
            &format!("|{:?}", post.first_tag().unwrap().map(|tag| (tag.id, tag.taggings().unwrap().len())));
        out += &format!("|{:?}", ids(post.alike().unwrap()));
        for note in post.notes().unwrap() {
            let posts = note.tag().unwrap().map(|tag| ids(tag.posts().unwrap()));
            out += &format!("|{}{posts:?}", note.id);
        }
        out.push(')');
    }
    out
}

fn random_blog(random: &mut Random) -> Session {
    let key = |random: &mut Random, end| match random.below(end) {
        0 => "NULL".to_owned(),
        key => key.to_string(),
    };
    let rows = |random: &mut Random, most: u64, row: &dyn Fn(&mut Random, u64) -> String| {
        let count = random.below(most);
        (1..=count).map(|id| row(random, id)).collect::<Vec<_>>().join(", ")
    };
    let posts = rows(random, 6, &|_, id| format!("({id})"));
    let taggings = rows(random, 16, &|random, _| format!("({}, {})", key(random, 7), key(random, 7)));
    let tags = rows(random, 6, &|random, id| format!("({id}, {})", random.below(3)));
    let notes = rows(random, 8, &|random, id| format!("({id}, {})", key(random, 7)));
    blog([&posts, &taggings, &tags, &notes])
}

fn select(random: &mut Random) -> impl Fn() -> Select<Post> + use<> {
    let (filter, limit) = (random.below(5), random.below(9));
    move || {
        let select = match filter {
            0 => Post::select().filter(Post::ID.gt(2)),
            1 => Post::select().filter(Post::TAGS.any(Tag::WEIGHT.gt(0))),
            2 => Post::select().order_by(Post::ID.desc()),
            _ => Post::select(),
        };
        if limit < 5 { select.limit(limit) } else { select }
    }
}

fn random_paths_through_others_return_the_graph_of_lazy_loading() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..cases(800) {
        let session = random_blog(&mut random);
        let [a, b, c, d] = [(); 4].map(|()| random.strategy());
        let (select, shape) = (select(&mut random), random.below(8));
        let with = |[a, b, c, d]: [Strategy; 4]| match shape {
            0 => select().with(by(a, Post::TAGS).by(b, Tag::POSTS).by(c, Post::TAGS).by(d, Tag::NOTES)),
            1 => select().with((by(a, Post::TAGS).by(b, Tag::NOTES), by(c, Post::NOTES), by(d, Post::ALIKE))),
            2 => select().with(by(a, Post::TAGS).with((
                by(b, Tag::NOTES),
                by(c, Tag::POSTS),
                by(d, Tag::TAGGINGS),
            ))),
            3 => select().with((
                by(a, Post::FIRST_TAG).by(b, Tag::TAGGINGS),
                by(c, Post::TAGGINGS).by(d, Tagging::TAG),
            )),
            4 => select().with(by(a, Post::NOTES).by(b, Note::TAG).by(c, Tag::POSTS).by(d, Post::TAGS)),
            5 => select()
                .with(by(a, Post::ALIKE).by(b, Post::TAGS).with((by(c, Tag::NOTES), by(d, Tag::POSTS)))),
            6 => {
                select().with(by(a, Post::TAGGINGS).by(b, Tagging::POST).by(c, Post::TAGS).by(d, Tag::NOTES))
            }
            _ => select().with((
                by(a, Post::TAGS),
                by(b, Post::TAGGINGS),
                by(c, Post::ALIKE).by(d, Post::NOTES),
            )),
        };
        let what = format!("{round} {a} {b} {c} {d} shape {shape}");
        // A joined collection below a tagging needs its key, and it has none.
        let refused = |result: eagerly::Result<Vec<Post>>| match result {
            Err(Error::JoinNeedsKey { entity: "Tagging" }) => None,
            other => Some(other.unwrap_or_else(|error| panic!("{what}: {error}"))),
        };
        let lazy = graph(&session.all(select()).unwrap());
        let Some(found) = refused(session.all(with([a, b, c, d]))) else {
            continue;
        };
        assert_eq!(graph(&found), lazy, "{what}");

        let mut chunked = String::new();
        session
            .chunks(with([a, b, c, d]), 2, |chunk| {
                chunked += &graph(&chunk);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(chunked, lazy, "chunks {what}");

        // `subquery` sends as many statements as `selectin`.
        let sent = |strategies: [Strategy; 4]| {
            let tally = session.tally();
            session.all(with(strategies)).unwrap();
            tally.statements()
        };
        let chosen = [a, b, c, d].map(|one| if one == Strategy::Subquery { Strategy::Selectin } else { one });
        assert_eq!(sent([a, b, c, d]), sent(chosen), "statements {what}");

        session.default_strategy(d);
        if let Some(found) = refused(session.all(select())) {
            assert_eq!(graph(&found), lazy, "by default {what}");
        }
    }
}

fn random_parts_through_others_have_the_rows_of_the_whole() {
    let mut random = Random(0xA076_1D64_78BD_642F);
    for round in 0..cases(600) {
        let session = random_blog(&mut random);
        let (below, select) = (random.strategy(), select(&mut random));
        let (each, least, descending) = (random.below(4), random.below(3) as i64, random.below(2) == 0);
        let mut part = Post::TAGS.filter(Tag::WEIGHT.ge(least));
        if descending {
            part = part.order_by(Tag::WEIGHT.desc());
        }
        let what = format!("{round} {below} each {each} least {least} {descending}");
        let query = match each < 3 {
            true => select().with(selectin(part.limit_each(each)).by(below, Tag::POSTS)),
            false => select().with(selectin(part).by(below, Tag::POSTS)),
        };
        let posts = session.all(query).unwrap_or_else(|error| panic!("{what}: {error}"));
        for post in posts {
            let mut whole: Vec<_> = post.tags().unwrap().iter().filter(|tag| tag.weight >= least).collect();
            if descending {
                whole.sort_by_key(|tag| -tag.weight);
            }
            if each < 3 {
                whole.truncate(each as usize);
            }
            let read =
                |tag: &Tag| (tag.id, tag.posts().unwrap().iter().map(|post| post.id).collect::<Vec<_>>());
            let part: Vec<_> = post.tags.part().unwrap().iter().map(read).collect();
            assert_eq!(part, whole.into_iter().map(read).collect::<Vec<_>>(), "{what}");
        }
    }
}

fn conditions_and_figures_count_each_tag_once_for_each_post() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for round in 0..cases(300) {
        let session = random_blog(&mut random);
        let figures = (
            Post::TAGS.count(),
            Post::TAGS.sum(Tag::WEIGHT.times(Tag::ID)),
            Post::TAGS.max(Tag::WEIGHT),
            Post::TAGS.then(Tag::POSTS).then(Post::NOTES).sum(Note::ID),
        );
        let posts = session.all_with(Post::select(), figures).unwrap();
        for (post, (count, sum, max, notes)) in &posts {
            let tags = post.tags().unwrap();
            let weights = tags.iter().map(|tag| tag.weight);
            assert_eq!(*count, tags.len() as i64, "{round}");
            assert_eq!(*sum, tags.iter().map(|tag| tag.weight * tag.id).sum::<i64>(), "{round}");
            assert_eq!(*max, weights.max(), "{round}");
            let of_post = |post: &Post| post.notes().unwrap().iter().map(|note| note.id).sum::<i64>();
            let of_tag = |tag: &Tag| tag.posts().unwrap().iter().map(of_post).sum::<i64>();
            assert_eq!(*notes, tags.iter().map(of_tag).sum::<i64>(), "{round}");
        }
        let heavy = |post: &&Post| post.tags().unwrap().iter().any(|tag| tag.weight == 2);
        let expected: Vec<_> = posts.iter().map(|(post, _)| post).filter(heavy).map(|post| post.id).collect();
        let found = session.all(Post::select().filter(Post::TAGS.any(Tag::WEIGHT.eq(2)))).unwrap();
        assert_eq!(found.iter().map(|post| post.id).collect::<Vec<_>>(), expected, "{round}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "people")]
struct Person {
    #[entity(key)]
    name: String,
    n: i64,
    mother: Option<String>,
    #[entity(foreign_key = "one")]
    friendships: HasMany<Friendship>,
    #[entity(through(friendships, friend))]
    friends: HasMany<Person>,
    #[entity(through(friends, friends))]
    friends_of_friends: HasMany<Person>,
    #[entity(foreign_key = "mother")]
    children: HasMany<Person>,
    #[entity(through(children, children))]
    grandchildren: HasMany<Person>,
}

#[derive(Debug, Entity)]
#[entity(table = "friendships")]
struct Friendship {
    #[entity(column = "one")]
    person: Option<String>,
    other: Option<String>,
    #[entity(key = "other")]
    friend: BelongsTo<Person>,
}

#[derive(eagerly::FromRow)]
struct Pair {
    a: String,
    b: String,
}

fn friends_of_friends_by_texts_of_any_collation_equal_a_plain_join() {
    let sqlite = databases::current() == Dialect::Sqlite;
    let (untyped, spaced) = match sqlite {
        true => ("", "TEXT COLLATE RTRIM"),
        false => ("TEXT COLLATE \"C\"", "VARCHAR(9)"),
    };
    let columns = ["TEXT", "TEXT COLLATE NOCASE", spaced, untyped];
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for round in 0..cases(600) {
        let [name, one, other, mother] = [(); 4].map(|()| columns[random.below(4) as usize]);
        let name = if name.is_empty() { "TEXT" } else { name };
        let session = database(&[
            &format!("CREATE TABLE people (name {name} NOT NULL, n INTEGER NOT NULL, mother {mother})"),
            &format!("CREATE TABLE friendships (one {one}, other {other})"),
        ]);
        // Keys that a collation treats as equal, and so are not unique there.
        let binary = match sqlite {
            true => "CREATE UNIQUE INDEX people_name ON people (name COLLATE BINARY)",
            false => "CREATE UNIQUE INDEX people_name ON people ((name::text COLLATE \"C\"))",
        };
        session.execute(binary, []).unwrap();
        if random.below(2) == 0 {
            session.execute("CREATE INDEX friendships_one ON friendships (one)", []).unwrap();
            session.execute("CREATE INDEX people_by_name ON people (name)", []).unwrap();
        }
        let texts = ["a", "A", "b", "B", "b ", "c", "1", "01", "1.0", "", "C"];
        let text =
            |random: &mut Random| (random.below(6) > 0).then(|| texts[random.below(11) as usize].to_owned());
        for _ in 0..random.below(9) {
            let (name, n) = (texts[random.below(11) as usize], random.below(3) as i64);
            let mother = text(&mut random);
            let _ = execute(&session, "INSERT INTO people VALUES (?1, ?2, ?3)", params![name, n, mother]);
        }
        for _ in 0..random.below(14) {
            let (one, other) = (text(&mut random), text(&mut random));
            execute(&session, "INSERT INTO friendships VALUES (?1, ?2)", params![one, other]).unwrap();
        }
        let [a, b, c] = [(); 3].map(|()| random.strategy());
        let what = format!("{round} {a} {b} {c}: {name} | {one} | {other} | {mother}");

        let names = |people: &[Person]| people.iter().map(|person| person.name.clone()).collect::<Vec<_>>();
        let graph = |people: &[Person]| -> Vec<_> {
            let one = |person: &Person| {
                let friends: Vec<_> = person
                    .friends()
                    .unwrap()
                    .iter()
                    .map(|friend| {
                        (
                            friend.name.clone(),
                            names(friend.friends().unwrap()),
                            names(friend.grandchildren().unwrap()),
                        )
                    })
                    .collect();
                (person.name.clone(), friends, names(person.friends_of_friends().unwrap()))
            };
            // A query does not sort people whose names the collation treats as equal.
            let mut people: Vec<_> = people.iter().map(one).collect();
            people.sort();
            people
        };
        let lazy = graph(&session.all(Person::select()).unwrap());
        let path = by(a, Person::FRIENDS).with((by(b, Person::FRIENDS), by(c, Person::GRANDCHILDREN)));
        let query = Person::select().with((path, by(b, Person::FRIENDS_OF_FRIENDS)));
        let found = session.all(query).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(graph(&found), lazy, "{what}");

        let part = Person::FRIENDS.order_by(Person::N.desc()).limit_each(2);
        let figures = (
            Person::FRIENDS.count(),
            Person::FRIENDS_OF_FRIENDS.count(),
            Person::GRANDCHILDREN.max(Person::N),
        );
        let parts = session.all(Person::select().with(selectin(part))).unwrap();
        for (person, (friends, of_friends, oldest)) in session.all_with(Person::select(), figures).unwrap() {
            assert_eq!(friends, person.friends().unwrap().len() as i64, "{what}");
            assert_eq!(of_friends, person.friends_of_friends().unwrap().len() as i64, "{what}");
            let grandchildren = person.grandchildren().unwrap().iter().map(|grandchild| grandchild.n);
            assert_eq!(oldest, grandchildren.max(), "{what}");
            let mut first: Vec<_> = person.friends().unwrap().iter().collect();
            first.sort_by_key(|friend| -friend.n);
            let first: Vec<_> = first.iter().take(2).map(|friend| friend.name.clone()).collect();
            let part = parts.iter().find(|other| other.name == person.name).unwrap().friends.part();
            assert_eq!(names(part.unwrap()), first, "{what}");
        }

        // A bound value has the type of the column that it is compared with.
        let value = |column: &str, declared: &str| match sqlite {
            true => format!("+{column}"),
            false => format!(
                "{column}::{}",
                declared.split(" COLLATE \"").next().unwrap().replace("TEXT COLLATE NOCASE", "public.citext")
            ),
        };
        let sql = format!(
            "SELECT DISTINCT people.name AS a, friend.name AS b FROM people
             JOIN friendships ON one = {} JOIN people AS friend ON friend.name = {}",
            value("people.name", one),
            value("other", name),
        );
        let mut joined: Vec<_> = session
            .query::<Pair>(&exact(&sql), [])
            .unwrap()
            .into_iter()
            .map(|pair| (pair.a, pair.b))
            .collect();
        let mut read: Vec<_> = lazy
            .iter()
            .flat_map(|(person, friends, _)| {
                friends.iter().map(move |(friend, ..)| (person.clone(), friend.clone()))
            })
            .collect();
        joined.sort();
        joined.dedup();
        read.sort();
        assert_eq!(read, joined, "{what}");
    }
}

/// Makes DISTINCT compare bytes.
fn exact(sql: &str) -> String {
    match databases::current() {
        Dialect::Sqlite => sql
            .replace("people.name AS", "people.name COLLATE BINARY AS")
            .replace("friend.name AS", "friend.name COLLATE BINARY AS"),
        Dialect::Postgres => sql
            .replace("people.name AS", "people.name::text COLLATE \"C\" AS")
            .replace("friend.name AS", "friend.name::text COLLATE \"C\" AS"),
    }
}

#[derive(Debug, Entity)]
#[entity(table = "houses")]
struct House {
    #[entity(key)]
    town: String,
    #[entity(key)]
    number: i64,
    #[entity(foreign_key("house_town", "house_number"))]
    visits: HasMany<Visit>,
    #[entity(through(visits, guest))]
    guests: HasMany<Guest>,
}

#[derive(Debug, Entity)]
#[entity(table = "visits")]
struct Visit {
    #[entity(key)]
    id: i64,
    house_town: Option<String>,
    house_number: Option<i64>,
    guest_name: Option<String>,
    guest_born: Option<i64>,
    #[entity(key("guest_name", "guest_born"))]
    guest: BelongsTo<Guest>,
}

#[derive(Debug, Entity)]
#[entity(table = "guests")]
struct Guest {
    #[entity(key)]
    name: String,
    #[entity(key)]
    born: i64,
    #[entity(foreign_key("guest_name", "guest_born"))]
    visits: HasMany<Visit>,
}

fn keys_of_several_columns_are_matched_along_the_way() {
    let session = database(&[
        "CREATE TABLE houses (town TEXT, number INTEGER, PRIMARY KEY (town, number))",
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, house_town TEXT, house_number INTEGER, guest_name TEXT, guest_born INTEGER)",
        "CREATE TABLE guests (name TEXT, born INTEGER, PRIMARY KEY (name, born))",
        "INSERT INTO houses VALUES ('a', 1), ('a', 2), ('b', 1), ('c', 1)",
        "INSERT INTO guests VALUES ('x', 1990), ('x', 1980), ('y', 1970), ('z', 1960)",
        "INSERT INTO visits VALUES (1, 'a', 1, 'x', 1990), (2, 'a', 1, 'x', 1980), (3, 'a', 1, 'x', 1990),
             (4, 'a', 2, 'y', 1970), (5, 'a', 2, 'y', 1971), (6, 'b', NULL, 'y', 1970), (7, 'b', 1, 'z', NULL),
             (8, 'b', 1, 'x', 1980), (9, 'b', 1, 'x', 1980), (10, 'd', 1, 'z', 1960)",
    ]);
    for first in yielding() {
        for second in yielding() {
            let houses = all::<House>(&session, by(first, House::GUESTS).by(second, Guest::VISITS));
            let read = |guest: &Guest| (guest.name.clone(), guest.born, guest.visits().unwrap().len());
            let found: Vec<Vec<_>> =
                houses.iter().map(|house| house.guests().unwrap().iter().map(read).collect()).collect();
            let x = |born, visits| ("x".to_owned(), born, visits);
            let expected =
                [vec![x(1980, 3), x(1990, 2)], vec![("y".to_owned(), 1970, 2)], vec![x(1980, 3)], vec![]];
            assert_eq!(found, expected, "{first} {second}");
        }
    }
    let counted = session.all_with(House::select(), House::GUESTS.count()).unwrap();
    assert_eq!(counted.iter().map(|(_, guests)| *guests).collect::<Vec<_>>(), [2, 1, 1, 0]);
}

fn a_null_key_on_the_way_is_an_error_where_rows_could_repeat() {
    let session = database(&[
        "CREATE TABLE people (name TEXT, n INTEGER, mother TEXT)",
        "CREATE TABLE friendships (one TEXT, other TEXT)",
        "INSERT INTO people VALUES ('a', 1, NULL), ('b', 2, 'a'), ('c', 3, 'b'), ('d', 4, 'b')",
    ]);
    // The row with a null key is a grandchild, and no other.
    session.execute("UPDATE people SET name = NULL WHERE n = 4", []).unwrap();
    for strategy in TOGETHER {
        let select = || Person::select().filter(Person::N.eq(1)).with(by(strategy, Person::GRANDCHILDREN));
        let read = session.all(select()).and_then(|people| Ok(people[0].grandchildren()?.len()));
        assert!(matches!(read, Err(Error::ThroughNeedsKey { entity: "Person" })), "{strategy}: {read:?}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "keys")]
struct Named {
    #[entity(key, column = "key number")]
    number: String,
    #[entity(column = "place among siblings")]
    place: i64,
    #[entity(column = "parent 0")]
    zero: Option<String>,
    #[entity(column = "bytes 0")]
    one: Option<String>,
    #[entity(foreign_key = "parent 0")]
    keys: HasMany<Named>,
    #[entity(key = "bytes 0")]
    keys_2: BelongsTo<Named>,
    #[entity(through(keys, keys_2))]
    place_among_siblings: HasMany<Named>,
}

fn names_of_our_own_do_not_disturb_a_relation_through_others() {
    let session = database(&[
        r#"CREATE TABLE "keys" ("key number" TEXT PRIMARY KEY, "place among siblings" INTEGER, "parent 0" TEXT, "bytes 0" TEXT)"#,
        r#"INSERT INTO "keys" VALUES ('a', 30, NULL, 'b'), ('b', 20, 'a', 'c'), ('c', 10, 'a', 'c'), ('d', 5, 'a', 'a')"#,
    ]);
    for first in yielding() {
        for second in yielding() {
            let path = by(first, Named::PLACE_AMONG_SIBLINGS).by(second, Named::PLACE_AMONG_SIBLINGS);
            let names = |named: &Named| -> Vec<_> {
                named.place_among_siblings().unwrap().iter().map(|named| named.number.clone()).collect()
            };
            let found = all::<Named>(&session, path);
            assert_eq!(
                found.iter().map(names).collect::<Vec<_>>(),
                [vec!["a", "c"], vec![], vec![], vec![]],
                "{first} {second}"
            );
            assert_eq!(names(&found[0].place_among_siblings().unwrap()[0]), ["a", "c"]);
        }
    }
    let part = Named::PLACE_AMONG_SIBLINGS.order_by(Named::PLACE).limit_each(1);
    let found = session.all(Named::select().with(selectin(part))).unwrap();
    assert_eq!(found[0].place_among_siblings.part().unwrap()[0].number, "c");
    let figures = (Named::PLACE_AMONG_SIBLINGS.count(), Named::PLACE_AMONG_SIBLINGS.max(Named::ONE));
    assert_eq!(session.all_with(Named::select(), figures).unwrap()[0].1, (2, Some(Some("c".to_owned()))));
}
