// Runs one version of the page: `node page.js slow`.

"use strict";

const pages = require("./pages");
const { connect } = require("./shop");

async function main() {
  const statements = [];
  const database = await connect((text) => statements.push(text));
  // TypeORM reads the server's version when it connects.
  statements.length = 0;
  const rows = await pages[`${process.argv[2]}_page`](database);
  for (const row of rows) console.log(row.join("|"));
  console.log(`${statements.length} statement${statements.length === 1 ? "" : "s"}`);
  await database.destroy();
}

main();
