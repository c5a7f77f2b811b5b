// The page, before the fix and after it.

"use strict";

// ANCHOR: slow
async function slowPage(database) {
  const rows = [];
  for (const customer of await database.getRepository("Customer").find()) {
    const orders = await customer.orders;
    let total = 0;
    for (const order of orders) {
      for (const item of await order.items) total += item.quantity * item.unit_price;
    }
    rows.push([customer.first_name, customer.last_name, orders.length, total]);
  }
  return rows;
}
// ANCHOR_END: slow

// ANCHOR: fixed
async function fixedPage(database) {
  const rows = [];
  const customers = await database.getRepository("Customer").find({
    relations: { orders: { items: true } },
  });
  for (const customer of customers) {
    const orders = await customer.orders;
    let total = 0;
    for (const order of orders) {
      for (const item of await order.items) total += item.quantity * item.unit_price;
    }
    rows.push([customer.first_name, customer.last_name, orders.length, total]);
  }
  return rows;
}
// ANCHOR_END: fixed

module.exports = { slow_page: slowPage, fixed_page: fixedPage };
