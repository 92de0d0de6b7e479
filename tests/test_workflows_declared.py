"""What a declaration of a workflow is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import pytest
from plan_experts import (
    caption,
    join,
    listen,
    score,
    speak,
    transcribe,
    translate,
)
from plan_workflows import minutes, speak_all

from herd_graph.artifacts import Artifact, Audio, Image, Text
from herd_graph.errors import DeclarationError, PlanInvalid
from herd_graph.expansion import PlannedExpert
from herd_graph.experts import ExpertContext, Inputs, Outputs
from herd_graph.function_experts import expert
from herd_graph.plans import FromStep
from herd_graph.types import Kind, StepId
from herd_graph.workflows import call, each, need, plan_runner, when, workflow


def test_experts_by_name_and_by_need() -> None:
    @workflow
    def late_(text: Text):
        poem = need("make a poem", gives=Text, takes=(Kind.TEXT,), text=text)
        return call("whisper@3", text=poem, volume=0.1).sound

    poem, whisper = late_.plan.steps
    assert (poem.expert, poem.capability and poem.capability.gives) == (None, Kind.TEXT)
    assert (whisper.id, whisper.expert) == ("whisper", "whisper@3")
    (ask,) = late_.plan.answers
    assert ask.source == FromStep(step=StepId("whisper"), output="sound")


class Size(NamedTuple):
    """Something that a workflow may not see yet."""

    width: int


WRONG: list[tuple[Callable[[Any, Any, Any], Any], str]] = [
    (lambda text, n, pics: translate(text, "pt") if text else text, r"when\(condition"),
    (lambda text, n, pics: translate(text, "pt") if n > 1 and n < 3 else text, "&"),
    (lambda text, n, pics: not n, r"~ in place of and, or, not"),
    (lambda text, n, pics: [caption(pic) for pic in pics], r"expert\(each\(items\)\)"),
    (lambda text, n, pics: caption(pics[0]), "with an expert: put @expert above"),
    (lambda text, n, pics: len(text), r"is_empty\(\)"),
    (lambda text, n, pics: "x" in text, r"\.contains\(value\)"),
    (lambda text, n, pics: f"{text}!", "with an expert"),
    (lambda text, n, pics: str(text), "with an expert"),
    (lambda text, n, pics: text + "!", "with an expert"),
    (lambda text, n, pics: 1 + n, "with an expert"),
    (lambda text, n, pics: -n, "with an expert"),
    (lambda text, n, pics: int(n), "with an expert"),
    (lambda text, n, pics: range(n), "with an expert"),
    (lambda text, n, pics: text.upper(), "Attribute 'upper' of text does not exist yet"),
    (lambda text, n, pics: score(text).valu, "Attribute 'valu' of score"),
    (lambda text, n, pics: listen(Audio(b"x")), "make it a parameter of the workflow"),
    (lambda text, n, pics: text(), "a result, not an expert"),
    (lambda text, n, pics: translate(text, "pt", 3), r"3 arguments and takes 2"),
    (lambda text, n, pics: translate(text, text="x"), "gets 'text' twice"),
    (lambda text, n, pics: translate(text == "x", "pt"), "A condition stands as input"),
    (lambda text, n, pics: translate(score, "pt"), r"call it, score\(…\)"),
    (lambda text, n, pics: translate(object(), "pt"), "plain value"),
    (lambda text, n, pics: join({"a": text}), "A dict with values that do not exist yet"),
    (lambda text, n, pics: join([each(pics)]), "inside a list"),
    (lambda text, n, pics: each(each(pics)), "items of an item"),
    (lambda text, n, pics: each(pics), "calls no expert"),
    (lambda text, n, pics: each(pics).size, "outside a call"),
    (lambda text, n, pics: caption(pics) and each(pics), "truth of caption"),
    (lambda text, n, pics: text, "calls no expert"),
    (lambda text, n, pics: None, "returns nothing"),
    (lambda text, n, pics: when(n > n, lambda: text), "two values that do not exist yet"),
    (lambda text, n, pics: when(True, lambda: text), "ordinary Python if"),
    (lambda text, n, pics: when(n > 1, score(text)), r"its expert would run either way"),
    (lambda text, n, pics: when(n > 1, *cast("Any", ("a", "b"))), r"got 'a' for a side"),
    (lambda text, n, pics: when(n > 1, lambda: "a", lambda: "b"), "nothing to choose by"),
    (lambda text, n, pics: when(n > 1, lambda: text), "nothing to choose by"),
    (
        lambda text, n, pics: when(n > 1, lambda: score(text), lambda: (score(text), 1)),
        "return one result and 2 results",
    ),
    (lambda text, n, pics: when(each(pics), lambda: score(text)), "about one item"),
    (
        lambda text, n, pics: join_two(each(pics), each([1, 2])),
        "of two different lists: pics, a list",
    ),
    (lambda text, n, pics: minutes.function(text) and speak(minutes), "truth of translate"),
]


@pytest.mark.parametrize(("body", "said"), WRONG)
def test_python_that_needs_the_value_names_the_right_word(
    body: Callable[..., Any], said: str
) -> None:
    with pytest.raises(DeclarationError, match=said):

        @workflow
        def wrong_(text: Text, n: int, pics: list[Image]):  # pyright: ignore[reportUnusedFunction]
            return body(text, n, pics)


@expert
def join_two(picture: Image, number: int) -> Text:
    """Take two things."""
    raise NotImplementedError


def test_words_outside_a_workflow_say_so() -> None:
    for word in (
        lambda: each([1]),
        lambda: when(True, lambda: 1),
        lambda: call("x"),
        lambda: need("x"),
    ):
        with pytest.raises(DeclarationError, match="outside a workflow"):
            word()


def test_a_result_stays_in_its_workflow() -> None:
    leaked: list[Any] = []

    @workflow
    def first_(text: Text) -> Text:
        leaked.append(text)
        return translate(text, "pt")

    assert first_.plan.steps
    with pytest.raises(DeclarationError, match="belongs to workflow 'first_'"):

        @workflow
        def second_(text: Text) -> Text:  # pyright: ignore[reportUnusedFunction]
            return translate(leaked[0], "pt")


def test_every_problem_is_told_at_the_declaration() -> None:
    with pytest.raises(PlanInvalid, match="Workflow 'wrong_' has 3 problems") as caught:

        @workflow
        def wrong_(picture: Image, recording: Audio) -> Text:  # pyright: ignore[reportUnusedFunction]
            translate(picture, to="fr")
            return speak(transcribe(recording))

    assert [cast("Any", each).code for each in caught.value.problems] == [
        "type-mismatch",
        "bad-value",
        "type-mismatch",
    ]
    assert "annotation says that its result is Text, and Audio is returned" in str(caught.value)


def test_a_converter_is_suggested_from_what_the_workflow_calls() -> None:
    with pytest.raises(PlanInvalid, match="audio → text through transcribe"):

        @workflow
        def wrong_(recording: Audio):  # pyright: ignore[reportUnusedFunction]
            transcribe(recording)
            return score(recording)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("def f(x):\n    return translate(x, 'pt')", "'x' of workflow 'f' has no annotation"),
        ("def f(*x: str):\n    return x", r"takes \*x"),
        ("async def f(x: str):\n    return x", "plain def"),
        ("def f(x: 'Nothing'):\n    return x", "cannot be resolved"),
        ("def f(x: str) -> tuple[str, str]:\n    return translate(x, 'pt')", "returns 1 results"),
        ("def F(x: str):\n    return translate(x, 'pt')", "lower-case letters"),
    ],
)
def test_declarations_that_cannot_be_right(function: str, said: str) -> None:
    space: dict[str, Any] = {"translate": translate}
    exec(function, space)
    with pytest.raises(DeclarationError, match=said):
        workflow(space.get("f") or space["F"])


def test_two_experts_of_one_name_are_told_apart() -> None:
    @expert(name="translate")
    def other(text: str) -> Text:
        """Another one."""
        raise NotImplementedError

    with pytest.raises(DeclarationError, match="two experts that are both 'translate@1'"):

        @workflow
        def wrong_(text: Text):  # pyright: ignore[reportUnusedFunction]
            return join([translate(text, "pt"), other(text)])


def test_nothing_stays_traced_after_an_error() -> None:
    with pytest.raises(DeclarationError):
        workflow(lambda: None)

    assert speak_all("x") == Text("x")


def test_an_engine_may_run_it_as_one_step() -> None:
    async def runner(workflow: PlannedExpert, inputs: Inputs, context: ExpertContext) -> Outputs:
        del context
        assert workflow is minutes
        return {"result": Text(f"ran on {sorted(inputs)}")}

    async def run() -> Outputs:
        inputs: dict[str, Artifact | list[Artifact]] = {"recording": Audio(b"x")}
        with pytest.raises(DeclarationError, match=r"expand\(plan, experts\)"):
            await minutes.invoke(inputs, ExpertContext())
        plan_runner.set(runner)
        return await minutes.invoke(inputs, ExpertContext())

    assert asyncio.run(run()) == {"result": Text("ran on ['recording']")}


def test_a_workflow_shows_itself() -> None:
    shown = minutes._repr_mimebundle_()

    assert repr(minutes).startswith("<Workflow minutes@1: minutes(recording: Audio")
    assert shown["text/plain"] == str(minutes.plan)
    assert shown["image/svg+xml"].startswith("<svg")
