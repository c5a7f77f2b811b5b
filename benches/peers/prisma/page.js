// The page with Prisma. Its objects have no relations that load later, so the code sends the queries itself, or `include`
// does.

"use strict";

const { PrismaPg } = require("@prisma/adapter-pg");
const { PrismaClient } = require("@prisma/client");
const { SHOP, serve } = require("../protocol");

const adapter = new PrismaPg({ connectionString: SHOP, max: 1 });
const client = new PrismaClient({ adapter, log: [{ emit: "event", level: "query" }] });

let statements = null;
client.$on("query", ({ query }) => statements?.push(query));

// A 64-bit integer is a `BigInt`.
function sum(items) {
  return items.reduce((total, item) => total + item.quantity * item.unit_price, 0n);
}

async function lazy() {
  const page = [];
  for (const customer of await client.customer.findMany({ orderBy: { id: "asc" } })) {
    const orders = await client.order.findMany({ where: { customer_id: customer.id } });
    let total = 0n;
    for (const order of orders) {
      total += sum(await client.orderItem.findMany({ where: { order_id: order.id } }));
    }
    page.push([customer.first_name, customer.last_name, orders.length, total]);
  }
  return page;
}

async function include(relationLoadStrategy) {
  const customers = await client.customer.findMany({
    orderBy: { id: "asc" },
    include: { orders: { include: { items: true } } },
    relationLoadStrategy,
  });
  return customers.map(({ first_name, last_name, orders }) => {
    const total = orders.reduce((total, order) => total + sum(order.items), 0n);
    return [first_name, last_name, orders.length, total];
  });
}

async function counting(way) {
  statements = [];
  try {
    return { page: await way(), statements };
  } finally {
    statements = null;
  }
}

const ways = {
  lazy,
  "include (query)": () => include("query"),
  "include (join)": () => include("join"),
};

// Otherwise the first page would open the connection.
client.$queryRaw`SELECT 1`.then(() => serve("Prisma", "@prisma/client", ways, counting));
