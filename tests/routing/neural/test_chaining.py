"""A later wish works on what an earlier one makes, where its words say so."""

from __future__ import annotations

import pytest

from herd_graph.registry import Snapshot
from herd_graph.routing.golds import expression
from herd_graph.routing.neural.chaining import chained
from tools import first_party

CARDS = {e.name: e for e in Snapshot({each.card.id: each for each in first_party()}).latest}
SORTED = "query_table(a1, 'by price')"


@pytest.mark.parametrize(
    ("asked", "said", "wrote", "wanted"),
    [
        (
            "sort them by price",
            "save it as CSV",
            "convert_table(a1, csv)",
            f"convert_table({SORTED}.rows, csv)",
        ),
        (
            "list them by price",
            "as an Excel file too",
            "convert_table(a1, xlsx)",
            f"convert_table({SORTED}.rows, xlsx)",
        ),
        (
            "average price per city",
            "draw it as bars",
            "draw_chart(a1, bar)",
            f"draw_chart({SORTED}.rows, bar)",
        ),
        ("the best price", "save it as CSV", "convert_table(a1, csv)", "convert_table(a1, csv)"),
        (
            "sort them by price",
            "the whole file as JSON, too",
            "convert_table(a1, json)",
            "convert_table(a1, json)",
        ),
        (
            "sort them by price",
            "save it as CSV",
            "convert_table(a2, csv)",
            "convert_table(a2, csv)",
        ),
    ],
)
def test_what_was_asked_of_a_table_is_saved_and_drawn(
    asked: str, said: str, wrote: str, wanted: str
) -> None:
    parts, words = chained([expression(SORTED), expression(wrote)], [asked, said], CARDS)

    assert parts == [expression(SORTED), expression(wanted)]
    assert words == [asked, said]


def test_them_are_all_that_were_made_alike() -> None:
    made = [expression("transcribe(a1)"), expression("transcribe(a2)")]
    names = [
        expression("find_entities(transcribe(a1))"),
        expression("find_entities(transcribe(a2))"),
    ]
    said = ["Transcribe both", "Transcribe both"]

    parts, words = chained([*made, names[1]], [*said, "list the names in them"], CARDS)
    single, _ = chained([*made, names[1]], [*said, "list the names in the second"], CARDS)

    assert parts == [*made, *names]
    assert words[2:] == ["list the names in them"] * 2
    assert single == [*made, names[1]]


def test_the_summary_is_the_one_that_was_made() -> None:
    summary = expression("summarize(read_pdf(a1), 3)")
    spoken = expression("speak(translate(summarize(read_pdf(a1)), pt))")

    named, _ = chained(
        [summary, spoken], ["in 3 sentences", "say the summary in Portuguese"], CARDS
    )
    other, _ = chained([summary, spoken], ["in 3 sentences", "and a short one spoken"], CARDS)

    assert named[1] == expression("speak(translate(summarize(read_pdf(a1), 3), pt))")
    assert other[1] == spoken
