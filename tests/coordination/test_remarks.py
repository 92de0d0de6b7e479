"""Doubts as sentences: what a person reads, held against what the checks really say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph import Herd, Text, expert
from herd_graph.coordination.checks.standard import standard
from herd_graph.coordination.remarks import remark
from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step
from herd_graph.types import StepId


@pytest.mark.parametrize(
    ("doubt", "said"),
    [
        (
            "about: 0% of its words stand in its source (s1)",
            "it has hardly a word of what it was made of",
        ),
        (
            "grounding: not in what it was made of: name 'Saturday', number '19' (s1)",
            "its source does not say “Saturday” or “19”",
        ),
        (
            "arithmetic: 'result' says '18 - 25 = 1'; that is -7 (s1)",
            "it says '18 - 25 = 1'; that is -7",
        ),
        (
            "language: 'result' is in French; it was asked for in English (s1)",
            "it is in French; it was asked for in English",
        ),
        (
            "length:translation: a translation of 500 letters has 90 (s1)",
            "it is much shorter than what was translated",
        ),
        ("habit: 'result' is 0.30 times as long as its results are (s1)",
         "it is much shorter than such results are"),
        ("habit: 'result' is 2.10 times as long as its results are (s1)",
         "it is much longer than such results are"),
        ("again: three calls gave three different 'result' (s1)",
         "three tries gave three different results"),
        ("second look: it may be broken off; two more calls gave something else (s1)",
         "two more tries gave something else"),
        ("agreement: result: 2 words are disputed (a/b); another result came from b@1 (s1)",
         "experts differ: 2 words are disputed (a/b); another result came from b@1"),
    ],
)  # fmt: skip
def test_a_doubt_is_told_as_a_sentence(doubt: str, said: str):
    assert remark(doubt, own="s1") == said


def test_what_is_said_of_an_earlier_step_names_its_expert():
    doubt = "grounding: not in what it was made of: number 'cento' (s1)"

    told = remark(doubt, own="s2", experts={"s1": "translate@1", "s2": "speak@1"})

    assert told == "in what translate gave: its source does not say “cento”"


def test_of_a_list_the_number_is_told():
    doubt = "about: 4% of its words stand in its source (s1[2])"

    assert remark(doubt, own="s1") == "number 3: it has hardly a word of what it was made of"
    told = remark(doubt, own="s2", experts={"s1": "summarize@1"})
    assert told == "in what summarize gave, number 3: it has hardly a word of what it was made of"


def test_a_check_of_somebodys_own_speaks_for_itself():
    assert remark("polite: it swears (s1)", own="s1") == "polite: it swears (s1)"


@given(st.text(max_size=80))
def test_any_text_stays_a_text(text: str):
    assert isinstance(remark(text), str)


@pytest.mark.parametrize(
    "check", [each.name for each in standard() if not each.name.startswith("caution:")]
)
def test_no_name_of_a_standard_check_is_shown(check: str):
    told = remark(f"{check}: 'result' is something odd (s1)", own="s1")

    assert told.endswith("it is something odd")
    assert not told.startswith(f"{check}: ")


def test_a_person_reads_no_name_of_a_check_port_or_step():
    @expert(tags=["summary", "extractive"])
    def summarize(text: Text) -> Text:
        """Summarise a text by extracting its most important sentences."""
        return Text("Bananas rarely travel 77 kilometres beyond purple volcanoes.")

    @expert
    def shout(text: Text) -> Text:
        """Write a text in capitals."""
        return Text(str(text).upper())

    herd = Herd()
    herd.add(summarize)
    herd.add(shout)
    plan = Plan(
        steps=(
            Step(id=StepId("s1"), expert="summarize@1", inputs={"text": FromInput(input="a1")}),
            Step(id=StepId("s2"), expert="shout@1", inputs={"text": FromStep(step=StepId("s1"))}),
        ),
        answers=(Ask(ask="short", source=FromStep(step=StepId("s1"))),
                 Ask(ask="loud", source=FromStep(step=StepId("s2")))),
    )  # fmt: skip
    note = "The museum opens at nine. Children pay two euros. The shop sells postcards of the town."

    answer = herd.run(plan, Text(note)).answer

    short, loud = answer.parts
    assert short.doubts
    assert all("s1" not in each and "'result'" not in each for each in short.unsure)
    assert loud.unsure
    assert loud.unsure[0].startswith("in what summarize gave: ")
