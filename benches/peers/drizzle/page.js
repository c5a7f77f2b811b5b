// The page with Drizzle. Its objects have no relations that load later, so the code sends the queries itself, or `with` does.

"use strict";

const { asc, eq, inArray, relations } = require("drizzle-orm");
const { drizzle } = require("drizzle-orm/node-postgres");
const { bigint, pgTable, text } = require("drizzle-orm/pg-core");
const { Pool } = require("pg");
const { SHOP, serve } = require("../protocol");

const integer = (name) => bigint(name, { mode: "number" });
const customers = pgTable("customers", {
  id: integer("id").primaryKey(),
  firstName: text("first_name").notNull(),
  lastName: text("last_name").notNull(),
  email: text("email").notNull(),
});
const orders = pgTable("orders", {
  id: integer("id").primaryKey(),
  customerId: integer("customer_id").notNull(),
  placedOn: text("placed_on").notNull(),
  status: text("status").notNull(),
});
const items = pgTable("order_items", {
  id: integer("id").primaryKey(),
  orderId: integer("order_id").notNull(),
  product: text("product").notNull(),
  quantity: integer("quantity").notNull(),
  unitPrice: integer("unit_price").notNull(),
});
const schema = {
  customers,
  orders,
  items,
  customersRelations: relations(customers, ({ many }) => ({ orders: many(orders) })),
  ordersRelations: relations(orders, ({ many, one }) => ({
    customer: one(customers, { fields: [orders.customerId], references: [customers.id] }),
    items: many(items),
  })),
  itemsRelations: relations(items, ({ one }) => ({
    order: one(orders, { fields: [items.orderId], references: [orders.id] }),
  })),
};

let statements = null;

const client = new Pool({ connectionString: SHOP, max: 1 });
// Records the statements while they are counted.
const logger = { logQuery: (query) => statements?.push(query) };
const database = drizzle({ client, schema, logger });

function sum(items) {
  return items.reduce((total, item) => total + item.quantity * item.unitPrice, 0);
}

async function lazy() {
  const page = [];
  for (const customer of await database.select().from(customers).orderBy(asc(customers.id))) {
    const found = await database.select().from(orders).where(eq(orders.customerId, customer.id));
    let total = 0;
    for (const order of found) {
      total += sum(await database.select().from(items).where(eq(items.orderId, order.id)));
    }
    page.push([customer.firstName, customer.lastName, found.length, total]);
  }
  return page;
}

// Loads the page with one statement, in which the server builds the children as JSON.
async function relational() {
  const found = await database.query.customers.findMany({
    orderBy: asc(customers.id),
    with: { orders: { with: { items: true } } },
  });
  return found.map(({ firstName, lastName, orders }) => {
    const total = orders.reduce((total, order) => total + sum(order.items), 0);
    return [firstName, lastName, orders.length, total];
  });
}

// Loads each table with one statement, and groups the rows by their parents.
async function byList() {
  return database.transaction(async (transaction) => {
    const all = await transaction.select().from(customers).orderBy(asc(customers.id));
    const keys = all.map((customer) => customer.id);
    const theirs = await transaction.select().from(orders).where(inArray(orders.customerId, keys));
    const orderKeys = theirs.map((order) => order.id);
    const found = await transaction.select().from(items).where(inArray(items.orderId, orderKeys));
    const itemsOf = groupedBy(found, (item) => item.orderId);
    const ordersOf = groupedBy(theirs, (order) => order.customerId);
    return all.map(({ id, firstName, lastName }) => {
      const own = ordersOf.get(id) ?? [];
      const total = own.reduce((total, order) => total + sum(itemsOf.get(order.id) ?? []), 0);
      return [firstName, lastName, own.length, total];
    });
  });
}

function groupedBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(key(row))) {
      groups.set(key(row), []);
    }
    groups.get(key(row)).push(row);
  }
  return groups;
}

async function counting(way) {
  statements = [];
  try {
    return { page: await way(), statements };
  } finally {
    statements = null;
  }
}

// The pool opens its connection at the first query.
client
  .query("SELECT 1")
  .then(() => serve("Drizzle", "drizzle-orm", { lazy, with: relational, inArray: byList }, counting));
