"""Answers that are quoted from a text carry no caution that their model invents facts."""

from __future__ import annotations

import pytest

from herd_graph import Herd, expert
from herd_graph.artifacts import Text
from herd_graph.coordination.checks.quoting import is_quoted
from herd_graph.plans import Plan

NOTICE = (
    "AVISO\nA piscina fecha às 20h.\nO pequeno-almoço é servido das 8h às 10h.\nTOTAL 69.00 EUR"
)


@pytest.mark.parametrize(
    "answer",
    [
        "The text says: “A piscina fecha às 20h.” (The pool closes at 20:00.)",
        "20h. The text says: “A piscina fecha às 20h.”",
        "The text says:\n- “A piscina fecha às 20h.”\n- “O pequeno-almoço é servido das 8h às 10h.”",
        "TOTAL: 69.00",
        "O texto diz: “A piscina fecha às 20h.”",
        "When does the pool close? 20h. The text says: “A piscina fecha às 20h.”",
    ],
)
def test_what_stands_in_the_text_is_quoted(answer: str) -> None:
    assert is_quoted(answer, NOTICE, "When does the pool close?")


@pytest.mark.parametrize(
    "answer",
    [
        "The text says: “The pool closes at midnight.”",
        "At midnight. The text says: “A piscina fecha às 20h.”",
        "The pool is open all night for every guest.",
        "A piscina fecha às 10h.",
        "TOTAL: 70.00",
        "",
    ],
)
def test_what_does_not_stand_there_is_not(answer: str) -> None:
    assert not is_quoted(answer, NOTICE, "When does the pool close?")


CAUTION = "a small model that invents facts"


@expert(tags=["chat"], caution=CAUTION)
def answers(message: Text, context: Text) -> str:
    """Answer a question about a text.

    Args:
        message: The question.
        context: The text.
    """
    if "pool" in message.text:
        return f"The text says: “{context.text.splitlines()[1]}”"
    return "It is a lovely hotel by the sea."


@pytest.mark.parametrize(
    ("question", "caution"),
    [("When does the pool close?", ""), ("What kind of hotel is it?", CAUTION)],
)
def test_only_what_is_not_quoted_is_cautioned(question: str, caution: str) -> None:
    inputs = {"message": {"value": question}, "context": {"value": NOTICE}}
    with Herd(answers, checkpoints="memory") as herd:
        run = herd.run(Plan.parse({"steps": [{"id": "s1", "expert": "answers", "inputs": inputs}]}))

    (part,) = run.answer.parts
    assert part.caution == caution
