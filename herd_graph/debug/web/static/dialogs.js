// What a person changes: an input or a result, a step's expert, the plan; and new requests.

import { h, dialog } from "./dom.js";
import { api } from "./api.js";

function field(label, control, hint) {
  const name = `field-${label.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  control.id = name;
  return h("p", { class: "field" }, h("label", { for: name }, label), control, hint ? h("small", { class: "muted" }, hint) : null);
}

/** Ask for another value of an output or an input; `set(form, value)` and `setFile(file)` send it. */
export async function askValue(title, kind, before, set, setFile) {
  const form = { text: "text", data: "json", table: "csv" }[kind] || "";
  const area = form ? h("textarea", { rows: "10", spellcheck: "false", name: "value" }) : null;
  if (area) area.value = before;
  const file = h("input", { type: "file", name: "file" });
  const hints = { text: "Text, as it is.", json: "A JSON value.", csv: "CSV with a line of column names." };
  dialog(title, [
    area ? field("Value", area, hints[form]) : null,
    field(area ? "Or a file" : "File", file, "It is held against what the port takes."),
  ], "Set", async () => {
    if (file.files.length) return setFile(file.files[0]);
    if (!area) throw new Error("Choose a file.");
    return set(form, area.value);
  });
  if (area) area.focus();
}

/** Return what a payload is as text that can be edited; empty for what is no text. */
export async function editable(ref) {
  if (!ref) return ["text", ""];
  if (!["text", "data", "table"].includes(ref.kind)) return [ref.kind, ""];
  const found = await api.artifact(ref);
  if (found.columns) return ["table", [found.columns, ...found.rows].map((row) => row.map(cell).join(",")).join("\n")];
  if ("value" in found) return ["data", JSON.stringify(found.value, null, 2)];
  return ["text", found.text || ""];
}

function cell(value) {
  const said = value === null ? "" : String(value);
  return /[",\n]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said;
}

/** Ask which expert is to do a step. */
export async function askExpert(run, step, set) {
  const { experts } = await api.experts(run, step.step);
  const input = h("input", { name: "expert", list: "expert-list", autocomplete: "off", spellcheck: "false" });
  dialog(`Another expert for ${step.id}`, [
    h("p", { class: "muted" }, `Now: ${step.expert || "chosen when its input is there"}`),
    field("Expert", input, experts.length ? `${experts.length} fit its inputs and outputs.` : "None of those present fits; a name is checked all the same."),
    h("datalist", { id: "expert-list" }, experts.map((each) => h("option", { value: each }))),
    h("div", { class: "chips" }, experts.slice(0, 8).map((each) => h("button", { type: "button", class: "quiet small", onclick: () => { input.value = each; input.focus(); } }, each))),
  ], "Swap", () => {
    if (!input.value.trim()) throw new Error("Name an expert.");
    return set(input.value.trim());
  });
  input.focus();
}

/** Ask for another plan. */
export async function askPlan(run, set) {
  const area = h("textarea", { rows: "18", spellcheck: "false", class: "mono", name: "plan" });
  area.value = JSON.stringify(await api.plan(run), null, 2);
  dialog("The plan", [field("Plan as JSON", area, "It is checked before it is taken; finished steps that it still has are kept.")], "Take it", () => set(area.value));
  area.focus();
}

/** Ask where to stop. */
export function askBreak(set) {
  const where = h("input", { name: "where", autocomplete: "off", spellcheck: "false", placeholder: "translate if seconds > 2" });
  const once = h("input", { type: "checkbox", name: "once" });
  dialog("A breakpoint", [
    field("Where", where, "A step (s2), an expert, a kind (image), words of a capability, or a condition: score < 0.6 and cost > 0.01. Also: error, low, disagreement."),
    h("p", { class: "field" }, h("label", {}, once, " Stop there once")),
  ], "Set", () => {
    if (!where.value.trim()) throw new Error("Say where.");
    return set(where.value.trim(), once.checked);
  });
  where.focus();
}

/** Ask which run to compare with: one of those that are listed, or a recording that is opened now. */
export async function askOther(id, done) {
  const others = (await api.runs()).runs.filter((each) => each.id !== id);
  const file = h("input", { type: "file", accept: ".herdrun", name: "file" });
  const list = others.length ? h("select", { name: "other", size: String(Math.min(8, Math.max(2, others.length))) },
    others.map((each) => h("option", { value: each.id }, `${each.id} · ${each.task.slice(0, 60) || "(no words)"}`))) : null;
  if (list) list.selectedIndex = 0;
  dialog("Compare with", [
    list ? field("Run", list) : null,
    field(list ? "Or a recording" : "Recording", file, "A *.herdrun file."),
  ], "Compare", async () => {
    const other = file.files.length ? (await api.openRecording(file.files[0])).run : list && list.value;
    if (!other) throw new Error("Choose a run or a recording.");
    done(other);
  });
  (list || file).focus();
}

/** Say which keys there are. */
export function showKeys() {
  const keys = [
    ["n", "next: make one call"], ["s", "step: into a herd, workflow or graph that is next; else the same"], ["o", "out of it again, to the run around it"], ["c", "continue to a breakpoint, a question or the end"],
    ["u", "run until the chosen step has ended"], ["p", "pause after the call that goes on"], ["z", "back to the stop before"], ["b", "breakpoint at the chosen step"],
    ["e", "edit what the chosen step gave"], ["x", "another expert for it"], ["r", "run it again"], ["f", "fork here"], ["d", "compare with another run, or with a recording"], ["1 … 5", "the tabs of the step"],
    ["arrows", "from step to step in the plan"], ["?", "this"],
  ];
  dialog("Keys", h("dl", { class: "pairs keys" }, keys.map(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)])), "", () => true);
}
