"""What checks find by holding a result against its source, by doing a sum again, and by its request."""

from __future__ import annotations

import asyncio

import pytest
from check_letters import CARTA, LETTER, SHORT, page, summarised, told, translated
from check_results import result, voice

from herd_graph.artifacts import Data, Table, Text
from herd_graph.coordination.checks import run_checks
from herd_graph.coordination.checks.arithmetic import equations, evaluated
from herd_graph.coordination.checks.base import CheckInput, Made
from herd_graph.coordination.checks.grounding import claims
from herd_graph.coordination.checks.requests import forms, has_form, lengths, measure, unmet
from herd_graph.coordination.checks.standard import standard
from herd_graph.coordination.checks.units import converted

# Swapped -------------------------------------------------------------------------------------------


def test_an_input_that_comes_back_unchanged_fails() -> None:
    picture = page("Parking for guests only")

    assert "copied fail" in told(translated(SHORT, source=SHORT))
    assert told(result({"picture": picture}, {"result": picture}, name="draw")) == ["copied fail"]
    assert told(result({"text": Text(SHORT)}, {"result": Text(SHORT)}, name="tidy")) == []


def test_a_query_that_is_given_back_behind_its_answer_is_no_copy() -> None:
    query = Text("SELECT city, sum(units) FROM data GROUP BY city")
    made = {"answer": Text("- Porto: 12"), "sql": query}

    assert told(result({"question": query}, made, name="query_table")) == []
    made = {"answer": query, "sql": Text("SELECT 1")}
    assert "copied fail" in told(result({"question": query}, made, name="query_table"))


def test_what_another_step_gave_of_something_else_fails() -> None:
    there = result({"recording": voice(4.0)}, {"result": Text(SHORT)}, name="hear")
    other = Made(step="s1", expert="hear@1", inputs=frozenset({"x"}), outputs=there.outputs)
    subject = result(
        {"recording": voice(4.1)},
        {"result": Text(SHORT)},
        name="transcribe",
        step="s2",
        earlier=[other],
    )

    assert told(subject) == ["swapped fail"]


def test_what_another_step_gave_of_the_same_is_not_swapped() -> None:
    given = {"text": Text(LETTER), "request": Text("in short")}
    subject = result(given, {"result": Text(SHORT)}, name="summarize", step="s2")
    source = subject.refs("text")[0]
    other = Made(
        step="s1",
        expert="summarize@1",
        inputs=frozenset({source.id, "another request"}),
        outputs=subject.outputs,
    )
    subject.earlier = [other]

    assert told(subject) == []


def test_a_summary_of_something_else_fails() -> None:
    assert told(summarised("Coffee plants grow best between high mountains in Ethiopia.")) == [
        "about fail",
        "grounding doubt",
    ]


@pytest.mark.parametrize(
    ("source", "text", "asked"),
    [
        (
            CARTA,
            "The driver will call Mr Hughes before he arrives on Friday, and the bill is due.",
            "what is it about?",
        ),
        (
            CARTA,
            "The parcel has left the warehouse at Leeds, and it will come to them in March.",
            "sum it up in English",
        ),
        (
            LETTER,
            "O motorista vai ligar uma hora antes de chegar, e a conta vence na Sexta.",
            "resuma em português",
        ),
        (
            LETTER,
            "Der Fahrer ruft eine Stunde vorher an, und die Rechnung ist am Freitag fällig.",
            "kurz, bitte auf Deutsch",
        ),
        (
            f"{CARTA}\n\n{LETTER}",
            "Le chauffeur de Monsieur Hughes est dans la rue avec les meubles.",
            "Summarise both in French.",
        ),
    ],
)
def test_a_summary_in_another_language_has_no_words_of_its_source(
    source: str, text: str, asked: str
) -> None:
    given = {"text": Text(source)}
    made = result(given, {"result": Text(text)}, name="summarize", tags=("summary",), request=asked)

    assert {"about fail", "grounding doubt"}.isdisjoint(told(made))


def test_a_summary_in_a_language_that_nobody_wants_is_none_of_its_source() -> None:
    made = result(
        {"text": Text(LETTER)},
        {"result": Text("Le chauffeur de Monsieur Hughes est dans la rue avec les meubles.")},
        name="summarize",
        tags=("summary",),
        request="sum up this letter",
    )

    assert "about fail" in told(made)


def test_figures_are_the_same_in_every_language() -> None:
    made = result(
        {"text": Text(CARTA)},
        {
            "result": Text(
                "The driver will call before he arrives, and the bill is 1,430.50 pounds."
            )
        },
        name="summarize",
        tags=("summary",),
    )

    assert "grounding doubt" in told(made)


def test_a_translation_keeps_the_numbers_of_its_source() -> None:
    assert "about fail" in told(translated(CARTA.replace("1.340,50", "2.340,50")))


def test_a_deterministic_expert_does_not_change_its_mind() -> None:
    checks = standard()

    def given(source: str, words: str) -> CheckInput:
        return result({"text": Text(source)}, {"result": Text(words)}, name="transcribe")

    async def run() -> list[str]:
        first = await run_checks(given("a", SHORT), checks)
        again = await run_checks(given("a", SHORT), checks)
        other = await run_checks(given("a", "Something else altogether was said here, ok."), checks)
        twice = await run_checks(given("b", SHORT), checks)
        return [each.verdict.level for each in (first, again, other, twice)]

    assert asyncio.run(run()) == ["pass", "pass", "doubt", "doubt"]


