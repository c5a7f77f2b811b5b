// The script of the race. It receives events from the server and draws a bar for each way. The longest bar takes the full
// width, and the others are to scale. A way that fails has no bar.

import { announce, connect } from "./stream.js";

const element = (id) => document.getElementById(id);
const lanes = new Map([...document.querySelectorAll("[data-way]")].map((row) => [row.dataset.way, row]));
const times = new Map();
const write = (row, name, text) => { row.querySelector(`[data-figure=${name}]`).textContent = text; };
// The expected time of the way that is running.
let expected = 0;

function draw() {
  const longest = Math.max(...times.values(), expected, 1e-9);
  for (const [way, row] of lanes) row.querySelector(".fill").style.width = `${(times.get(way) ?? 0) / longest * 100}%`;
}

function underway({ way, statements, milliseconds, expected: end }) {
  expected = end ?? 0;
  times.set(way, milliseconds);
  lanes.get(way).classList.add("underway");
  write(lanes.get(way), "statements", statements);
  draw();
}

function finish({ way, statements, rows, page, error }) {
  const row = lanes.get(way);
  expected = 0;
  row.classList.remove("underway");
  write(row, "statements", statements);
  write(row, "rows", rows);
  if (page) {
    times.set(way, page.milliseconds);
    row.classList.add("finished");
    for (const name of ["measured", "modelled", "total", "lines"]) write(row, name, page[name]);
    announce(`${way}: ${statements} statements, ${page.total} in total.`);
  } else {
    times.delete(way);
    write(row, "lines", "error");
    const heading = document.createElement("p");
    heading.textContent = `${way} returns an error and no page:`;
    const words = document.createElement("pre");
    words.className = "finding alarm";
    words.tabIndex = 0;
    words.textContent = error;
    element("errors").append(heading, words);
    announce(`${way}: an error, and no page.`);
  }
  draw();
}

function verdict() {
  const cells = [...document.querySelectorAll("[data-figure=lines]")].map((cell) => cell.textContent);
  const pages = cells.filter((text) => text !== "" && text !== "error");
  if (new Set(pages).size > 1) return "The ways return different lines. This is a bug.";
  return `${pages.length} of ${cells.length} ways return the page, all with the same lines.`;
}

function reset() {
  times.clear();
  expected = 0;
  element("errors").replaceChildren();
  for (const row of lanes.values()) {
    row.className = "";
    for (const cell of row.querySelectorAll("[data-figure]")) cell.textContent = "";
  }
  draw();
}

connect({
  reset,
  begun: "The race has started.",
  events: { underway, finish },
  over: () => `The race is over. ${verdict()}`,
  ended: () => { for (const row of lanes.values()) row.classList.remove("underway"); },
});
