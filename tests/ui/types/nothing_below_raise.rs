use eagerly::{Strategy, batch, by, lazy, raise, selectin};
use shop::{Customer, Order, OrderItem};

fn main() {
    // What `raise` never loads has nothing below it.
    let _ = raise(Customer::ORDERS).selectin(Order::ITEMS);
    let _ = selectin(Customer::ORDERS).raise(Order::ITEMS).joined(OrderItem::ORDER);
    let _ = raise(Customer::ORDERS).with(selectin(Order::ITEMS));
    // These wait for an access, which loads what is below, too.
    let _ = lazy(Customer::ORDERS).selectin(Order::ITEMS);
    let _ = batch(Customer::ORDERS).selectin(Order::ITEMS);
    let _ = by(Strategy::Raise, Customer::ORDERS).selectin(Order::ITEMS);
}
