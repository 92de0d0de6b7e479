"""Questions in plain words over unlike tables: what each answer must say, and must not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from table_questions import FOLDER

from herd_graph.artifacts import Table, Text
from herd_graph.errors import PortViolation

REFUSED = "REFUSE"


class Plain(NamedTuple):
    """A question, and what its answer holds."""

    file: Path
    question: str
    held: tuple[str, ...]


def plain() -> list[Plain]:
    lines = (FOLDER / "plain.txt").read_text("utf-8").splitlines()
    parts = [each.split(" | ") for each in lines if each and not each.startswith("#")]
    return [
        Plain(FOLDER / "plain" / file, question, tuple(each.strip() for each in held.split(";")))
        for file, question, held in parts
    ]


def says(answer: str, held: str) -> bool:
    """Whether a word or a number stands in an answer, beside the SQL that it was found with."""
    text = "\n".join(each for each in answer.splitlines() if not each.startswith("SQL:"))
    text = re.sub(r"(\d)\.0(?!\d)", r"\1", text.lower().replace(",", ""))
    return re.search(rf"(?<![\w.]){re.escape(held.lower())}(?!\w|\.\d)", text) is not None


@pytest.mark.parametrize("each", plain(), ids=lambda each: f"{each.file.stem}: {each.question}")
def test_a_plain_question_is_answered_right(call: Callable[..., Any], each: Plain):
    if each.held == (REFUSED,):
        with pytest.raises(PortViolation, match="cannot be turned into a query"):
            call("query_table", Table(each.file), Text(each.question))
        return
    answer = call("query_table", Table(each.file), Text(each.question)).answer.text

    wanted = {held for held in each.held if not held.startswith("!")}
    assert {held for held in wanted if says(answer, held)} == wanted, answer
    assert not [held for held in each.held if held.startswith("!") and says(answer, held[1:])]
