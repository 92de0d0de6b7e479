// One step: what came out, what went in, why it was chosen, how it was checked, what happened.

import { h, pill, took, dollars, tabs, count, refill, renew, frame, mark, word, when } from "./dom.js";
import { api } from "./api.js";
import { payloads, boxesIn, tree } from "./payload.js";

const MOST_DATA = 600000;
const MOST_BOXES = 200;

/** Show a step. `act` holds what can be done: edit, swap, rerun, until, toggle, open. What has not changed is left alone. */
export function showStep(place, step, options) {
  const { tab, choose, act, live, breaks } = options;
  const record = step.record || {};
  const [head, body] = parts(place);
  const told = { ...step, inputs: null, events: null, why: null, items: null };
  renew(head, [told, options.running, Object.keys(act), breaks.has(step.step)], () => heading(step, record, options));
  const doubts = (record.verdicts || []).filter((each) => each.level !== "pass").length;
  const of = (make) => () => [step.id, ...make()];
  const entries = [
    ["out", "Output", () => outputs(step, live), of(() => [step.status, step.outputs, step.inputs, !!live])],
    ["in", "Input", () => inputs(step), of(() => [step.foreach, step.inputs])],
    ["why", "Why", () => why(step), of(() => [step.router, step.why, record.attempts, step.card])],
    ["checks", doubts ? `Checks (${doubts})` : "Checks", () => checks(record), of(() => [record.verdicts])],
    ["events", "Events", () => events(step.events, "Events of the step"), of(() => [step.events])],
  ];
  if (step.items) entries.splice(1, 0, ["items", `Items (${step.items.total})`, () => items(step.items, act), of(() => [step.items, act.open("")])]);
  tabs(body, "Step", entries, tab, choose);
}

function parts(place) {
  return frame(place, "panel", () => [h("header", { class: "panel-head" }), h("div", {})]);
}

function heading(step, record, options) {
  const facts = [pill(options.running ? "running" : step.status)];
  if (record.seconds !== undefined) facts.push(h("span", {}, took(record.seconds)));
  if (record.usd) facts.push(h("span", {}, dollars(record.usd)));
  if (record.tries > 1) facts.push(h("span", {}, count(record.tries, "try").replace("trys", "tries")));
  if (record.pinned) facts.push(h("span", { class: "tag" }, "set by hand"));
  if (step.card && step.card.locality === "remote") facts.push(h("span", { class: "tag" }, "data leaves this machine"));
  return [
    h("div", { class: "panel-title" }, h("h2", {}, step.title), h("span", { class: "muted" }, step.id)),
    step.card && step.card.description ? h("p", { class: "muted" }, step.card.description) : null,
    h("p", { class: "facts" }, facts),
    step.ask ? h("p", { class: "asked" }, "“", step.ask, "”") : null,
    step.when ? h("p", { class: "muted" }, "Only when ", step.when) : null,
    record.error && step.status !== "done" ? h("p", { class: "error" }, record.error) : null,
    actions(step, options.act, options.breaks),
  ];
}

function actions(step, act, breaks) {
  const bare = step.step;
  const row = h("div", { class: "row" });
  const add = (key, text, does, hint) => row.append(h("button", { type: "button", class: "quiet", "data-key": key, title: hint, onclick: does }, text));
  if (act.toggle) add("break", breaks.has(bare) ? "Clear breakpoint" : "Breakpoint", () => act.toggle(bare), "b");
  if (act.until && !["done", "failed", "skipped"].includes(step.status)) add("until", "Run to here", () => act.until(bare), "u");
  if (act.edit) add("edit", "Edit output…", () => act.edit(step), "e");
  if (act.swap) add("swap", "Swap expert…", () => act.swap(step), "x");
  if (act.rerun && step.record) add("rerun", "Run again", () => act.rerun(bare), "r");
  return row;
}

function group(name, from, content) {
  return h("section", { class: "port" }, h("h3", {}, name, from ? h("span", { class: "muted" }, from) : null), content);
}

