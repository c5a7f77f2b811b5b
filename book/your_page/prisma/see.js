// Prints every statement of the slow page.

"use strict";

const { slow_page } = require("./pages");
const { PrismaPg } = require("@prisma/adapter-pg");
const { PrismaClient } = require("@prisma/client");

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL });
// ANCHOR: see
const prisma = new PrismaClient({ adapter, log: [{ emit: "event", level: "query" }] });
prisma.$on("query", ({ query, params }) => console.log(query, params));
// ANCHOR_END: see

slow_page(prisma).then(() => prisma.$disconnect());
