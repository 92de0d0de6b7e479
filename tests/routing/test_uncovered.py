"""No words of a request go by unheard."""

from __future__ import annotations

import pytest
from neural_router import HELD, plan
from routing_gold import STORE, attachments, render

from herd_graph.discovery import CapabilityIndex
from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step
from herd_graph.routing.base import Route, RouteTrace, Situation
from herd_graph.routing.uncovered import with_the_rest
from herd_graph.tasks import Task
from herd_graph.types import StepId


def test_a_piece_that_no_answer_is_about_is_planned_alone() -> None:
    found = plan(
        "Average age per instrument (chart), the total fee, and everybody from Ravenshaw",
        "table:pupils.csv",
    )

    assert "query_table(a1, 'everybody from Ravenshaw')" in render(found)
    assert [each.ask for each in found.answers][-1] == "everybody from Ravenshaw"


def _routed(text: str, expert: str, ask: str) -> Route:
    task = Task(text=text, attachments=attachments("text:letter.txt"))
    step = Step(id=StepId("s1"), expert=expert, inputs={"text": FromInput(input="a1")}, ask=ask)
    answers = (Ask(ask=ask, source=FromStep(step=step.id)),)
    plan_ = Plan(steps=(step,), inputs=task.inputs, answers=answers, author="test")
    trace = RouteTrace(router="test", request=text, confidence=0.9)
    return Route(plan=plan_, trace=trace)


def _with_the_rest(text: str, ask: str, other: Route) -> Plan:
    task = Task(text=text, attachments=attachments("text:letter.txt"))
    there = Situation(experts=HELD, index=CapabilityIndex(), store=STORE)
    route = _routed(text, "sentiment@1", ask)
    return with_the_rest(route, task, there, lambda task, there: other).plan


def test_what_nobody_does_of_it_is_named() -> None:
    nothing = Route(plan=Plan(reason="nobody"), trace=RouteTrace(router="test", request=""))

    made = _with_the_rest(
        "Is the letter angry? Post the stamps to everybody", "Is it angry?", nothing
    )
    assert made.unmet == ("Post the stamps to everybody: no expert here does this",)


@pytest.mark.parametrize(
    "text",
    [
        "Is the letter angry? Thanks for all the help!",
        "Is the letter angry, because my boss wants to know",
        "Is the letter angry and is it angry",
        "Is the letter angry, sorted by date",
    ],
)
def test_what_tells_more_of_a_wish_is_none(text: str) -> None:
    other = _routed(text, "write_title@1", "a title")

    made = _with_the_rest(text, "Is the letter angry", other)
    assert render(made) == "sentiment(a1)"
    assert not made.unmet


def test_what_is_hardly_known_alone_is_left() -> None:
    text = "Is the letter angry? Some green tulips"
    doubted = _routed(text, "write_title@1", "Some green tulips")
    trace = doubted.trace.model_copy(update={"confidence": 0.2})

    made = _with_the_rest(text, "Is the letter angry?", doubted.model_copy(update={"trace": trace}))
    assert render(made) == "sentiment(a1)"
    surely = _with_the_rest(text, "Is the letter angry?", doubted)
    assert render(surely) == "sentiment(a1) ; write_title(a1)"


def test_a_question_of_few_words_is_put_to_the_one_text() -> None:
    found = plan(
        "who is it from, what is wrong, and translate it to portuguese pls", "text:mail.txt"
    )

    assert "chat('what is wrong?', a1)" in render(found)
    assert len(found.answers) == 3


@pytest.mark.parametrize("tail", ["The txt isn't to be used.", "The first is just the recital."])
def test_what_is_only_told_is_no_wish(tail: str) -> None:
    other = _routed(f"Is the letter angry? {tail}", "write_title@1", tail)

    made = _with_the_rest(f"Is the letter angry? {tail}", "Is the letter angry?", other)
    assert render(made) == "sentiment(a1)"


def test_an_answer_of_several_pieces_leaves_none_to_its_words_alone() -> None:
    found = plan("write down the commentary, headline for it, 1 still", "video:match.mp4")

    assert render(found) == (
        "sample_frames(a1, 1, '1 still') ; transcribe_video(a1) ; write_title(transcribe_video(a1))"
    )
    assert [each.ask for each in found.answers] == [
        "write down the commentary",
        "headline for it",
        "1 still",
    ]
