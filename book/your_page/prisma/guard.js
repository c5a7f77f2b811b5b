// A log line for each request that sends too many statements.

"use strict";

const { slow_page, fixed_page } = require("./pages");
const { connect } = require("./shop");

const client = connect();

// ANCHOR: guard
const { AsyncLocalStorage } = require("node:async_hooks");
const request = new AsyncLocalStorage();

const prisma = client.$extends({
  query: {
    $allOperations({ args, query }) {
      const counter = request.getStore();
      if (counter) counter.calls += 1;
      return query(args);
    },
  },
});

async function withCallLimit(name, handler, limit = 50) {
  const counter = { calls: 0 };
  try {
    return await request.run(counter, handler);
  } finally {
    if (counter.calls > limit) console.warn(`${name} made ${counter.calls} calls of Prisma`);
  }
}
// ANCHOR_END: guard

async function main() {
  await withCallLimit("GET /fixed", () => fixed_page(prisma));
  // ANCHOR: use
  await withCallLimit("GET /admin", () => slow_page(prisma));
  // ANCHOR_END: use
  await client.$disconnect();
}

main();