# Arithmetic, measures, grounding --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("3 × 4 = 13", "12"),
        ("15% of 80 is 12", ""),
        ("100 + 15% = 115", ""),
        ("€3.50 + €4.00 = €8.50", "7.5"),
        ("1,200.50 - 200 = 1,000.50", ""),
        ("10/3 = 3.33", ""),
        ("12,5 + 2,5 = 15", ""),
        ("(2 + 3) * 4 = 21", "20"),
    ],
)
def test_sums_are_done_again(text: str, right: str) -> None:
    assert [wanted for _, wanted in equations(text)] == [right]


@pytest.mark.parametrize(
    "text", ["pages 1-2 is empty", "x = y", "1 + 2 + 3 = 3 + 3", "on 3/5 is 9"]
)
def test_what_is_no_sum_is_left_alone(text: str) -> None:
    assert equations(text) == []


@pytest.mark.parametrize("expression", ["9**9**9", "1/0", "__import__('os')", "1.234 * 2", ""])
def test_what_cannot_be_done_is_not_done(expression: str) -> None:
    assert evaluated(expression) is None


def test_a_calculator_is_checked_by_calculating() -> None:
    asked = {"expression": Text("(12 + 8) * 3")}

    assert told(result(asked, {"result": Data(60)}, name="calculate")) == []
    assert told(result(asked, {"result": Data(66)}, name="calculate")) == ["result fail"]


def test_measures_are_converted_again() -> None:
    asked = {"question": Text("20 miles in km")}

    assert told(result(asked, {"result": Text("20 miles = 32.18688 km")})) == []
    assert told(result(asked, {"result": Text("20 miles = 23.18688 km")})) == ["units fail"]
    tall = "5 feet 7 inches = {} cm"
    asked = {"question": Text("5 feet 7 inches in cm")}
    assert told(result(asked, {"result": Text(tall.format("170.18"))})) == []
    assert told(result(asked, {"result": Text(tall.format("17.78"))})) == ["units fail"]
    assert converted(72, "°F", "°C") == pytest.approx(22.2222, abs=1e-3)
    assert converted(1, "kg", "km") is None


def test_words_and_figures_of_one_result_are_the_same() -> None:
    def said(words: str) -> list[str]:
        made = {"answer": Text(words), "rows": Table([{"sum": 43}])}
        return told(result({"table": Table([{"units": 40}, {"units": 3}])}, made))

    assert said("Sum of units: 43") == []
    assert said("Sum of units: 44") == ["consistent fail"]


def test_what_is_told_beside_a_count_is_no_other_count() -> None:
    def said(words: str) -> list[str]:
        made = {"answer": Text(words), "counts": Data({"person": 2})}
        return told(result({"question": Text("how many people?")}, made))

    assert said("2 people (the surest 81 %). Also seen: 1 tie.") == []
    assert said("3 people (the surest 81 %). Also seen: 1 tie.") == ["consistent fail"]
    assert said("2 people and 5 dogs") == ["consistent fail"]


def test_what_a_summary_says_stands_in_its_source() -> None:
    assert told(summarised("The bill of 1340.50 pounds is due in thirty days.")) == []
    assert told(summarised("The bill of 1,430.50 pounds is due within 30 days.")) == [
        "grounding doubt"
    ]


def test_claims_are_compared_by_what_they_mean() -> None:
    source = "3rd May 2024: 1.234,50 EUR for 90 chairs, said Alice. “We will never come again.”"
    text = (
        "On 2024-05-03 Alice paid 1,234.5 for ninety chairs, says “never come again” and Bob Ray."
    )

    assert [(each.kind, each.found) for each in claims(text, [source])] == [
        ("date", True),
        ("number", True),
        ("number", True),
        ("name", True),
        ("name", False),
        ("quotation", True),
    ]


# Requests --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "text", "met"),
    [
        ("Summarise it in two sentences", "One. Two.", True),
        ("The gist in a sentence or two", "One. Two.", True),
        ("The gist in a sentence or two", "One. Two. Three.", False),
        ("Summarise it in two sentences", "One. Two. Three.", False),
        ("at most 5 words please", "one two three four five six", False),
        ("resuma em três frases", "Um. Dois. Três.", True),
        ("no máximo 3 palavras", "um dois três quatro", False),
        ("a one-sentence summary", "Only this.", True),
        ("give it as a table", "| a | b |\n| --- | --- |", True),
        ("give it as a table", "a and b", False),
        ("as bullet points", "- a\n- b", True),
        ("list three fruits", "- apple\n- pear\n- plum", True),
        ("list three fruits", "apple\npear\nplum\nfig", False),
        ("dê dois nomes", "1. Ana\n2. Rui\n3. Eva", False),
        ("return JSON", '{"a": 1}', True),
        ("return JSON", "a is 1", False),
        ("only the total", "53.50", True),
        ("only the total", "The items are 3 and 4, the total is 7", False),
        ("what is in table 2?", "Nothing.", True),
    ],
)
def test_requests_say_what_their_answer_is_like(request_: str, text: str, met: bool) -> None:
    assert (not list(unmet(request_, text))) == met


def test_only_what_answers_is_held_against_the_request() -> None:
    more = {"ask": "in one sentence", "answers": True}
    two = "The driver, Tom Barker, will call you one hour before he arrives. Please have somebody at home."

    assert told(summarised(two, **more)) == ["request doubt"]
    assert told(summarised(two, **{**more, "answers": False})) == []
    assert lengths("in 5 bullet points")[0].unit == "items"
    assert forms("only the total") == ["number"]
    assert has_form("YES", "capitals")
    assert measure("a\n\nb", "paragraphs") == 2
    assert measure("1. It is 18 or more. 2. Pay 50 euros. 4. It is free.", "sentences") == 3
    assert measure("We came in 1984. They came later.", "sentences") == 2
