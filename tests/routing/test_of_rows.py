"""Questions to a table that go on over several messages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from neural_router import routed
from routing_gold import STORE
from turns import turn

from herd_graph.artifacts import Table
from herd_graph.plans import Value
from herd_graph.routing.base import Route
from herd_graph.tasks import Task
from herd_graph.types import JSON

ROWS = [
    {"customer": "Tom Baker", "town": "Lagos", "day": "Tuesday", "paid": "no", "total": 40},
    {"customer": "Rui Costa", "town": "Sagres", "day": "Friday", "paid": "no", "total": 44},
    {"customer": "Ana Ribeiro", "town": "Lagos", "day": "Friday", "paid": "yes", "total": 30},
]
LIST = "Customer where paid is no:\n- Tom Baker\n- Rui Costa"


def asked(task: str, answer: str, *, attached: bool = True) -> Mapping[str, JSON]:
    """Return a turn that asked the table something."""
    ref: JSON = Table(ROWS, name="hires.csv").put(STORE).model_dump(mode="json")
    made = turn(task, "query_table@1", answer, "hires.csv")
    return {**made, "attachments": {"a1": ref}} if attached else made


UNPAID = asked("who has not paid?", LIST)
PAID = asked("who has paid so far?", "Customer where paid is yes:\n- Ana Ribeiro")
PER_TOWN = asked("how many hires per town?", "Number of rows by town:\n- Lagos: 2\n- Sagres: 1")
DRAWN = turn("now as a bar chart", "draw_chart@1", "a chart", "hires.csv")
SUMMED = asked("how much do they owe?", "Sum of total where paid is no: 84", attached=False)
TUESDAY = asked("how many hires were made on Tuesday?", "Number of rows: 1")
FRIDAY = asked("and on Friday?", "Number of rows: 2", attached=False)


def question(route: Route) -> str:
    """Return what the table is asked, or what of it is kept."""
    step = route.plan.steps[-1]
    told = step.inputs.get("question") or step.inputs.get("request")
    assert isinstance(told, Value)
    return str(told.value)


@pytest.mark.parametrize(
    ("said", "history", "wanted"),
    [
        ("how many is that?", (UNPAID,), "how many have not paid?"),
        ("how much do they owe?", (UNPAID,), "Of “who has not paid?”: how much do they owe?"),
        ("just Lagos", (UNPAID,), "who has not paid, Lagos only"),
        ("only the Lagos ones", (UNPAID,), "who has not paid, Lagos only"),
        ("sum of their totals?", (UNPAID,), "Of “who has not paid?”: sum of their totals?"),
        ("now as a bar chart", (PER_TOWN,), "how many hires per town, as a bar chart"),
        ("draw that", (PER_TOWN, DRAWN), "how many hires per town, as a chart"),
        ("only Friday", (TUESDAY, FRIDAY), "how many hires were made on Friday?"),
        ("and who not?", (PAID,), "who has not paid so far?"),
        ("and altogether?", (TUESDAY, FRIDAY), "how many hires were made altogether?"),
        ("save the list as csv", (UNPAID, SUMMED), "who has not paid?, as csv"),
        ("save that as json", (UNPAID,), "who has not paid, as json"),
    ],
)
def test_a_table_is_asked_what_the_message_goes_on_from(
    said: str, history: tuple[Mapping[str, JSON], ...], wanted: str
) -> None:
    made = routed(Task(text=said), *history)

    assert question(made).replace("?,", ",") == wanted.replace("?,", ",")
    assert [getattr(each, "name", "") for each in made.attachments.values()] == ["hires.csv"]


def test_another_format_keeps_what_was_kept() -> None:
    ref: JSON = Table(ROWS[:2], name="hires.csv").put(STORE).model_dump(mode="json")
    part: JSON = {
        "ask": "save that as csv",
        "expert": "convert_table@1",
        "status": "done",
        "text": "customer",
        "artifacts": [ref],
    }
    kept: Mapping[str, JSON] = {"task": "save that as csv", "attachments": {}, "parts": [part]}

    made = routed(Task(text="and as json"), UNPAID, kept)

    assert question(made) == "who has not paid, as json"
    assert made.plan.steps[-1].expert == "convert_table@1"


def test_a_command_about_an_answer_is_no_question_to_the_table() -> None:
    made = routed(Task(text="read it aloud"), UNPAID)

    assert [each.expert for each in made.plan.steps] == ["speak@1"]
