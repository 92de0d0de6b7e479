"""What the plan checker finds, and how it says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pytest
from plan_experts import herd

from herd_graph.cards import ExpertCard, Port
from herd_graph.checking import Problem, check, order, source_port, validate
from herd_graph.errors import PlanInvalid
from herd_graph.experts import Expert
from herd_graph.flow import is_listlike, item_of, why_not
from herd_graph.plans import (
    AllOf,
    Ask,
    Binding,
    Condition,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Plan,
    Step,
    Value,
)
from herd_graph.problems import why_incomparable
from herd_graph.registry import Snapshot
from herd_graph.types import JSON, JSONObject, Kind, StepId

INPUTS = {
    "a1": Port(name="a1", kind=Kind.AUDIO),
    "a2": Port(name="a2", kind=Kind.IMAGE),
    "a3": Port(name="a3", kind=Kind.IMAGE, many=True),
}


def plan(*steps: Mapping[str, Any], **more: Any) -> Plan:
    named = [{"id": f"s{place}", **step} for place, step in enumerate(steps, start=1)]
    return Plan.parse({"steps": named, **more})


def problems(*steps: Mapping[str, Any], **more: Any) -> list[Problem]:
    return check(plan(*steps, **more), herd(), INPUTS)


def the_problem(*steps: Mapping[str, Any], **more: Any) -> Problem:
    found = problems(*steps, **more)
    assert len(found) == 1, [str(each) for each in found]
    return found[0]


TRANSCRIBE = {"expert": "transcribe@1", "inputs": {"recording": {"input": "a1"}}}


def test_a_good_plan_has_no_problems() -> None:
    good = (
        TRANSCRIBE,
        {"expert": "translate", "inputs": {"text": {"step": "s1"}, "to": {"value": "pt"}}},
        {"expert": "caption@1", "foreach": {"input": "a3"}, "inputs": {"picture": {"item": True}}},
        {"expert": "join", "inputs": {"parts": {"all": [{"step": "s3"}, {"step": "s2"}]}}},
        {"expert": "score", "inputs": {"text": {"step": "s4"}}, "after": ["s1"]},
        {
            "expert": "speak",
            "inputs": {"text": {"first": [{"step": "s2"}, {"step": "s4"}]}, "speed": {"value": 2}},
            "when": [{"left": {"step": "s5"}, "op": ">", "right": 0.5}],
        },
    )

    assert problems(*good) == []
    validate(plan(*good), herd(), INPUTS)
    assert order(plan(*good)) == ("s1", "s2", "s3", "s4", "s5", "s6")


@pytest.mark.parametrize(
    ("step", "code", "said"),
    [
        (
            {"expert": "captoin", "inputs": {"picture": {"input": "a2"}}},
            "unknown-expert",
            (
                "asks for expert 'captoin', which is not registered. Registered: .* Did you mean "
                "'caption'?"
            ),
        ),
        (
            {"expert": "caption@7", "inputs": {"picture": {"input": "a2"}}},
            "unknown-version",
            "'caption@7', which is not registered in that version. Registered: 'caption@1'",
        ),
        (
            {**TRANSCRIBE, "fallbacks": ["listn"]},
            "unknown-expert",
            "falls back on expert 'listn'.* Did you mean 'listen'",
        ),
        ({"inputs": {}}, "no-expert", "names neither an expert nor a capability"),
        ({"capability": {"query": " "}}, "vague-capability", "says nothing"),
        (
            {"capability": {"query": "film it", "gives": "video"}},
            "unserved-capability",
            "gives video, and none",
        ),
        (
            {"capability": {"query": "x", "takes": ["audio"]}, "inputs": {"x": {"input": "a2"}}},
            "type-mismatch",
            "is Image from input 'a2', and the step's capability takes audio",
        ),
        (
            {"expert": "transcribe"},
            "missing-input",
            (
                r"\(transcribe@1\) lacks its input 'recording'. Expected Audio. Bind it. For example "
                r'{"input": "a1"}'
            ),
        ),
        (
            {
                "expert": "transcribe",
                "inputs": {"recording": {"input": "a1"}, "langauge": {"value": "en"}},
            },
            "unknown-input",
            (
                "binds 'langauge', which transcribe@1 does not take. It takes: 'language', 'recording'. "
                "Did you mean 'language'?"
            ),
        ),
        (
            {"expert": "transcribe", "inputs": {"recording": {"step": "s9"}}},
            "unknown-step",
            "input 'recording' is bound to step 's9', which is not there. Steps: 's1'",
        ),
        ({**TRANSCRIBE, "after": ["s9"]}, "unknown-step", "comes after step 's9'"),
        (
            {"expert": "transcribe", "inputs": {"recording": {"input": "a11"}}},
            "unknown-reference",
            "the input 'a11', which is not there. Inputs: 'a1', 'a2', 'a3'. Did you mean 'a1'?",
        ),
        (
            {"expert": "caption", "inputs": {"picture": {"item": True}}},
            "item-outside-foreach",
            "is bound to the item of a foreach, and there is none",
        ),
        (
            {
                "expert": "caption",
                "foreach": {"input": "a2"},
                "inputs": {"picture": {"item": True}},
            },
            "not-a-list",
            "goes over input 'a2', which gives Image. Expected a list",
        ),
        (
            {"expert": "caption", "inputs": {"picture": {"input": "a3"}}},
            "list-for-one",
            r"takes Image, and input 'a3' gives list\[Image\]. Call the expert once .* each\(…\)",
        ),
        (
            {"expert": "caption", "inputs": {"picture": {"value": "x.png"}}},
            "bad-value",
            "image content cannot stand in a plan; attach a file",
        ),
        (
            {"expert": "translate", "inputs": {"text": {"value": "x"}, "to": {"value": "fr"}}},
            "bad-value",
            "input 'to' is \"fr\". Expected 'pt' | 'en': choose one of 'pt', 'en'",
        ),
        (
            {"expert": "speak", "inputs": {"text": {"value": "x"}, "speed": {"value": "fast"}}},
            "bad-value",
            r"Expected Data\[number\]: expected number",
        ),
        (
            {"expert": "score", "inputs": {"text": {"input": "a1"}}},
            "type-mismatch",
            (
                r"\(score@1\) takes Text, and input 'a1' gives Audio. Put a converter between them: "
                "audio → text through transcribe"
            ),
        ),
        (
            {"expert": "transcribe", "inputs": {"recording": {"input": "a2"}}},
            "type-mismatch",
            (
                "takes Audio, and input 'a2' gives Image. Put a converter between them: image → text → "
                "audio through read_text, then speak"
            ),
        ),
        (
            {"expert": "pages", "inputs": {"document": {"input": "a1"}}},
            "type-mismatch",
            "None of the experts at hand turns one into the other",
        ),
        ({**TRANSCRIBE, "k": 3}, "select", "selects the best one and has k=3"),
        ({**TRANSCRIBE, "select": "top_k", "k": 1}, "select", "has k=1"),
        ({**TRANSCRIBE, "select": "dense"}, "select", "has one, 'transcribe@1'"),
        ({**TRANSCRIBE, "fuse": "vote"}, "select", "fuses by 'vote' what is one result"),
    ],
)
def test_one_wrong_step(step: Mapping[str, Any], code: str, said: str) -> None:
    problem = the_problem(step)

    assert (problem.code, problem.step) == (code, "s1")
    with pytest.raises(PlanInvalid, match=said):
        validate(plan(step), herd(), INPUTS)


@pytest.mark.parametrize(
    ("condition", "code", "said"),
    [
        ({"left": {"input": "a2"}, "op": ">", "right": 3}, "incomparable", "Image has no value"),
        ({"left": {"step": "s2"}, "op": ">", "right": "x"}, "incomparable", "Expected a number"),
        ({"left": {"step": "s2"}, "op": "==", "right": "x"}, "incomparable", "never equal to 'x'"),
        ({"left": {"step": "s2"}, "op": "contains", "right": 1}, "incomparable", "Use '=='"),
        ({"left": {"step": "s1"}, "op": ">", "right": True}, "incomparable", "no order"),
        ({"left": {"step": "s1"}, "op": "in", "right": "a"}, "incomparable", r"Write \['a'\]"),
        (
            {"left": {"step": "s3", "output": "mood"}, "right": "sad"},
            "never-true",
            "It is one of 'calm', 'angry'",
        ),
        ({"left": {"step": "s1"}, "field": "x", "right": 1}, "incomparable", "has no fields"),
        ({"left": {"item": True}, "right": 1}, "item-outside-foreach", "not about one item"),
        ({"left": {"step": "s0"}, "right": 1}, "unknown-step", "'s0'"),
        (
            {"left": {"step": "s1"}, "right": "x", "also": [{"left": {"input": "zz"}}]},
            "unknown-reference",
            "'zz'",
        ),
        (
            {"left": {"step": "s3", "output": "moods"}, "right": "sad"},
            "unknown-output",
            "output 'moods' of step 's3', which listen@1 does not give. It gives: 'mood', 'words'",
        ),
    ],
)
def test_one_wrong_condition(condition: Mapping[str, Any], code: str, said: str) -> None:
    steps = (
        TRANSCRIBE,
        {"expert": "score", "inputs": {"text": {"step": "s1"}}},
        {"expert": "listen", "inputs": {"recording": {"input": "a1"}}},
        {"expert": "speak", "inputs": {"text": {"step": "s1"}}, "when": [condition]},
    )

    problem = the_problem(*steps)

    assert (problem.code, problem.step) == (code, "s4")
    with pytest.raises(PlanInvalid, match=said):
        validate(plan(*steps), herd(), INPUTS)


@pytest.mark.parametrize(
    "condition",
    [
        {"left": {"step": "s2"}, "op": "<=", "right": 1},
        {"left": {"step": "s1"}, "op": "<", "right": 10},
        {"left": {"step": "s1"}, "op": "contains", "right": "x", "negate": True},
        {"left": {"input": "a2"}, "op": "empty"},
        {"left": {"step": "s3", "output": "mood"}, "op": "in", "right": ["angry", "x"]},
    ],
)
def test_conditions_that_can_be_told(condition: Mapping[str, Any]) -> None:
    steps = (
        TRANSCRIBE,
        {"expert": "score", "inputs": {"text": {"step": "s1"}}},
        {"expert": "listen", "inputs": {"recording": {"input": "a1"}}},
        {"expert": "speak", "inputs": {"text": {"step": "s1"}}, "when": [condition]},
    )

    assert problems(*steps) == []


def test_every_problem_is_listed_at_once() -> None:
    found = problems(
        {"expert": "captoin", "inputs": {"picture": {"input": "a2"}}},
        {"expert": "translate", "inputs": {"txt": {"step": "s1"}, "to": {"value": "fr"}}},
        {"id": "s2", "expert": "score", "inputs": {"text": {"input": "a1"}}},
        {"id": "x", "expert": "score", "inputs": {"text": {"step": "y"}}},
        {"id": "y", "expert": "translate", "inputs": {"text": {"step": "x"}, "to": {"item": True}}},
        answers=[{"ask": "all", "source": {"all": [{"step": "x"}, {"step": "nowhere"}]}}],
    )

    assert sorted((each.code, each.step, each.input) for each in found) == [
        ("bad-value", "s2", "to"),
        ("cycle", "x", ""),
        ("duplicate-id", "s2", ""),
        ("item-outside-foreach", "y", "to"),
        ("missing-input", "s2", "text"),
        ("type-mismatch", "s2", "text"),
        ("unknown-expert", "s1", ""),
        ("unknown-input", "s2", "txt"),
        ("unknown-step", "", ""),
    ]
    (cycle,) = (each for each in found if each.code == "cycle")
    assert "'x' → 'y' → 'x'" in str(cycle)


def test_a_suggested_converter_is_there_to_be_used() -> None:
    problem = the_problem({"expert": "score", "inputs": {"text": {"input": "a1"}}})

    assert [str(each) for each in problem.conversions] == [
        "audio → text through transcribe",
        "audio → text through listen",
    ]


def test_an_analyser_is_offered_with_a_doubt() -> None:
    only = {each: expert for each, expert in herd().items() if each in {"caption@1", "score@1"}}
    wrong = plan({"expert": "score", "inputs": {"text": {"input": "a2"}}})

    (problem,) = check(wrong, Snapshot(only), INPUTS)

    assert problem.conversions == ()
    assert str(problem).endswith("If that is meant, put one of these between them: 'caption'.")


def test_mime_types_must_meet() -> None:
    card = ExpertCard(
        name="play",
        description="Play a WAV file.",
        inputs=(Port(name="sound", kind=Kind.AUDIO, mime=("audio/wav",)),),
        outputs=(Port(name="result", kind=Kind.TEXT),),
    )
    experts = Snapshot({card.id: Expert(card)})
    played = plan({"expert": "play", "inputs": {"sound": {"input": "a1"}}})

    def given_as(*mime: str) -> list[str]:
        inputs = {"a1": Port(name="a1", kind=Kind.AUDIO, mime=mime)}
        return [each.code for each in check(played, experts, inputs)]

    assert given_as("audio/flac") == ["mime-mismatch"]
    assert given_as("audio/wav") == given_as("audio/*") == given_as() == []


def test_what_is_attached_is_held_against_what_the_plan_declares() -> None:
    ports = {
        "recording": Port(name="recording", kind=Kind.AUDIO),
        "language": Port(name="language", kind=Kind.TEXT, required=False, default="en"),
    }
    declared = Plan(
        steps=(
            Step(
                id=StepId("s1"),
                expert="transcribe",
                inputs={
                    "recording": FromInput(input="recording"),
                    "language": FromInput(input="language"),
                },
            ),
        ),
        inputs=ports,
    )

    assert check(declared, herd()) == []
    assert check(declared, herd(), {"recording": INPUTS["a1"]}) == []
    (missing,) = check(declared, herd(), {"recordin": INPUTS["a1"]})
    assert (missing.code, missing.input) == ("input-not-given", "recording")
    codes = {each.code for each in check(declared, herd(), {"recording": INPUTS["a2"]})}
    assert codes == {"type-mismatch"}


def test_an_input_that_may_be_left_out_cannot_be_bound_to_one_that_must_be_there() -> None:
    ports = {"text": Port(name="text", kind=Kind.TEXT, required=False)}
    step = Step(id=StepId("s1"), expert="score", inputs={"text": FromInput(input="text")})
    optional = Plan(steps=(step,), inputs=ports)

    assert [each.code for each in check(optional, herd())] == ["maybe-missing"]
    assert check(optional, herd(), {"text": Port(name="text", kind=Kind.TEXT)}) == []


def test_ports_behind_bindings() -> None:
    built = plan(
        {"expert": "listen", "inputs": {"recording": {"input": "a1"}}},
        {"expert": "caption", "foreach": {"input": "a3"}, "inputs": {"picture": {"item": True}}},
        {"capability": {"query": "say it", "gives": "audio"}},
        {"capability": {"query": "do it"}},
    )

    def kind(binding: Binding, step: Step | None = None) -> str | None:
        port = source_port(binding, built, herd(), INPUTS, step)
        return None if port is None else port.type_name

    s1, s2, s3, s4 = (FromStep(step=each.id) for each in built.steps)
    assert kind(s1) == "Text"
    assert kind(FromStep(step=StepId("s1"), output="mood")) == "'calm' | 'angry'"
    assert kind(s2) == "list[Text]"
    assert (kind(s3), kind(s4)) == ("Audio", None)
    assert kind(Item(), built.steps[1]) == "Image"
    assert kind(Item(), built.steps[0]) is None
    assert kind(AllOf(all=(s1, s2))) == "list[Text]"
    assert kind(AllOf(all=(s1, s4))) is None
    assert kind(FirstOf(first=(s1, s3))) == "Text | Audio"
    assert kind(Value(value=[1, 2])) == "Data[array]"
    assert kind(FromInput(input="zz")) is None


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        ({"type": "integer"}, 3, None),
        ({"type": "integer"}, 3.0, None),
        ({"type": "integer"}, "3", None),
        ({"type": "integer"}, 3.5, "expected integer"),
        ({"type": "integer"}, True, "expected integer"),
        ({"type": "boolean"}, "true", None),
        ({"enum": [1, 2]}, True, "choose one of 1, 2"),
        ({"const": "a"}, "a", None),
        ({}, {"anything": 1}, None),
        ({"type": "number", "minimum": 0}, -1, "-1 is less than the minimum of 0"),
        (
            {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
            {"n": "x"},
            "n: 'x' is not of type 'integer'",
        ),
    ],
)
def test_literals_against_schemas(schema: JSONObject, value: JSON, why: str | None) -> None:
    assert why_not(Port(name="x", kind=Kind.DATA, json_schema=schema), value) == why


def test_literals_against_other_ports() -> None:
    texts = Port(name="x", kind=Kind.TEXT, many=True)
    table = Port(name="x", kind=Kind.TABLE)

    assert why_not(texts, ["a", "b"]) is None
    assert why_not(texts, ["a", {}]) == "item 1: it is no text"
    assert why_not(table, [{"a": 1}]) is None
    assert why_not(table, "a;b") is not None
    assert why_not(Port(name="x", kind=Kind.TEXT, required=False), None) is None


def test_what_a_foreach_goes_over() -> None:
    strings: JSONObject = {"type": "array", "items": {"type": "string"}}
    listed = Port(name="x", kind=Kind.DATA, json_schema=strings)
    number = Port(name="x", kind=Kind.DATA, json_schema={"type": "number"})
    table = Port(name="x", kind=Kind.TABLE)
    item, row = item_of(listed), item_of(table)

    assert [is_listlike(each) for each in (listed, table, INPUTS["a3"], number, INPUTS["a1"])] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert item is not None
    assert row is not None
    assert (item.kind, row.type_name) == (Kind.TEXT, "Data[object]")


def test_the_items_of_a_literal_list_are_checked_one_by_one() -> None:
    step = Step(
        id=StepId("s1"),
        expert="score",
        foreach=Value(value=["good", 1, None, {}]),
        inputs={"text": Item()},
    )

    found = check(Plan(steps=(step,)), herd(), {})

    assert [each.code for each in found] == ["bad-value", "bad-value"]
    assert "item 2 of its foreach is null. Expected Text" in str(found[0])


def test_answers_are_checked_and_count_as_bindings() -> None:
    wrong = Plan(answers=(Ask(ask="it", source=Item()),))

    assert [each.code for each in check(wrong, herd(), {})] == ["item-outside-foreach"]


@pytest.mark.parametrize(
    ("field", "op", "right", "said"),
    [
        ("code", "==", "pt", ""),
        ("score", ">", 0.5, ""),
        ("language_code", "==", "pt", "has no field 'language_code'"),
        ("score", "==", "pt", "never equal to 'pt'"),
        ("code", ">", 3, ""),
    ],
)
def test_a_field_is_compared_by_its_own_type(
    field: str, op: Literal["==", ">"], right: JSON, said: str
) -> None:
    schema: JSONObject = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "score": {"type": "number"}},
    }
    port = Port(name="language", kind=Kind.DATA, json_schema=schema)
    wrong = why_incomparable(port, Condition(left=Item(), field=field, op=op, right=right))

    assert said in wrong
    assert bool(wrong) is bool(said)
