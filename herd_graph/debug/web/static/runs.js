// The list of runs; a new one is asked for here, and a recording is dropped anywhere on the page.

import { h, pill, took, dollars, when, refill, refresh, say } from "./dom.js";
import { api } from "./api.js";

export async function runsPage(main) {
  document.title = "Runs · HERD";
  const filter = h("input", { type: "search", placeholder: "Filter by words, status or id", "aria-label": "Filter runs" });
  const table = h("div", {});
  const start = h("div", {});
  let held = [];
  const chosen = new Set();
  const compare = h("button", { type: "button", class: "quiet", disabled: true, onclick: () => { location.hash = `#/compare/${[...chosen].map(encodeURIComponent).join("/")}`; } }, "Compare two");

  const draw = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = held.filter((each) => words.every((word) => `${each.task} ${each.status} ${each.id}`.toLowerCase().includes(word)));
    refresh(table, found.length ? h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Runs" }, h("table", { class: "runs" },
      h("thead", {}, h("tr", {}, [h("th", { scope: "col" }, h("span", { class: "hidden-text" }, "choose")), ...["request", "status", "steps", "time", "cost", "started"].map((each) => h("th", { scope: "col" }, each))])),
      h("tbody", {}, found.map(row)))) : h("p", { class: "empty" }, held.length ? "No run matches." : "There are no runs yet. Ask for something above, or drop a *.herdrun file here."));
  };
  const row = (each) => h("tr", {},
    h("td", {}, h("input", {
      type: "checkbox", "aria-label": `Choose ${each.id} to compare`, "data-key": `choose-${each.id}`, checked: chosen.has(each.id),
      onchange: (event) => {
        if (event.target.checked) chosen.add(each.id); else chosen.delete(each.id);
        compare.disabled = chosen.size !== 2;
      },
    })),
    h("td", { class: "task" }, h("a", { href: `#/run/${encodeURIComponent(each.id)}`, "data-key": `run-${each.id}` }, each.task || "(no words)"), h("small", { class: "muted mono" }, each.id),
      each.session ? h("span", { class: "tag" }, "open here") : null, each.file ? h("span", { class: "tag" }, "file") : null, each.forked && each.forked.run ? h("span", { class: "tag" }, "fork") : null, each.within && each.within.run ? h("span", { class: "tag" }, "inside another") : null),
    h("td", {}, pill(each.session && ["running", "interrupted"].includes(each.status) ? "paused" : each.status)), h("td", { class: "number" }, each.steps ? `${each.steps[0]}/${each.steps[1]}` : ""),
    h("td", { class: "number" }, took(each.seconds)), h("td", { class: "number" }, dollars(each.usd)), h("td", { class: "muted" }, when(each.started)));
  const load = async () => {
    const found = await api.runs();
    held = found.runs;
    if (found.starts && !start.firstChild) start.append(ask());
    draw();
  };
  filter.addEventListener("input", draw);
  refill(main, h("div", { class: "page" },
    h("h1", {}, "Runs"), start,
    h("div", { class: "row spread" }, filter, h("div", { class: "row" }, compare, opener())), table));
  await load();
  return api.listen("", (message) => { if (message.type === "changed" || message.type === "hello") load().catch(() => {}); });
}

function ask() {
  const task = h("textarea", { rows: "2", name: "task", id: "new-task", placeholder: "Read the sign aloud in Portuguese" });
  const files = h("input", { type: "file", multiple: true, name: "files", "aria-label": "Files to attach" });
  const error = h("p", { class: "error", role: "alert" });
  const button = h("button", { type: "submit", class: "primary" }, "Plan it, and stop");
  const form = h("form", { class: "ask" }, h("label", { for: "new-task" }, "Step through a new request"), task, h("div", { class: "row spread" }, files, button), error);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    button.disabled = true;
    try {
      const refs = [];
      for (const file of files.files) refs.push((await api.upload(file)).id);
      const { run } = await api.start(task.value, refs);
      location.hash = `#/run/${encodeURIComponent(run)}`;
    } catch (problem) {
      error.textContent = problem.message;
    } finally {
      button.disabled = false;
    }
  });
  return form;
}

function opener() {
  const file = h("input", { type: "file", accept: ".herdrun", class: "hidden-text", id: "open-file", tabindex: "-1", "aria-hidden": "true", onchange: (event) => openRecording(event.target.files[0]) });
  return [file, h("button", { type: "button", class: "quiet", onclick: () => file.click() }, "Open a recording…")];
}

/** Open a *.herdrun file. */
export async function openRecording(file) {
  if (!file) return;
  try {
    const { run } = await api.openRecording(file);
    location.hash = `#/run/${encodeURIComponent(run)}`;
  } catch (error) {
    say(error.message, true);
  }
}
