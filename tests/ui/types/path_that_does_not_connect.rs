use eagerly::selectin;
use shop::{Customer, Order};

fn main() {
    // The items belong to an order, not to a customer.
    let _ = Customer::select().with(selectin(Order::ITEMS));
    let _ = Customer::select().with(selectin(Customer::ORDERS).selectin(Customer::ORDERS));
}
