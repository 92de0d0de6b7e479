"""Draw a plan: as a Mermaid flowchart, or as an SVG that needs nothing else.

Inputs stand where they are first needed, steps from left to right in the order in which they can
run. A stacked box is called for each item of a list, a dashed line is a condition or a mere order,
and a heavy frame marks where an answer comes from. Everything that a plan says is escaped.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from herd_graph.layout import Layout, arrange
from herd_graph.plans import (
    AllOf,
    Binding,
    FirstOf,
    FromInput,
    FromStep,
    Plan,
    Step,
    Value,
    show,
    show_condition,
    show_select,
)
from herd_graph.types import StepId

Line = Literal["flow", "list", "when", "after"]
"""What an edge stands for: an input, the list of a ``foreach``, a condition, or a mere order."""

_MARKS = {
    "done": "✓",
    "failed": "✕",
    "running": "…",
    "waiting": "?",
    "skipped": "–",
    "cancelled": "–",
    "refused": "✕",
}


@dataclass(frozen=True, kw_only=True)
class _Node:
    """One box: an input of the plan, or a step."""

    title: str
    notes: tuple[str, ...] = ()
    hover: str = ""
    is_input: bool = False
    repeats: bool = False
    answers: bool = False
    status: str = ""
    seconds: float | None = None


_Key = tuple[Literal["input", "step"], str]
_Edges = dict[tuple[_Key, _Key], Line]


def _sources(binding: Binding) -> Iterator[_Key]:
    if isinstance(binding, FromStep):
        yield "step", binding.step
    elif isinstance(binding, FromInput):
        yield "input", binding.input
    elif isinstance(binding, AllOf | FirstOf):
        for each in binding.all if isinstance(binding, AllOf) else binding.first:
            yield from _sources(each)


def _graph(
    plan: Plan,
    status: Mapping[StepId, str] | None,
    seconds: Mapping[StepId, float] | None,
) -> tuple[dict[_Key, _Node], _Edges]:
    answering = {source for ask in plan.asks for source in _sources(ask.source)}
    edges: _Edges = {}
    steps: dict[_Key, _Node] = {}
    for step in plan.steps:
        key: _Key = ("step", step.id)
        steps[key] = _Node(
            title=_title(step),
            notes=tuple(_notes(step)),
            hover=_hover(step),
            repeats=step.foreach is not None,
            answers=key in answering,
            status=(status or {}).get(step.id, ""),
            seconds=(seconds or {}).get(step.id),
        )
        for source, line in _lines(step):
            edges.setdefault((source, key), line)
    used = dict.fromkeys(source for source, _ in edges if source[0] == "input")
    inputs = {key: _input(key, plan) for key in used}
    nodes = {**inputs, **steps}
    return nodes, {pair: line for pair, line in edges.items() if pair[0] in nodes}


def _input(key: _Key, plan: Plan) -> _Node:
    port = plan.inputs.get(key[1])
    kind = port.type_name if port is not None else ""
    said = port.description if port is not None else ""
    return _Node(title=key[1], notes=(kind,) if kind else (), hover=said, is_input=True)


def _lines(step: Step) -> Iterator[tuple[_Key, Line]]:
    for binding in step.inputs.values():
        for source in _sources(binding):
            yield source, "flow"
    if step.foreach is not None:
        for source in _sources(step.foreach):
            yield source, "list"
    for condition in step.when:
        for left in condition.lefts:
            for source in _sources(left):
                yield source, "when"
    for need in step.after:
        yield ("step", need), "after"


def _title(step: Step) -> str:
    if step.expert is not None:
        return step.expert.partition("@")[0]
    return f"“{step.capability.query}”" if step.capability is not None else step.id


def _notes(step: Step) -> Iterator[str]:
    """Yield the lines under a step's title."""
    literals = [
        f"{name}={show(each)}" for name, each in step.inputs.items() if isinstance(each, Value)
    ]
    if literals:
        yield ", ".join(literals)
    if step.foreach is not None:
        yield f"for each of {show(step.foreach)}"
    if step.when:
        yield "when " + " and ".join(show_condition(each) for each in step.when)
    if step.select != "top_1":
        yield f"{show_select(step)} with {', '.join(step.fallbacks) or 'others'}"


def _hover(step: Step) -> str:
    named = step.expert or _title(step)
    bound = ", ".join(f"{name}={show(each)}" for name, each in step.inputs.items())
    return "\n".join(filter(None, (f"{step.id}: {named}({bound})", *_notes(step), step.ask)))


# Mermaid ------------------------------------------------------------------------------------------

_CLASSES = {
    "done": "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    "failed": "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    "refused": "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    "running": "fill:#ddf4ff,stroke:#0969da,color:#1f2328",
    "waiting": "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
    "skipped": "fill:#f6f8fa,stroke:#8c959f,color:#59636e,stroke-dasharray:4 3",
    "cancelled": "fill:#f6f8fa,stroke:#8c959f,color:#59636e,stroke-dasharray:4 3",
}


