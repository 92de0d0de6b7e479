"""The Zoo's questions on a small base of our own: how many experts, and which router?

    python -m benchmarks.zoo.grid --folder /tmp/zoo            # resumable
    python -m benchmarks.zoo.grid --folder /tmp/zoo --seeds 0 1 2 --json grid.json --plot grid.png

A base is trained on ten of 21 real domains, then an adapter and a PHATGOOSE gate on each of
sixteen. Every member scores every test text once; routers on whole models are arithmetic on that
table, routers on modules run. *Mixed* texts change their domain midway; *held out* are the five
domains that never get an adapter, and those whose adapter a smaller zoo lacks. ``--counts 21`` gives
every domain one, by itself: nothing is held out then.

A seed draws the adapters' weights, the order of their data, who is in a smaller zoo, and the mixed
texts; the base is one for all.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from benchmarks.zoo.drawing import draw
from benchmarks.zoo.ground import APART, ROWS, adapters_of, base_of, mixed_rows, prepare, table_of
from benchmarks.zoo.routers import EARLY, JUDGED, Field, does_all, measure
from herd_graph.zoo.scores import BASE
from herd_graph.zoo.zoo import ExpertZoo

FIGURES = ("in_domain", "gap_closed", "held_out", "regression", "mixed", "passes", "ms_per_token")


def run(folder: Path, counts: list[int], *, base_steps: int, steps: int, seed: int) -> Any:
    """Return the figures of one seed, for each number of experts; only what is missing is run."""
    chunks = prepare(folder)
    base = base_of(folder, chunks, steps=base_steps, seed=0)
    everybody = max(counts) > len(chunks) - len(APART)
    apart = () if everybody else APART
    zoo = ExpertZoo(base, adapters_of(folder, base, chunks, steps=steps, seed=seed, apart=apart))
    rows: dict[str, Any] = {
        part: [row for name in chunks for row in chunks[name][part][:most]]
        for part, most in ROWS.items()
    }
    domains = {
        part: [n for n in chunks for _ in chunks[n][part][:most]] for part, most in ROWS.items()
    }
    rows["mixed"] = mixed_rows(chunks, 64, seed)
    domains["mixed"] = ["mixed"] * len(rows["mixed"])
    mark = f"{base_steps}-{steps}-{seed}{'-all' if everybody else ''}"
    tables = {
        kind: table_of(folder / f"scores-{kind}-{mark}.npz", zoo, rows[kind], domains[kind])
        for kind in ("dev", "test", "mixed")
    }
    order: list[int] = np.random.default_rng(seed).permutation(len(zoo.names)).tolist()
    found: dict[str, Any] = {}
    early: dict[str, Any] = {}
    for count in counts:
        if count > len(zoo):
            continue
        path = folder / f"routers-{count}-{mark}.json"
        if not path.is_file():
            members = [zoo.names[at] for at in sorted(order[:count])]
            early = early or early_of(folder / f"early-{mark}.npz", zoo, rows)
            here = Field(
                zoo=ExpertZoo(base, [zoo[name] for name in members]),
                chunks=chunks,
                tables={kind: table.only([BASE, *members]) for kind, table in tables.items()},
                rows=rows,
                early=early,
                kept=path.with_suffix(".part"),
            )
            path.write_text(json.dumps(measure(here), indent=1))
            path.with_suffix(".part").unlink()
            print(f"  seed {seed}: measured {count} experts", flush=True)
        found[str(count)] = json.loads(path.read_text())
    return found


def early_of(path: Path, zoo: ExpertZoo, rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return embeddings of the beginnings of all rows, or read them."""
    if not path.is_file():
        made = {p: zoo.embed([row[:EARLY] for row in rows[p]], batch=16) for p in JUDGED}
        np.savez_compressed(path, **made)
    with np.load(path) as held:
        return {part: held[part] for part in JUDGED}


def over_seeds(seeds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mean and the range of every figure, by number of experts and router."""
    found: dict[str, Any] = {}
    for count in next(iter(seeds.values())):
        runs = [counts[count] for counts in seeds.values() if count in counts]
        found[count] = {
            name: {
                "place": row["place"],
                **{
                    figure: {
                        "mean": round(mean(each[name][figure] for each in runs), 4),
                        "range": [
                            min(each[name][figure] for each in runs),
                            max(each[name][figure] for each in runs),
                        ],
                    }
                    for figure in FIGURES
                    if figure in row
                },
                "does_all": sum(name in does_all(each) for each in runs),
            }
            for name, row in runs[0].items()
        }
    return found


def show(counts: Mapping[str, Any], seeds: int) -> None:
    """Print a table for each number of experts: means over the seeds."""
    for count, routers in counts.items():
        print(f"\n{count} experts, {seeds} seeds")
        print(
            f"{'router':34s} {'in domain':>9s} {'gap':>7s} {'held out':>8s} {'change':>7s} "
            f"{'mixed':>7s} {'passes':>6s} {'ms':>7s}  all three"
        )
        for name, row in routers.items():
            nothing = {"mean": float("nan")}  # nothing is held out where everybody has an adapter
            each = {figure: row.get(figure, nothing)["mean"] for figure in FIGURES}
            print(
                f"{name:34s} {each['in_domain']:9.2f} {each['gap_closed']:7.1%} "
                f"{each['held_out']:8.2f} {each['regression']:+7.1%} {each['mixed']:7.2f} "
                f"{each['passes']:6.1f} {each['ms_per_token']:7.3f}  {row['does_all'] or ''}"
            )


def main() -> None:
    """Run what is left to do, and show the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--base-steps", type=int, default=800)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    seeds = {
        str(seed): run(
            told.folder, told.counts, base_steps=told.base_steps, steps=told.steps, seed=seed
        )
        for seed in told.seeds
    }
    counts = over_seeds(seeds)
    show(counts, len(seeds))
    if told.json:
        told.json.write_text(json.dumps({"seeds": told.seeds, "counts": counts}, indent=1))
    if told.plot:
        draw(counts, told.plot)


if __name__ == "__main__":
    main()
