"""What the panes show of a step: its payloads by their kind, checks, candidates, time and cost.

Everything that comes from a run is plain text here: no markup is read in it, and what could drive
the terminal is taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.json import JSON as RichJSON  # noqa: N811 - ours has the name
from rich.table import Table as RichTable
from rich.text import Text

from herd_graph.artifacts import Artifact, Audio, Data, Image, Table, load
from herd_graph.artifacts.base import human_size, printable
from herd_graph.coordination.answers import words_of
from herd_graph.debug.session import DebugSession
from herd_graph.debug.tui.pictures import Box, blocks, boxes_in, legend
from herd_graph.errors import HerdError
from herd_graph.plans import AllOf, Binding, FirstOf, FromInput, FromStep, Item, show
from herd_graph.types import ArtifactRef, Kind

SHOWN_CHARS = 20_000
SHOWN_ROWS = 50
SHOWN_PAYLOADS = 12
_SOUND_BYTES = 64 << 20
"""Larger recordings are not drawn: they would have to be decoded whole."""
_JSON_BYTES = 100_000
_BARS = "▁▂▃▄▅▆▇█"


def refs_of(session: DebugSession, name: str) -> list[ArtifactRef]:
    """Return what a step, an item of a list (``s1[2]``) or an input holds; nothing is an empty list."""
    record = session.standing.records.get(name) if "[" in name else None
    if record is not None:
        many = [each if isinstance(each, list) else [each] for each in record.outputs.values()]
        return [ref for each in many for ref in each if ref is not None]
    try:
        return session.refs(name)
    except HerdError:
        return []


def result_pane(session: DebugSession, name: str, columns: int, rows: int) -> RenderableType:
    """Return what a step or an input holds; boxes are drawn over the pictures that they are of."""
    refs = refs_of(session, name)
    if not refs:
        return Text(_nothing(session, name))
    parts: list[RenderableType] = []
    found = _boxes(session, refs)
    if found:
        for ref in _pictures(session, name):
            parts += _payload(session, ref, columns, rows, found)
        if parts:
            parts.append(legend(found))
    for ref in refs[:SHOWN_PAYLOADS]:
        parts += _payload(session, ref, columns, rows)
    if len(refs) > SHOWN_PAYLOADS:
        parts.append(Text(f"… and {len(refs) - SHOWN_PAYLOADS} more"))
    return Group(*parts)


def inputs_pane(session: DebugSession, name: str, columns: int, rows: int) -> RenderableType:
    """Return what goes into a step, input by input."""
    if name in session.task.attachments:
        return Text("Given with the request.")
    step = session.plan.step(name)
    parts: list[RenderableType] = []
    for port, binding in step.inputs.items():
        parts.append(Text(f"{port} = {printable(show(binding))}", style="bold"))
        for ref in _bound(session, binding, name)[:SHOWN_PAYLOADS]:
            parts += _payload(session, ref, columns, rows)
    return Group(*parts) if parts else Text("It takes nothing.")


def checks_pane(session: DebugSession, name: str) -> RenderableType:
    """Return the attempts of a step, and what the checks said of its results."""
    records = [
        each
        for step, each in session.standing.records.items()
        if name in {step, step.partition("[")[0]}
    ]
    if not records:
        return Text(_nothing(session, name))
    tried = _grid("step", "expert", "", "time", "cost", "error")
    said = _grid("step", "check", "level", "score", "reason")
    for record in records[:SHOWN_ROWS]:
        for attempt in record.attempts:
            _row(
                tried,
                record.step,
                attempt.expert,
                "ok" if attempt.ok else "failed",
                f"{attempt.seconds:.2f} s",
                f"${attempt.usd:.4f}",
                attempt.error,
            )
        for verdict in record.verdicts:
            score = f"{verdict.score:.2f}"
            _row(said, record.step, verdict.check, verdict.level, score, verdict.reason)
    nothing = Text("No check had anything to say.")
    errors = [Text(printable(each.error), style="red") for each in records if each.error]
    return Group(*errors[:5], tried, Text(), said if said.row_count else nothing)


def why_pane(session: DebugSession, name: str) -> RenderableType:
    """Return why a step is there: the candidates with their scores."""
    if name in session.task.attachments:
        return Text(printable(str(session.why())))
    return Text(printable(str(session.why(session.plan.step(name).id))))


def cost_pane(session: DebugSession) -> RenderableType:
    """Return time and cost of every step, as bars on the run's time."""
    records = sorted(session.standing.records.values(), key=lambda each: each.started)
    if not records:
        return Text("Nothing has been called.")
    first = records[0].started
    length = max(each.started + each.seconds for each in records) - first or 1.0
    grid = _grid("step", "expert", "time", "cost", "tries", "")
    for each in records[: 4 * SHOWN_ROWS]:
        before = round(40 * (each.started - first) / length)
        bar = max(1, round(40 * each.seconds / length))
        _row(
            grid,
            each.step,
            each.expert,
            f"{each.seconds:.2f} s",
            f"${each.usd:.4f}",
            str(len(each.attempts)),
            f"{' ' * before}{'━' * bar}",
        )
    total = sum(each.usd for each in records)
    return Group(grid, Text(f"total: {session.stop.seconds:.2f} s, ${total:.4f}"))


