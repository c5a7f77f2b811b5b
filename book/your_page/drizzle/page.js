// Runs one version of the page: `node page.js slow`.

"use strict";

const pages = require("./pages");
const { connect } = require("./shop");

async function main() {
  const statements = [];
  const db = connect((text) => statements.push(text));
  const rows = await pages[`${process.argv[2]}_page`](db);
  for (const row of rows) console.log(row.join("|"));
  console.log(`${statements.length} statement${statements.length === 1 ? "" : "s"}`);
  await db.$client.end();
}

main();
