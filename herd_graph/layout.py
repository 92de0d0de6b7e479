"""Place the nodes of a small directed graph in layers, from left to right.

The method of Sugiyama, Tagawa and Toda (1981), in its plain form: layers by longest path, crossings
reduced by sweeping barycentres, and heights by least squares under the order of each layer.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)
_SWEEPS = 12
_BEND_HEIGHT = 0.35
"""The room that a passing edge takes, in rows."""


@dataclass(frozen=True)
class Layout(Generic[N]):
    """Where everything is: columns count from 0, rows are real numbers that start at 0."""

    columns: Mapping[N, int]
    rows: Mapping[N, float]
    edges: Mapping[tuple[N, N], tuple[tuple[int, float], ...]]
    """The bends of each edge, as (column, row): one in each column that it passes."""

    @property
    def width(self) -> int:
        """How many columns there are."""
        return max(self.columns.values(), default=-1) + 1

    @property
    def height(self) -> float:
        """How many rows are taken."""
        bends = [row for path in self.edges.values() for _, row in path]
        return max([*self.rows.values(), *bends], default=-1.0) + 1


def arrange(
    nodes: Sequence[N], edges: Iterable[tuple[N, N]], late: frozenset[N] = frozenset()
) -> Layout[N]:
    """Return a layout. An edge that closes a circle is left out of the layers, and drawn back.

    Args:
        nodes: Every node, in the order that breaks ties.
        edges: (from, to); each once.
        late: Nodes without edges into them that stand right before what they lead to.
    """
    wanted = list(dict.fromkeys(edges))
    columns = _columns(nodes, wanted, late)
    layers: list[list[object]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for node in nodes:
        layers[columns[node]].append(node)
    links: list[tuple[object, object]] = []
    chains: dict[tuple[N, N], list[tuple[N, N, int]]] = {}
    for source, target in wanted:
        chain = [(source, target, c) for c in range(columns[source] + 1, columns[target])]
        chains[source, target] = chain
        for bend in chain:
            layers[bend[2]].append(bend)
        if columns[source] < columns[target]:
            links.extend(pairwise([source, *chain, target]))
    before: dict[object, list[object]] = {}
    after: dict[object, list[object]] = {}
    for left, right in links:
        before.setdefault(right, []).append(left)
        after.setdefault(left, []).append(right)
    layers = _untangle(layers, before, after)
    rows = _heights(layers, before, after, set(nodes))
    return Layout(
        columns=columns,
        rows={node: rows[node] for node in nodes},
        edges={
            edge: tuple((bend[2], rows[bend]) for bend in chain) for edge, chain in chains.items()
        },
    )


def _columns(nodes: Sequence[N], edges: Sequence[tuple[N, N]], late: frozenset[N]) -> dict[N, int]:
    """Return each node's layer: the length of the longest way to it."""
    sources: dict[N, list[N]] = {node: [] for node in nodes}
    targets: dict[N, list[N]] = {node: [] for node in nodes}
    for source, target in edges:
        sources[target].append(source)
        targets[source].append(target)
    columns: dict[N, int] = {}
    waiting = {node: len(found) for node, found in sources.items()}
    ready = [node for node in nodes if not waiting[node]]
    left = dict.fromkeys(nodes)
    while left:
        if not ready:  # a circle: start it at the node that comes first
            ready = [next(iter(left))]
        for node in ready:
            left.pop(node, None)
            columns[node] = max((columns[s] + 1 for s in sources[node] if s in columns), default=0)
        freed: list[N] = []
        for node in ready:
            for target in targets[node]:
                waiting[target] -= 1
                if waiting[target] == 0 and target in left:
                    freed.append(target)
        ready = freed
    for node in late:
        columns[node] = max(0, min((columns[t] for t in targets[node]), default=1) - 1)
    return columns


def _untangle(
    layers: list[list[object]],
    before: Mapping[object, list[object]],
    after: Mapping[object, list[object]],
) -> list[list[object]]:
    """Reorder each layer so that few edges cross: sweep right, then left, and keep the best."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers, after)
    current = [list(layer) for layer in layers]
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        rightward = sweep % 2 == 0
        near = before if rightward else after
        for index in range(1, len(current)) if rightward else range(len(current) - 2, -1, -1):
            fixed = current[index - 1 if rightward else index + 1]
            place = {node: float(at) for at, node in enumerate(fixed)}
            weights: dict[object, float] = {}
            for at, node in enumerate(current[index]):
                seen = [place[each] for each in near.get(node, ()) if each in place]
                weights[node] = sum(seen) / len(seen) if seen else float(at)
            current[index].sort(key=weights.__getitem__)
        count = _crossings(current, after)
        if count < fewest:
            best, fewest = [list(layer) for layer in current], count
    return best


def _crossings(layers: list[list[object]], after: Mapping[object, list[object]]) -> int:
    """Count pairs of edges between neighbouring layers that cross, by inversions."""
    total = 0
    for left, right in pairwise(layers):
        place = {node: at for at, node in enumerate(right)}
        ends: list[int] = []
        for node in left:
            ends.extend(sorted(place[each] for each in after.get(node, ()) if each in place))
        tree = [0] * (len(right) + 1)
        for seen, end in enumerate(ends):
            at, not_above = end + 1, 0
            while at:
                not_above += tree[at]
                at &= at - 1
            total += seen - not_above
            at = end + 1
            while at < len(tree):
                tree[at] += 1
                at += at & -at
    return total


def _heights(
    layers: list[list[object]],
    before: Mapping[object, list[object]],
    after: Mapping[object, list[object]],
    real: set[N],
) -> dict[object, float]:
    """Return each node's row: near its neighbours, in the layer's order, never overlapping."""
    sizes = {each: 1.0 if each in real else _BEND_HEIGHT for layer in layers for each in layer}
    rows: dict[object, float] = {}
    for layer in layers:
        at = 0.0
        for node in layer:
            rows[node] = at + sizes[node] / 2
            at += sizes[node]
    for sweep in range(_SWEEPS):
        rightward = sweep % 2 == 0
        near = before if rightward else after
        for layer in layers if rightward else layers[::-1]:
            wishes: list[float] = []
            for node in layer:
                seen = [rows[each] for each in near.get(node, ())]
                wishes.append(sum(seen) / len(seen) if seen else rows[node])
            rows.update(zip(layer, _apart(wishes, [sizes[each] for each in layer]), strict=True))
    top = min((rows[node] - sizes[node] / 2 for node in rows), default=0.0)
    return {node: row - top - 0.5 for node, row in rows.items()}


def _apart(wishes: list[float], sizes: list[float]) -> list[float]:
    """Return the positions nearest to the wishes (least squares) that keep order and distance.

    Isotonic regression by pooling adjacent violators, after taking the distances out.
    """
    offsets = [0.0]
    for upper, lower in pairwise(sizes):
        offsets.append(offsets[-1] + (upper + lower) / 2)
    pools: list[tuple[float, int]] = []  # (mean, how many)
    for wish, offset in zip(wishes, offsets, strict=False):
        mean, count = wish - offset, 1
        while pools and pools[-1][0] > mean:
            other, many = pools.pop()
            mean, count = (other * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    flat = [mean for mean, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]


__all__ = ("Layout", "arrange")
