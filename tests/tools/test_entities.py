"""Entities: who, where, when, how much, and exactly where in the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


def test_people_places_organisations_and_dates_are_found(call: Call):
    text = "Barack Obama visited Microsoft in Seattle on 4 July 2016.\nHe met Satya Nadella."

    found = [(each.text, each.label) for each in call("find_entities", Text(text))]

    assert found == [
        ("Barack Obama", "person"),
        ("Microsoft", "organisation"),
        ("Seattle", "place"),
        ("4 July 2016", "date"),
        ("Satya Nadella", "person"),
    ]


def test_positions_are_those_of_the_text(call: Call):
    text = "  Anna flew to Paris, and paid $1,250.50 to anna@example.org.\n\n" * 900

    found = call("find_entities", Text(text))

    assert len(text) > 50_000, "longer than one chunk"
    assert [each for each in found if text[each.start : each.end] != each.text] == []
    assert sum(each.label == "email" for each in found) == 900
    assert sum(each.text == "Paris" and each.label == "place" for each in found) > 850


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("It costs $1,250 in all.", "$1,250"),
        ("It costs 250 euros in all.", "250 euros"),
        ("It costs EUR 12.50 in all.", "EUR 12.50"),
        ("It costs 3 €.", "3 €"),
    ],
)
def test_amounts_are_money(call: Call, text: str, amount: str):
    found = call("find_entities", Text(text))

    assert [each.text for each in found if each.label == "money"] == [amount]


def test_a_text_that_names_nothing_gives_an_empty_list(call: Call):
    assert call("find_entities", Text("nothing is here")) == []


def test_an_empty_text_is_refused(call: Call):
    with pytest.raises(PortViolation, match="empty"):
        call("find_entities", Text("  "))


def test_another_language_is_named_with_the_way_out(call: Call):
    with pytest.raises(PortViolation, match=r"Portuguese.*Translate it first"):
        call("find_entities", Text("Olá Maria, este é o Pedro. As cadeiras não chegam hoje."))


def test_an_entity_reads_well(call: Call):
    (found,) = call("find_entities", Text("We met in Lisbon."))

    assert str(found) == "Lisbon (place)"
