"""Plain questions over house rules, letters, posters and messages: what is allowed, who speaks, what changed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Text

Call = Callable[..., Any]
permissions: Any = import_module("herd_graph._bundled.tools.permissions")
passages: Any = import_module("herd_graph._bundled.tools.passages")
correspondence: Any = import_module("herd_graph._bundled.tools.correspondence")
price_lists: Any = import_module("herd_graph._bundled.tools.price_lists")

RULES = """RULES OF THE ALLOTMENT

1. Sheds may be up to two metres high.
2. Dogs must stay on a lead. Cats are welcome.
3. Bonfires are allowed in November only.
4. The hose may be used before 9 am and after 6 pm.
5. Glass houses are not permitted.
There are 40 plots. Three plots are flooded at the moment.
Whoever loses the gate key pays £20. If a pipe bursts, ring Mr Hale on 01603 555 214."""
LETTER = """Prezada senhora,

Meu nome é Beatriz Fontes e sou a mãe do Vasco, da turma B. O Vasco tem 8 anos e partiu a chave da sala.
Envio em anexo 12 euros.

Cordialmente,
Beatriz Fontes"""
SPOKEN = (
    "hello dad it's Nora i'm at the airport because my flight was cancelled the next one goes at five so i'll be home "
    "around nine can you please water the tomatoes and take the soup out of the freezer oh and uncle Ted brings the "
    "bread tomorrow see you later bye"
)
CHANGES = """From Monday 3 May the pool will close at 8 pm instead of 9 pm until further notice. The sauna has been moved
to the first floor. Entry costs £4. Towels can be borrowed free of charge. The heater runs at 28 °C."""
MAIL = """From: Ivy Cole <ivy.cole@choir.example>
To: all singers

Dear singers, the concert is on 9 May. Members pay 12 a year, juniors (under 16) 5 and families 20.

Ivy"""
NOTICE = """Kingsway Homes
2 December 2025

Dear Ms Okoro,

From 1 March your rent will go up from £720 to £755 a month. Mum made the copy. The check takes about 20 minutes;
please wait up to two days for the result. Somebody left a grey scarf in the hall. A tenant complained about noise.
The party made £612 after costs, £90 less than last year.

