"""Whether two files agree: what each of them says is shown, and that nobody compares them is said."""

from __future__ import annotations

import pytest
from routing_gold import attachments

from herd_graph._bundled.tools import first_party
from herd_graph.checking import check
from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, RouteTrace
from herd_graph.routing.comparing import compared
from herd_graph.tasks import Task
from herd_graph.types import StepId

HELD = Snapshot({each.card.id: each for each in first_party()})
BOTH = "audio:voice.wav image:poster.png"


def routed(text: str, files: str = BOTH) -> Plan:
    """Return what becomes of a plan that hears the recording for the whole request."""
    task = Task(text=text, attachments=attachments(files))
    heard = Step(
        id=StepId("s1"),
        expert="transcribe@1",
        inputs={"recording": FromInput(input="a1")},
        ask=text,
    )
    answers = (Ask(ask=text, source=FromStep(step=heard.id)),)
    plan = Plan(steps=(heard,), inputs=task.inputs, answers=answers, author="test")
    route = Route(plan=plan, trace=RouteTrace(router="test", request=text))
    return compared(route, task, HELD).plan


def experts(plan: Plan) -> list[str]:
    return [str(each.expert).partition("@")[0] for each in plan.steps]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "What does the voice note say about the fee, and does it agree with the poster?",
            "which amounts of money are in it?",
        ),
        ("Do they agree about the time?", "which dates and times are in it?"),
        (
            "Is the price on the poster the same as in the message?",
            "which amounts of money are in it?",
        ),
        (
            "check whether the date in the message matches the poster",
            "which dates and times are in it?",
        ),
    ],
)
def test_both_files_are_asked_the_same(text: str, asked: str) -> None:
    made = routed(text)

    assert check(made, HELD) == []
    known = {each.id: each for each in made.steps}
    assert sorted(experts(made)) == ["find_entities"] * 2 + ["read_text", "transcribe"]
    lists = [known[a.source.step] for a in made.answers if isinstance(a.source, FromStep)]
    assert [each.inputs["request"] for each in lists] == [Value(value=asked)] * 2
    texts = [str(known[next(iter(each.needs))].expert) for each in lists]
    assert texts == ["transcribe@1", "read_text@1"]
    assert len(made.answers) == 2
    assert "compares two texts" in made.unmet[0]


def test_another_matter_is_asked_of_who_answers_questions() -> None:
    made = routed("do they agree about the parking?")

    asked = [each.inputs["message"] for each in made.steps if each.expert == "chat@1"]
    assert asked == [Value(value="What does it say about the parking?")] * 2


def test_without_a_matter_both_are_shown_as_they_are() -> None:
    assert experts(routed("do the two agree?")) == ["transcribe", "read_text"]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("transcribe the note and read the poster", BOTH),
        ("do they agree about the time?", "audio:voice.wav"),
        ("do they agree about the time?", "audio:voice.wav table:a.csv"),
        ("who agreed to the time?", BOTH),
    ],
)
def test_what_compares_no_two_texts_is_left_alone(text: str, files: str) -> None:
    assert experts(routed(text, files)) == ["transcribe"]