def _nothing(session: DebugSession, name: str) -> str:
    status = session.standing.statuses.get(name, "pending")
    return f"{name} is {status}: it holds nothing yet."


def _payload(
    session: DebugSession, ref: ArtifactRef, columns: int, rows: int, boxes: Sequence[Box] = ()
) -> list[RenderableType]:
    """Return one payload as its kind is shown; one that cannot be read says so."""
    name = f" {ref.name}" if ref.name else ""
    head = Text(printable(f"<{ref.kind.value}{name}, {ref.mime}, {human_size(ref.size)}>"))
    head.stylize("dim")
    try:
        body = _body(load(ref, session.driver.store), session, ref, columns, rows, boxes)
    except (HerdError, OSError, ValueError) as error:
        body = Text(f"It cannot be shown: {printable(str(error))}", style="red")
    return [head, body]


def _body(
    artifact: Artifact,
    session: DebugSession,
    ref: ArtifactRef,
    columns: int,
    rows: int,
    boxes: Sequence[Box],
) -> RenderableType:
    if isinstance(artifact, Image):
        return blocks(artifact.pil(), columns, rows, boxes)
    if isinstance(artifact, Audio) and ref.size <= _SOUND_BYTES:
        return _wave(artifact, columns)
    if isinstance(artifact, Table):
        return _table(artifact)
    if isinstance(artifact, Data) and ref.size <= _JSON_BYTES:
        text = printable(artifact.bytes().decode("utf-8", "replace"))
        return RichJSON(text, indent=2) if text[:1] in {"{", "["} else Text(text)
    words = printable(words_of([ref], session.driver.store))
    return Text(words if len(words) <= SHOWN_CHARS else f"{words[:SHOWN_CHARS]}… (pp shows all)")


def _table(table: Table) -> RenderableType:
    grid = _grid(*table.columns)
    rows = table.rows
    for each in rows[:SHOWN_ROWS]:
        _row(grid, *("" if value is None else str(value) for value in each.values()))
    more = len(rows) - SHOWN_ROWS
    return Group(grid, Text(f"… and {more:,} rows more" if more > 0 else f"{len(rows):,} rows"))


def _wave(audio: Audio, columns: int) -> RenderableType:
    import numpy as np

    samples, rate = audio.samples()
    count = max(1, min(columns, len(samples)))
    peaks = [float(np.max(np.abs(each), initial=0.0)) for each in np.array_split(samples, count)]
    loudest = max(peaks) or 1.0
    drawn = "".join(_BARS[min(7, int(8 * each / loudest))] for each in peaks)
    return Text(
        f"{drawn}\n{len(samples) / rate:.2f} s, {rate} Hz, peak {loudest:.2f}", no_wrap=True
    )


def _boxes(session: DebugSession, refs: Sequence[ArtifactRef]) -> list[Box]:
    values: list[Any] = []
    for ref in refs:
        if ref.kind is not Kind.DATA or ref.size > _JSON_BYTES:
            continue
        artifact: Any = load(ref, session.driver.store)
        values.append(artifact.value)
    return boxes_in(values[0] if len(values) == 1 else values)


def _pictures(session: DebugSession, name: str) -> list[ArtifactRef]:
    """Return the pictures that a step looked at."""
    if name in session.task.attachments:
        return []
    bindings = session.plan.step(name).inputs.values()
    found = [ref for each in bindings for ref in _bound(session, each, name)]
    return [ref for ref in found if ref.kind is Kind.IMAGE][:4]


def _bound(session: DebugSession, binding: Binding, name: str) -> list[ArtifactRef]:
    """Return what a binding stands for now; an item's is its own where it is one of a list."""
    if isinstance(binding, FromInput):
        return refs_of(session, binding.input)
    if isinstance(binding, FromStep):
        port = f".{binding.output}" if binding.output else ""
        return refs_of(session, f"{binding.step}{port}")
    if isinstance(binding, AllOf | FirstOf):
        several = binding.all if isinstance(binding, AllOf) else binding.first
        return [ref for each in several for ref in _bound(session, each, name)]
    source = session.plan.step(name).foreach
    if source is None or not isinstance(binding, Item):
        return []
    refs = _bound(session, source, name)
    index = name.partition("[")[2].partition("]")[0]
    return refs[int(index) : int(index) + 1] if index.isdecimal() else refs


def _grid(*columns: str) -> RichTable:
    grid = RichTable(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for each in columns:
        grid.add_column(Text(printable(each)))
    return grid


def _row(grid: RichTable, *cells: str) -> None:
    grid.add_row(*(Text(printable(each)) for each in cells))


__all__ = ("checks_pane", "cost_pane", "inputs_pane", "refs_of", "result_pane", "why_pane")
