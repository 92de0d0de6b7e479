"""Answers that say how sure they are, what was doubted, and who contradicts whom."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from check_results import voice

from herd_graph.artifacts import Audio, Data, Image, Text
from herd_graph.coordination.answers import Answer, AnswerPart, words_of
from herd_graph.coordination.checks import Checking, CheckInput, check
from herd_graph.coordination.confidence import FILE, isotonic
from herd_graph.errors import ConfigError, DeclarationError
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.prompts import Message
from herd_graph.routing.completing import Bill
from herd_graph.runs import Run
from herd_graph.settings import Settings
from herd_graph.state import Verdict
from herd_graph.store import MemoryStore
from herd_graph.types import JSONObject
from herd_graph.workflows import each, workflow


@expert(tags=["speech-to-text"])
def listen(recording: Audio) -> Text:
    """Write down what is said."""
    del recording
    return Text("I paid ninety in total, believe me.")


@expert(tags=["ocr"])
def read(picture: Image) -> Text:
    """Read what is written in a picture."""
    del picture
    return Text("Tea 4.00\nTotal 19.00")


@expert
def shout(text: Text) -> Text:
    """Write a text in capitals."""
    return Text(str(text).upper())


@expert
def picky(text: Text) -> Text:
    """Refuse what is short."""
    if len(str(text)) < 3:
        raise ValueError("too short")
    return text


@check(experts="shout")
async def polite(subject: CheckInput) -> None:
    """See that nobody swears."""
    for text in (await subject.texts()).values():
        assert "DAMN" not in text, "it swears"


@pytest.fixture
def herd() -> Iterator[Herd]:
    made = Herd(listen, read, shout, picky, checkpoints="memory")
    yield made
    made.close()


def said(text: str, herd: Herd) -> Run:
    step = {"id": "s1", "expert": "shout", "inputs": {"text": {"value": text}}}
    return herd.run(Plan.parse({"steps": [step]}))


def test_what_passes_every_check_is_sure(herd: Herd) -> None:
    (part,) = said("hello there", herd).answer.parts

    assert part.confidence is not None
    assert part.confidence > 0.95
    assert (part.doubts, part.unfound, part.left_out) == ((), (), 0)
    assert part.seconds > 0


def test_a_check_of_ones_own_marks_the_answer_and_is_explained(herd: Herd) -> None:
    herd.check(polite)
    run = said("oh damn", herd)
    (part,) = run.answer.parts

    assert part.status == "done"
    assert part.confidence is not None
    assert part.confidence < 0.4
    assert "it swears" in part.doubts[0]
    assert "not sure: polite: it swears" in str(run.answer)
    assert "check polite: fail, it swears" in str(run.why())


def test_a_caution_of_a_check_stands_beside_the_answer_and_doubts_nothing(herd: Herd) -> None:
    @herd.check(name="caution:loud", experts="shout")
    def loud(subject: CheckInput) -> Verdict:
        del subject
        return Verdict(check="caution:loud", level="pass", reason="it is loud")

    run = said("hello there", herd)
    (part,) = run.answer.parts

    assert loud.name == "caution:loud"
    assert "it is loud]" in str(run.answer)
    assert part.caution == "it is loud"
    assert part.doubts == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"label": "negative", "note": "", "score": -0.549}, "negative (-0.55)"),
        ({"label": "mixed", "note": "two minds", "score": 0.5}, None),
        ({"type": "PNG", "mime": "image/png", "encoding": None}, "mime: image/png, type: PNG"),
        ({"count": 0, "found": False, "unit": ""}, "count: 0, found: false"),
        ({"note": "", "unit": None}, "note: , unit: null"),
    ],
)
def test_what_is_empty_is_not_said(value: dict[str, Any], words: str | None) -> None:
    store = MemoryStore()
    expected = words or "label: mixed, note: two minds, score: 0.5"

    assert words_of([Data(value).put(store)], store) == expected


def test_a_decorated_function_is_a_check_of_the_herd(herd: Herd) -> None:
    @herd.check(experts="shout")
    def never(subject: CheckInput) -> str:
        del subject
        return "no"

    assert "never: no" in said("hello there", herd).answer.parts[0].doubts[0]


def test_an_expert_brings_its_own_check() -> None:
    @expert(checks=[polite])
    def shout(text: Text) -> Text:
        """Write a text in capitals."""
        return Text(str(text).upper())

    herd = Herd(shout, checkpoints="memory")
    assert "it swears" in said("oh damn", herd).answer.parts[0].doubts[0]
    herd.close()


def test_an_expert_can_only_bring_checks() -> None:
    @expert(checks=["agian"])
    def shout(text: Text) -> Text:
        """Write a text in capitals."""
        return text

    herd = Herd(shout, checkpoints="memory")
    run = said("hello", herd)

    assert run.status == "failed"
    assert DeclarationError.__name__ in run.records["s1"].error_type
    assert "'agian'" in run.answer.missing[0]
    herd.close()


def test_without_checks_nothing_is_doubted() -> None:
    herd = Herd(shout, checkpoints="memory", checks="off")
    herd.check(polite)

    assert said("oh damn", herd).answer.parts[0].doubts == ()
    herd.close()


def test_sources_that_differ_are_both_listed(herd: Herd) -> None:
    plan = Plan.parse(
        {
            "steps": [
                {"id": "s1", "expert": "listen", "inputs": {"recording": {"input": "note"}}},
                {"id": "s2", "expert": "read", "inputs": {"picture": {"input": "slip"}}},
            ],
            "inputs": {
                "note": {"name": "note", "kind": "audio"},
                "slip": {"name": "slip", "kind": "image"},
            },
        }
    )
    from PIL import Image as pil

    note, slip = voice(2.0), Image(pil.effect_noise((40, 40), 50).convert("RGB"))
    answer = herd.run(plan, note=note, slip=slip).answer

    (conflict,) = answer.conflicts
    assert conflict.about == "total"
    assert {"ninety" in conflict.left_says, "19.00" in conflict.right_says} == {True}
    assert "Sources that differ:" in str(answer)


def test_items_that_were_left_out_are_told(herd: Herd) -> None:
    @workflow
    def all_of(texts: list[Text]) -> list[Text]:
        return picky(each(texts, on_error="skip"))

    run = herd.run(all_of, texts=[Text("long enough"), Text("no"), Text("also long")])

    assert run.status == "done"
    assert run.answer.parts[0].left_out == 1
    assert "1 failed and is left out" in str(run.answer)


def test_a_calibration_beside_the_herd_is_used(tmp_path: Any) -> None:
    home = tmp_path / "home"
    home.mkdir()
    isotonic([0.2, 0.9, 0.98, 0.99], [False, False, True, False]).save(home / FILE)
    herd = Herd(shout, home=home, checkpoints="memory")

    confidence = said("hello there", herd).answer.parts[0].confidence

    assert confidence is not None
    assert confidence < 0.6
    herd.close()


def test_the_file_says_how_much_is_checked() -> None:
    def arguments(**said: Any) -> Any:
        return Settings.model_validate(said).arguments().get("checks")

    judged = arguments(herd={"checks": "thorough"}, models={"judge": "litellm:openai/gpt-5-mini"})

    assert arguments() is None
    assert arguments(herd={"checks": "off"}).level == "off"
    assert (judged.level, judged.judge.name) == ("thorough", "openai/gpt-5-mini")
    with pytest.raises(ConfigError, match="through"):
        Herd(checks="through", checkpoints="memory")  # type: ignore[arg-type]


class Writer:
    """A model that writes what it was told to write."""

    name = "writer"

    def __init__(self, text: str) -> None:
        self.text = text

    async def __call__(
        self, messages: Sequence[Message], schema: JSONObject, bill: Bill
    ) -> AsyncIterator[str]:
        del schema, bill
        assert "HELLO" in messages[-1]["content"]
        yield json.dumps({"answer": self.text})


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("In capitals it is “HELLO THERE, 12”.", True),
        ("It is HELLO, said Bob Hope in 1999.", False),
    ],
)
def test_a_writer_may_add_nothing(written: str, stands: bool) -> None:
    herd = Herd(shout, checkpoints="memory", checks=Checking(writer=Writer(written)))
    answer = said("hello there, 12", herd).answer

    assert answer.prose == (written if stands else "")
    assert ("HELLO THERE, 12" in str(answer)) is True
    assert ("In capitals" in str(answer)) is stands
    herd.close()


def test_an_answer_whose_condition_does_not_hold_is_no_empty_page() -> None:
    part = AnswerPart(ask="Translate it if it is Portuguese", status="skipped")
    shown = AnswerPart(ask="Sum it up", status="done", text="All is well.")

    alone = str(Answer(status="done", parts=(part,)))
    assert alone == (
        "Not done, because its condition does not hold: Translate it if it is Portuguese"
    )
    assert str(Answer(status="done", parts=(shown, part))) == "Sum it up:\nAll is well."


def test_what_a_quotation_means_in_another_language_is_looked_for_in_no_source() -> None:
    @expert(tags=["chat"])
    def tell(message: str, context: Text) -> Text:
        """Answer a question about a text."""
        del context
        return Text(message)

    herd = Herd(tell, shout, checkpoints="memory")
    steps = [
        {"id": "s1", "expert": "shout", "inputs": {"text": {"value": "aberto às terças"}}},
        {
            "id": "s2",
            "expert": "tell",
            "inputs": {"context": {"step": "s1"}, "message": {"value": ""}},
        },
    ]

    def unfound(said: str) -> tuple[str, ...]:
        steps[1]["inputs"] = {"context": {"step": "s1"}, "message": {"value": said}}
        (part,) = herd.run(Plan.parse({"steps": steps})).answer.parts
        return part.unfound

    try:
        assert unfound("“Aberto às terças” (Open on Tuesdays, says Mr Brown)") == ()
        assert unfound("“Aberto aos domingos” (Open with Mr Brown)") != ()
        assert unfound("It is open with Mr Brown") != ()
    finally:
        herd.close()
