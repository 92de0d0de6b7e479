"""Filling inputs from words."""

from __future__ import annotations

from typing import Literal

import pytest

from herd_graph.artifacts import Audio, Image, Text
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.routing.parameters import content_ports, fill, is_open_ended, role
from herd_graph.routing.tongues import guess_language, languages
from herd_graph.types import JSON


@expert
def translate(text: Text, to: Literal["pt-BR", "English"]) -> Text:
    """Translate a text."""
    return text


@expert
def tune(
    picture: Image,
    width: int,
    style: Literal["short", "very_long"] = "short",
    bold: bool = False,
) -> Image:
    """Tune a picture.

    Args:
        picture: The picture.
        width: How wide, in pixels.
        style: short, or very_long (elaborate, verbose).
        bold: Whether lines are bold.
    """
    return picture


@expert
def weather(city: str) -> Text:
    """Tell the weather."""
    return Text(city)


@expert
def ask(question: str, context: str = "") -> Text:
    """Answer a question."""
    return Text(question + context)


def values(each: Expert, text: str, *, source_text: str = "", whole: str = "") -> dict[str, JSON]:
    filled = fill(each.card, text, source_text=source_text, whole=whole)
    assert not filled.problem
    return filled.values


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("translate it into Portuguese", "pt-BR"),
        ("em português", "pt-BR"),
        ("the English version", "English"),
        ("translate the Portuguese letter", "English"),
        ("from English to Portuguese", "pt-BR"),
    ],
)
def test_a_language_is_chosen_by_meaning(text: str, choice: str) -> None:
    assert values(translate, text) == {"to": choice}


def test_the_language_of_the_source_decides_where_none_is_named() -> None:
    assert values(translate, "translate it", source_text="O gato está no sofá") == {"to": "English"}
    assert values(translate, "translate it", source_text="The cat is on the sofa") == {
        "to": "pt-BR"
    }


def test_two_languages_are_two_variants() -> None:
    filled = fill(translate.card, "translate it into Portuguese and English")

    assert filled.variants == ("to", ("pt-BR", "English"))


def test_a_language_that_is_not_offered_is_a_problem() -> None:
    assert "does not offer French" in fill(translate.card, "translate it to French").problem


def test_numbers_words_and_flags_find_their_inputs() -> None:
    assert values(tune, "make it 640 pixels wide, in a verbose style, with bold lines") == {
        "width": 640,
        "style": "very_long",
        "bold": True,
    }
    assert values(tune, "a width of three hundred, without bold lines")["bold"] is False


def test_a_number_that_is_needed_and_not_said_is_a_problem() -> None:
    assert "'width'" in fill(tune.card, "make it wider").problem


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("what's the weather in Porto?", "Porto"),
        ("Will it rain in New York tomorrow?", "New York"),
        ("weather Madrid", "Madrid"),
    ],
)
def test_a_name_goes_where_it_is_asked_for(text: str, city: str) -> None:
    assert values(weather, text) == {"city": city}


def test_a_question_is_given_whole() -> None:
    assert values(ask, "why is it blue", whole="why is it blue?") == {"question": "why is it blue?"}
    assert is_open_ended(ask.card)


def test_roles_follow_types_and_names() -> None:
    @expert
    def search(document: Text, query: str, recording: Audio) -> Text:
        """Search."""
        return document

    roles = [role(port, search.card) for port in search.card.inputs]

    assert roles == ["content", "named", "content"]
    assert [port.name for port in content_ports(search.card)] == ["document", "recording"]


def test_languages_are_targets_or_sources() -> None:
    found = languages("translate the Portuguese text into English or French")

    assert [(each.code, each.target) for each in found] == [
        ("pt", False),
        ("en", True),
        ("fr", True),
    ]


def test_a_text_gives_its_language_away() -> None:
    assert guess_language("Onde fica a biblioteca? Não é para você.") == "pt"
    assert guess_language("Where is the library that you like?") == "en"
    assert guess_language("xyz") is None


@expert
def reckon(expression: Text, operation: Literal["evaluate", "sum"] = "evaluate") -> Text:
    """Reckon.

    Args:
        expression: What is to be computed.
        operation: evaluate what is written, or sum all amounts (add up, total).
    """
    return expression


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("add up the receipt", "sum"),
        ("what is the total on the receipt", "sum"),
        ("the sum of the prices", "sum"),
        ("sum up the prices", "sum"),
        ("solve both sums on the whiteboard", None),
        ("work out the sum", None),
        ("do the sums in the photo", None),
    ],
)
def test_adding_up_is_chosen_only_where_it_is_asked_for(text: str, operation: str | None) -> None:
    assert fill(reckon.card, text).values.get("operation") == operation


def test_each_of_several_sums_is_a_call_and_a_cut_one_is_none() -> None:
    several = fill(reckon.card, "calculate 2+2 and 3+3")
    cut = fill(reckon.card, "calculate 9:00 + 3")

    assert several.variants == ("expression", ("2+2", "3+3"))
    assert "'9:00 + 3'" in cut.problem
