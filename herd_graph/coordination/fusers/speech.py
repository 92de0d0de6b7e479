"""Transcripts of one recording by several recognisers: aligned word by word, and voted on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.coordination.fusers.alignment import vote

_EDGE = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """A fused transcript."""

    text: str
    agreement: float
    """The mean share of the weight behind its words, from 0 to 1."""
    disputed: tuple[tuple[str, str], ...] = ()
    """Words that not everybody heard, with what else was heard; empty for nothing."""


def fuse_transcripts(texts: Sequence[str], weights: Sequence[float] | None = None) -> Transcript:
    """Fuse transcripts by ROVER (Fiscus 1997); see ``alignment``.

    Words are compared without case and punctuation; each is written as its weightiest source wrote
    it. The order of the transcripts does not matter, and one transcript comes back unchanged.

    Args:
        texts: The transcripts; at least one.
        weights: How much each recogniser counts, such as 1 minus its word error rate.

    Raises:
        ValueError: There are none, or the weights are of another number.
    """
    if len(set(texts)) == 1:
        return Transcript(text=texts[0], agreement=1.0)
    given = [1.0] * len(texts) if weights is None else list(weights)
    hypotheses = [[_plain(word) for word in text.split() if _plain(word)] for text in texts]
    votes = vote(hypotheses, given)
    written = _surfaces(texts, given)
    words = [each for each in votes if each.token is not None]
    disputed = tuple(
        (each.token or "", (each.others[0] or "") if each.others else "")
        for each in votes
        if each.share < 1.0 - 1e-9
    )
    agreement = sum(each.share for each in votes) / len(votes) if votes else 1.0
    return Transcript(
        text=" ".join(written[each.token or ""] for each in words),
        agreement=agreement,
        disputed=disputed,
    )


def _plain(word: str) -> str:
    return _EDGE.sub("", word.lower())


def _surfaces(texts: Sequence[str], weights: Sequence[float]) -> dict[str, str]:
    """Return how each plain word is written by most weight."""
    counts: dict[str, dict[str, float]] = {}
    for text, weight in zip(texts, weights, strict=True):
        for word in text.split():
            forms = counts.setdefault(_plain(word), {})
            forms[word] = forms.get(word, 0.0) + weight
    return {
        plain: min(forms, key=lambda form: (-forms[form], form)) for plain, forms in counts.items()
    }


__all__ = ("Transcript", "fuse_transcripts")
