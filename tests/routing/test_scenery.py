"""What a person tells around a request, and the plan without it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neural_router import plan
from routing_gold import render

from herd_graph.routing.scenery import without_scenery


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        (
            "My flatmate is blind and a keen concert-goer. I would like her to hear what is printed here.",
            "I would like her to hear what is printed here.",
        ),
        (
            "I missed the evening class, but a friend filmed it. Could you write out what the teacher said?",
            "Could you write out what the teacher said?",
        ),
        (
            "We print a leaflet, and this piece came in with no heading. I need a heading, and the piece in Portuguese.",
            "I need a heading, and the piece in Portuguese.",
        ),
        (
            "I am clearing my desk before the weekend and I need the sum of this receipt.",
            "I need the sum of this receipt.",
        ),
        (
            "Two little jobs with our numbers: a pie of the costs, and the whole as an Excel file, please.",
            "a pie of the costs, and the whole as an Excel file, please.",
        ),
        (
            "Two things about the weather here. Draw it as a line and tell me the average.",
            "Draw it as a line and tell me the average.",
        ),
    ],
)  # fmt: skip
def test_what_is_told_before_a_request_is_left_out(told: str, asked: str) -> None:
    assert without_scenery(told) == asked


@pytest.mark.parametrize(
    "request_",
    [
        "Summarize the recording.",
        "The caller asks for some prices added together. What is the result of what she says?",
        "Granny explains her stew on this tape. I want it short, I want it whole in Portuguese.",
        "She names amount, rate and years on the phone. Work out the payment.",
        "The words on this card, the names out of them. And how many centimetres are six feet?",
        "My guest eats no gluten: find her what is suitable by text. Describe every page, please.",
        "Our people from Porto come on Friday. How old are they on average?",
        "We only look at the north. How much did they sell in all?",
        "I put 1,500 pounds into it. What will it be after three years?",
        "I have a thousand to spend. What is left after the rent?",
        "My first file is a menu. What does the other one say?",
        "My brother said 'never mind'. What did he mean by that?",
        "We went there in the morning.",
        "I am no good at this. What comes out?",
        "Somebody left me a message. What do they want, word for word, and who is it?",
        "",
    ],
)
def test_what_may_be_meant_stays(request_: str) -> None:
    assert without_scenery(request_) == request_


def test_of_several_files_what_speaks_of_one_stays() -> None:
    told = "I found this photo in our attic. Who is in it, and what is the other file about?"

    assert without_scenery(told, several=True) == told
    assert without_scenery(told) != told


def test_what_is_told_is_no_wish_of_a_plan() -> None:
    told = "The club's chairwoman spoke for a bit about our planting day."
    asked = "I would like the gist of it for the notice board, and the whole of what she said in Portuguese."

    found = render(plan(f"{told} {asked}", "audio:meeting.wav"))

    assert found.endswith(" ; translate(transcribe(a1), pt)")
    assert found.startswith("summarize(transcribe(a1)")
    assert found.count(" ; ") == 1


def test_a_question_is_no_reason_for_a_summary() -> None:
    text = "I missed the meeting of the garden club. What should I bring along?"

    assert (
        render(plan(text, "audio:meeting.wav"))
        == "chat('What should I bring along?', transcribe(a1))"
    )


@given(st.text(max_size=200))
def test_what_is_left_is_the_end_of_what_was_said(text: str) -> None:
    left = "".join(without_scenery(text).split())

    assert "".join(text.split()).endswith(left)
