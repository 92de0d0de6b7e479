"""Plans as data: read, checked for form, written, hashed, shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from herd_graph.errors import PlanMalformed
from herd_graph.plans import (
    AllOf,
    Ask,
    Binding,
    Capability,
    Condition,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Plan,
    Step,
    Value,
    show,
)
from herd_graph.types import Kind, StepId

FIXED = {
    "steps": [
        {"id": "s1", "expert": "transcribe@1", "inputs": {"recording": {"input": "a1"}}},
        {
            "id": "s2",
            "expert": "translate@1",
            "inputs": {"text": {"step": "s1"}, "to": {"value": "pt"}},
        },
    ]
}

ids = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True).map(StepId)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
bindings: st.SearchStrategy[Binding] = st.recursive(
    st.builds(FromInput, input=st.text(max_size=4))
    | st.builds(FromStep, step=ids, output=st.none() | st.text(max_size=4))
    | st.builds(Value, value=json_values)
    | st.builds(Item),
    lambda inner: (
        st.builds(AllOf, all=st.lists(inner, max_size=3).map(tuple))
        | st.builds(FirstOf, first=st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=4,
)
steps = st.builds(
    Step,
    id=ids,
    expert=st.none() | st.text(max_size=5),
    capability=st.none()
    | st.builds(Capability, query=st.text(max_size=5), gives=st.sampled_from(Kind)),
    inputs=st.dictionaries(st.text(max_size=4), bindings, max_size=3),
    foreach=st.none() | bindings,
    when=st.lists(st.builds(Condition, left=bindings, right=json_values), max_size=2).map(tuple),
    fallbacks=st.tuples(st.text(max_size=3)),
    ask=st.text(max_size=5),
)
plans = st.builds(
    Plan,
    steps=st.lists(steps, max_size=4).map(tuple),
    answers=st.lists(st.builds(Ask, ask=st.text(max_size=4), source=bindings), max_size=2).map(
        tuple
    ),
    reason=st.text(max_size=5),
)


def plan(*made: Step) -> Plan:
    return Plan(steps=made)


def step(name: str, *needs: str, **fields: Any) -> Step:
    inputs = {f"i{number}": FromStep(step=StepId(each)) for number, each in enumerate(needs)}
    return Step.model_validate({"id": name, "expert": "e", "inputs": inputs, **fields})


@given(plans)
def test_a_plan_survives_json(made: Plan) -> None:
    assert Plan.parse(json.dumps(made.dump())) == made
    assert Plan.parse(made.model_dump_json()) == made
    assert Plan.parse(made.dump()).hash == made.hash


@given(plans)
def test_every_plan_shows_itself(made: Plan) -> None:
    assert all(each.id in str(made) for each in made.steps)
    assert json.loads(json.dumps(made.public()))["steps"] == made.public()["steps"]


def test_the_public_form_is_fixed() -> None:
    assert Plan.parse(FIXED).public() == FIXED
    assert Plan.parse({"plan": FIXED}).public() == FIXED
    assert Plan(reason="No expert paints.").public() == {"steps": [], "reason": "No expert paints."}


def test_answers_beside_the_plan_are_kept() -> None:
    outer = {"plan": FIXED, "answers": [{"ask": "say it", "source": {"step": "s2"}}], "trace": {}}

    assert [each.ask for each in Plan.parse(outer).asks] == ["say it"]


MALFORMED: list[tuple[Any, str]] = [
    ("", "is not JSON"),
    ("{", "is not JSON"),
    (b"\xff\xfe{", "is not JSON"),
    ("[" * 100_000, "is not JSON"),
    ("[]", "cannot be read"),
    ("3", "cannot be read"),
    ('{"plan": 3}', "plan: Extra inputs"),
    ({"steps": 3}, "steps: Input should be"),
    ({"steps": [{}]}, r"steps\.0\.id: Field required"),
    ({"steps": [{"id": "s1", "colour": "red"}]}, r"steps\.0\.colour: Extra inputs"),
    ({"steps": [{"id": "s1", "inputs": {"x": "$1"}}]}, r"steps\.0\.inputs\.x: Unable"),
    ({"steps": [{"id": "s1", "inputs": {"x": {"step": "a", "input": "b"}}}]}, "Extra inputs"),
    ({"steps": [{"id": "s1", "inputs": {"x": {"first": []}}}]}, "at least 1"),
    ({"steps": [{"id": "s1", "k": 0}]}, "greater than or equal to 1"),
    ({"steps": [{"id": "s1", "when": [{"left": {"input": "a"}, "op": "~"}]}]}, "op: Input"),
]


@pytest.mark.parametrize(("source", "said"), MALFORMED)
def test_what_is_no_plan_says_where(source: Any, said: str) -> None:
    with pytest.raises(PlanMalformed, match=said):
        Plan.parse(source)


def test_every_mistake_is_listed() -> None:
    with pytest.raises(PlanMalformed) as caught:
        Plan.parse({"steps": [{"id": "1"}, {"id": "s", "k": 0}], "colour": 1})

    assert str(caught.value).count("\n  - ") == 3


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1s",
        "s 1",
        "s[0]",
        "s/1",
        "a" * 65,
        "0123456789abcdef" * 2,
        "abcdefabcdefabcdefabcdefabcdefab",
    ],
)
def test_step_ids_are_plain_and_never_look_like_interrupts(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be a step id"):
        Step(id=StepId(name), expert="e")


def test_texts_that_look_like_references_stay_text() -> None:
    for text in ("$1", "{s1}", "<node-1>", '{"step": "s1"}', "s1"):
        made = step("s2", inputs={"x": Value(value=text)})

        assert made.needs == frozenset()
        assert Plan.parse(plan(made).dump()).step("s2").inputs["x"] == Value(value=text)


def test_a_value_may_be_a_dict_that_looks_like_a_binding() -> None:
    made = step("s2", inputs={"x": Value(value={"step": "s1"})})

    assert Plan.parse(plan(made).dump()).step("s2").needs == frozenset()


def test_needs_are_found_wherever_they_hide() -> None:
    made = step(
        "s9",
        inputs={"x": AllOf(all=(FirstOf(first=(FromStep(step=StepId("a")), Value(value=1))),))},
        foreach=FromStep(step=StepId("b")),
        when=(Condition(left=FromStep(step=StepId("c"), output="score")),),
        after=(StepId("d"),),
    )

    assert made.needs == {"a", "b", "c", "d"}


def test_downstream_is_everything_that_depends() -> None:
    diamond = plan(step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c"), step("e"))

    assert diamond.downstream("a") == {"b", "c", "d"}
    assert diamond.downstream("b") == {"d"}
    assert diamond.downstream("b", "e") == {"d"}
    assert diamond.downstream("d") == frozenset()


def test_downstream_ends_in_a_circle_too() -> None:
    assert plan(step("a", "b"), step("b", "a")).downstream("a") == {"a", "b"}


def test_answers_default_to_what_nobody_needs() -> None:
    made = plan(step("a"), step("b", "a", ask="say it"), step("c"))

    assert [(each.ask, show(each.source)) for each in made.asks] == [("say it", "b"), ("c", "c")]


def test_the_hash_of_a_step_is_of_what_it_does() -> None:
    base = step("a", "b")

    assert base.spec_hash == step("a", "b", ask="why", fallbacks=("other",)).spec_hash
    assert base.spec_hash != step("a", "c").spec_hash
    assert base.spec_hash != step("a", "b", select="dense").spec_hash
    assert base.spec_hash != step("a", "b", inputs={"i0": Value(value="b")}).spec_hash


def test_steps_are_found_by_item_too() -> None:
    made = plan(step("s1"))

    assert made.step("s1[3]").id == "s1"
    with pytest.raises(PlanMalformed, match=r"no step 's2'.*'s1'"):
        made.step("s2")


def test_nothing_to_do_is_an_abstention() -> None:
    assert Plan().abstained
    assert not plan(step("a")).abstained


def test_a_plan_reads_like_calls() -> None:
    made = plan(
        step("s1", inputs={"recording": FromInput(input="a1")}),
        step(
            "s2",
            inputs={"text": Item(), "to": Value(value="pt")},
            foreach=FromStep(step=StepId("s1"), output="parts"),
            when=(Condition(left=FromStep(step=StepId("s1")), op="empty", negate=True),),
        ),
    )

    assert str(made).splitlines() == [
        "s1: e(recording=a1)",
        's2: e(text=item, to="pt") for each s1.parts when not s1 is empty',
    ]
