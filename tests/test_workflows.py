"""Workflows: plans written as Python functions."""

from __future__ import annotations

import asyncio
import doctest
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_experts import (
    caption,
    herd,
    join,
    listen,
    pages,
    read_text,
    score,
    speak,
    transcribe,
    translate,
)

from herd_graph.artifacts import Artifact, Audio, Data, Image, Text
from herd_graph.binding import SKIPPED, holds, resolve
from herd_graph.calling import Live
from herd_graph.checking import check
from herd_graph.errors import DeclarationError, PlanInvalid
from herd_graph.expansion import PlannedExpert, expand
from herd_graph.experts import Expert, ExpertContext, Inputs, Outputs, expert
from herd_graph.flow import order
from herd_graph.herd import Herd
from herd_graph.plan_graph import to_state_graph
from herd_graph.plans import FromStep, Plan, Step, Value
from herd_graph.registry import Registry, Snapshot
from herd_graph.state import StepRecord
from herd_graph.store import MemoryStore
from herd_graph.testing import FakeRouter
from herd_graph.types import ArtifactRef, Kind, StepId
from herd_graph.workflows import Workflow, among, call, each, need, plan_runner, when, workflow

DOCS = Path(__file__).parents[1] / "docs"


def lines(declared: Workflow[..., Any]) -> list[str]:
    return str(declared.plan).splitlines()


@workflow
def minutes(recording: Audio, language: str = "en") -> Text:
    """Write a meeting down in Portuguese."""
    words = transcribe(recording, language=language)
    return translate(words, to="pt")


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


@expert
def speak_all(text: str) -> Text:
    """Give it back."""
    return Text(text)


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


def show_answer(declared: Workflow[..., Any]) -> str:
    from herd_graph.plans import show

    (ask,) = declared.plan.answers
    return show(ask.source)


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


def test_workflows_inside_workflows_are_inlined() -> None:
    @workflow
    def spoken_(recording: Audio) -> Audio:
        return speak(minutes(recording))

    assert lines(spoken_) == [
        'minutes.transcribe: transcribe@1(recording=recording, language="en")',
        'minutes.translate: translate@1(text=minutes.transcribe, to="pt")',
        "speak: speak@1(text=minutes.translate)",
    ]
    assert set(spoken_.experts) == {"transcribe@1", "translate@1", "speak@1", "minutes@1"}


def test_a_workflow_for_each_item_goes_over_the_items_step_by_step() -> None:
    @workflow
    def week_(recordings: list[Audio]) -> Text:
        return join(minutes(each(recordings), language="pt"))

    assert lines(week_) == [
        'minutes.transcribe: transcribe@1(recording=item, language="pt") for each recordings',
        'minutes.translate: translate@1(text=item, to="pt") for each minutes.transcribe',
        "join: join@1(parts=minutes.translate)",
    ]


def test_a_workflow_on_one_side_of_when_keeps_to_that_side() -> None:
    @workflow
    def maybe_(recording: Audio, text: Text) -> Text:
        return when(text == "x", lambda: minutes(recording), lambda: text)

    assert all(step.when for step in maybe_.plan.steps)
    assert show_answer(maybe_) == "minutes.translate or text"


@workflow
def branching(text: Text, picture: Image) -> Text:
    """Decide by the item."""
    return when(text == "x", lambda: caption(picture), lambda: translate(text, "pt"))


@expert
def caption_sound(recording: Audio) -> Text:
    """Describe a sound."""
    raise NotImplementedError


@workflow
def zipping(recording: Audio) -> Text:
    """Need two results of one item."""
    return join([transcribe(recording), caption_sound(recording)])


@workflow
def echoing(text: Text) -> Text:
    """Give one of two."""
    return when(text == "x", lambda: translate(text, "pt"), lambda: text)


@workflow
def fanning(document: list[Image]) -> list[Text]:
    """Go over a list."""
    return read_text(each(document))


NOT_INLINED: list[tuple[Callable[[Any, Any, Any, Any], Any], str]] = [
    (
        lambda texts, sounds, text, picture: branching(each(texts), picture),
        "decides or gathers by the item",
    ),
    (
        lambda texts, sounds, text, picture: zipping(each(sounds)),
        "its step 'join' needs two results for the same item",
    ),
    (
        lambda texts, sounds, text, picture: when(
            text == "a", lambda: echoing(text), lambda: caption(picture)
        ),
        "under a condition, and its result 'result' does not depend on that",
    ),
]


@pytest.mark.parametrize(("body", "said"), NOT_INLINED)
def test_a_workflow_that_cannot_be_inlined_stays_one_step(
    body: Callable[..., Any], said: str
) -> None:
    """The engine runs it nested; what inlines everything, such as a compiled graph, says why not."""

    @workflow
    def outer_(texts: list[str], sounds: list[Audio], text: Text, picture: Image):
        return body(texts, sounds, text, picture)

    kept = {step.expert for step in outer_.plan.steps}
    assert kept & {"branching@1", "zipping@1", "echoing@1"}
    with pytest.raises(PlanInvalid, match=said):
        expand(outer_.plan, Snapshot(outer_.experts))


