"""foreach, branches, fallbacks, retries, late binding, and text that only looks like a reference."""

from __future__ import annotations

from typing import Any, cast

import pytest
from dags import NOTHING
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_graph.artifacts import Data, Text
from herd_graph.cards import Port
from herd_graph.experts import Expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.steps import Patience
from herd_graph.testing import After, FakeRouter, ScriptedExpert, echo, run_virtual, scripted
from herd_graph.types import Kind


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


def _count(parts: list[Text]) -> str:
    return f"{len(parts)}"


def _join(parts: list[Text]) -> str:
    return "+".join(map(str, parts))


def _upper(text: Text) -> str:
    return str(text).upper()


def _length(text: Text) -> int:
    return len(str(text))


LOOK_LIKE_REFERENCES = (
    "$1",
    "${s1}",
    "{s1}",
    "<node-1>",
    '{"step": "s1"}',
    "{{ s1.result }}",
    "%(s1)s",
    "s1",
    "a1",
    "@s1",
    "\\1",
    "[s1](s2)",
)


@pytest.mark.parametrize("text", LOOK_LIKE_REFERENCES)
def test_text_is_never_read_as_a_reference(text: str) -> None:
    give = scripted("give", script=[text])
    keep = echo("keep")

    ended = run(
        [
            {"id": "s1", "expert": "give", "inputs": {"text": {"value": "{s0} $0"}}},
            {"id": "s2", "expert": "keep", "inputs": {"text": {"step": "s1"}}},
            {"id": "s3", "expert": "keep", "inputs": {"text": {"value": text}}},
        ],
        give,
        keep,
    )

    assert str(give.calls[0].inputs["text"]) == "{s0} $0"
    assert {str(call.inputs["text"]) for call in keep.calls} == {text}
    assert texts(ended, "s2") == texts(ended, "s3") == [text]


@settings(max_examples=30)
@given(text=st.text(max_size=60).filter(str.strip))
def test_any_text_comes_through_as_it_was(text: str) -> None:
    keep = echo("keep")

    ended = run(
        [
            {"id": "a", "expert": "keep", "inputs": {"text": {"value": text}}},
            {"id": "b", "expert": "keep", "inputs": {"text": {"step": "a"}}},
        ],
        keep,
    )

    assert texts(ended, "b") == [text]


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


def branch(step_id: str, right: str, *, negate: bool = False) -> dict[str, Any]:
    """Return a step that runs when ``a`` says so."""
    return {
        "id": step_id,
        "expert": "keep",
        "inputs": {"text": {"value": step_id}},
        "when": [{"left": {"step": "a"}, "op": "==", "right": right, "negate": negate}],
    }


@pytest.mark.parametrize(("said", "taken", "left_out"), [("yes", "b", "c"), ("no", "c", "b")])
def test_of_two_branches_one_is_taken(said: str, taken: str, left_out: str) -> None:
    ended = run(
        [
            {"id": "a", "expert": "keep", "inputs": {"text": {"value": said}}},
            branch("b", "yes"),
            branch("c", "yes", negate=True),
            {
                "id": "d",
                "expert": "keep",
                "inputs": {"text": {"first": [{"step": "b"}, {"step": "c"}]}},
            },
            {"id": "e", "expert": "keep", "inputs": {"text": {"step": left_out}}},
        ],
        echo("keep"),
        answers=[{"ask": "which", "source": {"step": "d"}}],
    )

    assert texts(ended, "d") == [taken]
    assert statuses(ended)[left_out] == "skipped"
    assert statuses(ended)["e"] == "skipped"
    assert ended.status == "done"


def test_first_of_goes_round_a_branch_that_failed() -> None:
    broken = scripted("broken", script=[ValueError("no")], repeat=True)

    ended = run(
        [
            {"id": "a", "expert": "broken", "inputs": {"text": {"value": "x"}}},
            {"id": "b", "expert": "keep", "inputs": {"text": {"value": "spare"}}},
            {
                "id": "c",
                "expert": "keep",
                "inputs": {"text": {"first": [{"step": "a"}, {"step": "b"}]}},
            },
        ],
        broken,
        echo("keep"),
        answers=[{"ask": "it", "source": {"step": "c"}}],
    )

    assert texts(ended, "c") == ["spare"]
    assert ended.status == "done"


