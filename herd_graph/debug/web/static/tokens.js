// Who wrote which token: what zoos, ensembles and deferrals give as evidence, as text in colours.

import { h } from "./dom.js";

const MANY = 2000;

/** Say whether a JSON value is the evidence of an expert inside a model: tokens, and who had which part in each. */
export function isRouting(value) {
  return Boolean(value) && typeof value === "object" && Array.isArray(value.tokens) && value.tokens.length > 0
    && value.shares !== null && typeof value.shares === "object" && !Array.isArray(value.shares)
    && value.tokens.slice(0, MANY).every((each) => each && typeof each.token === "string" && typeof each.by === "string");
}

/** Draw it: each token in the colour of who had the largest part, and what each had in all. */
export function routing(value) {
  const names = Object.keys(value.shares).sort((one, other) => value.shares[other] - value.shares[one]);
  const hues = new Map(names.filter((each) => !each.startsWith("(")).map((each, at) => [each, `hue-${at % 6}`]));
  const shown = value.tokens.slice(0, MANY).map((each) => h("span", { class: `token ${hues.get(each.by) || "is-base"}`, title: parts(each) }, each.token));
  const legend = names.map((each) => h("li", { class: hues.get(each) || "is-base" }, h("i", { class: "swatch" }), `${each} ${share(value.shares[each])}`));
  return h("div", { class: "routing" },
    h("ul", { class: "token-legend", "aria-label": `Who wrote it${value.route ? `, chosen by ${value.route}` : ""}` }, legend),
    h("p", { class: "text", tabindex: "0", role: "group", "aria-label": "Tokens" }, shown),
    value.tokens.length > MANY ? h("p", { class: "muted" }, `${value.tokens.length - MANY} more tokens are not drawn.`) : null);
}

function parts(each) {
  const known = each.parts && typeof each.parts === "object" ? Object.entries(each.parts) : [];
  return known.length ? known.map(([name, mass]) => `${name} ${share(mass)}`).join(", ") : each.by;
}

function share(mass) {
  return typeof mass === "number" && Number.isFinite(mass) ? `${Math.round(100 * mass)} %` : "";
}
