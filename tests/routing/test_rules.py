"""Rules hold whatever the inner router says."""

from __future__ import annotations

from typing import Any

import pytest

from herd_graph import Herd, Text, expert
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.errors import ConfigError
from herd_graph.plans import Plan
from herd_graph.routing.rules import Rule, RuleRouter, When, read_rules
from herd_graph.testing import FakeRouter


@expert(examples=["shout this"])
def shout(text: str) -> Text:
    """Write a text in capital letters."""
    return Text(text.upper())


@expert(name="shout", version="2", examples=["shout this"])
def shout_louder(text: str) -> Text:
    """Write a text in capital letters, with exclamation marks."""
    return Text(text.upper() + "!!!")


@expert(examples=["whisper this"])
def whisper(text: str) -> Text:
    """Write a text in small letters."""
    return Text(text.lower())


PLAN = Plan.parse(
    {"steps": [{"id": "s1", "expert": "shout@1", "inputs": {"text": {"value": "Hi"}}}]}
)


def herd(*rules: Any, inner: Any = None) -> Herd:
    router = RuleRouter(inner or FakeRouter(PLAN), rules=rules)
    index = CapabilityIndex.in_memory(HashEmbedder(64))
    return Herd(shout, shout_louder, whisper, router=router, index=index, checkpoints="memory")


def test_without_a_rule_that_holds_the_inner_router_decides() -> None:
    with herd({"when": {"says": "invoice"}, "expert": "whisper"}) as given:
        assert given.plan("anything").plan.steps[0].expert == "shout@1"


def test_a_rule_answers_without_asking_the_inner_router() -> None:
    inner = FakeRouter(PLAN)
    with herd({"when": {"says": "hush|quiet"}, "expert": "whisper"}, inner=inner) as given:
        run = given.run("please be QUIET", Text("LOUD"))

    assert str(run.output("s1")) == "loud"
    assert inner.tasks == []


def test_a_pinned_version_is_called_wherever_the_plan_names_the_expert() -> None:
    with herd(Rule(pin={"shout": "shout@2"})) as given:
        run = given.run("shout Hi")

    assert str(run.output("s1")) == "HI!!!"
    assert run.trace is not None
    assert any("pinned to shout@2" in note for note in run.trace.notes)


def test_a_forbidden_expert_is_never_seen_and_why_says_so() -> None:
    rule = {"forbid": ["shout*"], "reason": "quiet hours"}
    with herd(rule, inner="semantic") as given:
        route = given.plan("shout this: hello")

    assert all("shout" not in str(step.expert) for step in route.plan.steps)
    banned = {c.expert: c.reason for c in route.trace.clauses[-1].candidates}
    assert set(banned) == {"shout@1", "shout@2"}
    assert "quiet hours" in banned["shout@1"]
    assert len(given.engine.index) in {0, 3}  # the herd's own index has lost nobody


def test_a_rule_that_sends_to_what_another_forbids_is_an_abstention() -> None:
    rules = ({"expert": "whisper"}, {"forbid": ["whisper"]})
    with herd(*rules) as given:
        plan = given.plan("anything").plan

    assert plan.abstained
    assert "another forbids it" in plan.reason


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({}, "Rule 1 cannot be read: .*needs 'expert'"),
        ({"when": {"says": "("}, "expert": "x"}, "no regular expression"),
        ({"when": {"colour": 1}, "expert": "x"}, "when.colour"),
        ({"experts": "x"}, "experts"),
    ],
)
def test_a_bad_rule_is_named_by_its_number(rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read_rules([rule])


def test_a_rule_for_nobody_says_who_there_is() -> None:
    with (
        herd({"expert": "whisperer"}) as given,
        pytest.raises(ConfigError, match="Did you mean 'whisper'"),
    ):
        given.plan("anything")


def test_conditions_hold_together() -> None:
    from herd_graph.tasks import Task

    when = When(says="hi", longer=5)

    assert when.holds(Task(text="oh, hi there"))
    assert not when.holds(Task(text="hi"))
    assert not When(attached=1).holds(Task(text="hi"))
