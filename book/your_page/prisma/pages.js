// The page, before the fix and after it. The columns are 64-bit integers, which are `BigInt` in JavaScript.

"use strict";

// ANCHOR: slow
async function slowPage(prisma) {
  const rows = [];
  for (const customer of await prisma.customer.findMany()) {
    const orders = await prisma.order.findMany({ where: { customer_id: customer.id } });
    let total = 0n;
    for (const order of orders) {
      const items = await prisma.orderItem.findMany({ where: { order_id: order.id } });
      for (const item of items) total += item.quantity * item.unit_price;
    }
    rows.push([customer.first_name, customer.last_name, orders.length, total]);
  }
  return rows;
}
// ANCHOR_END: slow

// ANCHOR: fixed
async function fixedPage(prisma) {
  const rows = [];
  const customers = await prisma.customer.findMany({
    include: { orders: { include: { items: true } } },
    relationLoadStrategy: "query",
  });
  for (const customer of customers) {
    let total = 0n;
    for (const order of customer.orders) {
      for (const item of order.items) total += item.quantity * item.unit_price;
    }
    rows.push([customer.first_name, customer.last_name, customer.orders.length, total]);
  }
  return rows;
}
// ANCHOR_END: fixed

module.exports = { slow_page: slowPage, fixed_page: fixedPage };
