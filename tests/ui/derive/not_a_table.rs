use eagerly::{ColumnType, Entity, FromRow};

#[derive(Entity)]
#[entity(table = "things")]
enum Choice {
    One,
}

#[derive(Entity)]
#[entity(table = "things")]
struct Tuple(i64);

#[derive(Entity)]
#[entity(table = "things")]
struct Generic<T> {
    id: T,
}

#[derive(Entity)]
#[entity(table = "things")]
struct Borrowed {
    name: &'static str,
}

#[derive(Entity)]
#[entity(table = "things")]
struct Twice {
    name: String,
    #[entity(column = "name")]
    title: String,
}

#[derive(FromRow)]
struct Report(i64);

#[derive(ColumnType)]
struct Wide {
    left: i64,
}

fn main() {}
