// A log line for each request that sends too many statements.

"use strict";

const { slow_page, fixed_page } = require("./pages");
const { connect } = require("./shop");

// ANCHOR: guard
const { AsyncLocalStorage } = require("node:async_hooks");
const request = new AsyncLocalStorage();

// The function `logQuery` of the logger: `drizzle({ client, schema, logger: { logQuery: addOne } })`.
function addOne() {
  const counter = request.getStore();
  if (counter) counter.statements += 1;
}

async function withStatementLimit(name, handler, limit = 50) {
  const counter = { statements: 0 };
  try {
    return await request.run(counter, handler);
  } finally {
    if (counter.statements > limit) console.warn(`${name} sent ${counter.statements} statements`);
  }
}
// ANCHOR_END: guard

async function main() {
  const db = connect(addOne);
  await withStatementLimit("GET /fixed", () => fixed_page(db));
  // ANCHOR: use
  await withStatementLimit("GET /admin", () => slow_page(db));
  // ANCHOR_END: use
  await db.$client.end();
}

main();
