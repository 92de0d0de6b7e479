"""What one wish of a request owes to another, mended in a finished plan."""

from __future__ import annotations

import pytest
from routing_gold import attachments

from herd_graph.checking import check
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.second_look import second_look
from herd_graph.tasks import Task
from herd_graph.types import StepId


def task(text: str, files: str = "") -> Task:
    return Task(text=text, attachments=attachments(files) if files else {})


def step(number: int, expert: str, **inputs: Binding) -> Step:
    return Step(id=StepId(f"s{number}"), expert=f"{expert}@1", inputs=dict(inputs))


def of(number: int) -> FromStep:
    return FromStep(step=StepId(f"s{number}"))


def plan(asked: Task, *steps: Step, answers: dict[int, str], unmet: tuple[str, ...] = ()) -> Plan:
    told = tuple(Ask(ask=ask, source=of(number)) for number, ask in answers.items())
    return Plan(steps=steps, inputs=asked.inputs, answers=told, unmet=unmet)


MAIL, LETTER = FromInput(input="a1"), FromInput(input="a2")


def told(value: str) -> Value:
    return Value(value=value)


@pytest.mark.parametrize(
    ("ask", "source"),
    [("back to English", of(1)), ("then back into English", of(1)), ("and to English", MAIL)],
)
def test_back_again_means_what_was_translated(experts: Snapshot, ask: str, source: Binding):
    asked = task(f"Translate the mail to Portuguese, {ask}", "text:mail.txt")
    first = step(1, "translate", text=MAIL, to=told("pt"))
    second = step(2, "translate", text=MAIL, to=told("en"))
    held = plan(asked, first, second, answers={1: "Translate the mail to Portuguese", 2: ask})

    made = second_look(held, asked, experts)

    assert made.steps[1].inputs["text"] == source
    assert not check(made, experts)


@pytest.mark.parametrize(
    ("expression", "ask", "want"),
    [
        ("what is 345 minus that?", "what is 345 minus that?", "what is 345 minus (12/100 * 345)?"),
        ("12/100 * 345", "80 plus that?", "80 plus (12/100 * 345)?"),
        ("twice the result", "twice the result", "twice (12/100 * 345)"),
        ("7 * 8", "7 * 8", "7 * 8"),
        ("is that so?", "is that so?", "is that so?"),
    ],
)
def test_that_is_the_number_before(experts: Snapshot, expression: str, ask: str, want: str):
    asked = task(f"What is 12% of 345, and {ask}")
    first = step(1, "calculate", expression=told("12/100 * 345"))
    second = step(2, "calculate", expression=told(expression))
    held = plan(asked, first, second, answers={1: "What is 12% of 345", 2: ask})

    made = second_look(held, asked, experts)

    assert made.steps[1].inputs["expression"] == told(want)


def test_a_number_that_is_not_yet_known_is_not_put_in(experts: Snapshot):
    asked = task("What is the total, and half of that?", "text:bill.txt")
    first = step(1, "calculate", expression=MAIL)
    second = step(2, "calculate", expression=told("half of that"))
    held = plan(asked, first, second, answers={1: "What is the total", 2: "half of that"})

    assert second_look(held, asked, experts) is held


@pytest.mark.parametrize(
    ("kinds", "places"),
    [
        (("Find all names, places", "money amounts"), "in the letter and in the mail."),
        (("list the people", "the money amounts"), "in the letter and the mail"),
    ],
)
def test_all_kinds_are_looked_for_in_both_files(
    experts: Snapshot, kinds: tuple[str, str], places: str
):
    whole = f"{kinds[0]} and {kinds[1]} {places}"
    asked = task(whole, "text:mail.txt text:letter.txt")
    last = f"{kinds[1]} {places}"
    first = step(1, "find_entities", text=MAIL, request=told(kinds[0]))
    second = step(2, "find_entities", text=LETTER, request=told(last))
    held = plan(asked, first, second, answers={1: kinds[0], 2: last})

    made = second_look(held, asked, experts)

    assert [each.inputs["request"] for each in made.steps] == [told(whole)] * 2
    assert [each.inputs["text"] for each in made.steps] == [MAIL, LETTER]
    assert [each.ask for each in made.answers] == [whole] * 2


