"""What people said of runs: kept with the run, and taught to the bandit that routed it."""

from __future__ import annotations

import time
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.errors import ConfigError
from herd_graph.recording.store import RunRow, RunStore
from herd_graph.routing.base import RouteTrace
from herd_graph.types import JSON

WORDS = {"good": 1.0, "bad": 0.0, "+1": 1.0, "-1": 0.0, "yes": 1.0, "no": 0.0}


class Feedback(BaseModel):
    """One score of a run, or of one of its steps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    score: float = Field(ge=0, le=1)
    step: str = ""
    """Empty for the run as a whole."""
    comment: str = ""
    at: float = Field(default_factory=time.time)
    """Seconds since the epoch."""


def parse_score(text: str) -> float:
    """Read a score: a number from 0 to 1, a percentage, or good or bad. Raises ``ConfigError``."""
    plain = text.strip().lower()
    if plain in WORDS:
        return WORDS[plain]
    try:
        value = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ConfigError(
            f"{text!r} is no score. Expected a number from 0 to 1, a percentage, or one of: "
            f"{', '.join(WORDS)}. Say: herd feedback RUN good."
        )
    return value


def give(runs: RunStore, run: str, feedback: Feedback) -> RunRow:
    """Keep feedback with a run; what was said before stays. Raises ``RunNotFound``."""
    with runs.database.transaction():
        row = runs.get(run)
        said = [*_raw(row), feedback.model_dump(mode="json")]
        runs.update(row.id, details={"feedback": cast("JSON", said)})
    return row


def of(row: RunRow) -> tuple[Feedback, ...]:
    """Return what was said of a run, in order."""
    return tuple(Feedback.model_validate(each) for each in _raw(row))


def score_of(row: RunRow, step: str = "") -> float | None:
    """Return the last score of a run, or of one of its steps; None where nobody said anything."""
    said = [each.score for each in of(row) if each.step == step]
    return said[-1] if said else None


def teach(trace: RouteTrace, feedback: Feedback) -> list[str]:
    """Teach the bandit that drew the experts of a run; return what it learnt, in words.

    Feedback on the whole run is taken for each step that was drawn: with one step, it is exact.
    """
    from herd_graph.routing import bandit

    if "bandit" not in trace.router:
        return []
    path = bandit.default_state()
    known = bandit.restore(path) if path.exists() else bandit.Bandit(dimensions=2)
    told: list[str] = []
    for clause in trace.clauses:
        if feedback.step and clause.step != feedback.step:
            continue
        for each in clause.candidates:
            if each.chosen and "prior" in each.evidence:
                moved = bandit.learn(
                    known, path, each.expert, each.evidence["prior"], feedback.score
                )
                changed = "; it has changed: old feedback now counts little" if moved else ""
                told.append(f"{each.expert} got {feedback.score:g} for {clause.step}{changed}")
    return told


def _raw(row: RunRow) -> list[Any]:
    held = row.details.get("feedback")
    return list(held) if isinstance(held, list) else []


__all__ = ("Feedback", "give", "of", "parse_score", "score_of", "teach")
