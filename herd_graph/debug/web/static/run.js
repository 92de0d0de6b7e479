// One run: its plan, where it stands, what the chosen step holds, and the commands of the prompt.

import { h, pill, took, dollars, tabs, refill, renew, refresh, say, count } from "./dom.js";
import { api, isFile } from "./api.js";
import { PlanView } from "./plan.js";
import { showStep, showInput, events } from "./step.js";
import { payloads } from "./payload.js";
import { timeline } from "./timeline.js";
import { history } from "./history.js";
import { askValue, editable, askExpert, askPlan, askBreak, askOther, showKeys } from "./dialogs.js";

export class RunPage {
  constructor(main, id, query) {
    this.id = id;
    this.main = main;
    this.query = query;
    this.running = {};
    this.tokens = {};
    this.family = [];
    this.choices = 0;
    this.plan = new PlanView({ select: (key) => this.choose(key), toggle: (step) => this.toggle(step) });
    this.bar = h("div", { class: "bar-area" });
    this.head = h("header", { class: "run-head" });
    this.note = h("div", {});
    this.panel = h("aside", { class: "panel", "aria-label": "What was chosen" });
    this.views = h("div", {});
    this.lower = h("section", { class: "lower", "aria-label": "The run" }, h("h2", { class: "hidden-text" }, "The run"), this.views);
    refill(main, h("div", { class: "run" }, this.head, this.bar, this.note,
      h("div", { class: "columns" }, h("div", { class: "left" }, h("section", { class: "plan-area", "aria-label": "Plan" }, this.plan.root), this.lower), this.panel)));
  }

  async open() {
    await this.reload();
    this.stopListening = isFile ? () => {} : api.listen(this.id, (message) => this.hear(message));
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    return () => {
      this.closed = true;
      this.stopListening();
      clearInterval(this.ticking);
      document.removeEventListener("keydown", this.keys);
      this.plan.watch.disconnect();
    };
  }

  /** Take a new address: another stop, step or tab of the same run. */
  async go(query) {
    const before = this.query;
    this.query = query;
    if (before.stop !== query.stop) await this.reload();
    else this.showPanel();
    if (before.view !== query.view) this.showLower();
  }

  address(changes) {
    const { stop, step, tab, view } = { ...this.query, ...changes };
    const rest = new URLSearchParams();
    if (step) rest.set("step", step);
    if (tab && tab !== "out") rest.set("tab", tab);
    if (view && view !== "time") rest.set("view", view);
    const asked = rest.toString();
    return `#/run/${encodeURIComponent(this.id)}${stop ? `/stop/${stop}` : ""}${asked ? `?${asked}` : ""}`;
  }

  async reload() {
    if (this.loading) { this.again = true; return this.loading; }
    this.loading = (async () => {
      do {
        this.again = false;
        this.run = await api.run(this.id, this.query.stop);
        if (this.closed) return;
        this.running = { ...(this.run.running || {}) };
        this.draw();
      } while (this.again && !this.closed);
    })().finally(() => { this.loading = null; });
    return this.loading;
  }

  get live() { return this.run && this.run.source === "session"; }
  get past() { return this.live && !!this.query.stop && Number(this.query.stop) !== this.run.stops.length; }
  get breaks() { return new Map(this.run.breakpoints.filter((each) => each.target && !each.condition).map((each) => [each.target, each])); }

  draw() {
    const { run } = this;
    document.title = `${run.task.slice(0, 60) || run.id} · HERD`;
    if (!this.query.step) this.chosen = this.byItself();
    this.plan.show(run.plan, run.state, this.live ? this.breaks : null, this.past ? {} : this.running);
    this.showBar();
    this.showNote();
    this.showLower();
    this.showPanel();
    if (!isFile && !this.familyAsked) {
      this.familyAsked = true;
      api.runs().then((found) => { this.family = found.runs; if (this.query.view === "stops") this.showLower(); }).catch(() => {});
    }
  }

  byItself() {
    const { run } = this;
    const last = run.stops.length && this.live ? run.stops[(this.run.stop || run.stops.length) - 1] : null;
    const name = (last && last.step) || run.state.next || run.plan.answers[0] || (run.plan.nodes.find((node) => !node.input) || {}).id || "";
    return name.split("[")[0];
  }

