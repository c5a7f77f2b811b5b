// Counts the calls of each line of the slow page.

"use strict";

const { slow_page } = require("./pages");
const { connect } = require("./shop");

const db = connect();

// ANCHOR: find
const places = new Map();

// Wraps `db.select` and the like. A logger comes too late: its stack does not contain your line.
const watched = new Proxy(db, {
  get: (target, name) =>
    typeof target[name] !== "function" ? target[name] : (...args) => {
      const own = new Error().stack.split("\n")[2];
      const place = `${own.split(/[/\\]/).pop().replace(")", "")}  db.${name}`;
      places.set(place, (places.get(place) ?? 0) + 1);
      return target[name](...args);
    },
});
// ANCHOR_END: find

// ANCHOR: print
async function printPlaces() {
  await slow_page(watched);
  console.log([...places.values()].reduce((a, b) => a + b, 0), "calls");
  for (const [place, calls] of [...places].sort((a, b) => b[1] - a[1]).slice(0, 5)) {
    console.log(String(calls).padStart(6), place);
  }
}
// ANCHOR_END: print

printPlaces().then(() => db.$client.end());
