use eagerly::{Session, selectin};
use shop::Customer;

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    let customer = session.get::<Customer>(1)?;
    // The relation is `Customer::ORDERS`.
    session.preload([&customer], selectin(customer.orders))?;
    Ok(())
}
