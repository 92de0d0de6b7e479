"""What is heard, and what is written down, is what the words ask for."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "text:thanks.txt",
            "put the mail into Portuguese, then read me the English",
            "speak(a1) ; translate(a1, pt)",
        ),
        (
            "text:carta.txt",
            "translate it into English and read the Portuguese original aloud",
            "speak(a1) ; translate(a1, en)",
        ),
        (
            "text:thanks.txt",
            "translate it into Portuguese and read the Portuguese aloud",
            "speak(translate(a1, pt))",
        ),
        (
            "",
            'Say in Portuguese "Please bring the ladder back on Friday" and write it down too',
            "speak(translate('Please bring the ladder back on Friday', pt)) ; translate('Please bring the ladder back on Friday', pt)",
        ),
        (
            "",
            "What is 'tool library' in Portuguese? Write it down and speak it as mp3",
            "speak(translate('tool library', pt), 'mp3') ; translate('tool library', pt)",
        ),
        ("", 'what\'s "good evening" in portuguese', "translate('good evening', pt)"),
        (
            "text:rules.txt",
            "please read the rules aloud in portuguese, only the opening hours",
            "speak(translate(chat('What are the opening hours?', a1), pt))",
        ),
    ],
)
def test_the_one_that_is_named_is_heard(files: str, text: str, made: str) -> None:
    found = plan(text, *files.split())

    assert render(found) == made
    assert not found.unmet


def test_each_version_stands_under_its_own_words() -> None:
    found = plan(
        "translate it into English and read the Portuguese original aloud", "text:carta.txt"
    )

    assert [each.ask for each in found.answers] == [
        "translate it into English",
        "read the Portuguese original aloud",
    ]


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "",
            "Sábado, 20 de junho, às 19 horas: what is that in English?",
            "translate('Sábado, 20 de junho, às 19 horas', en)",
        ),
        (
            "image:notice.png",
            "Write the check-out time from the notice",
            "chat('What is the check-out time?', read_text(a1))",
        ),
    ],
)
def test_what_is_given_or_printed_is_not_made_up(files: str, text: str, made: str) -> None:
    assert render(plan(text, *files.split())) == made


def test_half_a_pound_is_a_measure_of_its_own() -> None:
    found = plan(
        "What's 180 degrees celsius in fahrenheit and how many grams is half a pound of butter"
    )

    assert len(found.answers) == 2


def test_a_condition_names_no_other_language() -> None:
    found = plan(
        "If it is Portuguese, translate it into English, and list the names", "text:thanks.txt"
    )

    assert "pt)" not in render(found)
