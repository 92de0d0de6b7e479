"""A request as the learned router reads it: vectors of the whole and of each clause, and its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from herd_graph.discovery.embedders import Embedder, Vectors
from herd_graph.discovery.words import stems
from herd_graph.routing.learned.words import Floats, spans, terms

MOST_CHARACTERS = 4000
"""No request is worth more than this: what comes after it is data, and a megabyte must not stall."""


@runtime_checkable
class ReadsSpans(Protocol):
    """An embedder that gives the vector of a text and of pieces of it, each read in its context."""

    def spans(self, text: str, places: Sequence[tuple[int, int]]) -> Vectors:
        """Return float32 of shape (1 + places, dimensions): the whole text first."""
        ...


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One request."""

    text: str
    whole: Floats
    """Of shape (dimensions,)."""
    clauses: Floats
    """Of shape (clauses, dimensions)."""
    spans: tuple[tuple[int, int], ...]
    terms: Mapping[int, int]
    stems: tuple[frozenset[str], ...]
    """The stems of each clause."""
    kinds: frozenset[str] = frozenset()
    """What is attached: ``audio``, ``image`` …"""


def read(text: str, embedder: Embedder, kinds: Sequence[str] = ()) -> Reading:
    """Read a request and what is attached to it, with one pass of the embedder where it can."""
    text = text.strip()[:MOST_CHARACTERS]
    places = spans(text)
    made = vectors(embedder, text, places)
    counted = terms(text)
    for kind in kinds:
        # What is attached is a word like any other, and one that nobody types.
        for bucket, often in terms(f"attached{kind}").items():
            counted[bucket] = counted.get(bucket, 0) + often
    return Reading(
        text=text,
        whole=made[0],
        clauses=made[1:],
        spans=tuple(places),
        terms=counted,
        stems=tuple(frozenset(stems(text[start:end])) for start, end in places),
        kinds=frozenset(kinds),
    )


def vectors(embedder: Embedder, text: str, places: Sequence[tuple[int, int]]) -> Vectors:
    """Return unit vectors of a text (the first row) and of its pieces.

    One pass over the whole text costs half of what a pass for each piece would, and a piece such as
    *then cancel it* is read with what *it* is.
    """
    if isinstance(embedder, ReadsSpans):
        return embedder.spans(text, places)
    return embedder.embed([text, *(text[start:end] for start, end in places)])
