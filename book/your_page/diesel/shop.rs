//! The tables of the shop.

use diesel::prelude::*;

diesel::table! {
    customers (id) {
        id -> BigInt,
        first_name -> Text,
        last_name -> Text,
        email -> Text,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        customer_id -> BigInt,
        placed_on -> Text,
        status -> Text,
    }
}

diesel::table! {
    order_items (id) {
        id -> BigInt,
        order_id -> BigInt,
        product -> Text,
        quantity -> BigInt,
        unit_price -> BigInt,
    }
}

diesel::joinable!(orders -> customers (customer_id));
diesel::allow_tables_to_appear_in_same_query!(customers, orders);

#[derive(Identifiable, Queryable, Selectable)]
pub struct Customer {
    pub id: i64,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
}

#[derive(Associations, Identifiable, Queryable, Selectable)]
#[diesel(belongs_to(Customer))]
pub struct Order {
    pub id: i64,
    pub customer_id: i64,
    pub placed_on: String,
    pub status: String,
}

#[derive(Associations, Identifiable, Queryable, Selectable)]
#[diesel(belongs_to(Order))]
pub struct OrderItem {
    pub id: i64,
    pub order_id: i64,
    pub product: String,
    pub quantity: i64,
    pub unit_price: i64,
}

/// A line of the page: first name, last name, number of orders, and total.
pub type Row = (String, String, usize, i64);

pub fn connect() -> PgConnection {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is the address of the server");
    PgConnection::establish(&url).expect("the server answers")
}
