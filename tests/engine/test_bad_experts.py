"""Bad experts and bad plans: a clear error, no hang, and nothing that was finished is lost."""

from __future__ import annotations

import asyncio
import importlib
import sys
import textwrap
from pathlib import Path
from typing import Any, cast

import pytest
from dags import NOTHING

from herd_graph.artifacts import Data, Text
from herd_graph.contexts import ExpertContext
from herd_graph.errors import HerdError, PlanInvalid, PlanMalformed
from herd_graph.experts import Expert, Inputs
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.steps import Patience
from herd_graph.testing import After, FakeRouter, echo, run_virtual, scripted
from herd_graph.types import Kind

PLAN = Plan.parse(
    {
        "steps": [
            {"id": "good", "expert": "keep", "inputs": {"text": {"value": "fine"}}},
            {"id": "bad", "expert": "bad", "inputs": {"text": {"step": "good"}}},
            {"id": "after", "expert": "keep", "inputs": {"text": {"step": "bad"}}},
            {"id": "apart", "expert": "keep", "inputs": {"text": {"value": "apart"}}},
        ],
        "answers": [
            {"ask": "the bad", "source": {"step": "after"}},
            {"ask": "the good", "source": {"step": "apart"}},
        ],
    }
)


def herd_with(bad: Expert, **settings: Any) -> Herd:
    """Return a herd of it and of one that works."""
    settings.setdefault("patience", Patience(attempts=1, timeout_s=30.0))
    return Herd(bad, echo("keep"), checkpoints="memory", router=FakeRouter(NOTHING), **settings)


def check(run: Run) -> str:
    """Check that the bad step is the only one that was lost; return its error."""
    assert {step: record.status for step, record in run.records.items()} == {
        "good": "done",
        "bad": "failed",
        "after": "cancelled",
        "apart": "done",
    }
    assert run.status == "partial"
    assert run.answer.text == "apart"
    assert len(run.answer.missing) == 1
    assert run.answer.missing[0].startswith("the bad: ")
    return run.records["bad"].error


class Strange(Exception):
    """An error whose text cannot be shown."""

    def __str__(self) -> str:
        raise RuntimeError("not even this")


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (ValueError("no such luck"), "raised ValueError: no such luck"),
        (SystemExit(3), "raised SystemExit: 3"),
        (asyncio.CancelledError(), "CancelledError"),
        (GeneratorExit(), "GeneratorExit"),
        (StopAsyncIteration(), "StopAsyncIteration"),
        (TimeoutError("too slow"), "raised TimeoutError: too slow"),
        (MemoryError(), "raised MemoryError"),
        (RecursionError("deep"), "raised RecursionError: deep"),
        (ExceptionGroup("two", [ValueError("1"), KeyError("2")]), "raised ExceptionGroup"),
        (Strange(), "raised Strange"),
        (Data(3), "is data. Expected Text"),
        (Text(""), "empty"),
        (After(31.0, "too late"), "gave no result within 30 s"),
        (After(float("inf")), "gave no result within 30 s"),
    ],
    ids=repr,
)
def test_whatever_an_expert_does_the_rest_goes_on(outcome: Any, told: str) -> None:
    run, seconds = run_virtual(herd_with(scripted("bad", script=[outcome])).arun(PLAN))

    assert told in check(run)
    assert "'bad@1'" in run.records["bad"].error
    assert seconds <= 31


class Raw(Expert):
    """An expert that breaks the contract of ``invoke`` itself."""

    def __init__(self, outputs: Any) -> None:
        super().__init__(scripted("bad").card)
        self.outputs = outputs

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Any:
        return self.outputs


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        (None, "gave NoneType. Expected a dict"),
        ("text", "gave str. Expected a dict"),
        ({}, "gave no output 'result'"),
        ({"result": "text"}, "is str. Expected Text"),
        ({"result": [Text("a")]}, "is a list of 1. Expected Text"),
        ({"result": Text("a"), "more": Text("b")}, "gave an output 'more'"),
        ({"resutl": Text("a")}, "Did you mean 'result'?"),
    ],
    ids=repr,
)
def test_an_expert_that_returns_the_wrong_thing(outputs: Any, told: str) -> None:
    run, _ = run_virtual(herd_with(Raw(outputs)).arun(PLAN))

    assert told in check(run)


@pytest.mark.parametrize("how", ["raise", "exit", "interrupt", "wrong", "stop"])
def test_a_sync_expert_that_misbehaves(how: str) -> None:
    @expert
    def bad(text: str) -> int:
        """Misbehave."""
        if how == "raise":
            raise OSError("gone")
        if how == "exit":
            sys.exit(4)
        if how == "interrupt":
            raise KeyboardInterrupt
        if how == "stop":
            raise StopIteration
        return text  # pyright: ignore[reportReturnType]

    plan = Plan.parse(
        {
            "steps": [
                {"id": "bad", "expert": "bad", "inputs": {"text": {"value": "x"}}},
                {"id": "apart", "expert": "keep", "inputs": {"text": {"value": "apart"}}},
            ]
        }
    )
    run = herd_with(bad).run(plan)

    assert run.status == "partial"
    assert run.records["bad"].status == "failed"
    assert "'bad@1'" in run.records["bad"].error
    assert str(run.output("apart")) == "apart"


