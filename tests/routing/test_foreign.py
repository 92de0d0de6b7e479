"""An expert for English is given English; what a foreign text means is its translation."""

from __future__ import annotations

import pytest
from routing_gold import STORE

from herd_graph._bundled.tools import first_party
from herd_graph.checking import check
from herd_graph.discovery import CapabilityIndex
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, RouteTrace, Situation
from herd_graph.routing.foreign import in_english
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind, StepId

HELD = Snapshot({each.card.id: each for each in first_party()})
INDEX = CapabilityIndex()
LETTER = "O meu marido é alérgico a nozes. Gostaríamos de reservar dois quartos para a família."
ENGLISH = "My husband is allergic to nuts and we would like to book two rooms for the family."
FILE, PICTURE = FromInput(input="a1"), FromInput(input="a2")


def of(number: int) -> FromStep:
    return FromStep(step=StepId(f"s{number}"))


def told(value: str) -> Value:
    return Value(value=value)


def routed(
    text: str, *steps: tuple[str, dict[str, Binding]], letter: str = LETTER, answers: int = 0
) -> Plan:
    """Return what becomes of a plan for a text file and a picture, with an answer for each step."""
    files: dict[str, ArtifactRef | list[ArtifactRef]] = {
        "a1": ArtifactRef(
            id="1" * 64, kind=Kind.TEXT, mime="text/plain", size=90, name="c.txt", inline=letter
        ),
        "a2": ArtifactRef(id="2" * 64, kind=Kind.IMAGE, mime="image/png", size=9, name="s.png"),
    }
    task = Task(text=text, attachments=files)
    made = tuple(
        Step(id=StepId(f"s{number}"), expert=f"{expert}@1", inputs=inputs, ask=text)
        for number, (expert, inputs) in enumerate(steps, start=1)
    )
    asks = tuple(Ask(ask=text, source=FromStep(step=each.id)) for each in made[-answers:])
    plan = Plan(steps=made, inputs=task.inputs, answers=asks, author="test")
    route = Route(plan=plan, trace=RouteTrace(router="test", request=text))
    there = Situation(experts=HELD, index=INDEX, store=STORE)
    found = in_english(route, task, there).plan
    assert check(found, HELD) == []
    return found


def step(plan: Plan, expert: str) -> Step:
    (found,) = [each for each in plan.steps if each.expert == f"{expert}@1"]
    return found


def test_a_question_in_english_is_asked_of_the_english() -> None:
    asked = "who is allergic?"
    made = routed(asked, ("chat", {"message": told(asked), "context": FILE}))

    english = step(made, "translate")
    assert english.inputs == {"text": FILE, "to": told("en")}
    assert step(made, "chat").inputs["context"] == FromStep(step=english.id)


@pytest.mark.parametrize(
    ("asked", "letter"),
    [
        ("who is allergic?", ENGLISH),
        ("how much does the room cost?", LETTER),  # figures stand in the text as it is
        ("what does 'nozes' mean?", LETTER),
        ("write a reply in Portuguese", LETTER),
        ("quem é alérgico a nozes em casa?", LETTER),
    ],
)
def test_what_is_found_in_the_text_itself_is_asked_of_it(asked: str, letter: str) -> None:
    made = routed(asked, ("chat", {"message": told(asked), "context": FILE}), letter=letter)

    assert [each.expert for each in made.steps] == ["chat@1"]


def test_a_mood_is_judged_in_english_and_a_remark_is_not_answered() -> None:
    text = "is the writer happy?"
    mood: tuple[str, dict[str, Binding]] = ("sentiment", {"text": FILE})
    made = routed(text, mood)

    assert step(made, "sentiment").inputs["text"] == FromStep(step=step(made, "translate").id)

    plan = routed(
        "it is Portuguese", ("translate", {"text": FILE, "to": told("en")}), mood, answers=2
    )
    assert len(plan.steps) == 2  # what is there already is not made twice
    assert step(plan, "sentiment").inputs["text"] == of(1)


def test_whether_something_is_mentioned_is_asked_of_the_english() -> None:
    asked = "Does the letter mention allergies?"
    made = routed(asked, ("search_text", {"documents": FILE, "query": told("allergies")}))

    assert step(made, "chat").inputs == {
        "message": told(asked),
        "context": FromStep(step=step(made, "translate").id),
    }
    search: tuple[str, dict[str, Binding]] = (
        "search_text",
        {"documents": FILE, "query": told("allergies")},
    )
    found = routed("find the part about allergies", search)
    assert {each.expert for each in found.steps} == {"translate@1", "search_text@1"}


@pytest.mark.parametrize(
    ("source", "letter", "expert"),
    [(FILE, LETTER, "translate@1"), (FILE, ENGLISH, "summarize@1"), (of(1), "", "translate@1")],
)
def test_what_it_means_is_its_translation_or_what_it_comes_to(
    source: Binding, letter: str, expert: str
) -> None:
    asked = "what does it mean?"
    reads: list[tuple[str, dict[str, Binding]]] = [("read_text", {"picture": PICTURE})]
    asks: tuple[str, dict[str, Binding]] = ("chat", {"message": told(asked), "context": source})
    made = routed(asked, *(reads if source == of(1) else []), asks, letter=letter or ENGLISH)

    assert made.steps[-1].expert == expert
    assert source in made.steps[-1].inputs.values()
