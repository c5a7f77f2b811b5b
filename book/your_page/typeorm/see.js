// Prints every statement of the slow page.

"use strict";

const { DataSource } = require("typeorm");
const { slow_page } = require("./pages");
const { Customer, Order, OrderItem } = require("./shop");

process.env.NO_COLOR = "1";

// ANCHOR: see
const database = new DataSource({
  type: "postgres",
  url: process.env.DATABASE_URL,
  entities: [Customer, Order, OrderItem],
  logging: ["query"],
  logger: "simple-console",
});
// ANCHOR_END: see

async function main() {
  await database.initialize();
  await slow_page(database);
  await database.destroy();
}

main();
