"""Files and charts are made of the tables that are attached, with the words that belong to them."""

from __future__ import annotations

from typing import Any

import pytest

from herd_graph._bundled.tools import first_party
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, RouteTrace
from herd_graph.routing.of_tables import made_of_tables
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind, StepId

HELD = Snapshot({each.card.id: each for each in first_party()})
TABLE = ArtifactRef(id="1" * 64, kind=Kind.TABLE, mime="text/csv", size=9, name="orders.csv")


def asks(number: int, question: str) -> Step:
    inputs: dict[str, Binding] = {"table": FromInput(input="a1"), "question": Value(value=question)}
    return Step(id=StepId(f"s{number}"), expert="query_table@1", inputs=inputs, ask=question)


def makes(number: int, wish: str, of: Binding | None = None, **values: str) -> Step:
    """Return the step that makes a file, or a chart where a kind of chart is given."""
    expert = "draw_chart@1" if "kind" in values else "convert_table@1"
    inputs: dict[str, Binding] = {
        "table": of or FromInput(input="a1"),
        "request": Value(value=wish),
        **{key: Value(value=each) for key, each in values.items()},
    }
    return Step(id=StepId(f"s{number}"), expert=expert, inputs=inputs, ask=wish)


def routed(text: str, *steps: Step, shown: list[int], unmet: tuple[str, ...] = ()) -> Plan:
    task = Task(text=text, attachments={"a1": TABLE})
    answers = tuple(
        Ask(ask=each.ask, source=FromStep(step=each.id))
        for number, each in enumerate(steps, 1) if number in shown
    )  # fmt: skip
    plan = Plan(steps=steps, inputs=task.inputs, answers=answers, unmet=unmet, author="test")
    trace = RouteTrace(router="test", request=text)
    return made_of_tables(Route(plan=plan, trace=trace), task, HELD).plan


def told(plan: Plan) -> list[tuple[str, Any, str]]:
    """Return each step's expert, its table, and its words."""
    found: list[tuple[str, Any, str]] = []
    for each in plan.steps:
        words = each.inputs.get("request") or each.inputs.get("question")
        assert isinstance(words, Value)
        found.append((str(each.expert).partition("@")[0], each.inputs["table"], str(words.value)))
    return found


A1 = FromInput(input="a1")
S1 = FromStep(step=StepId("s1"), output="rows")


@pytest.mark.parametrize(
    ("question", "wish", "words"),
    [
        ("the open orders as csv", "the open orders as csv", "the open orders as csv"),
        ("How many orders per customer", "How many orders per customer, as csv", "How many orders per customer, as csv"),
        ("Show the five biggest orders.", "give me those rows as csv", "Show the five biggest orders, give me those rows as csv"),
    ],
)  # fmt: skip
def test_a_file_is_made_of_the_table_and_not_of_an_answer(question: str, wish: str, words: str):
    plan = routed(words, asks(1, question), makes(2, wish, S1, to="csv"), shown=[2])

    assert told(plan) == [("convert_table", A1, words)]


def test_an_answer_that_was_asked_for_too_is_given_too():
    text = "Which orders are open? Put them into a csv file"
    plan = routed(
        text, asks(1, "Which orders are open?"),
        makes(2, "Put them into a csv file", S1, to="csv"), shown=[1, 2],
    )  # fmt: skip

    assert told(plan) == [
        ("query_table", A1, "Which orders are open?"),
        ("convert_table", A1, "Which orders are open, Put them into a csv file"),
    ]


@pytest.mark.parametrize(
    ("wish", "between", "rest", "values"),
    [
        ("order list as csv", ", ", "dearest first", {"to": "csv"}),
        ("a csv with the names", " and ", "amounts only", {"to": "csv"}),
        ("bar chart with maths", " and ", "science", {"kind": "bar"}),
        ("plot Porto", " and ", "Faro in one chart", {"kind": "line"}),
    ],
)
def test_words_that_only_qualify_a_file_or_a_chart_belong_to_it(
    wish: str, between: str, rest: str, values: dict[str, str]
):
    text = f"{wish}{between}{rest}"
    plan = routed(text, makes(1, wish, None, **values), asks(2, rest), shown=[1, 2])

    assert [words for _, _, words in told(plan)] == [text]
    assert [each.ask for each in plan.answers] == [text]


def test_words_that_nobody_took_go_where_they_belong():
    text = "bar chart with maths and science for each pupil"
    left = ("science for each pupil: no expert here does this",)
    plan = routed(text, makes(1, "bar chart with maths", kind="bar"), shown=[1], unmet=left)

    assert told(plan) == [("draw_chart", A1, text)]
    assert plan.unmet == ()


@pytest.mark.parametrize(
    ("wish", "between", "rest"),
    [
        ("bar chart by city", ", ", "total of May"),
        ("bar chart by city", " and ", "the total of May"),
        ("bar chart by city", " and ", "which city is best?"),
        ("bar chart by city", ". ", "Open orders"),
    ],
)
def test_a_question_beside_a_chart_is_one_of_its_own(wish: str, between: str, rest: str):
    plan = routed(f"{wish}{between}{rest}", makes(1, wish, kind="bar"), asks(2, rest), shown=[1, 2])

    assert told(plan) == [("draw_chart", A1, wish), ("query_table", A1, rest)]


def test_what_is_to_be_done_otherwise_is_not_drawn():
    left = ("send it to Anna: no expert here does this",)
    plan = routed(
        "bar chart by city and send it to Anna",
        makes(1, "bar chart by city", kind="bar"), shown=[1], unmet=left,
    )  # fmt: skip

    assert told(plan) == [("draw_chart", A1, "bar chart by city")]
    assert plan.unmet == left


