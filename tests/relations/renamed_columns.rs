//! Columns that `rename_all` names.

use super::*;

on_both!(relations_and_conditions_use_the_renamed_columns,);

#[derive(Debug, Entity)]
#[entity(table = "Customers", rename_all = "camelCase")]
struct Customer {
    #[entity(key)]
    customer_id: i64,
    #[entity(column = "NAME")]
    last_name: String,
    r#type: String,
    #[entity(foreign_key = "CustomerId", order_by = "PlacedOn desc")]
    all_orders: HasMany<Order>,
}

#[derive(Debug, Entity)]
#[entity(table = "Orders", rename_all = "PascalCase")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
    placed_on: String,
    #[entity(key = "CustomerId")]
    customer: BelongsTo<Customer>,
}

fn relations_and_conditions_use_the_renamed_columns() {
    let session = database(&[
        "CREATE TABLE \"Customers\" (\"customerId\" INTEGER PRIMARY KEY, \"NAME\" TEXT, \"type\" TEXT)",
        "CREATE TABLE \"Orders\" (\"Id\" INTEGER PRIMARY KEY, \"CustomerId\" INTEGER, \"PlacedOn\" TEXT)",
        "INSERT INTO \"Customers\" VALUES (1, 'Hopper', 'x'), (2, 'Noether', 'y')",
        "INSERT INTO \"Orders\" VALUES (1, 1, '2024-01-01'), (2, 1, '2024-02-01')",
    ]);
    for strategy in yielding() {
        let path = by(strategy, Customer::ALL_ORDERS).by(strategy, Order::CUSTOMER);
        let query = Customer::select().filter(Customer::TYPE.eq("x")).with(path);
        let customers = session.all(query.order_by(Customer::LAST_NAME)).unwrap();
        let orders = customers[0].all_orders().unwrap();
        let seen: Vec<_> = orders.iter().map(|order| (order.id, order.placed_on.as_str())).collect();
        assert_eq!(seen, [(2, "2024-02-01"), (1, "2024-01-01")], "{strategy}");
        let customer = orders[0].customer().unwrap();
        assert_eq!((customer.last_name.as_str(), customer.r#type.as_str()), ("Hopper", "x"));
    }
    let customer = Customer {
        customer_id: 3,
        last_name: "Curie".to_owned(),
        r#type: "z".to_owned(),
        all_orders: HasMany::default(),
    };
    session.insert(&customer).unwrap();
    assert_eq!(session.get::<Customer>(3).unwrap().last_name, "Curie");
}

macro_rules! renamed {
    ($($rename:literal: $($column:literal)*;)*) => {
        #[test]
        fn every_way_to_rename_is_that_of_serde() {
            $({
                #[derive(Entity)]
                #[entity(table = "t", rename_all = $rename)]
                struct Renamed {
                    id: i64,
                    first_name: i64,
                    address_2: i64,
                    r#type: i64,
                    #[entity(column = "Keep_me")]
                    kept: i64,
                }
                assert_eq!(Renamed::INFO.columns, [$($column),*], $rename);
            })*
        }
    };
}

renamed! {
    "lowercase": "id" "first_name" "address_2" "type" "Keep_me";
    "UPPERCASE": "ID" "FIRST_NAME" "ADDRESS_2" "TYPE" "Keep_me";
    "PascalCase": "Id" "FirstName" "Address2" "Type" "Keep_me";
    "camelCase": "id" "firstName" "address2" "type" "Keep_me";
    "snake_case": "id" "first_name" "address_2" "type" "Keep_me";
    "SCREAMING_SNAKE_CASE": "ID" "FIRST_NAME" "ADDRESS_2" "TYPE" "Keep_me";
    "kebab-case": "id" "first-name" "address-2" "type" "Keep_me";
    "SCREAMING-KEBAB-CASE": "ID" "FIRST-NAME" "ADDRESS-2" "TYPE" "Keep_me";
}
