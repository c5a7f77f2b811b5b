// The script of the admin page. It requests the page as a stream, with progress, and switches the tabs. Clicks are handled
// for the whole document, because the controls and the result are replaced with each page.

import { curve, growth } from "./charts.js";
import { count, counted, time } from "./numbers.js";

const element = (id) => document.getElementById(id);
const result = element("result");
const announce = (words) => { element("announcement").textContent = words; };

// ---- building a page, with progress ----------------------------------------------------------------------------------
let source = null;
let asked = "";
let number = null;
let points = [];
let delay = 0;
const progress = element("progress");

function end() {
  source?.close();
  source = null;
  clearTimeout(delay);
  progress.hidden = true;
  result.removeAttribute("aria-busy");
}

function show(query, isNew = true) {
  end();
  asked = query;
  markWay(query);
  number = null;
  points = [];
  element("progress-bar").removeAttribute("value");
  element("progress-statements").textContent = "0";
  element("progress-time").textContent = "0 ms";
  element("progress-text").textContent = "The page is being built.";
  element("progress-curve").replaceChildren();
  // A page of a few statements is there at once. Its progress would only flicker.
  delay = setTimeout(() => { progress.hidden = false; }, result.hasAttribute("data-wanted") ? 0 : 250);
  element("stop").hidden = false;
  result.setAttribute("aria-busy", "true");
  announce("The page is being built.");
  source = new EventSource(`/build?${query}`);
  source.addEventListener("begun", (event) => { number = JSON.parse(event.data); });
  source.addEventListener("progress", (event) => onProgress(JSON.parse(event.data)));
  source.addEventListener("built", (event) => onBuilt(JSON.parse(event.data), isNew));
  source.addEventListener("failed", (event) => onFailed(JSON.parse(event.data)));
  // There is no stream. Load the page itself, which shows the error.
  source.onerror = () => { end(); location.assign(`/?plain=yes&${asked}`); };
}

// Marks the way that is chosen, before its page is there. A mix of strategies has no link.
function markWay(query) {
  const ways = [...document.querySelectorAll("#ways a")];
  const chosen = ways.find(({ search }) => search.slice(1) === withoutStep(query));
  for (const way of ways) way.removeAttribute("aria-current");
  chosen?.setAttribute("aria-current", "true");
}

// The query of the page that is shown.
let shown = null;
let announced = 0;
function onProgress({ statements, milliseconds, share }) {
  points.push([milliseconds * 1000, statements]);
  // The first customers say little about the others.
  const left = share > 0.02 ? `About ${time(milliseconds / share - milliseconds)} left.` : "";
  element("progress-statements").textContent = count(statements);
  element("progress-time").textContent = time(milliseconds);
  element("progress-text").textContent = left;
  if (share !== null) element("progress-bar").value = share;
  if (!progress.hidden) curve(element("progress-curve"), [{ name: "sent", points }], 160);
  // Announce it every 5 seconds only. The server sends up to ten events a second, too many to read aloud.
  if (Date.now() - announced > 5000) { announced = Date.now(); announce(`${counted(statements, "statement")} in ${time(milliseconds)}. ${left}`); }
}

// The figures of the page before this one, for comparison.
function before() {
  const hero = element("hero");
  return hero?.dataset.seconds && `Before: ${counted(Number(hero.dataset.statements), "statement")}, ${hero.dataset.seconds} in total.`;
}

function onBuilt({ html, controls, query, words }, isNew) {
  // The same page again, or a step of the story, needs no comparison.
  const earlier = withoutStep(query) === shown || new URLSearchParams(query).has("step") ? null : before();
  shown = withoutStep(query);
  end();
  const focused = document.activeElement;
  const hadFocus = focused?.id && (result.contains(focused) || element("controls").contains(focused)) ? focused.id : null;
  const isOpen = element("more").open;
  result.innerHTML = html;
  result.removeAttribute("data-wanted");
  element("controls").innerHTML = controls;
  element("more").open = isOpen;
  const line = result.querySelector(".before");
  if (line && earlier) { line.textContent = earlier; line.hidden = false; }
  if (isNew) history.pushState(null, "", `${query ? `/?${query}` : "/"}${location.hash}`);
  openTab(location.hash.slice(1));
  if (hadFocus) element(hadFocus)?.focus();
  const kept = new URLSearchParams(query);
  kept.delete("step");
  for (const place of document.querySelectorAll("[data-path]")) place.href = kept.size ? `${place.dataset.path}?${kept}` : place.dataset.path;
  if (isNew) unmark();
  reveal();
  announce(`${words}.`);
}

