use eagerly::{Loaded, Loads, Session, selectin};
use shop::{Customer, Order, customer, order};

fn total(customers: &Loaded<Customer, impl Loads<customer::Orders, Below: Loads<order::Items>>>) -> i64 {
    let orders = customers.iter().flat_map(|customer| customer.get(Customer::ORDERS));
    let items = orders.flat_map(|order| order.get(Order::ITEMS));
    items.map(|item| item.quantity * item.unit_price).sum()
}

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    total(&session.load(Customer::select(), selectin(Customer::ORDERS).selectin(Order::ITEMS))?);
    total(&session.load(Customer::select(), selectin(Customer::ORDERS))?);
    Ok(())
}
