"""Every wish of a request is served once, or named as not served."""

from __future__ import annotations

import pytest
from neural_router import CARDS, HELD, plan, routed
from routing_gold import render

from herd_graph.bench.compound import answers
from herd_graph.plans import FromStep, Value
from herd_graph.routing.golds import Wanted, expression
from herd_graph.routing.neural.covering import SURE_OF_ALL, covered, settled
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.looking import Words
from herd_graph.routing.neural.stepwise import Served
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind


def whole(gold: str, probability: float = 0.5, *, partly: bool = False) -> Parsed:
    parts = tuple(map(expression, gold.split(" ; ")))
    return Parsed(wanted=Wanted(parts=parts, partly=partly), probability=probability, looks=())


def wish(said: str, gold: str = "", probability: float = 0.9) -> Served:
    return Served(said=said, parts=(expression(gold),) if gold else (), probability=probability)


MOOD, READ = "sentiment(a1)", "chat(a1)"


def test_a_wish_that_a_doubted_whole_lost_is_added_in_its_place() -> None:
    made = covered(
        whole(MOOD),
        Words(parts=("who wrote it and is he angry?",), rest=()),
        [wish("who wrote it", READ), wish("is he angry?", MOOD)],
        CARDS,
    )

    assert made is not None
    assert made[0].wanted == Wanted(parts=(expression(READ), expression(MOOD)))
    assert made[1].parts == ("who wrote it", "is he angry?")


@pytest.mark.parametrize(
    ("likely", "second"),
    [
        (SURE_OF_ALL, wish("is he angry?", MOOD, 0.6)),  # a sure whole is left for what is plain
        (SURE_OF_ALL, wish("angry", MOOD)),  # no clause of its own
        (0.5, wish("is he angry?", MOOD, 0.3)),  # too doubtful alone
        (0.5, wish("The photo doesn't matter")),  # asks for nothing
        (0.5, wish("who got it", READ)),  # the words of the one part hold it
    ],
)
def test_nothing_is_added_without_need(likely: float, second: Served) -> None:
    said = Words(parts=("who wrote it and who got it",), rest=())

    assert covered(whole(READ, likely), said, [wish("who wrote it", READ), second], CARDS) is None


def test_what_even_a_sure_whole_lost_is_added_where_it_is_plain() -> None:
    made = covered(
        whole(f"{READ} ; calculate('6 * 4')", 0.95),
        Words(parts=("what are the quiet hours", "work out 6 * 4"), rest=()),
        [
            wish("what are the quiet hours", READ),
            wish("what does a dog cost per night?", READ),
            wish("work out 6 * 4", "calculate('6 * 4')"),
        ],
        CARDS,
    )

    assert made is not None
    assert [each[1] for each in made[0].wanted.parts] == ["chat", "chat", "calculate"]
    assert made[1].parts[1] == "what does a dog cost per night?"


def test_what_nobody_does_is_named_and_what_somebody_does_is_not() -> None:
    said = Words(parts=("read it",), rest=("in it",))

    missing = covered(
        whole("read_text(a1)"),
        said,
        [wish("read it", "read_text(a1)"), wish("and buy it", "", 0.99)],
        CARDS,
    )
    served = covered(
        whole("describe_image(a1)", partly=True),
        said,
        [
            wish("what is in it", "describe_image(a1)"),
            wish("which colours has it", "describe_image(a1)"),
        ],
        CARDS,
    )

    assert missing is not None
    assert (missing[0].wanted.partly, missing[1].unmet) == (True, ("buy it",))
    assert served is not None
    assert served[0].wanted == Wanted(parts=(expression("describe_image(a1)"),))


def test_one_question_is_not_asked_twice() -> None:
    both = Words(
        parts=("who paid more, Tom or Lea", "who paid more, Tom or Lea, and by how much?"), rest=()
    )
    asked = whole("query_table(a1, 'who paid more') ; query_table(a1, 'who paid more, Tom or Lea')")

    parsed, words = settled(asked, both, CARDS, ["who paid more, Tom or Lea, and by how much?"])

    assert words.parts == ("who paid more, Tom or Lea, and by how much?",)
    assert len(parsed.wanted.parts) == 1


def test_two_questions_in_the_same_words_are_told_apart_by_what_they_ask() -> None:
    same = Words(parts=("the average in maths, the count under 4",) * 2, rest=())
    asked = whole("query_table(a1, 'average in maths') ; query_table(a1, 'count under 4')")

    parsed, words = settled(asked, same, CARDS, [])

    assert words.parts == ("average in maths", "count under 4")
    assert parsed.wanted == asked.wanted


def test_a_part_with_a_condition_is_left_as_it_is() -> None:
    said = Words(parts=("read it if it is in English", "how long"), rest=())
    asked = whole("speak(a1) if identify_language(a1) == en ; chat(a1)")

    parsed, words = settled(asked, said, CARDS, [])

    assert (parsed.wanted, words) == (asked.wanted, said)


