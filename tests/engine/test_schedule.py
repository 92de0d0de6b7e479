"""Branches, fallbacks, retries, late binding, and text that only looks like a reference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduled import herd, run, statuses, texts

from herd_graph.artifacts import Data, Text
from herd_graph.plans import Plan
from herd_graph.testing import After, echo, run_virtual, scripted
from herd_graph.types import Kind


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
