"""Fusion by what results are: the laws that each fuser keeps, and what it makes of real differences."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.coordination.fusers.across import facts, relate
from herd_graph.coordination.fusers.alignment import distance, vote
from herd_graph.coordination.fusers.boxes import Detection, fuse_boxes, overlap
from herd_graph.coordination.fusers.labels import dawid_skene, fuse_labels
from herd_graph.coordination.fusers.mixtures import mix, posterior
from herd_graph.coordination.fusers.numbers import Quantity, fuse_numbers
from herd_graph.coordination.fusers.ocr import Line, fuse_characters, fuse_readings
from herd_graph.coordination.fusers.speech import fuse_transcripts
from herd_graph.coordination.fusers.tables import join_tables
from herd_graph.coordination.fusers.texts import choose_text, likeness, rank_by_pairs

WORDS = st.lists(
    st.sampled_from(["meet", "the", "driver", "at", "back", "door", "on", "friday"]), max_size=7
)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=4)


def shuffled(items: Sequence[object], seed: int) -> list[int]:
    places = list(range(len(items)))
    random.Random(seed).shuffle(places)
    return places


# Laws ------------------------------------------------------------------------------------------


@given(texts=TEXTS, seed=st.integers(0, 99))
def test_the_order_of_transcripts_does_not_matter(texts: list[str], seed: int):
    weights = [1.0 + place for place in range(len(texts))]
    places = shuffled(texts, seed)

    straight = fuse_transcripts(texts, weights)
    turned = fuse_transcripts([texts[p] for p in places], [weights[p] for p in places])

    assert turned.text == straight.text
    assert math.isclose(turned.agreement, straight.agreement)


@given(texts=TEXTS, which=st.integers(0, 3))
def test_a_copy_with_its_weight_split_changes_nothing(texts: list[str], which: int):
    which %= len(texts)
    weights = [1.0] * len(texts)
    split = [0.5 if place == which else 1.0 for place in range(len(texts))]

    once = fuse_transcripts(texts, weights)
    twice = fuse_transcripts([*texts, texts[which]], [*split, 0.5])

    assert twice.text == once.text


@given(text=st.text(max_size=30))
def test_one_result_comes_back_unchanged(text: str):
    assert fuse_transcripts([text]).text == text
    assert fuse_characters([text]) == (text, 1.0)
    assert choose_text([text]).text == text


@given(texts=TEXTS, seed=st.integers(0, 99))
def test_the_order_of_readings_does_not_matter(texts: list[str], seed: int):
    places = shuffled(texts, seed)

    assert fuse_characters([texts[p] for p in places])[0] == fuse_characters(texts)[0]
    assert choose_text([texts[p] for p in places]).text == choose_text(texts).text


@given(values=st.lists(st.floats(1, 100), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_the_order_of_numbers_does_not_matter(values: list[float], seed: int):
    places = shuffled(values, seed)
    given_ = [Quantity(value=value) for value in values]

    straight, turned = fuse_numbers(given_), fuse_numbers([given_[p] for p in places])

    assert math.isclose(straight.value, turned.value)
    assert straight.share == pytest.approx(turned.share)


@given(one=WORDS, two=WORDS, three=WORDS)
def test_distance_is_a_metric(one: list[str], two: list[str], three: list[str]):
    assert distance(one, two) == distance(two, one)
    assert (distance(one, two) == 0) == (one == two)
    assert distance(one, three) <= distance(one, two) + distance(two, three)


@given(logits=st.lists(st.lists(st.floats(-5, 5), min_size=4, max_size=4), min_size=1, max_size=4))
def test_a_mixture_is_a_distribution_and_splitting_a_weight_changes_nothing(
    logits: list[list[float]],
):
    given_ = np.array(logits)
    log_probs = given_ - np.log(np.exp(given_).sum(axis=1, keepdims=True))
    doubled = np.concatenate([log_probs, log_probs[:1]])

    mixed = mix(log_probs)
    split = mix(doubled, [0.5, *([1.0] * (len(logits) - 1)), 0.5])

    assert np.exp(mixed).sum() == pytest.approx(1.0)
    assert split == pytest.approx(mixed)


# What they make of real differences ------------------------------------------------------------


def test_two_of_three_recognisers_outvote_the_third_word_by_word():
    fused = fuse_transcripts(
        [
            "Hello Maria, this is Peter from London.",
            "Hello Mario this is Peter from London",
            "hello Maria this is Pete from London.",
        ]
    )

    assert (
        fused.text.lower().replace(",", "").rstrip(".") == "hello maria this is peter from london"
    )
    assert dict(fused.disputed) == {"maria": "mario", "peter": "pete"}


def test_a_word_that_most_missed_is_left_out_and_one_that_most_heard_is_put_in():
    fused = fuse_transcripts(["the back door", "the back red door", "back door"])

    assert fused.text == "the back door"


def test_a_weight_decides_between_two():
    texts = ["nine people", "five people"]

    assert fuse_transcripts(texts, [1.0, 2.0]).text == "five people"
    assert fuse_transcripts(texts, [2.0, 1.0]).text == "nine people"


def test_letters_are_voted_on_one_by_one():
    assert fuse_characters(["T0TAL 19.00", "TOTAL 19.0O", "TOTAL 1g.00"])[0] == "TOTAL 19.00"


def test_lines_are_matched_by_their_boxes_and_ghosts_are_left_out():
    a = [Line(text="T0TAL", box=(0, 0, 50, 10)), Line(text="19.00", box=(60, 0, 90, 10))]
    b = [Line(text="TOTAL", box=(1, 0, 51, 10)), Line(text="19.00", box=(60, 1, 91, 10))]
    c = [Line(text="TOTAL", box=(0, 1, 50, 11)), Line(text="ghost", box=(0, 80, 40, 90))]

    fused = fuse_readings([a, b, c])

    assert [each.text for each in fused] == ["TOTAL", "19.00"]


def test_boxes_that_overlap_are_one_and_what_one_detector_saw_counts_less():
    fused = fuse_boxes(
        [
            [Detection(label="dog", box=(0, 0, 10, 10), score=0.9)],
            [
                Detection(label="dog", box=(1, 0, 11, 10), score=0.7),
                Detection(label="cat", box=(50, 50, 60, 60), score=0.8),
            ],
        ]
    )

    assert [each.label for each in fused] == ["dog", "cat"]
    assert fused[0].box[0] == pytest.approx(0.7 / 1.6)
    assert fused[1].score == pytest.approx(0.4)
    assert overlap((0, 0, 1, 1), (2, 2, 3, 3)) == 0.0


def test_an_expert_that_always_confuses_two_labels_is_seen_through():
    truth = ["cat", "dog"] * 30
    swapped = {"cat": "dog", "dog": "cat"}
    items = [
        {"a": label, "b": label if place % 10 else swapped[label], "c": swapped[label]}
        for place, label in enumerate(truth)
    ]
    known = dawid_skene(items)

    assert known.likelihood("c", "dog", "cat") > 0.9
    assert fuse_labels({"c": "dog"}, confusions=known).label == "cat"
    assert fuse_labels({"a": "cat", "b": "cat", "c": "dog"}).probability == pytest.approx(2 / 3)


def test_numbers_agree_within_a_tolerance_and_the_outlier_is_shown():
    found = fuse_numbers([Quantity(value=19.0), Quantity(value=19.04), Quantity(value=90.0)])

    assert found.value == pytest.approx(19.02)
    assert found.outliers == (Quantity(value=90.0),)
    assert found.share == pytest.approx(2 / 3)


def test_units_are_converted_or_kept_apart():
    def metres(value: float, unit: str, wanted: str) -> float:
        factors = {"m": 1.0, "km": 1000.0}
        return value * factors[unit] / factors[wanted]

    lengths = [Quantity(value=1.5, unit="km"), Quantity(value=1500, unit="m")]

    assert fuse_numbers(lengths, convert=metres).share == 1.0
    assert fuse_numbers(lengths).share == 0.5


def test_the_text_that_is_nearest_to_the_others_is_the_safest():
    texts = ["The order arrives on Friday.", "The order arrives Friday.", "Otters can swim."]

    assert choose_text(texts).index in {0, 1}
    assert likeness("abc", "abc") == 1.0
    assert likeness("abc", "xyz") == 0.0


def test_a_judge_that_favours_what_it_sees_first_decides_nothing():
    chosen = rank_by_pairs(["one", "two"], lambda first, second: 1.0)

    assert chosen.score == pytest.approx(0.5)


def test_tables_are_joined_by_key_and_every_difference_is_listed():
    joined = join_tables(
        {
            "ocr": [{"item": "Tea", "price": 4.5}, {"item": "Cake", "price": 3.0}],
            "person": [{"item": "tea", "price": 4.5}, {"item": "Cake", "price": 8.0}],
        },
        "item",
        {"person": 2.0},
    )

    assert joined.rows[1] == {"item": "Cake", "price": 8.0}
    assert [(each.key, each.column) for each in joined.conflicts] == [("cake", "price")]
    assert joined.agreement == 0.5


def test_the_receipt_and_the_voice_note_are_held_against_each_other():
    receipt = facts("Coffee 4.50\nTOTAL 19.00\n3 March", "receipt.png")
    note = facts("We should pay ninety in total, it was on March 3", "note.ogg")

    found = [str(each) for each in relate({"receipt.png": receipt, "note.ogg": note})]

    assert any("conflicts with" in each and "total" in each for each in found)
    assert any("agrees with" in each and "March" in each for each in found)


def test_two_people_in_the_photo_and_three_in_the_caption():
    photo, caption = facts("2 persons, 1 dog", "photo"), facts("three people with a dog", "caption")

    relations = relate({"photo": photo, "caption": caption})

    assert [each.holds for each in relations] == [False]


def test_nothing_to_fuse_is_said():
    for fuse in (fuse_numbers, choose_text, fuse_labels, vote):
        with pytest.raises(ValueError, match="Expected at least one"):
            fuse([] if fuse is not fuse_labels else {})  # type: ignore[arg-type]


def test_models_that_predicted_well_are_believed():
    weights = posterior([0.5, 0.5], [-1.0, -3.0])

    assert weights[0] == pytest.approx(math.exp(2) / (1 + math.exp(2)))
    assert posterior([0.5, 0.5], [-1.0, -3.0], decay=0.5)[0] < weights[0]
