"""What one table cannot show: newcomers, drift, and where the time of a decision goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from herd_graph.bench import routing_scores as score
from herd_graph.discovery.embedders import Embedder
from herd_graph.routing.bandit import Bandit
from herd_graph.routing.matrices import Floats, Matrix
from herd_graph.routing.policy import Tradeoff, choose
from herd_graph.routing.quality.model import QualityModel
from herd_graph.routing.quality.neighbours import nearest
from herd_graph.routing.quality.newcomers import Newcomer
from herd_graph.routing.quality.training import train

ANCHORS = (20, 50, 100)
NEWCOMERS = 4
WARM = 1000
AFTER = 1000
CAUTION = Tradeoff().caution
"""Standard errors that the policy takes off what a newcomer promises."""


def newcomers(
    matrix: Matrix, vectors: Floats, parts: Sequence[int], say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Leave experts out one at a time, and let each join with N scored anchors.

    The best expert, and others spread over the field; trained on all folds but the first, tested on
    the first. ``without`` and ``full`` are the same router without the newcomer, and trained with
    all its labels.
    """
    import numpy as np

    fold = np.array(parts)
    fit: list[int] = np.flatnonzero(fold != 0).tolist()
    test: list[int] = np.flatnonzero(fold == 0).tolist()
    order = np.argsort(-matrix.quality.mean(axis=0))
    places = np.unique(np.linspace(0, len(order) - 1, NEWCOMERS).astype(int))
    chosen: list[int] = order[places].tolist()
    draw = np.random.default_rng(0)
    pool: list[int] = draw.permutation(fit).tolist()
    seen, rest = pool[len(pool) // 10 :], pool[: len(pool) // 10]
    anchors = rest if len(rest) >= max(ANCHORS) else pool[: max(ANCHORS)]
    full = train(matrix.take(seen), vectors[seen], embedder="bench", trees=120)
    asked = [matrix.prompts[row] for row in test]
    whole = _judged(full, asked, vectors[test])
    quality = matrix.quality[test].astype(np.float64)
    made: list[dict[str, Any]] = []
    for expert in chosen:
        name = matrix.experts[expert]
        say(f"newcomer {name}")
        others = [each for each in range(len(matrix.experts)) if each != expert]
        known = train(
            matrix.take(seen).only([matrix.experts[k] for k in others]),
            vectors[seen],
            embedder="bench",
            trees=120,
        )
        base = _judged(known, asked, vectors[test])
        at = _judged(known, [matrix.prompts[row] for row in anchors], vectors[anchors])
        row: dict[str, Any] = {
            "expert": name,
            "without": _reached(base, quality[:, others], known.margin),
            "full": _reached(whole, quality, full.margin),
            "anchors": {},
        }
        joined = quality[:, [*others, expert]]
        for count in ANCHORS:
            reached: list[float] = []
            for _ in range(4):
                taken: list[int] = draw.permutation(len(anchors))[:count].tolist()
                scores = matrix.quality[[anchors[k] for k in taken], expert]
                newcomer = Newcomer.of(name, at[taken], scores)
                told = np.array([newcomer.expect(each) for each in base])
                cautious = np.clip(told[:, 0] - CAUTION * told[:, 1], 0, 1)
                reached.append(_reached(np.hstack([base, cautious[:, None]]), joined, known.margin))
            row["anchors"][str(count)] = float(np.mean(reached))
        made.append(row)
    return made


def _judged(model: QualityModel, prompts: Sequence[str], vectors: Floats) -> Floats:
    import numpy as np

    return np.stack(
        [model.judge(p, v).quality for p, v in zip(prompts, vectors, strict=True)]
    ).astype(np.float64)


def _reached(expected: Floats, quality: Floats, margin: float) -> float:
    """Return what the gate and the best promise reach together."""
    import numpy as np

    del margin  # the gate of the known experts is set for their own mean, not a newcomer's
    return float(score.of(quality, np.asarray(expected.argmax(axis=1))).mean())


def drift(matrix: Matrix, vectors: Floats, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Stream prompts; half-way the best expert falls to 30 % of its quality. Only calls are scored.

    All start from the same warm start: neighbours among 1,000 fully scored prompts (a fifth of the
    set, where it is smaller).
    """
    import numpy as np

    draw = np.random.default_rng(0)
    order = draw.permutation(len(matrix))
    warm = order[: min(WARM, len(order) // 5)]
    stream = order[len(warm) :]
    quality = matrix.quality[stream].astype(np.float64)
    best = int(matrix.quality[warm].mean(axis=0).argmax())
    half = len(stream) // 2
    quality[half:, best] *= 0.3
    at, near = nearest(vectors[stream], vectors[warm], 40)
    weight = np.maximum(near, 1e-3) ** 2
    expected = np.einsum("ij,ijk->ik", weight, matrix.quality[warm][at]) / weight.sum(1)[:, None]
    say("drift")
    fixed = np.full(len(stream), best)
    made = [
        _online("best single, for ever", quality, half, _given(fixed)),
        _online("warm start alone", quality, half, _given(expected.argmax(axis=1))),
    ]
    settings: list[tuple[str, dict[str, Any]]] = [
        ("Thompson, no discount", {"discount": 1.0, "method": "thompson", "detect": False}),
        ("Thompson, discounted", {"discount": 0.998, "method": "thompson", "detect": False}),
        ("Thompson, discounted, detector", {"discount": 0.998, "method": "thompson"}),
        ("LinUCB, discounted, detector", {"discount": 0.998, "method": "linucb"}),
    ]
    made += [_bandit(name, quality, half, expected, **each) for name, each in settings]
    return made


def _given(picks: Any) -> Callable[[int, Callable[[int], float]], int]:
    """Return a policy that has decided everything before, and learns nothing."""

    def pick(row: int, learn: Callable[[int], float]) -> int:
        del learn
        return int(picks[row])

    return pick


def _bandit(
    name: str,
    quality: Floats,
    half: int,
    expected: Floats,
    *,
    method: Any,
    discount: float,
    detect: bool = True,
) -> dict[str, Any]:
    import numpy as np

    bandit = Bandit(dimensions=2, method=method, discount=discount)
    experts = [str(each) for each in range(quality.shape[1])]
    for each in experts:
        bandit.add(each, np.array([1.0, 0.0]))
        if not detect:
            bandit.arms[each].detector.threshold = float("inf")

    def pick(row: int, learn: Callable[[int], float]) -> int:
        contexts = np.stack([expected[row], np.ones(len(experts))], axis=1)
        told = [bandit.expect(contexts[k], [each])[0] for k, each in enumerate(experts)]
        _, taken = bandit.draw(told)
        bandit.learn(experts[taken], contexts[taken], learn(taken))
        return taken

    return _online(name, quality, half, pick)


def _online(
    name: str, quality: Floats, half: int, pick: Callable[[int, Callable[[int], float]], int]
) -> dict[str, Any]:
    import numpy as np

    got = np.array(
        [
            quality[row, pick(row, lambda expert, row=row: float(quality[row, expert]))]
            for row in range(len(quality))
        ]
    )
    return {
        "policy": name,
        "before": float(got[:half].mean()),
        "first": float(got[half : half + AFTER].mean()),
        "last": float(got[-500:].mean()),
    }


def latency(
    matrix: Matrix, vectors: Floats, embedder: Embedder, *, experts: int = 1000, asked: int = 200
) -> dict[str, dict[str, float]]:
    """Time the parts of a decision, with this many experts: the set's own and mixtures of them."""
    import numpy as np

    draw = np.random.default_rng(0)
    rows = draw.permutation(len(matrix))[: min(2000, len(matrix))]
    mixed = draw.dirichlet(np.full(len(matrix.experts), 0.3), experts).T
    small = matrix.take(rows)
    many = Matrix(
        name="many",
        experts=tuple(f"e{each}" for each in range(experts)),
        prompts=small.prompts,
        tasks=small.tasks,
        splits=small.splits,
        quality=(small.quality @ mixed).astype(np.float32),
        cost=(small.cost @ mixed).astype(np.float32),
    )
    model = train(many, vectors[rows], embedder=embedder.name, trees=120)
    parts: dict[str, list[float]] = {"embed": [], "search": [], "score": [], "choose": []}
    single = model.best_single
    drawn: list[int] = draw.choice(len(matrix), asked).tolist()
    for each in drawn:
        prompt = matrix.prompts[each]
        started = time.perf_counter()
        vector = embedder.embed([f"{prompt} "])[0]
        made = time.perf_counter()
        judged = model.judge(prompt, vector)
        worth = judged.quality - 0.5 * judged.spread
        np.argsort(-worth)[:10]
        done = time.perf_counter()
        parts["embed"].append(made - started)
        parts["search"].append(judged.seconds["search"])
        parts["score"].append(done - made - judged.seconds["search"])
        # The policy and its reasons for those ten that come first.
        told = model.estimates(prompt, vector) if len(parts["choose"]) < 20 else None
        if told is not None:
            ten = sorted(told, key=lambda e: -e.quality)[:10]
            begun = time.perf_counter()
            choose(ten, trade=Tradeoff(), best_single=single)
            parts["choose"].append(time.perf_counter() - begun)
    return {
        name: {
            "p50": 1000 * float(np.quantile(values, 0.5)),
            "p99": 1000 * float(np.quantile(values, 0.99)),
        }
        for name, values in parts.items()
    }


__all__ = ("drift", "latency", "newcomers")
