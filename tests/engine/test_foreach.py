"""foreach: order, failures of items, resumption, batches, and one over another."""

from __future__ import annotations

from typing import Any, cast

import pytest
from scheduled import herd, run, statuses, texts

from herd_graph.artifacts import Text
from herd_graph.cards import Port
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.testing import After, ScriptedExpert, echo, run_virtual, scripted
from herd_graph.types import Kind


def _count(parts: list[Text]) -> str:
    return f"{len(parts)}"


def _join(parts: list[Text]) -> str:
    return "+".join(map(str, parts))


def each(step_id: str, items: list[Any], expert: str = "work", **more: Any) -> dict[str, Any]:
    """Return a step for each item."""
    return {
        "id": step_id,
        "expert": expert,
        "inputs": {"text": {"item": True}},
        "foreach": {"value": items},
        **more,
    }


def slow_first(**card: Any) -> ScriptedExpert:
    """Return an expert that takes the longer the earlier its item comes: completion is reversed."""

    def reverse(text: Text) -> Any:
        return After(10.0 - int(str(text)) / 100, f"<{text}>")

    async def late(text: Text) -> Any:
        return await _after(reverse(text))

    return scripted("work", script=late, **card)


async def _after(outcome: After) -> Any:
    import asyncio

    await asyncio.sleep(outcome.seconds)
    return outcome.outcome


def test_results_keep_the_order_of_the_items() -> None:
    ended = run([each("s", [str(i) for i in range(30)])], slow_first())

    assert texts(ended, "s") == [f"<{i}>" for i in range(30)]
    assert ended.records["s"].items == 30
    assert ended.records["s[7]"].outputs.keys() == {"result"}


def test_an_empty_list_is_done_at_once() -> None:
    count = scripted(
        "count",
        Port(name="parts", kind=Kind.TEXT, many=True),
        Kind.TEXT,
        _count,
    )

    ended = run(
        [
            each("s", []),
            {"id": "n", "expert": "count", "inputs": {"parts": {"step": "s"}}},
        ],
        slow_first(),
        count,
    )

    assert statuses(ended) == {"s": "done", "n": "done"}
    assert ended.output("s") == []
    assert texts(ended, "n") == ["0"]
    assert ended.status == "done"


def odd_fail() -> ScriptedExpert:
    """Return an expert that fails for odd numbers."""

    def work(text: Text) -> str:
        if int(str(text)) % 2:
            raise ValueError(f"{text} is odd")
        return f"<{text}>"

    return scripted("work", script=work)


def test_a_failing_item_fails_the_step() -> None:
    work = odd_fail()

    ended = run(
        [
            each("s", ["0", "1", "2"]),
            {"id": "after", "expert": "keep", "inputs": {"text": {"value": "x"}}, "after": ["s"]},
            {"id": "apart", "expert": "keep", "inputs": {"text": {"value": "y"}}},
        ],
        work,
        echo("keep"),
    )

    assert ended.records["s"].status == "failed"
    assert "'s[1]' failed" in ended.records["s"].error
    assert "1 is odd" in ended.records["s"].error
    assert ended.records["s[0]"].status == "done"
    assert ended.records["after"].status == "cancelled"
    assert ended.records["apart"].status == "done"
    assert ended.status == "partial"


def test_a_failing_item_can_be_left_out() -> None:
    ended = run(
        [
            each("s", ["0", "1", "2", "3", "4"], on_item_error="skip"),
            {
                "id": "t",
                "expert": "join",
                "inputs": {"parts": {"step": "s"}},
            },
        ],
        odd_fail(),
        scripted(
            "join",
            Port(name="parts", kind=Kind.TEXT, many=True),
            Kind.TEXT,
            _join,
        ),
    )

    assert texts(ended, "s") == ["<0>", "<2>", "<4>"]
    assert texts(ended, "t") == ["<0>+<2>+<4>"]
    assert ended.status == "done"


def test_items_that_were_finished_are_not_repeated() -> None:
    broken = True

    def work(text: Text) -> str:
        if broken and str(text) == "3":
            raise ValueError("not yet")
        return f"<{text}>"

    expert = scripted("work", script=work)
    mine = herd(expert, max_in_flight=1)
    first, _ = run_virtual(mine.arun(Plan.parse({"steps": [each("s", list("012345"))]})))
    assert first.status == "failed"
    assert "s[5]" not in first.records  # the fourth was started when the third broke

    broken = False
    expert.calls.clear()
    second, _ = run_virtual(mine.aresume(first.id))

    assert texts(second, "s") == [f"<{i}>" for i in range(6)]
    assert [str(call.inputs["text"]) for call in expert.calls] == ["3", "5"]


def test_a_thousand_items_are_committed_in_batches() -> None:
    work = scripted("work", script=[After(0.5, "x")], repeat=True)
    mine = herd(work, max_in_flight=100)

    async def story() -> tuple[Run, int]:
        ended = await mine.arun(Plan.parse({"steps": [each("s", [str(i) for i in range(1000)])]}))
        saver = cast("Any", mine.graph).checkpointer
        return ended, len(list(saver.list({"configurable": {"thread_id": ended.thread}})))

    (ended, checkpoints), seconds = run_virtual(story())

    assert texts(ended, "s") == ["x"] * 1000
    assert seconds == pytest.approx(5.0)
    assert work.most_at_once == 100
    assert checkpoints < 100


def test_a_foreach_over_a_foreach() -> None:
    ended = run(
        [
            each("a", ["1", "2"], "keep"),
            {
                "id": "b",
                "expert": "keep",
                "inputs": {"text": {"item": True}},
                "foreach": {"step": "a"},
            },
        ],
        echo("keep"),
    )

    assert texts(ended, "b") == ["1", "2"]
