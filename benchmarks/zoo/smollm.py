"""The grid's question on a base of another size: eight adapters on SmolLM2, every router.

    python -m benchmarks.zoo.smollm --folder /tmp/zoo_smollm --json smollm.json

The domains with an adapter are the eight that the grid's seed draws, those held out are the grid's
five that never get one. Everything runs in bfloat16, which is three times as fast on a processor
that knows it. Adapters have fewer and smaller steps than the default recipe, texts are fewer, and
routers that run and were far behind in the grid are left out: the defaults take some fifteen minutes
of one core. Adapters keep their progress, and so do scores and routers: a run that was broken off
goes on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.zoo.domains import SOURCES, documents, split
from benchmarks.zoo.grid import early_of, over_seeds, show
from benchmarks.zoo.ground import APART, LENGTH, mixed_rows, table_of
from benchmarks.zoo.routers import Field, does_all, measure
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.files import load, save
from herd_graph.zoo.scores import BASE
from herd_graph.zoo.training import Recipe, mean_activation, train, train_gate
from herd_graph.zoo.zoo import ExpertZoo

PARTS = {"train": 200, "dev": 24, "test": 24}
"""Rows that are kept of each domain."""
DEV = 6
EXAMPLES = 24
"""Training rows of each domain that example gates learn from."""
FAR_BEHIND = frozenset({"PHATGOOSE top 1", "SpectR top 2", "learned (X-LoRA)", "merged, TIES"})


def cut(base: Base, names: list[str], path: Path) -> dict[str, Any]:
    """Return rows of token ids by domain and part; kept in a file."""
    if not path.is_file():
        chunks: dict[str, dict[str, list[list[int]]]] = {}
        for name in names:
            chunks[name] = {}
            for part, texts in split(documents(name)).items():
                rows = base.encode(texts)
                found = [
                    row[at : at + LENGTH]
                    for row in rows
                    for at in range(0, len(row) - LENGTH + 1, LENGTH)
                ]
                chunks[name][part] = found[:: max(1, len(found) // PARTS[part])][: PARTS[part]]
        path.write_text(json.dumps(chunks))
    return json.loads(path.read_text())


def adapter_of(
    folder: Path, base: Base, name: str, rows: Any, recipe: Recipe, *, gate_steps: int
) -> Adapter:
    """Train an adapter with its keys, or read it."""
    place = folder / f"adapter-{recipe.steps}-{recipe.batch}-{recipe.seed}-{name}"
    if not place.is_dir():
        progress = folder / f".{place.name}"
        made = train(base, rows, name, recipe, folder=progress / "module")
        made = train_gate(
            base,
            made,
            rows,
            steps=gate_steps,
            batch=recipe.batch,
            seed=recipe.seed,
            folder=progress / "gate",
        )
        save(mean_activation(base, made, rows[:16]), place)
        print(f"  {name}: {made.facts['first_loss']} -> {made.facts['last_loss']}", flush=True)
    return load(place)


def main() -> None:
    """Train, score, route, and print the grid's table for this base."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--base", default="smollm2")
    parser.add_argument("--count", type=int, default=8, help="adapters")
    parser.add_argument("--steps", type=int, default=24, help="of each adapter")
    parser.add_argument("--gate-steps", type=int, default=8)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=6, help="test rows of each domain")
    parser.add_argument("--mixed", type=int, default=24)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    base = Base.open(told.base, dtype="bfloat16")
    names = [name for name in SOURCES if name not in APART]
    order: list[int] = np.random.default_rng(told.seed).permutation(len(names)).tolist()
    members = [names[at] for at in sorted(order[: told.count])]
    mark = "-".join(
        map(str, (told.count, told.steps, told.batch, told.rows, told.mixed, told.seed))
    )
    chunks = cut(base, [*members, *APART], told.folder / f"chunks-{told.count}-{told.seed}.json")
    recipe = Recipe(steps=told.steps, batch=told.batch, seed=told.seed)
    zoo = ExpertZoo(
        base,
        [
            adapter_of(
                told.folder, base, name, chunks[name]["train"], recipe, gate_steps=told.gate_steps
            )
            for name in members
        ],
    )
    wanted = {"dev": DEV, "test": told.rows}
    rows: dict[str, Any] = {
        part: [row for name in chunks for row in chunks[name][part][:most]]
        for part, most in wanted.items()
    }
    domains = {
        part: [n for n in chunks for _ in chunks[n][part][:most]] for part, most in wanted.items()
    }
    rows["mixed"] = mixed_rows(chunks, told.mixed, told.seed)
    domains["mixed"] = ["mixed"] * len(rows["mixed"])
    tables = {
        part: table_of(told.folder / f"scores-{part}-{mark}.npz", zoo, rows[part], domains[part])
        for part in ("test", "mixed", "dev")
    }
    path = told.folder / f"routers-{mark}.json"
    if not path.is_file():
        here = Field(
            zoo=zoo,
            chunks={
                name: {**parts, "train": parts["train"][:EXAMPLES], "dev": parts["dev"][:EXAMPLES]}
                for name, parts in chunks.items()
            },
            tables={part: table.only([BASE, *members]) for part, table in tables.items()},
            rows=rows,
            early=early_of(told.folder / f"early-{mark}.npz", zoo, rows),
            kept=path.with_suffix(".part"),
            without=FAR_BEHIND,
        )
        path.write_text(json.dumps(measure(here), indent=1))
        path.with_suffix(".part").unlink()
    found = json.loads(path.read_text())
    print(f"adapters: {', '.join(members)}; held out: {', '.join(APART)}")
    print(f"all three: {', '.join(does_all(found)) or 'none'}")
    counts = over_seeds({str(told.seed): {str(told.count): found}})
    show(counts, 1)
    if told.json:
        told.json.write_text(
            json.dumps(
                {"base": told.base, "adapters": members, "held_out": APART, "routers": found},
                indent=1,
            )
        )


if __name__ == "__main__":
    main()