def to_mermaid(plan: Plan, status: Mapping[StepId, str] | None = None) -> str:
    """Return a Mermaid flowchart.

    Args:
        plan: What to draw.
        status: How steps ended, or ``running`` or ``waiting``; by step id.
    """
    nodes, edges = _graph(plan, status, None)
    names = {key: f"{key[0][0]}{place}" for place, key in enumerate(nodes)}
    lines = ["flowchart LR"]
    for key, node in nodes.items():
        head = f"<b>{_entities(node.title)}</b>"
        named = [_entities(key[1])] if key[0] == "step" and key[1] != node.title else []
        mark = _MARKS.get(node.status, "")
        first = " ".join(filter(None, (mark, head)))
        label = "<br/>".join([first, *named, *(_entities(_cut(each, 60)) for each in node.notes)])
        opening, closing = ("([", "])") if node.is_input else ("[", "]")
        if node.repeats:
            opening, closing = "[[", "]]"
        style = f":::{node.status}" if node.status in _CLASSES else ""
        lines.append(f'  {names[key]}{opening}"{label}"{closing}{style}')
    arrows = {"flow": "-->", "list": "-- each -->", "when": "-. when .->", "after": "-.->"}
    for (source, target), line in edges.items():
        lines.append(f"  {names[source]} {arrows[line]} {names[target]}")
    used = dict.fromkeys(each.status for each in nodes.values() if each.status in _CLASSES)
    lines.extend(f"  classDef {each} {_CLASSES[each]}" for each in used)
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    """Escape everything that Mermaid, Markdown or HTML could read as more than a character."""
    return "".join(
        each if each.isalnum() or each in " _=,.:·…–✓✕" else f"#{ord(each)};"
        for each in _printable(text)
    )


# SVG ----------------------------------------------------------------------------------------------

_WIDTH, _GAP, _ROW = 188, 50, 78
_LETTER, _SMALL = 8.0, 6.6
"""The width of a letter of a title and of a note, in pixels: on the wide side of common fonts."""
_MARGIN, _LINE, _PAD = 20, 16, 11
_STYLE = """
.hg-page{fill:#fff}.hg-box{fill:#f6f8fa;stroke:#d1d9e0}.hg-input{fill:#fff;stroke:#8c959f}
.hg-title{fill:#1f2328;font-weight:600;font-size:13px}.hg-note{fill:#59636e;font-size:11px}
.hg-edge{fill:none;stroke:#8c959f;stroke-width:1.4}.hg-head{fill:#8c959f}
.hg-answer{stroke:#0969da;stroke-width:2}
.hg-done{fill:#1a7f37}.hg-failed,.hg-refused{fill:#cf222e}.hg-running{fill:#0969da}
.hg-waiting{fill:#9a6700}.hg-skipped,.hg-cancelled{fill:#59636e}
@media (prefers-color-scheme:dark){
.hg-page{fill:#0d1117}.hg-box{fill:#161b22;stroke:#3d444d}.hg-input{fill:#0d1117;stroke:#656c76}
.hg-title{fill:#f0f6fc}.hg-note{fill:#9198a1}
.hg-edge{stroke:#656c76}.hg-head{fill:#656c76}.hg-answer{stroke:#4493f8}
.hg-done{fill:#3fb950}.hg-failed,.hg-refused{fill:#f85149}.hg-running{fill:#4493f8}
.hg-waiting{fill:#d29922}.hg-skipped,.hg-cancelled{fill:#9198a1}}
"""
_DASHES = {
    "flow": "",
    "list": "",
    "when": ' stroke-dasharray="5 4"',
    "after": ' stroke-dasharray="1 4"',
}


def to_svg(
    plan: Plan,
    status: Mapping[StepId, str] | None = None,
    *,
    seconds: Mapping[StepId, float] | None = None,
) -> str:
    """Return a picture of the plan that fetches nothing and follows the reader's light or dark.

    Args:
        plan: What to draw.
        status: How steps ended, or ``running`` or ``waiting``; by step id.
        seconds: How long steps took; by step id.
    """
    nodes, edges = _graph(plan, status, seconds)
    inputs = frozenset(key for key in nodes if key[0] == "input")
    layout = arrange(list(nodes), edges, late=inputs)
    canvas = _Canvas(layout)
    title = f"A plan of {len(plan.steps)} step{'s' if len(plan.steps) != 1 else ''}"
    if plan.abstained:
        title = f"No plan: {plan.reason or 'nothing to do'}"
    drawn = [canvas.edge(pair, line) for pair, line in edges.items()]
    drawn += [canvas.box(key, node) for key, node in nodes.items()]
    if not nodes:
        drawn.append(f'<text class="hg-note" x="{_MARGIN}" y="34">{_text(title, 90)}</text>')
    width, height = canvas.size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-labelledby="hg-t hg-d" '
        "font-family=\"system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif\">"
        f'<title id="hg-t">{_text(title)}</title><desc id="hg-d">{_text(str(plan))}</desc>'
        f"<style>{_STYLE}</style>"
        '<defs><marker id="hg-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="hg-head" d="M0 .8 7.4 4 0 7.2z"/></marker></defs>'
        f'<rect class="hg-page" width="{width:.0f}" height="{height:.0f}" rx="8"/>'
        + "".join(drawn)
        + "</svg>\n"
    )


