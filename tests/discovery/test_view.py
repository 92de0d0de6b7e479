"""What a search sees: exact, whatever was added and removed before, and by type."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_scores import scores

from herd_graph.cards import ExpertCard, Port
from herd_graph.discovery import blocks
from herd_graph.discovery.blocks import Block, Wanted, bits
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.discovery.index import card_texts
from herd_graph.discovery.mirror import CardRows
from herd_graph.discovery.view import Limits, View
from herd_graph.types import Kind

EMBEDDER = HashEmbedder(64)
WORDS = [
    "read",
    "text",
    "sign",
    "picture",
    "speech",
    "recording",
    "translate",
    "summary",
    "count",
    "people",
    "price",
    "table",
    "voice",
    "music",
    "weather",
    "chart",
    "detect",
    "label",
    "face",
    "street",
    "number",
    "letter",
    "aloud",
    "write",
    "convert",
    "page",
]
KINDS = (Kind.TEXT, Kind.IMAGE, Kind.AUDIO, Kind.TABLE)


@cache
def card(number: int) -> ExpertCard:
    chance = random.Random(number)
    return ExpertCard(
        name=f"expert_{number}",
        description=" ".join(chance.choices(WORDS, k=6)),
        tags=tuple(chance.choices(WORDS, k=2)),
        examples=tuple(" ".join(chance.choices(WORDS, k=4)) for _ in range(number % 3)),
        inputs=(Port(name="given", kind=chance.choice(KINDS)),),
        outputs=(Port(name="made", kind=chance.choice(KINDS)),),
        cost_usd=number % 4 / 100,
        locality="remote" if number % 5 == 0 else "local",
        licence="MIT" if number % 2 else "GPL-3.0",
    )


@cache
def rows(number: int) -> CardRows:
    texts = card_texts(card(number))
    vectors = EMBEDDER.embed([text for _, text in texts])
    return CardRows(fingerprint=str(number), texts=texts, vectors=vectors)


def view_of(*numbers: int) -> View:
    return View().changed(
        {card(n).id: card(n) for n in numbers}, {card(n).id: rows(n) for n in numbers}, ()
    )


def expected(query: str, numbers: set[int], k: int) -> list[tuple[str, float]]:
    plain = scores(query, {card(n).id: rows(n).texts for n in numbers}, EMBEDDER)
    ranked = sorted(plain.items(), key=lambda each: (-round(each[1], 6), each[0]))
    return [(name, round(score, 5)) for name, score in ranked[:k]]


def found(view: View, query: str, k: int, limits: Limits | None = None) -> list[tuple[str, float]]:
    hits = view.best(query, EMBEDDER.embed([query])[0], k, limits or Limits())
    return [(hit.card, round(hit.score, 5)) for hit in hits]


def alike(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    """Say whether two rankings agree, but for the noise of float32 among equals."""
    return len(one) == len(other) and all(
        abs(a[1] - b[1]) < 1e-4 for a, b in zip(one, other, strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 60)), min_size=1, max_size=40),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    st.integers(1, 12),
)
def test_any_history_of_changes_gives_the_scores_of_a_plain_loop(
    history: list[tuple[bool, int]], words: list[str], k: int
) -> None:
    view, present = View(), set[int]()
    for adds, number in history:
        if adds:
            view = view.changed(
                {card(number).id: card(number)}, {card(number).id: rows(number)}, ()
            )
            present.add(number)
        else:
            view = view.changed({}, {}, [card(number).id])
            present.discard(number)

    hits = found(view, " ".join(words), k)

    assert view.count == len(present)
    assert alike(hits, expected(" ".join(words), present, k))
    assert len({name for name, _ in hits}) == len(hits)


def test_a_large_block_is_searched_by_bounds_and_stays_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = range(600)
    plain = view_of(*numbers)
    monkeypatch.setattr(blocks, "TURNED_FROM", 100)
    monkeypatch.setattr(blocks, "AXES", 8)
    turned = view_of(*numbers)

    for query in (
        "read the sign",
        "count people in the street",
        "music",
        "aloud voice letter page",
    ):
        assert turned.blocks[0].can_bound
        assert alike(found(turned, query, 10), found(plain, query, 10))


def test_a_bound_is_never_below_what_it_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "TURNED_FROM", 1)
    monkeypatch.setattr(blocks, "AXES", 5)
    block = Block(
        {card(n).id: card(n) for n in range(80)}, {card(n).id: rows(n) for n in range(80)}
    )
    vector = EMBEDDER.embed(["read the price aloud"])[0]

    bound, near = block.bound(vector, 0, 80), block.nearest(vector, 0, 80)[0]

    assert bool((bound >= near).all())
    assert float((bound - near).min()) < 0.5
    assert np.allclose(block.nearest_of(vector, np.arange(80)), near, atol=1e-6)


def test_types_facts_and_names_limit_who_may_answer() -> None:
    view = view_of(*range(120))
    limits = Limits(
        wanted=Wanted(takes=bits([Kind.IMAGE]), gives=bits([Kind.TEXT])),
        local=True,
        licences=frozenset({"mit"}),
        most_usd=0.01,
    )
    fit = {
        card(n).id
        for n in range(120)
        if card(n).takes == frozenset([Kind.IMAGE])
        and card(n).gives == frozenset([Kind.TEXT])
        and card(n).locality == "local"
        and card(n).licence == "MIT"
        and card(n).cost_usd <= 0.01
    }

    names = {name for name, _ in found(view, "read the sign", 50, limits)}
    none = found(view, "read the sign", 50, Limits(eligible=["nobody@1"]))

    assert names == fit != set()
    assert none == []


def test_many_small_changes_leave_few_blocks_and_the_memory_of_what_is_there() -> None:
    view = View()
    for number in range(200):
        view = view.changed({card(number).id: card(number)}, {card(number).id: rows(number)}, ())
    for number in range(0, 200, 2):
        view = view.changed({}, {}, [card(number).id])

    assert len(view.blocks) <= 8
    assert view.count == 100
    assert sum(len(block) for block in view.blocks) <= 200
    assert view.find(card(1).id) is not None
    assert view.find(card(2).id) is None
