"""Answers out of texts: the sentences that answer, the piece asked for first, and silence otherwise."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text

Call = Callable[..., Any]
passages: Any = import_module("herd_graph._bundled.tools.passages")
pieces: Any = import_module("herd_graph._bundled.tools.pieces")
reckoned: Any = import_module("herd_graph._bundled.tools.reckoned")
misspelt: Any = import_module("herd_graph._bundled.tools.misspelt")
alike: Any = import_module("herd_graph._bundled.tools.alike")

MAIL = """From: Olga Brandt <olga@harbourlights.example>
To: Nils
Subject: Choir trip

Hi Nils,

The coach leaves on Friday 9 October at a quarter past six from the market square. Please bring a
packed lunch because the kitchen is shut. The trip costs 48 euros, and you have already paid 20.

Grete will sing the solo, and Anton takes care of the lights. The hotel is called Seeblick.

Yours,
Olga"""
MINUTES = """Minutes, 4 February
Present: Ada Lund, Bo Quist
Apologies: Carla Reis

1. Boiler
The boiler is noisy. Bo will ring the plumber before Friday. The gas bill was 210 pounds, 30 more than last year.
2. Hedge
It was agreed to cut the hedge in March. It was left open who lends the ladder."""
SPOKEN = (
    "good morning everybody thanks for joining the first thing is the jumble sale it will be on sunday "
    "the second of may in the old barn greta you said you can bring the boxes yes no problem and holger "
    "takes care of the posters we still need somebody for the till if it rains we move into the chapel "
    "because the barn leaks the money goes to the fire brigade that is all for today thank you all"
)
CARTA = """Porto, 3 de março de 2026

Caro senhor Leite,

A oficina fecha de 6 a 17 de abril para obras. O seu relógio fica pronto até 2 de abril e a reparação
custa 75 euros. Pode levantá-lo na Rua do Almada, das 10 às 18 horas.