Yours faithfully,
Sandra Mills
Tenancy manager"""
CARD = (
    "Dear Gran,\n\nI turned nine on Saturday. We come to you in the Easter holidays.\n\nLove,\nFinn"
)
STAIRS = """The stairs will be painted next week. Prams in the hall must be gone by Sunday night, or the painters will move them
to the yard. Rehearsals are on Tuesdays. From May we rehearse in the school hall. A page in black costs 5p, in colour 20p.
Hi Lena, it's Tobias. I'm at the supermarket. My sister called. There is a course for children 6-9 in room 114."""
HOTEL = "Estivemos no hotel em maio, no quarto 114. Pagámos 420 euros.\nA piscina estava fechada para obras."
KETTLE = """Open the lid by pressing the button. Descaling: every four weeks, fill in vinegar and leave it overnight.
Send broken kettles to Aquo Service. Please keep the cable away from children."""
CALLER = (
    "Good morning. My name is Peter Lang. I borrowed the washer and it leaks. Call me on Thursday."
)


def asked(call: Call, question: str, text: str) -> str:
    return "".join(call("chat", Text(question), Text(text)))


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("are dogs allowed?", RULES, "on a lead"),
        ("Are cats allowed", RULES, "Cats are welcome"),
        ("may I build a glass house?", RULES, "not permitted"),
        ("when may i use the hose", RULES, "before 9 am and after 6 pm"),
        ("when are bonfires allowed?", RULES, "November only"),
        ("What happens if a pipe bursts?", RULES, "Mr Hale"),
        ("who is she?", LETTER, "Beatriz Fontes"),
        ("who is writing?", LETTER, "Beatriz Fontes"),
        ("who is the mother of Vasco?", LETTER, "Beatriz Fontes"),
        ("who is Vasco's mother?", LETTER, "Beatriz Fontes"),
        ("who is calling?", SPOKEN, "Nora"),
        ("what should dad do?", SPOKEN, "soup out of the freezer"),
        ("when will she be home?", SPOKEN, "around nine"),
        ("who is the message for?", SPOKEN, "dad"),
        ("who is the voicemail from?", CALLER, "Peter Lang"),
        ("what's the name of the caller?", CALLER, "Peter Lang"),
        ("who left it?", CALLER, "Peter Lang"),
        ("what changed?", CHANGES, "first floor"),
        ("how much do towels cost?", CHANGES, "free of charge"),
        ("how warm is the heater?", CHANGES, "28 °C"),
        ("What is Ivy's e-mail address?", MAIL, "ivy.cole@choir.example"),
        ("how much do families pay?", MAIL, "families 20"),
        ("what would 4 juniors pay altogether?", MAIL, "20 = 4"),
        ("who is Sandra Mills?", NOTICE, "Tenancy manager"),
        ("when was the letter written?", NOTICE, "2 December 2025"),
        ("by how much does the rent go up?", NOTICE, "£35"),
        ("how long does it take?", NOTICE, "about 20 minutes"),
        ("what did somebody forget?", NOTICE, "grey scarf"),
        ("what did a tenant complain about?", NOTICE, "noise"),
        ("how much did the party make last year?", NOTICE, "702"),
        ("who made the copy?", NOTICE, "Mum made"),
        ("from when does the rent go up?", NOTICE, "1 March"),
        ("What happens if I leave my pram in the hall?", STAIRS, "to the yard"),
        ("how much is a colour page?", STAIRS, "20p"),
        ("where is he?", STAIRS, "at the supermarket"),
        ("how old must the children be?", STAIRS, "6-9"),
        ("how much did they pay?", HOTEL, "420 euros"),
        ("why was the pool closed?", HOTEL, "para obras"),
        ("what do I have to do every four weeks?", KETTLE, "vinegar"),
        ("explain in one sentence how I open the lid", KETTLE, "pressing the button"),
        ("who wrote it?", "It was lovely.\n\nWith warm thanks,\nBeatrice Nolan", "Beatrice Nolan"),
        ("how old is Finn?", CARD, "nine"),
    ],
)
def test_what_a_text_says_is_found(call: Call, question: str, text: str, expected: str):
    told = asked(call, question, text)

    assert expected in told
    assert "does not say" not in told


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("is smoking allowed in the sheds?", RULES),  # sheds are told of, smoking is not
        ("Is there a toilet on the plots?", RULES),
        ("how old is Beatriz?", CHANGES),
        ("when will the sauna be finished?", CHANGES),
        ("Is there a swimming lesson on Monday?", CHANGES),
        ("what is the dog called?", RULES),
        ("what temperature is the soup?", SPOKEN),
        ("how much is a locker?", CHANGES),
        ("what is the sister's name?", STAIRS),
        ("is there a course for adults?", STAIRS),
        ("How long is the pool?", "The pool is open from 8 am to 8 pm. Please shower first."),
        (
            "How much did the repair cost?",
            "We charged you for ten chairs. The new one is over 850 pounds.",
        ),
        ("Quantos quartos tem o hotel?", HOTEL),
    ],
)
def test_what_a_text_does_not_say_is_left_open(call: Call, question: str, text: str):
    assert asked(call, question, text).startswith(("The text does not say", "O texto não diz"))


def test_a_count_of_some_is_not_the_count_of_all(call: Call):
    assert "40 plots" in asked(call, "how many plots are there?", RULES)


@pytest.mark.parametrize(
    ("question", "focus"),
    [
        ("Is there a swimming pool at the camp?", "pool"),
        ("are dogs allowed in the garden?", "dog"),
        ("does it contain nuts?", "nut"),
        ("when is the camp?", ""),
    ],
)
def test_what_has_to_be_named(question: str, focus: str):
    assert permissions.focus(question) == focus


def test_a_question_of_something_else_asks_for_no_permission():
    assert permissions.permitted("how high is a shed?", passages.passages(RULES)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My name is Ana Reis and I live next door.", "Ana Reis"),
        ("hi mum it's Ellie i'm late", "Ellie"),
        ("Hi, Anna here, the keys are under the mat.", "Anna"),
        ("Chamo-me Rui Pacheco e sou o pai da Matilde.", "Rui Pacheco"),
        ("It is Monday. The meeting is off.", ""),
        ("The train is late.", ""),
    ],
)
def test_people_say_who_they_are(text: str, name: str):
    assert correspondence.introduced(text) == name


def test_prices_on_one_line_are_each_of_their_own():
    line = "Adults £9 Under 16s £4 Family £22"

    assert [str(each.amount) for each in price_lists.rates(line)] == ["9", "4", "22"]
    assert price_lists.several("what do 2 adults and 3 kids pay?", line).startswith("30 = 2")


def test_what_each_further_child_costs_is_no_price_of_several():
    text = "The camp costs £38 per child, and £30 for each brother or sister."

    assert price_lists.several("what do 2 brothers cost?", text) is None


def test_a_rate_of_two_units_is_taken_times_both():
    text = (
        "A late return costs 50 pence per tool and day. The deposit for power tools is 60 pounds."
    )

    assert price_lists.several("how much is it for 3 tools and 4 days?", text).startswith("6 =")


RECIPE = "Crumble\n\nIngredients\n- 1 kg apples\n- 50 g oats\n\nMethod\nBake it for 40 minutes. Let it cool. Serve it with cream."
VISIT = """Harbour Homes Ltd
12 Mill Road, Leeds

