// A join is one statement, but repeats each customer, and `inArray` binds a value for each parent.

"use strict";

const { eq, inArray } = require("drizzle-orm");
const { connect, customers, orders } = require("./shop");

const statements = [];
const db = connect((text, values) => statements.push(values));

async function main() {
  // ANCHOR: join
  const pairs = await db.select().from(customers).innerJoin(orders, eq(orders.customerId, customers.id));
  // ANCHOR_END: join
  const found = new Set(pairs.map((pair) => pair.customers.id));
  const all = await db.$count(customers);
  console.log(`innerJoin: ${pairs.length} rows, ${found.size} of ${all} customers`);

  const everyone = await db.select().from(customers);
  // ANCHOR: trap
  const keys = everyone.map((customer) => customer.id);
  const theirs = await db.select().from(orders).where(inArray(orders.customerId, keys));
  // ANCHOR_END: trap
  console.log(`inArray: ${theirs.length} orders, ${statements.at(-1).length} bound values in the statement`);
  await db.$client.end();
}

main();
