// When each call went on, on one axis. Pauses in which nothing ran (a person thought) are left out.

import { h, s, took, dollars, word } from "./dom.js";

const LEAST = 0.004;
const MOST_ROWS = 400;

/** Return the waterfall of a run's calls. */
export function timeline(plan, state, running, select) {
  const rows = [];
  const now = Date.now() / 1000;
  for (const node of plan.nodes) {
    if (node.input) continue;
    const told = state.steps[node.id] || {};
    const began = running && running[node.id];
    if (began) rows.push({ node, start: began, seconds: Math.max(0.01, now - began), status: "running", usd: 0 });
    else if (told.started) rows.push({ node, start: told.started, seconds: told.seconds || 0, status: told.status, usd: told.usd || 0, tries: told.tries });
  }
  if (!rows.length) return h("p", { class: "muted" }, "Nothing was called yet.");
  rows.sort((a, b) => a.start - b.start);
  const whole = squeeze(rows);
  const dear = Math.max(0, ...rows.map((row) => row.usd));
  const shown = rows.slice(0, MOST_ROWS);
  const ticks = scale(whole);
  const head = h("div", { class: `fall-row fall-head${dear ? "" : " free"}`, "aria-hidden": "true" }, h("span", {}),
    h("span", { class: "fall-axis" }, ticks.map((each) => h("i", { css: { left: `${(100 * each) / whole}%` } }, took(each)))), h("span", {}), h("span", {}));
  const list = h("ul", { class: dear ? "fall" : "fall free" }, shown.map((row) => h("li", {}, h("button", {
    type: "button", class: "fall-row", "data-key": `fall-${row.node.id}`, onclick: () => select(row.node.key),
  },
  h("span", { class: "fall-name" }, h("b", {}, row.node.title), h("small", {}, row.node.id !== row.node.title ? row.node.id : "")),
  h("span", { class: "fall-track" }, h("i", { class: `is-${row.status}`, css: { left: `${(100 * row.at) / whole}%`, width: `${Math.max(0.4, (100 * row.seconds) / whole)}%` } })),
  h("span", { class: "number" }, h("span", { class: "hidden-text" }, `${word(row.status)} `), took(row.seconds)),
  h("span", { class: "fall-cost number" }, row.usd ? [h("i", { css: { width: `${(100 * row.usd) / dear}%` } }), dollars(row.usd)] : "")))));
  return h("div", { class: "fall-scroll" }, head, list, rows.length > shown.length ? h("p", { class: "muted" }, `${rows.length - shown.length} more steps are not shown.`) : null);
}

function squeeze(rows) {
  let end = rows[0].start, idle = rows[0].start;
  for (const row of rows) {
    if (row.start > end) idle += row.start - end;
    row.at = row.start - idle;
    end = Math.max(end, row.start + row.seconds);
  }
  return Math.max(LEAST, ...rows.map((row) => row.at + row.seconds));
}

function scale(whole) {
  const rough = whole / (window.innerWidth < 560 ? 2 : 5);
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) || rough;
  const found = [];
  for (let each = 0; each <= whole * 0.94; each += unit) found.push(each);
  return found;
}
