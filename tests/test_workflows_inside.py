"""Workflows inside workflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from plan_experts import (
    caption,
    herd,
    join,
    read_text,
    speak,
    transcribe,
    translate,
)
from plan_workflows import lines, minutes, show_answer

from herd_graph.artifacts import Audio, Image, Text
from herd_graph.checking import check
from herd_graph.errors import PlanInvalid
from herd_graph.expansion import expand
from herd_graph.flow import order
from herd_graph.function_experts import expert
from herd_graph.plans import Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.types import StepId
from herd_graph.workflows import Workflow, call, each, when, workflow


def test_workflows_inside_workflows_are_inlined() -> None:
    @workflow
    def spoken_(recording: Audio) -> Audio:
        return speak(minutes(recording))

    assert lines(spoken_) == [
        'minutes.transcribe: transcribe@1(recording=recording, language="en")',
        'minutes.translate: translate@1(text=minutes.transcribe, to="pt")',
        "speak: speak@1(text=minutes.translate)",
    ]
    assert set(spoken_.experts) == {"transcribe@1", "translate@1", "speak@1", "minutes@1"}


def test_a_workflow_for_each_item_goes_over_the_items_step_by_step() -> None:
    @workflow
    def week_(recordings: list[Audio]) -> Text:
        return join(minutes(each(recordings), language="pt"))

    assert lines(week_) == [
        'minutes.transcribe: transcribe@1(recording=item, language="pt") for each recordings',
        'minutes.translate: translate@1(text=item, to="pt") for each minutes.transcribe',
        "join: join@1(parts=minutes.translate)",
    ]


def test_a_workflow_on_one_side_of_when_keeps_to_that_side() -> None:
    @workflow
    def maybe_(recording: Audio, text: Text) -> Text:
        return when(text == "x", lambda: minutes(recording), lambda: text)

    assert all(step.when for step in maybe_.plan.steps)
    assert show_answer(maybe_) == "minutes.translate or text"


@workflow
def branching(text: Text, picture: Image) -> Text:
    """Decide by the item."""
    return when(text == "x", lambda: caption(picture), lambda: translate(text, "pt"))


@expert
def caption_sound(recording: Audio) -> Text:
    """Describe a sound."""
    raise NotImplementedError


@workflow
def zipping(recording: Audio) -> Text:
    """Need two results of one item."""
    return join([transcribe(recording), caption_sound(recording)])


@workflow
def echoing(text: Text) -> Text:
    """Give one of two."""
    return when(text == "x", lambda: translate(text, "pt"), lambda: text)


@workflow
def fanning(document: list[Image]) -> list[Text]:
    """Go over a list."""
    return read_text(each(document))


NOT_INLINED: list[tuple[Callable[[Any, Any, Any, Any], Any], str]] = [
    (
        lambda texts, sounds, text, picture: branching(each(texts), picture),
        "decides or gathers by the item",
    ),
    (
        lambda texts, sounds, text, picture: zipping(each(sounds)),
        "its step 'join' needs two results for the same item",
    ),
    (
        lambda texts, sounds, text, picture: when(
            text == "a", lambda: echoing(text), lambda: caption(picture)
        ),
        "under a condition, and its result 'result' does not depend on that",
    ),
]


@pytest.mark.parametrize(("body", "said"), NOT_INLINED)
def test_a_workflow_that_cannot_be_inlined_stays_one_step(
    body: Callable[..., Any], said: str
) -> None:
    """The engine runs it nested; what inlines everything, such as a compiled graph, says why not."""

    @workflow
    def outer_(texts: list[str], sounds: list[Audio], text: Text, picture: Image):
        return body(texts, sounds, text, picture)

    kept = {step.expert for step in outer_.plan.steps}
    assert kept & {"branching@1", "zipping@1", "echoing@1"}
    with pytest.raises(PlanInvalid, match=said):
        expand(outer_.plan, Snapshot(outer_.experts))


def test_a_routed_plan_may_name_a_workflow() -> None:
    everyone = Snapshot({**herd(), minutes.card.id: minutes})
    plan = Plan.parse(
        {
            "steps": [
                {"id": "s1", "expert": "minutes", "inputs": {"recording": {"input": "a1"}}},
                {
                    "id": "s2",
                    "expert": "score",
                    "inputs": {"text": {"step": "s1"}},
                    "after": ["s1"],
                },
            ],
            "inputs": {"a1": {"name": "a1", "kind": "audio"}},
        }
    )

    expanded = expand(plan, everyone)

    assert check(plan, everyone) == check(expanded, everyone) == []
    assert order(expanded) == ("s1.transcribe", "s1.translate", "s2")
    assert expanded.step("s2").after == ("s1.transcribe", "s1.translate")
    assert expanded.step("s1.transcribe").inputs["language"] == Value(value="en")
    assert expand(expanded, everyone) is expanded


def test_a_workflow_that_would_call_itself_is_refused() -> None:
    @workflow(name="ring")
    def ring_(text: Text) -> Text:
        return call("ring", text=text)

    step = Step(id=StepId("s1"), expert="ring", inputs={"text": Value(value="x")})
    with pytest.raises(PlanInvalid, match=r"is called by itself \(ring@1"):
        expand(Plan(steps=(step,)), Snapshot({"ring@1": ring_}))


def test_long_ids_stay_short_and_apart() -> None:
    inner: Workflow[..., Any] = minutes
    for depth in range(12):
        inner = _around(inner, f"a_workflow_with_a_long_name_{depth}")

    ids = [step.id for step in inner.plan.steps]
    assert len(set(ids)) == len(ids) == 14
    assert max(map(len, ids)) <= 64


def _around(inner: Workflow[..., Any], name: str) -> Workflow[..., Any]:
    def closed(recording: Audio) -> Text:
        return join([inner(recording)])

    return workflow(name=name)(closed)
