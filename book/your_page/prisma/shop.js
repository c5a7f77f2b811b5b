// The client. `schema.prisma` of `benches/peers/prisma` has the tables.

"use strict";

const { PrismaPg } = require("@prisma/adapter-pg");
const { PrismaClient } = require("@prisma/client");

// Returns a client that sends `query` events.
function connect() {
  const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL });
  return new PrismaClient({ adapter, log: [{ emit: "event", level: "query" }] });
}

module.exports = { connect };
