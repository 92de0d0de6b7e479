"""A step with several experts: one result of all of theirs, by what it is."""

from __future__ import annotations

import pytest

from herd_graph.artifacts import Data, Text
from herd_graph.coordination.fusion import FUSERS
from herd_graph.errors import PlanInvalid
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.store import MemoryStore
from herd_graph.types import FUSER_NAMES


def heard(name: str, words: str):
    @expert(name=name, tags=["speech recognition"])
    def listen(recording: Text) -> Text:
        """Write down what is said."""
        del recording
        return Text(words)

    return listen


def counted(name: str, number: float):
    @expert(name=name)
    def count(text: Text) -> float:
        """Count something."""
        del text
        return number

    return count


def plan(first: str, *others: str, port: str, fuse: str | None = None) -> Plan:
    step = {
        "id": "s1",
        "expert": first,
        "fallbacks": list(others),
        "select": "dense",
        "inputs": {port: {"value": "x"}},
    }
    return Plan.parse({"steps": [step | ({"fuse": fuse} if fuse else {})]})


def herd_of(*experts: object) -> Herd:
    return Herd(*experts, checkpoints="memory", store=MemoryStore())  # type: ignore[arg-type]


def test_three_recognisers_are_voted_on_word_by_word():
    herd = herd_of(
        heard("one", "meet the driver at the back door"),
        heard("two", "meet a driver at the back door"),
        heard("three", "meet the driver at the bag door"),
    )

    run = herd.run(plan("one", "two", "three", port="recording"))
    verdict = next(each for each in run.records["s1"].verdicts if each.check == "agreement")

    assert str(run.output("s1")) == "meet the driver at the back door"
    assert verdict.level == "doubt"
    assert "2 words are disputed" in verdict.reason


def test_what_nobody_said_as_a_whole_can_be_the_result():
    herd = herd_of(
        heard("one", "a b x"),
        heard("two", "a y c"),
        heard("three", "z b c"),
    )

    run = herd.run(plan("one", "two", "three", port="recording"))

    assert str(run.output("s1")) == "a b c"


def test_numbers_that_agree_are_averaged_and_the_other_is_told():
    herd = herd_of(counted("one", 19.0), counted("two", 19.02), counted("three", 90.0))

    run = herd.run(plan("one", "two", "three", port="text"))

    assert isinstance(run.output("s1"), Data)
    assert float(str(run.output("s1"))) == pytest.approx(19.01)
    assert "not 90" in run.records["s1"].verdicts[0].reason


def test_a_step_names_its_fuser():
    herd = herd_of(heard("one", "a b x"), heard("two", "a y c"), heard("three", "a y c"))

    run = herd.run(plan("one", "two", "three", port="recording", fuse="vote"))

    assert str(run.output("s1")) == "a y c"


def test_a_fuser_that_is_none_is_a_problem_of_the_plan():
    herd = herd_of(heard("one", "a"), heard("two", "b"))

    with pytest.raises(PlanInvalid, match="no fuser"):
        herd.run(plan("one", "two", port="recording", fuse="magic"))

    assert set(FUSERS) == FUSER_NAMES


def test_experts_that_agree_leave_no_doubt():
    herd = herd_of(heard("one", "a"), heard("two", "a"))

    run = herd.run(plan("one", "two", port="recording"))

    assert [each for each in run.records["s1"].verdicts if each.level != "pass"] == []
