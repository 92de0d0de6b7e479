"""What is going on in a run, gathered from its events: the model that the progress views draw."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from herd_graph.plans import Plan
    from herd_graph.recording.events import Event
    from herd_graph.types import JSON

State = Literal["waiting", "running", "asking", "done", "failed", "skipped", "cancelled", "refused"]
ENDED: frozenset[str] = frozenset({"done", "failed", "skipped", "cancelled", "refused"})
_TAIL = 60
"""How much of the text that a step streams is shown."""


@dataclass(kw_only=True)
class Row:
    """One step, with the items of its ``foreach`` added up."""

    step: str
    expert: str = ""
    state: State = "waiting"
    started: float | None = None
    seconds: float | None = None
    usd: float = 0.0
    note: str = ""
    fraction: float | None = None
    items: dict[str, State] = field(default_factory=dict[str, State])

    def running_for(self, now: float) -> float | None:
        """Seconds that it took, or has taken so far; None before it started."""
        if self.seconds is not None:
            return self.seconds
        return None if self.started is None else max(0.0, now - self.started)

    @property
    def counted(self) -> str:
        """``3/10`` for a step with items; empty for any other."""
        if not self.items:
            return ""
        ended = sum(state in ENDED for state in self.items.values())
        return f"{ended}/{len(self.items)}"


@dataclass(kw_only=True)
class Board:
    """Every step of a run, in the order of the plan."""

    run: str = ""
    phase: str = "planning"
    started: float = field(default_factory=time.time)
    rows: dict[str, Row] = field(default_factory=dict[str, Row])

    def expect(self, plan: Plan) -> None:
        """List the steps of a plan before they start; those of an earlier plan go if unused."""
        there = {step.id for step in plan.steps}
        for gone in [r.step for r in self.rows.values() if r.state == "waiting"]:
            if gone not in there:
                del self.rows[gone]
        for step in plan.steps:
            row = self.row(step.id)
            query = step.capability.query if step.capability is not None else ""
            row.expert = row.expert or step.expert or query

    def row(self, step: str) -> Row:
        """Return the row of a step (or of the step that an item belongs to)."""
        bare = step.partition("[")[0]
        return self.rows.setdefault(bare, Row(step=bare))

    @property
    def usd(self) -> float:
        """What the run has cost so far."""
        return sum(row.usd for row in self.rows.values())

    @property
    def running(self) -> list[Row]:
        """The rows that are being worked on."""
        return [row for row in self.rows.values() if row.state in {"running", "asking"}]

    def take(self, event: Event) -> Row | None:
        """Note what an event says; return the row that it changed, if any."""
        self.run = event.run or self.run
        if not event.step:
            self._take_phase(event)
            return None
        row, data = self.row(event.step), event.data
        item = event.step != row.step
        if event.kind == "started":
            row.expert = _text(data, "expert") or row.expert
            row.started = event.at if row.started is None else row.started
            row.seconds, row.note = None, ""
            self._set(row, event.step, "running")
        elif event.kind == "attempt" and not data.get("ok", True):
            row.note = f"{_text(data, 'expert')}: {_text(data, 'error')}".strip(": ")
        elif event.kind == "token":
            row.note = (row.note + _text(data, "text"))[-_TAIL:]
        elif event.kind == "progress":
            fraction = data.get("fraction")
            row.fraction = float(fraction) if isinstance(fraction, int | float) else None
            row.note = _text(data, "message") or row.note
        elif event.kind == "asked":
            row.note = _text(data, "question")
            self._set(row, event.step, "asking")
        elif event.kind == "answered":
            row.note = "" if data.get("approved") else "not approved"
            self._set(row, event.step, "running" if row.started is not None else "waiting")
        elif event.kind == "finished":
            self._finish(row, event, item=item)
        elif event.kind == "checked" and data.get("level") != "pass":
            row.note = _text(data, "reason")
        return row

    def _take_phase(self, event: Event) -> None:
        if event.kind in {"planned", "replanned"}:
            self.phase = "running"
        elif event.kind == "fused":
            self.phase = "composing"
        elif event.kind == "ended":
            self.phase = _text(event.data, "status") or "ended"

    def _set(self, row: Row, step: str, state: State) -> None:
        if step != row.step:
            row.items[step] = state
        row.state = state

    def _finish(self, row: Row, event: Event, *, item: bool) -> None:
        data = event.data
        named = _text(data, "status")
        state: State = named if named in ENDED else "done"  # pyright: ignore[reportAssignmentType]
        row.expert = _text(data, "expert") or row.expert
        error = _text(data, "error")
        usd = data.get("usd")
        spent = float(usd) if isinstance(usd, int | float) else 0.0
        row.fraction = None
        if item:
            row.items[event.step] = state
            row.usd += spent
            row.note = error
            return
        took = data.get("seconds")
        row.state, row.note = state, error
        row.usd = max(row.usd, spent)  # a step with items reports their sum
        started = event.at if row.started is None else row.started
        row.seconds = float(took) if isinstance(took, int | float) else event.at - started


def _text(data: dict[str, JSON], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