def test_a_routed_plan_may_name_a_workflow() -> None:
    everyone = Snapshot({**herd(), minutes.card.id: minutes})
    plan = Plan.parse(
        {
            "steps": [
                {"id": "s1", "expert": "minutes", "inputs": {"recording": {"input": "a1"}}},
                {
                    "id": "s2",
                    "expert": "score",
                    "inputs": {"text": {"step": "s1"}},
                    "after": ["s1"],
                },
            ],
            "inputs": {"a1": {"name": "a1", "kind": "audio"}},
        }
    )

    expanded = expand(plan, everyone)

    assert check(plan, everyone) == check(expanded, everyone) == []
    assert order(expanded) == ("s1.transcribe", "s1.translate", "s2")
    assert expanded.step("s2").after == ("s1.transcribe", "s1.translate")
    assert expanded.step("s1.transcribe").inputs["language"] == Value(value="en")
    assert expand(expanded, everyone) is expanded


def test_a_workflow_that_would_call_itself_is_refused() -> None:
    @workflow(name="ring")
    def ring_(text: Text) -> Text:
        return call("ring", text=text)

    step = Step(id=StepId("s1"), expert="ring", inputs={"text": Value(value="x")})
    with pytest.raises(PlanInvalid, match=r"is called by itself \(ring@1"):
        expand(Plan(steps=(step,)), Snapshot({"ring@1": ring_}))


def test_long_ids_stay_short_and_apart() -> None:
    inner: Workflow[..., Any] = minutes
    for depth in range(12):
        inner = _around(inner, f"a_workflow_with_a_long_name_{depth}")

    ids = [step.id for step in inner.plan.steps]
    assert len(set(ids)) == len(ids) == 14
    assert max(map(len, ids)) <= 64


def _around(inner: Workflow[..., Any], name: str) -> Workflow[..., Any]:
    def closed(recording: Audio) -> Text:
        return join([inner(recording)])

    return workflow(name=name)(closed)


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


# Workflows mean what the function says ------------------------------------------------------------


@expert
def double(n: int) -> int:
    """Double a number."""
    return 2 * n


@expert
def add_up(numbers: list[int]) -> int:
    """Add numbers up."""
    return sum(numbers)


@expert
def up_to(n: int) -> list[int]:
    """Count up to a number."""
    return list(range(n))


@workflow
def doubled_sum(numbers: list[int]) -> int:
    """Double each number, and add them up."""
    return add_up(double(each(numbers)))  # pyright: ignore[reportArgumentType]


@workflow
def twice(n: int) -> int:
    """Double a number twice."""
    return double(double(n))


@workflow
def collatz(n: int, big: int = 10):
    """Mix branches, lists and other workflows."""
    counted = up_to(n)
    return {
        "sum": doubled_sum(counted),
        "fourfold": add_up(twice(each(counted))),
        "grown": when(
            (n > 10) | (n == 3),
            lambda: twice(n),
            lambda: when(n < 1, lambda: big, lambda: double(n)),
        ),
    }


@given(n=st.integers(0, 14))
def test_a_workflow_computes_what_its_function_says(n: int) -> None:
    store = MemoryStore()
    graph = to_state_graph(
        collatz.plan, Snapshot(collatz.experts), store, caller=Live(store)
    ).compile()

    state = asyncio.run(graph.ainvoke({"inputs": {"n": n, "big": 10}}))
    answers = {
        name: Data[Any].from_ref(ArtifactRef.model_validate(ref), store).value
        for name, ref in state["answers"].items()
    }

    grown = 4 * n if n > 10 or n == 3 else (10 if n < 1 else 2 * n)
    assert answers == {"sum": 2 * sum(range(n)), "fourfold": 4 * sum(range(n)), "grown": grown}


# The guide ----------------------------------------------------------------------------------------


class _Stub:
    def __call__(self, *_: object) -> Any:
        raise AssertionError("nothing of the guide's experts runs when a workflow is declared")


def test_every_example_of_the_guide_runs() -> None:
    guide = (DOCS / "workflows.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", guide, flags=re.DOTALL)
    space: dict[str, Any] = {"__name__": "guide"}
    for name in ("my_speech_model", "my_language_model", "my_vision_model", "my_judge"):
        space[name] = _Stub()
    shown = 0
    for number, block in enumerate(blocks):
        if not block.startswith(">>>"):
            exec(compile(block, f"block {number}", "exec", dont_inherit=True), space)
            continue
        parsed = doctest.DocTestParser().get_doctest(block, space, "workflows.md", None, 0)
        result = doctest.DocTestRunner(verbose=False).run(parsed, clear_globs=False)
        assert result.failed == 0, block
        shown += result.attempted

    assert shown >= 6
    assert isinstance(space["versions"], Expert)


