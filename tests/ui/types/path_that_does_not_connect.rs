use eagerly::{RelationExt, Session, Strategy, selectin};
use shop::{Customer, Order, OrderItem};

fn main() -> eagerly::Result<()> {
    // The items belong to an order, not to a customer.
    let _ = Customer::select().with(selectin(Order::ITEMS));
    let _ = Customer::select().with(selectin(Customer::ORDERS).selectin(Customer::ORDERS));
    // The path is at `Order`. This relation has the name of that entity, and starts at `OrderItem`.
    let _ = selectin(Customer::ORDERS).selectin(OrderItem::ORDER);
    let _ = selectin(Customer::ORDERS).joined(OrderItem::ORDER);
    let _ = selectin(Customer::ORDERS).by(Strategy::Lazy, OrderItem::ORDER);
    let _ = Customer::ORDERS.then(OrderItem::ORDER);
    let session = Session::in_memory()?;
    for customer in &session.load(Customer::select(), selectin(Customer::ORDERS))? {
        customer.get(OrderItem::ORDER);
    }
    Ok(())
}
