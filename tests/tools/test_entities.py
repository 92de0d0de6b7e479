"""Entities: who, where, when, how much, and exactly where in the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


def test_people_places_organisations_and_dates_are_found(call: Call):
    text = "Barack Obama visited Microsoft in Seattle on 4 July 2016.\nHe met Satya Nadella."

    found = [(each.text, each.label) for each in call("find_entities", Text(text))]

    assert found == [
        ("Barack Obama", "person"),
        ("Microsoft", "organisation"),
        ("Seattle", "place"),
        ("4 July 2016", "date"),
        ("Satya Nadella", "person"),
    ]


def test_positions_are_those_of_the_text(call: Call):
    line = "  Anna flew to Paris, and paid $1,250.50 to anna{}@example.org.\n\n"
    text = "".join(line.format(at) for at in range(900))

    found = call("find_entities", Text(text))

    assert len(text) > 50_000, "longer than one chunk"
    assert [each for each in found if text[each.start : each.end] != each.text] == []
    assert sum(each.label == "email" for each in found) == 900
    assert [each.label for each in found if each.text == "Paris"] == ["place"], "named once"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("It costs $1,250 in all.", "$1,250"),
        ("It costs 250 euros in all.", "250 euros"),
        ("It costs EUR 12.50 in all.", "EUR 12.50"),
        ("It costs 3 €.", "3 €"),
    ],
)
def test_amounts_are_money(call: Call, text: str, amount: str):
    found = call("find_entities", Text(text))

    assert [each.text for each in found if each.label == "money"] == [amount]


def test_a_text_that_names_nothing_gives_an_empty_list(call: Call):
    assert call("find_entities", Text("nothing is here")) == []


def test_an_empty_text_is_refused(call: Call):
    with pytest.raises(PortViolation, match="empty"):
        call("find_entities", Text("  "))


def test_another_language_is_named_with_the_way_out(call: Call):
    with pytest.raises(PortViolation, match=r"German.*Translate it first"):
        call(
            "find_entities",
            Text("Liebe Anna, das ist Peter. Die Stühle kommen heute nicht an, leider."),
        )


LETTER = Text(
    "Maria Lopes and John Baker met Inês Carvalho of Contoso Ltd in Porto on 3 May 2024 at 14:30. They paid "
    "1,250.00 euros for 12 chairs. Call +351 912 345 678 or write to ana@casa.pt. João Gonçalves was absent."
)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("who is mentioned?", ["Maria Lopes", "John Baker", "Inês Carvalho", "João Gonçalves"]),
        ("which dates are there", ["3 May 2024"]),
        ("what amounts?", ["1,250.00 euros"]),
        ("dates and amounts", ["3 May 2024", "1,250.00 euros"]),
        ("the companies and places", ["Contoso Ltd", "Porto"]),
        ("phone numbers and e-mails", ["+351 912 345 678", "ana@casa.pt"]),
        ("all numbers", ["1,250.00 euros", "12"]),
    ],
)
def test_the_request_says_which_kinds_are_wanted(call: Call, request_: str, expected: list[str]):
    assert [each.text for each in call("find_entities", LETTER, Text(request_))] == expected


def test_plain_numbers_come_only_when_asked_for(call: Call):
    assert "number" not in {each.label for each in call("find_entities", LETTER)}


def test_portuguese_text_is_read(call: Call):
    text = (
        "O Pedro Santos e a Sra. Helena Dias reuniram-se em Braga no dia 12 de março de 2024, às 15h30, com a "
        "Construções Almeida, Lda. O valor é de 1.250,00 €. Contacto: 912 345 678. Amanhã a Joana telefona."
    )

    found = [(each.text, each.label) for each in call("find_entities", Text(text))]

    assert found == [
        ("Pedro Santos", "person"),
        ("Helena Dias", "person"),
        ("Braga", "place"),
        ("12 de março de 2024", "date"),
        ("15h30", "time"),
        ("Construções Almeida, Lda", "organisation"),
        ("1.250,00 €", "money"),
        ("912 345 678", "phone"),
        ("Amanhã", "date"),
        ("Joana", "person"),
    ]


def test_capitals_and_forms_are_no_hindrance(call: Call):
    text = "JOHN SMITH\nACME CORPORATION\n12 HIGH STREET, LONDON\nINVOICE 4471  DATE 03/05/2024\nTOTAL  £ 1,250.50"

    found = {(each.text, each.label) for each in call("find_entities", Text(text))}

    assert {
        ("ACME CORPORATION", "organisation"),
        ("LONDON", "place"),
        ("03/05/2024", "date"),
    } <= found
    assert not {text for text, _ in found} & {"INVOICE", "TOTAL", "DATE"}


def test_an_entity_reads_well(call: Call):
    (found,) = call("find_entities", Text("We met in Lisbon."))

    assert str(found) == "Lisbon (place)"


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        (
            (
                "Dear Samuel,\nthe chairs come to Rotterdam on Tuesday 23 June, not on 12 June 2026.\n"
                "Samuel Ortiz knows. Yours, Laura Bennett\nLaura Bennett"
            ),
            "all persons, places and dates in the mail",
            ["Rotterdam (place)", "Tuesday 23 June (date)", "12 June 2026 (date)",
             "Samuel Ortiz (person)", "Laura Bennett (person)"],
        ),
        (
            "Write to ana@lago.example, 14 Harbour Road, Cork.",
            "which e-mail addresses are in it?",
            ["ana@lago.example (email)"],
        ),
        (
            "Thomas Berg and Ola Lind bought a bike in Bergen in three weeks.",
            "which customers are mentioned?",
            ["Thomas Berg (person)", "Ola Lind (person)"],
        ),
        ("A Sofia e o Rui vivem em Coimbra.", "", ["Sofia (person)", "Rui (person)", "Coimbra (place)"]),
        ("The train leaves Hamburg at 9 am tomorrow.", "", ["Hamburg (place)", "9 am (time)", "tomorrow (date)"]),
    ],
)  # fmt: skip
def test_whole_names_and_dates_of_the_kinds_asked_for_and_each_once(
    call: Call, text: str, request_: str, expected: list[str]
):
    assert [str(each) for each in call("find_entities", Text(text), Text(request_))] == expected


def test_a_portuguese_letter_is_read_line_by_line(call: Call):
    letter = (
        "Penedo, 12 de novembro de 2026\n\nCara Dona Inês,\n\nPeço que o senhor Joaquim Moreira venha à "
        "consulta e que traga a lista dos medicamentos que a Maria\nSantos lhe deu.\n\n"
        "Com os melhores cumprimentos,\nDr. Paulo Almeida\nCentro de Saúde de Penedo\n"
    )

    found = [str(each) for each in call("find_entities", Text(letter))]

    assert found == [
        "Penedo (place)",
        "12 de novembro de 2026 (date)",
        "Inês (person)",
        "Joaquim Moreira (person)",
        "Maria Santos (person)",
        "Paulo Almeida (person)",
        "Centro de Saúde de Penedo (organisation)",
    ]


POSTER = (
    "THE CELLAR CATS\nLive blues and swing\nSaturday 9 May\nDoors open 20:30\n"
    "Harbour Club, Pier Street 7\nTickets 12 euros"
)


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        (
            POSTER,
            "who is playing and where?",
            ["THE CELLAR CATS (band)", "Harbour Club (place)", "Pier Street 7 (address)"],
        ),
        (
            "Soundcheck starts at 5 and the doors open at half past seven. The bus leaves at midnight.",
            "what times are mentioned?",
            ["5 (time)", "half past seven (time)", "midnight (time)"],
        ),
        (
            "Change the sheets before 2 o'clock. The guests come at 3.50 and pay 4.20 euros.",
            "at what times?",
            ["2 o'clock (time)", "3.50 (time)"],
        ),
        (
            "Consulta às 10h30 na Rua da Fonte 14. A piscina fecha às 20h.",
            "horas e moradas",
            ["10h30 (time)", "Rua da Fonte 14 (address)", "20h (time)"],
        ),
        ("I paid at 3 shops, at 12 euros each, for the 2h30 film on 5 screens.", "times", []),
        ("The price was 4.30 in March and is 5.10 now.", "times", []),
        (
            "Anna Park and Mr Hill met in Victoria Park, near 14 Castle Road.",
            "who and where?",
            ["Anna Park (person)", "Hill (person)", "Victoria Park (place)",
             "14 Castle Road (address)"],
        ),
        (
            "Thomas Berg of the Riverside Cycling Club waits at Central Station.",
            "people, organisations and places",
            ["Thomas Berg (person)", "Riverside Cycling Club (organisation)", "Central Station (place)"],
        ),
        ("SUMMER CONCERT\nwith the Moonlight Orchestra", "who plays?", ["Moonlight Orchestra (band)"]),
    ],
)  # fmt: skip
def test_hours_addresses_halls_and_bands_are_what_they_are(
    call: Call, text: str, request_: str, expected: list[str]
):
    assert [str(each) for each in call("find_entities", Text(text), Text(request_))] == expected


@pytest.mark.parametrize(
    ("request_", "text", "found"),
    [
        ("find every phone number and price on the poster",
         "Adults £6, children £2.50\nVolunteers: call Helen Brooks on 01603 555 214",
         ["£6 (money)", "£2.50 (money)", "01603 555 214 (phone)"]),
        ("phone numbers", "Ring (01603) 555214 or 07700 900123, room 10, on 2026-11-24.",
         ["(01603) 555214 (phone)", "07700 900123 (phone)"]),
        ("contact details", "Write to helen@kitchen.example or call 01603 555 214.",
         ["helen@kitchen.example (email)", "01603 555 214 (phone)"]),
        ("find the amounts in it", "I am Frank. We cook for 40 people and need 12 kilos of pumpkin and 5 liters of cream.",
         ["40 people (quantity)", "12 kilos of pumpkin (quantity)", "5 liters of cream (quantity)"]),
        ("find the amounts in it", "For 5 kg of flour we paid 8.50 €.", ["8.50 € (money)"]),
    ],
)  # fmt: skip
def test_phone_numbers_and_amounts_are_given_in_whatever_form_they_stand(
    call: Call, request_: str, text: str, found: list[str]
):
    assert [str(each) for each in call("find_entities", Text(text), Text(request_))] == found
