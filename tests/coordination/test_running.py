"""A check that breaks is a doubt, whichever of its methods breaks; it never fails a run."""

from __future__ import annotations

from typing import Any

import pytest

from herd_graph import Plan
from herd_graph.coordination.checks import CheckInput
from herd_graph.herd import Herd
from herd_graph.runs import Run
from herd_graph.state import Verdict
from herd_graph.store import MemoryStore
from herd_graph.testing import run_virtual, scripted


class Own:
    """A check of a user's own, which breaks in one place."""

    name, cost, level = "own", 0.001, "default"

    def __init__(self, breaks: str) -> None:
        self.breaks = breaks

    def applies(self, subject: CheckInput) -> bool:
        """Say that it always has something to look at."""
        if self.breaks == "applies":
            raise KeyError(subject.step)
        return True

    async def __call__(self, subject: CheckInput) -> Any:
        """Look."""
        if self.breaks == "call":
            raise ZeroDivisionError
        if self.breaks == "answer":
            return True
        return Verdict(check=self.name, level="pass")

    async def remember(self, subject: CheckInput) -> None:
        """Take note."""
        if self.breaks == "remember":
            raise OSError(subject.step)


def checked(breaks: str) -> Run:
    expert = scripted("title", script=["A title"])
    herd = Herd(expert, checkpoints="memory", store=MemoryStore(), checks=[Own(breaks)])  # type: ignore[list-item]
    step = {"id": "s1", "expert": "title", "inputs": {"text": {"value": "x"}}}
    ended, _ = run_virtual(herd.arun(Plan.parse({"steps": [step]})))
    return ended


@pytest.mark.parametrize("breaks", ["applies", "call", "remember"])
def test_a_broken_check_is_a_doubt_that_names_it(breaks: str) -> None:
    ended = checked(breaks)

    (doubt,) = [each for each in ended.records["s1"].verdicts if each.level != "pass"]

    assert ended.status == "done"
    assert (doubt.check, doubt.level) == ("own", "doubt")
    assert "the check itself failed" in doubt.reason


def test_a_check_may_answer_with_a_plain_yes() -> None:
    ended = checked("answer")

    assert ended.status == "done"
    assert not [each for each in ended.records["s1"].verdicts if each.level != "pass"]
