use eagerly::RelationExt as _;
use shop::{Customer, Order};

fn main() {
    let _ = Customer::ORDERS.sum(Order::STATUS);
}
