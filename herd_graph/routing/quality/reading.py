"""A request as numbers: what it means, which words it has, what it is like, what is attached."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from herd_graph import extras
from herd_graph.routing.matrices import Floats, Ints
from herd_graph.routing.surface import NAMES, surface

BUCKETS = 1 << 14
"""Hashed, so that no vocabulary is saved."""
MEANING, TOPICS = 48, 32
"""Dimensions that are kept of the vector and of the words."""
_MOST_WORDS = 300
_WORD = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=1 << 16)
def _bucket(term: str) -> int:
    return zlib.crc32(term.encode()) % BUCKETS


def terms(text: str) -> dict[int, int]:
    """Return how often each hashed word and pair of words occurs; every number is the word 0."""
    spoken = ["0" if each[0].isdigit() else each for each in _WORD.findall(text[:6000].lower())]
    spoken = spoken[:_MOST_WORDS]
    found: dict[int, int] = {}
    before = ""
    for word in spoken:
        for term in (word, f"{before} {word}") if before else (word,):
            bucket = _bucket(term)
            found[bucket] = found.get(bucket, 0) + 1
        before = word
    return found


@dataclass(frozen=True, kw_only=True)
class Read:
    """One request as it was read."""

    row: Floats
    """What the trees see."""
    vector: Floats
    looks: Floats
    """The surface of its text."""
    buckets: Ints
    """Its words and pairs of words, hashed."""
    weights: Floats


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a request becomes a row of features; learnt from requests without any labels."""

    centre: Floats
    axes: Floats
    """Principal axes of the vectors, of shape (dimensions, MEANING)."""
    rarity: Floats
    """Of shape (BUCKETS,)."""
    topics: Floats
    """From words to topics, of shape (BUCKETS, TOPICS)."""
    extra: int = 0
    """How many features of attached artifacts follow."""

    @classmethod
    def of(cls, prompts: Sequence[str], vectors: Floats, extra: int = 0) -> Reading:
        """Learn the axes and topics of a set of requests. Raises ``MissingExtra``."""
        import numpy as np

        linear: Any = extras.need("sklearn.utils.extmath", "learn")
        counted = [terms(each) for each in prompts]
        held = np.zeros(BUCKETS, dtype=np.float32)
        for each in counted:
            held[list(each)] += 1
        rarity = (np.log((1 + len(counted)) / (1 + held)) + 1).astype(np.float32)
        rarity[held < 2] = 0  # what occurs once is no topic
        rows = _sparse(counted, rarity)
        count = min(TOPICS, len(prompts) - 1)
        _, _, found = linear.randomized_svd(rows, count, n_iter=5, random_state=0)
        centre = vectors.mean(axis=0)
        _, axes = np.linalg.eigh(np.cov((vectors - centre).T))
        return cls(
            centre=centre.astype(np.float32),
            axes=axes[:, ::-1][:, :MEANING].astype(np.float32),
            rarity=rarity,
            topics=np.ascontiguousarray(found.T, dtype=np.float32),
            extra=extra,
        )

    def counted(self, prompts: Sequence[str]) -> Any:
        """Return the words of requests as a sparse matrix, of shape (requests, BUCKETS)."""
        return _sparse([terms(each) for each in prompts], self.rarity)

    def read(self, prompt: str, vector: Floats, artifacts: Floats | None = None) -> Read:
        """Read one request once, for everything that asks about it."""
        import numpy as np

        at, values = weighted(terms(prompt), self.rarity)
        looks = surface([prompt])[0]
        parts = [(vector - self.centre) @ self.axes, values @ self.topics[at], looks]
        if self.extra:
            given = np.full(self.extra, -1.0) if artifacts is None else artifacts
            parts.append(np.nan_to_num(given, nan=-1.0))
        row = np.concatenate(parts).astype(np.float32)
        return Read(row=row, vector=vector, looks=looks, buckets=at, weights=values)

    @property
    def width(self) -> int:
        """How many features there are."""
        return self.axes.shape[1] + self.topics.shape[1] + len(NAMES) + self.extra


def _sparse(counted: Sequence[dict[int, int]], rarity: Floats) -> Any:
    import numpy as np

    sparse: Any = extras.need("scipy.sparse", "learn")
    weighed = [weighted(each, rarity) for each in counted]
    return sparse.csr_matrix(
        (
            np.concatenate([values for _, values in weighed]),
            np.concatenate([at for at, _ in weighed]),
            np.cumsum([0, *(len(at) for at, _ in weighed)]),
        ),
        shape=(len(counted), BUCKETS),
    )


def weighted(counts: dict[int, int], rarity: Floats) -> tuple[Ints, Floats]:
    """Return the buckets of a text and their weights, as a vector of length 1."""
    import numpy as np

    at = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
    often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    values = (1 + np.log(np.maximum(often, 1))) * rarity[at]
    length = float(np.sqrt((values * values).sum()))
    return at, (values / length if length > 0 else values).astype(np.float32)


__all__ = ("BUCKETS", "Read", "Reading", "terms", "weighted")
