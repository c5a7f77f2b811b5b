"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const { network, totals, shapes, places, lanes, statements } = figures;
  const size = statements.number.length;
  const [HEIGHT, AXIS] = [24, 24];
  const element = (id) => document.getElementById(id);
  const chart = element("chart");
  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // Formatting. Times are in microseconds.
  const count = (number) => number.toLocaleString("en-US");
  const decimal = (number, digits) => number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const counted = (number, what) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;
  const [MINUTES, HOURS] = [99.95e6, 59.5 * 6e7];
  const time = (micros) => {
    if (micros >= MINUTES) {
      const [value, unit] = micros >= HOURS ? [micros / 3.6e9, "h"] : [micros / 6e7, "min"];
      return `${decimal(value, value >= 9.95 || Number.isInteger(value) ? 0 : 1)} ${unit}`;
    }
    const [value, unit] = micros >= 999500 ? [micros / 1e6, "s"] : micros >= 999.5 ? [micros / 1e3, "ms"] : [micros, "µs"];
    return `${decimal(value, value >= 99.95 || Number.isInteger(value) ? 0 : value >= 9.995 ? 1 : 2)} ${unit}`;
  };
  // The style has a palette for each colour scheme.
  const paletteSize = 7;
  const style = getComputedStyle(document.documentElement);
  const ink = (name) => style.getPropertyValue(name).trim();
  const colour = (shape) => ink(`--shape-${shape % paletteSize}`);

  // ---- time: measured, or with a modelled round trip per statement -------------------------------------------
  // A statement travels to the server, runs in the database, and its result travels back. If these times were measured
  // on a wire, or if the program waited for round trips, then nothing is modelled.
  const isModelled = network.kind === "modelled";
  const isMeasured = network.kind === "measured";
  let roundTrip = isModelled ? network.round_trip : 0;
  let start = new Float64Array(size);
  let total = 0;
  function retime() {
    let travelled = 0;
    for (let i = 0; i < size; i++) {
      start[i] = statements.start[i] + travelled;
      if (!statements.control[i]) travelled += roundTrip;
    }
    total = 0;
    for (let i = 0; i < size; i++) total = Math.max(total, end(i));
    total = Math.max(total, 1);
  }
  const arrived = (i) => start[i] + statements.to_server[i];
  const ran = (i) => arrived(i) + statements.in_database[i];
  const travelBack = (i) => statements.from_server[i] || (statements.control[i] ? 0 : roundTrip);
  const end = (i) => ran(i) + travelBack(i);
  const onTheWire = (i) => statements.to_server[i] + travelBack(i);

  // ---- the tree: lanes contain groups, and groups contain statements ------------------------------------------
  const indexOf = new Map();
  for (let i = 0; i < size; i++) indexOf.set(statements.number[i], i);
  const inLane = lanes.map(() => []);
  for (let i = 0; i < size; i++) inLane[statements.lane[i]].push(i);
  const open = new Set();
  const key = (row) => `${row.lane}/${row.group ?? ""}`;
  function groupsOf(lane) {
    const groups = new Map();
    for (const i of inLane[lane]) {
      const group = statements.group[i];
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(i);
    }
    return groups;
  }
  let rows = [];
  const rowOf = new Int32Array(size);
  function layOut() {
    rows = [];
    const below = (parent) => lanes.map((_, lane) => lane).filter((lane) => lanes[lane].parent === parent);
    const visit = (lane, depth) => {
      const all = inLane[lane];
      const row = { lane, depth, all, ...laneLabel(lane), isOpen: open.has(`${lane}/`), opens: all.length > 1 };
      rows.push(row);
      if (row.isOpen) {
        const groups = groupsOf(lane);
        for (const [group, members] of groups) {
          if (groups.size > 1 && members.length > 1) {
            const inner = { lane, group, depth: depth + 1, all: members, label: groupLabel(members[0]), opens: true, isInner: true };
            inner.isOpen = open.has(key(inner));
            rows.push(inner);
            if (!inner.isOpen) continue;
          }
          const deeper = depth + (groups.size > 1 && members.length > 1 ? 2 : 1);
          for (const i of members) rows.push({ lane, depth: deeper, all: [i], label: statementLabel(i), statement: i, isInner: true });
        }
      }
      for (const child of below(lane)) visit(child, depth + 1);
    };
    for (const lane of below(null)) visit(lane, 0);
    // Each statement maps to the innermost visible row that contains it: later rows overwrite earlier ones.
    rows.forEach((row, index) => { for (const i of row.all) rowOf[i] = index; });
    chart.style.height = `${Math.min(Math.max((rows.length + 1) * HEIGHT + AXIS, 180), Math.max(innerHeight * .6, 300))}px`;
    element("height").style.height = `${Math.max(rows.length * HEIGHT + AXIS - chart.clientHeight, 0)}px`;
  }
  const laneLabel = (lane) => {
    const label = lanes[lane].label;
    return typeof label === "number" ? { label: shapes[label].short, brief: shapes[label].summary, title: shapes[label].sql } : { label };
  };
  const statementLabel = (i) => {
    const values = statements.values[i];
    return `#${count(statements.number[i])} ${shapes[statements.shape[i]].summary}${values ? ` [${values}]` : ""}${statements.failed[i] ? " FAILED" : ""}`;
  };
  const groupLabel = (i) => {
    const parents = indexOf.get(statements.parent[i]);
    return parents === undefined ? "for rows of one statement" : `for the rows of ${statementLabel(parents)}`;
  };

  // ---- drawing ------------------------------------------------------------------------------------------------
  const canvas = element("canvas");
  const view = { from: 0, span: 1 };
  let isFollowing = true;
  let chosen = 0;
  let chosenStatement;
  let scheduled = false;
  const draw = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => { scheduled = false; paint(); });
  };
  const left = () => element("rows").offsetWidth;
  const scale = () => (chart.clientWidth - left() - 16) / view.span;
  const x = (micros) => left() + (micros - view.from) * scale();
  const firstRow = () => Math.floor(chart.scrollTop / HEIGHT);
  const lastRow = () => Math.min(rows.length, firstRow() + Math.ceil((chart.clientHeight - AXIS) / HEIGHT) + 1);
  const y = (index) => AXIS + index * HEIGHT - chart.scrollTop;

  // Fits the time to the visible rows of opened lanes, or to everything if there are none. Thousands of statements of a lane
  // would else share a few pixels. Zooming by hand ends it until the next row is opened or closed.
  function follow() {
    if (!isFollowing) return;
    const inner = rows.slice(firstRow(), lastRow()).filter((row) => row.isInner);
    const from = Math.min(...inner.map((row) => start[row.all[0]]));
    const to = Math.max(...inner.map((row) => end(row.all.at(-1))));
    const margin = (to - from) / 30;
    view.from = inner.length ? Math.max(from - margin, 0) : 0;
    view.span = Math.max(Math.min(inner.length ? to + margin : total, total) - view.from, 10);
  }

  function paint() {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [chart.clientWidth, chart.clientHeight];
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    paintAxis(context, width, height);
    context.save();
    context.beginPath();
    context.rect(left(), AXIS, width - left(), height - AXIS);
    context.clip();
    paintArrows(context, ink("--arrow"));
    const solid = shapes.map((_, shape) => colour(shape));
    const failed = ink("--failed");
    for (let index = firstRow(); index < lastRow(); index++) paintRow(context, rows[index], y(index), solid, failed);
    context.restore();
    writeRows();
  }

  function paintAxis(context, width, height) {
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = ink("--soft");
    context.strokeStyle = ink("--line");
    const { step, label } = ticks((text) => context.measureText(text).width);
    for (let i = Math.ceil(view.from / step); i * step <= view.from + view.span; i++) {
      const at = x(i * step);
      context.beginPath();
      context.moveTo(at, AXIS - 6);
      context.lineTo(at, height);
      context.stroke();
      if (at + 3 + context.measureText(label(i * step)).width <= width) context.fillText(label(i * step), at + 3, 14);
    }
    element("shown").textContent = view.span < total
      ? `${label(view.from)} to ${label(view.from + view.span)} of ${time(total)}`
      : `all ${time(total)}`;
  }
  // Returns the smallest step of the axis whose labels do not touch each other, and their format. All have the same unit and
  // as many decimals as the step.
  function ticks(widthOf) {
    const until = view.from + view.span;
    const [unit, name] = view.span >= HOURS ? [3.6e9, "h"] : view.span >= MINUTES ? [6e7, "min"] : until >= 999500 ? [1e6, "s"] : until >= 999.5 ? [1e3, "ms"] : [1, "µs"];
    for (let power = -6; power < 9; power++) {
      const digits = Math.max(-power, 0);
      const label = (micros) => `${decimal(micros / unit, digits)} ${name}`;
      const width = widthOf(label(until)) + 14;
      const step = [1, 2, 5].map((times) => times * unit * 10 ** power).find((step) => step * scale() >= width);
      if (step) return { step, label };
    }
    return { step: Infinity, label: time };
  }

  // Draws statements that share a pixel as one bar, so that drawing stays fast. Its colour mixes the solid and the pale
  // colour in the ratio of their times. It is red and higher if one of the statements failed. The lines above and below a
  // pale part have the contrast that the part itself lacks.
  function paintRow(context, row, top, solid, failed) {
    const [from, to, pixel] = [view.from, view.from + view.span, 1 / scale()];
    const rectangle = (colour, begin, width, inset) => {
      context.fillStyle = colour;
      context.fillRect(begin, top + inset, width, HEIGHT - 2 * inset);
    };
    const pale = (i, begin, width) => {
      const line = solid[statements.shape[i]];
      rectangle(`${line}59`, begin, width, 6);
      context.fillStyle = line;
      context.fillRect(begin, top + 5, width, 1);
      context.fillRect(begin, top + HEIGHT - 6, width, 1);
    };
    const dark = (i, begin, width, hasFailed) => rectangle(hasFailed ? failed : solid[statements.shape[i]], begin, width, hasFailed ? 1 : 4);
    let drawn = -Infinity;
    let crowd;
    const join = (i) => {
      crowd.inDatabase += statements.in_database[i];
      crowd.onTheWire += onTheWire(i);
      crowd.hasFailed ||= statements.failed[i];
    };
    const paintCrowd = () => {
      if (!crowd) return;
      const { first, begin, inDatabase, onTheWire, hasFailed } = crowd;
      if (onTheWire) pale(first, x(begin), 1);
      context.globalAlpha = onTheWire && !hasFailed ? inDatabase / (inDatabase + onTheWire) : 1;
      dark(first, x(begin), 1, hasFailed);
      context.globalAlpha = 1;
      crowd = undefined;
    };
    for (const i of row.all) {
      if (end(i) < from || start[i] > to) continue;
      if (end(i) < drawn + pixel / 2) {
        if (crowd) join(i);
        continue;
      }
      paintCrowd();
      const begin = Math.max(start[i], drawn);
      if (end(i) - begin < pixel) {
        crowd = { first: i, begin, inDatabase: 0, onTheWire: 0, hasFailed: 0 };
        join(i);
      } else {
        const [a, b, c, d] = [x(begin), x(Math.max(arrived(i), begin)), x(ran(i)), x(end(i))];
        if (b > a) pale(i, a, b - a);
        if (d > c) pale(i, c, d - c);
        dark(i, b, Math.max(c - b, 1), statements.failed[i]);
      }
      drawn = Math.max(start[i] + pixel, end(i));
    }
    paintCrowd();
  }

  // Draws one arrow per visible row, from the statement that loaded the parents to the row's first statement. All of them
  // are one path, so that the colour does not become darker where they overlap.
  function paintArrows(context, colour) {
    const [lines, heads] = [new Path2D(), new Path2D()];
    for (let index = firstRow(); index < lastRow(); index++) {
      const row = rows[index];
      const parents = row.all.length ? indexOf.get(statements.parent[row.all[0]]) : undefined;
      if (parents === undefined) continue;
      const from = Math.max(y(rowOf[parents]) + HEIGHT - 4, 0);
      const [fromX, toX, toY] = [x(isMeasured ? end(parents) : ran(parents)), x(start[row.all[0]]), y(index) + HEIGHT / 2];
      lines.moveTo(fromX, from);
      lines.bezierCurveTo(fromX, toY, fromX, toY, Math.max(toX - 1, fromX), toY);
      heads.moveTo(toX, toY);
      heads.lineTo(toX - 5, toY - 3);
      heads.lineTo(toX - 5, toY + 3);
    }
    context.strokeStyle = context.fillStyle = colour;
    context.stroke(lines);
    context.fill(heads);
  }

  function writeRows() {
    const visible = [];
    const isNarrow = chart.clientWidth < 560;
    for (let index = firstRow(); index < lastRow(); index++) {
      const row = rows[index];
      const toggle = row.opens ? make("span", { className: "toggle", textContent: row.isOpen ? "▾" : "▸", ariaHidden: "true" }) : make("span", { className: "toggle" });
      const amount = row.statement === undefined ? count(row.all.length) : "";
      const line = make("div", { className: index === chosen ? "chosen" : "", title: row.title ?? row.label }, toggle, make("span", { className: "label", textContent: (isNarrow && row.brief) || row.label }), make("span", { className: "count", textContent: amount }));
      line.id = `row-${index}`;
      line.setAttribute("role", "treeitem");
      line.setAttribute("aria-setsize", rows.length);
      line.setAttribute("aria-posinset", index + 1);
      line.setAttribute("aria-level", row.depth + 1);
      line.setAttribute("aria-selected", index === chosen);
      if (row.opens) line.setAttribute("aria-expanded", Boolean(row.isOpen));
      line.style.top = `${y(index) - AXIS}px`;
      line.style.setProperty("--depth", row.depth);
      line.onclick = () => { chart.focus({ preventScroll: true }); openRow(index); };
      visible.push(line);
    }
    element("rows").replaceChildren(...visible);
    chart.setAttribute("aria-activedescendant", `row-${chosen}`);
  }

  // ---- user input ------------------------------------------------------------------------------------------------
  function openOrClose(index, wanted) {
    const row = rows[index];
    if (!row?.opens || wanted === Boolean(row.isOpen)) return;
    const name = key(row);
    if (!open.delete(name)) open.add(name);
    layOut();
    isFollowing = true;
    choose(index);
  }
  function choose(index, statement) {
    chosen = Math.max(0, Math.min(index, rows.length - 1));
    const top = chosen * HEIGHT;
    if (top < chart.scrollTop) chart.scrollTop = top;
    if (top + HEIGHT > chart.scrollTop + chart.clientHeight - AXIS) chart.scrollTop = top + HEIGHT + AXIS - chart.clientHeight;
    chosenStatement = statement;
    describeChosen();
    follow();
    draw();
  }
  function describeChosen() {
    const row = rows[chosen];
    if (chosenStatement !== undefined) describe(chosenStatement);
    else if (row?.all.length) describe(row.all[0], row);
    else if (row) element("details").textContent = `${row.title ?? row.label}: ${isMeasured ? "its statements are too old to be kept" : "loaded by the statement of its parents (joined), or too old to be kept"}.`;
  }
  function describe(i, row) {
    const shape = shapes[statements.shape[i]];
    const changed = statements.changed[i] ? `, ${count(statements.changed[i])} changed` : "";
    const amount = row && row.all.length > 1 ? `${counted(row.all.length, "statement")}, the first: ` : "";
    const back = travelBack(i);
    const took = isMeasured
      ? `${time(end(i) - start[i])} measured (${time(statements.in_database[i])} in the server, ${time(onTheWire(i))} on the wire)`
      : `${time(statements.in_database[i])}${back ? ` + ${time(back)} round trip (${statements.from_server[i] ? "waited" : "modelled"})` : ""}`;
    const failed = statements.failed[i] ? ", FAILED" : "";
    element("details").replaceChildren(
      make("div", { textContent: `${amount}#${count(statements.number[i])}, ${took}, ${counted(statements.rows[i], "row")}${changed}${failed}` }),
      make("code", { textContent: shape.sql }),
    );
    const line = (className, textContent) => element("details").append(make("div", { className, textContent }));
    if (statements.values[i]) line("values", `values: [${statements.values[i]}]`);
    const place = places[statements.place[i]];
    if (place) line("cause", place);
  }
  // Returns the row and the statement under the mouse.
  function under(event) {
    const bounds = canvas.getBoundingClientRect();
    const at = view.from + (event.clientX - bounds.left - left()) / scale();
    const index = Math.floor((event.clientY - bounds.top - AXIS + chart.scrollTop) / HEIGHT);
    const row = rows[index];
    if (!row || event.clientY - bounds.top < AXIS) return {};
    const distance = (i) => Math.max(start[i] - at, at - end(i), 0);
    const nearest = row.all.reduce((best, i) => (distance(i) < distance(best) ? i : best), row.all[0]);
    return { index, statement: nearest !== undefined && distance(nearest) * scale() < 6 ? nearest : undefined };
  }
  canvas.addEventListener("mousemove", (event) => {
    const { statement } = under(event);
    if (statement !== undefined) describe(statement);
  });
  canvas.addEventListener("mouseleave", describeChosen);
  canvas.addEventListener("click", (event) => {
    const { index, statement } = under(event);
    if (index === undefined) return;
    chart.focus({ preventScroll: true });
    choose(index, statement);
    if (statement !== undefined) element("details").scrollIntoView({ block: "nearest" });
  });
  // A lane opens to its statements. A statement opens to its details, which a keyboard then scrolls.
  function openRow(index) {
    choose(index);
    if (rows[index]?.opens) openOrClose(index);
    else element("details").scrollIntoView({ block: "nearest" });
  }
  element("details").addEventListener("keydown", (event) => { if (event.key === "Escape") chart.focus(); });
  function zoom(factor, around = view.from + view.span / 2) {
    const span = Math.min(Math.max(view.span * factor, 10), total);
    view.from = Math.max(0, Math.min(around - (around - view.from) * span / view.span, total - span));
    view.span = span;
    isFollowing = false;
    draw();
  }
  chart.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : .8, view.from + (event.clientX - chart.getBoundingClientRect().left - left()) / scale());
    } else if (event.deltaX) {
      event.preventDefault();
      view.from = Math.max(0, Math.min(view.from + event.deltaX / scale(), total - view.span));
      isFollowing = false;
      draw();
    }
  }, { passive: false });
  const redraw = () => { follow(); draw(); };
  chart.addEventListener("scroll", redraw);
  chart.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.floor(chart.clientHeight / HEIGHT) - 2;
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length };
    if (event.key in moves) choose(chosen + moves[event.key]);
    else if (event.key === "ArrowRight") openOrClose(chosen, true);
    else if (event.key === "ArrowLeft") openOrClose(chosen, false);
    else if (event.key === "Enter") {
      openRow(chosen);
      if (!rows[chosen]?.opens) element("details").focus();
    }
    else if (event.key === "+") zoom(.5);
    else if (event.key === "-") zoom(2);
    else return;
    event.preventDefault();
  });
  const fit = () => { [view.from, view.span, isFollowing] = [0, total, false]; draw(); };
  element("zoom-in").onclick = () => zoom(.5);
  element("zoom-out").onclick = () => zoom(2);
  element("zoom-fit").onclick = fit;

  // ---- round trips -----------------------------------------------------------------------------------------------
  function setRoundTrip(milliseconds) {
    roundTrip = milliseconds * 1000;
    element("round-trip").value = milliseconds;
    element("round-trip").disabled = element("preset").disabled = !isModelled;
    element("round-trip-value").textContent = time(roundTrip);
    const presets = [...element("preset").options];
    element("preset").value = (presets.find((preset) => preset.value !== "" && Number(preset.value) === milliseconds) ?? presets.at(-1)).value;
    retime();
    isFollowing = true;
    redraw();
    writeTotals();
    element("time-note").textContent = isMeasured
      ? "Measured on the wire. The solid part of a bar is time in the server, and the pale parts are time on the wire. Bars that share a pixel mix the two colours."
      : !isModelled
      ? "Measured time. The session waited for each round trip (the pale part of a bar)."
      : roundTrip
        ? "Modelled: measured time plus one round trip per statement (the pale part of a bar)."
        : "Measured time. In the gaps, the program did other work.";
  }
  element("round-trip").oninput = (event) => setRoundTrip(Number(event.target.value));
  element("preset").onchange = (event) => event.target.value !== "" && setRoundTrip(Number(event.target.value));

  function writeTotals() {
    const tile = (name, value, alarm) => make("div", { className: alarm ? "alarm" : "" }, make("dt", { textContent: name }), make("dd", { textContent: value }));
    const finish = statements.start.reduce((last, begins, i) => Math.max(last, begins + statements.to_server[i] + statements.in_database[i] + statements.from_server[i]), 0);
    const kept = totals.not_kept ? " kept" : "";
    const tiles = [
      tile("statements", count(totals.statements), totals.statements > 100),
      tile("rows", count(totals.rows)),
      tile(`first to last statement${kept}, measured`, time(finish - (statements.start[0] ?? 0))),
      tile(isMeasured ? "in the server, measured" : "in the database, measured", time(totals.in_database)),
      tile(isMeasured ? "slowest in the server" : "slowest statement", time(totals.slowest)),
    ];
    if (isMeasured) {
      tiles.splice(1, 0, tile("round trips", count(network.round_trips), network.round_trips > 100));
      tiles.splice(-1, 0, tile("on the wire, measured", time(network.on_the_wire), network.on_the_wire > 1e6));
    } else if (roundTrip) {
      tiles.push(tile(`round trips at ${time(roundTrip)}, modelled`, time(roundTrip * totals.statements), roundTrip * totals.statements > 1e6));
    }
    if (totals.failed) tiles.push(tile("failed", count(totals.failed), true));
    if (totals.not_kept) tiles.push(tile("older, not kept", count(totals.not_kept)));
    element("totals").replaceChildren(...tiles);
  }

  // ---- the rest of the page ----------------------------------------------------------------------------------------
  function writeShapes(by) {
    const order = shapes.map((_, shape) => shape).sort((a, b) => shapes[b][by] - shapes[a][by]);
    element("shapes").tBodies[0].replaceChildren(...order.map((number) => {
      const shape = shapes[number];
      const swatch = make("span", { className: "swatch" });
      swatch.style.background = `var(--shape-${number % paletteSize})`;
      const cell = (text) => make("td", { className: "number", textContent: text });
      return make("tr", {}, make("td", {}, swatch, make("code", { textContent: shape.short, title: shape.sql })), cell(count(shape.statements)), cell(count(shape.rows)), cell(time(shape.in_database)), cell(time(shape.slowest)));
    }));
    for (const button of document.querySelectorAll("[data-sort]")) {
      const heading = button.parentElement;
      if (button.dataset.sort === by) heading.setAttribute("aria-sort", "descending");
      else heading.removeAttribute("aria-sort");
      button.onclick = () => writeShapes(button.dataset.sort);
    }
  }
  function writeSlowLog() {
    const step = Number(element("threshold").value);
    const threshold = time(figures.thresholds[step]);
    const slow = totals.slow[step];
    element("threshold-value").textContent = threshold;
    element("slow-log").textContent = `The slow-query log: ${slow === 0 ? "EMPTY. " : ""}${counted(slow, "statement")} over ${threshold}; total of ${counted(totals.statements, "statement")} in ${time(totals.in_database)}, the slowest ${time(totals.slowest)}.`;
  }
  element("threshold").oninput = writeSlowLog;
  element("findings").replaceChildren(...figures.findings.map(({ kind, text }) => make("pre", { textContent: text, className: kind })));
  element("advice").textContent = figures.advice;
  element("advice").parentElement.hidden = figures.advice === null;

  if (isMeasured) {
    element("model").hidden = true;
    document.querySelector("[data-sort=in_database]").textContent = "total in the server";
    document.querySelector("[data-sort=slowest]").textContent = "slowest in the server";
  }

  retime();
  layOut();
  setRoundTrip(roundTrip / 1000);
  writeShapes("in_database");
  writeSlowLog();
  if (rows.length) choose(0);
  new ResizeObserver(redraw).observe(chart);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
