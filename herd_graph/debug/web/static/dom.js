// Elements and words. Text is only ever set as text: nothing that a run holds becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element: h("p", {class: "x", onclick: f}, "text", child, [more]). */
export function h(tag, props, ...children) {
  return filled(document.createElement(tag), props, children);
}

/** Make an SVG element. */
export function s(tag, props, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

function filled(node, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "css") for (const [key, each] of Object.entries(value)) node.style.setProperty(key, each);
    else if (name === "value") node.value = value;
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const each of children) {
    if (Array.isArray(each)) append(node, each);
    else if (each !== null && each !== undefined && each !== false) node.append(each);
  }
}

/** Put other children into a node, and keep the focus on what has the same data-key. */
export function refill(node, ...children) {
  const key = node.contains(document.activeElement) && document.activeElement.dataset.key;
  node.shown = node.frame = undefined;
  node.replaceChildren();
  append(node, children);
  if (key) {
    const again = node.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again) again.focus({ preventScroll: true });
  }
  return node;
}

/** Refill a node when `what` is not what it shows: a sound that plays goes on, and what was opened stays open. */
export function renew(node, what, make) {
  const shown = JSON.stringify(what);
  if (node.shown !== shown) refill(node, make()).shown = shown;
  return node;
}

/** Refill a node unless it looks like that already: what somebody is about to press stays where it is. */
export function refresh(node, ...children) {
  const made = document.createDocumentFragment();
  append(made, children);
  const [before, after] = [[...node.childNodes], [...made.childNodes]];
  if (before.length === after.length && before.every((each, at) => each.isEqualNode(after[at]))) return node;
  return refill(node, after);
}

/** Return the parts of a node that stay while what is in them is renewed; they are made when another kind was there. */
export function frame(node, kind, make) {
  if (node.frame !== kind) {
    const parts = make();
    refill(node, parts).frame = kind;
    node.parts = parts;
  }
  return node.parts;
}

const MARKS = {
  done: "✓", failed: "✕", refused: "⊘", skipped: "–", cancelled: "–", waiting: "?", running: "…", ready: "", pending: "", paused: "‖",
  partial: "◐", abstained: "–", interrupted: "‖",
};
const WORDS = {
  done: "done", failed: "failed", refused: "refused", skipped: "skipped", cancelled: "cancelled",
  waiting: "waits for a person", running: "running", paused: "stopped", ready: "ready", pending: "not run",
};

/** The sign of a status; its word is beside it wherever it stands alone. */
export function mark(status) {
  return MARKS[status] ?? "";
}

/** A status in words. */
export function word(status) {
  return WORDS[status] || status || "";
}

/** A small label with a status. */
export function pill(status) {
  return h("span", { class: `pill is-${status}` }, h("span", { "aria-hidden": "true" }, mark(status)), word(status));
}

/** Seconds, as people read them. */
export function took(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 0.0005) return "0 ms";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Dollars; nothing where nothing was paid. */
export function dollars(usd) {
  return usd ? `$${usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}` : "";
}

/** A moment. */
export function when(seconds) {
  if (!seconds) return "";
  const at = new Date(seconds * 1000);
  const today = new Date().toDateString() === at.toDateString();
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return today ? time : `${at.toLocaleDateString()} ${time}`;
}

/** How many, with the noun. */
export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Tabs: entries of [id, label, make, what]; the panel is made when it is shown, and anew when `what()` is another. */
export function tabs(place, label, entries, chosen, choose) {
  const current = entries.some(([id]) => id === chosen) ? chosen : entries[0][0];
  const name = label.toLowerCase().replace(/[^a-z]+/g, "-");
  const [row, panel] = frame(place, `tabs-${name}`, () => [
    h("div", { class: "tabs", role: "tablist", "aria-label": label }),
    h("div", { class: "tabpanel", role: "tabpanel", id: `panel-${name}`, tabindex: "0" }),
  ]);
  renew(row, [current, entries.map(([id, text]) => [id, text])], () => entries.map(([id, text]) => {
    const on = id === current;
    return h("button", {
      type: "button", role: "tab", id: `tab-${name}-${id}`, "aria-selected": String(on), "aria-controls": `panel-${name}`,
      tabindex: on ? "0" : "-1", class: on ? "on" : "", "data-key": `tab-${name}-${id}`, "data-tab": id,
      onclick: () => choose(id),
    }, text);
  }));
  row.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const at = entries.findIndex(([id]) => id === current);
    const next = entries[(at + by + entries.length) % entries.length][0];
    choose(next);
    document.getElementById(`tab-${name}-${next}`)?.focus();
  };
  panel.setAttribute("aria-labelledby", `tab-${name}-${current}`);
  const [, , make, what] = entries.find(([id]) => id === current);
  renew(panel, [current, what()], () => [make()]);
}

/** Say something to everybody, screen readers too, for a while. */
export function say(message, isError) {
  let area = document.getElementById("say");
  if (!area) {
    area = h("div", { id: "say", role: "status", "aria-live": "polite" });
    document.body.append(area);
  }
  const line = h("div", { class: isError ? "toast error" : "toast" },
    h("span", {}, message),
    h("button", { type: "button", class: "plain", "aria-label": "Dismiss", onclick: () => line.remove() }, "×"));
  area.append(line);
  while (area.children.length > 3) area.firstChild.remove();
  if (!isError) setTimeout(() => line.remove(), 4000);
}

/** Open a dialog with a form; `done(form)` may return false to keep it open. */
export function dialog(title, body, submit, done) {
  const error = h("p", { class: "error", role: "alert" });
  const form = h("form", { method: "dialog" },
    h("h2", { id: "dialog-title" }, title), body, error,
    h("div", { class: "actions" },
      h("button", { type: "button", onclick: () => box.close() }, "Cancel"),
      submit && h("button", { type: "submit", class: "primary" }, submit)));
  const box = h("dialog", { "aria-labelledby": "dialog-title", onclose: () => box.remove() }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    const button = form.querySelector(".primary");
    button.disabled = true;
    try {
      if ((await done(form)) !== false) box.close();
    } catch (problem) {
      error.textContent = problem.message;
    } finally {
      button.disabled = false;
    }
  });
  document.body.append(box);
  box.showModal();
  return box;
}