  showHead() {
    const { run } = this;
    const done = Object.values(run.state.steps).filter((each) => ["done", "failed", "skipped", "refused", "cancelled"].includes(each.status)).length;
    const all = Object.keys(run.state.steps).length;
    refresh(this.head, h("h1", { title: run.task }, run.task || run.id),
      h("p", { class: "facts" }, pill(this.past || (this.live && run.status === "running" && !(this.busy || run.busy)) ? "paused" : run.status), h("span", {}, all ? `${done} of ${count(all, "step")}` : ""), h("span", {}, took(run.seconds)), h("span", {}, dollars(run.usd)),
        h("span", { class: "mono muted" }, run.id), run.source === "file" ? h("span", { class: "tag" }, "a recording") : null,
        run.within && run.within.run ? h("a", { href: `#/run/${encodeURIComponent(run.within.run)}` }, `inside ${run.within.step} of ${run.within.run}`) : null,
        run.inside ? h("a", { href: `#/run/${encodeURIComponent(run.inside)}` }, `stepped into ${run.state.next}`) : null,
        run.forked && run.forked.run ? h("a", { href: `#/run/${encodeURIComponent(run.forked.run)}` }, `forked from ${run.forked.run}`) : null));
  }

  showBar() {
    const { run } = this;
    this.showHead();
    if (isFile) { refresh(this.bar); return; }
    const busy = this.busy || run.busy;
    const over = run.stops.length && ["fused", "ended"].includes(run.stops[run.stops.length - 1].reason);
    const button = (key, label, hint, does, off, primary) => h("button", { type: "button", class: primary ? "primary" : "", title: `${label} (${hint})`, "data-key": key, "data-command": key, disabled: !!off, "aria-keyshortcuts": hint, onclick: does }, label);
    const stop = run.stops[(run.stop || run.stops.length) - 1];
    if (this.live) {
      refresh(this.bar, h("div", { class: "toolbar", role: "toolbar", "aria-label": "Stepping" },
        button("back", "Back", "z", () => this.do("back"), busy || run.stops.length < 2 || this.past),
        button("next", "Next", "n", () => this.do("next"), busy || over || this.past),
        button("step", "Step", "s", () => this.do("step"), busy || over || this.past),
        button("continue", "Continue", "c", () => this.do("continue"), busy || over || this.past, !(over && run.within)),
        run.within ? button("out", "Out", "o", () => this.do("out"), busy || this.past, over) : null,
        busy ? button("pause", this.pausing ? "Give the call up" : "Pause", "p", () => this.pause()) : null,
        h("span", { class: "bar-gap" }),
        button("fork", "Fork", "f", () => this.fork(), busy),
        button("plan", "Edit plan…", "", () => this.editPlan(), busy || this.past),
        button("compare", "Compare…", "d", () => this.compare()),
        h("a", { class: "button", href: api.save(run.id), download: `${run.id}.herdrun` }, "Save"),
        h("button", { type: "button", class: "quiet", "aria-label": "Keys", title: "Keys (?)", onclick: showKeys }, "?")),
      h("p", { class: "said", role: "status", "aria-live": "polite" }, busy ? `${busy} …` : stop ? stop.said : ""));
    } else {
      refresh(this.bar, h("div", { class: "toolbar", role: "toolbar", "aria-label": "The run" },
        run.source === "stored" ? button("copy", "Debug a copy", "f", () => this.fork(), this.busy, true) : null,
        button("compare", "Compare…", "d", () => this.compare()),
        run.source === "stored" ? h("a", { class: "button", href: api.save(run.id), download: `${run.id}.herdrun` }, "Save") : null));
    }
  }

  showNote() {
    const { run } = this;
    const parts = [];
    if (this.past) {
      parts.push(h("div", { class: "banner" }, h("span", {}, `This is stop ${run.stop} of ${run.stops.length}.`),
        h("button", { type: "button", class: "quiet", onclick: () => this.act().goto(run.stop) }, "Go back here"),
        h("button", { type: "button", class: "quiet", onclick: () => this.fork(run.stop) }, "Fork here"),
        h("a", { href: this.address({ stop: "" }) }, "To the last stop")));
    }
    if (this.live && !this.past) {
      for (const [step, question] of Object.entries(run.state.asked)) {
        parts.push(h("div", { class: "banner ask-person" }, h("span", {}, h("b", {}, step), ` ${question || "asks before it is called."}`),
          h("button", { type: "button", class: "primary", onclick: () => this.do("answer", { step, approved: true }) }, "Yes"),
          h("button", { type: "button", onclick: () => this.do("answer", { step, approved: false }) }, "No")));
      }
    }
    if (!run.plan.nodes.length || run.plan.unmet.length) parts.push(h("div", { class: "banner" }, run.plan.reason || `Not served: ${run.plan.unmet.join("; ")}`));
    refresh(this.note, parts);
  }

