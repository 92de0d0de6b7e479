"""Workflows: plans written as Python functions."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_experts import (
    caption,
    join,
    listen,
    read_text,
    score,
    speak,
    translate,
)
from plan_workflows import lines, minutes, show_answer, speak_all

from herd_graph.artifacts import Audio, Data, Image, Text
from herd_graph.binding import holds
from herd_graph.errors import DeclarationError
from herd_graph.plans import FromStep
from herd_graph.registry import Registry
from herd_graph.state import StepRecord
from herd_graph.store import MemoryStore
from herd_graph.types import StepId
from herd_graph.workflows import Workflow, each, when, workflow


def test_calls_become_steps_and_parameters_become_inputs() -> None:
    assert lines(minutes) == [
        "transcribe: transcribe@1(recording=recording, language=language)",
        'translate: translate@1(text=transcribe, to="pt")',
    ]
    assert minutes.plan.inputs["recording"].type_name == "Audio"
    assert (minutes.plan.inputs["language"].required, minutes.plan.inputs["language"].default) == (
        False,
        "en",
    )
    assert [ask.source for ask in minutes.plan.answers] == [FromStep(step=StepId("translate"))]


def test_a_workflow_is_an_expert_with_a_card() -> None:
    @workflow(name="album", version="2", tags=["x"], examples=["show me"])
    def named_(pictures: list[Image]):
        return {"captions": caption(each(pictures)), "first": listen(each([]))}

    registry = Registry()
    registry.add(minutes, named_)

    assert registry.find("minutes") is minutes
    assert minutes.card.signature == "minutes(recording: Audio, language: Text = …) -> Text"
    assert minutes.card.description == "Write a meeting down in Portuguese."
    assert (minutes.card.cost_usd, minutes.card.latency_s) == (0.01, 3.0)
    assert set(minutes.experts) == {"transcribe@1", "translate@1"}
    assert (named_.card.id, named_.card.tags, named_.card.examples) == (
        "album@2",
        ("x",),
        ("show me",),
    )
    assert [str(port) for port in named_.card.outputs] == [
        "captions: list[Text]",
        "first: list[Text]",
    ]
    assert named_.card.locality == "remote"


def test_an_item_that_fails_may_be_left_out() -> None:
    @workflow
    def tolerant_(pictures: list[Image]):
        return caption(each(pictures, on_error="skip"))

    assert [step.on_item_error for step in tolerant_.plan.steps] == ["skip"]
    with pytest.raises(DeclarationError, match=r"'ignore'\) is no policy"):

        @workflow
        def wrong_(pictures: list[Image]):
            policy: Any = "ignore"
            return caption(each(pictures, on_error=policy))


def test_it_is_run_by_a_herd() -> None:
    with pytest.raises(DeclarationError, match=r"herd\.run\(minutes, recording=…, language=…\)"):
        minutes(Audio(b"x"))


def test_arguments_become_artifacts(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello there")

    @workflow
    def spoken_(text: Text, speed: float = 1.0) -> Audio:
        return speak(text, speed=speed)

    assert spoken_.attachments(Text("hi"), speed=2) == {"text": Text("hi"), "speed": Data(2.0)}
    attached = spoken_.attachments(tmp_path / "note.txt")
    assert str(attached["text"]) == "hello there"
    with pytest.raises(DeclarationError, match="missing a required argument: 'text'"):
        spoken_.attachments()


def test_each_calls_once_for_each_item() -> None:
    @workflow
    def book_(document: list[Image]) -> Text:
        return join(translate(each(read_text(each(document))), "en"))

    assert lines(book_) == [
        "read_text: read_text@1(picture=item) for each document",
        'translate: translate@1(text=item, to="en") for each read_text',
        "join: join@1(parts=translate)",
    ]


def test_each_over_results_and_over_what_python_holds() -> None:
    @workflow
    def both_(text: Text, other: Text):
        return join(speak_all(each(["a", "b"]))), score(each([text, other]))

    assert lines(both_) == [
        'speak_all: speak_all@1(text=item) for each ["a", "b"]',
        "join: join@1(parts=speak_all)",
        "score: score@1(text=item) for each [text, other]",
    ]


def test_named_outputs_are_attributes_keys_and_unpack() -> None:
    @workflow
    def heard_(recording: Audio):
        heard = listen(recording)
        words, mood = heard
        return {
            "a": score(heard.words),
            "b": score(words),
            "c": score(heard["words"]),
            "d": score(heard[0]),
            "e": mood,
        }

    assert [each.inputs["text"] for each in heard_.plan.steps[1:]] == [
        FromStep(step=StepId("listen"), output="words")
    ] * 4
    assert heard_.card.outputs[-1].choices == ("calm", "angry")


def test_returning_what_has_several_outputs_gives_them_all() -> None:
    class Both(NamedTuple):
        words: Text
        mood: Literal["calm", "angry"]

    def declare() -> Workflow[..., Any]:
        def heard(recording: Audio) -> Any:
            return listen(recording)

        heard.__annotations__ = {"recording": Audio, "return": Both}
        return workflow(heard)

    assert [port.name for port in declare().card.outputs] == ["words", "mood"]


def test_when_runs_one_side_and_the_sides_meet() -> None:
    @workflow
    def checked_(text: Text, picture: Image) -> Text:
        rated = score(text)
        return when(
            (rated > 0.5) & ~cast("Any", text).contains("draft"),
            lambda: translate(text, "pt"),
            lambda: when(rated < 0.1, lambda: caption(picture), lambda: text),
        )

    assert lines(checked_) == [
        "score: score@1(text=text)",
        "translate: translate@1(text=text, to=\"pt\") when score > 0.5 and not text contains 'draft'",
        (
            "caption: caption@1(picture=picture) when not (score > 0.5 and not text contains 'draft') "
            "and score < 0.1"
        ),
    ]
    assert show_answer(checked_) == "translate or caption or text"


def test_what_exists_either_way_is_taken_last() -> None:
    @workflow
    def maybe_(text: Text, picture: Image) -> Text:
        return when(text == "", lambda: text, lambda: caption(picture))

    assert show_answer(maybe_) == "caption or text"


def test_sides_with_several_results_meet_one_by_one() -> None:
    @workflow
    def pairs_(text: Text, picture: Image):
        return when(
            cast("Any", text).is_empty(),
            lambda: (caption(picture), caption(picture)),
            lambda: (translate(text, "pt"), translate(text, "en")),
        )

    from herd_graph.plans import show

    assert [show(ask.source) for ask in pairs_.plan.answers] == [
        "caption or translate",
        "caption_2 or translate_2",
    ]


TRUTHS = {"yes": True, "no": False, "skipped": None}


@given(
    values=st.tuples(*[st.sampled_from(sorted(TRUTHS))] * 3),
    shape=st.sampled_from(["a&b", "a|b", "~a&~b", "~(a&b)|c", "a&(b|~c)", "~(~a&~b&~c)", "a|b&c"]),
)
def test_exactly_one_side_of_a_compound_condition_runs(
    values: tuple[str, str, str], shape: str
) -> None:
    """Kleene's logic: where the skipped values leave it open, neither side runs."""

    @workflow
    def branch_(text: Text, picture: Image) -> Text:
        a, b, c = (speak_all(text) == "yes" for _ in range(3))
        condition = eval(shape, {"a": a, "b": b, "c": c})  # a fixed list of shapes
        return when(condition, lambda: translate(text, "pt"), lambda: caption(picture))

    store = MemoryStore()
    records = {
        name: StepRecord(
            run="r",
            step=name,
            status="skipped" if value == "skipped" else "done",
            outputs={} if value == "skipped" else {"result": Text(value).put(store)},
        )
        for name, value in zip(("speak_all", "speak_all_2", "speak_all_3"), values, strict=True)
    }

    def runs(step: str) -> bool:
        return all(holds(each, {}, records, store) for each in branch_.plan.step(step).when)

    known = [TRUTHS[value] for value in values]
    worlds = {
        bool(eval(_pythonic(shape), dict(zip("abc", world, strict=True))))
        for world in itertools.product(
            *[[value] if value is not None else [True, False] for value in known]
        )
    }
    if len(worlds) == 1:
        assert (runs("translate"), runs("caption")) == (worlds == {True}, worlds == {False})
    else:
        assert not (runs("translate") and runs("caption"))


def _pythonic(shape: str) -> str:
    return shape.replace("~", " not ").replace("&", " and ").replace("|", " or ")
