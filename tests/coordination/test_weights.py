"""What experts count when their results are fused: as measured, and equally where nothing was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Audio, Text
from herd_graph.coordination.fusion import fuse
from herd_graph.coordination.weights import NAME, Weights, log_odds, measure
from herd_graph.errors import ConfigError
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.routing.features import features_of
from herd_graph.routing.matrices import Matrix
from herd_graph.store import MemoryStore
from herd_graph.testing import scripted
from herd_graph.types import Kind

NAMES = ("good", "poor", "new")
CARDS = [scripted(name, Kind.AUDIO, Kind.TEXT).card for name in NAMES]


def matrix(quality: object, features: object = None, names: tuple[str, ...] = ()) -> Matrix:
    values = np.asarray(quality, dtype=np.float32)
    count = len(values)
    return Matrix(
        name="asr",
        experts=("good", "poor"),
        prompts=tuple(str(n) for n in range(count)),
        tasks=("t",) * count,
        splits=("train",) * count,
        quality=values,
        cost=np.zeros_like(values),
        features=None if features is None else np.asarray(features, dtype=np.float32),
        feature_names=names,
    )


def test_nothing_measured_is_no_weight() -> None:
    weights = Weights(tables=(measure(matrix([[0.9, 0.6]] * 50)),))
    strangers = [scripted(name).card for name in ("one", "two")]

    assert Weights().of(CARDS, {}, MemoryStore()) is None
    assert weights.of(strangers, {}, MemoryStore()) is None
    assert weights.of(CARDS[:1], {}, MemoryStore()) is None


def test_the_better_one_counts_more_and_a_newcomer_as_the_mean() -> None:
    weights = Weights(tables=(measure(matrix([[0.9, 0.6]] * 2000)),))

    counts = weights.of(CARDS, {}, MemoryStore())

    assert counts is not None
    assert counts["good@1"] == 1.0
    assert counts["poor@1"] == pytest.approx(log_odds(0.6) / log_odds(0.9), abs=0.01)
    assert counts["new@1"] == pytest.approx(log_odds(0.75) / log_odds(0.9), abs=0.01)


def test_few_measurements_say_little() -> None:
    few = measure(matrix([[1.0, 0.0]] * 2)).kinds.quality
    many = measure(matrix([[1.0, 0.0]] * 500)).kinds.quality

    assert 0.5 < few["good"] < 0.6
    assert many["good"] > 0.95


def test_cells_that_were_not_measured_are_left_out() -> None:
    table = measure(matrix([[0.9, np.nan]] * 100 + [[np.nan, 0.5]] * 100))

    assert table.kinds.quality["good"] > 0.85
    assert table.kinds.quality["poor"] < 0.55


def test_kinds_of_input_are_told_apart_by_its_features() -> None:
    tone = np.sin(np.arange(16000) * 0.2).astype("float32")
    store = MemoryStore()
    quiet = Audio.from_samples(tone * 0.02, 16000).put(store)
    loud = Audio.from_samples(tone * 0.8, 16000).put(store)
    heard = features_of(loud, store)
    name = next(each for each in heard if features_of(quiet, store)[each] + 6 < heard[each])
    levels = np.where(np.arange(200) % 2 == 0, features_of(quiet, store)[name], heard[name])
    quality = np.where(levels[:, None] == heard[name], [[0.9, 0.6]], [[0.6, 0.9]])
    weights = Weights(tables=(measure(matrix(quality, levels[:, None], (name,))),))

    in_quiet = weights.of(CARDS[:2], {"audio": quiet}, store)
    in_loud = weights.of(CARDS[:2], {"audio": loud}, store)

    assert in_quiet is not None
    assert in_loud is not None
    assert in_loud["good@1"] > in_loud["poor@1"]
    assert in_quiet["good@1"] < in_quiet["poor@1"]


def test_a_feature_that_tells_nothing_divides_nothing() -> None:
    noise = np.random.default_rng(7)
    quality = np.clip(0.7 + 0.2 * noise.standard_normal((300, 2)), 0, 1)

    table = measure(matrix(quality, noise.standard_normal((300, 3)), ("a", "b", "c")))

    assert table.kinds.feature == ""


def test_the_file_is_read_back(tmp_path: Path) -> None:
    weights = Weights().plus(measure(matrix([[0.9, 0.6]] * 50)))
    path = tmp_path / "home" / NAME
    weights.plus(measure(matrix([[0.8, 0.6]] * 50))).save(path)

    read = Weights.load(path)

    assert Weights.load(tmp_path / "none.json") is None
    assert read is not None
    assert [each.name for each in read.tables] == ["asr"]
    assert read.tables[0].mean == pytest.approx(0.7, abs=1e-6)
    path.write_text("{}")
    with pytest.raises(ConfigError, match="herd train quality"):
        Weights.load(path)


VALUES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5)


@given(quality=st.floats(0, 1), other=st.floats(0, 1))
def test_who_is_better_never_counts_less(quality: float, other: float) -> None:
    if quality >= other:
        assert log_odds(quality) >= log_odds(other) > 0


@given(texts=st.lists(st.sampled_from(["a b", "a c", "d"]), min_size=1, max_size=4), data=st.data())
def test_fusion_by_majority_does_not_depend_on_the_order(
    texts: list[str], data: st.DataObject
) -> None:
    store = MemoryStore()
    given_ = [(f"e{n}@1", {"result": Text(each).put(store)}) for n, each in enumerate(texts)]
    shuffled = data.draw(st.permutations(given_))
    weights = {name: 1.0 + number for number, (name, _) in enumerate(given_)}

    one = fuse(given_, store=store, how="nearest", weights=weights)
    two = fuse(shuffled, store=store, how="nearest", weights=weights)
    alone = fuse(given_[:1], store=store)

    assert one.verdict.score == pytest.approx(two.verdict.score)
    assert alone.outputs == given_[0][1]
    assert alone.verdict.level == "pass"


@given(
    texts=st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=4),
    split=st.integers(0, 3),
)
def test_a_vote_that_is_split_over_a_copy_changes_nothing(texts: list[str], split: int) -> None:
    store = MemoryStore()
    refs = [Text(each).put(store) for each in texts]
    given_ = [(f"e{n}@1", {"result": each}) for n, each in enumerate(refs)]
    weights = {name: 1.0 + 0.3 * number for number, (name, _) in enumerate(given_)}
    place = split % len(given_)
    name, outputs = given_[place]
    copied = [*given_[: place + 1], ("copy@1", outputs), *given_[place + 1 :]]
    halved = {**weights, name: weights[name] / 2, "copy@1": weights[name] / 2}

    one = fuse(given_, store=store, how="vote", weights=weights)
    two = fuse(copied, store=store, how="vote", weights=halved)

    assert one.outputs == two.outputs
    assert one.verdict.score == pytest.approx(two.verdict.score)


def test_a_herd_weighs_votes_by_what_was_measured_beside_it(tmp_path: Path) -> None:
    home = tmp_path / "herd"
    Weights(tables=(measure(matrix([[0.95, 0.55]] * 400)),)).save(home / NAME)
    experts = [
        scripted("poor", script=["ninety"], repeat=True),
        scripted("good", script=["nineteen"], repeat=True),
    ]
    step = {
        "id": "s1",
        "expert": "poor",
        "fallbacks": ["good"],
        "select": "dense",
        "fuse": "vote",
        "inputs": {"text": {"value": "x"}},
    }
    plan = Plan.parse({"steps": [step]})

    measured = Herd(*experts, checkpoints="memory", home=home).run(plan)
    unmeasured = Herd(*experts, checkpoints="memory", home=tmp_path / "other").run(plan)
    told = next(v for v in measured.records["s1"].verdicts if v.check == "agreement")

    assert str(measured.output("s1")) == "nineteen"
    assert str(unmeasured.output("s1")) == "ninety"
    assert told.level == "doubt"
    assert "poor@1 (ninety)" in told.reason
