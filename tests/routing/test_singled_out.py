"""What a message names of earlier turns is what it is about, whatever was made since."""

from __future__ import annotations

import pytest
from neural_router import routed
from turns import turn

from herd_graph.plans import FromInput, Value
from herd_graph.routing.base import Route
from herd_graph.tasks import Task

LETTER = "Prezada diretora, o meu filho Rafael está com febre e não poderá ir à escola. Luciana"
ENGLISH = "Dear director, my son Rafael has a fever and will not be able to go to school. Luciana"


TRANSLATED = turn(
    "Translate the letter into English", "translate@1", ENGLISH, "carta.txt", carta=LETTER
)
SUMMED = turn(
    "sum it up",
    "summarize@1",
    "Rafael has a fever.",
    "earlier answer: Translate the letter into English",
)
TITLED = turn("give it a title", "write_title@1", "A fever", "earlier answer: sum it up")
THREAD = (TRANSLATED, SUMMED, TITLED)


def worked_on(route: Route) -> list[str]:
    """Return what of earlier turns a plan works on."""
    bound = {
        each.input
        for step in route.plan.steps
        for each in step.inputs.values()
        if isinstance(each, FromInput)
    }
    assert bound == set(route.attachments)
    assert bound <= set(route.plan.inputs)
    return [str(getattr(each, "inline", "")) for each in route.attachments.values()]


@pytest.mark.parametrize(
    ("said", "expert", "text"),
    [
        ("Now read the translation aloud", "speak@1", ENGLISH),
        ("read the English one out", "speak@1", ENGLISH),
        ("and the summary aloud please", "speak@1", "Rafael has a fever."),
        ("translate the title into Portuguese", "translate@1", "A fever"),
        ("translate the letter back into Portuguese", "translate@1", ENGLISH),
        ("now the original letter aloud please", "speak@1", LETTER),
        ("give the translation a title", "write_title@1", ENGLISH),
        ("read the english to me", "speak@1", ENGLISH),
    ],
)
def test_an_answer_that_is_named_is_that_one_and_not_the_last(
    said: str, expert: str, text: str
) -> None:
    made = routed(Task(text=said), *THREAD)

    assert [each.expert for each in made.plan.steps] == [expert]
    assert worked_on(made) == [text]


def test_a_place_among_files_is_the_file_and_not_what_was_made_of_it() -> None:
    mail = "Dear office, I am really unhappy. Regards, Martin Brandt"
    both = turn(
        "Summarise these two", "summarize@1", "Fever.", "carta.txt", carta=LETTER, mail=mail
    )

    made = routed(Task(text="and who wrote the second?"), both)

    assert worked_on(made) == [mail]
    (step,) = made.plan.steps
    assert step.expert == "chat@1"


def test_what_is_yet_to_be_made_is_no_earlier_answer() -> None:
    made = routed(Task(text="write a summary of it"), TRANSLATED)

    assert [each.expert for each in made.plan.steps] == ["summarize@1"]


@pytest.mark.parametrize(
    ("said", "expert"),
    [
        ("what did the title say again?", "write_title@1"),
        ("show me the translation again", "translate@1"),
        ("what was your first answer?", "translate@1"),
        ("repeat the summary please", "summarize@1"),
    ],
)
def test_what_was_answered_is_answered_again(said: str, expert: str) -> None:
    made = routed(Task(text=said), *THREAD)

    assert [each.expert for each in made.plan.steps] == [expert]
    assert made.trace.notes[-1].startswith("the last request again: ")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("which file was that from?", "“give it a title” was answered from carta.txt"),
        ("how did you get that?", "by write_title."),
        ("undo", "no file of yours was changed"),
        ("what did I ask first?", "“Translate the letter into English”; “sum it up”"),
    ],
)
def test_the_thread_itself_says_where_an_answer_came_from(said: str, told: str) -> None:
    made = routed(Task(text=said), *THREAD)

    assert made.plan.abstained
    assert told in made.plan.reason


