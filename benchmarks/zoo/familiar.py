"""Which example gate scales to many modules? A curve to 200 sub-domains, over cached features.

    python -m benchmarks.zoo.familiar --folder /tmp/zoo --json familiar.json --plot familiar.png

A sub-domain is one document of one of the 21 domains: chunks of its first half are what its expert
learns from, chunks of its second half are asked about. Nothing is trained but gates: the base's
pooled states are computed once, and every gate is then arithmetic.

Compared: random network distillation, averages, nearest examples, and a *sigmoid gate*, a logistic
regression of an expert's examples against general text (local, as the others are). Ablated: the
layer, whitening, the number of examples, how errors are made comparable. Abstention is told by the
AUROC of familiarity between texts of known sub-domains and of documents that nobody has learnt.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from benchmarks.zoo.domains import SOURCES, documents
from benchmarks.zoo.ground import GENERAL, LENGTH, base_of, prepare
from herd_graph.zoo.base import Base
from herd_graph.zoo.examples import Whitening, example_gate

COUNTS = (2, 5, 10, 20, 50, 100, 200)
LEARNT, ASKED = 16, 6
"""Chunks of each document."""
MOST = 13
"""Documents of each domain."""
STRANGERS = 60
"""Documents that no expert learns."""
ABLATED = 50
"""Experts among which ablations are compared."""
Vectors = Any


def features(folder: Path, *, base_steps: int) -> dict[str, Any]:
    """Return pooled states by layer, shape (documents, chunks, width), and general text's."""
    chunks = prepare(folder)
    path = folder / f"familiar-{base_steps}.npz"
    if not path.is_file():
        base = base_of(folder, chunks, steps=base_steps, seed=0)
        rows: list[list[int]] = []
        named: list[str] = []
        for domain in SOURCES:
            for text in documents(domain, most=700_000):
                ids = base.encode([text])[0]
                cut = [ids[at : at + LENGTH] for at in range(0, len(ids) - LENGTH + 1, LENGTH)]
                half = len(cut) // 2
                first, second = cut[:half], cut[half:]
                if len(first) < LEARNT or len(second) < ASKED or named.count(domain) >= MOST:
                    continue
                rows += first[:LEARNT] + second[:ASKED]
                named.append(domain)
        calm = [row for n in GENERAL if n in chunks for row in chunks[n]["dev"][:16]]
        held: dict[str, Any] = {"domains": np.array(named)}
        for label, made in pooled(base, [*rows, *calm]).items():
            own = made[: len(rows)].reshape(len(named), LEARNT + ASKED, -1)
            held[label] = own.astype(np.float16)
            held[f"{label}.general"] = made[len(rows) :]
        np.savez_compressed(path, **held)
    with np.load(path) as found:
        return {name: found[name] for name in found.files}


