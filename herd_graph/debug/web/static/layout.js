// Where the boxes of a plan stand. Dagre for plans that people look at; for very large ones a layering
// that takes milliseconds, because dagre takes seconds from a few hundred boxes on.

import { Graph, layout as dagre } from "./vendor/dagre.js";

export const WIDTH = 180;
export const HEIGHT = 50;
const GAP_X = 40;
const GAP_Y = 16;
const MARGIN = 20;
const MOST_DAGRE = 120;

/** Place nodes ({key}) and edges ([from, to, line]); `down` lays them from top to bottom. */
export function arrange(nodes, edges, down) {
  const placed = nodes.length <= MOST_DAGRE ? withDagre(nodes, edges, down) : layered(nodes, edges, down);
  return placed;
}

function withDagre(nodes, edges, down) {
  const graph = new Graph();
  graph.setGraph({ rankdir: down ? "TB" : "LR", nodesep: GAP_Y, ranksep: down ? 34 : GAP_X, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.key, { width: WIDTH, height: HEIGHT });
  for (const [from, to] of edges) if (graph.hasNode(from) && graph.hasNode(to)) graph.setEdge(from, to);
  dagre(graph);
  const places = new Map();
  for (const node of nodes) {
    const { x, y } = graph.node(node.key);
    places.set(node.key, { x: x - WIDTH / 2, y: y - HEIGHT / 2 });
  }
  const lines = edges.filter(([from, to]) => places.has(from) && places.has(to)).map(([from, to, line]) => {
    const found = graph.edge(from, to);
    return { from, to, line, points: found ? found.points : [] };
  });
  const { width, height } = graph.graph();
  return { places, lines, width: Math.max(width || 0, WIDTH + 2 * MARGIN), height: Math.max(height || 0, HEIGHT + 2 * MARGIN) };
}

function layered(nodes, edges, down) {
  const into = new Map(nodes.map((node) => [node.key, []]));
  const outOf = new Map(nodes.map((node) => [node.key, []]));
  for (const [from, to] of edges) {
    if (!into.has(from) || !into.has(to)) continue;
    into.get(to).push(from);
    outOf.get(from).push(to);
  }
  const waiting = new Map([...into].map(([key, found]) => [key, found.length]));
  const depth = new Map();
  let ready = nodes.map((node) => node.key).filter((key) => !waiting.get(key));
  while (ready.length) {
    const next = [];
    for (const key of ready) {
      depth.set(key, Math.max(0, ...into.get(key).map((each) => (depth.get(each) ?? -1) + 1)));
      for (const each of outOf.get(key)) {
        waiting.set(each, waiting.get(each) - 1);
        if (!waiting.get(each)) next.push(each);
      }
    }
    ready = next;
  }
  const layers = [];
  for (const node of nodes) {
    const level = depth.get(node.key) ?? 0;
    (layers[level] ||= []).push(node.key);
  }
  // One sweep of barycentres keeps lines short; wide layers are folded so that the page stays a page.
  const row = new Map();
  const places = new Map();
  const most = down ? 12 : 40;
  let along = MARGIN;
  let breadth = 0;
  for (const layer of layers) {
    const wish = new Map(layer.map((key, at) => {
      const before = into.get(key).filter((each) => row.has(each));
      return [key, before.length ? before.reduce((sum, each) => sum + row.get(each), 0) / before.length : at];
    }));
    layer.sort((a, b) => wish.get(a) - wish.get(b));
    layer.forEach((key, at) => {
      row.set(key, at);
      const across = at % most;
      const fold = Math.floor(at / most);
      const place = down
        ? { x: MARGIN + across * (WIDTH + GAP_Y), y: along + fold * (HEIGHT + GAP_Y) }
        : { x: along + fold * (WIDTH + GAP_Y), y: MARGIN + across * (HEIGHT + GAP_Y) };
      places.set(key, place);
      breadth = Math.max(breadth, across + 1);
    });
    const folds = Math.ceil(layer.length / most);
    along += down ? folds * (HEIGHT + GAP_Y) + 24 : folds * (WIDTH + GAP_Y) + GAP_X;
  }
  const lines = edges.filter(([from, to]) => places.has(from) && places.has(to)).map(([from, to, line]) => ({ from, to, line, points: [] }));
  const across = 2 * MARGIN + breadth * ((down ? WIDTH : HEIGHT) + GAP_Y);
  return { places, lines, width: down ? across : along, height: down ? along : across };
}