class _Canvas:
    """Turns columns and rows into pixels."""

    def __init__(self, layout: Layout[_Key]) -> None:
        self.layout = layout

    @property
    def size(self) -> tuple[float, float]:
        columns = max(self.layout.width, 2)
        wide = columns * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN
        return wide, max(1.0, self.layout.height) * _ROW - (_ROW - 60) + 2 * _MARGIN

    def _x(self, column: int) -> float:
        return _MARGIN + column * (_WIDTH + _GAP)

    def _y(self, row: float) -> float:
        return _MARGIN + 30 + row * _ROW

    def box(self, key: _Key, node: _Node) -> str:
        """Return one node: its frame, its lines, its mark."""
        x, middle = self._x(self.layout.columns[key]), self._y(self.layout.rows[key])
        said, most = list(node.notes[:2]), int((_WIDTH - 30) / _SMALL)
        if key[0] == "step" and key[1] != node.title:
            joined = " · ".join([key[1], *said[:1]])
            fits = len(said) == 2 or len(joined) <= most
            said[:1] = [joined] if fits else [key[1], *said[:1]]
        notes = [_cut(each, most) for each in said]
        height = 2 * _PAD + _LINE * (1 + len(notes)) - 4
        y = middle - height / 2
        frame = "hg-input" if node.is_input else "hg-box"
        radius = height / 2 if node.is_input else 7
        shape = f'width="{_WIDTH}" height="{height}" rx="{radius:g}"'
        faded = ' opacity=".55"' if node.status in {"skipped", "cancelled"} else ""
        parts = [f"<g{faded}><title>{_text(node.hover or node.title)}</title>"]
        if node.repeats:
            parts.append(f'<rect class="{frame}" x="{x + 5:g}" y="{y - 5:.1f}" {shape}/>')
        answer = " hg-answer" if node.answers else ""
        parts.append(f'<rect class="{frame}{answer}" x="{x:g}" y="{y:.1f}" {shape}/>')
        indent = 18 if node.is_input else 12
        right = ""
        if node.status:
            mark = f"{_MARKS.get(node.status, '')} {_took(node.seconds) or node.status}".strip()
            right = _text(mark)
        room = int((_WIDTH - 2 * indent - _SMALL * (len(right) + 1)) / _LETTER)
        baseline = y + _PAD + 11
        parts.append(
            f'<text class="hg-title" x="{x + indent:g}" y="{baseline:.1f}">'
            f"{_text(node.title, room)}</text>"
        )
        if right:
            style = f"hg-{node.status}" if node.status in _MARKS else "hg-note"
            parts.append(
                f'<text class="{style}" font-size="11" text-anchor="end" x="{x + _WIDTH - 10:g}" '
                f'y="{baseline:.1f}">{right}</text>'
            )
        for place, note in enumerate(notes, start=1):
            parts.append(
                f'<text class="hg-note" x="{x + indent:g}" y="{baseline + place * _LINE:.1f}">'
                f"{_text(note)}</text>"
            )
        return "".join([*parts, "</g>"])

    def edge(self, pair: tuple[_Key, _Key], line: Line) -> str:
        """Return one edge: curves that leave and arrive level."""
        source, target = pair
        start = (self._x(self.layout.columns[source]) + _WIDTH, self._y(self.layout.rows[source]))
        end = (self._x(self.layout.columns[target]) - 2, self._y(self.layout.rows[target]))
        points = [start]
        for column, row in self.layout.edges[pair]:
            # A passing edge runs level through the whole column, between the boxes.
            points += [(self._x(column), self._y(row)), (self._x(column) + _WIDTH, self._y(row))]
        points.append(end)
        path = [f"M{start[0]:g} {start[1]:.1f}"]
        for (x1, y1), (x2, y2) in pairwise(points):
            bend = max(24.0, abs(x2 - x1) / 2)
            path.append(f"C{x1 + bend:g} {y1:.1f} {x2 - bend:g} {y2:.1f} {x2:g} {y2:.1f}")
        return f'<path class="hg-edge" d="{"".join(path)}" marker-end="url(#hg-arrow)"{_DASHES[line]}/>'


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _printable(text: str) -> str:
    """Return text that is one line and valid in XML."""
    flat = " ".join(text.split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in flat)


def _cut(text: str, most: int) -> str:
    """Return text that takes at most the room of ``most`` average letters."""
    room = 0.0
    for place, each in enumerate(text):
        room += 1.8 if unicodedata.east_asian_width(each) in {"W", "F"} else 1.0
        if room > most:
            return text[: max(0, place - 1)].rstrip() + "…"
    return text


def _text(text: str, most: int | None = None) -> str:
    lines = [_printable(line) for line in text.splitlines()]
    said = "\n".join(lines)
    return html.escape(said if most is None else _cut(_printable(text), most))


__all__ = ("to_mermaid", "to_svg")
