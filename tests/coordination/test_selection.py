"""Which candidates of a step are called, and whose result stands."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text
from herd_graph.budgets import Budget
from herd_graph.coordination.checks import check
from herd_graph.coordination.latencies import Latencies
from herd_graph.coordination.selection import (
    How,
    Selection,
    Tried,
    affordable,
    enough,
    in_turn,
    settle,
)
from herd_graph.errors import ConfigError, PlanInvalid
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.settings import read
from herd_graph.state import Verdict
from herd_graph.steps import Patience
from herd_graph.store import MemoryStore
from herd_graph.testing import After, ScriptedExpert, run_virtual, scripted
from herd_graph.types import ArtifactRef


@check(name="marked", level="default")
def marked(subject: Any) -> Any:
    """Doubt what ends in '?', fail what ends in '!', and read a score after '~'."""
    ref = subject.outputs["result"]
    text = ref.inline or ""
    if text.endswith("!"):
        return Verdict(check="marked", level="fail", score=0.1, reason="it shouts")
    if text.endswith("?"):
        return Verdict(check="marked", level="doubt", score=0.5, reason="it asks")
    if "~" in text:
        return Verdict(check="marked", level="pass", score=float(text.partition("~")[2]))
    return Verdict(check="marked", level="pass")


def one(name: str, *script: Any, **card: Any) -> ScriptedExpert:
    return scripted(name, script=list(script), repeat=True, **card)


def plan(first: str, *others: str, select: str = "top_1", **more: Any) -> Plan:
    step = {
        "id": "s1",
        "expert": first,
        "fallbacks": list(others),
        "select": select,
        "inputs": {"text": {"value": "x"}},
        **more,
    }
    return Plan.parse({"steps": [step]})


def herd_of(*experts: Any, **settings: Any) -> Herd:
    settings.setdefault("patience", Patience(attempts=1, repairs=0))
    return Herd(*experts, checkpoints="memory", store=MemoryStore(), checks=[marked], **settings)


def run(herd: Herd, given_: Plan, **options: Any) -> tuple[Run, float]:
    return run_virtual(herd.arun(given_, **options))


def calls(*experts: ScriptedExpert) -> list[int]:
    return [len(each.calls) for each in experts]


def test_a_cascade_stops_at_the_first_result_without_a_doubt() -> None:
    dear, cheap = one("dear", "good", cost_usd=0.5), one("cheap", "good enough", cost_usd=0.1)

    ended, _ = run(herd_of(dear, cheap), plan("dear", "cheap", select="cascade"))

    assert str(ended.output("s1")) == "good enough"
    assert ended.records["s1"].expert == "cheap@1"
    assert calls(dear, cheap) == [0, 1]
    assert ended.usd == pytest.approx(0.1)


def test_a_cascade_calls_the_dearer_one_where_the_check_doubts() -> None:
    dear, cheap = one("dear", "good", cost_usd=0.5), one("cheap", "perhaps?", cost_usd=0.1)

    ended, _ = run(herd_of(dear, cheap), plan("dear", "cheap", select="cascade"))
    record = ended.records["s1"]

    assert str(ended.output("s1")) == "good"
    assert ended.usd == pytest.approx(0.6)
    assert [each.expert for each in record.attempts] == ["cheap@1", "dear@1"]
    assert [each.level for each in record.verdicts] == ["pass"]
    assert "cheap@1 was not taken (marked: it asks)" in record.verdicts[0].reason


def test_where_all_of_a_cascade_are_doubted_the_disagreement_stays_a_doubt() -> None:
    cheap, dear = one("cheap", "one?", cost_usd=0.1), one("dear", "two?", cost_usd=0.5)

    ended, _ = run(herd_of(cheap, dear), plan("cheap", "dear", select="cascade"))
    agreement = next(v for v in ended.records["s1"].verdicts if v.check == "agreement")

    assert ended.records["s1"].expert == "dear@1"
    assert agreement.level == "doubt"


def test_until_goes_on_in_the_order_of_the_plan_until_the_score_will_do() -> None:
    experts = [one("a", "a~0.3"), one("b", "b~0.85"), one("c", "c~1.0")]

    ended, _ = run(herd_of(*experts), plan("a", "b", "c", select="until(0.8)"))

    assert str(ended.output("s1")) == "b~0.85"
    assert calls(*experts) == [1, 1, 0]


def test_until_nobody_reaches_it_takes_what_they_have() -> None:
    experts = [one("a", "same~0.3"), one("b", "same~0.3"), one("c", "other~0.2")]

    ended, _ = run(herd_of(*experts), plan("a", "b", "c", select="until(0.8)"))

    assert calls(*experts) == [1, 1, 1]
    assert str(ended.output("s1")) == "same~0.3"


def test_a_fast_first_expert_has_no_rival() -> None:
    first, second = one("first", After(1.0, "first"), latency_s=1.0), one("second", "second")

    ended, seconds = run(herd_of(first, second), plan("first", "second", select="speculative"))

    assert str(ended.output("s1")) == "first"
    assert seconds == 1.0
    assert calls(first, second) == [1, 0]


def test_a_late_first_expert_is_overtaken_and_paid_for() -> None:
    first = one("first", After(60.0, "first"), latency_s=1.0, cost_usd=0.3)
    second = one("second", After(2.0, "second"), cost_usd=0.2)

    ended, seconds = run(herd_of(first, second), plan("first", "second", select="speculative"))
    record = ended.records["s1"]

    assert str(ended.output("s1")) == "second"
    assert seconds == 5.0  # three times what the card says, then two seconds
    assert first.cancelled == 1
    assert ended.usd == pytest.approx(0.5)
    assert {each.expert: each.ok for each in record.attempts} == {
        "first@1": False,
        "second@1": True,
    }


def test_the_first_one_may_still_win_the_race() -> None:
    first = one("first", After(4.0, "first"), latency_s=1.0)
    second = one("second", After(9.0, "second"))

    ended, seconds = run(herd_of(first, second), plan("first", "second", select="speculative"))

    assert (str(ended.output("s1")), seconds) == ("first", 4.0)
    assert second.cancelled == 1


def test_a_failing_first_expert_starts_the_next_one_at_once() -> None:
    first, second = one("first", ValueError("broken")), one("second", After(1.0, "second"))

    ended, seconds = run(herd_of(first, second), plan("first", "second", select="speculative"))

    assert (str(ended.output("s1")), seconds) == ("second", 1.0)


def test_what_is_late_is_measured() -> None:
    measured = Latencies()
    card = one("a", latency_s=100.0).card
    before = measured.late_after(card)
    for seconds in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10):
        measured.note("a@1", seconds)

    assert before == 300.0
    assert measured.late_after(card) == 9
    assert measured.usual(card) == 5


def test_the_budget_decides_how_many_are_called_at_once() -> None:
    experts = [one(name, name, cost_usd=0.2) for name in "abcd"]

    ended, _ = run(
        herd_of(*experts), plan("a", "b", "c", "d", select="dense"), budget=Budget(usd=0.5)
    )

    assert calls(*experts) == [1, 1, 0, 0]
    assert ended.status == "done"


def test_what_later_steps_need_is_left_to_them() -> None:
    experts = [one(name, name, cost_usd=0.2) for name in "abc"]
    last = one("last", "end", cost_usd=0.4)
    made = plan("a", "b", "c", select="dense").model_dump(mode="json")
    made["steps"].append({"id": "s2", "expert": "last", "inputs": {"text": {"step": "s1"}}})

    ended, _ = run(herd_of(*experts, last), Plan.parse(made), budget=Budget(usd=0.8))

    assert ended.status == "done"
    assert calls(*experts, last) == [1, 1, 0, 1]


def test_affordable_keeps_one_whatever_is_left() -> None:
    cards = [one(name, cost_usd=1.0, latency_s=5.0).card for name in "ab"]

    assert affordable(cards, usd=0.0, calls=0, seconds=0.1) == [0]
    assert affordable(cards, usd=2.0, calls=2, seconds=10.0) == [0, 1]


def test_a_result_that_fails_a_check_is_replaced_by_the_next_candidate() -> None:
    loud, calm = one("loud", "no!"), one("calm", "yes")

    ended, _ = run(herd_of(loud, calm), plan("loud", "calm"))

    assert str(ended.output("s1")) == "yes"
    assert ended.records["s1"].expert == "calm@1"


def test_a_doubt_alone_calls_nobody_else_by_default() -> None:
    unsure, calm = one("unsure", "hm?"), one("calm", "yes")

    ended, _ = run(herd_of(unsure, calm), plan("unsure", "calm"))

    assert str(ended.output("s1")) == "hm?"
    assert calls(unsure, calm) == [1, 0]


def test_a_dense_step_does_not_hear_who_failed_a_check_and_does_not_hide_it() -> None:
    experts = [one("a", "nineteen"), one("b", "ninety!"), one("c", "nineteen")]

    ended, _ = run(herd_of(*experts), plan("a", "b", "c", select="dense"))
    agreement = next(v for v in ended.records["s1"].verdicts if v.check == "agreement")

    assert str(ended.output("s1")) == "nineteen"
    assert agreement.level == "doubt"


def test_a_rule_of_the_herd_selects_where_the_plan_is_silent() -> None:
    cheap, dear = one("hear_small", "hm?", cost_usd=0.1), one("hear_large", "yes", cost_usd=0.9)
    herd = herd_of(cheap, dear, select={"hear_*": "cascade"})

    beside, _ = run(herd, plan("hear_large"))

    assert str(beside.output("s1")) == "yes"
    assert calls(cheap, dear) == [1, 1]


def test_a_rule_for_everybody_brings_nobody_in() -> None:
    first, other = one("first", "hm?"), one("other", "yes")

    ended, _ = run(herd_of(first, other, select="cascade"), plan("first"))

    assert str(ended.output("s1")) == "hm?"
    assert calls(first, other) == [1, 0]


def test_a_rule_sends_nothing_away_and_asks_nobody_twice() -> None:
    rules = Selection.parse({"tag": "dense"})
    step = plan("here").steps[0]
    here = one("here", tags=("tag",)).card
    away = one("away", tags=("tag",), locality="remote").card
    asks = one("asks", tags=("tag",), approve=True).card
    near = one("near", tags=("tag",)).card

    assert rules.beside(step, here, [here, away, asks, near]) == [near]


@pytest.mark.parametrize("text", ["magic", "until", "until(2)", "top_k(1)", "cascade(0)", "top_k"])
def test_a_rule_that_selects_nothing_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="Expected"):
        How.parse(text)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"select": "until"}, "names none"),
        ({"select": "dense", "score": 0.5}, "does not look at"),
        ({"select": "speculative", "fuse": "vote"}, "what is one result"),
        ({"select": "cascade", "k": 3}, "top_k"),
    ],
)
def test_a_plan_that_selects_nothing_has_a_problem(fields: dict[str, Any], told: str) -> None:
    herd = herd_of(one("a", "a"), one("b", "b"))

    with pytest.raises(PlanInvalid, match=told):
        herd.run(plan("a", "b", **fields))


def test_a_plan_says_how_it_selects() -> None:
    made = plan("a", "b", select="until(0.8)")

    assert str(made) == 's1: a(text="x") until(0.8) with b'
    assert Plan.parse(made.dump()) == made
    assert Plan.parse(made.public()).steps[0].fallbacks == ("b",)
    assert "until(0.8) with b" in made.to_svg()
    assert "with b" in made.to_mermaid()
    assert made.steps[0].spec_hash != plan("a", "b", select="until(0.9)").steps[0].spec_hash


def test_a_capability_has_several_candidates_too() -> None:
    experts = [one("say_a", "a?"), one("say_b", "b~1.0")]
    step = {
        "id": "s1",
        "capability": {"query": "follow the script", "gives": "text"},
        "select": "cascade",
        "inputs": {"text": {"value": "x"}},
    }

    ended, _ = run(herd_of(*experts), Plan.parse({"steps": [step]}))

    assert str(ended.output("s1")) == "b~1.0"


def said(level: Any, score: float) -> Verdict:
    return Verdict(check="c", level=level, score=1.0 if level == "pass" else score)


def gave(expert: str, ref: ArtifactRef, verdicts: list[Verdict]) -> Tried:
    return Tried(expert=f"{expert}@1", outputs={"result": ref}, verdicts=tuple(verdicts))


def results(store: MemoryStore) -> st.SearchStrategy[list[Tried]]:
    verdicts = st.builds(said, st.sampled_from(["pass", "doubt", "fail"]), st.floats(0, 0.9))
    texts = st.sampled_from([Text(each).put(store) for each in ("one", "two", "three")])
    names = st.text("abcdef", min_size=1, max_size=2)
    tried = st.builds(gave, names, texts, st.lists(verdicts, max_size=2))
    return st.lists(tried, min_size=1, max_size=4, unique_by=lambda each: each.expert)


STORE = MemoryStore()


@given(good=results(STORE), at=st.integers(0, 3))
def test_one_more_failing_check_never_makes_a_fused_result_look_surer(
    good: list[Tried], at: int
) -> None:
    place = at % len(good)
    failed = Verdict(check="more", level="fail", score=0.0, reason="no")
    worse = [
        each
        if number != place
        else Tried(expert=each.expert, outputs=each.outputs, verdicts=(*each.verdicts, failed))
        for number, each in enumerate(good)
    ]
    how = How(select="dense")

    before = settle(good, how, store=STORE).verdict
    after = settle(worse, how, store=STORE).verdict

    if all(v.level == "pass" for each in good for v in each.verdicts):
        assert after.score <= before.score
    assert settle(good[:1], how, store=STORE).outputs == dict(good[0].outputs)


@given(good=results(STORE), select=st.sampled_from(["top_1", "cascade", "until", "dense"]))
def test_what_stands_was_given_by_somebody_and_no_better_one_was_passed_over(
    good: list[Tried], select: str
) -> None:
    how = How.parse("until(0.8)" if select == "until" else select)

    settled = settle(good, how, store=STORE)

    assert settled.outputs in [dict(each.outputs) for each in good]
    if select != "dense" and any(each.verdict.level != "fail" for each in good):
        assert settled.verdict.level != "fail"


@given(scores=st.lists(st.floats(0, 1), min_size=1, max_size=6), least=st.floats(0.1, 1))
def test_until_calls_nobody_after_one_that_will_do(scores: list[float], least: float) -> None:
    ref = Text("x").put(STORE)
    made: list[int] = []

    async def attempt(number: int) -> Tried:
        made.append(number)
        verdict = Verdict(check="c", level="doubt", score=scores[number])
        return Tried(expert=str(number), outputs={"result": ref}, verdicts=(verdict,))

    how = How(select="until", score=least)
    called = asyncio.run(in_turn(range(len(scores)), attempt, how))
    expected = next((n for n, each in enumerate(scores) if each >= least), len(scores) - 1)

    assert made == list(range(expected + 1))
    assert all(not enough(each, how) for each in called.good[:-1])


def test_all_that_fail_are_named() -> None:
    herd = herd_of(one("a", ValueError("one")), one("b", KeyError("two")))

    ended, _ = run(herd, plan("a", "b", select="until(0.5)"))

    assert ended.status == "failed"
    assert "one" in ended.records["s1"].error
    assert "two" in ended.records["s1"].error


def test_a_herd_toml_says_how_to_select(tmp_path: Path) -> None:
    path = tmp_path / "herd.toml"
    path.write_text('[herd]\nselect = { "hear_*" = "until(0.8)", ocr = "dense" }\n')
    said = read(path)
    assert said is not None

    rules = Selection.parse(said.arguments()["select"]).rules

    assert rules == {"hear_*": How(select="until", score=0.8), "ocr": How(select="dense")}