// Another page than the story's: no step is current any longer. The links stay, so the arrows still lead on.
function unmark() {
  if (new URLSearchParams(asked).has("step")) return;
  const step = document.querySelector("#story [aria-current]");
  if (!step) return;
  step.removeAttribute("aria-current");
  step.textContent = parseInt(step.textContent, 10);
  document.querySelector("#story p").remove();
}

function onFailed(words) {
  end();
  const box = document.createElement("pre");
  box.className = "finding alarm";
  box.textContent = words;
  result.replaceChildren(box);
  announce(words);
}

// Asks the server to stop the page and to send what it has so far. If that takes more than 3 seconds,
// closes the stream, which stops the page as well.
function stop() {
  if (!source) return;
  const stopping = source;
  element("stop").hidden = true;
  announce("The page is being stopped.");
  if (number !== null) fetch(`/stop?${number}`, { method: "POST" }).catch(() => {});
  setTimeout(() => { if (source === stopping) { end(); announce("Stopped."); } }, 3000);
}
element("stop").onclick = stop;
addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });

const settings = () => {
  const filled = [...new FormData(element("settings"))].filter(([, value]) => value !== "");
  return new URLSearchParams(filled).toString();
};
document.addEventListener("submit", (event) => {
  if (event.target.id !== "settings") return;
  event.preventDefault();
  show(settings());
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-show], #story a[href^='/?']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.closest("#story")) return void turn(new URL(link.href));
  show(new URL(link.href).search.slice(1));
});
addEventListener("popstate", () => turn(new URL(location.href), false));

// ---- the story -------------------------------------------------------------------------------------------------------
const withoutStep = (query) => {
  const kept = new URLSearchParams(query);
  kept.delete("step");
  return kept.toString();
};

// Opens a step of the story. If it shows the page that is here already, the page does not run again: only the text of the
// step and the tab change.
let turns = 0;
async function turn(address, isNew = true) {
  const mine = ++turns;
  if (isNew) history.pushState(null, "", address);
  const answer = await fetch(address).catch(() => null);
  const text = answer?.ok ? await answer.text() : null;
  // A later step was asked for in the meantime.
  if (mine !== turns) return;
  if (text === null) return location.assign(address);
  element("story").replaceWith(new DOMParser().parseFromString(text, "text/html").getElementById("story"));
  const query = address.search.slice(1);
  const isHere = element("hero") && !source && withoutStep(query) === withoutStep(asked);
  if (!isHere) return show(query, false);
  asked = query;
  element("hero").classList.toggle("untold", !tells(query));
  openTab(address.hash.slice(1));
  reveal();
}

// The first steps do not tell the cause.
const CAUSE = Number(element("story").dataset.cause);
const tells = (query) => Number(new URLSearchParams(query).get("step") ?? CAUSE) >= CAUSE;

// ---- the tabs --------------------------------------------------------------------------------------------------------
const tabs = () => [...document.querySelectorAll("#tabs [role=tab]")];

