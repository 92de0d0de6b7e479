"""Which kind of expert, at equal parameters; and one LoRA for everything beside sixteen for one each.

    python -m benchmarks.zoo.kinds --folder /tmp/zoo --json kinds.json     # after benchmarks.zoo.grid

LoRA, a bottleneck beside the feed-forward block, and (IA)³ (which has fewer parameters by its nature)
are trained on the same rows for as many steps. *Gain* is in nats for each token of the expert's own
held-back texts, *loss elsewhere* the same on domains that no expert was trained on. The multitask
LoRA sees all domains' rows; every way of combining experts has to face it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.zoo.ground import APART, ROWS, TARGETS, Ground, mixed_rows, options
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.files import load, save
from herd_graph.zoo.training import Recipe, train
from herd_graph.zoo.zoo import ExpertZoo

DOMAINS = ("man_de", "man_it", "python_code", "c_headers", "perl_doc", "changelogs")


def trained(folder: Path, base: Base, rows: Sequence[Any], name: str, recipe: Recipe) -> Adapter:
    """Train an adapter, go on with it, or read it."""
    if not folder.is_dir():
        made = train(base, rows, name, recipe, folder=folder.with_name(f".{folder.name}"))
        save(made, folder)
    return load(folder, name=name)


def nats(zoo: ExpertZoo, rows: Sequence[Any], use: str | None) -> float:
    """Return the mean negative log-probability of a token."""
    return -float(np.concatenate([s.logprobs for s in zoo.score(rows, use=use, batch=16)]).mean())


def compare(
    base: Base, chunks: Mapping[str, Any], made: Mapping[str, Mapping[str, Adapter]]
) -> dict[str, Any]:
    """Return each kind's gain and loss, in the mean over domains and for each."""
    away = [row for name in APART for row in chunks[name]["test"][:8]]
    bare = ExpertZoo(base)
    before = {name: nats(bare, chunks[name]["test"][: ROWS["test"]], None) for name in DOMAINS}
    elsewhere = nats(bare, away, None)
    found: dict[str, Any] = {}
    for kind, adapters in made.items():
        gains: dict[str, float] = {}
        losses: dict[str, float] = {}
        for name, adapter in adapters.items():
            zoo = ExpertZoo(base, [adapter])
            gains[name] = before[name] - nats(
                zoo, chunks[name]["test"][: ROWS["test"]], adapter.name
            )
            losses[name] = nats(zoo, away, adapter.name) - elsewhere
        found[kind] = {
            "parameters": next(iter(adapters.values())).parameters,
            "gain": round(float(np.mean(list(gains.values()))), 4),
            "loss_elsewhere": round(float(np.mean(list(losses.values()))), 4),
            "gains": {name: round(value, 4) for name, value in gains.items()},
            "losses": {name: round(value, 4) for name, value in losses.items()},
        }
    return found


def multitask(
    base: Base, chunks: Mapping[str, Any], adapter: Adapter, names: Sequence[str]
) -> dict[str, float]:
    """Return perplexities of the one LoRA that has seen everything."""
    zoo = ExpertZoo(base, [adapter])
    own = [nats(zoo, chunks[name]["test"][: ROWS["test"]], adapter.name) for name in names]
    away = [nats(zoo, chunks[name]["test"][: ROWS["test"]], adapter.name) for name in APART]
    mixed = nats(zoo, mixed_rows(dict(chunks), 64, 0), adapter.name)
    return {
        "in_domain": round(float(np.exp(np.mean(own))), 3),
        "held_out": round(float(np.exp(np.mean(away))), 3),
        "mixed": round(float(np.exp(mixed)), 3),
    }


def main() -> None:
    """Train what is missing, and print the tables."""
    parser = options(__doc__)
    parser.add_argument("--multitask-steps", type=int, default=480, help="0 for none")
    told = parser.parse_args()
    ground = Ground.of(told)
    base, chunks, loras = ground.base, ground.chunks, ground.adapters
    width = round(loras[DOMAINS[0]].parameters / (2 * base.width * len(base.sites("mlp"))))
    common: dict[str, Any] = {"steps": told.steps, "batch": 8, "seed": told.seed}
    recipes = {
        "bottleneck": Recipe(kind="bottleneck", rank=width, rate=5e-3, **common),
        "ia3": Recipe(kind="ia3", targets=("k_proj", "v_proj", "down_proj"), rate=3e-2, **common),
    }
    made: dict[str, dict[str, Adapter]] = {"lora": {name: loras[name] for name in DOMAINS}}
    for kind, recipe in recipes.items():
        made[kind] = {
            name: trained(
                ground.folder / f"{kind}-{ground.mark}-{name}",
                base,
                chunks[name]["train"],
                name,
                recipe,
            )
            for name in DOMAINS
        }
    found: dict[str, Any] = {"kinds": compare(base, chunks, made)}
    for kind, row in found["kinds"].items():
        print(
            f"{kind:12s} {row['parameters']:7,} parameters, gain {row['gain']:.3f} nats, "
            f"loss elsewhere {row['loss_elsewhere']:+.3f}",
            flush=True,
        )
    if told.multitask_steps:
        rows = [row for name in loras for row in chunks[name]["train"]]
        steps = told.multitask_steps
        recipe = Recipe(targets=TARGETS, rank=8, steps=steps, batch=8, rate=5e-3, seed=told.seed)
        place = ground.folder / f"multitask-{steps}-{ground.mark}"
        one = trained(place, base, rows, "multitask", recipe)
        found["multitask"] = {"steps": steps, **multitask(base, chunks, one, list(loras))}
        print(f"multitask LoRA, {steps} steps: {found['multitask']}")
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
