"""A table is drawn where a chart is wanted, and shown where none is."""

from __future__ import annotations

import pytest

from herd_graph._bundled.tools import first_party
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, RouteTrace
from herd_graph.routing.drawn_or_shown import drawn_or_shown
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind, StepId

HELD = Snapshot({each.card.id: each for each in first_party()})
TABLE = ArtifactRef(id="1" * 64, kind=Kind.TABLE, mime="text/csv", size=9, name="orders.csv")


def step(number: int, expert: str, wish: str, **values: str) -> Step:
    told = {"query_table": "question", "draw_chart": "request", "convert_table": "to"}[expert]
    inputs: dict[str, Binding] = {
        "table": FromInput(input="a1"),
        told: Value(value="xlsx" if told == "to" else wish),
        **{key: Value(value=each) for key, each in values.items()},
    }
    return Step(id=StepId(f"s{number}"), expert=f"{expert}@1", inputs=inputs, ask=wish)


def mended(*steps: Step) -> list[tuple[str, dict[str, object]]]:
    """Return each step's expert and what it is told."""
    task = Task(text=", ".join(each.ask for each in steps), attachments={"a1": TABLE})
    answers = tuple(Ask(ask=each.ask, source=FromStep(step=each.id)) for each in steps)
    plan = Plan(steps=steps, inputs=task.inputs, answers=answers, author="test")
    trace = RouteTrace(router="test", request=task.text)
    made = drawn_or_shown(Route(plan=plan, trace=trace), task, HELD).plan
    return [
        (
            str(each.expert).partition("@")[0],
            {name: held.value for name, held in each.inputs.items() if isinstance(held, Value)},
        )
        for each in made.steps
    ]


@pytest.mark.parametrize(
    "wish",
    ["show the table", "Please show me the whole list.", "display my data", "show us the spreadsheet again"],
)  # fmt: skip
def test_a_table_that_is_to_be_shown_is_not_drawn(wish: str):
    assert mended(step(1, "draw_chart", wish)) == [("query_table", {"question": wish})]


@pytest.mark.parametrize(
    "wish", ["show the table as a chart", "show the sales", "show the list of prices as bars"]
)
def test_a_chart_that_is_named_is_drawn(wish: str):
    assert mended(step(1, "draw_chart", wish)) == [("draw_chart", {"request": wish})]


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ("a donut of visitors by country", "pie"),
        ("Give me a line chart of the costs", "line"),
        ("a column chart of the totals per class", "bar"),
    ],
)
def test_a_chart_that_is_asked_as_a_question_is_drawn(wish: str, kind: str):
    assert mended(step(1, "query_table", wish)) == [("draw_chart", {"request": wish, "kind": kind})]


@pytest.mark.parametrize(
    "wish", ["which line of the table is longest?", "the bar with the best sales", "total of May"]
)
def test_a_question_stays_one(wish: str):
    assert mended(step(1, "query_table", wish)) == [("query_table", {"question": wish})]


def test_an_order_that_the_chart_was_told_is_no_question():
    made = mended(
        step(1, "draw_chart", "Bar chart of visitors by city, biggest first"),
        step(2, "query_table", "biggest first"),
        step(3, "query_table", "which country has most hotels?"),
    )

    assert [each for each, _ in made] == ["draw_chart", "query_table"]
    assert made[1][1] == {"question": "which country has most hotels?"}


def test_all_sheets_are_written_where_all_are_wanted():
    wish = "export both sheets as one excel file"

    assert mended(step(1, "convert_table", wish)) == [
        ("convert_table", {"to": "xlsx", "request": wish})
    ]
    assert mended(step(1, "convert_table", "convert it to excel")) == [
        ("convert_table", {"to": "xlsx"})
    ]


def test_what_says_how_something_is_reckoned_is_no_wish():
    made = mended(
        step(1, "query_table", "What is our income per room"),
        step(2, "query_table", "nights times price"),
        step(3, "draw_chart", "nights times price, draw it as a pie"),
    )
    whole = "What is our income per room, nights times price"

    assert made == [
        ("query_table", {"question": whole}),
        ("draw_chart", {"request": f"{whole}, draw it as a pie"}),
    ]
