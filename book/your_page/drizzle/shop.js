// The tables of the shop, and the connection.

"use strict";

const { relations } = require("drizzle-orm");
const { drizzle } = require("drizzle-orm/node-postgres");
const { bigint, pgTable, text } = require("drizzle-orm/pg-core");
const { Pool } = require("pg");

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
// ANCHOR: relations
const customersRelations = relations(customers, ({ many }) => ({ orders: many(orders) }));
const ordersRelations = relations(orders, ({ many, one }) => ({
  customer: one(customers, { fields: [orders.customerId], references: [customers.id] }),
  items: many(items),
}));
const itemsRelations = relations(items, ({ one }) => ({
  order: one(orders, { fields: [items.orderId], references: [orders.id] }),
}));
// ANCHOR_END: relations
const schema = { customers, orders, items, customersRelations, ordersRelations, itemsRelations };

// Connects to the database. `logQuery` is called with each statement.
function connect(logQuery = () => {}) {
  const client = new Pool({ connectionString: process.env.DATABASE_URL });
  return drizzle({ client, schema, logger: { logQuery } });
}

module.exports = { connect, customers, items, orders, schema };
