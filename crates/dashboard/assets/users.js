// The script of many users at once. It receives an event for each number of users, fills the table and draws the chart.

import { growth } from "./charts.js";
import { counted, time } from "./numbers.js";

const element = (id) => document.getElementById(id);
const announce = (words) => { element("announcement").textContent = words; };
let source = null;
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

function end(words) {
  source?.close();
  source = null;
  element("stop").hidden = true;
  element("start").hidden = false;
  element("start").textContent = "Start again";
  announce(words);
}

function start() {
  lines = [];
  element("levels").tBodies[0].replaceChildren();
  element("users-chart").replaceChildren();
  element("done").value = 0;
  element("start").hidden = true;
  element("stop").hidden = false;
  element("stop").focus();
  announce("The first users show their pages.");
  source = new EventSource(element("start").dataset.address);
  source.addEventListener("level", (event) => level(JSON.parse(event.data)));
  source.addEventListener("end", () => end("All numbers of users are measured."));
  source.addEventListener("failed", (event) => end(JSON.parse(event.data)));
  source.onerror = () => end("The connection closed before the end.");
}

if (element("start")) {
  element("start").onclick = start;
  element("stop").onclick = () => end("Stopped.");
  addEventListener("keydown", (event) => { if (event.key === "Escape" && source) end("Stopped."); });
  addEventListener("resize", draw);
}
