// The test that fails if the N+1 comes back. With `PAGE=slow_page` it tests the slow page, and must fail.

"use strict";

const pages = require("./pages");

const adminPage = pages[process.env.PAGE ?? "fixed_page"];

// ANCHOR: test
const assert = require("node:assert");
const { after, test } = require("node:test");
const { connect } = require("./shop");

const statements = [];
// `connect` is `drizzle({ client, schema, logger: { logQuery } })`.
const db = connect((text) => statements.push(text));

// The test database has 20 customers with 10 orders each, on average.
// With only one customer, an N+1 sends only a few statements.
test("the page sends one statement", async () => {
  statements.length = 0;
  await adminPage(db);
  assert.strictEqual(statements.length, 1, `${statements.length} statements, not 1`);
});

after(() => db.$client.end());
// ANCHOR_END: test