  showLower() {
    const { run } = this;
    const view = this.query.view || (isFile || run.source !== "session" ? "answer" : "time");
    const running = this.past ? {} : this.running;
    const entries = [
      ["time", "Timeline", () => timeline(run.plan, run.state, running, (key) => this.choose(key)), () => [run.plan.nodes.map((node) => node.title), run.state, running, Object.keys(running).length ? Date.now() : 0, window.innerWidth]],
      ["answer", "Answer", () => this.answer(), () => [run.answer, run.stop]],
      ["stops", "Stops and forks", () => history(run, run.stop, (stop) => this.address({ stop: stop === run.stops.length ? "" : stop }), this.live ? this.act() : null, this.family), () => [run, this.family, this.address({ stop: "" })]],
      ["breaks", run.breakpoints.length ? `Breakpoints (${run.breakpoints.length})` : "Breakpoints", () => this.breakpoints(), () => run.breakpoints],
      ["events", "Events", () => (this.told = h("div", {}, h("p", { class: "muted" }, "…"))), () => run.id],
    ];
    const shown = entries.filter(([id]) => this.live || !["breaks", "stops"].includes(id) || (id === "stops" && !isFile));
    tabs(this.views, "Run", shown, view, (id) => this.move({ view: id === "time" && this.live ? "" : id }));
    if (view === "events") this.happened(this.told);
    clearInterval(this.ticking);
    if (view === "time" && Object.keys(this.running).length) this.ticking = setInterval(() => this.showLower(), 500);
  }

  answer() {
    const { answer } = this.run;
    if (!answer) return h("p", { class: "muted" }, "There is no answer yet.");
    return h("div", { class: "answer" },
      answer.parts.map((part) => h("section", { class: "port" },
        h("h3", {}, part.ask), part.status === "done" ? null : pill(part.status),
        part.artifacts.length ? payloads(part.artifacts, {}) : h("pre", { class: "text" }, part.text || part.error),
        h("p", { class: "muted" }, part.step ? h("a", { href: this.address({ step: part.step, tab: "" }) }, part.step) : null, part.provenance ? ` ${part.provenance}` : "", part.caution ? `; ${part.caution}` : ""))),
      answer.missing.length ? h("section", { class: "port" }, h("h3", {}, "Not answered"), h("ul", {}, answer.missing.map((each) => h("li", {}, each)))) : null,
      answer.reason ? h("p", { class: "muted" }, answer.reason) : null);
  }

  breakpoints() {
    const list = this.run.breakpoints;
    return h("div", {},
      list.length ? h("ul", { class: "breaks" }, list.map((each) => h("li", {}, h("span", { class: "dot", "aria-hidden": "true" }), h("span", { class: "mono" }, each.said),
        h("button", { type: "button", class: "quiet small", "data-key": `clear-${each.number}`, onclick: () => this.do("clear", { number: each.number }) }, "Clear")))) : h("p", { class: "muted" }, "None. Press the left edge of a step, or set one on a condition."),
      h("button", { type: "button", class: "quiet", "data-key": "new-break", onclick: () => askBreak((where, once) => this.send(once ? "tbreak" : "break", { where })) }, "Set one…"));
  }

  happened(place) {
    api.events(this.id).then((found) => renew(place, found, () => [found.total > found.events.length ? h("p", { class: "muted" }, `The last ${found.events.length} of ${found.total}.`) : null, events(found.events, "Events of the run")]))
      .catch((error) => refill(place, h("p", { class: "error" }, error.message)));
  }

