"""Which example gate scales to many modules? A curve to 200 sub-domains, over cached features.

    python -m benchmarks.zoo.familiar --folder /tmp/zoo --json familiar.json --plot familiar.png

A sub-domain is one document of one of the 21 domains: its first sixteen chunks of 128 tokens are what
its expert learns from, its last four are asked about. Nothing is trained but gates: the base's states
are computed once, pooled over windows of sixteen tokens, and every gate is then arithmetic.

Compared: random network distillation, averages, nearest examples, and a *sigmoid gate*, a logistic
regression of an expert's examples against general text (local, as the others are). *By parts* learns
and judges each window, otherwise the mean over a chunk is one example. Ablated: the layer, whitening,
the number of examples, how errors are made comparable. Abstention is told by the AUROC of the smallest
strangeness, between texts of known sub-domains and of documents that nobody has learnt: *near* ones of
the same domains, and *far* ones of four domains that nobody knows.
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
LEARNT, APART, ASKED = 16, 3, 4
"""Chunks of each document, and how many at least lie between."""
WINDOW = 16
"""Tokens of a part."""
MOST = 16
"""Documents of each domain."""
FAR = ("man_pl", "cython", "licences", "javascript")
"""Domains that no expert is of."""
NEAR = 48
"""Documents of the other domains that no expert learns."""
ABLATED = 50
"""Experts among which ablations are compared."""
Vectors = Any


def features(folder: Path, *, base_steps: int) -> dict[str, Any]:
    """Return states by layer, shape (documents, chunks, parts, width), and general text's."""
    chunks = prepare(folder)
    path = folder / f"familiar-{base_steps}-{WINDOW}.npz"
    if not path.is_file():
        base = base_of(folder, chunks, steps=base_steps, seed=0)
        rows: list[list[int]] = []
        named: list[str] = []
        for domain in SOURCES:
            for text in documents(domain, most=1_500_000):
                ids = base.encode([text])[0]
                cut = [ids[at : at + LENGTH] for at in range(0, len(ids) - LENGTH + 1, LENGTH)]
                if len(cut) >= LEARNT + APART + ASKED and named.count(domain) < MOST:
                    rows += cut[:LEARNT] + cut[-ASKED:]
                    named.append(domain)
        calm = [row for n in GENERAL if n in chunks for row in chunks[n]["dev"][:16]]
        held: dict[str, Any] = {"domains": np.array(named)}
        for label, made in states(base, [*rows, *calm]).items():
            shape = (len(named), LEARNT + ASKED, *made.shape[1:])
            held[label] = made[: len(rows)].reshape(shape)
            held[f"{label}.general"] = made[len(rows) :]
        np.savez_compressed(path, **held)
    with np.load(path) as found:
        return {name: found[name] for name in found.files}


