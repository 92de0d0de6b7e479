"""Words as the learned router compares them: hashed words and pairs of words, weighted by rarity."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.floating[Any]]
    Ints: TypeAlias = NDArray[np.integer[Any]]
else:
    Floats = Ints = Any

BUCKETS = 1 << 18
"""Hashed, so that no vocabulary is saved; collisions among some 100,000 terms do no harm."""
_REACH = 3
"""A pair is two words with up to two between them: *cancel my train ticket* holds cancel–ticket."""
_MOST_WORDS = 600
_WORD = re.compile(r"[^\W\d_]+|\d+")
_CUT = re.compile(
    r"[,.;:?!]\s+|\n+|\s+(?:and|then|but|also|after|before|while|if|e|depois)\s+", re.IGNORECASE
)
_SHORTEST = 8
MOST_CLAUSES = 24


def tokens(text: str) -> list[str]:
    """Return the words of a text, lower case; every number is the word ``0``."""
    found = (each.group().lower() for each in _WORD.finditer(text[:20_000]))
    return ["0" if each[0].isdigit() else each for each in found][:_MOST_WORDS]


@lru_cache(maxsize=1 << 17)
def _bucket(term: str) -> int:
    return zlib.crc32(term.encode()) % BUCKETS


def terms(text: str) -> dict[int, int]:
    """Return how often each hashed word and pair of near words occurs."""
    spoken = tokens(text)
    found: dict[int, int] = {}
    for place, word in enumerate(spoken):
        near = (f"{word} {spoken[k]} {k - place}" for k in _ahead(place, len(spoken)))
        for term in (word, *near):
            bucket = _bucket(term)
            found[bucket] = found.get(bucket, 0) + 1
    return found


def _ahead(place: int, count: int) -> range:
    return range(place + 1, min(place + 1 + _REACH, count))


def spans(text: str) -> list[tuple[int, int]]:
    """Return where the clauses of a request stand, roughly: cut at punctuation and *and*."""
    found: list[tuple[int, int]] = []
    start = 0
    for cut in _CUT.finditer(text):
        if cut.start() - start >= _SHORTEST:
            found.append((start, cut.start()))
            start = cut.end()
    if len(text) - start >= _SHORTEST // 2:
        found.append((start, len(text)))
    return found[:MOST_CLAUSES] or [(0, len(text))]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Texts as sparse unit vectors, by term, so that one query meets only the terms that it has."""

    rarity: Floats
    """Of shape (BUCKETS,)."""
    starts: Ints
    """Where the rows of each term begin, of shape (BUCKETS + 1,)."""
    rows: Ints
    weights: Floats
    count: int

    @classmethod
    def of(cls, counted: Sequence[Mapping[int, int]]) -> Rows:
        """Weigh the terms of texts by how few of them hold each."""
        import numpy as np

        held = np.zeros(BUCKETS, dtype=np.float32)
        for each in counted:
            held[list(each)] += 1
        rarity = (np.log((1 + len(counted)) / (1 + held)) + 1).astype(np.float32)
        entries = [_weighted(each, rarity) for each in counted]
        nothing = (np.zeros(0, np.int32), np.zeros(0, np.float32))
        buckets = np.concatenate([each[0] for each in (*entries, nothing)])
        weights = np.concatenate([each[1] for each in (*entries, nothing)])
        rows = np.repeat(np.arange(len(entries), dtype=np.int32), [len(e[0]) for e in entries])
        order = np.argsort(buckets, kind="stable")
        starts = np.searchsorted(buckets[order], np.arange(BUCKETS + 1)).astype(np.int32)
        return cls(
            rarity=rarity,
            starts=starts,
            rows=rows[order],
            weights=weights[order],
            count=len(counted),
        )

    def near(self, counts: Mapping[int, int]) -> Floats:
        """Return the cosine of a text, by its terms, with every row, of shape (count,)."""
        import numpy as np

        made = np.zeros(self.count, dtype=np.float32)
        buckets, weights = _weighted(counts, self.rarity)
        for bucket, weight in zip(buckets, weights, strict=True):
            here = slice(self.starts[bucket], self.starts[bucket + 1])
            made[self.rows[here]] += weight * self.weights[here]
        return made


def _weighted(counts: Mapping[int, int], rarity: Floats) -> tuple[Ints, Floats]:
    import numpy as np

    buckets = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
    often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    weights = (1 + np.log(often)) * rarity[buckets]
    length = float(np.linalg.norm(weights))
    return buckets, (weights / length if length else weights)
