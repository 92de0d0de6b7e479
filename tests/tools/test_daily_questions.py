"""Questions as shopkeepers, teachers, bands and landlords ask them, with answers reckoned by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from table_questions import FOLDER, is_right

from herd_graph.artifacts import Table, Text
from herd_graph.errors import PortViolation

Rows = tuple[tuple[str, ...], ...]


class Daily(NamedTuple):
    """A question, and the rows of each of its answers; none where it has to be refused."""

    file: Path
    question: str
    answers: tuple[Rows, ...]


def daily() -> list[Daily]:
    made: list[Daily] = []
    for line in (FOLDER / "daily.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        file, question, gold = (each.strip() for each in line.split(" | ", 2))
        answers = tuple(
            tuple(tuple(cell.strip() for cell in row.split(" & ")) for row in answer.split(" ; "))
            for answer in gold.split(" // ")
        )
        answers = () if gold == "REFUSE" else answers
        made.append(Daily(FOLDER / "daily" / file, question, answers))
    return made


@pytest.mark.parametrize("each", daily(), ids=lambda each: f"{each.file.stem}: {each.question}")
def test_a_question_of_every_day_is_answered_right(call: Callable[..., Any], each: Daily):
    if not each.answers:
        with pytest.raises(PortViolation, match="cannot be turned into a query"):
            call("query_table", Table(each.file), Text(each.question))
        return
    found = call("query_table", Table(each.file), Text(each.question))

    assert is_right(found, each.answers[0]), found.answer.text
    told = found.answer.text.split("\n\n")
    assert len(told) == len(each.answers), found.answer.text
    for text, rows in zip(told, each.answers, strict=True):
        for cell in (cell for row in rows for cell in row):
            assert cell in text.replace(",", "").lower() or cell in text.replace(",", "")


@pytest.mark.parametrize(
    ("file", "question", "number"),
    [
        ("bookings", "Of “who has not paid yet?”: how many nights do they stay in total", 9),
        (
            "bookings",
            "Of “how many bookings are from Portugal”: what was the total of nights of those",
            13,
        ),
        ("stalls", "Of “how many stalls sell cheese”: what do they pay altogether?", 75),
        (
            "stalls",
            "Of “how many stalls sell cheese? what do they pay altogether”: what is 10% of that?",
            7.5,
        ),
        ("trip", "Of “what was the most expensive thing”: what is 20% of that?", None),
    ],
)
def test_a_question_goes_on_from_another(
    call: Callable[..., Any], file: str, question: str, number: float | None
):
    def asked() -> Any:
        return call("query_table", Table(FOLDER / "daily" / f"{file}.csv"), Text(question))

    if number is None:
        with pytest.raises(PortViolation, match="cannot be turned into a query"):
            asked()
        return
    assert [list(each.values()) for each in asked().rows.rows] == [[number]]


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("Of “longest loan?”: and by whom?", "Nolan"),
        ("Of “average loan days?”: how long in hours", "hours: 108"),
        ("Of “which member borrows the most days?”: and how much in hours", "in hours: 312"),
    ],
)
def test_what_goes_on_may_be_a_few_words(call: Callable[..., Any], question: str, held: str):
    answer = call("query_table", Table(FOLDER / "plain" / "loans.csv"), Text(question)).answer.text

    assert held in answer
    assert "wheelbarrow" not in answer
