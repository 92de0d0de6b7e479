"""``herd bench routing`` tells a router that knows from one that does not, beside fair baselines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_worlds import EMBEDDER, matrix

from herd_graph.bench import routing_scores as score
from herd_graph.bench.routing import fold_of, run
from herd_graph.errors import ConfigError
from herd_graph.routing.matrices import Matrix
from herd_graph.routing.surface import NAMES, surface


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("matrix") / "world.csv.gz"
    matrix(180).save(path)
    return path


def test_the_quality_router_beats_the_best_single_expert_and_the_shuffle(file: Path) -> None:
    report = run(file, folds=2, only=["quality router"], curves=False, embedder=EMBEDDER)

    rows = {row.router: row for row in report.rows}
    routed, single = rows["quality router"], rows["best single"]
    assert routed.gain is not None
    assert routed.gain.low > 0.1
    assert routed.shuffle is not None
    assert routed.quality > routed.shuffle + 0.2
    assert single.quality < routed.quality <= rows["oracle"].quality
    assert rows["random"].quality < single.quality
    assert routed.saved["100%"] is not None
    assert routed.saved["100%"] > 0.5  # the specialists are ten times cheaper than the clerk
    assert routed.brier is not None
    assert routed.brier < 0.2
    assert json.loads(json.dumps(report.to_json()))["prompts"] == 180
    assert "quality router" in "\n".join(report.lines())


def test_a_split_is_measured_by_what_the_others_teach(tmp_path: Path) -> None:
    world = matrix(240)
    held = replace(world, splits=tuple("test" if k % 2 else "train" for k in range(240)))
    held.save(tmp_path / "world.csv")

    report = run(
        tmp_path / "world.csv", test_split="test", only=["quality router"], embedder=EMBEDDER
    )

    assert report.prompts == 120
    assert report.newcomers == ()
    rows = {row.router: row for row in report.rows}
    assert rows["quality router"].gain is not None
    assert rows["quality router"].gain.low > 0.1
    with pytest.raises(ConfigError, match="splits are: test, train"):
        run(tmp_path / "world.csv", test_split="unseen", embedder=EMBEDDER)


def test_a_router_is_told_what_the_artifacts_look_like(tmp_path: Path) -> None:
    """Prompts say nothing here; only a feature of the artifact tells who is good."""
    draw = np.random.default_rng(0)
    loud = draw.random(160) < 0.5
    scored = np.stack([loud * 0.9 + 0.05, ~loud * 0.9 + 0.05], axis=1).astype(np.float32)
    told = Matrix(
        name="clips",
        experts=("a", "b"),
        prompts=tuple(f"{each:032x}" for each in draw.integers(1 << 62, size=160)),
        tasks=("clip",) * 160,
        splits=("",) * 160,
        quality=scored,
        cost=np.ones_like(scored),
        features=(loud[:, None] + draw.normal(0, 0.1, (160, 1))).astype(np.float32),
        feature_names=("audio.loudness",),
    )
    told.save(tmp_path / "clips.csv")

    report = run(tmp_path / "clips.csv", folds=2, only=["quality"], curves=False, embedder=EMBEDDER)

    gains = {row.router: row.gain for row in report.rows}
    for name in ("ExtraTrees", "quality router"):
        gain = gains[name]
        assert gain is not None
        assert gain.low > 0.3, name


def test_too_few_prompts_are_refused(tmp_path: Path) -> None:
    matrix(50).save(tmp_path / "small.csv")

    with pytest.raises(ConfigError, match="50 complete prompts"):
        run(tmp_path / "small.csv", embedder=EMBEDDER)


def test_equal_prompts_fall_into_one_fold_in_any_order() -> None:
    prompts = [f"p{k}" for k in range(50)]

    there = dict(zip(prompts, fold_of(prompts, 5), strict=True))
    back = dict(zip(prompts[::-1], fold_of(prompts[::-1], 5), strict=True))

    assert there == back
    assert set(there.values()) == {0, 1, 2, 3, 4}


def test_aiq_of_a_straight_line_is_its_middle() -> None:
    points = np.array([[1.0, 0.2], [3.0, 0.8]])

    assert score.aiq(points, 1.0, 3.0) == pytest.approx(0.5)
    assert score.aiq(np.vstack([points, [[2.0, 0.1]]]), 1.0, 3.0) == pytest.approx(0.5)
    assert score.aiq(np.array([[1.0, 0.8]]), 1.0, 3.0) == pytest.approx(0.8)


def test_savings_are_of_the_cheapest_point_that_is_good_enough() -> None:
    points = np.array([[1.0, 0.90], [4.0, 0.99], [9.0, 1.0]])

    assert score.saved(points, (10.0, 1.0), 1.0) == pytest.approx(0.1)
    assert score.saved(points, (10.0, 1.0), 0.99) == pytest.approx(0.6)
    assert score.saved(points, (10.0, 1.1), 1.0) is None


def test_calibration_is_the_gap_between_what_is_said_and_what_comes() -> None:
    said = np.full(10, 0.85)

    assert score.calibration(said, np.array([1.0] * 6 + [0.0] * 4)) == pytest.approx(0.25)


def test_the_shuffle_keeps_the_mix_of_experts_and_nothing_else() -> None:
    quality = np.array([[1.0, 0.0], [0.0, 1.0]])

    assert score.shuffled(quality, np.array([0, 1])) == pytest.approx(0.5)


@given(st.lists(st.text(max_size=200), max_size=5))
def test_the_surface_of_any_text_is_finite_and_its_own(texts: list[str]) -> None:
    rows = surface(texts)

    assert rows.shape == (len(texts), len(NAMES))
    assert np.isfinite(rows).all()
    for text, row in zip(texts, rows, strict=True):
        np.testing.assert_array_equal(surface([text])[0], row)
