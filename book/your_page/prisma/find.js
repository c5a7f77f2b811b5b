// Counts the calls of each line of the slow page.

"use strict";

const { slow_page } = require("./pages");
const { connect } = require("./shop");

const prisma = connect();

// ANCHOR: find
const places = new Map();

// Wraps `prisma.order` and the like. A `query` event comes too late: its stack does not contain your line.
const watched = new Proxy(prisma, {
  get: (client, model) =>
    typeof client[model] !== "object" ? client[model] : new Proxy(client[model], {
      get: (delegate, operation) => (...args) => {
        // The line after this one is that of the caller.
        const own = new Error().stack.split("\n")[2];
        const place = `${own.split(/[/\\]/).pop().replace(")", "")}  ${model}.${operation}`;
        places.set(place, (places.get(place) ?? 0) + 1);
        return delegate[operation](...args);
      },
    }),
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

printPlaces().then(() => prisma.$disconnect());