  async showPanel() {
    const name = this.query.step || this.chosen;
    const isInput = name && name.startsWith("input:");
    const key = isInput ? name : `step:${(name || "").split("[")[0]}`;
    if (this.plan.selected !== key) this.plan.select(key);
    if (!name) { refill(this.panel, h("p", { class: "empty" }, this.run.plan.reason || "There is nothing to choose.")); return; }
    const act = this.live && !this.past ? this.act() : { open: this.act().open };
    if (isInput) {
      const found = name.slice(6);
      this.asked = this.step = null;
      this.panel.classList.remove("loading");
      showInput(this.panel, found, this.run.inputs[found], act);
      return;
    }
    const asked = (this.asked = {});
    // What is there belongs to the step before: nothing of it can be pressed by mistake meanwhile.
    if (this.step && this.step.id !== name) this.panel.classList.add("loading");
    try {
      const step = await api.step(this.id, name, this.query.stop);
      if (asked !== this.asked || this.closed) return;
      this.step = step;
      this.panel.classList.remove("loading");
      showStep(this.panel, step, {
        tab: this.query.tab || "out", choose: (tab) => this.move({ tab }), act, breaks: this.breaks,
        running: !this.past && !!this.running[name], live: this.tokens[name],
      });
    } catch (error) {
      if (asked !== this.asked) return;
      this.panel.classList.remove("loading");
      refill(this.panel, h("p", { class: "error" }, error.message));
    }
  }

  // What a person does ------------------------------------------------------------------------

  move(changes) {
    if (this.closed) return;  // who has left for another page stays there
    const next = this.address(changes);
    if (next !== location.hash) location.hash = next;
    else this.showPanel();
  }

  choose(key) {
    this.choices += 1;
    const name = key.startsWith("step:") ? key.slice(5) : key;
    if (!this.step || this.step.id !== name) this.panel.classList.add("loading");
    this.plan.select(key);
    this.plan.reveal(key);
    this.move({ step: key.startsWith("step:") ? key.slice(5) : key });
  }

  act() {
    return {
      open: (step) => this.address({ step }),
      toggle: (step) => this.toggle(step),
      until: (step) => this.do("until", { step }),
      rerun: (step) => this.do("rerun", { step }),
      goto: (stop) => { this.do("goto", { stop }).then(() => this.move({ stop: "" })); },
      fork: (stop) => this.fork(stop),
      edit: (step) => this.edit(step),
      swap: (step) => askExpert(this.id, step, (expert) => this.send("swap", { step: step.step, expert })).catch((error) => say(error.message, true)),
      editInput: (name, refs) => this.editInput(name, refs),
    };
  }

  toggle(step) {
    if (!this.live) return;
    const there = this.breaks.get(step);
    this.do(there ? "clear" : "break", there ? { number: there.number } : { where: step });
  }

  /** Send a command; raises what the server says. */
  async send(command, body) {
    this.busy = ["break", "tbreak", "clear"].includes(command) ? "" : command;
    const choices = this.choices;
    this.pausing = false;
    this.tokens = {};
    this.showBar();
    let elsewhere = "";
    try {
      if (this.query.stop && this.busy) this.query = { ...this.query, stop: "" };
      const { run } = await api.command(this.id, command, body);
      if (run && run !== this.id) elsewhere = run;  // into a call, or out of one
    } finally {
      this.busy = "";
      await this.reload();
      const moves = ["next", "step", "out", "continue", "until", "answer", "back", "goto"].includes(command);
      if (elsewhere && !this.closed) location.hash = `#/run/${encodeURIComponent(elsewhere)}`;
      else if (moves && choices === this.choices) this.follow();  // nobody has looked elsewhere meanwhile
    }
  }

  async do(command, body) {
    try {
      await this.send(command, body);
    } catch (error) {
      say(error.message, true);
    }
  }

  /** Look at what the last stop was about. */
  follow() {
    const step = this.byItself();
    if (!step) return;
    this.chosen = step;
    this.plan.reveal(`step:${step}`);
    this.move({ step: "", stop: "" });
    this.showPanel();
  }

  async fork(stop) {
    try {
      const { run } = await api.fork(this.id, stop || (this.past ? Number(this.query.stop) : null));
      location.hash = `#/run/${encodeURIComponent(run)}?view=stops`;
    } catch (error) {
      say(error.message, true);
    }
  }

  compare() {
    askOther(this.id, (other) => { location.hash = `#/compare/${[this.id, other].map(encodeURIComponent).join("/")}`; }).catch((error) => say(error.message, true));
  }

