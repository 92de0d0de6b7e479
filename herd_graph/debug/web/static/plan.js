// The plan as a picture that can be walked: arrows move, Enter looks, b sets a breakpoint.
// Only what is in sight is drawn, so that a plan of 2,000 steps scrolls like one of ten.

import { h, s, mark, took, word, count, refresh } from "./dom.js";
import { arrange, WIDTH, HEIGHT } from "./layout.js";

const SLACK = 400;
const LEAST_SCALE = 0.78;

export class PlanView {
  /** `on` has select(key) and toggle(step); both are optional. */
  constructor(on) {
    this.on = on || {};
    this.svg = s("svg", { class: "plan", role: "group", "aria-label": "The plan" });
    this.root = h("div", { class: "plan-scroll" }, this.svg);
    this.root.addEventListener("scroll", () => this.sight());
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.drawn = new Map();
    this.selected = "";
    this.signature = "";
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.root);
  }

  /** Show a plan with how its steps stand. */
  show(plan, state, breaks, running) {
    this.plan = plan;
    this.state = state;
    this.breaks = breaks;  // null where none can be set
    this.running = running || {};
    const signature = JSON.stringify([plan.nodes.map((node) => [node.key, node.title, node.notes]), plan.edges]);
    if (signature !== this.signature) {
      this.signature = signature;
      this.lay();
    } else {
      for (const key of this.drawn.keys()) this.paint(key);
    }
  }

  fit() {
    const down = this.root.clientWidth > 0 && this.root.clientWidth < 560;
    if (this.plan && (down !== this.down || this.root.clientWidth !== this.wide)) this.lay();
    else this.sight();
  }

  lay() {
    const held = this.svg.contains(document.activeElement) && document.activeElement.dataset.node;
    this.down = this.root.clientWidth > 0 && this.root.clientWidth < 560;
    this.wide = this.root.clientWidth;
    this.placed = arrange(this.plan.nodes, this.plan.edges, this.down);
    this.byKey = new Map(this.plan.nodes.map((node) => [node.key, node]));
    const { width, height } = this.placed;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const room = this.root.clientWidth;
    this.scale = room ? Math.min(1, Math.max(LEAST_SCALE, (room - 2) / width)) : 1;
    this.svg.setAttribute("width", width * this.scale);
    this.svg.setAttribute("height", height * this.scale);
    this.svg.replaceChildren(s("defs", {},
      s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
        s("path", { class: "head", d: "M0 .8 7.4 4 0 7.2z" }))));
    this.edges = s("g", { class: "edges", "aria-hidden": "true" });
    this.nodes = s("g", { class: "nodes" });
    this.svg.append(this.edges, this.nodes);
    this.drawn.clear();
    this.drawnEdges = new Set();
    if (!this.byKey.has(this.selected)) this.selected = "";
    this.sight();
    if (held) this.drawn.get(held)?.querySelector(".hit")?.focus({ preventScroll: true });
  }

  sight() {
    if (!this.placed) return;
    const { scale } = this;
    const left = this.root.scrollLeft / scale - SLACK, top = this.root.scrollTop / scale - SLACK;
    const right = left + (this.root.clientWidth || 1200) / scale + 2 * SLACK;
    const bottom = top + (this.root.clientHeight || 800) / scale + 2 * SLACK;
    const inside = ({ x, y }) => x + WIDTH > left && x < right && y + HEIGHT > top && y < bottom;
    const all = this.plan.nodes.length <= 150;
    for (const node of this.plan.nodes) {
      const seen = all || inside(this.placed.places.get(node.key));
      if (seen && !this.drawn.has(node.key)) this.draw(node);
    }
    if (!all) {
      for (const [key, group] of this.drawn) {
        if (!inside(this.placed.places.get(key)) && key !== this.selected && !group.contains(document.activeElement)) {
          group.remove();
          this.drawn.delete(key);
        }
      }
    }
    this.placed.lines.forEach((line, at) => {
      if (this.drawnEdges.has(at)) return;
      const a = this.placed.places.get(line.from), b = this.placed.places.get(line.to);
      if (all || inside(a) || inside(b)) {
        this.drawnEdges.add(at);
        this.edges.append(s("path", { class: `edge is-${line.line}`, d: this.way(line, a, b), "marker-end": "url(#arrow)" }));
      }
    });
    if (!this.selected && this.nodes.firstChild) {
      const first = this.nodes.querySelector(".hit");
      if (first) first.setAttribute("tabindex", "0");
    }
  }

  way(line, a, b) {
    const start = this.down ? [a.x + WIDTH / 2, a.y + HEIGHT] : [a.x + WIDTH, a.y + HEIGHT / 2];
    const end = this.down ? [b.x + WIDTH / 2, b.y - 2] : [b.x - 2, b.y + HEIGHT / 2];
    const middle = line.points.slice(1, -1).map(({ x, y }) => [x, y]);
    const points = [start, ...middle, end];
    let d = `M${start[0]} ${start[1]}`;
    for (let at = 1; at < points.length; at++) {
      const [x1, y1] = points[at - 1], [x2, y2] = points[at];
      const bend = this.down ? Math.max(14, Math.abs(y2 - y1) / 2) : Math.max(18, Math.abs(x2 - x1) / 2);
      d += this.down ? `C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}` : `C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    }
    return d;
  }

  draw(node) {
    const { x, y } = this.placed.places.get(node.key);
    const group = s("g", { transform: `translate(${x} ${y})`, class: "place" });
    this.drawn.set(node.key, group);
    this.nodes.append(group);
    this.paint(node.key);
  }

  paint(key) {
    const node = this.byKey.get(key), group = this.drawn.get(key);
    const had = group.contains(document.activeElement);
    const isInput = !!node.input;
    const told = isInput ? { status: "" } : this.state.steps[node.id] || { status: "pending" };
    const status = this.running[node.id] ? "running" : told.status;
    const isNext = !isInput && (this.state.next || "").split("[")[0] === node.id;
    const point = this.breaks && this.breaks.get(node.id);
    const marks = [
      "node", `is-${status || "input"}`, isNext && "is-next", this.selected === key && "is-selected",
      node.answers && "is-answer", told.check === "doubt" && "is-doubt", told.check === "fail" && "is-fail",
    ].filter(Boolean).join(" ");
    const items = told.items ? this.items(told) : "";
    const right = isInput ? "" : items || (told.seconds !== undefined && ["done", "failed"].includes(status) ? took(told.seconds) : "");
    const title = cut(node.title, right ? Math.max(9, 16 - Math.ceil(right.length / 2)) : 19);  // the time stands beside it
    const notes = cut([!isInput && node.id !== node.title ? node.id : "", ...node.notes].filter(Boolean).join(" · "), 27);
    // What is to be seen comes first: who speaks to the page says what is written there.
    const said = [[title, notes, right].filter(Boolean).join(" "), isInput ? "input" : word(status), isNext ? "next" : "", point ? "breakpoint" : "", told.pinned ? "set by hand" : "", told.check && told.check !== "pass" ? "a check has doubts" : ""].filter(Boolean).join(", ");
    const parts = [];
    if (node.foreach) parts.push(s("rect", { class: "box behind", x: 5, y: -5, width: WIDTH, height: HEIGHT, rx: 8 }));
    parts.push(s("rect", { class: "box", width: WIDTH, height: HEIGHT, rx: isInput ? HEIGHT / 2 : 8 }));
    if (!isInput) parts.push(s("rect", { class: "bar", x: 0, y: 0, width: 5, height: HEIGHT, rx: 2.5 }));
    parts.push(s("text", { class: "name", x: isInput ? 20 : 26, y: 21 }, title));
    if (notes) parts.push(s("text", { class: "note", x: isInput ? 20 : 26, y: 38 }, notes));
    const sign = status === "done" && told.check && told.check !== "pass" ? "!" : mark(status);
    if (right) parts.push(s("text", { class: "took", x: WIDTH - 10, y: 21, "text-anchor": "end" }, right));
    if (sign) parts.push(s("text", { class: "mark", x: WIDTH - 10, y: right ? 38 : 29, "text-anchor": "end", "aria-hidden": "true" }, sign));
    // What is pressed has no text of its own: its name says the same in whole words.
    const button = s("rect", {
      class: "hit", width: WIDTH, height: HEIGHT, rx: isInput ? HEIGHT / 2 : 8, role: "button", tabindex: this.selected === key ? "0" : "-1",
      "aria-label": said, "aria-pressed": String(this.selected === key), "data-node": key,
    });
    const shown = s("g", { class: marks, "data-key": key, onclick: () => this.choose(key) }, s("title", {}, node.hover || node.title), s("g", { "aria-hidden": "true" }, parts), button);
    let gutter = null;
    if (!isInput && this.breaks && this.on.toggle) {
      gutter = s("g", {
        class: point ? "gutter on" : "gutter", role: "button", tabindex: "-1", "data-break": node.id,
        "aria-label": `${point ? "Clear the" : "Set a"} breakpoint at ${node.id}`, "aria-pressed": String(!!point),
        onclick: (event) => { event.stopPropagation(); this.on.toggle(node.id); },
      }, s("title", {}, `${point ? "Clear" : "Set"} a breakpoint (b)`),
      s("rect", { class: "reach", x: -2, y: 0, width: 26, height: HEIGHT, rx: 6 }),
      s("circle", { cx: 14, cy: HEIGHT / 2, r: 5 }));
    }
    refresh(group, shown, gutter);
    if (had && group.contains(button)) button.focus({ preventScroll: true });
  }

  items(told) {
    const all = Object.values(told.items).reduce((sum, each) => sum + each, 0);
    const over = all - (told.items.ready || 0) - (told.items.pending || 0) - (told.items.waiting || 0);
    return `${over}/${all}`;
  }

  choose(key) {
    this.select(key);
    if (this.on.select) this.on.select(key);
  }

  /** Mark a node; the page shows what it holds. */
  select(key) {
    const before = this.selected;
    this.selected = key;
    for (const each of [before, key]) if (this.drawn.has(each)) this.paint(each);
    if (key && !this.drawn.has(key) && this.byKey && this.byKey.has(key)) this.draw(this.byKey.get(key));
  }

  /** Bring a node into sight. */
  reveal(key) {
    const found = this.placed && this.placed.places.get(key);
    if (!found || !this.root.clientWidth) return;
    const { scale } = this;
    const place = { x: found.x * scale, y: found.y * scale };
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.root;
    const out = place.x < scrollLeft || place.x + WIDTH > scrollLeft + clientWidth || place.y < scrollTop || place.y + HEIGHT > scrollTop + clientHeight;
    if (out) this.root.scrollTo({ left: place.x - clientWidth / 2 + WIDTH / 2, top: place.y - clientHeight / 2 + HEIGHT / 2 });
  }

  key(event) {
    const group = event.target.closest && event.target.closest(".node");
    if (!group) return;
    const key = group.dataset.key;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choose(key);
      return;
    }
    const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!ways || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = this.nearest(key, ways);
    if (!next) return;
    this.reveal(next);
    this.sight();
    this.choose(next);
    this.drawn.get(next)?.querySelector(".hit")?.focus({ preventScroll: true });
  }

  nearest(key, [dx, dy]) {
    const from = this.placed.places.get(key);
    let best = "", least = Infinity;
    for (const [other, place] of this.placed.places) {
      const x = place.x - from.x, y = place.y - from.y;
      const along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (along <= 1) continue;
      const far = along + 2.5 * aside;
      if (far < least) [best, least] = [other, far];
    }
    return best;
  }

  /** The plan in a sentence, for those who do not see it. */
  static summary(plan) {
    const steps = plan.nodes.filter((node) => !node.input);
    if (!steps.length) return plan.reason || "No plan.";
    return count(steps.length, "step");
  }
}

function cut(text, most) {
  const letters = [...text];
  let room = 0;
  for (let at = 0; at < letters.length; at++) {
    room += letters[at].codePointAt(0) > 0x1100 ? 1.8 : 1;
    if (room > most) return letters.slice(0, Math.max(1, at - 1)).join("") + "…";
  }
  return text;
}
