// The tables of the shop. The relations are lazy: each is a promise, which sends a statement when it is first awaited.

"use strict";

require("reflect-metadata");
const { DataSource, EntitySchema } = require("typeorm");

const key = { type: "bigint", primary: true, generated: "increment" };
const text = { type: "text" };
// The client library returns a 64-bit integer as text.
const integer = { type: "bigint", transformer: { from: Number, to: (value) => value } };

const Customer = new EntitySchema({
  name: "Customer",
  tableName: "customers",
  columns: { id: key, first_name: text, last_name: text, email: text },
  relations: { orders: { type: "one-to-many", target: "Order", inverseSide: "customer", lazy: true } },
});
const Order = new EntitySchema({
  name: "Order",
  tableName: "orders",
  columns: { id: key, placed_on: text, status: text },
  relations: {
    customer: { type: "many-to-one", target: "Customer", joinColumn: { name: "customer_id" }, lazy: true },
    items: { type: "one-to-many", target: "OrderItem", inverseSide: "order", lazy: true },
  },
});
const OrderItem = new EntitySchema({
  name: "OrderItem",
  tableName: "order_items",
  columns: { id: key, product: text, quantity: integer, unit_price: integer },
  relations: { order: { type: "many-to-one", target: "Order", joinColumn: { name: "order_id" }, lazy: true } },
});

// Connects to the database. `logQuery` is called with each statement.
async function connect(logQuery = () => {}) {
  const database = new DataSource({
    type: "postgres",
    url: process.env.DATABASE_URL,
    entities: [Customer, Order, OrderItem],
    logging: ["query"],
    logger: new StatementLogger(logQuery),
  });
  return database.initialize();
}

// ANCHOR: logger
const { AbstractLogger } = require("typeorm");

// Give it to the DataSource: `logging: ["query"], logger: new StatementLogger(…)`.
class StatementLogger extends AbstractLogger {
  constructor(logQuery) {
    super(["query"]);
    this.statement = logQuery;
  }

  logQuery(text, parameters) {
    this.statement(text, parameters ?? []);
  }

  writeLog() {}
}
// ANCHOR_END: logger

module.exports = { connect, Customer, Order, OrderItem };