Com os melhores cumprimentos,
Amélia Couto"""


def asked(call: Call, question: str, text: str) -> str:
    return "".join(call("chat", Text(question), Text(text)))


@pytest.mark.parametrize(
    ("question", "text", "begins"),
    [
        ("When does the coach leave?", MAIL, "Friday 9 October at a quarter past six."),
        ("why do I need a packed lunch", MAIL, "Because the kitchen is shut."),
        ("What does the trip cost?", MAIL, "48 euros."),
        ("How much is still to pay?", MAIL, "28 euros (48 − 20)."),
        ("Who is the mail from?", MAIL, "It is signed: Olga."),
        ("How much was the gas bill last year?", MINUTES, "180 (210 − 30)."),
        ("Quanto custa a reparação?", CARTA, "75 euros. O texto diz: “O seu relógio"),
        ("When is the watch ready?", CARTA, "Até 2 de abril. The text says: “O seu relógio"),
    ],
)
def test_what_was_asked_for_comes_first(call: Call, question: str, text: str, begins: str):
    said = asked(call, question, text)

    assert said[: len(begins)] == begins


@pytest.mark.parametrize(
    ("question", "text", "holds"),
    [
        ("Who takes care of the lights?", MAIL, ["Anton"]),
        ("What is the hotel called?", MAIL, ["Seeblick"]),
        ("What was decided?", MINUTES, ["cut the hedge in March"]),
        ("What is still open?", MINUTES, ["who lends the ladder"]),
        ("Who has to do what?", MAIL, ["packed lunch", "Grete will sing", "Anton takes care"]),
        ("Who was not there?", MINUTES, ["Carla Reis"]),
        ("What does Bo have to do?", MINUTES, ["ring the plumber"]),
        ("When is the sale?", SPOKEN, ["second of may"]),
        ("who brings the boxes", SPOKEN, ["greta"]),
        ("What happens if it rains?", SPOKEN, ["chapel"]),
        ("Onde posso levantar o relógio?", CARTA, ["Rua do Almada"]),
    ],
)
def test_the_sentences_that_answer_are_quoted(
    call: Call, question: str, text: str, holds: list[str]
):
    said = asked(call, question, text)

    assert "not say" not in said
    assert "não diz" not in said
    assert [each for each in holds if each not in said] == []
    assert len(said) < 400


@pytest.mark.parametrize(
    ("question", "text", "says"),
    [
        ("Is there a swimming pool?", MAIL, "not say"),
        ("Who is the treasurer?", MINUTES, "not say"),
        ("How many singers are there?", MAIL, "not say"),
        ("What is the plumber's phone number?", MAIL, "not say"),
        ("How much are the tickets?", SPOKEN, "not say"),
        ("Quem paga a eletricidade?", CARTA, "não diz"),
    ],
)
def test_what_no_sentence_answers_is_not_answered(call: Call, question: str, text: str, says: str):
    assert says in asked(call, question, text)


def test_a_portuguese_sentence_is_put_in_english_for_who_asks_in_english(call: Call):
    said = asked(call, "When is the workshop closed?", CARTA)

    assert "6 a 17 de abril" in said
    assert "April" in said


@pytest.mark.parametrize(
    ("question", "sentence", "piece"),
    [
        ("When do we get the keys?", "We get the keys on Monday, and the movers come on Thursday.", "Monday"),
        ("When is it?", "It is on Monday or on Thursday.", ""),
        ("How long does it take?", "It takes about ten working days.", "about ten working days"),
        ("Who orders it?", "Raj Patel will order it.", "Raj Patel"),
        ("Who is at the Co-op?", "The van stands outside the Co-op.", ""),
        ("What is the e-mail address?", "Write to ana@lago.example or call us.", "ana@lago.example"),
    ],
)  # fmt: skip
def test_a_piece_is_taken_only_where_there_is_one(question: str, sentence: str, piece: str):
    assert pieces.piece(question, sentence) == piece


def test_headings_are_lent_to_what_stands_under_them():
    found = {each.text: each.heading for each in passages.passages(MINUTES)}

    assert found["It was left open who lends the ladder."] == "Hedge"


def test_digits_in_words_are_read_as_letters():
    assert alike.repaired("0live oil, 24 m0nths, kett1e, AB-1204") == (
        "Olive oil, 24 months, kettle, AB-1204"
    )


@given(text=st.text(alphabet="ab. \n:-1", max_size=200))
def test_no_word_is_lost_on_the_way(text: str):
    kept = "".join(each.text for each in passages.passages(text))

    assert all(kept.count(each) >= text.count(each) for each in "ab")


@given(whole=st.integers(1, 9_999), paid=st.integers(1, 9_999))
def test_the_rest_is_what_was_agreed_less_what_was_paid(whole: int, paid: int):
    given_ = passages.passages(f"The price is {whole} euros. I have already paid {paid} euros.")
    made = reckoned.reckoned("How much is left to pay?", given_)

    if paid > whole:
        assert made is None
    else:
        assert made[0].replace(",", "").startswith(f"{whole - paid} euros")


RADIO = (
    "Good evening, this is Radio Vale. Tomorrow the road to Lemigo is closed between 6 and 11 in the morning "
    "because of the cycling race, buses leave from the school instead of the square. The temperature will reach "
    "31 degrees. The village market will still be held, and the mayor, Theresa Fansica, will open the new hall at noon."
)
POSTER = """PENEDO VILLAGE MARKET
Saturday 28 November 2026
08:00 to 13:00, Church Square
Cheese, bread, honey and crafts
Free entry. Dogs on a lead.
Stall fee: 15 euros per table
No glass bottles near the fountain"""


@pytest.mark.parametrize(
    ("question", "text", "begins"),
    [
        ("What's on at noon according to the radio clip?", RADIO, "The text says: “The village market"),
        ("What's on at midnight according to the radio clip?", RADIO, "The text does not say"),
        ("How long does the market stay open on the poster?", POSTER, "08:00 to 13:00. The text says"),
        ("How long is the market open?", POSTER, "08:00 to 13:00. The text says"),
        ("How long does the concert last?", POSTER, "The text does not say"),
        ("How long is the swimming pool open?", POSTER, "The text does not say"),
        ("How long is the library open?", "The library is open from 10 am to 6 pm.", "From 10 am to 6 pm. The"),
        ("How long is the museum open?", "The library is open from 10 am to 6 pm.", "The text does not say"),
    ],
)  # fmt: skip
def test_where_to_look_is_no_part_of_the_question_and_two_times_say_how_long(
    call: Call, question: str, text: str, begins: str
):
    assert asked(call, question, text).startswith(begins)


@pytest.mark.parametrize(
    ("question", "sentence", "piece"),
    [
        ("When do the buses leave?", "Tomorrow the road is closed all day, buses leave from the school.", ""),
        ("When is the road closed?", "Tomorrow the road is closed all day, buses leave from the school.", "Tomorrow"),
        ("When do the buses leave?", "On Monday, the buses leave from the school.", "Monday"),
    ],
)  # fmt: skip
def test_the_day_of_another_clause_is_not_given(question: str, sentence: str, piece: str):
    assert pieces.piece(question, sentence) == piece


BOILER = """From: Olga Brandt <olga.brandt@seaview.example>
To: Hugo Marsh
Subject: Broken boiler

Dear Mr Marsh,

There has been no hot water since Tuesday. Your caretaker said that the pump has to be replaced. My
sister wants to move in. Please send a plumber before Friday 13 November.

In May I am going to Brittany with my sister.

Love from
Olga"""
HIRE = """Rental agreement

