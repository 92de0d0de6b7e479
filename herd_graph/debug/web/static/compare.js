// Two runs side by side: their plans, what each step gave, and what differs.

import { h, pill, took, dollars, refill } from "./dom.js";
import { api } from "./api.js";
import { PlanView } from "./plan.js";
import { payloads } from "./payload.js";

export async function comparePage(main, left, right) {
  document.title = "Compare · HERD";
  const [one, two, found] = await Promise.all([api.run(left), api.run(right), api.compare(left, right)]);
  const sides = [[one, "left", "−"], [two, "right", "+"]];
  const plans = sides.map(([run]) => {
    const view = new PlanView({});
    view.show(run.plan, run.state, null);
    return view;
  });
  const place = h("div", {});
  const rows = found.steps.map((each) => {
    const names = [each.left, each.right];
    const open = async (event) => {
      plans.forEach((plan, at) => { if (names[at]) { plan.select(`step:${names[at]}`); plan.reveal(`step:${names[at]}`); } });
      const held = await Promise.all(sides.map(([run], at) => (names[at] ? api.step(run.id, names[at]) : null)));
      refill(place, h("h2", {}, `Step ${each.left || each.right}`), h("div", { class: "sides" }, held.map((step, at) => h("section", { "aria-label": sides[at][1] },
        h("h3", {}, names[at] ? `${names[at]} · ${step.expert}` : "Not in this run"),
        step ? step.outputs.map((port) => h("div", {}, h("h4", {}, port.name), payloads(port.refs, {}))) : null,
        step && !step.outputs.length ? h("p", { class: "muted" }, "It gave nothing.") : null))));
      if (event && event.isTrusted) place.scrollIntoView({ block: "nearest" });  // not when the page opens it
    };
    const status = (run, id) => (id ? (run.state.steps[id] || {}).status || "pending" : "");
    return h("li", { class: each.lines.length ? "differs" : "same" },
      h("button", { type: "button", class: "plain", onclick: open, "data-step": each.left || each.right },
        h("b", {}, each.left === each.right ? each.left : `${each.left || "–"} / ${each.right || "–"}`),
        each.left ? pill(status(one, each.left)) : null, each.right ? pill(status(two, each.right)) : null,
        h("span", { class: "muted" }, each.lines.length ? "" : "gave the same")),
      each.lines.length ? lines(each.lines) : null);
  });
  refill(main, h("div", { class: "page wide" },
    h("h1", {}, found.equal ? "The two runs gave the same" : "What differs"),
    h("div", { class: "sides" }, sides.map(([run, name, sign], at) => h("section", { "aria-label": `The ${name} run` },
      h("h2", {}, h("span", { class: "sign" }, sign), h("a", { href: `#/run/${encodeURIComponent(run.id)}` }, run.task || run.id)),
      h("p", { class: "facts" }, pill(run.status), h("span", {}, took(run.seconds)), h("span", {}, dollars(run.usd)), h("span", { class: "mono muted" }, run.id)),
      plans[at].root))),
    found.plan.length ? h("section", { class: "port" }, h("h3", {}, "Plan"), lines(found.plan)) : null,
    h("h2", {}, "Steps"), h("ul", { class: "diff-steps" }, rows), place,
    h("section", { class: "port" }, h("h2", {}, "Answer"), found.answer.length ? lines(found.answer) : h("p", { class: "muted" }, "The same."))));
  const first = found.steps.find((each) => each.lines.length);
  if (first) main.querySelector(`[data-step="${CSS.escape(first.left || first.right)}"]`)?.click();
  return () => {};
}

function lines(list) {
  return h("pre", { class: "diff", tabindex: "0", "aria-label": "Differences" }, list.map((each) => h("span", { class: each.startsWith("-") ? "minus" : each.startsWith("+") ? "plus" : "" }, `${each}\n`)));
}
