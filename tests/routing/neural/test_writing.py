"""What the network may write: symbols that keep a plan a valid one, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_experts import herd

from herd_graph.cards import Port
from herd_graph.checking import check
from herd_graph.routing.golds import read_gold
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.planning import plan_of
from herd_graph.routing.neural.reading import Given, read
from herd_graph.routing.neural.symbols import END, SPAN, alphabet, write
from herd_graph.routing.neural.symbols import read as read_symbols
from herd_graph.routing.neural.writing import Crew, Roles, Written
from herd_graph.types import Kind

CARDS = {card.name: card for card in herd().latest}
INPUTS = {
    "a1": Port(name="a1", kind=Kind.AUDIO),
    "a2": Port(name="a2", kind=Kind.IMAGE),
    "a3": Port(name="a3", kind=Kind.IMAGE, many=True),
}
ROLES = Roles(CARDS)

GOLDS = (
    "translate(transcribe(a1), pt)",
    "caption(each a3) ; transcribe(a1)",
    "translate(transcribe(a1), pt) if score(transcribe(a1)) > 3",
    "transcribe(a1) !",
    "-",
    "join([transcribe(a1), translate('good morning', pt)])",
)


def crew() -> Crew:
    return Crew(ROLES, INPUTS)


@pytest.mark.parametrize("gold", GOLDS)
def test_a_plan_survives_being_written_as_symbols(gold: str) -> None:
    wanted = read_gold(gold)
    written = write(wanted)
    said = {place: words for place, words in enumerate(written.said) if words is not None}

    assert read_symbols(written.symbols, said) == wanted


@pytest.mark.parametrize("gold", GOLDS)
def test_what_a_person_would_note_down_may_be_written(gold: str) -> None:
    written = write(read_gold(gold))
    state = Written()
    for symbol, said in zip((*written.symbols, END), (*written.said, None), strict=True):
        assert symbol in crew().allowed(state), symbol
        state = crew().after(state, symbol, said or "")

    assert state.phase == "over"


@pytest.mark.parametrize(
    ("symbols", "refused"),
    [
        (["e:translate"], "i:a2"),  # a picture is no text
        (["e:translate", "e:transcribe", "i:a1", ")"], "c:fr"),  # no choice of its port
        (["e:translate", "e:transcribe", "i:a1", ")"], ")"),  # a required input is missing
        (["e:caption"], "i:a3"),  # a list, and nothing goes over it
        (["e:transcribe", "i:a1", ")", ";", "e:transcribe", "i:a1", ")"], END),  # twice the same
        (["e:transcribe", "i:a1", ")", "!"], ";"),
        (["-"], "e:transcribe"),
    ],
)
def test_what_is_no_plan_may_not_be_written(symbols: list[str], refused: str) -> None:
    state = Written()
    for symbol in symbols:
        assert symbol in crew().allowed(state)
        state = crew().after(state, symbol)

    assert refused not in crew().allowed(state)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_may_be_written_passes_the_plan_checker(data: st.DataObject) -> None:
    """Walk at random along what is allowed: where the walk ends, there is a valid plan."""
    request = "seven words that a person might say"
    reading = read(request, [Given(name, port.kind.value) for name, port in INPUTS.items()])
    state, symbols, said = Written(), list[str](), dict[int, str]()
    for _ in range(60):
        allowed = sorted(crew().allowed(state))
        if not allowed:
            return  # a part that is there already: such a walk is given up
        closing = [each for each in allowed if each in {END, ")", "]"}]
        symbol = data.draw(st.sampled_from(closing * 4 + allowed))
        if symbol == SPAN:
            said[len(symbols)] = "three"
        symbols.append(symbol)
        state = crew().after(state, symbol, str(len(symbols)) if symbol == SPAN else "")
        if state.phase == "over":
            break
    else:
        return
    wanted = read_symbols(symbols[:-1], said)
    if wanted.abstains:
        return
    parsed = Parsed(
        wanted=wanted,
        probability=0.5,
        looks=tuple(_even(len(reading.ids)) for _ in wanted.parts),
    )
    plan = plan_of(parsed, reading, crew(), {}, INPUTS)

    assert plan is not None
    known = {"never-true", "incomparable", "bad-value", "type-mismatch"}
    problems = [each for each in check(plan, herd(), INPUTS) if each.code not in known]
    assert problems == []


def _even(tokens: int) -> Any:
    import numpy as np

    return np.full(tokens, 1 / tokens, dtype=np.float32)


def test_an_alphabet_has_each_output_and_each_choice_once() -> None:
    symbols = alphabet(CARDS.values())

    assert len(symbols) == len(set(symbols))
    assert {"e:transcribe", "e:listen", "c:pt"} <= set(symbols)