1. The renter receives a blue touring bicycle for 10 days.
2. The price is 18 euros a day.
3. If the bicycle comes back late, each day costs 25 euros."""
MIDSUMMER = """MIDSUMMER NIGHT
The Tin Whistles
Irish folk and dance
Saturday 20 June
Mill Barn, Ferry Lane 9
Tickets 14 euros
Bring a blanket"""
SLIP = "CAFE MIRADOURO\n2 Galao 3.20\nTOTAL 3.20 EUR\nTable 7\nYou were served by Joana"
PASSEIO = "O autocarro parte às 8h15 da praça. O bilhete custa 6 euros por aluno. Cada aluno traz um lanche."


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        (
            "What does Olga want and until when?",
            BOILER,
            ["send a plumber", "Until when? Before Friday"],
        ),
        ("Where is Olga going in May?", BOILER, ["going to Brittany"]),
        ("Who wrote it?", BOILER, ["Olga"]),
        ("How much does the bike cost per day?", HIRE, ["18 euros."]),
        ("What happens if I bring the bike back too late?", HIRE, ["25 euros"]),
        ("What colour is the bike?", HIRE, ["Blue."]),
        ("Who is playing?", MIDSUMMER, ["The Tin Whistles"]),
        ("What should I bring?", MIDSUMMER, ["Bring a blanket"]),
        ("Who served us and at which table?", SLIP, ["Joana", "Table 7"]),
    ],
)
def test_letters_slips_and_posters_answer_in_their_own_way(
    call: Call, question: str, text: str, said: list[str]
):
    told = asked(call, question, text)

    assert [each for each in said if each not in told] == []


def test_what_a_writer_asks_for_is_not_what_others_want(call: Call):
    told = asked(call, "What does Olga want?", BOILER)

    assert ("plumber" in told, "sister wants" in told, "pump" in told) == (True, False, False)


@pytest.mark.parametrize("question", ["What is the salary?", "Can I bring it back to the shop?"])
def test_portuguese_is_not_all_alike(call: Call, question: str):
    assert "does not say" in asked(call, question, PASSEIO)


@pytest.mark.parametrize(
    ("question", "sentence", "piece"),
    [
        ("How much is the deposit for an e-bike?", "The deposit is 50 euros for a bike and 120 euros for an e-bike.", "120 euros"),
        ("How much is the deposit for a bike?", "The deposit is 50 euros for a bike and 120 euros for an e-bike.", "50 euros"),
        ("What do children pay?", "Tickets are 8 euros for adults, 4 euros for children.", ""),
        ("How much is it for children?", "Tickets are 8 euros for adults, 4 euros for children.", "4 euros"),
        ("When are they sold?", "The old bikes will be sold in September at the market.", "in September"),
    ],
)  # fmt: skip
def test_of_two_sums_the_one_beside_the_thing_is_given(question: str, sentence: str, piece: str):
    assert pieces.piece(question, sentence) == piece


CONCERT = (
    "WINTER CONCERT\nOakwell Music School\nSaturday 12 December 2026\nat 6.30 pm in the Village Hall\n"
    "Free entry, donations welcome\nInfo: 0155 240 118"
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("When and where is the concert?", ["12 December 2026 at 6.30 pm", "in the Village Hall"]),
        ("what time does it start", ["6.30 pm"]),
        ("When is the football match?", ["does not say"]),
    ],
)
def test_the_lines_of_a_poster_are_all_of_one_thing(call: Call, question: str, said: list[str]):
    told = asked(call, question, CONCERT)

    assert [each for each in said if each not in told] == []


@pytest.mark.parametrize(
    ("question", "spelt"),
    [
        ("when is the rehersal", "when is the rehearsal"),
        ("is the librray open", "is the library open"),
        ("which lessons are there", "which lessons are there"),
        ("what about the weather", "what about the weather"),
    ],
)
def test_a_slip_is_spelt_as_the_text_spells_it(question: str, spelt: str):
    text = "The rehearsal is on Friday in the library. One lesson is free. Say whether you come."

    assert misspelt.as_spelt(question, text) == spelt


VOICE = (
    "Hi Greta, it's Oskar. The bad news is that the brakes have to be replaced, so the bill will be 640 "
    "instead of 400 euros. Could you pick up the children at half past five? I'll take the tram home. "
    "Noor takes the first two weeks of July, Marcus the last two weeks of August. We should buy winter "
    "tyres before November."
)


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("How does Oskar get home?", "take the tram home", "does not say"),
        ("what should Greta do?", "pick up the children", "it's Oskar"),
        ("How much is the bill now?", "640", "400 euros. The text"),
        ("When should we buy winter tyres?", "Before November.", "does not say"),
        ("When is Noor away?", "First two weeks of July.", "Last two weeks. "),
    ],
)
def test_a_message_says_who_speaks_to_whom(call: Call, question: str, said: str, unsaid: str):
    told = asked(call, question, VOICE)

    assert (said in told, unsaid in told) == (True, False)


COOK = (
    "Hello Marda, this is Frank from the kitchen. On Saturday we cook pumpkin soup for 40 people. We need "
    "12 kilos of pumpkin, 3 kilos of onions and 5 liters of cream. Please ask Helen to bring the big pot "
    "from the shed. The oven is broken again, so we cannot bake bread."
)


@pytest.mark.parametrize(
    ("question", "text", "known"),
    [
        ("how many people will eat?", COOK, True),
        ("how many people are coming to dinner?", COOK, True),
        ("how many people will sleep in the tent?", COOK, False),
        ("how many chairs are there?", COOK, False),
        ("how many people will eat?", COOK + " On Sunday we cook stew for 25 people.", False),
    ],
)
def test_the_only_number_of_what_is_counted_answers(
    call: Call, question: str, text: str, known: bool
):
    told = asked(call, question, text)

    assert ("40 people" in told and "does not say" not in told) == known
