// The script of two pages that run side by side. Each side is a stream of its own. Both are drawn on one time axis.

import { curve, extent, wire } from "./charts.js";
import { count, counted, time } from "./numbers.js";

const element = (id) => document.getElementById(id);
const announce = (words) => { element("announcement").textContent = words; };
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
// The seconds in which the slow motion is played.
const SLOW = 8;
let sides = [];
let frame = 0;

class Side {
  constructor(section) {
    this.section = section;
    this.name = section.dataset.name;
    this.colour = Number(section.dataset.colour);
    this.points = [];
    this.first = [];
    this.total = 0;
    this.end = null;
    this.number = null;
    this.write("state", "starting");
    section.classList.remove("failed", "finished");
    this.source = new EventSource(section.dataset.address);
    this.source.addEventListener("begun", (event) => { this.number = JSON.parse(event.data); });
    this.source.addEventListener("progress", (event) => this.onProgress(JSON.parse(event.data)));
    this.source.addEventListener("end", (event) => this.onEnd(JSON.parse(event.data)));
    this.source.addEventListener("failed", (event) => this.onFailed(JSON.parse(event.data)));
    this.source.onerror = () => this.onFailed("The connection closed before the page was complete.");
  }

  write(figure, text) { this.section.querySelector(`[data-figure=${figure}]`).textContent = text; }

  onProgress({ statements, milliseconds, share }) {
    this.points.push([milliseconds * 1000, statements]);
    this.write("statements", count(statements));
    this.write("time", time(milliseconds));
    const left = share > 0.02 ? `, about ${time(milliseconds / share - milliseconds)} left` : "";
    this.write("state", `running${left}`);
    if (share !== null) this.section.querySelector("progress").value = share;
    draw();
  }

  onEnd({ statements, time: words, first, trips, curve: points, error }) {
    this.source.close();
    this.end = { statements, words };
    this.total = trips;
    this.points = points;
    this.first = first;
    this.write("statements", count(statements));
    this.write("time", error ? "no page" : words);
    this.write("state", error ? `after ${words}` : "measured");
    this.section.classList.add(error ? "failed" : "finished");
    this.section.querySelector("progress").value = 1;
    ended(error);
  }

  // Asks the server to stop, and to send what was counted until then.
  stop() {
    if (this.end !== null) return;
    this.write("state", "stopping");
    if (this.number !== null) fetch(`/stop?${this.number}`, { method: "POST" }).catch(() => {});
    setTimeout(() => { if (this.end === null) this.onFailed("stopped"); }, 3000);
  }

  onFailed(words) {
    this.source.close();
    this.end ??= { statements: this.points.at(-1)?.[1] ?? 0, words };
    this.section.classList.add("failed");
    this.write("state", words);
    ended(words);
  }
}

function draw() { curve(element("curve"), sides.map(({ name, points, colour }) => ({ name, points, colour }))); }

function ended(error) {
  draw();
  if (error) announce(error);
  if (sides.length === 0 || sides.some(({ end }) => end === null)) return;
  element("stop").hidden = true;
  element("start").hidden = false;
  element("start").textContent = "Start both again";
  announce(`Both have ended. ${sides.map(({ name, end }) => `${name}: ${counted(end.statements, "statement")}, ${end.words}`).join(". ")}.`);
  element("replay").disabled = sides.every(({ first }) => first.length === 0);
  if (!element("replay").disabled) replay();
}

function start() {
  cancelAnimationFrame(frame);
  element("wire").replaceChildren();
  element("replay").disabled = true;
  element("start").hidden = true;
  element("stop").hidden = false;
  element("stop").focus();
  announce("Both pages are being built.");
  sides = [];
  sides = [...document.querySelectorAll(".side")].map((section) => new Side(section));
}

function stop() {
  for (const side of sides) side.stop();
}

// Plays the first statements of both sides, slowly enough to see each on its way.
function replay() {
  cancelAnimationFrame(frame);
  const end = extent(sides.map(({ first }) => first));
  const show = (now) => wire(element("wire"), sides, end, now);
  if (isCalm) { show(end); return; }
  const began = performance.now();
  const step = (now) => {
    const played = Math.min((now - began) / (SLOW * 1000), 1);
    show(played * end);
    if (played < 1) frame = requestAnimationFrame(step);
  };
  frame = requestAnimationFrame(step);
}

element("start").onclick = start;
element("stop").onclick = stop;
element("replay").onclick = replay;
addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
addEventListener("resize", () => {
  if (sides.length === 0) return;
  draw();
  if (!element("replay").disabled) wire(element("wire"), sides, extent(sides.map(({ first }) => first)), Infinity);
});
