use shop::{Customer, Order};

fn main() {
    let _ = Customer::LAST_NAME.eq(5);
    let _ = Customer::select().filter(Order::STATUS.eq("open"));
    let _ = Order::ID.like("1%");
}
