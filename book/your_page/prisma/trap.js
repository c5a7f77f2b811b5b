// Which calls Prisma combines.

"use strict";

const { countStatements } = require("./counter");
const { connect } = require("./shop");

const prisma = connect();

// ANCHOR: trap
async function findMany() {
  const customers = await prisma.customer.findMany();
  return Promise.all(
    customers.map(({ id }) => prisma.order.findMany({ where: { customer_id: id } })),
  );
}
// ANCHOR_END: trap

// ANCHOR: unique
async function findUnique() {
  const customers = await prisma.customer.findMany();
  return Promise.all(
    customers.map(({ id }) => prisma.customer.findUnique({ where: { id } }).orders()),
  );
}
// ANCHOR_END: unique

async function join() {
  const include = { orders: { include: { items: true } } };
  return prisma.customer.findMany({ include, relationLoadStrategy: "join" });
}

async function main() {
  for (const [name, page] of Object.entries({ findMany, findUnique, join })) {
    const { statements } = await countStatements(prisma, page);
    console.log(`${statements.length} statement${statements.length === 1 ? "" : "s"}: ${name}`);
  }
  await prisma.$disconnect();
}

main();
