"""Recognisers' second thoughts and confidences in fusion: the laws, and what they decide."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.coordination.fusers.alignment import vote
from herd_graph.coordination.fusers.speech import Heard, fuse_heard, fuse_transcripts

WORDS = ["meet", "the", "driver", "at", "9", "back", "door", "forty", "two"]


@st.composite
def heard(draw: st.DrawFn) -> Heard:
    words = draw(st.lists(st.sampled_from(WORDS), max_size=6))
    text = " ".join(words)
    sure = draw(
        st.none()
        | st.lists(st.floats(0.05, 1.0), min_size=len(words), max_size=len(words)).map(tuple)
    )
    more = draw(st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), max_size=2))
    return Heard(
        text=text,
        words=() if sure is None else tuple(zip(words, sure, strict=True)),
        others=((text, -0.1), *((each, -0.5) for each in more)) if more else (),
    )


@given(given_=st.lists(heard(), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_the_order_of_recognisers_does_not_matter(given_: list[Heard], seed: int) -> None:
    weights = [1.0 + 0.3 * place for place in range(len(given_))]
    places = list(range(len(given_)))
    random.Random(seed).shuffle(places)

    straight = fuse_heard(given_, weights)
    turned = fuse_heard([given_[p] for p in places], [weights[p] for p in places])

    assert turned.text == straight.text
    assert math.isclose(turned.agreement, straight.agreement, abs_tol=1e-9)


@given(given_=st.lists(heard(), min_size=1, max_size=3), which=st.integers(0, 2))
def test_a_copy_with_its_weight_split_changes_nothing(given_: list[Heard], which: int) -> None:
    which %= len(given_)
    weights = [1.0 + place for place in range(len(given_))]
    halved = [w / 2 if place == which else w for place, w in enumerate(weights)]

    once = fuse_heard(given_, weights)
    twice = fuse_heard([*given_, given_[which]], [*halved, halved[which]])

    assert twice.text == once.text


@given(one=heard())
def test_one_recogniser_comes_back_unchanged(one: Heard) -> None:
    assert fuse_heard([one]).text == one.text


def test_a_number_is_one_word_however_it_is_written() -> None:
    fused = fuse_transcripts(
        ["We counted 42 boxes.", "we counted forty two foxes", "we count 42 boxes"]
    )

    assert fused.text == "we counted 42 boxes"
    assert ("42", "") not in fused.disputed


def test_a_recogniser_that_is_unsure_of_a_word_is_outvoted_by_one_that_is_sure() -> None:
    unsure = Heard(
        text="the soap was cold", words=(("the", 0.9), ("soap", 0.2), ("was", 0.9), ("cold", 0.9))
    )
    sure = Heard(
        text="a soup was cold", words=(("a", 0.3), ("soup", 0.9), ("was", 0.9), ("cold", 0.9))
    )

    assert fuse_heard([unsure, sure], [1.0, 0.9]).text == "the soup was cold"
    assert fuse_transcripts([unsure.text, sure.text], [1.0, 0.9]).text == "the soap was cold"


def test_the_second_thought_of_one_recogniser_helps_the_first_of_another() -> None:
    one = Heard(
        text="five tables in a room",
        others=(("five tables in a room", -0.176), ("five tables and a room", -0.177)),
    )
    two = Heard(text="nine tables and a room")

    assert fuse_heard([one, two], [1.0, 0.5]).text == "five tables and a room"


def test_confidences_are_one_for_each_token() -> None:
    with pytest.raises(ValueError, match="2 confidences were given for 1 tokens"):
        vote([["a"]], sure=[[0.5, 0.5]])
    with pytest.raises(ValueError, match="1 lists of confidences were given for 2"):
        vote([["a"], ["b"]], sure=[None])


def test_weights_are_one_for_each_transcript() -> None:
    with pytest.raises(ValueError, match="2 weights were given for 1 transcripts"):
        fuse_transcripts(["one"], [1.0, 1.0])
    with pytest.raises(ValueError, match="0 weights were given for 0 transcripts"):
        fuse_transcripts([])
