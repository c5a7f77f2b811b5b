// The test that fails if the N+1 comes back. With `PAGE=slow_page` it tests the slow page, and must fail.

"use strict";

const pages = require("./pages");

const adminPage = pages[process.env.PAGE ?? "fixed_page"];

// ANCHOR: test
const assert = require("node:assert");
const { after, test } = require("node:test");
const { countStatements } = require("./counter");
const { connect } = require("./shop");

const prisma = connect();

// The test database has 20 customers with 10 orders each, on average.
// With only one customer, an N+1 sends as few statements as the fix.
test("the page sends three statements", async () => {
  const { statements } = await countStatements(prisma, adminPage);
  assert.strictEqual(statements.length, 3, `${statements.length} statements, not 3`);
});

after(() => prisma.$disconnect());
// ANCHOR_END: test