function openTab(name) {
  const chosen = tabs().find((tab) => tab.dataset.tab === name) ?? tabs()[0];
  if (!chosen) return;
  for (const tab of tabs()) {
    const isChosen = tab === chosen;
    tab.setAttribute("aria-selected", isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    element(tab.getAttribute("aria-controls")).hidden = !isChosen;
  }
  const opened = chosen.dataset.tab;
  // The figures are large where they are the subject, and slim above the tools.
  element("hero").classList.toggle("slim", opened !== "page");
  if (opened === "waterfall") drawWaterfall();
  if (opened === "growth") drawGrowth();
}

// On a small screen, a panel would open below its end.
function reveal() {
  const isLow = element("tabs").getBoundingClientRect().bottom > 0.6 * innerHeight;
  if (!isLow || location.hash.length < 2 || location.hash === "#page") return;
  // For a projector, the text of the story stays at the top.
  const isSticky = getComputedStyle(element("story")).position === "sticky";
  const covered = isSticky ? element("story").offsetHeight + 8 : 0;
  scrollTo({ top: element(isSticky ? "tabs" : "hero").getBoundingClientRect().top + scrollY - covered });
}

function choose(tab) {
  history.replaceState(null, "", `${location.pathname}${location.search}#${tab.dataset.tab}`);
  openTab(tab.dataset.tab);
  reveal();
}

document.addEventListener("click", ({ target }) => {
  const tab = target.closest("[role=tab]");
  if (tab) choose(tab);
  else if (target.matches("[data-sort]")) sortShapes(target);
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[role=tab]")) return;
  const all = tabs();
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  choose(next);
  next.focus();
});

function drawWaterfall() {
  const box = element("frame");
  if (box.querySelector("iframe")) return;
  const frame = document.createElement("iframe");
  frame.title = "The waterfall of the page's statements";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.src = box.dataset.address;
  box.replaceChildren(frame);
}

let growing = null;
async function drawGrowth() {
  const box = element("growth-chart");
  const { address, customers, statements } = box.dataset;
  // A page that failed has no point.
  const you = statements ? [Number(customers), Number(statements)] : null;
  if (growing?.address !== address) {
    growing = { address };
    const answer = await fetch(address).catch(() => null);
    if (growing.address !== address) return;
    if (!answer?.ok) { growing = null; element("growth-chart").textContent = "The chart cannot be drawn. Open the tab again."; return; }
    growing.lines = await answer.json();
  }
  if (growing?.lines && element("growth-chart").checkVisibility()) growth(element("growth-chart"), growing.lines, you);
}
addEventListener("resize", () => { if (element("growth-chart")?.checkVisibility() && growing?.lines) drawGrowth(); });

function sortShapes(button) {
  const heading = button.parentElement;
  for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", "descending");
  const body = element("shapes").tBodies[0];
  const value = (row) => Number(row.cells[heading.cellIndex].dataset.value);
  body.append(...[...body.rows].sort((one, other) => value(other) - value(one)));
}

// ---- the sliders -----------------------------------------------------------------------------------------------------
function setTrip() {
  const trip = Number(element("trip").value);
  element("trip-value").textContent = time(trip);
  const presets = [...element("preset").options];
  element("preset").value = (presets.find((preset) => preset.value !== "" && Number(preset.value) === trip) ?? presets.at(-1)).value;
  const modelled = result.querySelector(".modelled");
  if (!modelled) return;
  const all = Number(modelled.dataset.statements) * trip;
  modelled.querySelector("b").textContent = time(all);
  modelled.querySelector(".at").textContent = time(trip);
  const total = all + Number(modelled.dataset.measured);
  const figure = modelled.closest(".figure");
  figure.querySelector("b").textContent = time(total);
  figure.classList.toggle("alarm", total >= 1000);
  element("hero").dataset.seconds = time(total);
}

function slide() {
  const log = element("slow-log");
  const step = Number(element("threshold").value);
  const numbers = (list) => list.split(" ").map(Number);
  const threshold = numbers(log.dataset.thresholds)[step];
  const slow = numbers(log.dataset.over)[step];
  log.textContent = `${slow === 0 ? "EMPTY. " : ""}${counted(slow, "statement")} over ${time(threshold)}.`;
  log.classList.toggle("empty", slow === 0);
  element("settings").elements.slow.value = threshold;
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "threshold") slide();
  if (target.id === "trip") setTrip();
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "preset" && target.value !== "") { element("trip").value = target.value; setTrip(); }
  // The slider has shown the new time at once. The rest of the page follows when it is let go.
  if (target.id === "preset" || target.id === "trip" || target.id === "threshold") show(settings());
  // When the choice of rows changes, go back to the first page.
  if (["shop", "customers", "size", "name"].includes(target.name)) element("settings").elements.page.value = 1;
  // These two are in sight at all times, so a choice shows the page at once.
  if (target.id === "shop" || target.id === "customers") show(settings());
});

openTab(location.hash.slice(1));
if (result.hasAttribute("data-wanted")) show(location.search.slice(1), false);
else asked = location.search.slice(1);
