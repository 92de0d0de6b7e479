"""What is asked of a slip's lines is asked whole, and of who reads them."""

from __future__ import annotations

from herd_graph._bundled.tools import first_party
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.on_slips import on_slips
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind, StepId

HELD = Snapshot({each.card.id: each for each in first_party()})
PICTURE = ArtifactRef(id="1" * 64, kind=Kind.IMAGE, mime="image/png", size=9, name="receipt.png")
A1 = FromInput(input="a1")
READ = Step(id=StepId("s1"), expert="read_text@1", inputs={"picture": A1})
S1, S2, S3 = (FromStep(step=StepId(f"s{number}")) for number in (1, 2, 3))


def adds(name: str, wish: str) -> Step:
    inputs: dict[str, Binding] = {"expression": S1, "request": Value(value=wish)}
    return Step(id=StepId(name), expert="calculate@1", inputs=inputs, ask=wish)


def mended(text: str, *steps: Step, unmet: tuple[str, ...] = ()) -> Plan:
    task = Task(text=text, attachments={"a1": PICTURE})
    answers = tuple(Ask(ask=e.ask, source=FromStep(step=e.id)) for e in steps if e.ask)
    plan = Plan(steps=steps, inputs=task.inputs, answers=answers, unmet=unmet, author="test")
    return on_slips(plan, task, HELD)


def asked(plan: Plan) -> list[str]:
    return [each.ask for each in plan.answers]


def test_one_of_those_who_share_is_no_wish():
    text = "total of the receipt, split between Omar and me"
    wish = "total of the receipt, split between Omar"

    plan = mended(text, READ, adds("s2", wish), unmet=("me: no expert here does this",))

    assert asked(plan) == [text]
    assert plan.unmet == ()
    assert plan.steps[1].inputs["request"] == Value(value=text)


def test_a_wish_that_nobody_serves_stays_one():
    plan = mended(
        "split the total between Omar and Ann and phone me",
        READ,
        adds("s2", "split the total between Omar and Ann"),
        unmet=("phone me: no expert here does this",),
    )

    assert plan.unmet == ("phone me: no expert here does this",)


def test_two_things_in_one_question_are_added_up():
    text = "how much did breakfast and parking cost together"
    chats = Step(
        id=StepId("s2"),
        expert="chat@1",
        inputs={"message": Value(value="how much did breakfast"), "context": S1},
        ask="how much did breakfast",
    )

    plan = mended(text, READ, chats, adds("s3", "parking cost together"))

    assert asked(plan) == [text]
    assert [str(each.expert) for each in plan.steps] == ["read_text@1", "calculate@1"]


def test_two_whole_questions_stay_two():
    text = "how much did the tea cost and what did they come to in total"
    one, two = adds("s2", "how much did the tea cost"), adds("s3", "what did they come to in total")

    assert len(mended(text, READ, one, two).answers) == 2


def test_the_lines_are_translated_and_not_their_sum():
    wish = "put the list of items into Portuguese"
    translates = Step(
        id=StepId("s3"),
        expert="translate@1",
        inputs={"text": S2, "to": Value(value="pt")},
        ask=wish,
    )

    plan = mended(f"add it up and {wish}", READ, adds("s2", "add it up"), translates)

    assert plan.steps[2].inputs["text"] == S1


def test_a_list_of_prices_is_read_and_not_seen():
    wish = "List the items with their prices as a table"
    sees = Step(id=StepId("s1"), expert="detect_objects@1", inputs={"picture": A1}, ask=wish)

    plan = mended(wish, sees)

    assert [str(each.expert).partition("@")[0] for each in plan.steps] == ["read_text", "calculate"]
    assert asked(plan) == [wish]


def test_objects_are_seen_where_no_prices_are_meant():
    sees = Step(
        id=StepId("s1"), expert="detect_objects@1", inputs={"picture": A1}, ask="list the things"
    )

    assert str(mended("list the things", sees).steps[0].expert) == "detect_objects@1"


def test_a_currency_that_is_refused_in_the_answer_is_not_refused_again():
    wish = "what was the total in euros at today's exchange rate?"

    plan = mended(wish, READ, adds("s2", wish), unmet=(f"{wish}: no expert here does this",))

    assert plan.unmet == ()


def test_all_that_is_left_out_is_told_at_once():
    text = "add up the receipt without the soap and the toilet paper"
    reads = READ.model_copy(update={"ask": "the toilet paper"})

    task = Task(text=text, attachments={"a1": PICTURE})
    added = adds("s2", "add up the receipt without the soap")
    answers = (Ask(ask=added.ask, source=S2), Ask(ask="the toilet paper", source=S1))
    plan = Plan(steps=(reads, added), inputs=task.inputs, answers=answers, author="test")
    made = on_slips(plan, task, HELD)

    assert asked(made) == [text]
    assert made.steps[1].inputs["request"] == Value(value=text)
