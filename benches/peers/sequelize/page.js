// The page with Sequelize. Its associations have methods that send a query, or hold the rows of `include`.

"use strict";

const { BIGINT, Sequelize, TEXT } = require("sequelize");
const { SHOP, serve } = require("../protocol");

const database = new Sequelize(SHOP, { logging: false, pool: { max: 1 } });
const options = { timestamps: false };
const key = { type: BIGINT, primaryKey: true, autoIncrement: true };

const Customer = database.define("customer", { id: key, first_name: TEXT, last_name: TEXT, email: TEXT }, options);
const Order = database.define("order", { id: key, placed_on: TEXT, status: TEXT }, options);
const OrderItem = database.define(
  "order_item",
  { id: key, product: TEXT, quantity: BIGINT, unit_price: BIGINT },
  options,
);
Customer.Orders = Customer.hasMany(Order, { as: "orders", foreignKey: "customer_id" });
Order.Items = Order.hasMany(OrderItem, { as: "items", foreignKey: "order_id" });

// The client library returns a 64-bit integer as text.
function sum(items) {
  return items.reduce((total, item) => total + Number(item.quantity) * Number(item.unit_price), 0);
}

async function lazy() {
  const page = [];
  for (const customer of await Customer.findAll({ order: ["id"] })) {
    const orders = await customer.getOrders();
    let total = 0;
    for (const order of orders) {
      total += sum(await order.getItems());
    }
    page.push([customer.first_name, customer.last_name, orders.length, total]);
  }
  return page;
}

async function include(separate) {
  const items = { association: Order.Items, separate };
  const orders = { association: Customer.Orders, separate, include: [items] };
  const customers = await Customer.findAll({ order: ["id"], include: [orders] });
  return customers.map(({ first_name, last_name, orders }) => {
    const total = orders.reduce((total, order) => total + sum(order.items), 0);
    return [first_name, last_name, orders.length, total];
  });
}

async function counting(way) {
  const statements = [];
  // The text begins with the name of the connection.
  database.options.logging = (text) => statements.push(text.replace(/^Executing \(.*?\): /, ""));
  try {
    return { page: await way(), statements };
  } finally {
    database.options.logging = false;
  }
}

const ways = {
  lazy,
  include: () => include(false),
  "include separate": () => include(true),
};

// Otherwise the first page would send the statements that set up the connection.
database.authenticate().then(() => serve("Sequelize", "sequelize", ways, counting));
