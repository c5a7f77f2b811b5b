use eagerly::{BelongsTo, Entity, HasMany, HasOne};

#[derive(Entity)]
#[entity(table = "posts")]
struct Post {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "post_id")]
    taggings: HasMany<Tagging>,
    #[entity(through(tagings, tag))]
    tags: HasMany<Tag>,
}

#[derive(Entity)]
#[entity(table = "pages")]
struct Page {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "post_id")]
    taggings: HasMany<Tagging>,
    #[entity(through(taggings))]
    tags: HasMany<Tag>,
}

#[derive(Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "post_id")]
    taggings: HasMany<Tagging>,
    #[entity(through(taggings, tag))]
    tag: BelongsTo<Tag>,
}

#[derive(Entity)]
#[entity(table = "films")]
struct Film {
    #[entity(key)]
    id: i64,
    #[entity(through(tags, tag), foreign_key = "film_id")]
    tags: HasOne<Tag>,
}

#[derive(Entity)]
#[entity(table = "books")]
struct Book {
    #[entity(key)]
    id: i64,
    #[entity(through(book, tags))]
    tags: HasMany<Tag>,
}

#[derive(Entity)]
#[entity(table = "songs")]
struct Song {
    #[entity(key, through(songs, tags))]
    id: i64,
}

#[derive(Entity)]
#[entity(table = "taggings")]
struct Tagging {
    post_id: i64,
    tag_id: i64,
    #[entity(key = "tag_id")]
    tag: BelongsTo<Tag>,
}

#[derive(Entity)]
#[entity(table = "tags")]
struct Tag {
    #[entity(key)]
    id: i64,
}

fn main() {}
