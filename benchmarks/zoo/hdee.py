"""HDEE's claim on real domains: do heterogeneous ensembles win under one budget, and against what?

    python -m benchmarks.zoo.hdee --folder /tmp/zoo --seeds 0 1 2 --json hdee.json

Nine domains are trained on, easy to hard; all that this machine has are evaluated, the rest being
excluded ones. Each configuration is held against MHo-IHo by itself. Beside them stand the dense
model of as many steps, the best single expert, the seed, and the seed as a tenth member.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.zoo.grid import GENERAL, prepare
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


def run(chunks: Mapping[str, Any], *, steps: int, seed_steps: int, seed: int) -> dict[str, Any]:
    """Train and score everything for one seed."""
    trained = [name for names in DOMAINS.values() for name in names]
    laboratory = hdee.Laboratory(
        sizes={
            letter: Size(vocabulary=2048, inner=inner)
            for letter, inner in {"S": 288, "M": 384, "L": 480}.items()
        },
        domains=DOMAINS,
        rows={name: chunks[name]["train"] for name in trained},
        general=[row for name in GENERAL for row in chunks[name]["train"]],
        seed_steps=seed_steps,
        seed=seed,
    )
    test = {name: parts["test"] for name, parts in chunks.items()}
    dev = {name: parts["dev"][:8] for name, parts in chunks.items()}
    excluded = [name for name in chunks if name not in trained]
    middle = laboratory.seed_model("M")
    scored: dict[str, Any] = {}
    budgets: dict[str, Any] = {}
    alike: dict[str, float] = {}
    for mode in ("chains", "per-domain"):
        for configuration in hdee.configurations(steps):
            ensemble = laboratory.train(configuration, mode)
            label = f"{configuration.name}, {mode}"
            scored[label] = hdee.evaluate(ensemble, test, dev)
            budgets[label] = asdict(ensemble.budget)
            pooled = [row for rows in dev.values() for row in rows[:2]]
            alike[label] = hdee.error_correlation(list(ensemble.experts.values()), pooled)
            if configuration.name == "MHo-IHo":
                scored[f"{label}, with seed"] = hdee.evaluate(
                    ensemble, test, dev, seed_model=middle
                )
                singles = [_score(model, test) for model in ensemble.experts.values()]
                best = min(singles, key=lambda each: geometric(means(each), list(test)))
                scored[f"best single, {mode}"] = best
    scored["seed"] = _score(middle, test)
    scored["dense, as many steps"] = _score(laboratory.dense(9 * steps), test)
    compared = {
        f"{name}, {mode}": asdict(
            hdee.compare(scored[f"{name}, {mode}"], scored[f"MHo-IHo, {mode}"], seed=seed)
        )
        for mode in ("chains", "per-domain")
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


def _score(model: Any, test: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.concatenate(score_rows(model, rows)) for name, rows in test.items()}


def main() -> None:
    """Run the seeds that are missing, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--steps", type=int, default=80)
    parser.add_argument("--seed-steps", type=int, default=720)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    chunks = prepare(told.folder)
    found: dict[str, Any] = {}
    for seed in told.seeds:
        path = told.folder / f"hdee-{told.steps}-{told.seed_steps}-{seed}.json"
        if not path.is_file():
            made = run(chunks, steps=told.steps, seed_steps=told.seed_steps, seed=seed)
            path.write_text(json.dumps(made, indent=1))
        found[str(seed)] = json.loads(path.read_text())
        print(f"\nseed {seed}")
        for label, row in found[str(seed)]["tables"].items():
            print(f"{label:32s} " + "  ".join(f"{k} {v:8.2f}" for k, v in row.items()))
        for label, row in found[str(seed)]["compared"].items():
            print(f"{label} against MHo-IHo: {row}")
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
