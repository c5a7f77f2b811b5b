use eagerly::{Error, Session};

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    session.transaction(|session| {
        let id = std::fs::read_to_string("id")?.parse::<i64>()?;
        session.execute("DELETE FROM orders WHERE id = ?1", eagerly::params![id])
    })?;
    // Here the compiler looks for a type whose error is an `eagerly::Error`, and finds `i64`.
    let id: i64 = "5".parse()?;
    // This is right:
    session.transaction(|_| std::fs::read_to_string("id").map_err(Error::other)?.parse::<i64>().map_err(Error::other))?;
    Ok(())
}