def test_a_total_that_was_said_is_asked_for_again() -> None:
    bill = turn("how much did it all come to?", "calculate@1", "18.00", "bill.txt", bill="8.00\n10")
    least = turn("which is the cheapest?", "chat@1", "Bread: 8.00", "bill.txt")

    made = routed(Task(text="what did you say the total was?"), bill, least)

    assert "the last request again: 'how much did it all come to?'" in made.trace.notes


def test_a_sum_has_no_items_and_the_receipt_has() -> None:
    bill = turn(
        "add up the receipt", "calculate@1", "18.00", "bill.txt", bill="Bread 8.00\nTart 10.00"
    )

    made = routed(Task(text="what was the dearest item?"), bill)

    assert worked_on(made) == ["Bread 8.00\nTart 10.00"]


def test_what_is_added_up_is_the_receipt_and_not_one_of_its_prices() -> None:
    prices = "Bread 8.00\nTart 10.00\nSoap 2.00"
    bill = turn("add up the receipt", "calculate@1", "20.00", "bill.txt", bill=prices)
    dearest = turn("and what was the dearest thing on it?", "chat@1", "Tart: 10.00", "bill.txt")

    made = routed(Task(text="add it up without the soap and bread"), bill, dearest)

    assert worked_on(made) == [prices]
    (step,) = made.plan.steps
    assert step.inputs["request"] == Value(value="add up everything without the soap or the bread")


def test_the_original_is_the_one_in_its_language() -> None:
    said = turn("translate it into Portuguese", "translate@1", LETTER, "mail.txt", mail=ENGLISH)

    made = routed(Task(text="read the English one aloud"), said)

    assert worked_on(made) == [ENGLISH]


def test_the_price_is_asked_of_what_a_picture_says_and_nothing_is_spoken() -> None:
    read = turn("read the poster", "read_text@1", "Inscrição: 5 euros. Traga água.", "p.txt", p="x")
    put = turn("in English", "translate@1", "Registration: 5 euros. Bring water.", "earlier answer")

    made = routed(Task(text="how much does it cost?"), read, put)

    assert [each.expert for each in made.plan.steps] == ["chat@1"]


def test_the_same_is_done_to_another_answer() -> None:
    read = turn("read the translation aloud", "speak@1", "", "earlier answer: Translate the letter")

    made = routed(Task(text="and the summary too"), *THREAD, read)

    assert [each.expert for each in made.plan.steps] == ["speak@1"]
    assert worked_on(made) == ["Rafael has a fever."]


def test_a_question_afresh_is_asked_of_the_text_and_not_of_what_was_made_of_it() -> None:
    made = routed(
        Task(text="how many days is Rafael ill?"),
        turn("sum this up", "summarize@1", "Rafael has a fever.", "note.txt", note=ENGLISH),
    )

    assert worked_on(made) == [ENGLISH]


def test_nobody_means_that_a_text_did_not_say_something() -> None:
    heard = turn("transcribe it", "transcribe@1", ENGLISH, "note.txt", note=ENGLISH)
    refused = turn(
        "who left it?", "chat@1", "The text does not say anything about that.", "note.txt"
    )

    made = routed(Task(text="translate that into Portuguese"), heard, refused)

    assert worked_on(made) == [ENGLISH]


def test_a_name_is_not_made_shorter() -> None:
    said = f"{ENGLISH} Please tell the teachers that he will be back on Friday at the latest, with thanks."
    heard = turn("transcribe it", "transcribe@1", said, "note.txt", note=said)
    signed = turn("who wrote it?", "chat@1", "It is signed: Luciana.", "note.txt")

    made = routed(Task(text="put that in a one line summary"), heard, signed)

    assert [each.expert for each in made.plan.steps] == ["summarize@1"]
    assert worked_on(made) == [said]
