use eagerly::{Entity, Session};

#[derive(Entity)]
#[entity(table = "log")]
struct LogLine {
    text: String,
}

fn main() {
    let session = Session::in_memory().unwrap();
    let _ = session.get::<LogLine>(1);
}
