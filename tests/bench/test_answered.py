"""How the checkable answers of the compound set are judged."""

from __future__ import annotations

import random
from typing import Any

import pytest

from benchmarks.coordination.answered import asks, holds, inlined, matched
from benchmarks.coordination.efficiency import whole
from benchmarks.coordination.golds import Unsuited, Writing
from herd_graph.artifacts import Artifact, Data, Table, Text
from herd_graph.bench import compound
from herd_graph.cards import ExpertCard, Port
from herd_graph.coordination.answers import AnswerPart
from herd_graph.store import MemoryStore
from herd_graph.types import Kind

STORE = MemoryStore()


def part(*made: Artifact, status: Any = "done") -> AnswerPart:
    return AnswerPart(ask="it", status=status, artifacts=tuple(each.put(STORE) for each in made))


@pytest.mark.parametrize(
    ("wanted", "made", "is_right"),
    [
        ({"contains": ["Lisbon"]}, Text("She lives in LISBON."), True),
        ({"contains": ["Lisbon", "May"]}, Text("She lives in Lisbon."), False),
        ({"contains": ["Porto"]}, Table([{"city": "Porto", "units": 3}]), True),
        ({"number": 1234.5}, Text("It is 1,234.50 in all."), True),
        ({"number": 1234.5}, Text("It is 1,240.00 in all."), False),
        ({"number": 1800}, Text("Sum of amount: 1,800"), True),
        ({"number": 3}, Data({"total": 3}), True),
        ({"kind": "table"}, Text("a,b"), False),
        ({"kind": "text", "contains": []}, Text("anything"), True),
        ({}, Text("anything"), True),
    ],
)
def test_what_a_part_has_to_hold(wanted: dict[str, Any], made: Artifact, is_right: bool) -> None:
    assert holds(wanted, part(made), STORE) is is_right


def test_what_is_not_answered_holds_nothing() -> None:
    assert not holds({}, part(Text("half"), status="failed"), STORE)
    assert not holds({}, part(), STORE)


def test_each_answer_counts_for_one_thing_in_any_order() -> None:
    parts = [part(Text("two")), part(Text("one and two"))]
    one, two = {"contains": ["one"]}, {"contains": ["two"]}

    assert matched([one, two], parts, STORE) == [1, 0]
    assert sorted(matched([two, two, two], parts, STORE)) == [-1, 0, 1]
    assert matched([two, one], [parts[1], parts[0]], STORE) == [1, 0]


def test_an_answer_to_two_questions_counts_for_both_where_one_expert_was_asked_both() -> None:
    both = [part(Text("Rent? 750 pounds.\nNotice? Three months."))]
    rent, notice = {"contains": ["750"]}, {"contains": ["three months"]}
    one, two = "search_text([a1], 'rent')", "search_text([a1], 'how long is the notice period')"

    assert matched([rent, notice], both, STORE) == [0, -1]
    assert matched([rent, notice], both, STORE, asks(f"{one} ; {two}")) == [0, 0]
    assert matched([rent, notice], both, STORE, asks(f"{one} ; summarize(a1)")) == [0, -1]
    assert matched([rent, {"number": 9}], both, STORE, asks(f"{one} ; {two}")) == [0, -1]
    assert matched([rent, {"kind": "text"}], both, STORE, asks(f"{one} ; {two}")) == [0, -1]


def test_earlier_turns_stand_written_out_with_their_files_behind() -> None:
    turns = [
        {"files": ["text:one.txt"], "gold": "summarize(a1) ; sentiment(a1)"},
        {"files": ["image:two.png"], "gold": "read_text(a1)"},
    ]

    found = inlined("translate(h1.2, en) ; speak(h2.1) ; write_title(h2.a1) ; chat(a1)", turns, 1)

    assert found == (
        "translate(sentiment(a2), en) ; speak(read_text(a3)) ; write_title(a3) ; chat(a1)"
    )


MOOD = ExpertCard(
    name="sentiment",
    description="Say how a text feels.",
    inputs=(Port(name="text", kind=Kind.TEXT),),
    outputs=(
        Port(
            name="result",
            kind=Kind.DATA,
            json_schema={"type": "object", "properties": {"label": {"type": "string"}}},
        ),
    ),
)
GIST = ExpertCard(
    name="summarize",
    description="Sum up.",
    inputs=(Port(name="text", kind=Kind.TEXT),),
    outputs=(Port(name="result", kind=Kind.TEXT),),
)
CARDS = {each.name: each for each in (MOOD, GIST)}


def test_a_condition_of_a_gold_is_one_of_the_plan() -> None:
    gold = compound.read_gold("summarize(a1) if sentiment(a1) == negative")
    writing = Writing(CARDS.__getitem__, ["a.txt"], random.Random(0), is_exact=True)

    plan = writing.plan(gold.parts)

    assert str(plan) == (
        "s1: sentiment@1(text=a1)\ns2: summarize@1(text=a1) when s1['label'] == 'negative'"
    )


def test_a_condition_is_left_out_where_files_are_others() -> None:
    gold = compound.read_gold("summarize(a1) if sentiment(a1) == negative")
    writing = Writing(CARDS.__getitem__, ["a.txt"], random.Random(0))

    with pytest.raises(Unsuited):
        writing.plan(gold.parts)


def test_the_dense_plan_calls_whoever_takes_the_file() -> None:
    plan = whole([MOOD, GIST], Kind.TEXT, "sum it up")

    assert [step.expert for step in plan.steps] == ["sentiment@1", "summarize@1"]
    assert whole([MOOD, GIST], Kind.AUDIO, "sum it up").steps == ()
