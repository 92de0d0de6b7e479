"""What the checks of the default level find, and what they leave alone."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np
import pytest
from check_results import TO, result, voice
from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph.artifacts import Audio, Data, Image, Table, Text
from herd_graph.cards import Port
from herd_graph.coordination.checks import Checked, check, run_checks
from herd_graph.coordination.checks.arithmetic import equations, evaluated
from herd_graph.coordination.checks.base import CheckInput, Made
from herd_graph.coordination.checks.grounding import claims
from herd_graph.coordination.checks.requests import forms, has_form, lengths, measure, unmet
from herd_graph.coordination.checks.standard import standard
from herd_graph.coordination.checks.tongues import tongue
from herd_graph.coordination.checks.truncation import ending
from herd_graph.coordination.checks.units import converted
from herd_graph.errors import DeclarationError
from herd_graph.types import Kind

LETTER = (
    "Dear Mr Hughes, your order of 24 oak shelves left our warehouse in Leeds on 14 March 2025. "
    "The driver, Tom Barker, will call you one hour before he arrives. The bill of 1,340.50 pounds "
    "is due within 30 days. Please have somebody at home."
)
CARTA = (
    "Caro Sr. Hughes, a sua encomenda de 24 prateleiras de carvalho saiu do nosso armazém em Leeds "
    "em 14 de março de 2025. O motorista, Tom Barker, vai ligar-lhe uma hora antes de chegar. A "
    "conta de 1.340,50 libras vence em 30 dias. Por favor, tenha alguém em casa."
)
SHORT = "The driver, Tom Barker, will call you one hour before he arrives."


def held(subject: CheckInput, level: Any = "default") -> Checked:
    return asyncio.run(run_checks(subject, standard(), level))


def told(subject: CheckInput) -> list[str]:
    """Return what is not passed, as ``check level``."""
    return [f"{each.check} {each.level}" for each in held(subject).verdicts if each.level != "pass"]


def translated(text: str, *, to: str = "pt", source: str = LETTER) -> CheckInput:
    given = {"text": Text(source), "to": Data(to)}
    return result(
        given, {"result": Text(text)}, name="translate", tags=("translation",), ports={"to": TO}
    )


def summarised(text: str, **more: Any) -> CheckInput:
    return result(
        {"text": Text(LETTER)}, {"result": Text(text)}, name="summarize", tags=("summary",), **more
    )


def page(text: str) -> Image:
    picture = pil.new("RGB", (760, 60 + 46 * (text.count("\n") + 1)), "white")
    draw = ImageDraw.Draw(picture)
    draw.multiline_text((30, 24), text, fill="black", font=ImageFont.load_default(32), spacing=10)
    return Image(picture)


# Ports ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "port", "reason"),
    [
        (Text(" "), Text("x"), "white space"),
        (Text("words"), Data(1), "Expected Data"),
        (Data[Any]({"a": "1"}), Data[Any]({}), "does not match its schema"),
        (Data[Any]({"b": 1}), Data[Any]({}), "does not match its schema"),
    ],
)
def test_what_the_port_does_not_take_blocks(made: Any, port: Any, reason: str) -> None:
    schema: Any = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    wanted = Port(
        name="result", kind=port.kind, json_schema=schema if port.kind is Kind.DATA else None
    )

    found = held(result({}, {"result": made}, ports={"result": wanted}))

    assert found.verdict.blocks
    assert reason in found.unusable


def test_numbers_that_are_none_block() -> None:
    broken = Data({"a": 1})
    broken._content = b'{"a": NaN}'

    assert "no number" in held(result({}, {"result": broken})).unusable


def test_a_recording_that_is_cut_off_blocks() -> None:
    whole = voice(2.0).bytes()

    assert "cut off" in held(result({}, {"result": Audio(whole[: len(whole) // 2])})).unusable


def test_without_checks_nothing_is_looked_at() -> None:
    assert held(result({}, {"result": Text("")}), "off").verdicts == ()


# Media ------------------------------------------------------------------------------------------


def test_silence_and_blank_pictures_fail() -> None:
    silent = Audio.from_samples(np.zeros(16_000), 16_000)
    blank = Image(pil.new("RGB", (200, 100), "white"))

    assert told(result({}, {"result": silent})) == ["sound fail"]
    assert told(result({}, {"result": blank})) == ["picture fail"]
    assert told(result({}, {"result": voice(1.0)})) == []


@pytest.mark.parametrize(
    ("box", "level"),
    [
        ((10, 10, 50, 50), []),
        ((180, 10, 50, 50), ["boxes fail"]),
        ((10, 10, -5, 5), ["boxes fail"]),
    ],
)
def test_boxes_lie_inside_their_picture(box: tuple[int, ...], level: list[str]) -> None:
    named = dict(zip(("x", "y", "width", "height"), box, strict=True))
    given = {"picture": Image(pil.effect_noise((200, 100), 60).convert("RGB"))}

    assert told(result(given, {"result": [Data({"label": "dog", **named})]})) == level


def test_what_was_found_in_a_text_stands_where_it_is_said_to_stand() -> None:
    right = Data({"text": "Tom Barker", "label": "person", "start": 103, "end": 113})
    wrong = Data({"text": "Tom Barker", "label": "person", "start": 3, "end": 13})

    assert told(result({"text": Text(LETTER)}, {"result": [right]})) == []
    assert told(result({"text": Text(LETTER)}, {"result": [wrong]})) == ["spans fail"]


# Language -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Good morning, the meeting is at nine.", "en"),
        ("Bom dia, a reunião é às nove.", "pt"),
        ("Der Zug fährt um neun Uhr ab und ist voll.", "de"),
        ("La riunione è alle nove di domani mattina.", "it"),
        ("Привет, как дела сегодня", "ru"),
    ],
)
def test_languages_are_told_apart(text: str, code: str) -> None:
    found = tongue(text)

    assert (found.code, found.sure) == (code, True)


@pytest.mark.parametrize("text", ["Total 19.00 EUR", "Lisboa, Porto, Braga", "42", ""])
def test_names_and_prices_are_in_no_language(text: str) -> None:
    assert not tongue(text).sure


def test_a_translation_that_came_back_in_the_wrong_language_fails() -> None:
    assert told(translated(CARTA)) == []
    assert "language fail" in told(translated(LETTER))
    assert "language fail" in told(translated(CARTA.replace("Por favor", "Bitte") + " " + LETTER))


def test_a_transcript_is_in_the_language_that_its_expert_hears() -> None:
    heard = result(
        {"recording": voice(5.0)},
        {"result": Text("O cão atravessa a rua e ladra às pessoas que passam por ali.")},
        name="transcribe",
        tags=("speech",),
        description="Transcribe English speech.",
    )

    assert "language fail" in told(heard)


def test_a_lookup_may_answer_in_any_language_that_its_question_names() -> None:
    asked = {"message": Text("How do you say good morning in Portuguese, my friend?")}

    assert told(result(asked, {"result": Text("Bom dia, como está? É assim que se diz.")})) == []


# Truncation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("It opens in May. Visitors may climb the tower every day from", True),
        ("It opens in May. Visitors may climb the tower", True),
        ("It opens in May. Visitors may climb the tower.", False),
        ("20 miles = 32.18688 km", False),
        ("- bread\n- milk\n- six eggs", False),
        ("A title without a full stop", False),
        (
            "We thank you for the order. It leaves soon. Our shop, Rua Nova 3, phone 265 555 019",
            False,
        ),
        ("Here it is:\n```python\nprint(1)", True),
        (
            (
                "NPV = 177.67\nFormula: Σ CFₜ / (1 + r)ᵗ, t from 0 (the first cash flow is one that is made today)\n"
                "Inputs: r = 8 % per period; cash flows from the column 'cash_flow': -1,000, 500 of them"
            ),
            False,
        ),
        (
            (
                "Ana has the highest total of all the people who are in this list of marks, with 29 points.\n"
                'SQL: SELECT "pupil" FROM data GROUP BY "pupil" ORDER BY sum("mark") DESC NULLS LAST'
            ),
            False,
        ),
    ],
)
def test_texts_that_stop_in_the_middle(text: str, stops: bool) -> None:
    assert bool(ending(text)) == stops


def test_half_a_translation_fails() -> None:
    assert "truncation fail" in told(translated(CARTA[:140]))


def test_a_summary_that_stops_before_its_full_stop_fails() -> None:
    assert told(summarised(SHORT)) == []
    assert told(summarised(SHORT[:40])) == ["truncation fail"]


@pytest.mark.parametrize(
    ("text", "description", "caution"),
    [
        (CARTA, "Speak an English text aloud.", ["Portuguese read by a voice for English"]),
        (LETTER, "Speak an English text aloud.", []),
        (LETTER, "Read Portuguese aloud.", ["English read by a voice for Portuguese"]),
        (CARTA, "Speak a text aloud.", []),
        (
            "Tom Barker, Ada Hughes, Leeds, Lisboa, Oslo, Rotterdam",
            "Speak an English text aloud.",
            [],
        ),
    ],
)
def test_a_voice_for_another_language_is_told_and_passes(
    text: str, description: str, caution: list[str]
) -> None:
    given, made = {"text": Text(text)}, {"result": voice(len(text) / 15)}
    found = held(result(given, made, name="speak", description=description))

    assert [each.reason for each in found.verdicts if each.check == "caution:voice"] == caution
    assert found.verdict.level == "pass"


def test_speech_takes_as_long_as_its_text() -> None:
    spoken = {"text": Text(LETTER)}

    assert told(result(spoken, {"result": voice(16.0)}, name="speak")) == []
    assert told(result(spoken, {"result": voice(5.0)}, name="speak")) == ["length:speech fail"]


def test_a_transcript_fits_the_time_of_its_recording() -> None:
    recording = {"recording": voice(4.0)}

    assert told(result(recording, {"result": Text(SHORT)}, name="hear")) == []
    assert "length:transcript fail" in told(
        result(recording, {"result": Text(LETTER)}, name="hear")
    )


def test_the_times_of_subtitles_are_not_said() -> None:
    lines = ("The shop", "opens at", "nine on", "Monday.")
    times = [f"{at}\n00:00:0{at},000 --> 00:00:0{at},900\n{said}" for at, said in enumerate(lines)]
    timed = [f"[0:0{at}] {said}" for at, said in enumerate(lines)]
    recording = {"recording": voice(4.0)}

    assert told(result(recording, {"result": Text("\n\n".join(times))}, name="hear")) == []
    assert told(result(recording, {"result": Text("\n".join(timed))}, name="hear")) == []


def test_a_reading_has_about_as_many_letters_as_its_page() -> None:
    lines = "Library opening hours\nMonday to Friday 9 to 18\nSaturday 10 to 14\nSunday closed"

    def read(text: str) -> list[str]:
        return told(result({"picture": page(lines)}, {"result": Text(text)}, tags=("ocr",)))

    assert read(lines) == []
    assert read(lines[:24]) == ["length:reading doubt"]


def test_a_converted_table_keeps_its_cells() -> None:
    rows = [{"city": "Porto", "units": 12}, {"city": "Faro", "units": 21}]

    def made(other: Any) -> list[str]:
        return told(result({"table": Table(rows)}, {"result": Table(other)}, name="convert_table"))

    assert made(rows) == []
    assert "rows fail" in made(rows[:1])
    assert made([rows[0], {"city": "Faro", "units": 2}]) == ["converted fail"]


@pytest.mark.parametrize(
    "wish",
    ["as Markdown, the rows of Faro", "a CSV of what Faro sold", "the two largest as CSV", "units from 2023 as CSV", "a CSV of the median"],
)  # fmt: skip
def test_rows_that_a_wish_names_are_no_loss(wish: str) -> None:
    rows = [{"city": "Porto", "units": 12}, {"city": "Faro", "units": 21}]
    given = {"table": Table(rows), "request": Text(wish)}

    assert told(result(given, {"result": Table(rows[1:])}, name="convert_table")) == []


def test_a_wish_that_names_a_column_alone_is_for_all_rows() -> None:
    rows = [{"city": "Porto", "units": 12}, {"city": "Faro", "units": 21}]
    given = {"table": Table(rows), "request": Text("convert the city table to CSV")}

    assert "rows fail" in told(result(given, {"result": Table(rows[1:])}, name="convert_table"))


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


# A user's own ------------------------------------------------------------------------------------------


def test_a_function_becomes_a_check_in_every_way_of_saying_no() -> None:
    @check
    def reason(subject: CheckInput) -> str:
        return "too long" if subject.outputs else ""

    @check(gives=Text)
    async def asserts(subject: CheckInput) -> None:
        for text in (await subject.texts()).values():
            assert "please" in text, "it is rude"

    @check(experts="other*")
    def elsewhere(_: CheckInput) -> bool:
        return False

    @check
    def broken(_: CheckInput) -> bool:
        raise KeyError("x")

    found = asyncio.run(
        run_checks(result({}, {"result": Text("Go.")}), [reason, asserts, elsewhere, broken])
    )

    assert {(each.check, each.level, each.reason) for each in found.verdicts} == {
        ("port:result", "pass", ""),
        ("reason", "fail", "too long"),
        ("asserts", "fail", "it is rude"),
        ("broken", "doubt", "the check itself failed: KeyError: 'x'"),
    }


def test_a_check_takes_one_argument() -> None:
    def two(left: Any, right: Any) -> bool:
        return left == right

    with pytest.raises(DeclarationError, match="takes 2 arguments"):
        check(cast(Any, two))


def test_what_takes_too_long_is_left_out() -> None:
    @check(cost=5.0)
    def slow(_: CheckInput) -> bool:
        return False

    found = asyncio.run(run_checks(result({}, {"result": Text("Hi.")}, seconds=1.0), [slow]))

    assert found.left_out == ("slow",)
    assert found.verdict.level == "pass"
