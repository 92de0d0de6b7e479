"""What is learnt from requests with their plans, on a small office of our own."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_office import THINGS, TOOLS, requests

from herd_graph.discovery.embedders import MiniLM
from herd_graph.errors import ConfigError, ModelCorrupt, ModelMissing
from herd_graph.routing.learned import order, sets
from herd_graph.routing.learned.forests import grow
from herd_graph.routing.learned.model import Guess, PlanModel
from herd_graph.routing.learned.reading import read
from herd_graph.routing.learned.saving import ARRAYS, FACTS, load, save
from herd_graph.routing.learned.training import train
from herd_graph.routing.learned.words import Rows, spans, terms
from herd_graph.routing.taskbench import Sample, Tool

EMBEDDER = MiniLM()


@pytest.fixture(scope="module")
def model() -> PlanModel:
    return train(requests(150), TOOLS, EMBEDDER, fingerprint="f")


def guess(model: PlanModel, text: str, tools: tuple[Tool, ...] = TOOLS) -> Guess:
    return model.guess(read(text, EMBEDDER), model.crew(tools, EMBEDDER))


def test_unseen_requests_get_their_tools_in_order(model: PlanModel) -> None:
    crew = model.crew(TOOLS, EMBEDDER)
    asked = requests(60, seed=9)

    got = [model.guess(read(each.request, EMBEDDER), crew) for each in asked]

    right = [set(g.tools) == set(each.tools) for g, each in zip(got, asked, strict=True)]
    ordered = [g.tools == each.tools for g, each in zip(got, asked, strict=True)]
    assert np.mean(right) >= 0.9
    assert np.mean(ordered) >= 0.85
    chains = [g.links == tuple(zip(g.tools, g.tools[1:], strict=False)) for g in got]
    assert all(chains)


def test_a_guess_says_how_sure_it_is(model: PlanModel) -> None:
    sure = guess(model, "cancel my train ticket")
    lost = guess(model, "what is the airspeed of an unladen swallow")

    assert sure.tools == ("train_ticket_cancel",)
    assert sure.probability > 0.8
    assert lost.tools == ()
    assert lost.nothing > sure.nothing
    assert sure.nearest > lost.nearest
    assert sure.scored[0].tool == "train_ticket_cancel"
    assert all(0 <= each.probability <= 1 for each in (*sure.scored, *lost.scored))


def test_a_tool_that_came_after_training_is_chosen_by_its_card() -> None:
    unseen = "hotel_room_cancel"
    known = [each for each in requests(180) if unseen not in each.tools]
    model = train(known, tuple(t for t in TOOLS if t.name != unseen), EMBEDDER)

    before = guess(model, "cancel my hotel room", tuple(t for t in TOOLS if t.name != unseen))
    after = guess(model, "cancel my hotel room")

    assert unseen not in before.tools
    new = next(each for each in after.scored if each.tool == unseen)
    assert not new.known
    assert unseen in after.tools

    # Had it been there when the model was trained, that nobody used it would speak against it.
    idle = guess(train(known, TOOLS, EMBEDDER), "cancel my hotel room")
    unused = next(each for each in idle.scored if each.tool == unseen)
    assert not unused.known
    assert unused.probability < new.probability


def test_new_tools_are_chosen_beside_known_ones_and_only_where_they_are_asked_for() -> None:
    new = {"car_cancel", "meeting_change"}
    known = tuple(each for each in TOOLS if each.name not in new)
    idle = Tool(name="wall_paint", description="Paint a wall", tags=("wall",))
    model = train([each for each in requests(300) if not new & set(each.tools)], known, EMBEDDER)
    crew = model.crew((*TOOLS, idle), EMBEDDER)
    asked = requests(120, seed=21)

    got = [set(model.guess(read(each.request, EMBEDDER), crew).tools) for each in asked]

    pairs = [(tool, tool in g) for g, each in zip(got, asked, strict=True) for tool in each.tools]
    unseen = np.mean([found for tool, found in pairs if tool in new])
    seen = np.mean([found for tool, found in pairs if tool not in new])
    assert unseen >= 0.6 * seen
    assert seen >= 0.9
    assert not any(idle.name in each for each in got)


def test_a_set_is_not_blamed_for_a_tool_that_no_plan_can_have_held() -> None:
    likely, apart = np.array([0.6, 0.6], np.float32), np.zeros((2, 2), np.float32)
    seen = {frozenset({0}): 3}

    known = sets.options([0, 1], likely, apart, seen, [0, 1])
    new = sets.options([0, 1], likely, apart, seen, [0, -1])

    def often(given: sets.Options, held: set[int]) -> tuple[float, ...]:
        row = next(k for k, each in enumerate(given.sets) if set(each) == held)
        return tuple(round(float(each), 4) for each in given.features[row, 4:6])

    assert often(known, {1}) == (0, 0)
    assert often(new, {1}) == sets.NEW_SEEN
    assert often(new, {0, 1}) == sets.NEW_SEEN
    assert often(new, {0}) == often(known, {0}) == (1.3863, 1)


def test_a_tool_that_is_gone_is_not_chosen(model: PlanModel) -> None:
    left = tuple(each for each in TOOLS if each.name != "alarm_cancel")

    assert "alarm_cancel" in guess(model, "cancel my alarm clock").tools
    assert "alarm_cancel" not in guess(model, "cancel my alarm clock", left).tools


def test_requests_that_want_nothing_teach_to_abstain() -> None:
    idle = [
        Sample(id=f"n{k}", request=text, tools=())
        for k, text in enumerate(
            f"{verb} {what}"
            for verb in ("paint", "sing", "cook", "knit", "juggle")
            for what in ("a sunset", "an opera", "a soup", "some socks", "three balls", "a poem")
        )
    ]
    model = train([*requests(90), *idle], TOOLS, EMBEDDER)

    assert guess(model, "knit an opera").tools == ()
    assert guess(model, "knit an opera").nothing > 0.5
    assert guess(model, "book a rental car").tools == ("car_book",)


def test_a_saved_model_guesses_the_same(model: PlanModel, tmp_path: Path) -> None:
    again = load(save(model, tmp_path / "router"))

    assert again.fingerprint == "f"
    for each in requests(15, seed=4):
        assert guess(again, each.request) == guess(model, each.request)
    assert sorted(each.name for each in (tmp_path / "router").iterdir()) == [FACTS, ARRAYS]


def test_damage_to_a_saved_model_is_noticed(model: PlanModel, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no trained router"):
        load(tmp_path)
    save(model, tmp_path)
    facts = json.loads((tmp_path / FACTS).read_text())

    (tmp_path / FACTS).write_text(json.dumps({**facts, "format": 99}))
    with pytest.raises(ModelCorrupt, match="another version"):
        load(tmp_path)
    (tmp_path / FACTS).write_text(json.dumps(facts))
    (tmp_path / ARRAYS).write_bytes((tmp_path / ARRAYS).read_bytes()[:-4])
    with pytest.raises(ModelCorrupt, match="is not the file"):
        load(tmp_path)
    (tmp_path / FACTS).write_text("{")
    with pytest.raises(ModelCorrupt, match="is not JSON"):
        load(tmp_path)


def test_too_little_to_learn_from_is_refused() -> None:
    with pytest.raises(ConfigError, match="Expected at least 20 requests"):
        train(requests(12), TOOLS, EMBEDDER)
    strangers = [Sample(id=str(k), request="do it", tools=("other",)) for k in range(40)]
    with pytest.raises(ConfigError, match="with 0 of"):
        train(strangers, TOOLS, EMBEDDER)


@pytest.mark.parametrize(
    "text", ["", " ", "?!", "\x00", "a" * 1_000_000, "取消我的火车票", ", and " * 900]
)
def test_odd_requests_are_guessed_without_a_fuss(model: PlanModel, text: str) -> None:
    made = guess(model, text)

    assert len(made.tools) <= sets.MOST_TOOLS
    assert set(made.tools) <= {each.name for each in TOOLS}


def test_a_forest_learns_what_no_line_can_part() -> None:
    drawn = np.random.default_rng(0).normal(size=(2000, 4)).astype(np.float32)
    answers = (drawn[:, 0] * drawn[:, 1] > 0).astype(np.float32)

    forest = grow(drawn[:1500], answers[:1500])

    got = forest.probability(drawn[1500:])
    assert np.mean((got > 0.5) == answers[1500:]) > 0.93


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=9))
def test_the_odds_of_sets_follow_the_odds_of_tools(likely: list[float]) -> None:
    count = len(likely)
    given_sets = sets.options(
        list(range(count)),
        np.array(likely, dtype=np.float32),
        np.zeros((count, count), dtype=np.float32),
        {},
        list(range(count)),
    )
    weights = np.zeros(len(sets.SET_FEATURES), dtype=np.float32)
    weights[0] = 1.0

    choice = sets.choose(given_sets, weights)

    assert () in given_sets.sets
    assert 0 <= choice.probability <= 1
    assert 0 <= choice.expected <= 1 + 1e-6
    # Of two tools, the likelier one is never left out for the other.
    chosen = [likely[k] for k in choice.tools]
    left = [p for k, p in enumerate(likely) if k not in choice.tools]
    assert not chosen or not left or min(chosen) >= max(left) - 1e-6


@given(st.permutations(range(4)))
def test_order_does_not_depend_on_how_tools_are_listed(listed: list[int]) -> None:
    past = order.Past.of([[0, 1, 2, 3]] * 5, [[(0, 1), (1, 2), (2, 3)]] * 5, 4)
    weights = np.zeros(len(order.PAIR_FEATURES), dtype=np.float32)
    weights[0] = 1.0
    said = np.zeros((2, 4), dtype=np.float32)
    made = order.Order(past=past, weights=weights, scale=np.ones_like(weights))

    assert made.arrange(listed, listed, np.ones(5, dtype=np.float32), said) == [0, 1, 2, 3]
    assert past.chains == 1.0


@given(st.text(max_size=300))
def test_clauses_lie_within_the_text_in_order(text: str) -> None:
    found = spans(text)

    assert found
    assert all(0 <= start <= end <= len(text) for start, end in found)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(found))


def test_equal_words_are_as_near_as_can_be() -> None:
    texts = [f"{verb} the {noun}" for verb in DEEDS_SAID for noun in THINGS.values()]
    rows = Rows.of([terms(each) for each in texts])

    near = np.stack([rows.near(terms(each)) for each in texts])

    assert np.allclose(np.diag(near), 1.0, atol=1e-4)
    assert (near.argmax(axis=1) == np.arange(len(texts))).all()
    assert rows.near(terms("")).max() == 0.0


DEEDS_SAID = ("book", "cancel", "change")
