use eagerly::{Relation, joined, selectin};
use shop::Customer;

fn main() {
    // The accessor, not the constant.
    let _ = Customer::select().with(selectin(Customer::orders));
    // A part is loaded by `selectin` alone.
    let part = Customer::ORDERS.limit_each(3);
    let _ = Customer::select().with(joined(part));
}