function outputs(step, live) {
  const streamed = live ? h("pre", { class: "text streaming", "aria-live": "off" }, live) : null;
  if (!step.outputs.length) {
    const said = step.status === "failed" ? "It failed, and gave nothing." : ["pending", "ready"].includes(step.status) ? "It has not run yet." : "Nothing.";
    return streamed || h("p", { class: "muted" }, said);
  }
  const place = h("div", {});
  const fill = (boxes) => refill(place, boxes.length ? overPictures(step, boxes) : null,
    step.outputs.map((port) => group(port.name, port.many ? ` · ${count(port.total, "item")}` : "", payloads(port.refs, { boxes }))));
  fill([]);
  findBoxes(step.outputs).then((boxes) => { if (boxes.length) fill(boxes); });
  return place;
}

function overPictures(step, boxes) {
  const pictures = step.inputs.filter((each) => each.refs && each.refs.length && each.refs.every((ref) => ref && ref.kind === "image"));
  return pictures.map((each) => group(each.name, ` · what was found in ${each.from}`, payloads(each.refs, { boxes })));
}

async function findBoxes(ports) {
  for (const port of ports) {
    const refs = (port.refs || []).filter(Boolean).slice(0, MOST_BOXES);
    if (!refs.length || refs.some((ref) => ref.kind !== "data" || ref.size > MOST_DATA)) continue;
    const found = await Promise.all(refs.map((ref) => api.artifact(ref).catch(() => ({}))));
    const boxes = boxesIn(refs.length === 1 ? found[0].value : found.map((each) => each.value));
    if (boxes.length) return boxes;
  }
  return [];
}

function inputs(step) {
  if (!step.inputs.length) return h("p", { class: "muted" }, "It takes nothing.");
  const place = h("div", {});
  const fill = (boxes) => refill(place, step.foreach ? h("p", { class: "muted" }, `For each item of ${step.foreach}.`) : null,
    step.inputs.map((each) => group(each.name, ` = ${each.from}`, "literal" in each ? tree(each.literal) : payloads(each.refs, { boxes, missing: "Not there yet." }))));
  fill([]);
  findBoxes(step.inputs).then((boxes) => { if (boxes.length) fill(boxes); });
  return place;
}