def test_a_chart_of_a_question_is_told_the_question():
    text = "Which class is best in science? show it as a chart"
    plan = routed(
        text, asks(1, "Which class is best in science?"),
        makes(2, "show it as a chart", kind="bar"), shown=[1, 2],
    )  # fmt: skip
    assert told(plan)[1] == ("draw_chart", A1, "Which class is best in science, show it as a chart")

    text = "pie chart: how many songs by each singer?"
    plan = routed(
        text, makes(1, "pie chart", kind="pie"), asks(2, "how many songs by each singer?"), shown=[1, 2]
    )  # fmt: skip
    assert told(plan)[0] == ("draw_chart", A1, text)


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("I want the ones that are out of stock as an excel file", "xlsx"),
        ("stock to csv, cheapest first", "csv"),
    ],
)
def test_a_format_that_is_named_is_made(text: str, to: str):
    plan = routed(text, shown=[])

    assert told(plan) == [("convert_table", A1, text)]
    assert plan.steps[0].inputs["to"] == Value(value=to)


@pytest.mark.parametrize("text", ["how many rows has the csv?", "is it a csv file?", "sing to me"])
def test_nothing_is_made_of_a_question(text: str):
    assert routed(text, shown=[]).steps == ()


@pytest.mark.parametrize(
    ("first", "between", "wish"),
    [
        ("food", " and ", "fuel per month in one bar chart"),
        ("compare Lisbon", " and ", "Faro month by month as lines"),
    ],
)
def test_what_is_drawn_together_is_one_wish(first: str, between: str, wish: str):
    text = f"{first}{between}{wish}"
    plan = routed(text, asks(1, first), makes(2, wish, None, kind="bar"), shown=[1, 2])

    assert told(plan) == [("draw_chart", A1, text)]
    assert [each.ask for each in plan.answers] == [text]


@pytest.mark.parametrize(
    ("first", "wish"),
    [
        ("unpaid orders", "a bar chart by city"),
        ("the total of May", "June as a bar chart"),
        ("Training log: quickest run", "my pace by date as a curve"),
    ],
)
def test_what_is_asked_before_a_chart_stays_a_wish_of_its_own(first: str, wish: str):
    plan = routed(
        f"{first} and {wish}", asks(1, first), makes(2, wish, None, kind="bar"), shown=[1, 2]
    )

    assert [words for _, _, words in told(plan)] == [first, wish]


def test_how_a_chart_looks_is_no_second_chart():
    text = "bar chart of the average per class, with the values on the bars"
    first, second = text.split(", ")
    plan = routed(
        text, makes(1, first, None, kind="bar"), makes(2, second, None, kind="bar"), shown=[1, 2]
    )

    assert told(plan) == [("draw_chart", A1, text)]


SQL = "SELECT picker, sum(kg) AS total FROM data GROUP BY picker ORDER BY total DESC"


@pytest.mark.parametrize(
    "text",
    [
        SQL,
        f"{SQL};",
        "WITH a AS (SELECT bed, sum(kg) AS kg FROM data GROUP BY bed)\nSELECT bed, kg FROM a",
    ],
)
def test_sql_is_asked_whole_whatever_commas_stand_in_it(text: str):
    head, _, rest = text.partition(", ")
    plan = routed(text, asks(1, head), asks(2, rest), shown=[1, 2])

    assert told(plan) == [("query_table", A1, text.rstrip(";"))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Select the orders from May", "how many are open?"),
        ("select all from Porto", "what is their total?"),
    ],
)
def test_words_that_only_begin_like_sql_stay_several_wishes(first: str, second: str):
    plan = routed(f"{first}, {second}", asks(1, first), asks(2, second), shown=[1, 2])

    assert [words for _, _, words in told(plan)] == [first, second]


def test_sql_with_two_tables_attached_is_left_as_it_was_planned():
    task = Task(text=SQL, attachments={"a1": TABLE, "a2": TABLE})
    step = asks(1, SQL)
    plan = Plan(
        steps=(step,), inputs=task.inputs, author="test",
        answers=(Ask(ask=SQL, source=FromStep(step=step.id)),),
    )  # fmt: skip
    route = Route(plan=plan, trace=RouteTrace(router="test", request=SQL))

    assert made_of_tables(route, task, HELD).plan == plan


def converts(number: int, ask: str, to: str, of: Binding) -> Step:
    inputs: dict[str, Binding] = {"question": of, "to": Value(value=to)}
    return Step(id=StepId(f"s{number}"), expert="convert_units@1", inputs=inputs, ask=ask)


def test_a_table_tells_its_numbers_in_the_unit_that_is_asked_for():
    asked = "What's the total weight in kilos?"
    answer = FromStep(step=StepId("s1"))

    plan = routed(asked, asks(1, asked), converts(2, asked, "kilos", answer), shown=[2])

    assert [str(each.expert) for each in plan.steps] == ["query_table@1"]
    assert [each.ask for each in plan.answers] == [asked]


def test_a_second_sentence_still_converts_the_answer_that_is_shown():
    answer = FromStep(step=StepId("s1"))
    steps = asks(1, "total minutes"), converts(2, "convert that into hours", "hours", answer)

    plan = routed("total minutes. convert that into hours", *steps, shown=[1, 2])

    assert [str(each.expert) for each in plan.steps] == ["query_table@1", "convert_units@1"]
