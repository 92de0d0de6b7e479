// What artifacts look like: pictures with boxes over them, sound with its waveform, tables, JSON, text.
// Nothing is asked for before it is on the page, and videos and sounds only when they are played.

import { h, s, took, count } from "./dom.js";
import { api } from "./api.js";
import { isRouting, routing } from "./tokens.js";

const MANY = 24;

/** Show references (some may be null: items that were left out). `boxes` are drawn over pictures. */
export function payloads(refs, options) {
  const opts = options || {};
  if (!refs) return h("p", { class: "muted" }, opts.missing || "Nothing yet.");
  if (!refs.length) return h("p", { class: "muted" }, "An empty list.");
  if (refs.length === 1) return one(refs[0], opts);
  const list = h("ol", { class: "payload-list", start: "0" });
  let shown = 0;
  const more = h("button", { type: "button", class: "quiet" }, "");
  const add = () => {
    for (const ref of refs.slice(shown, shown + MANY)) list.append(h("li", {}, one(ref, { ...opts, inList: true })));
    shown = Math.min(refs.length, shown + MANY);
    more.textContent = `Show ${Math.min(MANY, refs.length - shown)} more of ${refs.length}`;
    more.hidden = shown >= refs.length;
  };
  more.addEventListener("click", add);
  add();
  return h("div", {}, list, more);
}

function one(ref, opts) {
  if (!ref) return h("p", { class: "muted" }, "This item was left out.");
  const body = h("div", { class: "payload-body" }, h("p", { class: "muted" }, "…"));
  const name = ref.name ? `${ref.name} · ` : "";
  const figure = h("figure", { class: `payload is-${ref.kind}`, "data-artifact": ref.id },
    body,
    opts.inList && ref.inline !== undefined ? null : h("figcaption", {}, h("span", {}, `${name}${ref.mime} · ${ref.shown_size}`),
      api.content(ref.id) ? h("a", { href: api.content(ref.id), download: ref.name || `${ref.kind}-${ref.id.slice(0, 8)}` }, "Download") : null));
  soon(figure, async () => {
    try {
      const found = await api.artifact(ref);
      body.replaceChildren(found.error ? h("p", { class: "error" }, found.error) : drawn(found, opts));
      if (found.error && ref.kind === "text") return;
    } catch (error) {
      body.replaceChildren(h("p", { class: "error" }, error.message));
    }
  });
  return figure;
}

const seen = typeof IntersectionObserver === "function"
  ? new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting || !entry.target.whenSeen) continue;
        const does = entry.target.whenSeen;
        entry.target.whenSeen = null;
        seen.unobserve(entry.target);
        does();
      }
    }, { rootMargin: "200px" })
  : null;

function soon(node, does) {
  if (!seen) { does(); return; }
  node.whenSeen = does;
  seen.observe(node);
}

function drawn(found, opts) {
  if (found.kind === "image") return picture(found, opts.boxes || []);
  if (found.kind === "audio") return sound(found);
  if (found.kind === "video") return film(found);
  if (found.columns) return table(found);
  if ("value" in found) return isRouting(found.value) ? h("div", {}, routing(found.value), tree(found.value, 2)) : tree(found.value);
  if ("text" in found) return text(found);
  return h("p", { class: "muted" }, `A ${found.kind} that is not shown here. Download it to look at it.`);
}

function text(found) {
  return h("div", {},
    h("pre", { class: "text", tabindex: "0", role: "group", "aria-label": "Text" }, visible(found.text || "")),
    found.cut ? h("p", { class: "muted" }, "Cut here. Download it for the rest.") : null);
}

/** Show what has no shape of its own: escape sequences, and marks that turn the reading order round. */
function visible(text) {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (each) => String.fromCodePoint(0x2400 + each.codePointAt(0)))
    .replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

