use eagerly::{Error, Session};

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    session.transaction(|session| {
        let id: i64 = std::fs::read_to_string("id")?.parse()?;
        session.execute("DELETE FROM orders WHERE id = ?1", eagerly::params![id])
    })?;
    // This is right:
    session.transaction(|_| std::fs::read_to_string("id").map_err(Error::other)?.parse::<i64>().map_err(Error::other))?;
    Ok(())
}
