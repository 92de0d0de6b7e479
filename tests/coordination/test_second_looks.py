"""Weak signs: a second call decides whether they mean anything, and files that end before their end."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import Any

import pytest
from check_results import STORE, result, voice
from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph.artifacts import Artifact, Data, Document, Image, Text, Video
from herd_graph.cards import Port
from herd_graph.coordination.checks import check, run_checks
from herd_graph.coordination.checks.base import CheckInput, Made, Outputs
from herd_graph.coordination.checks.plausible import cut_off
from herd_graph.coordination.checks.second_looks import USUAL, SecondLook
from herd_graph.coordination.checks.standard import standard
from herd_graph.errors import ExpertFailed
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.state import Verdict
from herd_graph.store import MemoryStore
from herd_graph.testing import run_virtual, scripted
from herd_graph.types import Kind

COUNT = Port(name="count", kind=Kind.DATA, required=False, default=3)
SAID = "The driver will call you one hour before he arrives at your house."


def picture(word: str, ground: str = "white") -> Image:
    made = pil.new("RGB", (400, 90), ground)
    font = ImageFont.load_default(40)
    ImageDraw.Draw(made).text((20, 20), word, fill="black", font=font)
    return Image(made)


def doubted(
    subject: CheckInput, *voices: Artifact | list[Any], compares: bool = True
) -> CheckInput:
    """Return a result whose expert gives these when it is called again."""
    left = list(voices)

    async def again() -> Outputs:
        if not left:
            raise ExpertFailed("It is busy.")
        value = left.pop(0)
        return {
            "result": [each.put(STORE) for each in value]
            if isinstance(value, list)
            else value.put(STORE)
        }

    subject.card = subject.card.model_copy(update={"deterministic": True})
    subject.compares, subject.again = compares, again
    return subject


def frames(count: int, asked: int | None = None) -> CheckInput:
    given: dict[str, Any] = {"video": Text("film")}
    if asked is not None:
        given["count"] = Data(asked)
    made = result(given, {"result": shots(count)}, name="frames", ports={"count": COUNT})
    if asked is None:
        inputs = (*made.card.inputs, COUNT)
        made.card = made.card.model_copy(update={"inputs": inputs})
    return made


def shots(count: int) -> list[Any]:
    return [picture(str(each)) for each in range(count)]


def level(subject: CheckInput, check: SecondLook | None = None) -> str:
    said: Verdict | None = asyncio.run((check or SecondLook())(subject))
    return "" if said is None else said.level


@pytest.mark.parametrize(
    ("made", "voices", "expected"),
    [
        (frames(5, 5), (), "pass"),  # nothing is odd: nobody is asked
        (frames(3), (), "pass"),
        (frames(3, 5), (), ""),  # nobody can be asked: a weak sign alone says nothing
        (frames(3, 5), (shots(3),), "pass"),  # the film has no more
        (frames(3, 5), (shots(5), shots(5)), "fail"),
        (frames(5), (shots(3), shots(4)), "doubt"),
    ],
)
def test_another_call_decides_whether_a_list_is_too_short(
    made: CheckInput, voices: Any, expected: str
) -> None:
    assert level(doubted(made, *voices)) == expected


def test_an_expert_that_may_not_be_called_again_is_not_looked_at() -> None:
    assert not SecondLook().applies(doubted(frames(3, 5), shots(5), compares=False))
    assert SecondLook().applies(doubted(frames(3, 5), shots(5)))


def test_speech_at_an_unusual_pace_is_asked_for_again() -> None:
    slow = result({"text": Text(SAID)}, {"result": voice(9.0)}, name="speak")
    usual = result({"text": Text(SAID)}, {"result": voice(5.0)}, name="speak")

    assert level(doubted(slow, voice(5.0), voice(5.0))) == "fail"
    assert level(doubted(usual)) == "pass"


def reading(word: str, of: Image, beside: Image) -> CheckInput:
    """Return the reading of one item of a list whose item before it was read alike."""
    other = beside.put(STORE)
    made = result(
        {"picture": of},
        {"result": Text(word)},
        name="read",
        tags=("ocr",),
        step="s2[1]",
    )
    before = Made(
        step="s2[0]",
        expert="read@1",
        inputs=frozenset({other.id}),
        outputs=made.outputs,
        given={"picture": other},
    )
    made.earlier = [before]
    return made


def test_two_pictures_that_differ_are_not_read_alike() -> None:
    swapped = reading("ETNA", picture("VESUVIUS", "navy"), picture("ETNA", "khaki"))
    same = reading("ETNA", picture("ETNA"), picture("ETNA ", "#fefefe"))

    assert level(doubted(swapped, Text("VESUVIUS"), Text("VESUVIUS"))) == "fail"
    assert level(doubted(same)) == "pass"


def test_what_is_usual_of_an_expert_is_no_sign_any_more() -> None:
    check = SecondLook()
    calls = [shots(3) for _ in range(USUAL + 2)]
    asked = 0
    for _ in range(USUAL + 2):
        subject = doubted(frames(3, 5), *calls)
        again = subject.again
        assert again is not None

        async def counting(again: Any = again) -> Outputs:
            nonlocal asked
            asked += 1
            return await again()

        subject.again = counting

        assert level(subject, check) == "pass"

    assert asked == USUAL


def test_what_was_confirmed_already_needs_no_second_look() -> None:
    subject = doubted(frames(3, 5), shots(5))
    subject.confirmed = True

    assert level(subject) == ""


# Whole files ------------------------------------------------------------------------------------


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("content.xml", "<a>" + "x" * 5_000 + "</a>")
    return out.getvalue()


MIDI = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60" + b"MTrk\x00\x00\x00\x04\x00\xff\x2f\x00"
MP4 = b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + b"\x00\x00\x00\x20mdat" + b"\x07" * 24
PDF = b"%PDF-1.7\n" + b"1 0 obj\n" * 2_000 + b"startxref\n9\n%%EOF\n"


@pytest.mark.parametrize("content", [archive(), MIDI, MP4, PDF], ids=["zip", "midi", "mp4", "pdf"])
def test_a_file_that_ends_before_its_end_is_found(content: bytes) -> None:
    assert cut_off(content) == ""
    assert cut_off(content[: int(len(content) * 0.6)])


def test_what_does_not_say_how_long_it_is_may_end_anywhere() -> None:
    for content in (b"", b"<html><p>words", b"\x00\x00\x00\x00mdat", MP4[:16] + b"\x00" * 8):
        assert cut_off(content) == ""


@pytest.mark.parametrize(
    ("made", "failed"),
    [
        (Document(archive(), mime="application/zip"), []),
        (Document(archive()[:900], mime="application/zip"), ["whole"]),
        (Document(PDF), []),
        (Video(MP4[:40]), ["whole"]),
    ],
)
def test_documents_and_films_that_are_cut_off_fail(made: Artifact, failed: list[str]) -> None:
    subject = result({"text": Text("x")}, {"result": made})
    found = asyncio.run(run_checks(subject, standard()))

    assert [each.check for each in found.verdicts if each.level == "fail"] == failed


def test_a_description_of_a_picture_ends_as_its_sentences_do() -> None:
    given = {"picture": picture("ETNA")}
    cut = "A wide picture, 400 x 90 pixels, mostly white. It has text on i"
    describes = result(given, {"result": Text(cut)}, name="describe", tags=("caption",))
    reads = result(given, {"result": Text(cut)}, name="read", tags=("ocr",))

    def failed(subject: CheckInput) -> list[str]:
        found = asyncio.run(run_checks(subject, standard()))
        return [each.check for each in found.verdicts if each.level == "fail"]

    assert failed(describes) == ["truncation"]
    assert "truncation" not in failed(reads)


CUT = "The first ferry leaves at nine. The last one of the day leaves from Harbour Ci"


@pytest.mark.parametrize(
    ("voices", "failed"), [((Text(CUT),), []), ((Text(SAID), Text(SAID)), ["second look"])]
)
def test_an_answer_in_whatever_form_is_asked_for_again_before_it_fails(
    voices: Any, failed: list[str]
) -> None:
    made = result({"message": Text("When?")}, {"result": Text(CUT)}, name="talk", tags=("chat",))
    alone = result({"message": Text("When?")}, {"result": Text(CUT)}, name="talk", tags=("chat",))

    def fails(subject: CheckInput) -> list[str]:
        found = asyncio.run(run_checks(subject, standard()))
        return [each.check for each in found.verdicts if each.level == "fail"]

    assert fails(doubted(made, *voices)) == failed
    assert fails(alone) == ["truncation"]  # nobody can be asked


# Doubts of other checks ---------------------------------------------------------------------------


@check(name="odd")
def odd(subject: CheckInput) -> Verdict:
    """Doubt every text with an exclamation mark."""
    (text,) = subject.refs("result")
    level: Any = "doubt" if "!" in (text.inline or "") else "pass"
    return Verdict(check="odd", level=level, score=0.4 if level == "doubt" else 1.0)


@pytest.mark.parametrize(
    ("voices", "expected"),
    [
        ((), "doubt"),  # nobody can be asked: the doubt stands
        ((Text("loud!"),), "doubt"),  # it is its own, and as doubtful
        ((Text("calm"), Text("calm")), "fail"),  # and so it is asked for once more
        ((Text("calm"), Text("other")), "doubt"),
    ],
)
def test_another_call_decides_where_a_check_is_in_doubt(voices: Any, expected: str) -> None:
    subject = doubted(result({"text": Text("x")}, {"result": Text("loud!")}), *voices)

    found = asyncio.run(run_checks(subject, [odd, SecondLook()]))

    assert found.verdict.level == expected
    assert "odd" in [each.check for each in found.verdicts]


def test_a_doubt_that_another_call_settles_is_repaired() -> None:
    careless = scripted("careless", script=["loud!", "calm", "calm", "calm"], deterministic=True)
    careless.checks = ("in doubt",)
    herd = Herd(careless, checkpoints="memory", store=MemoryStore(), checks=[odd])
    step = {"id": "s1", "expert": "careless", "inputs": {"text": {"value": "x"}}}

    run, _ = run_virtual(herd.arun(Plan.parse({"steps": [step]})))

    assert run.answer.text == "calm"
    assert not any(each.doubts for each in run.answer.parts)


def test_what_two_other_calls_gave_stands_without_one_more() -> None:
    careless = scripted("careless", script=["loud!", "calm", "calm", "loud!"], deterministic=True)
    careless.checks = ("in doubt",)
    herd = Herd(careless, checkpoints="memory", store=MemoryStore(), checks=[odd])
    step = {"id": "s1", "expert": "careless", "inputs": {"text": {"value": "x"}}}

    run, _ = run_virtual(herd.arun(Plan.parse({"steps": [step]})))

    assert run.answer.text == "calm"
    assert len(careless.calls) == 3
    assert not any(each.doubts for each in run.answer.parts)


@check(name="never")
def never(subject: CheckInput) -> Verdict:
    """Fail what says no."""
    (text,) = subject.refs("result")
    level: Any = "fail" if "no" in (text.inline or "") else "pass"
    return Verdict(check="never", level=level, score=0.0 if level == "fail" else 1.0)


def test_two_other_calls_that_agree_on_something_wrong_are_not_taken() -> None:
    careless = scripted("careless", script=["loud!", "no!", "no!", "calm"], deterministic=True)
    careless.checks = ("in doubt",)
    herd = Herd(careless, checkpoints="memory", store=MemoryStore(), checks=[odd, never])
    step = {"id": "s1", "expert": "careless", "inputs": {"text": {"value": "x"}}}

    run, _ = run_virtual(herd.arun(Plan.parse({"steps": [step]})))

    assert run.answer.text == "calm"
