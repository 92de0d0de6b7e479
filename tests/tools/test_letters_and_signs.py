"""What surrounds the sentences of a translation: how letters begin and end, signs, days, what the models lack."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text

Call = Callable[..., Any]
glossary: Any = import_module("herd_graph._bundled.tools.glossary")
languages: Any = import_module("herd_graph._bundled.tools.languages")
loops: Any = import_module("herd_graph._bundled.tools.loops")
phrases: Any = import_module("herd_graph._bundled.tools.set_phrases")
salutations: Any = import_module("herd_graph._bundled.tools.salutations")


@pytest.mark.parametrize(
    ("line", "to", "expected"),
    [
        ("PROIBIDO ESTACIONAR", "en", "NO PARKING"),
        ("Saída de viaturas!", "en", "Vehicle exit!"),
        ("- Não fumar", "en", "- No smoking"),
        ("Keep off the grass", "pt", "Não pisar a relva"),
        ("FIRE  EXIT", "pt", "SAÍDA DE INCÊNDIO"),
        ("no parking", "pt", "proibido estacionar"),
    ],
)
def test_a_sign_is_put_over_in_its_own_case(line: str, to: str, expected: str):
    assert phrases.phrase(line, to) == expected


@pytest.mark.parametrize("line", ["The exit is closed.", "Menu of the week for Anna", "", "12.50"])
def test_what_is_more_than_a_sign_is_left_to_the_model(line: str):
    assert phrases.phrase(line, "pt") is None


@given(st.sampled_from(["pt", "en"]), st.data())
def test_every_phrase_comes_back_as_a_phrase(to: str, data: st.DataObject):
    line = data.draw(st.sampled_from(sorted(phrases._BOOKS[to])))

    made = phrases.phrase(line, to)

    assert phrases.phrase(made, "en" if to == "pt" else "pt") is not None


@pytest.mark.parametrize(
    ("line", "to", "expected"),
    [
        ("Dear Tomas,", "pt", "Caro Tomas,"),
        ("Dear Ms Oliveira,", "pt", "Cara Sra. Oliveira,"),
        ("Dear Mr. Costa", "pt", "Caro Sr. Costa"),
        ("Dear Helen,", "pt", "Cara Helen,"),
        ("Dear Sir or Madam,", "pt", "Exmo.(a) Senhor(a),"),
        ("Hi Sam!", "pt", "Olá Sam!"),
        ("Good morning Peter,", "pt", "Bom dia Peter,"),
        ("Exmo. Senhor Costa,", "en", "Dear Mr Costa,"),
        ("Exma. Senhora Dona Teresa Lopes,", "en", "Dear Mrs Teresa Lopes,"),
        ("Exmos. Senhores,", "en", "Dear Sirs,"),
        ("Olá Rita,", "en", "Hello Rita,"),
        ("Cara Senhora Diretora,", "en", "Dear Madam,"),
        ("Cara Sra. Inês,", "en", "Dear Mrs Inês,"),
    ],
)
def test_a_letter_begins_in_the_other_language(line: str, to: str, expected: str):
    assert salutations.salutation(line, to) == (expected, "")


@pytest.mark.parametrize(
    ("line", "to"),
    [
        ("Dear neighbours,", "pt"),
        ("Hello Kitty is a brand from Japan", "pt"),
        ("Querida avó, chegámos bem", "en"),
        ("Cara a cara", "en"),
    ],
)
def test_what_only_begins_like_a_letter_is_left_to_the_model(line: str, to: str):
    assert salutations.salutation(line, to) is None


def test_behind_a_salutation_the_sentence_goes_on_small(call: Call):
    made = str(call("translate", Text("Oi Ana, podes trazer leite e ovos?"), "en"))

    assert made.startswith("Hi Ana, can you bring milk")


def test_yours_in_a_courteous_letter_is_not_his(call: Call):
    letter = "Cara Sra. Inês,\n\nRecebemos os resultados das análises do seu pai."

    assert "your father" in str(call("translate", Text(letter), "en"))


@pytest.mark.parametrize(
    "letter",
    [
        "O rapaz perdeu o seu chapéu.",
        "Olá Rita,\nviste o Pedro? Perdeu o seu chapéu. Tens o número dele?",
    ],
)
def test_his_stays_his_where_nobody_is_addressed_or_all_are_friends(letter: str):
    assert salutations.addressed(letter) == letter


def test_the_name_below_a_closing_stays_as_it_was_signed(call: Call):
    letter = "O prazo termina a 30 de abril.\n\nAtenciosamente,\nEnergia Verde\n"

    assert str(call("translate", Text(letter), "en")).endswith("Sincerely,\nEnergia Verde\n")


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("Mon-Fri 9 am - 6 pm", "pt", "segunda a sexta-feira das 9h às 18h"),
        ("Your appointment with Dr. Reis is on Wed 3 June.", "pt", "quarta-feira 3 de junho"),
        ("You can collect it from tomorrow at 11 am. Bring your passport.", "pt", "às 11h. "),
        ("We celebrate my wife's fiftieth birthday.", "pt", "50.º aniversário"),
        ("Stalls are set up between six and eight in the morning.", "pt", "As barracas"),
        ("Multa até 250 euros.", "en", "Fine up to 250 euros."),
        ("A reunião é às 21 horas.", "en", "21:00"),
    ],
)
def test_what_the_models_lack_is_put_in_words_that_they_know(
    call: Call, text: str, to: str, expected: str
):
    assert expected in str(call("translate", Text(text), to))


def test_a_surname_that_is_a_word_stays_a_name(call: Call):
    assert "Miller" in str(call("translate", Text("Miller paid 30 euros for the room."), "pt"))


def test_a_text_that_has_been_translated_is_not_translated_again(call: Call):
    once = str(
        call(
            "translate",
            Text(
                "I am sorry to say that we were very disappointed with our stay from 20 to 22 March. "
                "The street was so noisy that our daughter could not sleep."
            ),
            "pt",
        )
    )

    assert str(call("translate", Text(once), "pt")) == once


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Aberto de segunda a sexta", "pt"),
        ("Vende-se bicicleta de montanha", "pt"),
        ("Os bilhetes custam 12 euros", "pt"),
        ("Je ne sais pas où est la fête de la forêt.", "fr"),
        ("El perro está en la casa de mi tía.", "es"),
        ("Il cane è nella casa di mia zia.", "it"),
    ],
)
def test_short_texts_are_told_apart(text: str, code: str):
    assert languages.language(text) == code


def test_a_model_that_goes_in_circles_is_stopped():
    translation: Any = import_module("herd_graph._bundled.tools.translation")

    class Circling:
        """Says the same again and again to all that has a comma."""

        def translate(self, text: str) -> str:
            return "o que é " * 12 if "," in text and "?" in text else text

    made = translation._in_words("What is it, and where is it?", Circling())

    assert not loops.turns(made.rstrip(" .?!"))


@pytest.mark.parametrize(
    ("said", "to", "expected"),
    [
        (
            "Many thanks and kind regards,",
            "pt",
            "Muito obrigado e com os melhores cumprimentos,",
        ),
        ("Obrigado e cumprimentos,", "en", "Thank you and regards,"),
    ],
)
def test_two_closings_in_one_are_put_over(said: str, to: str, expected: str):
    closings: Any = import_module("herd_graph._bundled.tools.closings")

    assert closings.closing(said, to) == expected


def test_nobody_becomes_a_member_of_parliament(call: Call):
    made = str(call("translate", Text("Damage must be reported to Mrs Whitcombe."), "pt"))

    assert "Whitcombe" in made
    assert "deputad" not in made.lower()


def test_pounds_are_never_kilos(call: Call):
    made = str(call("translate", Text("Adults 8 pounds, children 3 pounds"), "pt"))

    assert "8 libras" in made
    assert "3 libras" in made


@pytest.mark.parametrize(
    ("said", "to", "sums"),
    [
        ("The yearly fee is £85 and the plant costs £1.20.", "pt", ["85 libras", "1,20 libras"]),
        ("We paid $20 and €30 and £1,250.", "pt", ["20 dólares", "30 euros", "1.250 libras"]),
        ("O quarto custa 60 € e a taxa é de £5.", "en", ["60 euros", "5 pounds"]),
    ],
)
def test_no_sum_changes_its_currency(call: Call, said: str, to: str, sums: list[str]):
    made = str(call("translate", text=Text(said), to=to))

    assert [each for each in sums if each in made] == sums


def test_bicycles_are_no_motorbikes(call: Call):
    made = str(call("translate", Text("We would like six e-bikes and two bikes."), "pt"))

    assert made.lower().count("bicicletas") == 2
    assert "motos" not in made.lower()
