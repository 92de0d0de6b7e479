"""Questions without what stands around them, and the repair that asks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph import Herd, Text, expert
from herd_graph.artifacts import Table
from herd_graph.coordination.shorter import shorter
from herd_graph.coordination.table_words import words_of_tables
from herd_graph.errors import PortViolation
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.store import MemoryStore
from herd_graph.types import StepId


@pytest.mark.parametrize(
    ("whole", "asked"),
    [
        (
            "I'm putting numbers together for my boss and I need to know which town earned more.",
            "which town earned more",
        ),
        ("Could you please tell me how many units we moved in Leeds?",
         "how many units we moved in Leeds?"),
        ("I've forgotten who of our members lives in Porto, can you list them?",
         "who of our members lives in Porto?"),
        ("I'm trying to save a bit. What do my expenses come to?",
         "What do my expenses come to?"),
        ("know the average, if you don't mind.", "know the average"),
        ("Hey, do you know on which day it was coldest?", "on which day it was coldest?"),
        ("What do rent and food come to together? Speak the answer.",
         "What do rent and food come to together?"),
        ("how much goes into rent, and tell it to me aloud", "how much goes into rent"),
        ("200/month, 10y, 4% p.a.: final value, as audio", "200/month, 10y, 4% p.a.: final value"),
        ("the highest temperature in the second?", "the highest temperature?"),
        ("What is the average amount in the first table?", "What is the average amount?"),
        ("of the first I need the average expense", "the average expense"),
        ("max temp (2)", "max temp"),
        ("2) mean age", "mean age"),
    ],
)  # fmt: skip
def test_what_is_said_about_the_asking_is_left_out(whole: str, asked: str):
    assert asked in list(shorter(whole))


@pytest.mark.parametrize(
    "question",
    [
        "how many lamps did we sell in Leeds?",
        "In our northern region, how many units did we sell?",
        "This week we sold little, how much was it?",
        "We only look at Porto here, so how many units were sold?",
        "I only care about maths, who is best?",
        "I am Ana. What is my mark in maths?",
        "We count the north alone and the 12 shops there. How much did they sell?",
        "total revenue per product, highest first",
        "which words are spoken most?",
        "the name of the first",
        "how many people answered the second question?",
        "units sold on the first day",
        "who came in the last month?",
        "revenue (2024)",
        "",
        "?",
    ],
)
def test_what_may_narrow_a_question_down_stays(question: str):
    assert list(shorter(question)) == []


TABLE = frozenset(
    ("month", "city", "units", "revenue", "january", "february", "march", "porto", "leeds")
)


@pytest.mark.parametrize(
    ("whole", "asked"),
    [
        ("The second is about what we sold: how many units were that in March, all in all?",
         "how many units were that in March, all in all?"),
        ("Head office wants a one-page report tonight, and What I still need is the name of the town that sold most",
         "the town that sold most"),
        ("She wants to see how it went up and down, so a line over the months would be nice",
         "a line over the months would be nice"),
        ("which city sold most in my export?", "which city sold most?"),
        ("list 2 units in march", "units in march"),
        ("how many units were sold in March by the second?", "how many units were sold in March?"),
    ],
)  # fmt: skip
def test_of_a_table_what_holds_none_of_its_words_is_left_out(whole: str, asked: str):
    assert asked in list(shorter(whole, TABLE))


@pytest.mark.parametrize(
    "question",
    [
        "The Porto people want their own figures: which month was best?",
        "Units matter here, and what is the highest?",
        "Only the north counts: how much is it?",
        "More than a hundred is good; how many are there?",
        "We look at last year alone: what was sold?",
    ],
)
def test_of_a_table_what_may_say_which_rows_are_meant_stays(question: str):
    picked = ("Porto", "Units", "north", "hundred", "last year")
    held = next(each for each in picked if each in question)

    assert all(held in each for each in shorter(question, TABLE))


@given(st.text(max_size=120))
def test_nothing_is_added_and_nothing_is_asked_twice(question: str):
    found = list(shorter(question))

    assert len({each.casefold() for each in found}) == len(found)
    assert all(len(each) < len(question) for each in found)
    assert all(word in question for each in found for word in each.rstrip("?").split())


def _tally() -> tuple[Herd, list[str]]:
    asked: list[str] = []

    @expert
    def tally(text: Text, question: str) -> Text:
        """Answer a question about a text, if it is one of a few."""
        asked.append(question)
        if question.lower().rstrip("?") != "how many words are there":
            raise ValueError(f"{question!r} is not understood")
        return Text(str(len(str(text).split())))

    herd = Herd()
    herd.add(tally)
    return herd, asked


def _plan(**inputs: Binding) -> Plan:
    step = Step(id=StepId("s1"), expert="tally@1", inputs=inputs)
    return Plan(steps=(step,), answers=(Ask(ask="it", source=FromStep(step=StepId("s1"))),))


def test_a_question_that_is_refused_is_asked_without_its_courtesies():
    herd, asked = _tally()
    polite = "Could you please tell me how many words are there, if you don't mind?"

    run = herd.run(_plan(text=FromInput(input="a1"), question=Value(value=polite)), Text("a b c"))

    assert run.answer.text == "3"
    assert list(dict.fromkeys(asked)) == [polite, "how many words are there?"]
    assert "asked as 'how many words are there?'" in str(run.why())


def test_what_is_refused_as_it_stands_is_refused_once():
    herd, asked = _tally()
    plain = "how many letters are there in Leeds?"

    run = herd.run(_plan(text=FromInput(input="a1"), question=Value(value=plain)), Text("a b c"))

    assert run.answer.status == "failed"
    assert set(asked) == {plain}


def test_a_text_to_work_on_is_never_shortened():
    seen: list[str] = []

    @expert
    def picky(text: Text) -> Text:
        """Correct the spelling of a text."""
        seen.append(str(text))
        raise ValueError("no")

    herd = Herd()
    herd.add(picky)
    words = "Could you please tell me how many words are there?"
    step = Step(id=StepId("s1"), expert="picky@1", inputs={"text": Value(value=words)})

    herd.run(Plan(steps=(step,), answers=(Ask(ask="it", source=FromStep(step=StepId("s1"))),)))

    assert set(seen) == {words}


def _exporter() -> tuple[Herd, list[str]]:
    asked: list[str] = []

    @expert(tags=["format"])
    def carry(table: Table, request: str = "") -> Text:
        """Write a table in another format."""
        asked.append(request)
        if "Porto" in request:
            return Text("Porto")
        if request:
            raise PortViolation(f"{request!r} does not say which rows. Expected others. Ask anew.")
        return Text("all")

    herd = Herd()
    herd.add(carry)
    return herd, asked


@pytest.mark.parametrize(
    ("words", "came"),
    [
        ("Strange as it sounds, let me have it in that form", "all"),
        ("sales > xlsx", "all"),
        ("What a day, let me have Porto", "Porto"),
        ("without the towns of the south", None),
        ("only what is in the north", None),
        ("let me have the towns called Leeds or so", None),
    ],
)
def test_who_carries_a_table_over_needs_no_words_that_pick_nothing_out(
    words: str, came: str | None
):
    herd, _ = _exporter()
    step = Step(
        id=StepId("s1"),
        expert="carry@1",
        inputs={"table": FromInput(input="a1"), "request": Value(value=words)},
    )
    plan = Plan(steps=(step,), answers=(Ask(ask="it", source=FromStep(step=StepId("s1"))),))

    run = herd.run(plan, Table([{"city": "Porto", "sales": 3}, {"city": "Leeds", "sales": 4}]))

    assert (run.answer.text if run.answer.status == "done" else None) == came


def test_the_words_of_a_table_are_those_of_its_columns_and_cells():
    store = MemoryStore()
    table = Table([{"unit_price": 3, "city": "Porto"}]).put(store)
    prose = Text("and this").put(store)

    assert words_of_tables([table, prose], store) == {"unit", "price", "city", "porto"}
    assert words_of_tables([prose], store) == frozenset()
    assert words_of_tables([[table], Table([{"a": "x"}] * 6_000).put(store)], store) == frozenset()
