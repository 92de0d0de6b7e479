"""What is tried when a step went wrong: bounded, recorded, and never twice what has just failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from herd_graph.artifacts import Audio, Text, load
from herd_graph.budgets import Budget
from herd_graph.cards import Port
from herd_graph.coordination.checks import check
from herd_graph.coordination.pieces import MOST, cut, cut_text, joined, works_piecewise
from herd_graph.coordination.repair import ALIKE, Remedies, Steady, Trouble
from herd_graph.coordination.selection import Candidate
from herd_graph.engine import Question
from herd_graph.errors import ArtifactUnreadable, ExpertFailed
from herd_graph.herd import Herd
from herd_graph.plans import Plan, Step
from herd_graph.runs import Run
from herd_graph.state import Verdict
from herd_graph.steps import Patience
from herd_graph.store import MemoryStore
from herd_graph.testing import ScriptedExpert, run_virtual, scripted
from herd_graph.types import Kind, StepId

SENTENCE = "The ferry leaves the harbour at nine and comes back before the tide turns. "


@check(name="shouting")
def shouting(subject: Any) -> Any:
    """Fail what ends in '!'."""
    (result,) = subject.refs("result")
    loud = (result.inline or "").endswith("!")
    return Verdict(check="shouting", level="fail" if loud else "pass", score=0.0 if loud else 1.0)


def herd_of(*experts: Any, attempts: int = 1, repairs: int = 3) -> Herd:
    patience = Patience(attempts=attempts, repairs=repairs)
    return Herd(
        *experts, checkpoints="memory", store=MemoryStore(), checks=[shouting], patience=patience
    )


def run(herd: Herd, expert: str, *others: str, text: str = "x", **options: Any) -> Run:
    step = {
        "id": "s1",
        "expert": expert,
        "fallbacks": list(others),
        "inputs": {"text": {"value": text}},
    }
    ended, _ = run_virtual(herd.arun(Plan.parse({"steps": [step]}), **options))
    return ended


def agree(question: Question) -> bool:
    return bool(question.step)


def hopeless(message: str) -> ExpertFailed:
    failure = ExpertFailed(message)
    failure.retryable = False
    return failure


def test_a_wrong_result_is_asked_for_once_more() -> None:
    careless = scripted("careless", script=["wrong!", "right"])

    ended = run(herd_of(careless), "careless")
    record = ended.records["s1"]

    assert str(ended.output("s1")) == "right"
    assert [each.why for each in record.attempts] == ["", "once more"]
    assert not [each for each in record.verdicts if each.level != "pass"]
    assert "once more" in str(ended.why("s1"))


def test_a_result_that_stays_wrong_stands_with_its_verdict() -> None:
    wrong = scripted("wrong", script=["wrong!"], repeat=True)

    ended = run(herd_of(wrong), "wrong")

    assert str(ended.output("s1")) == "wrong!"
    assert len(wrong.calls) == 2
    assert "fail" in [each.level for each in ended.records["s1"].verdicts]


def test_whose_wrong_results_stay_the_same_is_not_asked_once_more_again() -> None:
    wrong = scripted("wrong", script=["wrong!"], repeat=True)
    herd = herd_of(wrong)

    for _ in range(ALIKE + 2):
        run(herd, "wrong")

    assert len(wrong.calls) == 2 * ALIKE + 2


def test_one_repetition_that_helps_is_reason_to_ask_again() -> None:
    script = ["wrong!", "wrong!"] * (ALIKE - 1) + ["wrong!", "right"] + ["wrong!", "wrong!"]
    careless = scripted("careless", script=script, repeat=True)
    herd = herd_of(careless)

    ended = [run(herd, "careless") for _ in range(ALIKE + 1)]

    assert [each.why for each in ended[-1].records["s1"].attempts] == ["", "once more"]


def test_who_was_called_by_a_check_and_gave_something_else_is_asked_once_more() -> None:
    careless = scripted("careless", script=["wrong!"], repeat=True)
    trouble = Trouble(
        step=Step(id=StepId("s1"), expert="careless"),
        candidate=Candidate(expert=careless, inputs={}),
        verdicts=(Verdict(check="recall", level="fail", score=0.0),),
    )
    steady = Steady()
    for _ in range(ALIKE):
        steady.note("careless@1", same=True)

    def whys(verdicts: tuple[Verdict, ...]) -> list[str]:
        remedies = Remedies(cards=(), store=MemoryStore(), steady=steady)
        return [each.why for each in remedies.of(replace(trouble, verdicts=verdicts))]

    assert "careless@1" in steady
    assert whys(()) == []
    assert whys(trouble.verdicts) == ["once more", "a third time"]


def test_an_expert_that_asks_first_is_not_called_again() -> None:
    sends = scripted("sends", script=["wrong!"], repeat=True, approve=True)

    run(herd_of(sends), "sends", approve=agree)

    assert len(sends.calls) == 1


def test_declared_alternatives_of_a_parameter_are_tried() -> None:
    def hear(text: Any, effort: Any = None) -> str:
        del text
        if effort is None:
            raise hopeless("nothing was heard")
        return f"with {effort}"

    schema: Any = {"type": "integer", "x-repair": [1, 5]}
    effort = Port(name="effort", kind=Kind.DATA, required=False, default=1, json_schema=schema)
    expert = scripted("hear", [Port(name="text", kind=Kind.TEXT), effort], script=hear)

    ended = run(herd_of(expert), "hear")

    assert str(ended.output("s1")) == "with 5"
    assert [each.why for each in ended.records["s1"].attempts] == ["", "with effort=5"]


def test_alternatives_that_cannot_be_read_do_not_cost_the_result() -> None:
    schema: Any = {"type": "integer", "x-repair": [float("nan"), 5]}
    effort = Port(name="effort", kind=Kind.DATA, required=False, default=1, json_schema=schema)
    ports = [Port(name="text", kind=Kind.TEXT), effort]
    expert = scripted("hear", ports, script=["wrong!"], repeat=True)

    ended = run(herd_of(expert), "hear")

    assert ended.status == "done"
    assert str(ended.output("s1")) == "wrong!"
    assert [each.why for each in ended.records["s1"].attempts] == ["", "once more"]


def test_a_refused_input_is_converted() -> None:
    def only_loud(text: Any) -> str:
        if not str(text).isupper():
            raise ArtifactUnreadable("It is not written in capitals.")
        return f"read {text}"

    def shout(text: Any) -> Text:
        return Text(str(text).upper(), mime="text/capitals")

    reader = scripted(
        "reader", Port(name="text", kind=Kind.TEXT, mime=("text/capitals",)), script=only_loud
    )
    capitals = scripted(
        "capitals",
        Port(name="text", kind=Kind.TEXT, mime=("text/plain",)),
        Port(name="result", kind=Kind.TEXT, mime=("text/capitals",)),
        script=shout,
        tags=("converter",),
    )

    ended = run(herd_of(reader, capitals), "reader", text="hello")
    record = ended.records["s1"]

    assert str(ended.output("s1")) == "read HELLO"
    assert record.expert == "reader@1"
    assert [each.expert for each in record.attempts] == ["reader@1", "capitals@1", "reader@1"]


def test_a_question_that_is_too_long_is_asked_in_pieces() -> None:
    def translate(text: Any) -> str:
        if len(str(text)) > 1000:
            raise hopeless("The input is too long for the model.")
        return str(text).upper()

    expert = scripted("translate", script=translate)
    text = (SENTENCE * 30).strip()

    ended = run(herd_of(expert), "translate", text=text)

    assert str(ended.output("s1")) == text.upper()
    assert ended.records["s1"].attempts[-1].why == "text in 3 pieces"
    assert len(expert.calls) <= 1 + MOST


def test_a_summary_is_never_made_in_pieces() -> None:
    expert = scripted("summarise", script=[hopeless("The input is too long.")], repeat=True)

    ended = run(herd_of(expert), "summarise", text=SENTENCE * 30)

    assert ended.status == "failed"
    assert len(expert.calls) == 1


def test_a_spent_budget_ends_the_repairs_and_keeps_what_is_there() -> None:
    wrong = scripted("wrong", script=["wrong!"], repeat=True, cost_usd=0.4)

    ended = run(herd_of(wrong), "wrong", budget=Budget(usd=0.5))

    assert str(ended.output("s1")) == "wrong!"
    assert len(wrong.calls) == 1


def test_repairs_can_be_turned_off() -> None:
    wrong = scripted("wrong", script=["wrong!", "right"])

    assert str(run(herd_of(wrong, repairs=0), "wrong").output("s1")) == "wrong!"


OUTCOMES = st.sampled_from(["good", "bad!", "passing", "hopeless"])


@settings(max_examples=25)
@example(scripts=[["hopeless"], ["bad!", "bad!"], ["passing", "passing"]], attempts=2)
@given(
    scripts=st.lists(st.lists(OUTCOMES, min_size=1, max_size=4), min_size=1, max_size=3),
    attempts=st.integers(1, 3),
)
def test_whatever_fails_the_calls_are_bounded_and_none_is_made_in_vain(
    scripts: list[list[str]], attempts: int
) -> None:
    def outcome(said: str) -> Any:
        return {"passing": TimeoutError("try later"), "hopeless": hopeless("never")}.get(said, said)

    experts = [
        scripted(f"e{number}", script=[outcome(each) for each in script], repeat=True)
        for number, script in enumerate(scripts)
    ]
    names = [each.card.name for each in experts]

    ended = run(herd_of(*experts, attempts=attempts), names[0], *names[1:])
    made = ended.records["s1"].attempts

    for expert, script in zip(experts, scripts, strict=True):
        seen = [script[min(at, len(script) - 1)] for at in range(len(expert.calls))]
        after = seen.index("hopeless") + 1 if "hopeless" in seen else len(seen)
        assert len(seen) == after  # nothing comes after what will never work
        assert len(seen) <= 2 * attempts + 1
        assert Counter(seen)["bad!"] <= 2
    assert len(made) == sum(len(each.calls) for each in experts)
    if any(script[0] == "good" for script in scripts):
        assert ended.status == "done"
        assert str(ended.output("s1")) == "good"


@given(st.text("ab .\n", min_size=0, max_size=4000))
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    found = cut_text(text)
    if found is None:
        return
    pieces, gaps = found

    store = MemoryStore()
    whole = joined([Text(each).put(store) for each in pieces], gaps, store)

    assert 2 <= len(pieces) <= MOST
    assert str(load(whole, store)) == text
    assert all(gap.isspace() for gap in gaps)


def test_a_recording_is_cut_where_it_is_quiet() -> None:
    import numpy as np

    rate, store = 8000, MemoryStore()
    loud = np.sin(np.arange(40 * rate) * 0.3).astype("float32") * 0.5
    loud[19 * rate : 20 * rate] = 0
    found = cut(Audio.from_samples(loud, rate).put(store), store)
    assert found is not None

    seconds = [load(each, store).seconds for each in found.pieces]  # type: ignore[attr-defined]
    whole = load(joined(found.pieces, (), store), store)

    assert 19.0 <= seconds[0] <= 20.0
    assert whole.seconds == pytest.approx(40.0)  # type: ignore[attr-defined]


def test_who_works_piecewise() -> None:
    def expert(name: str, **more: Any) -> ScriptedExpert:
        return scripted(name, **more)

    assert works_piecewise(expert("translate").card)
    assert works_piecewise(expert("anything", tags=("piecewise",)).card)
    assert not works_piecewise(expert("translate", tags=("not-piecewise",)).card)
    assert not works_piecewise(expert("title").card)
    assert not works_piecewise(expert("transcribe", outputs=Kind.DATA).card)


def test_a_result_that_nobody_can_use_is_asked_for_once_more() -> None:
    blank = scripted("blank", script=["", "right"])

    ended = run(herd_of(blank), "blank")

    assert str(ended.output("s1")) == "right"
    assert [(each.ok, each.why) for each in ended.records["s1"].attempts] == [
        (False, ""),
        (True, "once more"),
    ]


def test_who_gives_nothing_again_and_again_is_not_asked_once_more() -> None:
    blank = scripted("blank", script=[""], repeat=True)
    herd = herd_of(blank)

    ended = [run(herd, "blank") for _ in range(ALIKE + 2)]

    assert {each.status for each in ended} == {"failed"}
    assert len(blank.calls) == 2 * ALIKE + 2


def test_who_goes_wrong_in_two_ways_is_asked_a_third_time() -> None:
    careless = scripted("careless", script=["wrong!", "other!", "right"])

    ended = run(herd_of(careless), "careless")

    assert str(ended.output("s1")) == "right"
    assert [each.why for each in ended.records["s1"].attempts] == ["", "once more", "a third time"]


def test_nothing_is_asked_a_fourth_time() -> None:
    careless = scripted("careless", script=["one!", "two!", "three!", "right"])

    ended = run(herd_of(careless), "careless")

    assert str(ended.output("s1")) == "one!"
    assert len(careless.calls) == 3
