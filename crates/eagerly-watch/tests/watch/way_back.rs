//! A belongs-to that leads back to the row from which the program came needs no statement.

use eagerly::{Result, Session, joined, selectin};
use eagerly_watch::{Detector, Report};
use shop::{Customer, OrderItem};

use crate::support::{Buyer, shop_of};

fn watched(session: &Session, work: impl FnOnce(&Session) -> Result<()>) -> Report {
    let detector = Detector::attach(session);
    work(session).unwrap();
    detector.report()
}

#[test]
fn the_report_names_the_row_that_the_program_came_from() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        for customer in &session.all(Customer::select().with(selectin(Customer::ORDERS)))? {
            for order in customer.orders()? {
                assert_eq!(order.customer()?.id, customer.id);
            }
        }
        Ok(())
    });
    assert_eq!(report.n_plus_one.len(), 1);
    let way_back = report.n_plus_one[0].way_back.map(ToString::to_string);
    assert_eq!(way_back.as_deref(), Some("Customer.orders"));
    let words = report.to_string();
    let lines: Vec<_> = words.lines().collect();
    assert_eq!(
        lines[2..4],
        [
            "  Order.customer leads back to the Customer whose `orders` were read.",
            "  Use that row instead. It needs no statement.",
        ]
    );
    assert!(lines[4].starts_with("  Or, to load everything together, add this to the query at "), "{words}");
    assert_eq!(lines[5], "      .with(selectin(Customer::ORDERS).selectin(Order::CUSTOMER))");
}

#[test]
fn a_refusal_names_it_too() {
    let session = shop_of(5);
    let _detector = Detector::refusing(&session);
    let customers = session.all(Customer::select().with(joined(Customer::ORDERS))).unwrap();
    let mut orders = customers.iter().flat_map(|customer| customer.orders().unwrap());
    orders.next().unwrap().customer().unwrap();
    let words = orders.next().unwrap().customer().unwrap_err().to_string();
    let help = "\n  help: use the `Customer` whose `orders` led to this row, \
                or add `.with(joined(Customer::ORDERS).selectin(Order::CUSTOMER))` to the query at ";
    assert!(words.contains(help), "{words}");
}

#[test]
fn other_relations_do_not_lead_back() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        for item in &session.all(OrderItem::select())? {
            // To one customer, and from there to all of the orders.
            item.order()?.customer()?.orders()?;
        }
        for customer in &session.all(Customer::select())? {
            for order in customer.orders()? {
                order.items()?;
            }
        }
        Ok(())
    });
    assert_eq!(report.n_plus_one.len(), 5);
    assert!(report.n_plus_one.iter().all(|finding| finding.way_back.is_none()), "{report}");
}

#[test]
fn a_row_with_a_new_key_does_not_lead_back() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        for buyer in &session.all(Buyer::select().with(selectin(Buyer::ORDERS)))? {
            for mut order in buyer.orders()?.to_vec() {
                order.customer_id = 1;
                order.buyer.reload();
                order.buyer()?;
            }
        }
        Ok(())
    });
    let finding = &report.n_plus_one[0];
    assert!(finding.way_back.is_none() && finding.is_reloaded, "{report}");
    assert_eq!(finding.load_path, "selectin(Purchase::BUYER)");
}
