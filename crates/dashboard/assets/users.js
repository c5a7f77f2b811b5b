// The script of many users at once. It receives an event for each number of users, fills the table and draws the chart.

import { growth } from "./charts.js";
import { counted, time } from "./numbers.js";
import { announce, connect } from "./stream.js";

const element = (id) => document.getElementById(id);
let lines = [];

function draw() {
  if (lines.length > 0) growth(element("users-chart"), lines, null, { across: "users", up: time, what: "Time of a page" });
}

function level({ way, users, milliseconds, statements, cells }) {
  let line = lines.find(({ name }) => name === way);
  if (!line) lines.push(line = { name: way, points: [] });
  line.points.push([users, milliseconds]);
  const row = element("levels").tBodies[0].insertRow();
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = `${way}, ${counted(statements, "statement")}`;
  row.append(name);
  for (const text of [users, ...cells]) Object.assign(row.insertCell(), { className: "number", textContent: text });
  element("done").value += 1;
  announce(`${way}: ${counted(users, "user")}, half of the pages within ${cells[1]}.`);
  draw();
}

function reset() {
  lines = [];
  element("levels").tBodies[0].replaceChildren();
  element("users-chart").replaceChildren();
  element("done").value = 0;
}

// On SQLite, the page only says what is needed.
if (element("start")) {
  connect({ reset, begun: "The first users show their pages.", events: { level }, over: () => "All numbers of users are measured." });
  addEventListener("resize", draw);
}