Dear Ms Okafor,

The rent goes up in May because heating has become dearer. Please send us the form by Friday. The deposit stays
as it is. You can object within four weeks. The office is closed on Monday.

Yours sincerely,
Sandra Mills"""


@pytest.mark.parametrize(
    ("request_", "text", "expected"),
    [
        ("make a shopping list from the recipe", RECIPE, ["1 kg apples", "50 g oats"]),
        ("read the letter and make me a to-do list", VISIT, ["send us the form by Friday"]),
        ("which rules are about animals?", RULES, ["on a lead"]),
        ("how many words has the notice?", RECIPE, ["21 words"]),
        ("When may I use the hose, and are cats allowed?", RULES, ["before 9 am", "Cats are welcome"]),
    ],
)  # fmt: skip
def test_lists_and_several_questions(call: Call, request_: str, text: str, expected: list[str]):
    told = asked(call, request_, text)

    assert [each for each in expected if each not in told] == []


def test_a_letterhead_is_no_sentence_of_a_summary(call: Call):
    told = str(call("summarize", Text(VISIT), 4))

    assert "Harbour Homes" not in told
    assert "rent goes up" in told


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (VISIT, ["Okafor", "Sandra Mills"]),
        ("hi mum it's Ellie i'm late please tell uncle Brian", ["Ellie", "Brian"]),
    ],
)
def test_people_are_found_by_title_and_by_saying_so(call: Call, text: str, names: list[str]):
    found = [each.text for each in call("find_entities", Text(text), Text("list the people"))]

    assert found == names


def test_bad_news_politely_told_is_said_to_be_polite(call: Call):
    note = call("sentiment", Text(VISIT)).note

    assert "polite request" in note or call("sentiment", Text(VISIT)).label == "positive"


def test_bad_news_is_not_anger(call: Call):
    told = call("sentiment", Text("My train was cancelled and I am sad. I am tired and cold."))

    assert told.label == "negative"
    assert "nothing in it is angry" in told.note


def test_who_did_what_is_no_single_name(call: Call):
    told = asked(call, "who mended what?", "Omar fixed the radio, and Lucy mended the zip.")

    assert told.startswith("The text says: ")


def test_the_heading_of_minutes_is_no_sentence_of_a_summary(call: Call):
    told = "PTA meeting, Oakfield, 22 January 2026\n\nThe quiz made £612. The fair is in May. Amir books the ponies. We need cakes."

    assert "Oakfield" not in str(call("summarize", Text(told), 2))


def test_a_heading_in_capitals_is_nobody(call: Call):
    told = "AVISO AOS MORADORES\n\nInformamos que não haverá água no prédio.\n\nTeresa Mourão"

    found = [each.text for each in call("find_entities", Text(told), Text("os nomes"))]
    assert found == ["Teresa Mourão"]


SIGN = """DEAR GUESTS
Breakfast is served from 7:30 to 10:00
Please leave your shoes at the door
Quiet hours begin at 22:00
Check-out is before 11:00
Thank you"""
MORNING = (
    "Good morning, Marta. This is Clara. New guests from Germany arrive at 3 in the afternoon. Please buy two kilos of "
    "coffee. The gardener comes on Thursday and once 45 pounds. Please change the sheets. The cat is fed already."
)


@pytest.mark.parametrize(
    ("request_", "text", "expected"),
    [
        ("Write the check-out time and the quiet hours from the notice", SIGN, ["11:00", "22:00"]),
        ("List the check-out time from the notice", SIGN, ["11:00"]),
        ("Write down when breakfast is", SIGN, ["7:30 to 10:00"]),
        ("When is the gardener coming and how much does he want?", MORNING, ["Thursday", "45 pounds"]),
        ("What is the check-out time and the quiet hours?", SIGN, ["11:00", "22:00"]),
        ("list what I have to do", MORNING, ["two kilos", "sheets"]),
        ("list his complaints", "I am Tom. The shower was cold. The bed was nice. Please refund 50 pounds.", ["shower was cold"]),
        ("how much does he want back?", "We paid 236 pounds. Please refund 50 pounds.", ["50 pounds"]),
        ("What should Steve do?", "Morning Steve, this is Janet. Could you tell the customer? Bye.", ["tell the customer"]),
        ("Quem é a veterinária?", "Vamos de férias. Se ele ficar doente, a veterinária é a Dra. Paula. A chave está no vaso.", ["Paula"]),
        ("who is speaking?", MORNING, ["It is from Clara."]),
        ("who arrives this afternoon? it is in my voice note", MORNING, ["New guests from Germany"]),
    ],
)  # fmt: skip
def test_an_order_to_write_what_a_text_says_asks_for_it(
    call: Call, request_: str, text: str, expected: list[str]
):
    told = asked(call, request_, text)

    assert [each for each in expected if each not in told] == []
    assert "does not say" not in told


@pytest.mark.parametrize(
    "request_",
    ["write a poem", "list the people", "give me the summary", "write the letter again", "find the phone number"],
)  # fmt: skip
def test_what_is_to_be_written_is_no_question(request_: str):
    outright: Any = import_module("herd_graph._bundled.tools.asked_outright")

    assert outright.outright(request_) == request_


def test_all_sentences_are_listed_where_the_whole_is_asked_for(call: Call):
    told = str(call("summarize", Text(MORNING), 3, Text("bullet points of the whole note")))

    assert len(told.splitlines()) >= 6


FLU = """FREE FLU VACCINATION
For everyone over 65 years
Monday 12 October, 9:00 to 13:00
Community Hall, Mill Lane 7
Please bring your health card.
Questions? Call 289 555 014"""


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("Where is the vaccination?", ["Mill Lane 7"]),
        ("When is the vaccination and where is it?", ["Monday 12 October", "Mill Lane 7"]),
        ("tell me the date and the place of the vaccination", ["Monday 12 October", "Mill Lane 7"]),
        ("What is the venue and the date of the vaccination, please?", ["Mill Lane 7", "Monday 12 October"]),
        (
            "As I've to phone them tomorrow, tell me the telephone number on the poster and the date of the vaccination",
            ["289 555 014", "Monday 12 October"],
        ),
        ("Where is the concert?", ["does not say"]),
    ],
)  # fmt: skip
def test_each_fact_that_is_asked_of_a_poster_has_its_line(
    call: Call, question: str, lines: list[str]
):
    told = asked(call, question, FLU).splitlines()

    assert len(told) == len(lines)
    assert all(one in said for one, said in zip(lines, told, strict=True))
    assert "health card" not in told[0] or lines == ["does not say"]
