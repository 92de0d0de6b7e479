"""Feedback teaches; what changed is noticed; logs say what another policy would have earned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph import Herd, Text, expert
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.errors import ConfigError
from herd_graph.plans import Plan
from herd_graph.routing.bandit import Bandit, BanditRouter, default_state
from herd_graph.routing.feedback import Feedback, give, of, parse_score, score_of, teach
from herd_graph.routing.offpolicy import Logged, best_fixed, logged, value_of
from herd_graph.testing import FakeRouter

CONTEXT = np.array([0.5, 1.0])
NAMES = ["good", "bad"]


def play(bandit: Bandit, chance: dict[str, float], rounds: int, seed: int = 0) -> float:
    draw = np.random.default_rng(seed)
    got = 0.0
    for _ in range(rounds):
        name, _ = bandit.choose(CONTEXT, NAMES)
        reward = float(draw.random() < chance[name])
        bandit.learn(name, CONTEXT, reward)
        got += reward
    return got / rounds


@pytest.mark.parametrize("method", ["thompson", "linucb"])
def test_it_learns_who_is_better(method: str) -> None:
    bandit = Bandit(dimensions=2, method=method)  # pyright: ignore[reportArgumentType]
    for name in NAMES:
        bandit.add(name, np.array([1.0, 0.0]))

    play(bandit, {"good": 0.9, "bad": 0.3}, 300)

    assert play(bandit, {"good": 0.9, "bad": 0.3}, 200, seed=1) > 0.8


def test_after_a_drift_it_turns_to_the_other_one_soon() -> None:
    bandit = Bandit(dimensions=2)
    play(bandit, {"good": 0.9, "bad": 0.6}, 400)

    play(bandit, {"good": 0.1, "bad": 0.6}, 100, seed=1)

    assert bandit.arms["good"].drifts >= 1
    assert play(bandit, {"good": 0.1, "bad": 0.6}, 200, seed=2) > 0.5


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0, 2)), min_size=1, max_size=30))
def test_propensities_are_a_distribution_in_which_nobody_has_nothing(
    expected: list[tuple[float, float]],
) -> None:
    for method in ("thompson", "linucb"):
        chances = Bandit(dimensions=2, method=method).propensities(expected)

        assert float(chances.sum()) == pytest.approx(1)
        assert float(chances.min()) > 0


def test_a_restored_bandit_goes_on_where_it_was() -> None:
    bandit = Bandit(dimensions=2)
    play(bandit, {"good": 0.9, "bad": 0.3}, 50)

    back = Bandit.restore(json.loads(json.dumps(bandit.state())))

    assert back.expect(CONTEXT, NAMES) == bandit.expect(CONTEXT, NAMES)
    with pytest.raises(ConfigError, match="Delete the file"):
        Bandit.restore({"dimensions": 2})


def log(count: int = 4000) -> list[Logged]:
    """A logging policy that prefers the worse expert; rewards are 0.8 and 0.3 in the mean."""
    draw = np.random.default_rng(0)
    made: list[Logged] = []
    for _ in range(count):
        name, chance = ("good", 0.2) if draw.random() < 0.2 else ("bad", 0.8)
        reward = float(draw.random() < (0.8 if name == "good" else 0.3))
        made.append(Logged(action=name, propensity=chance, reward=reward, choices=("good", "bad")))
    return made


def test_off_policy_values_are_those_of_the_policy_and_not_of_the_log() -> None:
    value = value_of(log(), lambda _: {"good": 1.0})

    for each in (value.ips, value.snips, value.doubly_robust):
        assert each == pytest.approx(0.8, abs=0.06)
    assert value.error < 0.05
    best, worth = best_fixed(log())
    assert best == "good"
    assert worth.doubly_robust > 0.7


def test_doubly_robust_is_right_with_a_wrong_reward_model() -> None:
    value = value_of(log(), lambda _: {"good": 1.0}, lambda _, __: 0.1)

    assert value.doubly_robust == pytest.approx(0.8, abs=0.08)


def test_a_log_without_propensities_is_refused() -> None:
    with pytest.raises(ConfigError, match="propensity above 0"):
        value_of([Logged(action="a", propensity=0, reward=1)], lambda _: {"a": 1.0})


@pytest.mark.parametrize(
    ("text", "score"), [("good", 1), ("bad", 0), ("0.7", 0.7), ("70%", 0.7), ("+1", 1), ("-1", 0)]
)
def test_scores_are_read(text: str, score: float) -> None:
    assert parse_score(text) == pytest.approx(score)


@pytest.mark.parametrize("text", ["", "2", "-3", "fine", "nan", "101%"])
def test_what_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no score"):
        parse_score(text)


@expert
def small(text: str) -> Text:
    """Answer."""
    return Text(f"small: {text}")


@expert
def large(text: str) -> Text:
    """Answer at length."""
    return Text(f"large: {text}")


def test_feedback_on_runs_turns_the_choice_and_the_log_is_valued(tmp_path: Path) -> None:
    plan = Plan.parse(
        {"steps": [{"id": "s1", "expert": "small@1", "inputs": {"text": {"value": "hello there"}}}]}
    )
    router = BanditRouter(inner=FakeRouter(plan), experts=["small", "large"], explore=0.4)
    index = CapabilityIndex.in_memory(HashEmbedder(32))
    entries: list[Logged] = []
    taken: list[str] = []
    with Herd(small, large, router=router, index=index, checkpoints="memory") as herd:
        for _ in range(60):
            run = herd.run("hello there")
            name = str(run.plan.steps[0].expert)
            score = 1.0 if name == "large@1" else 0.0
            said = Feedback(score=score, step="s1")
            give(herd.runs, run.id, said)
            assert run.trace is not None
            assert teach(run.trace, said) != []
            found = logged(run.trace, score)
            assert found is not None
            entries.append(found)
            taken.append(name)
            assert score_of(herd.runs.get(run.id), "s1") == score
            assert of(herd.runs.get(run.id)) == (said,)

    assert taken[-20:].count("large@1") >= 16
    assert default_state().exists()
    assert best_fixed(entries)[0] == "large@1"


def test_a_bandit_without_experts_says_what_it_needs() -> None:
    with pytest.raises(ConfigError, match="made without experts"):
        BanditRouter()