  async pause() {
    const now = this.pausing;
    this.pausing = true;
    await api.pause(this.id, !!now).catch((error) => say(error.message, true));
    this.showBar();
  }

  async edit(step) {
    const port = step.outputs[0] || (step.card && step.card.outputs[0]) || { name: "", kind: "text" };
    const declared = step.card && step.card.outputs.find((each) => each.name === port.name);
    const name = step.outputs.length > 1 ? `${step.id}.${port.name}` : step.id;
    let kind = (declared && declared.kind) || "text", before = "";
    if (port.refs && port.refs.length === 1) [kind, before] = await editable(port.refs[0]);
    else if (port.refs || (declared && declared.many) || step.foreach) kind = "data";
    askValue(`What ${name} gives`, kind, before, (form, value) => this.send("edit", { name, form, value }), (file) => this.sendFile(name, file));
  }

  async editInput(name, refs) {
    const [kind, before] = await editable(refs && refs[0]);
    askValue(`The input ${name}`, kind, before, (form, value) => this.send("edit", { name, form, value }), (file) => this.sendFile(name, file));
  }

  async sendFile(name, file) {
    await api.editFile(this.id, name, file);
    await this.reload();
  }

  editPlan() {
    askPlan(this.id, (plan) => this.send("replan", { plan })).catch((error) => say(error.message, true));
  }

  // What happens --------------------------------------------------------------------------------

  hear(message) {
    if (this.closed) return;
    if (message.type === "bye" || message.type === "lost") {
      if (!this.lost) say(message.type === "bye" ? "The debugger was ended in the terminal." : "The connection is lost; trying again.", true);
      this.lost = true;
      if (message.type === "bye") this.stopListening();
      return;
    }
    if (message.type === "hello") {
      // What changed between the first look and now was told to nobody.
      const told = [message.stop, message.busy, message.breaks || [], message.status || this.run.status];
      const shown = [this.run.stops.length, this.run.busy || "", this.run.breakpoints.map((each) => each.number), this.run.status];
      if (this.lost || (this.live ? String(told.slice(0, 3)) !== String(shown.slice(0, 3)) : told[3] !== shown[3])) this.reload().catch(() => {});
      this.lost = false;
      return;
    }
    if (message.type === "busy") {
      if (message.stop < this.run.stops.length) return;  // the answer was faster than the news
      this.run.busy = message.command;
      this.showBar();
      return;
    }
    if (message.type === "stop" || message.type === "breakpoints" || message.type === "changed") {
      this.reload().catch((error) => say(error.message, true));
      return;
    }
    if (message.type === "event") this.event(message);
  }

  event({ kind, step, at, data }) {
    const bare = step.split("[")[0];
    if (kind === "started") this.running[bare] = at;
    if (kind === "finished") delete this.running[bare];
    if (kind === "token" && data) {
      const first = !this.tokens[step];
      this.tokens[step] = ((this.tokens[step] || "") + (data.text || "")).slice(-20000);
      const area = this.panel.querySelector(".streaming");
      if (!this.step || this.step.id !== step) return;
      if (area) area.textContent = this.tokens[step];
      else if (first) this.showPanel();  // once: a tab that does not show it asks for nothing more
      return;
    }
    if (!this.past && ["started", "finished"].includes(kind)) {
      this.plan.running = this.running;
      const key = `step:${bare}`;
      if (this.plan.drawn.has(key)) this.plan.paint(key);
      if (!this.query.view) this.showLower();
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, audio, video, [contenteditable]")) return;
    if (event.key === "?") { event.preventDefault(); showKeys(); return; }
    const number = Number(event.key);
    if (number >= 1 && number <= 9) {
      const found = this.panel.querySelectorAll('[role="tab"]')[number - 1];
      if (found) found.click();
      return;
    }
    const click = (name) => this.panel.querySelector(`[data-key="${name}"]`)?.click() || this.bar.querySelector(`[data-key="${name}"]`)?.click();
    const keys = { n: "next", s: "step", c: "continue", z: "back", p: "pause", f: this.live ? "fork" : "copy", b: "break", u: "until", e: "edit", x: "swap", r: "rerun", d: "compare", o: "out" };
    const name = keys[event.key];
    if (!name || (event.repeat && name !== "next")) return;
    event.preventDefault();
    click(name);
  }
}