function table(found) {
  const numbers = found.columns.map((_, at) => found.rows.every((row) => row[at] === null || typeof row[at] === "number"));
  return h("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    h("table", {},
      h("thead", {}, h("tr", {}, found.columns.map((each, at) => h("th", { scope: "col", class: numbers[at] ? "number" : "" }, each)))),
      h("tbody", {}, found.rows.map((row) => h("tr", {}, row.map((cell, at) => h("td", { class: numbers[at] ? "number" : "" }, cell === null ? "" : visible(String(cell)))))))),
    found.total > found.rows.length ? h("p", { class: "muted" }, `${count(found.total - found.rows.length, "row")} more are not shown.`) : null);
}

// JSON --------------------------------------------------------------------------------------------

/** A JSON value as a tree that opens where somebody looks. */
export function tree(value, depth) {
  const level = depth || 0;
  if (value === null || typeof value !== "object") return h("span", { class: `json is-${value === null ? "null" : typeof value}` }, leaf(value));
  const entries = Array.isArray(value) ? value.map((each, at) => [at, each]) : Object.entries(value);
  if (!entries.length) return h("span", { class: "json" }, Array.isArray(value) ? "[]" : "{}");
  const label = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  const inner = h("div", { class: "json-inner" });
  const fill = () => {
    if (inner.childNodes.length) return;
    const add = (from) => {
      for (const [key, each] of entries.slice(from, from + 100)) {
        inner.append(h("div", { class: "json-row" }, h("span", { class: "json-key" }, `${key}: `), tree(each, level + 1)));
      }
      if (entries.length > from + 100) {
        const more = h("button", { type: "button", class: "quiet", onclick: () => { more.remove(); add(from + 100); } }, `${entries.length - from - 100} more`);
        inner.append(more);
      }
    };
    add(0);
  };
  const open = level < 2 && entries.length <= 30;
  if (open) fill();
  const head = entries.slice(0, 3).map(([key, each]) => `${Array.isArray(value) ? "" : `${key}: `}${each !== null && typeof each === "object" ? "…" : leaf(each).slice(0, 24)}`).join(", ");
  return h("details", { class: "json", open, ontoggle: fill }, h("summary", {}, label, h("span", { class: "json-hint" }, ` ${head}${entries.length > 3 ? ", …" : ""}`)), inner);
}

function leaf(value) {
  const said = typeof value === "string" ? JSON.stringify(value) : String(value);
  return visible(said.length > 2000 ? `${said.slice(0, 2000)}…` : said);
}

// Pictures ----------------------------------------------------------------------------------------

/** Return the boxes that a JSON value holds, as {x, y, width, height, label, score}; none for any other value. */
export function boxesIn(value) {
  if (value && typeof value === "object" && !Array.isArray(value)) {
    for (const name of ["boxes", "objects", "detections", "predictions"]) if (Array.isArray(value[name])) return boxesIn(value[name]);
    const alone = box(value);
    return alone ? [alone] : [];
  }
  if (!Array.isArray(value)) return [];
  const found = value.slice(0, 500).map(box);
  return found.length && found.every(Boolean) ? found : [];
}

function box(each) {
  if (!each || typeof each !== "object") return null;
  const numbers = (...values) => values.every((value) => typeof value === "number" && Number.isFinite(value));
  const label = String(each.label ?? each.name ?? each.class ?? each.text ?? "");
  const score = typeof each.score === "number" ? each.score : typeof each.confidence === "number" ? each.confidence : null;
  const width = each.width ?? each.w, height = each.height ?? each.h;
  if (numbers(each.x, each.y, width, height)) return { x: each.x, y: each.y, width, height, label, score };
  if (numbers(each.left, each.top, each.right, each.bottom)) return { x: each.left, y: each.top, width: each.right - each.left, height: each.bottom - each.top, label, score };
  const four = each.box ?? each.bbox;
  if (Array.isArray(four) && four.length === 4 && numbers(...four)) return { x: four[0], y: four[1], width: four[2] - four[0], height: four[3] - four[1], label, score };
  return null;
}

