"""Titles: out of the text's own words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]

TEXTS = [
    (
        "The city council of Porto decided on Monday to close the old bridge for repairs until March. "
        "Buses will take another way. Shop owners fear for their Christmas business."
    ),
    (
        "Scientists have found a new species of frog in the mountains of Peru. It is smaller than a "
        "fingernail and lives under leaves."
    ),
    "Our hiking club meets every first Saturday of the month at the station. New members are welcome.",
    "The museum does not open on Mondays any more. Visitors must not bring large bags into the rooms.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_title_invents_nothing(call: Call, text: str):
    made = call("write_title", Text(text)).text

    words = made.lower().split()
    assert 3 <= len(words) <= 12
    assert made[0].isupper()
    assert "\n" not in made
    told = set(re.findall(r"[\w'’-]+", text.lower()))
    assert set(re.findall(r"[\w'’-]+", made.lower())) <= told


def test_the_title_is_about_the_text(call: Call):
    assert "frog" in call("write_title", Text(TEXTS[1])).text


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        (
            (
                "Bees are in trouble this spring. Many hives were lost in the cold months. Beekeepers in the "
                "valley lost a third of their bees. They hope that wild flowers will help the bees."
            ),
            "bees",
        ),
        (
            (
                "The old mill of Tavira opens again in June. For nine years nobody was allowed to go inside, "
                "because the roof had fallen in. Now the mill has a new roof. Visitors may see the mill daily."
            ),
            "mill",
        ),
        (
            (
                "Last night a storm hit the coast. When the fishermen came in the morning they found a whale on "
                "the sand. Forty people worked to keep the whale wet. At high tide the whale swam away."
            ),
            "whale",
        ),
    ],
)
def test_the_title_names_what_the_text_speaks_of_most(call: Call, text: str, topic: str):
    assert topic in call("write_title", Text(text)).text.lower().split()


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("House rules\n\nPlease be quiet after ten.\n\nDogs are kept on a lead.\n", "House rules"),
        (
            "RENTAL AGREEMENT\nbetween Ann Cole of Hull,\nand Peter Young. The rent is 750 pounds.",
            "Rental agreement",
        ),
        ("Bolo de laranja\n\nBata os ovos com o açúcar.\nJunte a farinha.\n", "Bolo de laranja"),
    ],
)
def test_a_text_keeps_its_own_heading(call: Call, text: str, heading: str):
    assert call("write_title", Text(text)).text == heading


@pytest.mark.parametrize(
    "text",
    [
        "Dear Mr Harris,\n\nyour new bicycle is ready. Please collect it on Monday.",
        "Hello everybody\n\nThe budget meeting has moved to Thursday. Bring your figures.",
        "The tram stops here.\nIt runs every ten minutes until midnight, and more often at the weekend.",
    ],
)
def test_a_greeting_or_a_sentence_is_no_heading(call: Call, text: str):
    assert call("write_title", Text(text)).text.rstrip(".") != text.partition("\n")[0].strip(" ,.")


def test_a_negation_is_never_dropped(call: Call):
    made = call("write_title", Text("The museum will not open on Mondays in the new year.")).text

    assert "open" not in made or "not" in made


def test_a_long_text_is_titled_from_its_best_sentences(call: Call):
    made = call(
        "write_title", Text(TEXTS[0] + " The bridge is old and the council knows it." * 4_000)
    )

    assert len(made.text) < 100


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "too short"),
        ("Hello there", "too short"),
        ("Der Stadtrat hat beschlossen, die alte Brücke bis März zu sperren.", "German"),
        ("قررت بلدية المدينة إغلاق الجسر القديم حتى شهر مارس القادم", "script"),
    ],
)
def test_what_it_cannot_title_is_refused(call: Call, text: str, message: str):
    with pytest.raises(PortViolation, match=message):
        call("write_title", Text(text))


def test_a_portuguese_text_has_a_portuguese_title(call: Call):
    made = call(
        "write_title", Text("A câmara municipal decidiu fechar a ponte velha para obras até março.")
    )

    assert "ponte" in made.text.lower()
    assert len(made.text.split()) < 12


def test_a_title_is_of_one_clause(call: Call):
    told = "Omar fixed my grandmother's radio in twenty minutes, and Lucy mended the zip of my jacket. The cake was good."

    assert "zip" not in str(call("write_title", Text(told))) or "Omar" not in str(
        call("write_title", Text(told))
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("From: a@b.example\nSubject: Re: Changes to the rota\n\nHello all, the library is shut for a week in March.", "Changes to the rota"),
        ("PTA meeting, Oakfield Primary, 22 January 2026, 7 pm\n\nPresent: Ada, Bo\n\nThe quiz night made 612 pounds.", "PTA meeting, Oakfield Primary"),
        ("Dear Mr Cole,\n\nThis is to remind you of your appointment with Dr Sen on 24 February, at nine. Please be early.\n\nYours,\nMia", "Your appointment with Dr Sen on 24 February"),
    ],
)  # fmt: skip
def test_what_a_text_says_that_it_is_about_is_its_title(call: Call, text: str, expected: str):
    assert str(call("write_title", Text(text))) == expected
