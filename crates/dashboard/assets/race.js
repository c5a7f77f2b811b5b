// The script of the race. It receives events from the server and draws a bar for each strategy. The longest
// bar takes the full width, and the others are to scale.
"use strict";
(() => {
  const element = (id) => document.getElementById(id);
  const lanes = new Map([...document.querySelectorAll("[data-strategy]")].map((row) => [row.dataset.strategy, row]));
  const times = new Map();
  const announce = (words) => { element("announcement").textContent = words; };
  const write = (row, name, text) => { row.querySelector(`[data-figure=${name}]`).textContent = text; };
  let source = null;
  // The expected time of the strategy that is running.
  let expected = 0;

  function draw() {
    const longest = Math.max(...times.values(), expected, 1e-9);
    for (const [strategy, row] of lanes) row.querySelector(".fill").style.width = `${(times.get(strategy) ?? 0) / longest * 100}%`;
  }

  function underway({ strategy, statements, milliseconds, expected: end }) {
    expected = end ?? 0;
    times.set(strategy, milliseconds);
    lanes.get(strategy).classList.add("underway");
    write(lanes.get(strategy), "statements", statements);
    draw();
  }

  function finish(figures) {
    const row = lanes.get(figures.strategy);
    expected = 0;
    times.set(figures.strategy, figures.milliseconds);
    row.classList.remove("underway");
    row.classList.add("finished");
    for (const name of ["statements", "rows", "measured", "modelled", "total", "lines"]) write(row, name, figures[name]);
    if (figures.error) {
      const heading = document.createElement("p");
      heading.textContent = `${figures.strategy} returns an error:`;
      const words = document.createElement("pre");
      words.className = "finding alarm";
      words.textContent = figures.error;
      element("errors").append(heading, words);
    }
    announce(`${figures.strategy}: ${figures.statements} statements, ${figures.total} in total.`);
    draw();
  }

  function verdict() {
    const cells = [...document.querySelectorAll("[data-figure=lines]")].map((cell) => cell.textContent);
    const lines = new Set(cells.filter((text) => text !== "none"));
    if (lines.size > 1) return "The strategies return different lines. This is a bug.";
    return `${cells.filter((text) => text !== "none").length} of ${cells.length} strategies return the page, all with the same lines.`;
  }

  function end(words) {
    source?.close();
    source = null;
    element("stop").hidden = true;
    element("start").hidden = false;
    element("start").textContent = "Start again";
    element("copy").disabled = false;
    for (const row of lanes.values()) row.classList.remove("underway");
    announce(words);
  }

  element("start").onclick = () => {
    times.clear();
    expected = 0;
    element("errors").replaceChildren();
    for (const row of lanes.values()) {
      row.className = "";
      for (const cell of row.querySelectorAll("[data-figure]")) cell.textContent = "";
    }
    draw();
    element("start").hidden = true;
    element("stop").hidden = false;
    element("copy").disabled = true;
    element("stop").focus();
    announce("The race has started.");
    source = new EventSource(element("start").dataset.address);
    source.addEventListener("underway", (event) => underway(JSON.parse(event.data)));
    source.addEventListener("finish", (event) => finish(JSON.parse(event.data)));
    source.addEventListener("end", () => end(`The race is over. ${verdict()}`));
    source.addEventListener("failed", (event) => end(JSON.parse(event.data)));
    source.onerror = () => end("The connection closed before the race ended.");
  };
  element("stop").onclick = () => end("Stopped.");

  // Copies the table as text with tabs, which spreadsheets and editors accept.
  element("copy").onclick = async () => {
    const names = ["Strategy", "Statements", "Rows", "Measured", "Modelled", "Total", "Lines"];
    const rows = [...lanes].map(([strategy, row]) => [strategy, ...[...row.querySelectorAll("[data-figure]")].map((cell) => cell.textContent)]);
    const text = [names, ...rows].map((cells) => cells.join("\t")).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      announce("The table is copied.");
    } catch {
      const box = Object.assign(document.createElement("textarea"), { value: text, rows: rows.length + 1, readOnly: true, className: "copy" });
      box.setAttribute("aria-label", "The table, to be copied");
      element("errors").prepend(box);
      box.select();
      announce("The browser does not allow copying. The table is selected below, so that you can copy it yourself.");
    }
  };
})();
