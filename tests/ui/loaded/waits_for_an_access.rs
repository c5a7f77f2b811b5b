use eagerly::{Session, batch};
use shop::Customer;

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    let customers = session.load(Customer::select(), batch(Customer::ORDERS))?;
    for customer in &customers {
        customer.get(Customer::ORDERS);
    }
    Ok(())
}
