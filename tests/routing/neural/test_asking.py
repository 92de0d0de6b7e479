"""A question with one answer goes to who reads a text for it, a request for a list to who lists."""

from __future__ import annotations

import pytest

from herd_graph.cards import Port
from herd_graph.registry import Snapshot
from herd_graph.routing.golds import expression
from herd_graph.routing.neural.asking import answered, asked, asks_one, asks_price, readable
from herd_graph.types import Kind
from tools import first_party

CARDS = {e.name: e for e in Snapshot({each.card.id: each for each in first_party()}).latest}


@pytest.mark.parametrize(
    "said",
    [
        "Who wrote this mail",
        "who pays?",
        "tell me who called",
        "tel me who wrote it",
        "when is it due",
        "when I should pick it up?",
        "where is the shop?",
        "who are the landlord and the tenant",
        "how long does it bake?",
        "what did they like?",
        "tell me what she wants",
        "what does the guest complain about",
        "quem escreveu esta carta e para quem?",
    ],
)
def test_one_thing_is_asked_of_a_text(said: str) -> None:
    assert asks_one(said)


@pytest.mark.parametrize(
    "said",
    [
        "who is mentioned in it?",
        "who is in the text",
        "who's who",
        "when and where do they play",
        "who & when on it",
        "where does it mention Glasgow",
        "who is singing?",
        "how long is the recording?",
        "list the people in it",
    ],
)
def test_lists_places_in_a_text_and_facts_of_a_file_are_asked_otherwise(said: str) -> None:
    assert not asks_one(said)


@pytest.mark.parametrize(
    ("said", "wrote", "wanted"),
    [
        ("who sent it?", "find_entities(a1)", "chat(a1)"),
        ("who called", "find_entities(transcribe(a1))", "chat(transcribe(a1))"),
        ("when is it due", "find_entities(calculate(read_text(a1)))", "chat(read_text(a1))"),
        ("Where does Sofia work", "search_text([transcribe(a1)], 'Sofia')", "chat(transcribe(a1))"),
        ("what does it cost", "calculate(transcribe(a1))", "chat(transcribe(a1))"),
        ("o que custa o almoço?", "find_entities(a1)", "chat(a1)"),
        (
            "list the items and their prices",
            "find_entities(read_text(a1))",
            "calculate(read_text(a1))",
        ),
        (
            "What is written in the film",
            "transcribe_video(a1)",
            "read_text(each sample_frames(a1))",
        ),
        (
            "list the customers",
            "find_entities(query_table(a1, 'customers'))",
            "query_table(a1, 'customers')",
        ),
        (
            "Convert the temperatures into Fahrenheit",
            "convert_units(query_table(a1, 'temperatures'), 'Fahrenheit')",
            "query_table(a1, 'temperatures')",
        ),
    ],
)
def test_a_part_is_put_to_who_answers_it(said: str, wrote: str, wanted: str) -> None:
    assert answered(expression(wrote), said, CARDS) == expression(wanted)


@pytest.mark.parametrize(
    ("said", "wrote"),
    [
        ("who is mentioned in it?", "find_entities(a1)"),
        ("where does it talk about the deposit", "search_text([a1], 'deposit')"),
        ("how much is it altogether", "calculate(read_text(a1))"),
        (
            "what does the coffee cost",
            "calculate(read_text(a1))",
        ),  # printed lines: adders read them
        ("what is said in the film", "transcribe_video(a1)"),
        ("the longest distance, in miles", "convert_units(query_table(a1, 'longest'), 'miles')"),
        ("is he angry?", "sentiment(a1)"),
    ],
)
def test_what_is_right_is_left_as_it_is(said: str, wrote: str) -> None:
    assert answered(expression(wrote), said, CARDS) == expression(wrote)


def test_without_a_reader_nothing_is_changed() -> None:
    part = expression("find_entities(a1)")
    others = {name: card for name, card in CARDS.items() if name != "chat"}

    assert answered(part, "who sent it?", others) == part
    assert asked("who sent it?", ("input", "a1"), others) is None


def test_a_question_that_nobody_took_is_put_to_a_text() -> None:
    assert asked("who sent it?", ("input", "a1"), CARDS) == expression("chat(a1)")
    assert asked("Find the phone number", ("input", "a1"), CARDS) == expression("find_entities(a1)")
    assert asked("send it to Anna", ("input", "a1"), CARDS) is None
    assert asks_price("what does lunch cost?")
    assert asks_price("o que custa o almoço?")
    assert not asks_price("what does it cost in total?")


@pytest.mark.parametrize(
    ("kind", "wrote", "wanted"),
    [
        (Kind.DOCUMENT, "chat(a1)", "chat(read_pdf(a1))"),
        (Kind.IMAGE, "chat(a1)", "chat(read_text(a1))"),
        (Kind.VIDEO, "find_entities(a1)", "find_entities(transcribe_video(a1))"),
        (Kind.TEXT, "chat(a1)", "chat(a1)"),
        (Kind.DOCUMENT, "search_text([a1], 'sick pay')", "search_text([a1], 'sick pay')"),
        (Kind.DOCUMENT, "convert_table(a1, csv)", "convert_table(a1, csv)"),
    ],
)
def test_who_takes_a_text_is_given_the_text_of_a_file(kind: Kind, wrote: str, wanted: str) -> None:
    there = {"a1": Port(name="a1", kind=kind)}

    assert readable(expression(wrote), there, CARDS) == expression(wanted)


def test_one_thing_that_is_heard_is_asked_of_what_is_heard() -> None:
    made = answered(expression("transcribe(a1)"), "what should we bring?", CARDS)

    assert made == expression("chat(transcribe(a1))")
    whole = expression("transcribe(a1)")
    assert answered(whole, "what does she say?", CARDS) == whole


def test_what_someone_wants_is_no_summary() -> None:
    made = answered(expression("summarize(a1)"), "tell me what she wants", CARDS)

    assert made == expression("chat(a1)")
    kept = expression("summarize(a1, 2)")
    assert answered(kept, "sum up what she wants in two sentences", CARDS) == kept