def test_a_condition_on_what_failed_is_cancelled_not_skipped() -> None:
    broken = scripted("broken", script=[ValueError("no")], repeat=True)
    condition = {
        "left": {"step": "b"},
        "op": "==",
        "right": "x",
        "also": [{"left": {"step": "a"}, "op": "==", "right": "x"}],
    }

    ended = run(
        [
            {"id": "a", "expert": "broken", "inputs": {"text": {"value": "x"}}},
            {"id": "b", "expert": "keep", "inputs": {"text": {"value": "x"}}},
            {
                "id": "c",
                "expert": "keep",
                "inputs": {"text": {"value": "y"}},
                "when": [condition],
            },
        ],
        broken,
        echo("keep"),
    )

    assert statuses(ended) == {"a": "failed", "b": "done", "c": "cancelled"}


def test_a_condition_that_cannot_be_told_fails_its_step_alone() -> None:
    ended = run(
        [
            {"id": "a", "expert": "keep", "inputs": {"text": {"value": "many words"}}},
            {
                "id": "b",
                "expert": "keep",
                "inputs": {"text": {"value": "y"}},
                "when": [{"left": {"step": "a"}, "op": "<", "right": 3}],
            },
        ],
        echo("keep"),
    )

    assert statuses(ended) == {"a": "done", "b": "failed"}
    assert "cannot be told" in ended.records["b"].error


def test_retries_wait_and_fallbacks_follow() -> None:
    flaky = scripted("flaky", script=[RuntimeError("first"), RuntimeError("second")])
    spare = scripted("spare", script=[RuntimeError("third"), "at last"])

    ended, seconds = run_virtual(
        herd(flaky, spare).arun(
            Plan.parse(
                {
                    "steps": [
                        {
                            "id": "s",
                            "expert": "flaky",
                            "inputs": {"text": {"value": "x"}},
                            "fallbacks": ["spare"],
                        }
                    ]
                }
            )
        )
    )

    record = ended.records["s"]
    assert texts(ended, "s") == ["at last"]
    assert record.expert == "spare@1"
    assert [(each.expert, each.ok) for each in record.attempts] == [
        ("flaky@1", False),
        ("flaky@1", False),
        ("spare@1", False),
        ("spare@1", True),
    ]
    assert seconds == pytest.approx(0.5)
    assert "try 4: spare@1 worked" in str(ended.why("s"))


def test_when_all_candidates_fail_each_is_named() -> None:
    one = scripted("one", script=[ValueError("bad egg")], repeat=True)
    two = scripted("two", script=[ValueError("bad apple")], repeat=True)

    ended = run(
        [
            {
                "id": "s",
                "expert": "one",
                "inputs": {"text": {"value": "x"}},
                "fallbacks": ["two"],
            }
        ],
        one,
        two,
    )

    assert ended.status == "failed"
    assert "All 2 candidates failed" in ended.records["s"].error
    assert "bad egg" in ended.records["s"].error
    assert "bad apple" in ended.records["s"].error


def test_of_several_results_the_most_agreed_one_is_taken() -> None:
    experts = [
        scripted(name, script=[After(number, said)])
        for number, (name, said) in enumerate((("one", "5"), ("two", "4"), ("three", "4")))
    ]

    ended = run(
        [
            {
                "id": "s",
                "expert": "one",
                "inputs": {"text": {"value": "x"}},
                "fallbacks": ["two", "three"],
                "select": "dense",
            }
        ],
        *experts,
    )

    assert texts(ended, "s") == ["4"]
    (verdict,) = ended.records["s"].verdicts
    assert verdict.level == "doubt"
    assert "one@1" in verdict.reason


def test_a_step_that_is_bound_late() -> None:
    shout = scripted(
        "shout",
        script=_upper,
        description="Write a text in capital letters.",
        examples=("shout this",),
    )
    count = scripted(
        "count",
        Kind.TEXT,
        Kind.DATA,
        _length,
        description="Count the letters of a text.",
    )
    look = scripted("look", Kind.IMAGE, Kind.TEXT, description="Write what is in a picture.")
    mine = herd(shout, count, look)
    plan = Plan.parse(
        {
            "steps": [
                {
                    "id": "a",
                    "capability": {"query": "capital letters", "gives": "text"},
                    "inputs": {"text": {"value": "quiet"}},
                },
                {
                    "id": "b",
                    "capability": {"query": "how many letters", "gives": "data"},
                    "inputs": {"text": {"step": "a"}},
                },
            ]
        }
    )

    ended, _ = run_virtual(mine.arun(plan))

    assert texts(ended, "a") == ["QUIET"]
    assert ended.records["a"].expert == "shout@1"
    assert ended.output("b") == Data(5)
    assert ended.status == "done"
