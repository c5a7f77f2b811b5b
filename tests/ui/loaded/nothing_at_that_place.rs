use eagerly::{Session, selectin, subquery};
use shop::{Customer, Order};

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    // Both sides of a tuple are checked.
    let path = (selectin(Order::CUSTOMER), subquery(Order::ITEMS));
    let orders = session.load(Order::select(), path)?;
    for order in &orders {
        order.get(Order::CUSTOMER).get(Customer::ORDERS);
    }
    Ok(())
}
