"""Workflows mean what their functions say, also in a herd."""

from __future__ import annotations

import asyncio
import doctest
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_experts import (
    caption,
    join,
    pages,
    read_text,
    score,
    translate,
)
from plan_workflows import lines

from herd_graph.artifacts import Data, Image, Text
from herd_graph.binding import SKIPPED, resolve
from herd_graph.calling import Live
from herd_graph.errors import DeclarationError, PlanInvalid
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plan_graph import to_state_graph
from herd_graph.registry import Snapshot
from herd_graph.state import StepRecord
from herd_graph.store import MemoryStore
from herd_graph.testing import FakeRouter
from herd_graph.types import ArtifactRef
from herd_graph.workflows import among, each, when, workflow

DOCS = Path(__file__).parents[1] / "docs"


# Workflows mean what the function says ------------------------------------------------------------


@expert
def double(n: int) -> int:
    """Double a number."""
    return 2 * n


@expert
def add_up(numbers: list[int]) -> int:
    """Add numbers up."""
    return sum(numbers)


@expert
def up_to(n: int) -> list[int]:
    """Count up to a number."""
    return list(range(n))


@workflow
def doubled_sum(numbers: list[int]) -> int:
    """Double each number, and add them up."""
    return add_up(double(each(numbers)))  # pyright: ignore[reportArgumentType]


@workflow
def twice(n: int) -> int:
    """Double a number twice."""
    return double(double(n))


@workflow
def collatz(n: int, big: int = 10):
    """Mix branches, lists and other workflows."""
    counted = up_to(n)
    return {
        "sum": doubled_sum(counted),
        "fourfold": add_up(twice(each(counted))),
        "grown": when(
            (n > 10) | (n == 3),
            lambda: twice(n),
            lambda: when(n < 1, lambda: big, lambda: double(n)),
        ),
    }


@given(n=st.integers(0, 14))
def test_a_workflow_computes_what_its_function_says(n: int) -> None:
    store = MemoryStore()
    graph = to_state_graph(
        collatz.plan, Snapshot(collatz.experts), store, caller=Live(store)
    ).compile()

    state = asyncio.run(graph.ainvoke({"inputs": {"n": n, "big": 10}}))
    answers = {
        name: Data[Any].from_ref(ArtifactRef.model_validate(ref), store).value
        for name, ref in state["answers"].items()
    }

    grown = 4 * n if n > 10 or n == 3 else (10 if n < 1 else 2 * n)
    assert answers == {"sum": 2 * sum(range(n)), "fourfold": 4 * sum(range(n)), "grown": grown}


# The guide ----------------------------------------------------------------------------------------


class _Stub:
    def __call__(self, *_: object) -> Any:
        raise AssertionError("nothing of the guide's experts runs when a workflow is declared")


def test_every_example_of_the_guide_runs() -> None:
    guide = (DOCS / "workflows.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", guide, flags=re.DOTALL)
    space: dict[str, Any] = {"__name__": "guide"}
    for name in ("my_speech_model", "my_language_model", "my_vision_model", "my_judge"):
        space[name] = _Stub()
    shown = 0
    for number, block in enumerate(blocks):
        if not block.startswith(">>>"):
            exec(compile(block, f"block {number}", "exec", dont_inherit=True), space)
            continue
        parsed = doctest.DocTestParser().get_doctest(block, space, "workflows.md", None, 0)
        result = doctest.DocTestRunner(verbose=False).run(parsed, clear_globs=False)
        assert result.failed == 0, block
        shown += result.attempted

    assert shown >= 6
    assert isinstance(space["versions"], Expert)


def test_placeholders_hold_still_for_tools_that_look_at_them() -> None:
    seen: list[str] = []

    @workflow
    def looked_at_(text: Text) -> Text:
        seen.append(repr(text))
        assert not hasattr(text, "__array__")
        assert {text: 1}[text] == 1
        return translate(text, "pt")

    assert seen == ["<text: not there yet>"]
    assert resolve(
        looked_at_.plan.answers[0].source, {}, {"translate": _skipped()}, MemoryStore()
    ) is (SKIPPED)


def _skipped() -> StepRecord:
    return StepRecord(run="r", step="translate", status="skipped")


