// The script of the admin page. Without it, the form reloads the page. With it, the page shows its progress
// and can be stopped, and the tables and sliders of the toolbar work.
"use strict";
(() => {
  const element = (id) => document.getElementById(id);
  const form = element("settings");
  const result = element("result");
  if (!form) return;

  // Formats numbers as the server does (crates/eagerly/src/watch/numbers.rs). Times are in milliseconds.
  const count = (number) => number.toLocaleString("en-US");
  const time = (milliseconds) => {
    const micros = milliseconds * 1000;
    const [value, unit] = micros >= 999500 ? [micros / 1e6, "s"] : micros >= 999.5 ? [micros / 1e3, "ms"] : [micros, "µs"];
    const digits = value >= 99.95 || Number.isInteger(value) ? 0 : value >= 9.995 ? 1 : 2;
    return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
  };
  const announce = (words) => { element("announcement").textContent = words; };

  // ---- building a page, with progress ----------------------------------------------------------------------------
  let source = null;
  let asked = "";
  let number = null;
  const progress = element("progress");

  function end() {
    source?.close();
    source = null;
    progress.hidden = true;
    result.removeAttribute("aria-busy");
  }

  function show(query, isNew = true) {
    end();
    asked = query;
    number = null;
    progress.hidden = false;
    element("progress-bar").removeAttribute("value");
    element("progress-text").textContent = "The page is being built.";
    element("stop").hidden = false;
    result.setAttribute("aria-busy", "true");
    announce("The page is being built.");
    source = new EventSource(`/build?${query}`);
    source.addEventListener("begun", (event) => { number = JSON.parse(event.data); });
    source.addEventListener("progress", (event) => onProgress(JSON.parse(event.data)));
    source.addEventListener("built", (event) => onBuilt(JSON.parse(event.data), isNew));
    source.addEventListener("failed", (event) => onFailed(JSON.parse(event.data)));
    // There is no stream. Load the page itself, which shows the error.
    source.onerror = () => { end(); location.assign(`/?${asked}`); };
  }

  let announced = 0;
  function onProgress({ statements, milliseconds, share }) {
    const percent = share === null ? "" : `, ${Math.floor(share * 100)} % of the page`;
    const words = `${count(statements)} statements in ${time(milliseconds)}${percent}`;
    element("progress-text").textContent = words;
    if (share !== null) element("progress-bar").value = share;
    // Announce it every 5 seconds only. The server sends up to ten events a second, too many to read aloud.
    if (Date.now() - announced > 5000) { announced = Date.now(); announce(words); }
  }

  function onBuilt({ html, query, words }, isNew) {
    end();
    const isOpen = element("tools")?.open;
    const hadFocus = result.contains(document.activeElement);
    result.innerHTML = html;
    result.removeAttribute("data-wanted");
    if (isOpen) element("tools").open = true;
    // The element with the focus was replaced. Move the focus to the toolbar, the first new element.
    if (hadFocus) element("tools").querySelector("summary").focus();
    const link = query ? `/?${query}` : "/";
    if (isNew) history.pushState(null, "", link);
    for (const place of document.querySelectorAll("[data-path]")) place.href = query ? `${place.dataset.path}?${query}` : place.dataset.path;
    announce(`The page is ready: ${words}.`);
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
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    return new URLSearchParams(filled).toString();
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); show(settings()); });
  // When the choice of rows changes, go back to the first page.
  for (const name of ["shop", "customers", "size", "name"]) form.elements[name].addEventListener("change", () => { form.elements.page.value = 1; });

  // Copies the settings of a link into the form.
  function fill(query) {
    const given = new URLSearchParams(query);
    const usual = { orders: "lazy", items: "lazy", spend: "yes", shop: "production", customers: "all", size: "all", page: "1", name: "", trip: "1" };
    for (const [name, value] of Object.entries(usual)) form.elements[name].value = given.get(name) ?? value;
    form.elements.wait.checked = given.get("wait") === "yes";
    setTrip();
  }
  result.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-show]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const query = new URL(link.href).search.slice(1);
    fill(query);
    show(query);
  });
  addEventListener("popstate", () => { const query = location.search.slice(1); fill(query); show(query, false); });

  // ---- the round trip ----------------------------------------------------------------------------------------------
  function setTrip() {
    const trip = Number(element("trip").value);
    element("trip-value").textContent = time(trip);
    const presets = [...element("preset").options];
    element("preset").value = (presets.find((preset) => preset.value !== "" && Number(preset.value) === trip) ?? presets.at(-1)).value;
    const modelled = result.querySelector(".modelled");
    if (!modelled) return;
    const total = Number(modelled.dataset.statements) * trip;
    modelled.querySelector("b").textContent = time(total);
    modelled.querySelector(".at").textContent = time(trip);
    modelled.classList.toggle("alarm", total >= 1000);
  }
  element("trip").oninput = setTrip;
  element("preset").onchange = ({ target }) => { if (target.value !== "") { element("trip").value = target.value; setTrip(); } };

  // ---- the panels of the toolbar -----------------------------------------------------------------------------------
  function sortShapes(button) {
    const heading = button.parentElement;
    for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", "descending");
    const body = element("shapes").tBodies[0];
    const value = (row) => Number(row.cells[heading.cellIndex].dataset.value);
    body.append(...[...body.rows].sort((one, other) => value(other) - value(one)));
  }
  function slide() {
    const log = element("slow-log");
    const step = Number(element("threshold").value);
    const numbers = (list) => list.split(" ").map(Number);
    const threshold = numbers(log.dataset.thresholds)[step];
    const slow = numbers(log.dataset.over)[step];
    log.textContent = `${slow === 0 ? "EMPTY. " : ""}${count(slow)} statement${slow === 1 ? "" : "s"} over ${time(threshold)}.`;
    log.classList.toggle("empty", slow === 0);
    form.elements.slow.value = threshold;
  }
  function draw(button) {
    const frame = document.createElement("iframe");
    frame.title = "The waterfall of the page's statements";
    frame.setAttribute("sandbox", "allow-scripts");
    frame.src = button.dataset.address;
    element("waterfall").replaceChildren(frame);
    frame.scrollIntoView({ block: "nearest" });
  }
  result.addEventListener("click", ({ target }) => {
    if (target.matches("[data-sort]")) sortShapes(target);
    else if (target.id === "draw") draw(target);
  });
  result.addEventListener("input", ({ target }) => { if (target.id === "threshold") slide(); });

  if (result.hasAttribute("data-wanted")) show(location.search.slice(1), false);
})();
