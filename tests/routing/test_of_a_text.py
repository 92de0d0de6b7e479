"""A plain question beside one text goes to who answers from texts, where nobody else took it."""

from __future__ import annotations

import pytest
from routing_gold import attachments

from herd_graph.checking import check
from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, RouteTrace
from herd_graph.routing.of_a_text import about_the_text, is_plain_question
from herd_graph.tasks import Task
from herd_graph.types import StepId


@pytest.mark.parametrize(
    "text",
    [
        "what was stolen?",
        "What is broken and who looked at it?",
        "Can the contract be cancelled?",
        "Why can't they use strawberries?",
        "Is a deposit needed?",
        "Quanto custa o bilhete?",
        "read the letter and make me a to-do list",
        "make a shopping list from the recipe",
        "write a short reply that I can help on Sunday",
        "write the check-out time from the notice",
        "list his complaints",
    ],
)
def test_what_a_text_may_say_is_a_plain_question(text: str) -> None:
    assert is_plain_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "Can you print the letter?",
        "What does it mean in English? Translate it.",
        "Could you write a reply?",
        "What is the weather today?",
        "Who wrote it, and translate it",
        "Print my poster.",
        "What language is it in?",
    ],
)
def test_what_is_to_be_made_or_done_is_none(text: str) -> None:
    assert not is_plain_question(text)


def route(plan: Plan) -> Route:
    return Route(plan=plan, trace=RouteTrace(router="test", request=""))


NOBODY = Plan(steps=(), reason="no expert here does this", unmet=("what was stolen?",))


@pytest.mark.parametrize(
    ("files", "called"),
    [
        ("text:a.txt", ["chat"]),
        ("image:a.png", ["read_text", "chat"]),
        ("audio:a.wav", ["transcribe", "chat"]),
    ],
)
def test_a_question_that_nobody_took_is_put_to_the_text(
    experts: Snapshot, files: str, called: list[str]
) -> None:
    task = Task(text="what was stolen?", attachments=attachments(files))
    made = about_the_text(route(NOBODY), task, experts).plan

    assert [str(each.expert).partition("@")[0] for each in made.steps] == called
    assert "context" in made.steps[-1].inputs
    assert check(made, experts) == []


def test_a_model_that_was_not_given_the_text_is_given_it(experts: Snapshot) -> None:
    said = "Why can't they use strawberries?"
    task = Task(text=said, attachments=attachments("text:a.txt"))
    step = Step(id=StepId("s1"), expert="chat@1", inputs={"message": Value(value=said)}, ask=said)
    answer = Ask(ask=said, source=FromStep(step=step.id))
    plan = Plan(steps=(step,), inputs=task.inputs, answers=(answer,))
    made = about_the_text(route(plan), task, experts).plan

    (name,) = task.inputs
    assert made.steps[0].inputs["context"] == FromInput(input=name)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("Can you print the letter?", "text:a.txt"),
        ("what was stolen?", ""),
        ("what was stolen?", "text:a.txt text:b.txt"),
    ],
)
def test_everything_else_stays_as_it_was(experts: Snapshot, text: str, files: str) -> None:
    task = Task(text=text, attachments=attachments(files))
    given = route(NOBODY)

    assert about_the_text(given, task, experts) is given


def test_a_question_beside_another_is_asked_of_the_same_text(experts: Snapshot) -> None:
    reader = next(each for each in experts.latest if each.name == "chat")
    task = Task(
        text="who is it from and what is left to do?", attachments=attachments("text:a.txt")
    )
    (name,) = task.inputs
    own = Step(id=StepId("s1"), expert=reader.id, inputs={"message": Value(value="who is it from")})
    other = Step(
        id=StepId("s2"),
        expert=reader.id,
        inputs={"message": Value(value="what is left to do?"), "context": FromInput(input=name)},
    )
    asks = tuple(Ask(ask=each.id, source=FromStep(step=each.id)) for each in (own, other))
    plan = Plan(steps=(own, other), inputs=task.inputs, answers=asks, author="test")
    made = about_the_text(route(plan), task, experts).plan

    assert made.steps[0].inputs["context"] == FromInput(input=name)
    assert made.steps[1] == other


def test_what_asks_nothing_of_a_text_is_left_without_it(experts: Snapshot) -> None:
    reader = next(each for each in experts.latest if each.name == "chat")
    task = Task(text="write a poem about rain", attachments=attachments("text:a.txt"))
    own = Step(id=StepId("s1"), expert=reader.id, inputs={"message": Value(value=task.text)})
    ask = Ask(ask=task.text, source=FromStep(step=own.id))
    plan = Plan(steps=(own,), inputs=task.inputs, answers=(ask,), author="test")

    assert about_the_text(route(plan), task, experts).plan == plan
