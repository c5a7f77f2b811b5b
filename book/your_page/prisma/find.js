// Counts the calls of each line of the slow page.

"use strict";

const { slow_page } = require("./pages");
const { connect } = require("./shop");

const prisma = connect();

// ANCHOR: find
const places = new Map();
Error.stackTraceLimit = 50;

const watched = prisma.$extends({
  query: {
    $allOperations({ model, operation, args, query }) {
      // Your own code is what is not in an installed package.
      const frames = new Error().stack.split("\n").slice(2);
      const own = frames.find((frame) => !/node_modules|node:|\(<anonymous>/.test(frame)) ?? "?";
      const place = `${own.split(/[/\\]/).pop().replace(")", "")}  ${model}.${operation}`;
      places.set(place, (places.get(place) ?? 0) + 1);
      return query(args);
    },
  },
});
// ANCHOR_END: find

// ANCHOR: print
async function printPlaces() {
  await slow_page(watched);
  for (const [place, calls] of [...places].sort((a, b) => b[1] - a[1]).slice(0, 5)) {
    console.log(String(calls).padStart(6), place);
  }
}
// ANCHOR_END: print

printPlaces().then(() => prisma.$disconnect());
