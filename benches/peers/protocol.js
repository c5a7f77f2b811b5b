// The peer's side of the protocol, like protocol.rs for the peers in Rust. README.md describes the lines.

"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

// The shop: the URL of a PostgreSQL server.
const SHOP = process.argv[2];

// Returns the version of an installed package. The runner names the folder of the packages in `NODE_PATH`. Not every package
// lets `require` read its package.json.
function version(name) {
  const file = path.join(process.env.NODE_PATH, name, "package.json");
  return JSON.parse(fs.readFileSync(file, "utf8")).version;
}

// Answers until the input ends. `orm` is the name of the ORM and `packaged` that of its package.
//
// `ways` maps names to functions that return the page as arrays of first name, last name, number of orders and total. Each
// drops its objects when it returns. `counting` calls its argument, and returns its result with the statements sent.
async function serve(orm, packaged, ways, counting) {
  const on = `pg ${version("pg")} and Node.js ${process.versions.node}`;
  console.log(["ready", orm, version(packaged), on, ...Object.keys(ways)].join("\t"));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      console.log(await answer(line, ways, counting));
    } catch (error) {
      console.log(`error ${error.name}: ${error.message.trim().split(/\s+/).join(" ")}`);
    }
  }
}

async function answer(line, ways, counting) {
  const [, verb, way] = /^(time|count) (.*)$/.exec(line) ?? [];
  if (!Object.hasOwn(ways, way)) {
    throw new Error(`neither \`time WAY\` nor \`count WAY\`: ${line}`);
  }
  // Collect garbage first, so that no way pays for the objects of another. The option `--expose-gc` defines `gc`.
  globalThis.gc?.();
  if (verb === "time") {
    const start = performance.now();
    const page = await ways[way]();
    return `ok ${(performance.now() - start).toFixed(3)} ${checksum(page)}`;
  }
  const { page, statements } = await counting(ways[way]);
  const selects = statements.filter((statement) => /^\s*select/i.test(statement));
  return `ok ${selects.length} ${checksum(page)}`;
}

const CRC_TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return crc;
});

// Returns the CRC-32 of the page as text. `zlib` has no CRC in Node.js 20.
function checksum(page) {
  const text = page.map((cells) => `${cells.join("|")}\n`).join("");
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff];
  }
  return (crc ^ 0xffffffff) >>> 0;
}

module.exports = { SHOP, serve };
