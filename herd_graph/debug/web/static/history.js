// The stops of a session as a tree (going back makes a branch), and the runs that were forked from it.

import { h, took } from "./dom.js";

const REASONS = {
  planned: "planned", stepped: "stepped", breakpoint: "breakpoint", failed: "failed", waiting: "waits", checked: "all steps ended", fused: "answered", ended: "ended", edited: "edited",
};

/** Return the stops as a tree: a stop that was gone back to is the parent of what came then. */
export function branches(stops) {
  const byCheckpoint = new Map();
  const nodes = new Map();
  let before = null;
  for (const stop of stops) {
    const same = byCheckpoint.get(stop.checkpoint);
    if (same) {
      same.again.push(stop.number);
      before = same;
      continue;
    }
    const node = { stop, again: [], children: [], parent: before };
    if (before) before.children.push(node);
    byCheckpoint.set(stop.checkpoint, node);
    nodes.set(stop.number, node);
    before = node;
  }
  return { roots: [...nodes.values()].filter((node) => !node.parent), current: before };
}

/** Return the panel with stops and forks. */
export function history(run, shown, address, act, family) {
  if (!run.stops.length) return h("div", {}, h("p", { class: "muted" }, "A run that was not stepped through has no stops."), forks(run, family, address));
  const { roots, current } = branches(run.stops);
  const list = h("ol", { class: "stops" });
  const lay = (node, depth) => {
    const { stop } = node;
    const here = node === current, looked = shown === stop.number || node.again.includes(shown);
    const again = node.again.length ? ` (again ${node.again.join(", ")})` : "";
    const line = h("li", { class: [here && "here", looked && "looked"].filter(Boolean).join(" "), css: { "--depth": String(Math.min(depth, 12)) } },
      h("a", { href: address(stop.number), "data-key": `stop-${stop.number}`, "aria-current": looked ? "step" : null }, h("b", {}, String(stop.number)), ` ${REASONS[stop.reason] || stop.reason}`,
        stop.step ? h("span", { class: "mono" }, ` ${stop.step}`) : null),
      h("span", { class: "muted" }, `${stop.note ? ` ${stop.note}` : ""}${again} · ${took(stop.seconds)}`));
    if (act && act.goto && !here) line.append(h("button", { type: "button", class: "quiet small", onclick: () => act.goto(stop.number) }, "Go back here"));
    if (act && act.fork) line.append(h("button", { type: "button", class: "quiet small", onclick: () => act.fork(stop.number) }, "Fork"));
    for (const each of family.filter((other) => other.forked && other.forked.run === run.id && [stop.number, ...node.again].includes(other.forked.stop))) {
      line.append(h("a", { class: "fork", href: `#/run/${encodeURIComponent(each.id)}` }, `⑂ ${each.id}`));
    }
    list.append(line);
    node.children.forEach((child, at) => lay(child, depth + (at < node.children.length - 1 ? 1 : 0)));
  };
  for (const root of roots) lay(root, 0);
  return h("div", {}, list, forks(run, family, address));
}

function forks(run, family) {
  const byRun = new Map(family.map((each) => [each.id, each]));
  let top = run.id;
  for (let seen = 0; seen < 100; seen++) {
    const origin = (byRun.get(top) || (top === run.id ? run : {})).forked;
    if (!origin || !byRun.has(origin.run)) break;
    top = origin.run;
  }
  const lay = (id, depth) => {
    const each = byRun.get(id) || run;
    const children = family.filter((other) => other.forked && other.forked.run === id);
    const from = each.forked ? ` at stop ${each.forked.stop}` : "";
    return h("li", {}, id === run.id ? h("b", {}, id) : h("a", { href: `#/run/${encodeURIComponent(id)}` }, id),
      h("span", { class: "muted" }, from),
      id !== run.id ? h("a", { class: "quiet small button", href: `#/compare/${encodeURIComponent(run.id)}/${encodeURIComponent(id)}` }, "Compare") : null,
      children.length && depth < 20 ? h("ul", {}, children.map((child) => lay(child.id, depth + 1))) : null);
  };
  const related = family.some((each) => each.forked && (each.forked.run === run.id || each.id === run.id)) || run.forked;
  if (!related) return null;
  return h("section", { class: "port" }, h("h3", {}, "Forks"), h("ul", { class: "forks" }, lay(top, 0)));
}
