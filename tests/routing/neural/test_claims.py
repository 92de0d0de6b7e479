"""Which part of a plan serves which wish: none is lost, none is served by half of its words."""

from __future__ import annotations

import pytest
from neural_router import CARDS, plan

from herd_graph.plans import FromStep, Plan, Step, Value
from herd_graph.routing.golds import Wanted, expression
from herd_graph.routing.neural.claims import claimed, is_plain, left_open
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.looking import Words
from herd_graph.routing.neural.stepwise import Served


def name(step: Step) -> str:
    return str(step.expert).partition("@")[0]


def answering(made: Plan) -> list[tuple[str, str]]:
    """Return who answers what, by the words above it."""
    known = {each.id: name(each) for each in made.steps}
    return [
        (each.ask, known[each.source.step])
        for each in made.answers
        if isinstance(each.source, FromStep)
    ]


def test_a_part_may_serve_two_wishes_whose_words_it_bears() -> None:
    search = "search_text(a1, 'pets')"
    whole = Parsed(wanted=Wanted(parts=(expression(search),)), probability=0.98, looks=())
    served = [
        Served(said="it speaks of pets", parts=(expression(search),), probability=0.9),
        Served(
            said="find the passage", parts=(expression("search_text(a1, 'the')"),), probability=0.9
        ),
    ]

    parts = claimed(
        whole, Words(parts=("it speaks of pets. find the passage",), rest=()), served, CARDS
    )

    assert parts[0].wishes == [0, 1]
    assert left_open(parts, served) == []


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("what does a dog cost per night?", True),
        ("and how much is that in all", True),
        ("translate it into Portuguese", True),
        ("shortened", False),
        ("rate and years on the phone", False),
        ("how many", False),
    ],
)
def test_a_clause_of_its_own_asks_or_orders_in_several_words(said: str, plain: bool) -> None:
    assert is_plain(said) is plain


@pytest.mark.parametrize(
    ("text", "file", "wanted"),
    [
        (
            "What are the quiet hours, and what does a dog cost per night? Then work out 6 * 4.",
            "text:rules.txt",
            ["chat", "chat", "calculate"],
        ),
        (
            "What is said in the announcement and what should we bring? Give it a title too.",
            "audio:announce.wav",
            ["transcribe", "chat", "write_title"],
        ),
        (
            "which songs are faster than 120 bpm? whats the average bpm",
            "table:setlist.json",
            ["query_table", "query_table"],
        ),
        (
            "add up the receipt and split it between four teachers",
            "image:receipt.jpg",
            ["calculate", "calculate"],
        ),
        (
            "give me the last frame of the clip and tell me what is written on it",
            "video:garden.mp4",
            ["sample_frames", "read_text"],
        ),
        (
            "Take three stills from the video, and what do they say?",
            "video:stall.mp4",
            ["sample_frames", "read_text"],
        ),
        (
            "which students have more than 4 absences? save the marks as an excel file as well",
            "table:marks.csv",
            ["query_table", "convert_table"],
        ),
        (
            "Transcribe the note, then tell me how many bikes are to be collected, and translate the note into Portuguese",
            "audio:note_marta.wav",
            ["transcribe", "chat", "translate"],
        ),
        (
            "read the receipt, add up only the brake pads and the chain, and whats that in 3 equal parts?",
            "image:receipt.jpg",
            ["read_text", "calculate", "calculate"],
        ),
        (
            "loan of 4000 at 5% over 3 years: what do I pay each month and how much interest is that in total? Also how many miles are 45 km?",
            "",
            ["finance", "convert_units"],
        ),
        (
            "If I put 2500 euros in the bank at 3% compounded monthly, what do I have after 6 years?",
            "",
            ["finance"],
        ),
        (
            "what percent of 789 is 224? and how many minutes are 2.5 hours?",
            "",
            ["calculate", "convert_units"],
        ),
        (
            "Revenue by month as a curve, and name the best month.",
            "table:sales.csv",
            ["draw_chart", "query_table"],
        ),
        (
            "Give me the last frame of the video and read what is written in it",
            "video:lesson.mp4",
            ["sample_frames", "read_text"],
        ),
        (
            "Translate this letter into English and read the translation aloud.",
            "text:carta.txt",
            ["translate", "speak"],
        ),
        (
            "quick rough transcript of the recording pls, speed over accuracy",
            "audio:note.wav",
            ["transcribe_fast"],
        ),
        (
            "how long is this recording and what does the wheel repair cost according to it?",
            "audio:note.wav",
            ["identify_file", "chat"],
        ),
    ],
)
def test_every_wish_is_served_by_who_is_asked_for_it(
    text: str, file: str, wanted: list[str]
) -> None:
    made = plan(text, file)

    assert [who for _, who in answering(made)] == wanted
    assert made.unmet == ()


@pytest.mark.parametrize(
    ("text", "file", "port", "words"),
    [
        (
            "Write down what Anna says, find the dates and amounts in it, and calculate 400 / 4",
            "audio:anna.wav",
            "request",
            "find the dates and amounts in it",
        ),
        (
            "In which month were the repairs highest? Plot food and energy by month as a line chart.",
            "table:costs.xlsx",
            "request",
            "Plot food and energy by month as a line chart",
        ),
    ],
)
def test_a_wish_is_given_on_with_all_its_words(text: str, file: str, port: str, words: str) -> None:
    told = [each.inputs.get(port) for each in plan(text, file).steps]

    assert words in [str(each.value).rstrip(".") for each in told if isinstance(each, Value)]


def test_what_is_saved_as_well_is_what_was_asked_for_before() -> None:
    made = plan(
        "Average price per category, as a bar chart, and as an Excel file too", "table:stock.csv"
    )

    assert [who for _, who in answering(made)] == ["draw_chart", "convert_table"]
    asked = [each.inputs.get("question") for each in made.steps]
    assert Value(value="as an Excel file too") not in asked


def said_in(made: Plan, ask: str) -> Step:
    """Return the step that answers a wish."""
    (source,) = [each.source for each in made.answers if each.ask == ask]
    assert isinstance(source, FromStep)
    return next(each for each in made.steps if each.id == source.step)


def test_the_version_in_a_language_is_what_is_read_out() -> None:
    made = plan(
        "What does the sign say? Put it into Portuguese for our guests, and read the English one aloud",
        "image:sign.png",
    )

    spoken = said_in(made, "read the English one aloud")
    read = said_in(made, "What does the sign say?")
    assert (name(spoken), name(read)) == ("speak", "read_text")
    assert spoken.inputs["text"] == FromStep(step=read.id)


def test_a_language_after_a_summary_is_that_of_the_summary() -> None:
    made = plan(
        "Summarise the letter in 3 sentences, in Portuguese, and give it a title", "text:letter.txt"
    )

    translated = [each for each in made.steps if name(each) == "translate"]
    summary = next(each for each in made.steps if name(each) == "summarize")
    assert [each.inputs["text"] for each in translated] == [FromStep(step=summary.id)]


def test_a_share_of_the_total_is_reckoned_once() -> None:
    made = plan(
        "What was the dearest thing on the receipt, and what is 20% of the total?",
        "image:receipt.jpg",
    )

    assert [name(each) for each in made.steps] == ["read_text", "chat", "calculate"]


def test_how_many_counts_what_was_asked_for() -> None:
    made = plan("is there a cat in the picture and how many", "image:visitor.jpg")

    assert [each.inputs["what"] for each in made.steps] == [Value(value="cat")]
