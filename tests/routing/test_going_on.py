"""Messages that lean on a thread: small talk, arithmetic on the last number, fragments."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from neural_router import routed
from routing_gold import STORE

from herd_graph.artifacts import Table, Text
from herd_graph.plans import FromInput, Value
from herd_graph.routing.base import Route
from herd_graph.tasks import Task
from herd_graph.types import JSON


def turn(task: str, expert: str, answer: str, *, attached: str = "") -> Mapping[str, JSON]:
    """Return a turn that answered in words."""
    ref = Text(answer).put(STORE).model_dump(mode="json")
    files: dict[str, JSON] = {}
    if attached:
        files["a1"] = Text(attached, name="note.txt").put(STORE).model_dump(mode="json")
    part: JSON = {
        "ask": task,
        "expert": expert,
        "status": "done",
        "text": answer,
        "artifacts": [ref],
    }
    return {"task": task, "attachments": files, "parts": [part]}


def route(text: str, *history: Mapping[str, JSON]) -> Route:
    return routed(Task(text=text), *history)


BILL = turn("add up the prices", "calculate@1", "18.00", attached="Bread 8.00\nTart 10.00")


@pytest.mark.parametrize("said", ["thanks!", "ok cool", "perfect, that helps"])
def test_small_talk_does_nothing(said: str) -> None:
    made = route(said, BILL)

    assert made.plan.abstained
    assert made.plan.unmet == ()
    assert made.trace.clauses[0].decision == "a courtesy: it asks for nothing"


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("what's 20% of that?", "20 % of that"),
        ("split it between 3", "divided by 3"),
        ("plus 12", "plus 12"),
    ],
)
def test_arithmetic_goes_on_with_the_last_number(said: str, done: str) -> None:
    made = route(said, BILL, {"task": "thanks", "attachments": {}, "parts": []})

    (step,) = made.plan.steps
    assert step.expert == "calculate@1"
    assert step.inputs["operation"] == Value(value="sum")
    assert step.inputs["request"] == Value(value=done)
    bound = step.inputs["expression"]
    assert isinstance(bound, FromInput)
    assert [getattr(each, "inline", None) for each in made.attachments.values()] == ["18.00"]
    assert list(made.attachments) == [bound.input]


def test_what_comes_to_no_number_is_not_calculated_with() -> None:
    made = route("what's 20% of that?", turn("who wrote it?", "chat@1", "It is signed: Anna."))

    assert not any("on the number before it" in each.decision for each in made.trace.clauses)


def test_a_fragment_asks_the_last_request_again() -> None:
    made = route("and in metres?", turn("how many km are 26 miles?", "convert_units@1", "41.8 km"))

    (step,) = made.plan.steps
    assert list(step.inputs.values()) == [Value(value="how many metres are 26 miles?")]
    assert "the last request again: 'how many metres are 26 miles?'" in made.trace.notes


def test_a_request_without_a_verb_is_gone_on_with_too() -> None:
    made = route("and 12 feet?", turn("10 feet in metres", "convert_units@1", "3.048 metres"))

    assert "the last request again: '12 feet in metres'" in made.trace.notes


def test_a_question_afresh_is_about_the_text_and_not_about_an_answer() -> None:
    letter = "Dear Sir, the rent is 780 pounds. The tenant is Sofia Marks."
    before = turn("what is the rent?", "chat@1", "780 pounds", attached=letter)
    made = route("who is the tenant?", before)

    assert [getattr(e, "name", "") for e in made.attachments.values()] == ["note.txt"]


def test_a_fragment_works_on_what_the_request_worked_on() -> None:
    before = turn(
        "summarise it in one sentence", "summarize@1", "It leaks.", attached="It leaks. I am cross."
    )
    made = route("no, in two sentences", before)

    (step,) = made.plan.steps
    assert step.expert == "summarize@1"
    assert [getattr(e, "name", "") for e in made.attachments.values()] == ["note.txt"]
    assert set(made.plan.inputs) == set(made.attachments)


def table_turn(task: str, answer: str) -> Mapping[str, JSON]:
    rows = [{"goods": "cheese", "fee": 30}, {"goods": "fruit", "fee": 15}]
    ref = Table(rows, name="stalls.csv").put(STORE).model_dump(mode="json")
    return {**turn(task, "query_table@1", answer), "attachments": {"a1": ref}}


def test_a_cell_asks_the_last_question_of_a_table_again() -> None:
    asked = table_turn("how many stalls sell cheese?", "1")
    drawn = turn("make a chart of that", "draw_chart@1", "a chart")

    made = route("And fruit?", asked)
    later = route("And fruit?", asked, drawn)

    for each in (made, later):
        (step,) = each.plan.steps
        assert step.inputs["question"] == Value(value="how many stalls sell fruit?")
        assert list(each.attachments) == ["a1"]


def test_that_in_another_unit_is_the_last_quantity_and_money_is_not_changed() -> None:
    far = turn("how far is 26 miles in km?", "convert_units@1", "26 miles = 41.842944 km")

    made = route("that in metres?", far)
    again = route("and in feet?", turn("that in metres?", "convert_units@1", "2 km = 2,000 metres"))
    refused = route("that in dollars?", BILL)

    assert made.plan.steps[0].inputs["question"] == Value(value="41.842944 km in metres")
    assert again.plan.steps[0].inputs["question"] == Value(value="2000 metres in feet")
    assert refused.plan.abstained
    assert "rates" in refused.plan.reason


def test_that_is_taken_off_a_figure() -> None:
    made = route("now take that off 345", turn("12% of 345", "calculate@1", "41.4"))

    (step,) = made.plan.steps
    assert step.inputs == {"expression": Value(value="345 - 41.4")}


def test_a_failed_turn_is_not_gone_on_with() -> None:
    parts: JSON = [{"status": "failed"}]
    failed: Mapping[str, JSON] = {"task": "and 5 leagues", "attachments": {}, "parts": parts}
    made = route(
        "and in metres?", turn("how many km are 26 miles?", "convert_units@1", "41.8 km"), failed
    )

    assert list(made.plan.steps[0].inputs.values()) == [
        Value(value="how many metres are 26 miles?")
    ]


def test_a_sum_of_its_own_is_no_sum_of_what_was_before() -> None:
    made = route("what's 15% of 80?", turn("transcribe the note", "transcribe@1", "4 bikes at 9"))

    assert made.attachments == {}
    assert [each.expert for each in made.plan.steps] == ["calculate@1"]


def test_who_wrote_it_is_asked_of_the_text_that_was_attached() -> None:
    first = turn("summarise the mail", "summarize@1", "We come in May.", attached="Hi. Yours, Ana")
    made = route("who wrote it?", first, turn("in Portuguese", "translate@1", "Viremos em maio."))

    (bound,) = made.attachments.values()
    assert getattr(bound, "inline", None) == "Hi. Yours, Ana"


def test_the_answer_is_read_out_in_its_words() -> None:
    workings = "Read: 'goods' as 'fee'.\nSQL: SELECT 1"
    asked = table_turn("which goods cost most?", f"Highest fee: cheese\n{workings}")

    made = route("Read the answer aloud", asked)

    (step,) = made.plan.steps
    assert step.expert == "speak@1"
    assert step.inputs == {"text": Value(value="Highest fee: cheese")}


def test_a_sum_of_money_that_is_whole_has_nothing_to_do_with_the_thread() -> None:
    made = route("what is 40 euros minus 10%?", turn("write it down", "transcribe@1", "Hello Ben"))

    assert [each.expert for each in made.plan.steps] == ["calculate@1"]
    assert made.attachments == {}


def test_what_can_be_done_is_said_whatever_is_attached() -> None:
    table = table_turn("how many stalls sell cheese?", "1")["attachments"]
    asked = Task.model_validate({"text": "hi, what can you do?", "attachments": table})

    made = routed(asked)

    assert made.plan.abstained
    assert "- query_table: " in made.plan.reason
