// Runs one version of the page: `node page.js slow`.

"use strict";

const { countStatements } = require("./counter");
const pages = require("./pages");
const { connect } = require("./shop");

async function main() {
  const prisma = connect();
  const { rows, statements } = await countStatements(prisma, pages[`${process.argv[2]}_page`]);
  for (const row of rows) console.log(row.join("|"));
  console.log(`${statements.length} statement${statements.length === 1 ? "" : "s"}`);
  await prisma.$disconnect();
}

main();