def test_pages_of_a_document_are_items() -> None:
    from herd_graph.artifacts import Document

    def scan(document: Document) -> Text:
        return join(read_text(each(pages(document))))

    scan.__annotations__ = {"document": Document, "return": Text}

    assert lines(workflow(scan)) == [
        "pages: pages@1(document=document)",
        "read_text: read_text@1(picture=item) for each pages",
        "join: join@1(parts=read_text)",
    ]


# In a herd ----------------------------------------------------------------------------------------


@expert
def letters(text: str) -> int:
    """Count the letters of a text."""
    return len(text)


@expert
def shout(text: str) -> Text:
    """Say it loudly."""
    if text == "broken":
        raise ValueError("cannot shout that")
    return Text(text.upper())


@workflow
def loud(text: Text) -> Text:
    """Say long texts loudly, and leave short ones as they are."""
    return when(letters(text) > 3, lambda: shout(text), lambda: text)


@workflow
def all_loud(texts: list[str]):
    """Do it for each: a branch for each item runs as a plan of its own."""
    return {"texts": loud(each(texts)), "limit": 3}  # pyright: ignore[reportArgumentType]


def test_a_herd_answers_with_the_side_that_was_taken() -> None:
    with Herd(router=FakeRouter({})) as pack:
        assert str(pack.run(loud, text="hello").answer.parts[0].text) == "HELLO"
        assert str(pack.run(loud, text="hi").answer.parts[0].text) == "hi"


def test_a_herd_runs_branches_for_each_item() -> None:
    with Herd(router=FakeRouter({})) as pack:
        run = pack.run(all_loud, texts=["hello", "hi", "again"])

    assert [part.text for part in run.answer.parts] == ["HELLO\nhi\nAGAIN", "3"]
    assert run.status == "done"


@workflow
def measured(text: Text) -> int:
    """Count the letters of what is said loudly."""
    return letters(when(letters(text) > 3, lambda: shout(text), lambda: text))


def test_the_other_side_never_covers_up_for_a_failure_further_on() -> None:
    with Herd(router=FakeRouter({})) as pack:
        assert pack.run(measured, text="hi").answer.parts[0].text == "2"
        run = pack.run(measured, text="broken")

    assert {step: record.status for step, record in run.records.items()} == {
        "letters": "done",
        "shout": "failed",
        "letters_2": "cancelled",
    }


def test_the_other_side_never_covers_up_for_a_failure() -> None:
    with Herd(router=FakeRouter({})) as pack:
        run = pack.run(loud, text="broken")

    (part,) = run.answer.parts
    assert (run.status, part.status, part.artifacts) == ("failed", "failed", ())
    assert "cannot shout that" in part.error


def test_among_names_the_other_candidates_of_a_step() -> None:
    @workflow
    def several(picture: Image) -> Text:
        return among(caption, read_text, "describe", select="top_k(2)", fuse="nearest")(picture)

    (step,) = several.plan.steps

    assert str(several.plan) == (
        "caption: caption@1(picture=picture) top_k(2) with read_text@1, describe, fused by nearest"
    )
    assert (step.select, step.k, step.fallbacks) == ("top_k", 2, ("read_text@1", "describe"))
    assert set(several.experts) == {"caption@1", "read_text@1"}


def test_among_with_a_foreach_and_under_a_condition() -> None:
    @workflow
    def each_of(pictures: list[Image], picture: Image):
        many = among(caption, read_text)(each(pictures))
        sure = score(read_text(picture)) > 0.5
        words = when(sure, lambda: among(caption, read_text)(picture))
        return {"many": many, "words": words}

    assert [(step.id, step.fallbacks) for step in each_of.plan.steps if step.fallbacks] == [
        ("caption", ("read_text@1",)),
        ("caption_2", ("read_text@1",)),
    ]


@pytest.mark.parametrize(
    ("first", "others", "select", "said"),
    [
        (caption, [read_text], "best", "selects nothing"),
        (caption, [3], "dense", "names no expert"),
        ("caption", [read_text], "dense", "is no call of an expert"),
        (caption, [], "dense", "selects several candidates and has one"),
        (caption, [read_text], "until", "names none"),
    ],
)
def test_what_among_cannot_mean(first: Any, others: list[Any], select: str, said: str) -> None:
    def wrong(picture: Image) -> Text:
        return among(first, *others, select=select)(picture)

    with pytest.raises((DeclarationError, PlanInvalid), match=said):
        workflow(wrong)
