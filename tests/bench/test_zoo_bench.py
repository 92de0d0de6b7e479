"""The zoo's benchmark, whole, on made-up languages and a base of a few thousand parameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zoo_base import tiny_base

from benchmarks.zoo.drawing import SHOWN, draw
from benchmarks.zoo.grid import over_seeds
from benchmarks.zoo.ground import mixed_rows, table_of
from benchmarks.zoo.routers import EARLY, JUDGED, Field, does_all, measure
from herd_graph.zoo.scores import BASE
from herd_graph.zoo.training import Recipe, mean_activation, train, train_gate
from herd_graph.zoo.zoo import ExpertZoo

DOMAINS = ("man_user", "man_dev", "man_admin", "man_de", "licences")
LENGTH = 48


def language(seed: int, rows: int) -> list[list[int]]:
    """Return rows in a language of its own: six letters, each with two that may follow."""
    own = np.random.default_rng(seed)
    letters = own.choice(np.arange(3, 33), size=6, replace=False)
    found: list[list[int]] = []
    for _ in range(rows):
        row = [int(own.choice(letters))]
        while len(row) < LENGTH:
            at = int(np.flatnonzero(letters == row[-1])[0])
            row.append(int(letters[(at + 1 + int(own.integers(2))) % 6]))
        found.append(row)
    return found


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Field:
    base = tiny_base(4)
    chunks: dict[str, Any] = {}
    for seed, name in enumerate(DOMAINS):
        rows = language(seed, 40)
        chunks[name] = {"train": rows[:24], "dev": rows[24:30], "test": rows[30:]}
    adapters: list[Any] = []
    for name in DOMAINS[:4]:
        rows = chunks[name]["train"]
        recipe = Recipe(targets=("q_proj", "up_proj", "down_proj"), rank=4, steps=25, rate=3e-2)
        made = train(base, rows, name, recipe)
        made = train_gate(base, made, rows, steps=8, rate=5e-2)
        adapters.append(mean_activation(base, made, rows))
    zoo = ExpertZoo(base, adapters)
    rows_: dict[str, Any] = {
        part: [row for name in DOMAINS for row in chunks[name][part]] for part in ("dev", "test")
    }
    domains = {part: [n for n in DOMAINS for _ in chunks[n][part]] for part in ("dev", "test")}
    rows_["mixed"] = mixed_rows(chunks, 12, 0)
    domains["mixed"] = ["mixed"] * 12
    folder = tmp_path_factory.mktemp("scores")
    tables = {
        part: table_of(folder / f"{part}.npz", zoo, rows_[part], domains[part]) for part in rows_
    }
    early = {part: zoo.embed([row[:EARLY] for row in rows_[part]]) for part in JUDGED}
    return Field(zoo=zoo, chunks=chunks, tables=tables, rows=rows_, early=early)


def test_every_router_is_measured_and_the_laws_hold(field: Field, tmp_path: Path) -> None:
    found = measure(field)

    assert set(SHOWN) <= set(found)
    assert found["base"]["gap_closed"] == found["base"]["regression"] == 0
    assert found["oracle per example"]["gap_closed"] == 1
    assert found["oracle per token"]["in_domain"] <= found["oracle per example"]["in_domain"]
    for part in ("in_domain", "mixed"):
        assert found["oracle per token"][part] == min(
            row[part]
            for name, row in found.items()
            if name in {"base", "best single"} or "oracle" in name
        )
    # Four languages that share no grammar: whoever looks at the text finds the right adapter.
    assert found["cluster"]["gap_closed"] > 0.9
    assert found["BTM posterior"]["gap_closed"] > 0.9
    assert found["posterior, decay .9"]["mixed"] < found["BTM posterior"]["mixed"]
    assert all(row["ms_per_token"] > 0 for row in found.values())
    assert set(does_all(found)) <= {n for n, row in found.items() if row["gap_closed"] >= 0.98}

    counts = over_seeds({"0": {"4": found}, "1": {"4": found}})
    row = counts["4"]["rnd"]["mixed"]
    assert row["range"] == [row["mean"], row["mean"]]
    draw(counts, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_one_adapter_is_measured_by_whatever_needs_no_second(field: Field) -> None:
    alone = [field.zoo["man_user"]]
    members = (BASE, "man_user")
    here = replace(
        field,
        zoo=ExpertZoo(field.zoo.base, alone),
        tables={part: table.only(members) for part, table in field.tables.items()},
        found={},
    )

    found = measure(here)

    assert "merged, TIES" not in found
    assert "learned (X-LoRA)" not in found
    assert here.outside == ["man_dev", "man_admin", "man_de", "licences"]
    assert found["rnd"]["in_domain"] == pytest.approx(found["best single"]["in_domain"], rel=0.2)
