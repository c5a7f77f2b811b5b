use eagerly::{RelationExt, joined, selectin};
use shop::Customer;

fn main() {
    // This is the accessor, not the constant.
    let _ = Customer::select().with(selectin(Customer::orders));
    // Only `selectin` can load a part.
    let part = Customer::ORDERS.limit_each(3);
    let _ = Customer::select().with(joined(part));
}
