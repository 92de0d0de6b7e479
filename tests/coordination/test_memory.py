"""Checks that remember: what an expert gave for what, and what its results are like as a rule."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from check_results import STORE, TO, result, voice
from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph.artifacts import Image, Text
from herd_graph.coordination.checks.base import CheckInput, Outputs
from herd_graph.coordination.checks.habits import LEAST, Habits
from herd_graph.coordination.checks.swapped import Recall
from herd_graph.errors import ExpertFailed
from herd_graph.state import Verdict

LONG = "The ferry to the island leaves the harbour at nine in the morning."
OTHER = "The baker on the corner opens at six and closes again at noon."


def gave(text: str, source: str = "a", *, again: Sequence[str] | None = None) -> CheckInput:
    """Return a deterministic expert's result; ``again``: what it gives when it is called again."""
    subject = result({"text": Text(source)}, {"result": Text(text)}, name="transcribe")
    subject.card = subject.card.model_copy(update={"deterministic": True})
    subject.compares = True
    if again is not None:
        left = list(again)

        async def called() -> Outputs:
            if not left:
                raise ExpertFailed("It is busy.")
            return {"result": Text(left.pop(0)).put(STORE)}

        subject.again = called
    return subject


def judged(subject: CheckInput, *, before: CheckInput) -> Verdict:
    check = Recall()
    check.remember(before)
    return asked(check, subject)


def asked(check: Recall | Habits, subject: CheckInput) -> Verdict:
    said = asyncio.run(check(subject))
    assert said is not None
    return said


@pytest.mark.parametrize(
    ("again", "level"),
    [
        (None, "doubt"),  # nobody can be asked
        ([], "doubt"),
        (["right"], "fail"),
        (["wrong"], "pass"),  # the earlier one was somebody else's
        (["neither", "right"], "fail"),
        (["neither", "wrong"], "pass"),
        (["neither", "nor"], "fail"),
    ],
)
def test_another_result_for_the_same_input_is_settled_by_more_calls(
    again: list[str] | None, level: str
) -> None:
    said = judged(gave("wrong", again=again), before=gave("right"))

    assert said.level == level


@pytest.mark.parametrize(
    ("again", "level"),
    [(None, "doubt"), ([LONG], "pass"), ([OTHER], "fail"), ([OTHER, LONG], "pass")],
)
def test_the_same_long_result_for_another_input_is_settled_by_more_calls(
    again: list[str] | None, level: str
) -> None:
    said = judged(gave(LONG, "b", again=again), before=gave(LONG, "a"))

    assert said.level == level


def test_an_expert_that_costs_money_is_not_called_to_compare() -> None:
    subject = gave("wrong", again=["right"])
    subject.card = subject.card.model_copy(update={"cost_usd": 0.01})

    assert judged(subject, before=gave("right")).level == "doubt"


def test_an_expert_that_does_not_allow_it_is_not_called_to_compare() -> None:
    subject = gave("wrong", again=["right"])
    subject.compares = False

    assert judged(subject, before=gave("right")).level == "doubt"


def test_what_two_calls_gave_is_what_is_remembered() -> None:
    check = Recall()
    check.remember(gave("old"))
    asked(check, gave("new", again=["new"]))

    said = asked(check, gave("new"))

    assert said.level == "pass"
    assert not said.reason


def translated(source: str, text: str) -> CheckInput:
    to = TO.model_copy(update={"json_schema": {"enum": ["pt", "en"]}})
    return result(
        {"text": Text(source), "to": Text("pt")},
        {"result": Text(text)},
        name="translate",
        ports={"to": to},
    )


def used(subjects: list[CheckInput]) -> Habits:
    habits = Habits()

    async def remember() -> None:
        for each in subjects:
            await habits.remember(each)

    asyncio.run(remember())
    return habits


def test_a_translation_need_not_end_where_its_source_does_not() -> None:
    usual = [translated(f"{LONG} {number}.", f"{LONG} {number}.") for number in range(LEAST)]
    habits = used(usual)

    open_ = asked(habits, translated("The menu of the day, 9.50", "A ementa do dia, 9.50"))
    closed = asked(habits, translated(f"{LONG} Yes.", f"{LONG} Sim"))

    assert (open_.level, closed.level) == ("pass", "doubt")


def test_short_is_doubted_sooner_than_long() -> None:
    usual = [
        result({"audio": voice(4 + number / 10)}, {"result": Text("word " * 16)}, name="hear")
        for number in range(LEAST)
    ]
    habits = used(usual)

    said = [
        asked(
            habits, result({"audio": voice(4)}, {"result": Text("word " * count)}, name="hear")
        ).level
        for count in (8, 30, 60)
    ]

    assert said == ["doubt", "pass", "doubt"]


def _printed(*lines: str) -> Image:
    page = pil.new("RGB", (760, 120 + 70 * len(lines)), "white")
    for row, line in enumerate(lines):
        ImageDraw.Draw(page).text(
            (40, 50 + 70 * row), line, "black", font=ImageFont.load_default(44)
        )
    return Image(page)


def test_a_sign_of_one_word_has_no_usual_length() -> None:
    def read(text: str, *lines: str) -> CheckInput:
        return result(
            {"picture": _printed(*lines)}, {"result": Text(text)}, name="see", tags=("ocr",)
        )

    usual = [
        read(f"The boat number {n} leaves at nine", f"The boat number {n}", "leaves at nine")
        for n in range(LEAST)
    ]
    habits = used(usual)

    said = [
        asked(habits, read("GO", "WARN")).level,
        asked(habits, read("The boat", "The boat number 7", "leaves at nine")).level,
    ]

    assert said == ["pass", "doubt"]