function picture(found, boxes) {
  const large = found.size > 2000000 || !found.playable;
  const source = large ? api.thumbnail(found.id) : api.content(found.id);
  if (!source) return h("p", { class: "muted" }, "The picture is too large for this file.");
  const said = found.name || `A picture of ${found.width} by ${found.height} pixels`;
  const frame = h("div", { class: "picture" }, h("img", { src: source, alt: said, width: found.width, height: found.height, loading: "lazy" }));
  if (!boxes.length) return frame;
  const parts = boxes.every((each) => each.x <= 1 && each.y <= 1 && each.width <= 1 && each.height <= 1);
  const [sx, sy] = parts ? [found.width, found.height] : [1, 1];
  const size = (12 * found.width) / Math.min(found.width, 460);  // about 12 pixels on the screen
  const over = s("svg", { viewBox: `0 0 ${found.width} ${found.height}`, class: "boxes", "aria-hidden": "true" });
  const rows = h("ul", { class: "box-list" });
  boxes.forEach((each, at) => {
    const [x, y, width, height] = [each.x * sx, each.y * sy, each.width * sx, each.height * sy];
    const said = `${each.label}${each.score === null ? "" : ` ${each.score.toFixed(2)}`}`.trim();
    const high = y < size * 1.4 ? y + size * 1.15 : y - size * 0.3;
    const group = s("g", { class: `hue-${at % 6}` }, s("rect", { x, y, width, height }),
      said ? s("text", { x: x + size * 0.15, y: high, "font-size": size }, said) : null);
    over.append(group);
    const row = h("li", { class: `hue-${at % 6}` }, h("label", {},
      h("input", { type: "checkbox", checked: true, onchange: (event) => group.classList.toggle("hidden", !event.target.checked) }),
      h("i", { class: "swatch" }), said || `box ${at}`, h("span", { class: "muted" }, ` ${Math.round(x)}, ${Math.round(y)} · ${Math.round(width)} × ${Math.round(height)}`)));
    row.addEventListener("pointerenter", () => over.classList.add("dim") || group.classList.add("lit"));
    row.addEventListener("pointerleave", () => over.classList.remove("dim") || group.classList.remove("lit"));
    rows.append(row);
  });
  frame.append(over);
  return h("div", {}, frame, rows);
}

// Sound and film ----------------------------------------------------------------------------------

function sound(found) {
  const source = api.content(found.id);
  const player = h("audio", { controls: true, preload: "none", src: source || null, "aria-label": found.name || "Recording" });
  if (!source) return h("p", { class: "muted" }, "The recording is too large for this file.");
  if (!found.playable) return h("p", { class: "muted" }, `A browser may not play ${found.mime}. Download it to listen.`);
  if (!found.peaks || !found.peaks.length) return player;
  const wide = 480, high = 72;
  const each = wide / found.peaks.length;
  const top = Math.max(0.05, ...found.peaks);
  const shape = found.peaks.map((peak, at) => {
    const half = Math.max(0.6, (peak / top) * (high / 2 - 2));
    return `M${(at * each + each / 2).toFixed(2)} ${(high / 2 - half).toFixed(2)}V${(high / 2 + half).toFixed(2)}`;
  }).join("");
  const played = s("rect", { class: "played", x: 0, y: 0, width: 0, height: high });
  const wave = s("svg", { class: "wave", viewBox: `0 0 ${wide} ${high}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    played, s("path", { d: shape, "stroke-width": Math.max(0.6, each * 0.7) }));
  player.addEventListener("timeupdate", () => played.setAttribute("width", (wide * player.currentTime) / (found.seconds || 1)));
  wave.addEventListener("click", (event) => {
    const area = wave.getBoundingClientRect();
    player.currentTime = ((event.clientX - area.left) / area.width) * found.seconds;
    player.play();
  });
  return h("div", { class: "sound" }, wave, h("div", { class: "wave-scale muted", "aria-hidden": "true" }, h("span", {}, "0"), h("span", {}, took(found.seconds))), player);
}

function film(found) {
  const source = api.content(found.id);
  if (!source) return h("p", { class: "muted" }, "The video is too large for this file.");
  if (!found.playable) return h("p", { class: "muted" }, `A browser may not play ${found.mime}. Download it to watch.`);
  return h("video", { controls: true, preload: "none", src: source, "aria-label": found.name || "Video" });
}
