use eagerly::{Session, selectin};
use shop::{Customer, Order};

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
    for customer in &customers {
        for order in customer.get(Customer::ORDERS) {
            order.get(Order::ITEMS);
        }
    }
    Ok(())
}
