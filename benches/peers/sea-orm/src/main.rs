//! The page with SeaORM. The relations of its entities hold only the rows that a loader put there.

// The page uses few of the columns, but every ORM reads all of them.
#![allow(dead_code)]

#[path = "../../protocol.rs"]
mod protocol;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::{Introduction, Line, Peer, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, QueryOrder as _, Statement, TransactionTrait as _,
};
use tokio::runtime::{Builder, Runtime};

mod customer {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customers")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub first_name: String,
        pub last_name: String,
        pub email: String,
        #[sea_orm(has_many)]
        pub orders: HasMany<super::order::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod order {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub customer_id: i64,
        pub placed_on: String,
        pub status: String,
        #[sea_orm(belongs_to, from = "customer_id", to = "id")]
        pub customer: BelongsTo<super::customer::Entity>,
        #[sea_orm(has_many)]
        pub items: HasMany<super::order_item::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod order_item {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_items")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub order_id: i64,
        pub product: String,
        pub quantity: i64,
        pub unit_price: i64,
        #[sea_orm(belongs_to, from = "order_id", to = "id")]
        pub order: BelongsTo<super::order::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

struct SeaOrm {
    runtime: Runtime,
    options: ConnectOptions,
    database: DatabaseConnection,
}

impl Peer for SeaOrm {
    fn page(&mut self, way: &str) -> Result<Vec<Line>> {
        page(&self.runtime, &self.database, way)
    }

    fn counted(&mut self, way: &str) -> Result<(Vec<Line>, u64)> {
        // A callback cannot be removed, so counting uses a separate connection.
        let mut database = self.runtime.block_on(Database::connect(self.options.clone()))?;
        let count = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&count);
        database.set_metric_callback(move |info| {
            if info.statement.sql.starts_with("SELECT") {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        let page = page(&self.runtime, &database, way)?;
        Ok((page, count.load(Ordering::Relaxed)))
    }
}

fn page(runtime: &Runtime, database: &DatabaseConnection, way: &str) -> Result<Vec<Line>> {
    let page = match way {
        "lazy" => runtime.block_on(lazy(database)),
        "load_many" => runtime.block_on(load_many(database)),
        "entity loader" => runtime.block_on(entity_loader(database)),
        _ => return Err(format!("no way has the name {way}").into()),
    };
    Ok(page?)
}

async fn lazy(database: &DatabaseConnection) -> std::result::Result<Vec<Line>, DbErr> {
    let mut page = Vec::new();
    for customer in customers().all(database).await? {
        let orders = customer.find_related(order::Entity).all(database).await?;
        let mut total = 0;
        for order in &orders {
            let items = order.find_related(order_item::Entity).all(database).await?;
            total += sum(&items);
        }
        page.push(line(customer.first_name, customer.last_name, orders.len(), total));
    }
    Ok(page)
}

/// Loads the page with `load_many`. It returns a `Vec` for each parent, but the next call needs one `Vec`.
async fn load_many(database: &DatabaseConnection) -> std::result::Result<Vec<Line>, DbErr> {
    let transaction = database.begin().await?;
    let customers = customers().all(&transaction).await?;
    let orders = customers.load_many(order::Entity, &transaction).await?;
    let counts: Vec<_> = orders.iter().map(Vec::len).collect();
    let orders: Vec<_> = orders.into_iter().flatten().collect();
    let items = orders.load_many(order_item::Entity, &transaction).await?;
    transaction.commit().await?;
    let mut items = items.iter();
    let lines = customers.iter().zip(counts).map(|(customer, orders)| {
        let total = items.by_ref().take(orders).map(|items| sum(items)).sum();
        line(
            customer.first_name.clone(),
            customer.last_name.clone(),
            orders,
            total,
        )
    });
    Ok(lines.collect())
}

async fn entity_loader(database: &DatabaseConnection) -> std::result::Result<Vec<Line>, DbErr> {
    let transaction = database.begin().await?;
    let load = customer::Entity::load().with((order::Entity, order_item::Entity));
    let customers = load.order_by_asc(customer::Column::Id).all(&transaction).await?;
    transaction.commit().await?;
    let lines = customers.iter().map(|customer| {
        let items = customer.orders.iter().flat_map(|order| order.items.iter());
        let total = items.map(|item| item.quantity * item.unit_price).sum();
        line(
            customer.first_name.clone(),
            customer.last_name.clone(),
            customer.orders.len(),
            total,
        )
    });
    Ok(lines.collect())
}

fn customers() -> Select<customer::Entity> {
    customer::Entity::find().order_by_asc(customer::Column::Id)
}

fn sum(items: &[order_item::Model]) -> i64 {
    items.iter().map(|item| item.quantity * item.unit_price).sum()
}

fn line(first_name: String, last_name: String, orders: usize, total: i64) -> Line {
    Line {
        first_name,
        last_name,
        orders: orders as i64,
        total,
    }
}

fn main() -> Result<()> {
    let shop = std::env::args()
        .nth(1)
        .ok_or("the path or the URL of the shop is missing")?;
    let on_server = shop.starts_with("postgres://");
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut options = ConnectOptions::new(match on_server {
        true => shop,
        false => format!("sqlite://{shop}"),
    });
    // A connection to a file cannot break, and one to this machine hardly ever, so nothing is tested before its use.
    options
        .max_connections(1)
        .test_before_acquire(false)
        .sqlx_logging(false);
    let database = runtime.block_on(Database::connect(options.clone()))?;
    let lock = include_str!("../Cargo.lock");
    let on = match on_server {
        true => format!("sqlx {}", protocol::locked(lock, "sqlx-core")),
        false => {
            let version = Statement::from_string(database.get_database_backend(), "SELECT sqlite_version()");
            let row = runtime
                .block_on(database.query_one_raw(version))?
                .ok_or("SQLite has no version")?;
            let sqlite: String = row.try_get_by_index(0)?;
            format!("SQLite {sqlite}")
        }
    };
    let introduction = Introduction {
        name: "SeaORM",
        version: protocol::locked(lock, "sea-orm"),
        on: &on,
        ways: &["lazy", "load_many", "entity loader"],
    };
    protocol::serve(
        &introduction,
        &mut SeaOrm {
            runtime,
            options,
            database,
        },
    )
}
