//! Shops of a given size, entities that can be cloned, and outputs that collect text or fail.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use eagerly::{BelongsTo, Entity, HasMany, Session};
use shop::{OrderItem, Size, data};

/// Creates a shop in memory with, on average, 3 orders per customer and 2 items per order.
pub fn shop_of(customers: u32) -> Session {
    let size = Size { customers, orders: 3.0, items: 2.0, seed: 7 };
    data::in_memory(&size).unwrap()
}

/// A customer of the shop. It can be cloned.
#[derive(Clone, Entity)]
#[entity(table = "customers")]
pub struct Buyer {
    #[entity(key)]
    pub id: i64,
    #[entity(foreign_key = "customer_id")]
    pub orders: HasMany<Purchase>,
}

/// An order of the shop. It can be cloned, so that a program can reload its relations.
#[derive(Clone, Entity)]
#[entity(table = "orders")]
pub struct Purchase {
    #[entity(key)]
    pub id: i64,
    pub customer_id: i64,
    #[entity(key = "customer_id")]
    pub buyer: BelongsTo<Buyer>,
    #[entity(foreign_key = "order_id")]
    pub items: HasMany<OrderItem>,
}

/// An output in memory. Clones share the same text.
#[derive(Clone, Default)]
pub struct Paper(Rc<RefCell<Vec<u8>>>);

impl Paper {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output that fails at every write.
pub struct Broken;

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("this output always fails"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::Error::other("this output always fails"))
    }
}
