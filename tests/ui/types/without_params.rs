use eagerly::Session;

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    session.execute("DELETE FROM orders WHERE id = ?1", [5])?;
    session.execute("DELETE FROM orders WHERE status = ?1", "open")?;
    session.query::<Day>("SELECT placed_on FROM orders WHERE id = ?1", (5,))?;
    Ok(())
}

#[derive(eagerly::FromRow)]
struct Day {
    placed_on: String,
}