function items(found, act) {
  const rows = found.list.map((each) => h("tr", {},
    h("td", {}, act && act.open ? h("a", { href: act.open(each.id) }, each.id) : each.id),
    h("td", {}, pill(each.status)), h("td", { class: "number" }, took(each.seconds)), h("td", { class: "error" }, each.error)));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Items" },
    h("table", {}, h("thead", {}, h("tr", {}, ["item", "status", "time", "error"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, rows)),
    found.total > found.list.length ? h("p", { class: "muted" }, `${found.total - found.list.length} more are not shown.`) : null);
}

// Why ---------------------------------------------------------------------------------------------

function why(step) {
  const parts = [];
  if (step.router && step.router.name) {
    const sure = step.router.confidence === null ? "" : `, confidence ${step.router.confidence.toFixed(2)}`;
    parts.push(h("p", { class: "muted" }, `Planned by ${step.router.name}${sure}.`));
  }
  for (const clause of step.why.clauses) parts.push(h("section", { class: "port" }, h("h3", {}, "“", clause.text, "”"), clause.decision ? h("p", {}, clause.decision) : null, candidates(clause.candidates), given(clause.parameters)));
  if (!step.why.clauses.length) parts.push(h("p", { class: "muted" }, "The plan was written by hand, or by another part of the request: nobody was considered for this step."));
  if (step.why.fallbacks.length) parts.push(h("p", {}, "If it fails: ", step.why.fallbacks.join(", ")));
  const tried = (step.record && step.record.attempts) || [];
  if (tried.length) {
    parts.push(h("section", { class: "port" }, h("h3", {}, "Tries"), h("ol", { class: "tries" }, tried.map((each) => h("li", { class: each.ok ? "" : "failed" },
      h("b", {}, each.expert), ` ${each.ok ? "worked" : each.error_type || "failed"} · ${took(each.seconds)}${each.usd ? ` · ${dollars(each.usd)}` : ""}`,
      each.error ? h("p", { class: "error" }, each.error) : null)))));
  }
  if (step.card && (step.card.notes || step.card.caution || step.card.licence)) {
    parts.push(h("details", { class: "card" }, h("summary", {}, `The card of ${step.card.id}`),
      h("p", { class: "mono" }, step.card.signature || ""), step.card.caution ? h("p", { class: "warning" }, step.card.caution) : null,
      step.card.notes ? h("p", {}, step.card.notes) : null, step.card.licence ? h("p", { class: "muted" }, `Licence: ${step.card.licence}`) : null));
  }
  return h("div", {}, parts);
}

function candidates(list) {
  if (!list.length) return null;
  const top = Math.max(0.0001, ...list.map((each) => each.score));
  const rows = list.slice(0, 12).map((each) => h("tr", { class: each.chosen ? "chosen" : each.eligible ? "" : "out" },
    h("td", {}, h("span", { "aria-hidden": "true" }, each.chosen ? "✓ " : ""), each.expert, each.chosen ? h("span", { class: "hidden-text" }, " (chosen)") : ""),
    h("td", { class: "score" }, h("span", { class: "meter" }, h("span", { css: { width: `${Math.round((100 * each.score) / top)}%` } })), h("span", { class: "number" }, each.score.toFixed(2))),
    h("td", { class: "muted" }, [Object.entries(each.evidence).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(", "), each.reason].filter(Boolean).join("; "))));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Candidates" }, h("table", { class: "candidates" },
    h("thead", {}, h("tr", {}, ["candidate", "score", "because"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, rows)),
    list.length > 12 ? h("p", { class: "muted" }, `${list.length - 12} more were considered.`) : null);
}

function given(parameters) {
  const entries = Object.entries(parameters || {});
  if (!entries.length) return null;
  return h("dl", { class: "pairs" }, entries.map(([name, source]) => [h("dt", {}, name), h("dd", {}, source)]));
}

function checks(record) {
  const list = record.verdicts || [];
  if (!list.length) return h("p", { class: "muted" }, "No check had anything to say.");
  return h("ul", { class: "verdicts" }, list.map((each) => h("li", { class: `level-${each.level}` },
    h("div", {}, h("b", {}, each.check), h("span", { class: `pill level-${each.level}` }, { pass: "✓ passed", doubt: "! doubt", fail: "✕ failed" }[each.level] || each.level), h("span", { class: "number" }, each.score.toFixed(2))),
    each.reason ? h("p", {}, each.reason) : null,
    each.evidence !== null && each.evidence !== undefined ? tree(each.evidence) : null)));
}

/** What happened, the latest last. */
export function events(list, label) {
  if (!list.length) return h("p", { class: "muted" }, "Nothing was written down.");
  const began = list[0].at;
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, h("table", { class: "events" },
    h("thead", {}, h("tr", {}, ["time", "event", "step", "what"].map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, list.map((each) => h("tr", {},
      h("td", { class: "number", title: when(each.at) }, `+${(each.at - began).toFixed(3)}`), h("td", {}, each.kind), h("td", {}, each.step), h("td", {}, Object.keys(each.data || {}).length ? tree(each.data, 2) : ""))))));
}

/** Show an input of the task. */
export function showInput(place, name, refs, act) {
  const [head, body] = parts(place);
  renew(head, ["input", name, refs, !!act.editInput], () => [
    h("div", { class: "panel-title" }, h("h2", {}, name), h("span", { class: "muted" }, "attached to the request")),
    act.editInput ? h("div", { class: "row" }, h("button", { type: "button", class: "quiet", "data-key": "edit", onclick: () => act.editInput(name, refs) }, "Replace…")) : null,
  ]);
  renew(body, ["input", name, refs], () => h("div", { class: "tabpanel" }, payloads(refs, {})));
}

/** A status in words with its sign. */
export function said(status) {
  return `${mark(status)} ${word(status)}`.trim();
}
