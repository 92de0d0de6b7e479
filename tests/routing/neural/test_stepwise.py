"""Each wish of a request is read alone, as a turn that goes on from those before it."""

from __future__ import annotations

import pytest
from neural_router import CARDS, HELD, plan, routed

from herd_graph.bench.compound import answers
from herd_graph.routing.golds import Wanted, expression
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.stepwise import Served, pieces, together, wishes
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind


def test_wishes_are_the_clauses_that_ask_and_pieces_stand_between_commas() -> None:
    said = wishes("Thanks for the file! Transcribe it and translate 'good day'", HELD.latest)

    assert said == ["Transcribe it", 'translate "good day"']
    assert pieces("3 miles in km, and 20% of 50 and 5 kg in pounds") == [
        "3 miles in km",
        "20% of 50",
        "5 kg in pounds",
    ]
    assert pieces("read this: one, two and three") == []  # it holds a text of its own


def test_remarks_ask_for_nothing_and_portuguese_orders_are_told_apart() -> None:
    assert wishes("Read the tag. The call needn't be treated.", HELD.latest) == ["Read the tag"]
    assert wishes("o que diz o cartaz e quanto custam dois bilhetes?", HELD.latest) == [
        "o que diz o cartaz",
        "quanto custam dois bilhetes?",
    ]
    assert wishes("lê o texto de Ana e Rui", HELD.latest) == ["lê o texto de Ana e Rui"]


def test_what_tells_how_is_no_piece_and_thanks_are_none() -> None:
    assert pieces("Sort them by price, highest first, and save it as CSV") == [
        "Sort them by price, highest first",
        "save it as CSV",
    ]
    assert pieces("who paid more, Tom or Lea, and by how much?") == [
        "who paid more, Tom or Lea, by how much?"
    ]
    assert pieces("hi, the average age and the oldest") == ["the average age", "the oldest"]
    assert wishes("Good morning! Read the menu", HELD.latest) == ["Read the menu"]
    assert pieces("thanks! and the average age and the oldest") == ["the average age", "the oldest"]


def whole(gold: str, probability: float) -> Parsed:
    return Parsed(
        wanted=Wanted(parts=tuple(map(expression, gold.split(" ; ")))),
        probability=probability,
        looks=(),
    )


def served(said: str, gold: str, probability: float) -> Served:
    return Served(said=said, parts=(expression(gold),), probability=probability)


FIRST, SECOND = "transcribe(a1)", "translate(transcribe(a1), pt)"


def test_a_whole_that_is_doubted_or_lacks_a_wish_gives_way() -> None:
    clear = [served("transcribe", FIRST, 0.99), served("translate", SECOND, 0.9)]

    for doubted in (None, whole(FIRST, 0.2), whole(FIRST, 0.8)):
        made = together(clear, doubted, CARDS)
        assert made is not None
        assert made[0].wanted.parts == (expression(FIRST), expression(SECOND))
        assert made[1].parts == ("transcribe", "translate")


@pytest.mark.parametrize(
    ("wishes_", "likely"),
    [
        ([served("a", FIRST, 0.99), served("b", SECOND, 0.9)], whole(f"{FIRST} ; {SECOND}", 0.8)),
        ([served("a", FIRST, 0.99), served("b", SECOND, 0.9)], whole(FIRST, 0.95)),
        ([served("a", FIRST, 0.99), served("b", SECOND, 0.4)], whole(FIRST, 0.2)),
        ([served("a", FIRST, 0.99)], whole(FIRST, 0.2)),
        ([served("a", FIRST, 0.99), Served(said="b", parts=(), probability=0.99)], None),
    ],
)
def test_a_likely_whole_stays_and_so_does_one_beside_unclear_wishes(
    wishes_: list[Served], likely: Parsed | None
) -> None:
    assert together(wishes_, likely, CARDS) is None


@pytest.mark.parametrize(
    ("text", "files", "gold"),
    [
        (
            "3 miles in km, and 20% of 50, and 5 kg in pounds",
            [],
            "convert_units('3 miles in km') ; calculate('20/100 * 50') ; convert_units('5 kg in pounds')",
        ),
        ("transcribe and translate", ["audio:memo.wav"], f"{FIRST} ; {SECOND}"),
        (
            "add up the prices and tell me 20% of that",
            ["image:bill.png"],
            "calculate(read_text(a1), 'sum') ; calculate(calculate(read_text(a1), 'sum'), 'sum')",
        ),
    ],
)
def test_no_wish_is_lost(text: str, files: list[str], gold: str) -> None:
    made = plan(text, *files)

    got = answers(made, HELD, {}, defaults=True)
    assert [each[:3] for each in got] == [expression(each)[:3] for each in gold.split(" ; ")]
    assert made.unmet == ()
    assert len({each.ask for each in made.answers}) == len(made.answers)


def test_what_asks_for_nothing_alone_is_joined_to_its_like() -> None:
    assert wishes("Can a trader get a refund? Look in the rules.", HELD.latest) == [
        "Can a trader get a refund?, Look in the rules"
    ]
    assert wishes("say what it costs, and who and which places are mentioned?", HELD.latest)[
        -1
    ].endswith("who and which places are mentioned?")
    assert wishes("is there a cat in the picture and how many", HELD.latest) == [
        "is there a cat in the picture, how many"
    ]
    assert wishes("a loan of 900 at 4% over 3 years: what do I pay each month?", HELD.latest) == [
        "a loan of 900 at 4% over 3 years, what do I pay each month?"
    ]


def test_a_page_is_read_for_the_wish_that_names_it() -> None:
    text = "What is the notice period in the contract? Also translate page 2 into Portuguese."
    pdf = ArtifactRef(
        id="1" * 64, kind=Kind.DOCUMENT, mime="application/pdf", size=9, name="contract.pdf"
    )

    made = routed(Task(text=text, attachments={"a1": pdf})).plan

    told = [str(each.inputs.get("request")) for each in made.steps if each.expert == "read_pdf@1"]
    assert len(told) == 2
    assert "page 2" in told[1]
    assert "page 2" not in told[0]
