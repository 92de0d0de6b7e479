"""The small language model: it answers, streams, and says when a message is too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.experts import ExpertContext

Call = Callable[..., Any]
present: Any = import_module("herd_graph._bundled.tools.present")


def test_it_knows_the_capital_of_france(call: Call):
    answer = "".join(call("chat", Text("What is the capital of France?")))

    assert "Paris" in answer


def test_equal_questions_get_equal_answers(call: Call):
    asked = [" ".join(call("chat", Text("What is the capital of Italy?"))) for _ in range(2)]

    assert asked[0] == asked[1]


def test_tokens_are_streamed_while_it_writes(experts: dict[str, Any]):
    seen: list[Any] = []
    context = ExpertContext(on_event=lambda name, data: seen.append((name, data["text"])))

    outputs = asyncio.run(
        experts["chat"].invoke({"message": Text("What is the capital of France?")}, context)
    )

    assert len(seen) > 3
    assert "".join(text for _, text in seen) == str(outputs["result"])


def test_the_system_message_is_heard(call: Call):
    plain = "".join(call("chat", Text("Hi!")))
    other = "".join(call("chat", Text("Hi!"), system="You are a pirate who talks about ships."))

    assert plain != other


def test_a_listener_who_leaves_stops_it(call: Call):
    stream = call("chat", Text("Tell me a very long story about the ocean."))
    next(stream)
    stream.close()

    assert "Paris" in "".join(call("chat", Text("What is the capital of France?")))


def test_a_message_beyond_the_context_is_refused(call: Call):
    with pytest.raises(PortViolation, match="tokens"):
        "".join(call("chat", Text("word " * 6_000)))


def test_an_empty_message_is_refused(call: Call):
    with pytest.raises(PortViolation, match="empty"):
        call("chat", Text("  "))


def test_it_answers_from_the_text_that_it_is_given(call: Call):
    context = Text("The keys to the boat house are with Mr Brown, who lives at 14 Harbour Lane.")
    answer = "".join(call("chat", Text("Who has the keys?"), context=context))

    assert "Brown" in answer


LETTER = Text("""Dear Ms Ferreira,

The oak table left our workshop in Guimarães on Monday and will reach you between 9 and 11 April.
Delivery is free; the driver, Paulo Matos, will call you half an hour before he arrives. The table
weighs 64 kg, so please have a second person at hand. The remaining amount of 640 euros is due
within 14 days. Our showroom in Braga is closed on Sundays.

Kind regards,
Teresa Lopes""")


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("Who is the driver?", "Paulo Matos"),
        ("How much is still to pay?", "640"),
        ("When will the table arrive?", "9 and 11 April"),
        ("Who wrote the letter?", "Teresa Lopes"),
        ("What is the capital of Peru?", "does not say"),
        ("What colour is the sofa?", "not say"),
    ],
)
def test_what_a_text_says_is_answered_from_the_text(call: Call, question: str, holds: str):
    answer = "".join(call("chat", Text(question), context=LETTER))

    assert holds in answer


def test_an_answer_far_into_a_long_text_is_found(call: Call):
    filler = "The garden has many flowers and some trees. " * 400
    context = Text(f"{filler}\n\nThe gate code is 4417.\n\n{filler}")

    assert "4417" in "".join(call("chat", Text("What is the gate code?"), context=context))


@pytest.mark.parametrize(
    "question",
    [
        "What's the weather like in Porto today?",
        "what time is it?",
        "How much is a Tesla share right now?",
        "What are today's headlines?",
        "who is the president of France now?",
        "what's on my calendar?",
    ],
)
def test_it_says_that_it_knows_nothing_of_the_present(call: Call, question: str):
    assert "".join(call("chat", Text(question))).startswith("I cannot know ")


@pytest.mark.parametrize(
    "question", ["Explain what weather is", "Write a short poem about the news", "What is gold?"]
)
def test_general_questions_are_not_taken_for_the_present(question: str):
    assert present.asks_about_now(question) == ""


def test_of_a_long_text_it_reads_the_beginning_and_says_so(call: Call):
    context = Text("The boat is red. " * 2_000)
    answer = "".join(call("chat", Text("Rewrite the text politely."), context=context))

    assert answer.endswith("of 8,000 words.)")


def test_the_material_has_a_port_of_its_own(experts: dict[str, Any]):
    card = experts["chat"].card

    assert [port.name for port in card.inputs] == ["message", "context", "system"]
    assert [port.name for port in card.inputs if port.required] == ["message"]


def test_the_gist_of_a_portuguese_letter_is_english_where_that_is_asked_for(call: Call):
    letter = Text(
        "O elevador do prédio vai estar em obras durante duas semanas. A reunião foi adiada para o "
        "dia 20 de novembro. A quota mensal passa a ser de 45 euros."
    )
    said = "".join(call("chat", Text("give me the gist of it in English"), letter))

    assert "elevator" in said or "lift" in said
    assert "reunião" not in said


CARTA = """Cara Dona Helena Figueiredo,

