"""Plans run in virtual time, and what their steps gave."""

from __future__ import annotations

from typing import Any

from dags import NOTHING

from herd_graph.experts import Expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.steps import Patience
from herd_graph.testing import FakeRouter, run_virtual


def herd(*experts: Expert, **settings: Any) -> Herd:
    """Return a herd in memory."""
    settings.setdefault("patience", Patience(attempts=2, wait_s=0.25))
    return Herd(*experts, checkpoints="memory", router=FakeRouter(NOTHING), **settings)


def run(steps: list[dict[str, Any]], *experts: Expert, **more: Any) -> Run:
    """Run a plan in virtual time."""
    ended, _ = run_virtual(herd(*experts).arun(Plan.parse({"steps": steps, **more})))
    return ended


def texts(ended: Run, step: str) -> list[str]:
    """Return what a step gave, as a list of texts."""
    given = ended.output(step)
    return [str(each) for each in (given if isinstance(given, list) else [given])]


def statuses(ended: Run) -> dict[str, str]:
    """Return how the steps ended."""
    return {step: record.status for step, record in ended.records.items()}
