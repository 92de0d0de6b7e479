"""HDEE's claim on real domains: do heterogeneous ensembles win under one budget, and against what?

    python -m benchmarks.zoo.hdee --folder /tmp/zoo --seeds 0 1 2 --json hdee.json

Nine domains are trained on, easy to hard; all that this machine has are evaluated, the rest being
excluded ones. Each configuration is held against MHo-IHo by itself. Beside them stand the dense
model of as many steps, the best single expert, the seed, and the seed as a tenth member. What was
trained is kept, and a run that was broken off goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from benchmarks.zoo.ground import GENERAL, prepare
from herd_graph.zoo import hdee
from herd_graph.zoo.pretraining import Size, score_rows

DOMAINS: dict[hdee.Difficulty, tuple[str, ...]] = {
    "easy": ("licences", "man_user", "changelogs"),
    "moderate": ("man_fr", "pydoc", "man_de"),
    "hard": ("c_headers", "perl_code", "python_code"),
}
"""Three chains, by how hard the seed finds them."""


def means(scores: Mapping[str, Any]) -> dict[str, float]:
    """Return each domain's perplexity."""
    return {name: float(np.exp(-each.mean())) for name, each in scores.items()}


def geometric(found: Mapping[str, float], names: list[str]) -> float:
    """Return the geometric mean over some domains."""
    return float(np.exp(np.mean([np.log(found[name]) for name in names])))


def run(
    chunks: Mapping[str, Any],
    folder: Path,
    shape: Mapping[str, Size],
    *,
    steps: int,
    seed_steps: int,
    batch: int,
    rows: int,
    seed: int,
) -> dict[str, Any]:
    """Train and score everything for one seed."""
    trained = [name for names in DOMAINS.values() for name in names]
    laboratory = hdee.Laboratory(
        sizes=shape,
        domains=DOMAINS,
        rows={name: chunks[name]["train"] for name in trained},
        general=[row for name in GENERAL for row in chunks[name]["train"]],
        seed_steps=seed_steps,
        batch=batch,
        seed=seed,
        folder=folder,
        told=lambda what: print(f"  {what}", flush=True),
    )
    test = {name: parts["test"][:rows] for name, parts in chunks.items()}
    dev = {name: parts["dev"][:8] for name, parts in chunks.items()}
    excluded = [name for name in chunks if name not in trained]
    middle = laboratory.seed_model("M")
    score = _remembering()
    scored: dict[str, Any] = {}
    budgets: dict[str, Any] = {}
    alike: dict[str, float] = {}
    for mode in ("chains", "per-domain"):
        for configuration in hdee.configurations(steps):
            ensemble = laboratory.train(configuration, mode)
            label = f"{configuration.name}, {mode}"
            scored[label] = hdee.evaluate(ensemble, test, dev, score=score)
            scored[f"{label}, with seed"] = hdee.evaluate(
                ensemble, test, dev, seed_model=middle, score=score
            )
            budgets[label] = asdict(ensemble.budget)
            alike[label] = _alike(list(ensemble.experts.values()), dev, score)
            if configuration.name == "MHo-IHo":
                singles = [_score(model, test, score) for model in ensemble.experts.values()]
                best = min(singles, key=lambda each: geometric(means(each), list(test)))
                scored[f"best single, {mode}"] = best
    scored["seed"] = _score(middle, test, score)
    scored["dense, as many steps"] = _score(laboratory.dense(9 * steps), test, score)
    compared = {
        f"{name}, {mode}{more}": asdict(
            hdee.compare(
                scored[f"{name}, {mode}{more}"], scored[f"MHo-IHo, {mode}{more}"], seed=seed
            )
        )
        for mode in ("chains", "per-domain")
        for more in ("", ", with seed")
        for name in ("MHo-IHe", "MHe-IHo")
    }
    tables = {
        label: {
            **{level: geometric(means(each), list(DOMAINS[level])) for level in hdee.DIFFICULTIES},
            "excluded": geometric(means(each), excluded),
            "all": geometric(means(each), list(test)),
        }
        for label, each in scored.items()
    }
    return {"tables": tables, "compared": compared, "budgets": budgets, "alike": alike}


def _remembering() -> hdee.Score:
    """Return a scorer that scores each model's rows once: ensembles share members."""
    kept: dict[tuple[int, int], list[Any]] = {}
    held: list[Any] = []  # so that no number of an object is used twice

    def score(model: Any, rows: Any) -> list[Any]:
        key = (id(model), id(rows))
        if key not in kept:
            held.append((model, rows))
            kept[key] = score_rows(model, rows)
        return kept[key]

    return score


def _alike(members: list[Any], dev: Mapping[str, Any], score: hdee.Score) -> float:
    """Return how much the members' losses go together, in the mean over pairs."""
    columns = [
        np.concatenate([np.concatenate(score(m, rows)) for rows in dev.values()]) for m in members
    ]
    found = np.corrcoef(np.stack(columns))
    return float(found[np.triu_indices(len(found), 1)].mean())


def _score(model: Any, test: Mapping[str, Any], score: hdee.Score) -> dict[str, Any]:
    return {name: np.concatenate(score(model, rows)) for name, rows in test.items()}


def over_seeds(seeds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mean and the range of each figure."""
    runs = list(seeds.values())
    return {
        "tables": {
            label: {
                place: {
                    "mean": round(mean(run["tables"][label][place] for run in runs), 2),
                    "range": [
                        round(pick(run["tables"][label][place] for run in runs), 2)
                        for pick in (min, max)
                    ],
                }
                for place in row
            }
            for label, row in runs[0]["tables"].items()
        },
        "compared": {
            label: [run["compared"][label] for run in runs] for label in runs[0]["compared"]
        },
        "alike": {
            label: round(mean(run["alike"][label] for run in runs), 4) for label in runs[0]["alike"]
        },
        "budgets": runs[0]["budgets"],
    }


def main() -> None:
    """Run the seeds that are missing, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--steps", type=int, default=80)
    parser.add_argument("--seed-steps", type=int, default=720)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rows", type=int, default=24, help="test rows of each domain")
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    chunks = prepare(told.folder)
    shape = {
        letter: Size(
            vocabulary=2048, width=told.width, layers=told.layers, inner=ratio * told.width
        )
        for letter, ratio in {"S": 3, "M": 4, "L": 5}.items()
    }
    options = {name: getattr(told, name) for name in ("steps", "seed_steps", "batch", "rows")}
    found: dict[str, Any] = {}
    for seed in told.seeds:
        mark = "-".join(map(str, (told.width, told.layers, *options.values(), seed)))
        path = told.folder / f"hdee-{mark}.json"
        if not path.is_file():
            made = run(chunks, told.folder / "hdee", shape, seed=seed, **options)
            path.write_text(json.dumps(made, indent=1))
        found[str(seed)] = json.loads(path.read_text())
    shown = over_seeds(found)
    for label, row in shown["tables"].items():
        print(f"{label:32s} " + "  ".join(f"{k} {v['mean']:8.2f}" for k, v in row.items()))
    for label, each in shown["compared"].items():
        told_ = ", ".join(
            f"{one['wins']} of {one['domains']} ({one['certain']} certain, null "
            f"{one['null'][0]} to {one['null'][1]})"
            for one in each
        )
        print(f"{label} against MHo-IHo: {told_}")
    if told.json:
        told.json.write_text(json.dumps({"seeds": told.seeds, **options, **shown}, indent=1))


if __name__ == "__main__":
    main()
