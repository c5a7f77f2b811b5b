use eagerly::Session;
use shop::Order;

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    let order = session.get::<Order>(1)?;
    // The compiler has no place for a message of ours about an unknown field. `eagerly::BelongsTo` explains this one.
    order.customer.first_name;
    // This is right:
    &order.customer()?.first_name;
    Ok(())
}