@pytest.mark.parametrize(
    ("text", "files", "gold"),
    [
        ("Who wrote this mail and is he angry?", ["text:email.txt"], "chat(a1) ; sentiment(a1)"),
        (
            "how much is the invoice, when is it due and who sent it?",
            ["image:invoice.png"],
            "calculate(read_text(a1)) ; chat(read_text(a1)) ; chat(read_text(a1))",
        ),
        (
            "What is written in the film and what is said in it?",
            ["video:film.mp4"],
            "read_text(each sample_frames(a1)) ; transcribe_video(a1)",
        ),
        (
            "Transcribe both recordings and list the names in them",
            ["audio:voicemail.wav", "audio:interview.wav"],
            "transcribe(a1) ; transcribe(a2) ; find_entities(transcribe(a1)) ; find_entities(transcribe(a2))",
        ),
        (
            "What is in the photo and which colours does it have?",
            ["image:garden.jpg"],
            "describe_image(a1)",
        ),
    ],
)
def test_no_wish_of_a_request_is_lost(text: str, files: list[str], gold: str) -> None:
    made = plan(text, *files)

    assert made.unmet == ()
    wanted = [each.partition("(")[0] for each in gold.split(" ; ")]
    assert {str(each[1]) for each in answers(made, HELD, {})} == set(wanted)
    assert len(made.asks) == len(wanted)


def test_what_is_sorted_is_what_is_saved() -> None:
    made = plan(
        "Sort the orders by quantity, biggest first, and save that as an excel file",
        "table:orders.csv",
    )

    saved = next(each for each in made.steps if each.expert == "convert_table@1")
    told = saved.inputs["request"]
    # What makes the file is told what is to be sorted, or is given the rows that were.
    sorts = isinstance(told, Value) and "by quantity, biggest first" in str(told.value)
    assert sorts or saved.needs
    assert made.steps[0].inputs["question"] == Value(
        value="Sort the orders by quantity, biggest first"
    )


def test_a_question_that_leans_on_a_row_is_asked_with_the_one_before() -> None:
    asked = whole("query_table(a1, 'stalls sell cheese') ; query_table(a1, 'they pay')")
    said = Words(parts=("How many stalls sell cheese", "and what do they pay?"), rest=())

    parsed, words = settled(asked, said, CARDS, list(said.parts))

    assert words.parts == ("How many stalls sell cheese, and what do they pay?",)
    assert len(parsed.wanted.parts) == 1

    apart = Words(parts=("How many stalls sell cheese", "how many rows does it have?"), rest=())
    assert len(settled(asked, apart, CARDS, [])[1].parts) == 2


def test_one_wish_for_each_of_two_files_is_given_to_both_in_full() -> None:
    asked = whole("chat(a1) ; chat(a2)")
    said = Words(parts=("who wrote each of these",) * 2, rest=())

    _, words = settled(asked, said, CARDS, ["who wrote each of these", "when"])

    assert words.parts == ("who wrote each of these and when",) * 2


def test_a_part_that_hangs_on_a_condition_is_no_question_that_needs_figures() -> None:
    made = plan("price without the 21% VAT if it's 96.80 with")

    assert made.steps or made.reason


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "text:recipe.md",
            "What do I need for the soup, does it contain nuts, and make it a Portuguese recipe",
            "chat('What do I need for the soup', a1) ; chat('does it contain nuts', a1) ; translate(a1, pt)",
        ),
        (
            "text:report.txt",
            "when is the winter concert & how much was the roof repair & who leads the choir",
            "chat('how much was the roof repair', a1) ; chat('when is the winter concert', a1) ; chat('who leads the choir', a1)",
        ),
        (
            "text:letter.txt text:mail.txt",
            "Who wrote each of them and what do they want?",
            "chat('Who wrote each of them', a1) ; chat('Who wrote each of them', a2) ; chat('what do they want?', a1) ; chat('what do they want?', a2)",
        ),
        (
            "",
            "15% of 240, and 3 miles in km, and the Portuguese for 'good morning'",
            "calculate('15/100 * 240', '15% of 240') ; convert_units('3 miles in km') ; translate('good morning', pt)",
        ),
    ],
)
def test_one_answer_on_the_way_serves_one_question(files: str, text: str, made: str) -> None:
    found = plan(text, *files.split())

    assert render(found) == made
    assert not found.unmet


def test_all_of_it_is_more_than_the_page_before() -> None:
    file = ArtifactRef(
        id="1" * 64, kind=Kind.DOCUMENT, mime="application/pdf", size=1000, name="handbook.pdf"
    )
    asked = "How much is the insurance? What's on page 2? And a two sentence summary of all of it"

    found = routed(Task(text=asked, attachments={"a1": file})).plan

    fee, page, summary = (each.source for each in found.answers)
    steps = {each.id: each for each in found.steps}
    assert isinstance(fee, FromStep)
    assert isinstance(page, FromStep)
    assert isinstance(summary, FromStep)
    assert steps[page.step].inputs["request"] == Value(value="What's on page 2?")
    assert steps[summary.step].inputs["text"] == steps[fee.step].inputs["context"]
