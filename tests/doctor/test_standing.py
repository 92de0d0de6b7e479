"""Why is mine never chosen? Ranks, rivals and hints, with the shipped embedder and router."""

from __future__ import annotations

import json

import pytest

from herd_graph import Herd, Text, expert
from herd_graph.cli import main
from herd_graph.doctor.standing import Standing, stand
from herd_graph.experts import Expert
from herd_graph.threads import wait


@expert(
    tags=["weather", "forecast"],
    examples=["what will the weather be tomorrow?", "will it rain on Sunday?"],
)
def forecast(place: str) -> str:
    """Say what the weather will be at a place."""
    return f"sunny in {place}"


@expert(
    tags=["invoice", "reminder", "dunning"],
    examples=[
        "write a reminder for the unpaid invoice",
        "remind the customer of the overdue bill",
        "draft a letter about the late payment",
    ],
)
def remind(invoice: Text) -> Text:
    """Write a polite reminder about an invoice that has not been paid."""
    return invoice


@expert(examples=["write a reminder for the unpaid invoice", "will it rain on Sunday?"])
def mine(text: Text) -> Text:
    """Do it."""
    return text


@expert
def bare(text: Text) -> Text:
    """Put every word of a text into capital letters."""
    return text


def standing_of(which: Expert, *others: Expert) -> Standing:
    with Herd(which, *others, checkpoints="memory") as herd:
        return wait(stand(which, herd))


def test_an_expert_with_a_good_card_comes_first_without_the_example_itself() -> None:
    found = standing_of(remind, forecast)

    assert (found.first, found.chosen, found.failed) == (3, 3, False)
    assert [each.rank for each in found.contests] == [1, 1, 1]
    assert all(each.score < 0.95 for each in found.contests)  # not by the example itself


def test_the_rival_that_wins_is_named_with_what_it_wins_by() -> None:
    found = standing_of(mine, remind, forecast)

    first, second = found.contests
    assert (first.rank, first.rival, first.rival_text) == (2, "remind@1", first.example)
    assert "has the same example" in first.hint
    assert (second.rival, second.rival_score > second.score) == ("forecast@1", True)
    assert "behind forecast@1" in str(found)


def test_words_that_the_rest_of_the_card_lacks_are_named_and_names_are_not() -> None:
    @expert(examples=["send Maria the sunshine report", "wash the car"])
    def polish(thing: str) -> str:
        """Clean a car and make it shine."""
        return thing

    found = standing_of(polish, forecast, remind)

    (lost,) = [each for each in found.contests if "Maria" in each.example]
    assert lost.rank > 1
    assert "'sunshine'" in lost.hint
    assert "maria" not in lost.hint.lower()


def test_a_card_without_examples_is_told_to_have_some() -> None:
    found = standing_of(bare, remind)

    assert found.contests == ()
    assert "has no examples" in found.advice[0]
    assert not found.failed


def test_alone_there_is_no_rival() -> None:
    found = standing_of(remind)

    assert [(each.rank, each.rival) for each in found.contests] == [(1, "")] * 3


def test_older_versions_of_it_are_no_rivals_and_nothing_is_stored() -> None:
    newer = Expert(remind.card.model_copy(update={"version": "2"}))
    with Herd(remind, newer, forecast, checkpoints="memory") as herd:
        herd.find("rain")
        before = herd.engine.index.fingerprint
        found = wait(stand(newer, herd))

        assert {each.rival for each in found.contests} == {"forecast@1"}
        assert herd.engine.index.fingerprint == before


def test_what_an_expert_takes_is_attached_for_the_router():
    wanted = ("describe_image", "draw_chart", "read_pdf", "transcribe", "transcribe_video")
    with Herd.default(checkpoints="memory", router="semantic") as herd:
        found = [wait(stand(herd.registry.find(name), herd)) for name in wanted]

    assert [each.chosen == len(each.contests) for each in found] == [True] * len(wanted)


def test_the_command_calls_nothing_and_writes_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experts", "check", "calculate", "--discover", "--json", "--quiet"]) == 0

    (found,) = json.loads(capsys.readouterr().out)
    assert found["expert"] == "calculate@1"
    assert found["chosen"] == len(found["contests"])
    assert {"example", "rank", "score", "rival", "rival_text", "hint"} <= set(found["contests"][0])
