// Prints every statement of the slow page.

"use strict";

const { drizzle } = require("drizzle-orm/node-postgres");
const { Pool } = require("pg");
const { slow_page } = require("./pages");
const { schema } = require("./shop");

const client = new Pool({ connectionString: process.env.DATABASE_URL });
// ANCHOR: see
const db = drizzle({ client, schema, logger: true });
// ANCHOR_END: see

slow_page(db).then(() => client.end());
