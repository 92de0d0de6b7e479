"""What is to be worked out from dates goes to the calculator, whoever the network would have asked."""

from __future__ import annotations

import pytest
from neural_router import HELD, plan

from herd_graph.plans import Ask, Binding, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.neural.reckoning import is_of_dates, reckoned
from herd_graph.tasks import Task
from herd_graph.types import StepId
from tools import first_party


def asked(expert: str, text: str) -> Plan:
    inputs: dict[str, Binding] = {"message": Value(value=text)}
    step = Step(id=StepId("s1"), expert=expert, inputs=inputs, ask=text)
    return Plan(steps=(step,), answers=(Ask(ask=text, source=FromStep(step=step.id)),))


@pytest.mark.parametrize(
    "request_",
    [
        "How many days are there from 18 March 2026 to 25 July 2026?",
        "What day of the week is 25 July 2026?",
        "days between 3 May and 7 June 2024",
        "number of days between 01/02/2024 and 2024-03-01",
        "Is 25 December 2026 a Friday?",
        "which date is 45 days after 3 March 2026?",
    ],
)
def test_days_are_calculated(request_: str):
    (step,) = plan(request_).steps

    assert step.expert == "calculate@1"
    assert Value(value=request_) in step.inputs.values()


def test_each_of_two_questions_is_calculated():
    made = plan("How many days are there from 3 May to 7 June 2024, and which weekday is that?")
    both = plan("What is 12 + 7, and how many weeks lie between 1 May 2026 and 12 June 2026?")

    assert made.steps[0].expert == "calculate@1"
    assert [step.expert for step in both.steps] == ["calculate@1", "calculate@1"]


@pytest.mark.parametrize(
    "said",
    [
        "What happened between 1 May 1945 and 8 May 1945?",
        "Write a poem about the days between 3 May and 7 June 2024",
        "Which day in May is mother's day?",
        "Who was born on 3 May 1920?",
    ],
)
def test_other_questions_with_dates_are_left_alone(said: str):
    chat = asked("chat@1", said)

    assert not is_of_dates(said)
    assert reckoned(chat, Task(text=said), HELD) == chat


def test_a_question_about_a_text_and_one_without_a_calculator_stay():
    said = "How many days are there from 18 March 2026 to 25 July 2026?"
    alone = Snapshot({each.card.id: each for each in first_party() if each.card.name == "chat"})

    assert reckoned(asked("chat@1", said), Task(text=said), alone).steps[0].expert == "chat@1"
    assert reckoned(asked("chat@1", said), Task(text=said), HELD).steps[0].expert == "calculate@1"


def test_a_plan_that_gave_up_is_made_good():
    said = "which weekday is 25 July 2026?"

    (step,) = reckoned(Plan(reason="Nobody."), Task(text=said), HELD).steps

    assert step.expert == "calculate@1"