def pooled(base: Base, rows: Sequence[Sequence[int]]) -> dict[str, Vectors]:
    """Return the mean hidden states of rows after the first, the middle and the last layer."""
    torch: Any = import_module("torch")
    found: dict[str, list[Vectors]] = {"first": [], "middle": [], "last": []}
    for start in range(0, len(rows), 16):
        ids, mask = base.pad(rows[start : start + 16])
        with torch.inference_mode():
            states = base.model.model(
                input_ids=ids, attention_mask=mask, output_hidden_states=True
            ).hidden_states
        for label, layer in (("first", 1), ("middle", len(states) // 2), ("last", -1)):
            found[label].append(states[layer].float().mean(dim=1).numpy())
    return {label: np.concatenate(parts) for label, parts in found.items()}


class SigmoidGate:
    """A logistic regression for each expert: its examples against general text."""

    def __init__(self, general: Vectors) -> None:
        self._general = general
        self._known: dict[str, Any] = {}

    def fit(self, name: str, vectors: Vectors) -> None:
        """Learn an expert from its own data and general text."""
        made: Any = import_module("sklearn.linear_model").LogisticRegression(
            C=10.0, class_weight="balanced", max_iter=200
        )
        rows = np.concatenate([vectors, self._general])
        made.fit(rows, np.arange(len(rows)) < len(vectors))
        self._known[name] = made

    def judged(self, vectors: Vectors, names: Sequence[str]) -> Vectors:
        """Return how strange each text is to each expert."""
        return -np.stack([self._known[n].decision_function(vectors) for n in names], axis=1)


def strangeness(
    kind: str,
    data: Mapping[str, Any],
    *,
    layer: str = "middle",
    white: bool = True,
    examples: int = LEARNT,
    **options: Any,
) -> tuple[Vectors, Vectors]:
    """Return scores and familiarity of all asked texts, shape (documents × asked, experts)."""
    held = data[layer].astype(np.float32)
    general = data[f"{layer}.general"].astype(np.float32)
    whitening = Whitening.fit(general) if white else None
    names = [str(at) for at in range(len(held))]
    asked = held[:, LEARNT:].reshape(-1, held.shape[2])
    if kind == "sigmoid":
        assert whitening is not None
        gate = SigmoidGate(whitening(general))
        for name, own in zip(names, held, strict=True):
            gate.fit(name, whitening(own[:examples]))
        scores = gate.judged(whitening(asked), names)
        return scores, -scores
    made = example_gate(kind, held.shape[2], whitening=whitening, **options)
    for name, own in zip(names, held, strict=True):
        made.fit(name, own[:examples])
    judged = made.judge(asked)
    return (
        np.array([[row[n].score for n in names] for row in judged], dtype=np.float32),
        np.array([[row[n].familiar for n in names] for row in judged], dtype=np.float32),
    )


def asked_of(chosen: Sequence[int]) -> Vectors:
    """Return the numbers of these documents' asked texts."""
    return np.concatenate([np.arange(at * ASKED, (at + 1) * ASKED) for at in chosen])


def accuracy(scores: Vectors, chosen: Sequence[int]) -> float:
    """Return how often an asked text goes to its own expert, among these."""
    found = scores[asked_of(chosen)][:, list(chosen)].argmin(axis=1)
    wanted: Vectors = np.repeat(np.arange(len(chosen)), ASKED)
    return float((found == wanted).mean())


def auroc(scores: Vectors, known: Sequence[int], strange: Sequence[int]) -> float:
    """Return how well the smallest strangeness tells known sub-domains from unknown ones."""
    own: Vectors = scores[asked_of(known)][:, list(known)].min(axis=1)[:, None]
    other: Vectors = scores[asked_of(strange)][:, list(known)].min(axis=1)
    return float(((own < other) + 0.5 * (own == other)).mean())


GATES: dict[str, dict[str, Any]] = {
    "rnd": {"kind": "rnd"},
    "rnd, z": {"kind": "rnd", "scale": "z"},
    "rnd, ratio": {"kind": "rnd", "scale": "ratio"},
    "rnd, quantile": {"kind": "rnd", "scale": "quantile"},
    "rnd, not whitened": {"kind": "rnd", "white": False},
    "rnd, first layer": {"kind": "rnd", "layer": "first"},
    "rnd, last layer": {"kind": "rnd", "layer": "last"},
    "rnd, 4 examples": {"kind": "rnd", "examples": 4},
    "rnd, 8 examples": {"kind": "rnd", "examples": 8},
    "average": {"kind": "cluster"},
    "average, not whitened": {"kind": "cluster", "white": False},
    "average, first layer": {"kind": "cluster", "layer": "first"},
    "average, last layer": {"kind": "cluster", "layer": "last"},
    "average, 4 examples": {"kind": "cluster", "examples": 4},
    "average, 8 examples": {"kind": "cluster", "examples": 8},
    "average, 4 centres": {"kind": "cluster", "centres": 4},
    "nearest example": {"kind": "retrieval"},
    "sigmoid gate": {"kind": "sigmoid"},
}
CURVES = ("rnd", "rnd, ratio", "average", "average, 4 centres", "nearest example", "sigmoid gate")


def measure(data: Mapping[str, Any], seeds: Sequence[int]) -> dict[str, Any]:
    """Return accuracy by number of experts, and the AUROC of abstention, for each gate.

    Gates with a curve learn all documents; ablations are compared at ``ABLATED`` experts.
    """
    total = len(data["domains"])
    counts = [count for count in COUNTS if count + STRANGERS <= total]
    few: list[int] = np.random.default_rng(99).permutation(total)[: ABLATED + STRANGERS].tolist()
    part = {name: each if "." in name else each[few] for name, each in data.items()}
    found: dict[str, Any] = {}
    for name, options in GATES.items():
        whole = name in CURVES
        scores, familiar = strangeness(data=data if whole else part, **options)
        row: dict[str, Any] = {"accuracy": {}, "auroc": {}, "auroc_familiar": {}}
        for count in counts if whole else [ABLATED]:
            splits = [_split(len(scores) // ASKED, count, seed) for seed in seeds]
            hits = [accuracy(scores, known) for known, _ in splits]
            row["accuracy"][str(count)] = [
                round(each, 4) for each in (mean(hits), min(hits), max(hits))
            ]
            row["auroc"][str(count)] = round(mean(auroc(scores, *each) for each in splits), 4)
            row["auroc_familiar"][str(count)] = round(
                mean(auroc(-familiar, *each) for each in splits), 4
            )
        found[name] = row
        line = "  ".join(f"{n}: {each[0]:.3f}" for n, each in row["accuracy"].items())
        print(f"{name:24s} {line}   AUROC {list(row['auroc'].values())}", flush=True)
    return {"documents": total, "strangers": STRANGERS, "seeds": list(seeds), "gates": found}


def _split(total: int, count: int, seed: int) -> tuple[list[int], list[int]]:
    order: list[int] = np.random.default_rng(seed).permutation(total).tolist()
    return order[:count], order[-STRANGERS:]


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw accuracy and AUROC against the number of experts."""
    library: Any = import_module("matplotlib")
    library.use("Agg")
    figures: Any = import_module("matplotlib.pyplot")
    figure, axes = figures.subplots(1, 2, figsize=(10, 4))
    numbers = [int(n) for n in next(iter(found["gates"].values()))["accuracy"]]
    for name in CURVES:
        row = found["gates"][name]
        right = [value[0] for value in row["accuracy"].values()]
        axes[0].plot(numbers, right, marker="o", markersize=3, label=name)
        axes[1].plot(numbers, list(row["auroc"].values()), marker="o", markersize=3, label=name)
    axes[0].plot(numbers, [1 / n for n in numbers], color="black", linestyle=":", label="chance")
    for axis, title in zip(axes, ("right sub-domain chosen", "AUROC of abstention"), strict=True):
        axis.set_xscale("log")
        axis.set_xticks(numbers, [str(n) for n in numbers])
        axis.set_xlabel("sub-domains")
        axis.set_title(title, fontsize=10)
    axes[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    figures.close(figure)


def main() -> None:
    """Compute the features once, then compare the gates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--base-steps", type=int, default=800)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    found = measure(features(told.folder, base_steps=told.base_steps), told.seeds)
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))
    if told.plot:
        draw(found, told.plot)


if __name__ == "__main__":
    main()
