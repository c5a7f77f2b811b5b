use eagerly::{Session, selectin};
use shop::{Customer, Order};

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
    let customers = session.load(Customer::select(), selectin(open))?;
    for customer in &customers {
        customer.get_part(Customer::ORDERS);
        customer.get(Customer::ORDERS);
    }
    Ok(())
}

use eagerly::RelationExt;
