use eagerly::{BelongsTo, Entity, HasMany};

#[derive(Entity)]
#[entity(table = "posts")]
struct Post {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "post_id")]
    taggings: HasMany<Tagging>,
    #[entity(through(taggings, tagg))]
    misspelled: HasMany<Tag>,
    #[entity(through(taggings, tag))]
    to_another_entity: HasMany<Tagging>,
    #[entity(through(taggings, log))]
    without_a_key: HasMany<Log>,
}

#[derive(Entity)]
#[entity(table = "taggings")]
struct Tagging {
    #[entity(key)]
    id: i64,
    post_id: i64,
    tag_id: i64,
    #[entity(key = "tag_id")]
    tag: BelongsTo<Tag>,
    #[entity(foreign_key = "tagging_id")]
    log: HasMany<Log>,
}

#[derive(Entity)]
#[entity(table = "tags")]
struct Tag {
    #[entity(key)]
    id: i64,
}

#[derive(Entity)]
#[entity(table = "logs")]
struct Log {
    tagging_id: i64,
}

fn main() {}