def test_an_expert_that_swallows_its_cancellation_is_left_behind() -> None:
    release = asyncio.Event()

    async def stubborn(text: Text) -> str:
        while not release.is_set():
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                continue
        return "at last"

    async def story() -> Run:
        run = await herd_with(scripted("bad", script=stubborn)).arun(PLAN)
        release.set()
        return run

    run, seconds = run_virtual(story(), allow_leaks=True)

    assert "swallows its cancellation" in check(run)
    assert seconds < 40


def test_every_problem_is_listed_and_nothing_is_run() -> None:
    keep = echo("keep")
    herd = Herd(keep, checkpoints="memory", router=FakeRouter(NOTHING))
    plan = Plan.parse(
        {
            "steps": [
                {"id": "a", "expert": "keeep", "inputs": {"text": {"value": "x"}}},
                {"id": "b", "expert": "keep", "inputs": {}},
                {"id": "c", "expert": "keep", "inputs": {"text": {"step": "nowhere"}}},
                {"id": "d", "expert": "keep", "inputs": {"text": {"step": "e"}}},
                {"id": "e", "expert": "keep", "inputs": {"text": {"step": "d"}}},
                {"id": "f", "expert": "keep", "inputs": {"text": {"input": "a9"}}},
                {"id": "g", "expert": "keep", "inputs": {"text": {"value": "fine"}}},
            ]
        }
    )

    with pytest.raises(PlanInvalid) as caught:
        run_virtual(herd.arun(plan))

    said = str(caught.value)
    for each in ("'keeep'", "'b'", "'nowhere'", "'d' → 'e'", "'a9'"):
        assert each in said
    assert len(caught.value.problems) >= 5
    assert "nothing was run" in said
    assert keep.calls == []
    row = herd.runs.get("last")
    assert row.status == "failed"
    assert "'keeep'" in str(row.details["error"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"steps"',
        '{"steps": 3}',
        '{"steps": [{"expert": "keep"}]}',
        '{"steps": [{"id": "a b", "expert": "keep"}]}',
        '{"steps": [{"id": "0123456789abcdef0123456789abcdef", "expert": "keep"}]}',
        '{"steps": [{"id": "a", "expert": "keep", "inputs": {"text": "x"}}]}',
        '{"steps": [{"id": "a", "expert": "keep", "inputs": {"text": {"stp": "b"}}}]}',
        '{"steps": [{"id": "a", "expert": "keep", "colour": "red"}]}',
        '{"plan": null}',
        '{"plan": []}',
    ],
)
def test_malformed_plans_say_what_was_expected(text: str) -> None:
    with pytest.raises(PlanMalformed, match=r"Expected|expected"):
        Plan.parse(text)


def test_a_router_that_raises_is_an_error_not_a_hang() -> None:
    def broken(_: object) -> Plan:
        raise HerdError("The router is not at home. Expected a plan. Try again.")

    herd = Herd(echo("keep"), checkpoints="memory", router=FakeRouter(broken))

    with pytest.raises(HerdError, match="not at home"):
        run_virtual(herd.arun("do something"))

    assert herd.runs.get("last").status == "failed"


def test_a_router_whose_plan_is_bad_abstains() -> None:
    bad = Plan.parse({"steps": [{"id": "a", "expert": "nobody", "inputs": {}}]})
    herd = Herd(echo("keep"), checkpoints="memory", router=FakeRouter(bad))

    run, _ = run_virtual(herd.arun("do something"))

    assert run.status == "abstained"
    assert "'nobody'" in run.answer.reason


GREEDY = """
    import os, time
    from herd_graph import expert

    @expert(isolate="process", memory_limit="300 MiB", timeout_s=3)
    def greedy(text: str) -> str:
        '''Misbehave in a process of its own.'''
        if text == "flood":
            held = [bytes(1 << 24) for _ in range(200)]
        if text == "hang":
            time.sleep(3600)
        if text == "die":
            os._exit(7)
        return text + "!"
"""


def test_isolated_experts_that_flood_hang_and_die(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "greedy_expert.py").write_text(textwrap.dedent(GREEDY))
    cast("Any", monkeypatch).syspath_prepend(tmp_path)
    greedy: Expert = importlib.import_module("greedy_expert").greedy
    words = ("flood", "hang", "die", "work")
    plan = Plan.parse(
        {
            "steps": [
                {"id": word, "expert": "greedy", "inputs": {"text": {"value": word}}}
                for word in words
            ]
        }
    )
    patience = Patience(attempts=1)
    with Herd(greedy, home=tmp_path, router=FakeRouter(NOTHING), patience=patience) as herd:
        run = herd.run(plan)

    assert {step: record.status for step, record in run.records.items()} == {
        "flood": "failed",
        "hang": "failed",
        "die": "failed",
        "work": "done",
    }
    assert run.status == "partial"
    assert "went over its memory limit" in run.records["flood"].error
    assert "within 3 s. Its process was killed" in run.records["hang"].error
    assert str(run.output("work")) == "work!"


def test_the_kinds_of_a_bad_answer_are_named() -> None:
    run, _ = run_virtual(
        herd_with(scripted("bad", Kind.TEXT, Kind.TEXT, script=[Data({"a": 1})])).arun(PLAN)
    )

    assert "Expected Text" in check(run)
