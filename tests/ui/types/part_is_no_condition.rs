use eagerly::{RelationExt, Session};
use shop::{Customer, Order};

fn main() -> eagerly::Result<()> {
    let session = Session::in_memory()?;
    let open = || Customer::ORDERS.filter(Order::STATUS.eq("open"));
    // A part is loaded, counted or added up. These are right:
    session.all_with(Customer::select(), open().count())?;
    session.all(Customer::select().filter(open().count().gt(0)))?;
    session.all(Customer::select().filter(Customer::ORDERS.any(Order::STATUS.eq("open"))))?;
    // These are not:
    session.all(Customer::select().filter(open().exists()))?;
    session.all(open())?;
    let count: i64 = open().count();
    Ok(())
}
