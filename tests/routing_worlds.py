"""A small world for routers by quality: three experts, two kinds of requests, known truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.routing.matrices import Matrix

EXPERTS = ("cook", "sailor", "clerk")
EMBEDDER = HashEmbedder(64)
_FOOD = ("soup", "bread", "onion", "oven", "salt", "butter", "recipe", "fry")
_SEA = ("harbour", "sail", "anchor", "tide", "rope", "deck", "storm", "compass")


def prompts(count: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Return prompts about food and the sea, and their kinds."""
    draw = np.random.default_rng(seed)
    made: list[str] = []
    kinds: list[str] = []
    for each in range(count):
        kind, words = ("food", _FOOD) if draw.random() < 0.5 else ("sea", _SEA)
        said = draw.choice(words, 4)
        made.append(f"question {each}: {' '.join(said)}?")
        kinds.append(kind)
    return made, kinds


def truth(kinds: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how likely each expert is right: two specialists, and a clerk that is fair at all."""
    table = {"food": (0.95, 0.1, 0.6), "sea": (0.1, 0.95, 0.6)}
    return np.array([table[each] for each in kinds])


def matrix(count: int = 240, seed: int = 0, *, noise: bool = True) -> Matrix:
    """Return a matrix of that world; the clerk is the best single expert, and dear."""
    asked, kinds = prompts(count, seed)
    draw = np.random.default_rng(seed + 1)
    chance = truth(kinds)
    rows, width = len(asked), len(EXPERTS)
    drawn = draw.random((rows, width)) if noise else np.full((rows, width), 0.5)
    right = drawn < chance
    cost = np.tile([0.001, 0.001, 0.01], (count, 1))
    return Matrix(
        name="world",
        experts=EXPERTS,
        prompts=tuple(asked),
        tasks=tuple(kinds),
        splits=("",) * count,
        quality=np.asarray(right, dtype=np.float32),
        cost=cost.astype(np.float32),
    )


def vectors(given: Matrix) -> Any:
    """Return the vectors of its prompts."""
    return EMBEDDER.embed(given.prompts)