def test_each_file_keeps_the_kinds_that_are_asked_of_it(experts: Snapshot):
    asked = task(
        "the people in the mail and the dates in the letter", "text:mail.txt text:letter.txt"
    )
    first = step(1, "find_entities", text=MAIL, request=told("the people in the mail"))
    second = step(2, "find_entities", text=LETTER, request=told("the dates in the letter"))
    held = plan(
        asked, first, second, answers={1: "the people in the mail", 2: "the dates in the letter"}
    )

    assert second_look(held, asked, experts) is held


@pytest.mark.parametrize(
    ("text", "picture", "mended"),
    [
        ("Summarize the letter in English", "poster.png", True),
        ("Summarize the letter in English", "letter.png", False),
        ("Summarize the letter in English", "img_01.png", False),
        ("Summarize the poster for a letter in English", "poster.png", False),
        ("Summarize this in English", "poster.png", False),
    ],
)
def test_the_letter_is_the_text_beside_a_poster(
    experts: Snapshot, text: str, picture: str, mended: bool
):
    asked = task(text, f"image:{picture} text:carta.txt")
    reads = step(1, "read_text", picture=FromInput(input="a1"))
    turns = step(2, "translate", text=of(1), to=told("en"))
    sums = step(3, "summarize", text=of(2))
    held = plan(asked, reads, turns, sums, answers={3: text})

    made = second_look(held, asked, experts)

    names = [each.expert for each in made.steps]
    assert names == (["translate@1", "summarize@1"] if mended else [e.expert for e in held.steps])
    assert made.steps[0].inputs == ({"text": LETTER, "to": told("en")} if mended else reads.inputs)


@pytest.mark.parametrize(
    ("deed", "rest", "unmet"),
    [
        ("Order twenty tables online", "read the poster", "Order twenty tables online"),
        ("Please buy a frame for it", "read the poster", "Please buy a frame for it"),
        ("Read the poster", "order twenty tables", "order twenty tables"),
    ],
)
def test_what_is_not_done_is_the_deed(experts: Snapshot, deed: str, rest: str, unmet: str):
    asked = task(f"{deed} and {rest}", "image:poster.png")
    reads = step(1, "read_text", picture=MAIL)
    left = f"{rest}: no expert here does this"
    held = plan(asked, reads, answers={1: asked.text}, unmet=(left,))

    made = second_look(held, asked, experts)

    assert made.unmet == (f"{unmet}: no expert here does this",)
    assert made.answers[0].ask == (rest if made is not held else asked.text)


@pytest.mark.parametrize("between", [True, False])
def test_that_sentence_is_the_one_that_answered(experts: Snapshot, between: bool):
    first, last = "What does the mail say about the lamp?", "Translate that sentence to Portuguese"
    asked = task(f"{first} {last}.", "text:mail.txt")
    looks = step(1, "search_text", documents=MAIL, query=told("lamp"))
    sums = step(2, "summarize", text=MAIL)
    turns = step(3, "translate", text=of(2) if between else MAIL, to=told("pt"))
    steps = (looks, sums, turns) if between else (looks, turns)
    held = plan(asked, *steps, answers={1: first, 3: last})

    made = second_look(held, asked, experts)

    assert [each.expert for each in made.steps] == ["chat@1", "translate@1"]
    assert made.steps[0].inputs == {"message": told(first), "context": MAIL}
    assert made.steps[1].inputs["text"] == of(1)
    assert not check(made, experts)


def test_the_mail_itself_is_translated_where_no_sentence_is_meant(experts: Snapshot):
    first, last = "What does the mail say about the lamp?", "Translate the mail to Portuguese"
    asked = task(f"{first} {last}.", "text:mail.txt")
    looks = step(1, "search_text", documents=MAIL, query=told("lamp"))
    turns = step(2, "translate", text=MAIL, to=told("pt"))
    held = plan(asked, looks, turns, answers={1: first, 2: last})

    assert second_look(held, asked, experts) is held


def test_the_sentence_that_answers_is_shown_with_the_answer(experts: Snapshot):
    asked = task("Does it mention nuts? Show me the sentence in English", "text:mail.txt")
    question = step(1, "chat", message=told("Does it mention nuts?"), context=MAIL)
    whole = step(2, "translate", text=MAIL, to=told("en"))
    held = plan(
        asked,
        question,
        whole,
        answers={1: "Does it mention nuts?", 2: "Show me the sentence in English"},
    )

    made = second_look(held, asked, experts)

    assert made.steps == (question,)
    assert [each.ask for each in made.answers] == [
        "Does it mention nuts? Show me the sentence in English"
    ]
