//! Numbers that the database computes for each parent.

use eagerly::{RelationExt as _, by, params};
use shop::{Customer, Order, OrderItem, page};

use crate::databases::execute;
use crate::support::{shop_of, yielding};

on_both!(
    aggregates_for_each_parent_equal_those_of_the_page_with_one_statement,
    aggregates_work_with_filters_limits_and_eager_loading,
    an_aggregate_that_does_not_fit_is_an_error,
);

fn aggregates_for_each_parent_equal_those_of_the_page_with_one_statement() {
    let session = shop_of(30);
    let page = page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let tally = session.tally();
    let figures = session
        .all_with(
            Customer::select(),
            (
                Customer::ORDERS.count(),
                Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE)),
                Customer::ORDERS.then(Order::ITEMS).count(),
                Customer::ORDERS.max(Order::PLACED_ON),
            ),
        )
        .unwrap();
    assert_eq!(tally.statements(), 1);
    for ((customer, (orders, total, items, latest)), row) in figures.iter().zip(&page) {
        assert_eq!((*orders, *total), (row.orders, row.total));
        let loaded = customer.orders().unwrap();
        assert_eq!(*items as usize, loaded.iter().map(|order| order.items().unwrap().len()).sum::<usize>());
        assert_eq!(*latest, loaded.iter().map(|order| order.placed_on.clone()).max());
    }
    assert_eq!(figures.len(), 30);
    assert!(figures.iter().any(|(_, (orders, _, _, latest))| *orders == 0 && latest.is_none()));
}

fn aggregates_work_with_filters_limits_and_eager_loading() {
    let session = shop_of(30);
    for limit in [None, Some(4)] {
        for strategy in &yielding() {
            let mut query = Customer::select()
                .filter(Customer::ID.gt(5))
                .order_by(Customer::LAST_NAME)
                .with(by(*strategy, Customer::ORDERS));
            if let Some(limit) = limit {
                query = query.limit(limit);
            }
            let figures = session.all_with(query, Customer::ORDERS.count()).unwrap();
            assert_eq!(figures.len(), limit.unwrap_or(25) as usize);
            for (customer, orders) in figures {
                assert!(customer.id > 5);
                assert_eq!(customer.orders().unwrap().len() as i64, orders, "{strategy}");
            }
        }
    }
    let least = session.all_with(Order::select().limit(7), Order::ITEMS.min(OrderItem::UNIT_PRICE)).unwrap();
    for (order, least) in least {
        assert_eq!(least, order.items().unwrap().iter().map(|item| item.unit_price).min());
    }
}

fn an_aggregate_that_does_not_fit_is_an_error() {
    let session = shop_of(3);
    execute(&session, "UPDATE order_items SET quantity = ?1", params![i64::MAX]).unwrap();
    assert!(session.all_with(Order::select(), Order::ITEMS.sum(OrderItem::QUANTITY)).is_err());
}
