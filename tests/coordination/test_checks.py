"""What the checks of the default level find, and what they leave alone."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np
import pytest
from check_letters import CARTA, LETTER, SHORT, held, page, summarised, told, translated
from check_results import result, voice
from PIL import Image as pil

from herd_graph.artifacts import Audio, Data, Image, Table, Text
from herd_graph.cards import Port
from herd_graph.coordination.checks import check, run_checks
from herd_graph.coordination.checks.base import CheckInput
from herd_graph.coordination.checks.tongues import tongue
from herd_graph.coordination.checks.truncation import ending
from herd_graph.errors import DeclarationError
from herd_graph.types import Kind

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
