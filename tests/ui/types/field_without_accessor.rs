use eagerly::Session;
use shop::{Customer, Order};

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    let order = session.get::<Order>(1)?;
    let customer = session.get::<Customer>(1)?;
    // The compiler has no place for a message of ours about an unknown field, or about a loop.
    println!("{}", order.customer.first_name);
    for order in &customer.orders {
        println!("{}", order.status);
    }
    // This is right:
    println!("{}", order.customer()?.first_name);
    for order in customer.orders()? {
        println!("{}", order.status);
    }
    Ok(())
}
