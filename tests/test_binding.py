"""What bindings and conditions stand for when a plan runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Data, Image, Table, Text, load
from herd_graph.binding import (
    SKIPPED,
    Ref,
    compare,
    holds,
    items_of,
    literal,
    resolve,
    resolve_inputs,
    with_defaults,
)
from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import PlanError, PortViolation
from herd_graph.plans import (
    AllOf,
    Binding,
    Condition,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Op,
    Step,
    Value,
)
from herd_graph.state import StepRecord
from herd_graph.store import MemoryStore
from herd_graph.types import JSON, ArtifactRef, Kind, StepId, StepStatus

STORE = MemoryStore()


def step(name: str, output: str | None = None) -> FromStep:
    return FromStep(step=StepId(name), output=output)


def text(value: str) -> ArtifactRef:
    return Text(value).put(STORE)


def data(value: JSON) -> ArtifactRef:
    return Data(value).put(STORE)


def record(status: StepStatus = "done", **outputs: Any) -> StepRecord:
    return StepRecord(run="r", step="s", status=status, outputs=outputs)


RECORDS = {
    "one": record(result=text("a")),
    "two": record(words=text("b"), mood=text("calm")),
    "list": record(result=[text("x"), None, text("z")]),
    "off": record("skipped"),
    "bad": record("failed"),
    "json": record(result=data([1, "two", {"three": 3}])),
}
INPUTS: dict[str, Ref] = {"a1": text("in"), "many": [text("i"), text("j")]}


def shown(binding: Binding, item: ArtifactRef | None = None, port: Port | None = None) -> Any:
    found = resolve(binding, INPUTS, RECORDS, STORE, item, port)
    if found is SKIPPED:
        return SKIPPED
    return (
        [str(load(r, STORE)) for r in found] if isinstance(found, list) else str(load(found, STORE))
    )


@pytest.mark.parametrize(
    ("binding", "expected"),
    [
        (FromInput(input="a1"), "in"),
        (FromInput(input="many"), ["i", "j"]),
        (step("one"), "a"),
        (step("two"), "b"),
        (step("two", "mood"), "calm"),
        (step("list"), ["x", "z"]),
        (step("off"), SKIPPED),
        (Item(), "item"),
        (AllOf(all=(step("one"), step("list"), Value(value="v"))), ["a", "x", "z", "v"]),
        (AllOf(all=(step("one"), step("off"))), SKIPPED),
        (FirstOf(first=(step("off"), step("one"))), "a"),
        (FirstOf(first=(step("one"), step("bad"))), "a"),
        (FirstOf(first=(step("off"), FirstOf(first=(step("off"),)))), SKIPPED),
        (Value(value="$1 {s1} <node-1>"), "$1 {s1} <node-1>"),
        (Value(value={"step": "one"}), '{"step": "one"}'),
    ],
)
def test_what_a_binding_stands_for(binding: Binding, expected: Any) -> None:
    assert shown(binding, item=text("item")) == expected


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        (FromInput(input="a2"), "Input 'a2' was not given. Given: 'a1', 'many'"),
        (step("gone"), "Step 'gone' has not ended"),
        (step("bad"), "Step 'bad' is failed"),
        (step("two", "moods"), "gave no output 'moods'. It gave: 'mood', 'words'"),
        (Item(), "outside a foreach"),
    ],
)
def test_what_is_not_there(binding: Binding, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        resolve(binding, INPUTS, RECORDS, STORE)


def test_records_may_be_looked_up_by_a_function() -> None:
    assert resolve(step("one"), {}, RECORDS.get, STORE) == text("a")


def test_a_list_port_takes_lists_literals_and_single_payloads() -> None:
    texts = Port(name="parts", kind=Kind.TEXT, many=True)

    assert shown(Value(value=["a", "b"]), port=texts) == ["a", "b"]
    assert shown(Value(value=["a", "b"])) == '["a", "b"]'
    assert shown(step("one"), port=texts) == ["a"]
    assert shown(step("off"), port=texts) is SKIPPED


def test_literals_become_what_the_port_takes() -> None:
    table = literal([{"a": 1}], STORE, Port(name="t", kind=Kind.TABLE))

    assert isinstance(table, ArtifactRef)
    assert load(table, STORE) == Table([{"a": 1}])
    assert literal("x", STORE) == text("x")
    assert literal(None, STORE) == data(None)


def test_inputs_that_may_be_left_out_are_left_out() -> None:
    ports = (
        Port(name="text", kind=Kind.TEXT),
        Port(name="language", kind=Kind.TEXT, required=False),
    )
    card = ExpertCard(name="x", description="X.", inputs=ports, outputs=(ports[0],))
    asked = Step(
        id=StepId("s"),
        expert="x",
        inputs={"text": FromInput(input="a1"), "language": FromInput(input="not_given")},
    )
    skipped = asked.model_copy(update={"inputs": {"text": step("off")}})

    assert resolve_inputs(asked, card, INPUTS, RECORDS, STORE) == {"text": text("in")}
    assert resolve_inputs(skipped, card, INPUTS, RECORDS, STORE) is SKIPPED


def test_defaults_fill_in() -> None:
    ports = {
        "a1": Port(name="a1", kind=Kind.TEXT, default="never used", required=False),
        "n": Port(name="n", kind=Kind.DATA, default=3, required=False),
        "o": Port(name="o", kind=Kind.TEXT, required=False),
    }

    assert with_defaults(ports, {"a1": text("in")}, STORE) == {"a1": text("in"), "n": data(3)}


def test_items_of_lists_json_and_tables() -> None:
    INPUTS["rows"] = Table([{"n": 1}, {"n": 2}]).put(STORE)

    def items(binding: Binding) -> list[ArtifactRef] | None:
        return items_of(binding, INPUTS, RECORDS, STORE)

    assert items(step("json")) == [data(1), text("two"), data({"three": 3})]
    assert items(step("list")) == [text("x"), text("z")]
    assert items(FromInput(input="rows")) == [data({"n": 1}), data({"n": 2})]
    assert items(Value(value=[])) == []
    assert items(step("off")) is None
    with pytest.raises(PortViolation, match="goes over 'one', which is one text and no list"):
        items(step("one"))


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        ("yes", "==", "yes", True),
        (" yes\n", "==", "yes", True),
        ("Yes", "==", "yes", False),
        ("0.9", ">", 0.5, True),
        (3, "<=", 3, True),
        (3, "<", 3, False),
        ("b", ">=", "a", True),
        ("7", "==", 7, True),
        ("True", "==", True, True),
        (True, "==", True, True),
        (True, "==", 1, False),
        (1, "!=", True, True),
        ("a", "in", ["a", "b"], True),
        ("7", "in", [6, 7], True),
        ("abc", "contains", "b", True),
        ([1, "b"], "contains", "b", True),
        ({"k": 1}, "contains", "k", True),
        ({"k": 1}, "contains", "v", False),
        ("  ", "empty", None, True),
        (0, "empty", None, False),
        ([], "empty", None, True),
        ({}, "empty", None, True),
    ],
)
def test_conditions(left: JSON, op: Op, right: JSON, expected: bool) -> None:
    claim = Condition(left=Value(value=left), op=op, right=right)
    denial = claim.model_copy(update={"negate": True})

    assert holds(claim, {}, {}, STORE) is expected
    assert holds(denial, {}, {}, STORE) is not expected


@pytest.mark.parametrize(
    ("left", "op", "right"),
    [
        ("nan", "<", 1),
        ("many", ">", 1),
        ([1], "<", 1),
        (True, "<", 1),
        (1, "<", "a"),
        (1, "contains", 1),
    ],
)
def test_what_cannot_be_compared(left: JSON, op: Op, right: JSON) -> None:
    with pytest.raises(PortViolation, match="cannot be told"):
        holds(Condition(left=Value(value=left), op=op, right=right), {}, {}, STORE)


def test_pictures_have_no_value_but_may_be_empty() -> None:
    inputs: dict[str, Ref] = {"p": Image(b"not checked here", mime="image/png").put(STORE)}
    left = FromInput(input="p")

    assert not holds(Condition(left=left, op="empty"), inputs, {}, STORE)
    with pytest.raises(PortViolation, match="has no value to compare"):
        holds(Condition(left=left, right=1), inputs, {}, STORE)


@pytest.mark.parametrize(
    ("said", "op", "number", "true"),
    [
        ("3 people", ">", 2, True),
        ("There are 12 cars.", "==", 12, True),
        ("1,250.40 euros", ">=", 1250.4, True),
        ("-4 degrees", "<", 0, True),
        ("no people", "==", 0, False),
        ("3 of 5", "==", 3, False),
        ("2024-05-01", "==", 2024, False),
    ],
)
def test_the_one_number_of_a_sentence_is_compared(
    said: str, op: Op, number: float, true: bool
) -> None:
    assert compare(said, Condition(left=Item(), op=op, right=number)) is true


def test_a_field_of_an_object_is_compared() -> None:
    left = Value(value={"code": "pt", "score": 0.9})

    assert holds(Condition(left=left, field="code", right="pt"), {}, {}, STORE)
    assert holds(Condition(left=left, field="score", op=">", right=0.5), {}, {}, STORE)
    assert not holds(Condition(left=left, field="code", op="empty"), {}, {}, STORE)
    with pytest.raises(PortViolation, match="the field 'label' of what is the fields code, score"):
        holds(Condition(left=left, field="label", right="pt"), {}, {}, STORE)
    with pytest.raises(PortViolation, match="the field 'code'"):
        holds(Condition(left=Value(value="pt"), field="code", right="pt"), {}, {}, STORE)


def test_a_test_of_what_was_skipped_holds_neither_way() -> None:
    for negate in (False, True):
        assert not holds(Condition(left=step("off"), right="a", negate=negate), {}, RECORDS, STORE)


def test_what_goes_with_a_condition_is_negated_with_it() -> None:
    yes, no = (Condition(left=Value(value=1), right=right) for right in (1, 2))

    def told(first: Condition, *also: Condition, negate: bool) -> bool:
        both = first.model_copy(update={"also": also, "negate": negate})
        return holds(both, {}, RECORDS, STORE)

    unknown = Condition(left=step("off"), right=1)
    assert told(yes, yes, negate=False)
    assert not told(yes, no, negate=False)
    assert told(yes, no, negate=True)
    assert told(unknown, no, negate=True)
    assert not told(unknown, yes, negate=True)
    assert not told(unknown, yes, negate=False)


VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text(max_size=3)


@given(left=VALUES, right=VALUES)
def test_equality_is_never_half_told(left: JSON, right: JSON) -> None:
    equal = compare(left, Condition(left=Item(), op="==", right=right))
    unequal = compare(left, Condition(left=Item(), op="!=", right=right))

    assert equal is not unequal
    assert compare(left, Condition(left=Item(), op="in", right=[right])) is equal


@given(
    left=st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    right=st.integers() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_numbers_are_ordered_as_python_orders_them(left: float, right: float) -> None:
    told = {op: compare(left, Condition(left=Item(), op=op, right=right)) for op in ORDERS}

    assert told == {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}


ORDERS: tuple[Op, ...] = ("<", "<=", ">", ">=")
