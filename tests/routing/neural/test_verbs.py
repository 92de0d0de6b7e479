"""A part is held to the verb of its wish, and to what its object is."""

from __future__ import annotations

import pytest

from herd_graph.registry import Snapshot
from herd_graph.routing.golds import expression
from herd_graph.routing.neural.chaining import chained
from herd_graph.routing.neural.tables import undrawn
from herd_graph.routing.neural.verbs import read_off, righted
from tools import first_party

CARDS = {e.name: e for e in Snapshot({each.card.id: each for each in first_party()}).latest}
SIGN = "read_text(a1)"


@pytest.mark.parametrize(
    ("said", "wrote", "wanted"),
    [
        ("Summarise the letter in English", "translate(a1, en)", "summarize(translate(a1, en))"),
        (
            "a summary in 2 sentences in English",
            "translate(a1, en)",
            "summarize(translate(a1, en), 2)",
        ),
        ("whats on the reciept", "describe_image(a1)", SIGN),
        (
            "how much is it split between 2 people",
            "count_objects(a1, person)",
            f"calculate({SIGN})",
        ),
        ("Calculate what is written on the whiteboard", SIGN, f"calculate({SIGN})"),
        ("read me the sign aloud in English", f"speak({SIGN})", f"speak(translate({SIGN}, en))"),
        ("read it aloud in Portuguese", "speak(a1)", "speak(translate(a1, pt))"),
        ("What do I have to buy", "finance(a1)", "chat(a1)"),
        ("average mark per class, as a bar chart", "query_table(a1, 'x')", "draw_chart(a1, bar)"),
        ("draw maths against science", "query_table(a1, 'x')", "draw_chart(a1)"),
        ("save the marks as an excel file", "query_table(a1, 'x')", "convert_table(a1, xlsx)"),
        (
            "how many trees were planted according to the video",
            "count_objects(each sample_frames(a1), bear)",
            "chat(transcribe_video(a1))",
        ),
        ("can you read it", f"speak({SIGN})", SIGN),
    ],
)
def test_the_verb_decides(said: str, wrote: str, wanted: str) -> None:
    assert righted(expression(wrote), said, CARDS) == expression(wanted)


@pytest.mark.parametrize(
    ("said", "wrote"),
    [
        ("Translate the summary into English", "translate(summarize(a1), en)"),
        ("what is on the photo", "describe_image(a1)"),
        ("how many people are there", "count_objects(a1, person)"),
        ("read it aloud", "speak(a1)"),
        ("read it to me", f"speak({SIGN})"),
        ("how many rows are there", "query_table(a1, 'x')"),
        ("which chart is the best", "query_table(a1, 'x')"),
        ("how many dogs are in the video", "count_objects(each sample_frames(a1), dog)"),
        ("read it aloud in English", "speak(a1)"),  # it may well be in English
        ("calculate how much it is and read it", SIGN),
        ("what do I pay each month for this loan", "finance(a1)"),
    ],
)
def test_what_is_right_stays(said: str, wrote: str) -> None:
    assert righted(expression(wrote), said, CARDS) == expression(wrote)


def test_of_words_that_hold_another_wish_only_what_is_sure_is_read() -> None:
    both = "a summary in English and the letter in Portuguese"

    assert read_off(expression("describe_image(a1)"), "whats on the receipt", CARDS) == expression(
        SIGN
    )
    assert read_off(expression("translate(a1, pt)"), both, CARDS) == expression("translate(a1, pt)")


def test_a_table_is_asked_without_the_drawing() -> None:
    assert undrawn("average mark per class, as a bar chart") == "average mark per class"
    assert undrawn("Draw a pie chart of sales by city") == "sales by city"
    assert undrawn("as a chart") == "as a chart"
    assert undrawn("sales by city") == "sales by city"


@pytest.mark.parametrize(
    ("before", "said", "wanted"),
    [
        (f"translate({SIGN}, pt)", "read it aloud", f"speak(translate({SIGN}, pt))"),
        (f"summarize({SIGN})", "read the summary out loud", f"speak(summarize({SIGN}))"),
        (f"find_entities({SIGN})", "read it aloud", f"speak({SIGN})"),
        (f"translate({SIGN}, pt)", "read the sign aloud", f"speak({SIGN})"),
    ],
)
def test_it_is_what_was_made_last(before: str, said: str, wanted: str) -> None:
    spoken = expression(f"speak({SIGN})")

    parts, _ = chained([expression(before), spoken], ["first", said], CARDS)

    assert parts[1] == expression(wanted)
