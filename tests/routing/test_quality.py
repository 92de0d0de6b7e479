"""A quality router learns who is best at what, lets newcomers in, and survives the disk."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from routing_worlds import EMBEDDER, EXPERTS, matrix, truth, vectors

from herd_graph import Herd, Text, expert
from herd_graph.discovery import CapabilityIndex
from herd_graph.errors import ConfigError
from herd_graph.plans import Plan
from herd_graph.routing.matrices import Matrix
from herd_graph.routing.quality.model import QualityModel
from herd_graph.routing.quality.router import QualityRouter
from herd_graph.routing.quality.training import train
from herd_graph.testing import FakeRouter


@pytest.fixture(scope="module")
def model() -> QualityModel:
    made = matrix()
    return train(made, vectors(made), embedder=EMBEDDER.name, trees=60)


def reached(model: QualityModel, test: Matrix) -> float:
    chance = truth(list(test.tasks))
    rows = vectors(test)
    picks = [
        int(model.judge(prompt, row).quality[:3].argmax())
        for prompt, row in zip(test.prompts, rows, strict=True)
    ]
    return float(chance[np.arange(len(picks)), picks].mean())


def test_it_sends_unseen_requests_to_the_specialist(model: QualityModel) -> None:
    assert reached(model, matrix(100, seed=7)) > 0.9  # the best single expert reaches 0.6


def test_what_it_expects_is_what_comes(model: QualityModel) -> None:
    test = matrix(150, seed=8)
    rows = vectors(test)
    expected = np.stack(
        [model.judge(p, v).quality for p, v in zip(test.prompts, rows, strict=True)]
    )

    assert np.abs(expected - truth(list(test.tasks))).mean() < 0.12


def test_a_loaded_model_answers_bit_for_bit_as_the_saved_one(
    model: QualityModel, tmp_path: Path
) -> None:
    model.save(tmp_path / "router")
    back = QualityModel.load(tmp_path / "router", EMBEDDER)

    for prompt in ("soup and bread?", "raise the anchor", ""):
        vector = EMBEDDER.embed([prompt])[0]
        np.testing.assert_array_equal(
            back.judge(prompt, vector).quality, model.judge(prompt, vector).quality
        )
    assert {each.name for each in (tmp_path / "router").iterdir()} == {
        "router.json",
        "router.safetensors",
    }


@pytest.mark.parametrize("damage", ["json", "tensors", "form", "gone"])
def test_a_damaged_folder_is_an_error_of_ours(
    model: QualityModel, tmp_path: Path, damage: str
) -> None:
    model.save(tmp_path)
    settings = tmp_path / "router.json"
    if damage == "json":
        settings.write_text("{")
    elif damage == "tensors":
        (tmp_path / "router.safetensors").write_bytes(b"nothing")
    elif damage == "form":
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "form": 99}))
    else:
        settings.unlink()

    with pytest.raises(ConfigError, match=r"quality router|is of kind"):
        QualityModel.load(tmp_path)


def test_another_embedder_is_refused(model: QualityModel, tmp_path: Path) -> None:
    from herd_graph.discovery.embedders import HashEmbedder

    model.save(tmp_path)

    with pytest.raises(ConfigError, match="trained on vectors of 'hash-64'"):
        QualityModel.load(tmp_path, HashEmbedder(32))


def test_a_newcomer_joins_with_scored_anchors_and_changes_nobody_else(model: QualityModel) -> None:
    anchors = matrix(80, seed=11)
    chef = replace(anchors, experts=("chef", *EXPERTS[1:]))  # as good as the cook

    joined = model.join("chef", chef, vectors(chef))

    soup, sea = "soup with onion and butter", "sail with the tide to the harbour"
    before = model.quality_of(soup, EMBEDDER.embed([soup])[0])
    after = joined.quality_of(soup, EMBEDDER.embed([soup])[0])
    assert {name: after[name] for name in EXPERTS} == before
    assert after["chef"] > 0.75
    assert joined.quality_of(sea, EMBEDDER.embed([sea])[0])["chef"] < 0.4
    assert joined.leave("chef").names == model.names


def test_a_newcomer_is_told_of_with_its_uncertainty(model: QualityModel) -> None:
    many, few = matrix(100, seed=12), matrix(12, seed=12)
    spread = [
        next(
            e.spread
            for e in model.join(
                "chef", replace(m, experts=("chef", *EXPERTS[1:])), vectors(m)
            ).estimates("soup", EMBEDDER.embed(["soup"])[0])
            if e.expert == "chef"
        )
        for m in (few, many)
    ]

    assert spread[0] > spread[1] > 0


def test_too_few_anchors_and_a_taken_name_are_refused(model: QualityModel) -> None:
    few = matrix(9, seed=3)

    with pytest.raises(ConfigError, match="9 scored requests"):
        model.join("chef", replace(few, experts=("chef", *EXPERTS[1:])), vectors(few))
    with pytest.raises(ConfigError, match="in this quality router already"):
        model.join("cook", few, vectors(few))


def test_requests_unlike_any_that_were_scored_fall_back_to_the_means(model: QualityModel) -> None:
    judged = model.judge("xyzzy", -model.vectors[0])

    assert judged.strange > 0.9
    np.testing.assert_allclose(judged.quality, model.mean, atol=0.1)


def test_gaps_in_a_matrix_are_no_obstacle() -> None:
    made = matrix(120)
    made.quality[::3, 0] = np.nan

    holey = train(made, vectors(made), embedder=EMBEDDER.name, trees=40)

    assert reached(holey, matrix(60, seed=5)) > 0.85


def test_too_small_a_matrix_says_how_many_are_needed() -> None:
    made = matrix(12)

    with pytest.raises(ConfigError, match=r"12 requests\. Expected at least 40"):
        train(made, vectors(made), embedder=EMBEDDER.name)


def test_many_experts_are_learnt_through_a_few_directions() -> None:
    base = matrix(120)
    draw = np.random.default_rng(0)
    mixed = draw.dirichlet(np.ones(3) * 0.2, 200).T.astype(np.float32)
    many = Matrix(
        name="many",
        experts=tuple(f"e{k}" for k in range(200)),
        prompts=base.prompts,
        tasks=base.tasks,
        splits=base.splits,
        quality=base.quality @ mixed,
        cost=base.cost @ mixed,
    )

    made = train(many, vectors(base), embedder=EMBEDDER.name, trees=40)

    assert made.forest.values.shape[1] <= 24
    soup = made.judge("soup onion butter bread", EMBEDDER.embed(["soup onion butter bread"])[0])
    assert int(soup.quality.argmax()) == int(mixed[0].argmax()) or soup.quality.max() > 0.8
    started = time.process_time()
    for _ in range(20):
        made.judge("soup", EMBEDDER.embed(["soup"])[0])
    assert (time.process_time() - started) / 20 < 0.05  # far above the goal


@expert(name="cook")
def cook(text: str) -> Text:
    """Answer a question about food."""
    return Text(f"cook: {text}")


@expert(name="sailor")
def sailor(question: str) -> Text:
    """Answer a question about the sea."""
    return Text(f"sailor: {question}")


@expert(name="clerk")
def clerk(text: str) -> Text:
    """Answer any question."""
    return Text(f"clerk: {text}")


def herd_with(model: QualityModel, **settings: object) -> Herd:
    plan = {"steps": [{"id": "s1", "expert": "clerk", "inputs": {"text": {"input": "a1"}}}]}
    router = QualityRouter(model=model, inner=FakeRouter(Plan.parse(plan)), **settings)  # pyright: ignore[reportArgumentType]
    index = CapabilityIndex.in_memory(EMBEDDER)
    return Herd(cook, sailor, clerk, router=router, index=index, checkpoints="memory")


def test_in_a_plan_the_specialist_takes_the_step_ports_and_all(model: QualityModel) -> None:
    with herd_with(model) as herd:
        run = herd.run("answer", Text("harbour sail anchor tide rope"))

        step = run.plan.steps[0]
        assert (step.expert, list(step.inputs)) == ("sailor@1", ["question"])
        assert str(run.output("s1")) == "sailor: harbour sail anchor tide rope"
        assert run.trace is not None
        assert run.trace.router.startswith("quality > ")
        losers = {c.expert: c.reason for c in run.trace.clauses[-1].candidates if not c.chosen}
        assert set(losers) == {"cook@1", "clerk@1"}


def test_runners_up_whose_ports_fit_become_fallbacks(model: QualityModel) -> None:
    with herd_with(model) as herd:
        plan = herd.plan("answer", Text("soup bread onion oven")).plan

    assert plan.steps[0].expert == "cook@1"
    assert plan.steps[0].fallbacks == ("clerk@1",)  # the sailor's port has another name


def test_a_forbidden_specialist_is_not_taken(model: QualityModel) -> None:
    with herd_with(model, bounds={"forbidden": ["sailor"]}) as herd:
        route = herd.plan("answer", Text("harbour sail anchor tide rope"))

    assert route.plan.steps[0].expert == "clerk@1"
    banned = next(c for c in route.trace.clauses[-1].candidates if c.expert == "sailor@1")
    assert not banned.eligible


def test_a_herd_with_other_vectors_is_told_to_train_anew(model: QualityModel) -> None:
    from herd_graph.discovery.embedders import HashEmbedder

    router = QualityRouter(model=model, inner=FakeRouter(Plan()))
    index = CapabilityIndex.in_memory(HashEmbedder(32))
    with (
        Herd(cook, router=router, index=index, checkpoints="memory") as herd,
        pytest.raises(ConfigError, match="Train it anew"),
    ):
        herd.plan("soup")
