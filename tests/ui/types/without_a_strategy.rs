use eagerly::{RelationExt, selectin};
use shop::{Customer, Order};

fn main() {
    let _ = Order::select().with(Order::CUSTOMER);
    let _ = Order::select().with((selectin(Order::CUSTOMER), Order::ITEMS));
    let _ = Customer::select().with(Customer::ORDERS.limit_each(3));
}
