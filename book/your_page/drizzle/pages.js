// The page, before the fix and after it.

"use strict";

const { eq } = require("drizzle-orm");
const { customers, items, orders } = require("./shop");

// ANCHOR: slow
async function slowPage(db) {
  const rows = [];
  for (const customer of await db.select().from(customers)) {
    const found = await db.select().from(orders).where(eq(orders.customerId, customer.id));
    let total = 0;
    for (const order of found) {
      const itsItems = await db.select().from(items).where(eq(items.orderId, order.id));
      for (const item of itsItems) total += item.quantity * item.unitPrice;
    }
    rows.push([customer.firstName, customer.lastName, found.length, total]);
  }
  return rows;
}
// ANCHOR_END: slow

// ANCHOR: fixed
async function fixedPage(db) {
  const rows = [];
  const found = await db.query.customers.findMany({
    with: { orders: { with: { items: true } } },
  });
  for (const customer of found) {
    let total = 0;
    for (const order of customer.orders) {
      for (const item of order.items) total += item.quantity * item.unitPrice;
    }
    rows.push([customer.firstName, customer.lastName, customer.orders.length, total]);
  }
  return rows;
}
// ANCHOR_END: fixed

module.exports = { slow_page: slowPage, fixed_page: fixedPage };
