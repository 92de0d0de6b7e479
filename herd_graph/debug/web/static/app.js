// The page: reads its address, and shows the list of runs, one run, or two of them.

import { h, refill, say } from "./dom.js";
import { api, isFile, fileRun } from "./api.js";
import { runsPage, openRecording } from "./runs.js";
import { RunPage } from "./run.js";
import { comparePage } from "./compare.js";

const main = h("main", { id: "main", tabindex: "-1" });
let current = null;
let close = () => {};

function read() {
  const [path, asked] = location.hash.replace(/^#/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  const query = Object.fromEntries(new URLSearchParams(asked || ""));
  if (isFile) return { page: "run", run: fileRun, query: { step: query.step, tab: query.tab, view: query.view } };
  if (parts[0] === "run" && parts[1]) return { page: "run", run: parts[1], query: { ...query, stop: parts[2] === "stop" ? parts[3] : "" } };
  if (parts[0] === "compare" && parts[2]) return { page: "compare", left: parts[1], right: parts[2] };
  return { page: "runs" };
}

async function show() {
  const there = read();
  const same = current && current.page === there.page && current.run === there.run && there.page === "run" && current.view;
  try {
    if (same) {
      await current.view.go(there.query);
      return;
    }
    close();
    close = () => {};
    current = there;
    if (there.page === "run") {
      there.view = new RunPage(main, there.run, there.query);
      const closing = await there.view.open();
      if (current === there) close = closing;
      else closing();
    } else if (there.page === "compare") {
      refill(main, h("p", { class: "empty" }, "Comparing …"));
      close = await comparePage(main, there.left, there.right);
    } else {
      close = await runsPage(main);
    }
  } catch (error) {
    if (same) say(error.message, true);
    else refill(main, h("div", { class: "page" }, h("h1", {}, "This cannot be shown"), h("p", { class: "error" }, error.message), isFile ? null : h("p", {}, h("a", { href: "#/" }, "All runs"))));
  }
}

function drops() {
  let depth = 0;
  const over = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragenter", (event) => { if (event.dataTransfer && event.dataTransfer.types.includes("Files")) { depth += 1; over(true); } });
  document.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) over(false); });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (event.target.closest && event.target.closest("input[type=file]")) return;
    event.preventDefault();
    depth = 0;
    over(false);
    const file = event.dataTransfer && event.dataTransfer.files[0];
    if (file) openRecording(file);
  });
}

document.body.append(
  h("a", { class: "skip", href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, "To the content"),
  h("nav", { class: "top", "aria-label": "HERD" }, h("a", { class: "brand", href: isFile ? "#" : "#/" }, h("i", { "aria-hidden": "true" }), "HERD"),
    isFile ? h("span", { class: "muted" }, "a recorded run") : h("a", { href: "#/" }, "Runs")),
  main);
if (!isFile && api) drops();
window.addEventListener("hashchange", show);
show();
