"""Translation, both ways, with what people paste: lists, signs, several paragraphs."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]
languages: Any = import_module("herd_graph._bundled.tools.languages")
closings: Any = import_module("herd_graph._bundled.tools.closings")
translation: Any = import_module("herd_graph._bundled.tools.translation")


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("Where is the library?", "pt", ["onde", "biblioteca"]),
        ("Please meet me at the main gate in Lisbon.", "pt", ["no portão principal", "lisboa"]),
        ("The meeting starts at nine in the main building.", "pt", ["reunião", "no edifício"]),
        ("No, thanks.", "pt", ["não", "obrigad"]),
        ("A reunião começa às nove. Traga as cadeiras!", "en", ["meeting", "nine", "chairs"]),
        ("Onde fica a estação de trem?", "en", ["where", "train station"]),
        ("Bom dia", "en", ["good morning"]),
        ("Thanks", "pt", ["obrigado"]),
    ],
)
def test_it_translates(call: Call, text: str, to: str, expected: list[str]):
    made = str(call("translate", Text(text), to)).lower()

    assert [each for each in expected if each not in made] == []


def test_lines_paragraphs_and_bullets_stay_where_they_are(call: Call):
    source = "The meeting starts at 9.\n\n- Bring 12 chairs\n  2. Call the driver\n\nThanks\n"

    made = str(call("translate", Text(source), "pt"))

    lines = made.splitlines()
    assert len(lines) == 6
    assert (lines[1], lines[4]) == ("", "")
    assert lines[2].startswith("- Traga 12 cadeiras")
    assert lines[3].startswith("  2. ")
    assert made.endswith("\n")


def test_numbers_and_prices_pass_through(call: Call):
    assert (
        str(call("translate", Text("12.50\n17 * 23 + 9\n---"), "pt")) == "12.50\n17 * 23 + 9\n---"
    )


def test_a_sign_in_capitals_is_translated_in_capitals(call: Call):
    assert str(call("translate", Text("DELIVERY ENTRANCE"), "pt")) == "ENTRADA DE ENTREGA"


@pytest.mark.parametrize(
    ("text", "to"),
    [("Olá Maria, a reunião começa às nove.", "pt"), ("The chairs are on the table.", "en")],
)
def test_a_text_that_is_in_the_language_comes_back_unchanged(call: Call, text: str, to: str):
    assert str(call("translate", Text(text), to)) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("¿Dónde está la biblioteca? No lo sé, pero es muy grande.", "Spanish"),
        ("Je ne sais pas où est la bibliothèque, mais elle est très grande.", "French"),
        ("Ich weiß nicht, wo die Bibliothek ist, aber sie ist sehr groß.", "German"),
    ],
)
def test_another_language_is_named(call: Call, text: str, named: str):
    with pytest.raises(PortViolation, match=named):
        call("translate", Text(text), "en")


def test_an_empty_text_is_refused(call: Call):
    with pytest.raises(PortViolation, match="empty"):
        call("translate", Text(" \n "), "pt")


def test_a_sentence_without_end_is_cut_into_pieces(call: Call):
    made = str(call("translate", Text("the house is red and the garden is green, " * 60), "pt"))

    assert made.count("casa") == 60


@given(st.lists(st.text("ab,. !?A", min_size=1, max_size=12), max_size=200).map(" ".join))
def test_no_word_is_lost_between_pieces(text: str):
    pieces = translation.pieces(text)

    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(each.split(" ")) <= translation.MAX_WORDS for each in pieces)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Where is the library? I do not know.", "en"),
        ("Não sei onde fica a biblioteca.", "pt"),
        ("Olá Maria, obrigado pela sua encomenda. As cadeiras chegam amanhã.", "pt"),
        ("Hotel", ""),
        ("", ""),
        ("12.50 / 17", ""),
        ("Anna Costa, João Silva, Peter Miller", ""),
    ],
)
def test_a_language_is_named_only_when_it_is_plain(text: str, code: str):
    assert languages.language(text) == code


verbatim: Any = import_module("herd_graph._bundled.tools.verbatim")
KEPT = [
    "hannah.briggs@oakfield.org",
    "<office@north-star.example>",
    "https://www.example.com/a_b?c=1",
    "www.harbour.example/help",
    "AB-12/7",
    "PT50",
    "2026-03-14",
    "0117 496 0231",
    "report.pdf",
    "HELENA",
    "1,250.50",
    "4417",
]
FRAMES = [
    "Please write to {} before Friday.",
    "The meeting is about {} and the new roof.",
    "See {} for the details.",
    "Call the driver about {}",
    "We sent {} to the office on Monday.",
]


@given(
    frames=st.lists(st.sampled_from(FRAMES), min_size=1, max_size=3),
    kept=st.lists(st.sampled_from(KEPT), min_size=3, max_size=3),
)
def test_what_is_no_word_comes_through_a_translation(
    call: Call, frames: list[str], kept: list[str]
):
    lines = [frame.format(each) for frame, each in zip(frames, kept, strict=False)]

    made = str(call("translate", Text("\n".join(lines)), "pt")).splitlines()

    assert len(made) == len(lines)
    for line, each in zip(made, kept, strict=False):
        assert re.sub(r"[.,]", "", each) in re.sub(r"[.,]", "", line)


@given(
    before=st.sampled_from(["Write to ", "see "]),
    kept=st.lists(st.sampled_from(KEPT), min_size=1, max_size=4),
    between=st.sampled_from([" and ", ", ", " or maybe "]),
)
def test_a_translator_that_loses_everything_cannot_lose_what_is_kept(
    before: str, kept: list[str], between: str
):
    piece = before + between.join(kept)

    def losing(_: str) -> str:
        return "palavras"

    made = verbatim.carried(piece, losing)

    assert [each for each in kept if each not in made] == []


def test_the_head_of_a_mail_stays_one(call: Call):
    source = "From: Ana Reis <ana@reis.example>\nSubject: The new roof\n\nDear Ana,\n"

    made = str(call("translate", Text(source), "pt")).splitlines()

    assert made[0] == "De: Ana Reis <ana@reis.example>"
    assert made[1].startswith("Assunto: ")
    assert "telhado" in made[1]


@pytest.mark.parametrize(
    ("said", "to", "expected"),
    [
        ("Cara Hanna,", "en", "Dear Hanna,"),
        ("Caro Sr. Mendes,", "en", "Dear Mr Mendes,"),
        ("Cara a cara", "en", "Face to face"),
        (
            "The museum is open from 10am to 5pm on Sundays.",
            "pt",
            "O museu está aberto das 10h às 17h aos domingos.",
        ),
    ],
)
def test_salutations_and_hours_are_put_over(call: Any, said: str, to: str, expected: str):
    assert call("translate", Text(said), to).text == expected


def test_a_sentence_that_a_page_breaks_is_translated_whole_and_broken_again(call: Any):
    notice = (
        "The library will be closed from 23 March\nuntil 27 March because the heating is\n"
        "being repaired. Books can be returned\nto Mrs. Rachel Turner in room 14.\n"
    )

    made = call("translate", Text(notice), "pt").text

    assert "está sendo reparado" in " ".join(made.split())
    assert made.count("\n") == notice.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "milk\neggs from the market on the corner\nbutter",
        "Meeting on 15 May.\nbring your own chair",
        "| name of the member | town |\nanother | row",
        "Short line\nand another one",
        "The first one ends in a full sentence here.\nthe next begins small",
    ],
)
def test_lines_that_stand_for_themselves_stay_apart(text: str):
    lines = text.splitlines(keepends=True)

    assert translation.wrapped(lines) == [[each] for each in lines]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("We meet at half past seven.", "Nós nos encontramos às 7h30."),
        ("Come at a quarter to eight or quarter past 9.", "Venha às 7h45 ou 9h15."),
    ],
)
def test_hours_that_are_told_by_halves_and_quarters_are_put_over(
    call: Any, said: str, expected: str
):
    assert call("translate", Text(said), "pt").text == expected


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("Kind regards,\nMarta Lopes", "pt", "Com os melhores cumprimentos,\n"),
        ("Best regards, Tom", "pt", "Com os melhores cumprimentos, Tom"),
        ("Call me back before Friday. Thank you.", "pt", "sexta-feira. Obrigado."),
        ("Thank you for the three chairs.", "pt", "três cadeiras"),
        ("Com os melhores cumprimentos,\nAna", "en", "Kind regards,\n"),
        ("Estará aberto na segunda-feira. Obrigada!", "en", "Thank you!"),
        ("A consulta é às 10h30 no centro de saúde.", "en", "10:30"),
        ("A reunião começa às 9h na escola.", "en", "9:00"),
    ],
)
def test_closings_and_hours_come_over_whole(call: Call, text: str, to: str, expected: str):
    assert expected in str(call("translate", Text(text), to))


def test_how_long_something_lasts_is_no_hour_of_the_day(call: Call):
    assert "2:30" not in str(call("translate", Text("O filme dura 2h30."), "en"))


@pytest.mark.parametrize("text", ["Kind people live here.", "Regards: none, 5"])
def test_what_only_begins_like_a_closing_is_a_sentence(text: str):
    assert closings.closing(text, "pt") is None


def test_nobody_has_the_sql_of_an_answer_translated(call: Call):
    answer = "Number of loans where item is cello: 3\nSQL: SELECT count(*) FROM data WHERE item = 'cello'"

    assert "SELECT" not in str(call("translate", Text(answer), "pt"))


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        (
            "£84. The text says: “The yearly membership fee is £84.”",
            "pt",
            ["£84. O texto diz: “A taxa", "84 libras.”"],
        ),
        ("Ela disse “não posso ir hoje” e saiu.", "en", ["She said “", "today” and"]),
        ("a minha filha faz anos no sábado", "en", ["daughter", "birthday on Saturday"]),
        ("A lâmina está partida: uma lâmina partida.", "en", ["broken blade"]),
        ("Volunteers wanted\nSandpaper 3.20", "pt", ["Procuram-se voluntários", "Lixa 3.20"]),
        ("Obrigado pela compreensão.", "en", ["Thank you for your understanding."]),
        ("Please do not bin it.", "pt", ["não jogue fora"]),
        ("Quiet hours are from 10 pm to 7 am.", "pt", ["são de 22:00 a 7:00"]),
        ("The shop is open from 9 am to 5 pm.", "pt", ["das 9h às 17h"]),
        ("Sábado, 20 de junho, às 19 horas", "en", ["Saturday, 20 June, at 19:00"]),
        ("Quinta-feira, 12 de março, das 10h às 16h", "en", ["Thursday, 12 March, from 10:00 to"]),
        ("DEAR GUESTS", "pt", ["PREZADOS CONVIDADOS"]),
        ("This is Clara.", "pt", ["Eu sou a Clara."]),
        ("Sou a Joana Ribeiro.", "en", ["I am Joana Ribeiro."]),
        ("The train to Bristol leaves at 10 past 3.", "pt", ["às 3h10"]),
    ],
)
def test_quotations_and_idioms_are_put_over(call: Call, text: str, to: str, expected: list[str]):
    made = str(call("translate", Text(text), to))

    assert [each for each in expected if each not in made] == []
