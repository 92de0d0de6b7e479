"""A wish that means what was made before has that very thing."""

from __future__ import annotations

from typing import Any

from herd_graph.plans import Plan
from herd_graph.routing.repeated import made_once


def plan(asks: list[tuple[str, str]], **steps: dict[str, Any]) -> Plan:
    return Plan.parse(
        {
            "inputs": {"a1": {"name": "a1", "kind": "text"}},
            "steps": [{"id": each, **said} for each, said in steps.items()],
            "answers": [{"ask": ask, "source": {"step": step}} for ask, step in asks],
        }
    )


def step(expert: str, text: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {
        "expert": f"{expert}@1",
        "inputs": {"text": text, **{name: {"value": each} for name, each in values.items()}},
    }


def test_what_is_read_aloud_is_what_is_shown() -> None:
    made = made_once(
        plan(
            [("summarise it in two", "s1"), ("translate that", "s2"), ("read that aloud", "s5")],
            s1=step("summarize", {"input": "a1"}, sentences=2, request="in two"),
            s2=step("translate", {"step": "s1"}, to="pt"),
            s3=step("summarize", {"input": "a1"}, request="aloud"),
            s4=step("translate", {"step": "s3"}, to="pt"),
            s5=step("speak", {"step": "s4"}),
        )
    )

    assert made is not None
    assert [each.id for each in made.steps] == ["s1", "s2", "s5"]
    assert made.steps[-1].model_dump(mode="json")["inputs"]["text"]["step"] == "s2"


def test_another_language_is_another_thing() -> None:
    whole = plan(
        [("translate it into Portuguese", "s1"), ("read it aloud in English", "s3")],
        s1=step("translate", {"input": "a1"}, to="pt"),
        s2=step("translate", {"input": "a1"}, to="en"),
        s3=step("speak", {"step": "s2"}),
    )

    assert made_once(whole) is None


def test_a_wish_that_means_nothing_before_keeps_its_own() -> None:
    whole = plan(
        [("a summary in two sentences", "s1"), ("a spoken summary", "s3")],
        s1=step("summarize", {"input": "a1"}, sentences=2),
        s2=step("summarize", {"input": "a1"}),
        s3=step("speak", {"step": "s2"}),
    )

    assert made_once(whole) is None
