// Counts the statements of a function.

"use strict";

// ANCHOR: counter
// `prisma` has the option `log: [{ emit: "event", level: "query" }]`.
const statements = [];
const listening = new WeakSet();

async function countStatements(prisma, page) {
  if (!listening.has(prisma)) prisma.$on("query", ({ query }) => statements.push(query));
  listening.add(prisma);
  statements.length = 0;
  const rows = await page(prisma);
  // Prisma sends BEGIN and COMMIT, too. Only what reads is counted.
  return { rows, statements: statements.filter((text) => /^\s*(select|with)/i.test(text)) };
}
// ANCHOR_END: counter

module.exports = { countStatements };
