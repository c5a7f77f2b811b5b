// The charts: the statements while a page loads, the statements for more and more customers, and the wire. They are SVG, so
// that the style sheet colours them in both schemes.

import { count, time } from "./numbers.js";

// The space around a plot, in pixels. It follows the size of the text, which is larger for a projector.
const SPACE = { left: 0, right: 20, top: 0, bottom: 0 };
function measure() {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  Object.assign(SPACE, { left: 4.6 * size, top: 1.8 * size, bottom: 2.4 * size });
}

function node(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Creates an empty drawing that fills the box. Returns it with the sizes of its plot.
function drawing(box, height, label) {
  measure();
  const width = Math.max(box.clientWidth, 260);
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
  box.replaceChildren(svg);
  return { svg, width: width - SPACE.left - SPACE.right, height: height - SPACE.top - SPACE.bottom };
}

// Returns about `most` round numbers from 0 to `end`.
function ticks(end, most) {
  const rough = end / most;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}

function axes({ svg, width, height }, across, up, x, y, words) {
  for (const value of up) {
    svg.append(node("line", { x1: SPACE.left, x2: SPACE.left + width, y1: y(value), y2: y(value), class: "grid" }));
    svg.append(node("text", { x: SPACE.left - 6, y: y(value) + 4, class: "tick end" }, words.up(value)));
  }
  for (const value of across) svg.append(node("text", { x: x(value), y: SPACE.top + height + 0.5 * SPACE.bottom, class: "tick middle" }, words.across(value)));
}

const moment = (micros) => micros === 0 ? "0" : time(micros / 1000);

const path = (points) => points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// Draws statements over time. A line is `{ name, points: [[microseconds, statements]] }`.
export function curve(box, lines, height = 240, label = "Statements over time") {
  const plot = drawing(box, height, label);
  const end = Math.max(1, ...lines.map(({ points }) => points.at(-1)?.[0] ?? 0));
  const most = Math.max(1, ...lines.map(({ points }) => points.at(-1)?.[1] ?? 0));
  const x = (micros) => SPACE.left + micros / end * plot.width;
  const y = (statements) => SPACE.top + plot.height - statements / most * plot.height;
  axes(plot, ticks(end, plot.width / 110), ticks(most, 4), x, y, { across: moment, up: count });
  lines.forEach(({ name, points, colour: index = 0 }) => {
    if (points.length === 0) return;
    plot.svg.append(node("path", { d: path([[0, 0], ...points].map(([at, sent]) => [x(at), y(sent)])), class: `line line-${index}` }));
    const [at, sent] = points.at(-1);
    const isLeft = x(at) < SPACE.left + plot.width / 2;
    plot.svg.append(node("circle", { cx: x(at), cy: y(sent), r: 4, class: `dot dot-${index}` }));
    plot.svg.append(node("text", { x: x(at) + (isLeft ? 9 : -9), y: y(sent) + (isLeft ? -6 : 16), class: `name ${isLeft ? "" : "end"}` }, `${name}: ${count(sent)}`));
  });
}

// Draws how a figure grows, on logarithmic axes. `you` is the reader's own page, `[customers, statements]`, or null.
export function growth(box, lines, you, { across = "customers", up = count, what = "Statements" } = {}) {
  const words = lines.map(({ name, points }) => `${name}: ${points.map(([customers, sent]) => `${up(sent)} for ${count(customers)}`).join(", ")}`);
  const height = Math.max(240, Math.min(340, 0.45 * innerHeight));
  const plot = drawing(box, height, `${what} for each number of ${across}. ${words.join(". ")}.`);
  const all = lines.flatMap(({ points }) => points).concat(you ? [you] : []);
  const log = (value) => Math.log10(Math.max(value, 1));
  const [right, top] = [0, 1].map((index) => Math.max(1, ...all.map((point) => log(point[index]))));
  const x = (customers) => SPACE.left + log(customers) / right * plot.width;
  const y = (statements) => SPACE.top + plot.height - log(statements) / top * plot.height;
  const powers = (end) => Array.from({ length: Math.floor(end) + 1 }, (_, power) => 10 ** power);
  axes(plot, powers(right), powers(top), x, y, { across: count, up });
  plot.svg.append(node("text", { x: SPACE.left + plot.width, y: SPACE.top + plot.height + 0.95 * SPACE.bottom, class: "tick end" }, across));
  const taken = [];
  lines.forEach(({ name, points, is_chosen: isChosen }, index) => {
    plot.svg.append(node("path", { d: path(points.map(([customers, sent]) => [x(customers), y(sent)])), class: `line line-${index} ${isChosen ? "chosen" : ""}` }));
    for (const [customers, sent] of points) plot.svg.append(node("circle", { cx: x(customers), cy: y(sent), r: 3, class: `dot dot-${index}` }));
    const [customers, sent] = points.at(-1);
    let at = y(sent) - 12;
    while (taken.some((other) => Math.abs(other - at) < 16)) at -= 16;
    taken.push(at);
    const isLeft = x(customers) < SPACE.left + plot.width / 2;
    plot.svg.append(node("text", { x: x(customers) + (isLeft ? 6 : -4), y: at, class: `name ${isLeft ? "" : "end"}` }, `${name}: ${up(sent)}`));
  });
  if (!you) return;
  const [customers, sent] = you;
  plot.svg.append(node("circle", { cx: x(customers), cy: y(sent), r: 8, class: "you" }));
  plot.svg.append(node("text", { x: x(customers) - 2, y: y(sent) + 26, class: "name end" }, "your page"));
}

// Returns the time in which the wire is drawn: until the side with few statements ends, or for the first 40 statements.
export function extent(sides) {
  const ends = sides.map((first) => first[Math.min(first.length, 40) - 1]?.received ?? 0);
  const few = sides.filter((first) => first.length > 0 && first.length <= 20).map((first) => first.at(-1).received);
  return 1.1 * Math.max(1, few.length > 0 ? Math.max(...few) : Math.max(...ends));
}

// Draws the ways of the statements between the program and the database, until `now`. All times are microseconds.
export function wire(box, sides, end, now) {
  const high = 92;
  measure();
  const plot = drawing(box, SPACE.top + SPACE.bottom + sides.length * (high + 34), "Statements and answers on the wire");
  const x = (micros) => SPACE.left + micros / end * plot.width;
  sides.forEach(({ name, first, total, colour }, index) => {
    const program = SPACE.top + 22 + index * (high + 34);
    const database = program + high - 24;
    const sent = first.filter((trip) => trip.sent <= now).length;
    const rest = now >= end && total > sent ? ` of ${count(total)}` : "";
    plot.svg.append(node("text", { x: SPACE.left, y: program - 8, class: "name" }, `${name}: ${count(sent)}${rest} round trips in the first ${time(Math.min(now, end) / 1000)}`));
    for (const [at, label] of [[program, "program"], [database, "database"]]) {
      plot.svg.append(node("line", { x1: SPACE.left, x2: SPACE.left + plot.width, y1: at, y2: at, class: "grid" }));
      plot.svg.append(node("text", { x: SPACE.left - 6, y: at + 4, class: "tick end" }, label));
    }
    for (const trip of first) {
      if (trip.sent > Math.min(now, end)) break;
      const points = [[trip.sent, program], [trip.arrived, database], [trip.answered, database], [trip.received, program]];
      const shown = cut(points, Math.min(now, end)).map(([at, height]) => [x(at), height]);
      plot.svg.append(node("path", { d: path(shown), class: `line line-${colour}` }));
    }
  });
  for (const value of ticks(end, plot.width / 110)) plot.svg.append(node("text", { x: x(value), y: SPACE.top + plot.height + 0.5 * SPACE.bottom, class: "tick middle" }, moment(value)));
}

// Returns the part of a way that is travelled until `now`.
function cut(points, now) {
  const shown = points.filter(([at]) => at <= now);
  const [from, to] = [shown.at(-1), points[shown.length]];
  if (to && to[0] > from[0]) {
    const share = (now - from[0]) / (to[0] - from[0]);
    shown.push([now, from[1] + (to[1] - from[1]) * share]);
  }
  return shown;
}
