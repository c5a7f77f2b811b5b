// `Promise.all` sends as many statements as a loop, and the strategy "query" sends few, but is slow.

"use strict";

const { connect } = require("./shop");

const statements = [];

// ANCHOR: trap
async function inParallel(customers) {
  const found = await customers.find();
  return Promise.all(found.map((customer) => customer.orders));
}
// ANCHOR_END: trap

// ANCHOR: take
async function firstFive(customers) {
  return customers.find({ relations: { orders: { items: true } }, take: 5 });
}
// ANCHOR_END: take

async function byQueries(customers) {
  return customers.find({ relations: { orders: { items: true } }, relationLoadStrategy: "query" });
}

async function main() {
  const database = await connect((text) => statements.push(text));
  for (const page of [inParallel, firstFive, byQueries]) {
    statements.length = 0;
    await page(database.getRepository("Customer"));
    console.log(`${statements.length} statements: ${page.name}`);
  }
  await database.destroy();
}

main();