def states(base: Base, rows: Sequence[Sequence[int]]) -> dict[str, Vectors]:
    """Return mean states of parts after the first, the middle and the last layer, as float16."""
    torch: Any = import_module("torch")
    found: dict[str, list[Vectors]] = {"first": [], "middle": [], "last": []}
    for start in range(0, len(rows), 16):
        ids, mask = base.pad(rows[start : start + 16])
        with torch.inference_mode():
            each = base.model.model(
                input_ids=ids, attention_mask=mask, output_hidden_states=True
            ).hidden_states
        for label, layer in (("first", 1), ("middle", len(each) // 2), ("last", -1)):
            parts = each[layer].float().unflatten(1, (-1, WINDOW)).mean(dim=2)
            found[label].append(parts.numpy().astype(np.float16))
    return {label: np.concatenate(parts) for label, parts in found.items()}


class SigmoidGate:
    """A logistic regression for each expert: its examples against general text."""

    def __init__(self, general: Vectors) -> None:
        self._general = general
        self._weights: list[Vectors] = []

    def fit(self, vectors: Vectors) -> None:
        """Learn the next expert from its own data and general text."""
        made: Any = import_module("sklearn.linear_model").LogisticRegression(
            C=10.0, class_weight="balanced", max_iter=200
        )
        rows = np.concatenate([vectors, self._general])
        made.fit(rows, np.arange(len(rows)) < len(vectors))
        self._weights.append(np.append(made.coef_[0], made.intercept_))

    def strange(self, vectors: Vectors) -> Vectors:
        """Return how strange each vector is to each expert."""
        return -(vectors @ np.stack([w[:-1] for w in self._weights], axis=1)) - np.array(
            [w[-1] for w in self._weights]
        )


def strangeness(
    kind: str,
    data: Mapping[str, Any],
    *,
    layer: str = "middle",
    parts: bool = False,
    white: str = "full",
    examples: int = LEARNT,
    **options: Any,
) -> tuple[Vectors, Vectors]:
    """Return scores and familiarity of all asked texts, shape (documents × asked, experts)."""
    held, general = data[layer].astype(np.float32), data[f"{layer}.general"].astype(np.float32)
    width = held.shape[-1]
    wholes = {
        "full": lambda: Whitening.fit(general.reshape(-1, width), shrink=0.1),
        "channels": lambda: Whitening.fit(general.mean(axis=1)),
    }
    whitening = wholes[white]() if white in wholes else None
    if not parts:
        held, general = held.mean(axis=2), general.mean(axis=1)
    own, asked = held[:, :examples], held[:, LEARNT:].reshape(-1, *held.shape[2:])
    if kind == "sigmoid":
        assert whitening is not None
        sigmoid = SigmoidGate(whitening(general.reshape(-1, width)))
        for each in own:
            sigmoid.fit(whitening(each.reshape(-1, width)))
        scores = sigmoid.strange(whitening(asked.reshape(-1, width)))
        scores = scores.reshape(len(asked), -1, len(held)).mean(axis=1)
        return scores, -scores
    gate = example_gate(kind, width, whitening=whitening, **options)
    names = [str(at) for at in range(len(held))]
    for name, each in zip(names, own, strict=True):
        gate.fit(name, each)
    judged = gate.judge(asked)
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
    "rnd by parts": {"kind": "rnd", "parts": True},
    "rnd": {"kind": "rnd"},
    "average": {"kind": "cluster"},
    "4 centres": {"kind": "cluster", "centres": 4},
    "16 centres by parts": {"kind": "cluster", "parts": True, "centres": 16},
    "nearest example": {"kind": "retrieval"},
    "sigmoid gate": {"kind": "sigmoid"},
    "sigmoid gate by parts": {"kind": "sigmoid", "parts": True},
    "rnd by parts, channels whitened": {"kind": "rnd", "parts": True, "white": "channels"},
    "average, channels whitened": {"kind": "cluster", "white": "channels"},
    "average, not whitened": {"kind": "cluster", "white": "no"},
    "average, 4 examples": {"kind": "cluster", "examples": 4},
    "average by parts": {"kind": "cluster", "parts": True},
    "rnd by parts, 4 examples": {"kind": "rnd", "parts": True, "examples": 4},
    "rnd by parts, ratio": {"kind": "rnd", "parts": True, "scale": "ratio"},
    "rnd by parts, quantile": {"kind": "rnd", "parts": True, "scale": "quantile"},
    "rnd by parts, not whitened": {"kind": "rnd", "parts": True, "white": "no"},
    "rnd by parts, last layer": {"kind": "rnd", "parts": True, "layer": "last"},
    "rnd by parts, first layer": {"kind": "rnd", "parts": True, "layer": "first"},
    "sigmoid gate, 4 examples": {"kind": "sigmoid", "examples": 4},
    "nearest by parts": {"kind": "retrieval", "parts": True},
}
CURVES = tuple(GATES)[:8]


def measure(data: Mapping[str, Any], seeds: Sequence[int], kept: Path) -> dict[str, Any]:
    """Return accuracy by number of experts, and the AUROC of abstention, for each gate.

    Gates with a curve learn all documents; ablations are compared at ``ABLATED`` experts. What was
    measured is kept, so that a run that was broken off goes on.
    """
    domains = [str(each) for each in data["domains"]]
    far = [at for at, name in enumerate(domains) if name in FAR]
    draw = np.random.default_rng(99)
    others: list[int] = draw.permutation(
        [at for at in range(len(domains)) if at not in far]
    ).tolist()
    few = sorted([*others[: ABLATED + NEAR], *far])
    found: dict[str, Any] = json.loads(kept.read_text()) if kept.is_file() else {}
    for name, options in GATES.items():
        if name not in found:
            chosen = list(range(len(domains))) if name in CURVES else few
            part = {n: each if "." in n else each[chosen] for n, each in data.items()}
            scores, familiar = strangeness(data=part, **options)
            unknown = [at for at, each in enumerate(chosen) if each in far]
            most = len(chosen) - len(unknown) - NEAR
            counts = [count for count in COUNTS if count <= most] if name in CURVES else [ABLATED]
            found[name] = {
                str(count): _row(scores, familiar, unknown, count, seeds) for count in counts
            }
            kept.write_text(json.dumps(found))
        line = "  ".join(
            f"{n}: {row['accuracy'][0]:.3f} {row['near']:.2f} {row['far']:.2f}"
            for n, row in found[name].items()
        )
        print(f"{name:32s} {line}", flush=True)
    return {"documents": len(domains), "near": NEAR, "far": len(far), "gates": found}


def _row(
    scores: Vectors, familiar: Vectors, far: Sequence[int], count: int, seeds: Sequence[int]
) -> dict[str, Any]:
    """Return one gate's figures among so many experts, over random choices of them."""
    others = [at for at in range(len(scores) // ASKED) if at not in far]
    hits: list[float] = []
    told: dict[str, list[float]] = {"near": [], "far": [], "far_by_quantile": []}
    for seed in seeds:
        order: list[int] = np.random.default_rng(seed).permutation(others).tolist()
        known, near = order[:count], order[-NEAR:]
        hits.append(accuracy(scores, known))
        told["near"].append(auroc(scores, known, near))
        told["far"].append(auroc(scores, known, far))
        told["far_by_quantile"].append(auroc(-familiar, known, far))
    return {
        "accuracy": [round(each, 4) for each in (mean(hits), min(hits), max(hits))],
        **{name: round(mean(each), 4) for name, each in told.items()},
    }


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw accuracy and AUROC against the number of experts."""
    library: Any = import_module("matplotlib")
    library.use("Agg")
    figures: Any = import_module("matplotlib.pyplot")
    figure, axes = figures.subplots(1, 3, figsize=(14, 4))
    numbers = [int(n) for n in found["gates"][CURVES[0]]]
    for name in CURVES:
        rows = list(found["gates"][name].values())
        lines = (
            [row["accuracy"][0] for row in rows],
            *([r[k] for r in rows] for k in ("near", "far")),
        )
        for axis, line in zip(axes, lines, strict=True):
            axis.plot(numbers, line, marker="o", markersize=3, label=name)
    axes[0].plot(numbers, [1 / n for n in numbers], color="black", linestyle=":", label="chance")
    titles = (
        "right sub-domain chosen",
        "AUROC of abstention: other documents of these domains",
        "AUROC of abstention: other domains",
    )
    for axis, title in zip(axes, titles, strict=True):
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
    mark = "-".join(map(str, [told.base_steps, *told.seeds]))
    found = measure(
        features(told.folder, base_steps=told.base_steps),
        told.seeds,
        told.folder / f"familiar-{mark}.part",
    )
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))
    if told.plot:
        draw(found, told.plot)


if __name__ == "__main__":
    main()