Escrevo para confirmar a reserva. Chegaremos no sábado. O preço foi de 640 euros.

Com os melhores cumprimentos,
Tiago Marques"""
NOTE = """# Shopping for Saturday

- buy candles
- invite Ruth and Daniel
- book the table for 8 people at 19:30"""


@pytest.mark.parametrize(
    ("question", "text", "holds"),
    [
        ("Quem escreveu esta carta e para quem?", CARTA, ("Tiago Marques", "Helena Figueiredo")),
        ("Who wrote it and to whom?", CARTA, ("Tiago Marques", "Helena Figueiredo")),
        (
            "What do I have to buy, who is invited and what time is the table for?",
            NOTE,
            ("candles", "Ruth and Daniel", "19:30"),
        ),
        (
            "Who is invited, and what does the dog eat?",
            NOTE,
            ("Who is invited? ", "What does the dog eat? The text "),
        ),
        ("How many words does the letter have?", CARTA, ("24 words",)),
        ("How many sentences are in it and who wrote it?", CARTA, ("3 sentences", "Tiago")),
    ],
)
def test_each_clause_of_a_question_is_answered(
    call: Call, question: str, text: str, holds: tuple[str, ...]
):
    said = "".join(call("chat", Text(question), Text(text)))

    assert [each for each in holds if each not in said] == []


@pytest.mark.parametrize(
    ("message", "text", "said"),
    [
        ("what does it mean?", "Bom dia! A piscina fecha às oito e o bar abre às nove.", "pool"),
        ("tel me who wrote it", "The bikes are sold.\n\nKind regards,\nAnna Berg", "Anna Berg"),
        ("old rental bikes and their colour", "The shed roof leaks. Ben has ordered tiles.", "does not say"),
    ],
)  # fmt: skip
def test_nothing_is_made_up_over_a_text_that_is_given(
    call: Call, message: str, text: str, said: str
):
    assert said in "".join(call("chat", Text(message), Text(text)))


def test_the_sum_that_a_recording_asks_for_is_worked_out(call: Call):
    heard = Text("Please convert 12 miles to kilometers.")

    answer = "".join(call("chat", Text("Answer the question in this recording."), heard))

    assert answer == "12 miles = 19.312128 kilometers"


FROM_TERESA = (
    "Cara Marta,\n\nNo sábado não posso vir à horta porque a minha filha está doente. Posso ajudar na "
    "cozinha na quinta-feira.\n\nCom os melhores cumprimentos,\nTeresa Almeida"
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("translate the letter into English and read it aloud as ogg; also how many words has it?", "27 words"),
        ("can you translate the letter and tell me how many lines it has?", "4 lines"),
        ("how many sentences has it", "2 sentences"),
        ("Translate the letter into English", "daughter is sick"),
    ],
)  # fmt: skip
def test_a_letter_to_translate_is_counted_or_translated_and_never_written_anew(
    call: Call, message: str, said: str
):
    answer = "".join(call("chat", Text(message), Text(FROM_TERESA)))

    assert said in answer
    assert "sorry" not in answer


def test_a_language_that_it_cannot_translate_into_is_refused(call: Call):
    with pytest.raises(PortViolation, match="German"):
        list(call("chat", Text("Translate the letter into German"), Text(FROM_TERESA)))