def test_placeholders_hold_still_for_tools_that_look_at_them() -> None:
    seen: list[str] = []

    @workflow
    def looked_at_(text: Text) -> Text:
        seen.append(repr(text))
        assert not hasattr(text, "__array__")
        assert {text: 1}[text] == 1
        return translate(text, "pt")

    assert seen == ["<text: not there yet>"]
    assert resolve(
        looked_at_.plan.answers[0].source, {}, {"translate": _skipped()}, MemoryStore()
    ) is (SKIPPED)


def _skipped() -> StepRecord:
    return StepRecord(run="r", step="translate", status="skipped")


def test_pages_of_a_document_are_items() -> None:
    from herd_graph.artifacts import Document

    def scan(document: Document) -> Text:
        return join(read_text(each(pages(document))))

    scan.__annotations__ = {"document": Document, "return": Text}

    assert lines(workflow(scan)) == [
        "pages: pages@1(document=document)",
        "read_text: read_text@1(picture=item) for each pages",
        "join: join@1(parts=read_text)",
    ]


# In a herd ----------------------------------------------------------------------------------------


@expert
def letters(text: str) -> int:
    """Count the letters of a text."""
    return len(text)


@expert
def shout(text: str) -> Text:
    """Say it loudly."""
    if text == "broken":
        raise ValueError("cannot shout that")
    return Text(text.upper())


@workflow
def loud(text: Text) -> Text:
    """Say long texts loudly, and leave short ones as they are."""
    return when(letters(text) > 3, lambda: shout(text), lambda: text)


@workflow
def all_loud(texts: list[str]):
    """Do it for each: a branch for each item runs as a plan of its own."""
    return {"texts": loud(each(texts)), "limit": 3}  # pyright: ignore[reportArgumentType]


def test_a_herd_answers_with_the_side_that_was_taken() -> None:
    with Herd(router=FakeRouter({})) as pack:
        assert str(pack.run(loud, text="hello").answer.parts[0].text) == "HELLO"
        assert str(pack.run(loud, text="hi").answer.parts[0].text) == "hi"


def test_a_herd_runs_branches_for_each_item() -> None:
    with Herd(router=FakeRouter({})) as pack:
        run = pack.run(all_loud, texts=["hello", "hi", "again"])

    assert [part.text for part in run.answer.parts] == ["HELLO\nhi\nAGAIN", "3"]
    assert run.status == "done"


@workflow
def measured(text: Text) -> int:
    """Count the letters of what is said loudly."""
    return letters(when(letters(text) > 3, lambda: shout(text), lambda: text))


def test_the_other_side_never_covers_up_for_a_failure_further_on() -> None:
    with Herd(router=FakeRouter({})) as pack:
        assert pack.run(measured, text="hi").answer.parts[0].text == "2"
        run = pack.run(measured, text="broken")

    assert {step: record.status for step, record in run.records.items()} == {
        "letters": "done",
        "shout": "failed",
        "letters_2": "cancelled",
    }


def test_the_other_side_never_covers_up_for_a_failure() -> None:
    with Herd(router=FakeRouter({})) as pack:
        run = pack.run(loud, text="broken")

    (part,) = run.answer.parts
    assert (run.status, part.status, part.artifacts) == ("failed", "failed", ())
    assert "cannot shout that" in part.error


def test_among_names_the_other_candidates_of_a_step() -> None:
    @workflow
    def several(picture: Image) -> Text:
        return among(caption, read_text, "describe", select="top_k(2)", fuse="nearest")(picture)

    (step,) = several.plan.steps

    assert str(several.plan) == (
        "caption: caption@1(picture=picture) top_k(2) with read_text@1, describe, fused by nearest"
    )
    assert (step.select, step.k, step.fallbacks) == ("top_k", 2, ("read_text@1", "describe"))
    assert set(several.experts) == {"caption@1", "read_text@1"}


def test_among_with_a_foreach_and_under_a_condition() -> None:
    @workflow
    def each_of(pictures: list[Image], picture: Image):
        many = among(caption, read_text)(each(pictures))
        sure = score(read_text(picture)) > 0.5
        words = when(sure, lambda: among(caption, read_text)(picture))
        return {"many": many, "words": words}

    assert [(step.id, step.fallbacks) for step in each_of.plan.steps if step.fallbacks] == [
        ("caption", ("read_text@1",)),
        ("caption_2", ("read_text@1",)),
    ]


@pytest.mark.parametrize(
    ("first", "others", "select", "said"),
    [
        (caption, [read_text], "best", "selects nothing"),
        (caption, [3], "dense", "names no expert"),
        ("caption", [read_text], "dense", "is no call of an expert"),
        (caption, [], "dense", "selects several candidates and has one"),
        (caption, [read_text], "until", "names none"),
    ],
)
def test_what_among_cannot_mean(first: Any, others: list[Any], select: str, said: str) -> None:
    def wrong(picture: Image) -> Text:
        return among(first, *others, select=select)(picture)

    with pytest.raises((DeclarationError, PlanInvalid), match=said):
        workflow(wrong)
