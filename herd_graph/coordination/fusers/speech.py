"""Transcripts of one recording by several recognisers: aligned word by word, and voted on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from herd_graph.coordination.fusers.alignment import vote
from herd_graph.routing.spoken import spoken

SHARPNESS = 0.5
"""How much a recogniser's own confidence in a word counts: as this power of it."""
NOTHING = 0.7
"""How sure a recogniser is taken to be where it heard nothing and another something."""
SPREAD = 3.0
"""How much likelier a reading with a better score is, among the readings of one recogniser."""
_LONGEST_NUMBER = 8
"""Words of one number in words: *nineteen ninety eight* is compared with *1998*."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What one recogniser heard."""

    text: str
    words: tuple[tuple[str, float], ...] = ()
    """The words of the text with how sure it is of each, from 0 to 1, where it says so."""
    others: tuple[tuple[str, float], ...] = ()
    """Its readings, the text among them, with the mean log-probability of their words."""


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

    Words are compared as they are spoken, without case and punctuation, *42* as *forty two*; each
    is written as its weightiest source wrote it. The order of the transcripts does not matter, and
    one transcript comes back unchanged.

    Args:
        texts: The transcripts; at least one.
        weights: How much each recogniser counts, such as 1 minus its word error rate.

    Raises:
        ValueError: There are none, or the weights are of another number.
    """
    return fuse_heard([Heard(text=each) for each in texts], weights)


def fuse_heard(
    heard: Sequence[Heard],
    weights: Sequence[float] | None = None,
    *,
    sharpness: float = SHARPNESS,
    nothing: float = NOTHING,
    spread: float = SPREAD,
) -> Transcript:
    """Fuse what recognisers heard, with their confidence in words and their second thoughts.

    A recogniser's weight is shared among its readings, as likely as each is; a word counts by how
    sure its recogniser is of it. The three settings were chosen on the development part of
    ``benchmarks/matrices``. Without confidences and other readings this is ``fuse_transcripts``.

    Raises:
        ValueError: There are none, or the weights are of another number.
    """
    given = [1.0] * len(heard) if weights is None else list(weights)
    if not heard or len(given) != len(heard):
        raise ValueError(
            f"{len(given)} weights were given for {len(heard)} transcripts. Expected one for each, and "
            "at least one transcript."
        )
    if len({each.text for each in heard}) == 1:
        return Transcript(text=heard[0].text, agreement=1.0)
    hypotheses: list[list[str]] = []
    shares: list[float] = []
    sure: list[list[float] | None] = []
    for each, weight in zip(heard, given, strict=True):
        for text, share in _readings(each, spread):
            tokens = [token for token, _ in _written(text.split())]
            hypotheses.append(tokens)
            shares.append(weight * share)
            sure.append(_confidence(each, tokens, text == each.text, sharpness))
    votes = vote(hypotheses, shares, sure=sure, nothing=nothing)
    forms = _forms([each.text for each in heard], given)
    words = [each.token for each in votes if each.token is not None]
    disputed = tuple(
        (each.token or "", (each.others[0] or "") if each.others else "")
        for each in votes
        if each.share < 1.0 - 1e-9
    )
    agreement = sum(each.share for each in votes) / len(votes) if votes else 1.0
    return Transcript(
        text=" ".join(forms.get(each, each) for each in words),
        agreement=agreement,
        disputed=disputed,
    )


def _readings(heard: Heard, spread: float) -> Iterator[tuple[str, float]]:
    """Yield the readings of one recogniser, and the share of its weight that each has."""
    if not heard.others:
        yield heard.text, 1.0
        return
    best = max(score for _, score in heard.others)
    chances = [math.exp(spread * (score - best)) for _, score in heard.others]
    for (text, _), chance in zip(heard.others, chances, strict=True):
        yield text, chance / sum(chances)


def _confidence(
    heard: Heard, tokens: Sequence[str], is_best: bool, sharpness: float
) -> list[float] | None:
    """Return how much each token counts: its own confidence, else the mean of the transcript."""
    if not heard.words:
        return None
    mean = sum(sure for _, sure in heard.words) / len(heard.words)
    own = _written_sure(heard.words) if is_best else []
    if [token for token, _ in own] != list(tokens):
        return [mean**sharpness] * len(tokens)
    return [sure**sharpness for _, sure in own]


def _written(words: Sequence[str]) -> list[tuple[str, str]]:
    """Return what is spoken, token by token, and how it is written."""
    made: list[tuple[str, str]] = []
    for tokens, start, stop in _runs(words):
        if len(tokens) == 1:
            made.append((tokens[0], " ".join(words[start:stop])))
        else:  # "$47.16" says more than it writes
            made += [(each, each) for each in tokens]
    return made


def _written_sure(words: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    made: list[tuple[str, float]] = []
    for tokens, start, stop in _runs([word for word, _ in words]):
        held = [sure for word, sure in words[start:stop] if spoken(word)]
        made += [(each, sum(held) / len(held)) for each in tokens]
    return made


def _runs(words: Sequence[str]) -> Iterator[tuple[list[str], int, int]]:
    """Yield what is spoken in each word, or in several that make one number together."""
    at = 0
    while at < len(words):
        tokens, stop = spoken(words[at]), at + 1
        if len(tokens) == 1 and tokens[0].isdigit():
            for end in range(at + 2, min(len(words), at + _LONGEST_NUMBER) + 1):
                joined = spoken(" ".join(words[at:end]))
                if len(joined) == 1 and spoken(words[end - 1]):
                    tokens, stop = joined, end
        if tokens:
            yield tokens, at, stop
        at = stop


def _forms(texts: Sequence[str], weights: Sequence[float]) -> dict[str, str]:
    """Return how each token is written by most weight."""
    counts: dict[str, dict[str, float]] = {}
    for text, weight in zip(texts, weights, strict=True):
        for token, form in _written(text.split()):
            held = counts.setdefault(token, {})
            held[form] = held.get(form, 0.0) + weight
    return {
        token: min(held, key=lambda form: (-round(held[form], 9), form))
        for token, held in counts.items()
    }


__all__ = ("Heard", "Transcript", "fuse_heard", "fuse_transcripts")
