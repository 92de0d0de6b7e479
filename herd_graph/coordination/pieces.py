"""A smaller question: cut a long text or recording into pieces, and put the results together again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from herd_graph.artifacts import Artifact, Audio, Text, load
from herd_graph.cards import ExpertCard
from herd_graph.conversions import carries
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef, Kind

MOST = 8
"""Pieces, at most: each is a call."""
_LETTERS = 600
"""Letters of a piece, at least; shorter texts are not cut."""
_SECONDS = 15.0
"""Seconds of a piece, at least."""
_FRAME_S = 0.05
_SEARCH_S = 3.0
"""Seconds around an even cut in which the quietest place is looked for."""
_PIECEWISE = re.compile(
    r"\b(?:translat\w*|transcri\w*|correct\w*|proofread\w*|spell\w*|speech|asr|ocr|tts|speak\w*"
    r"|redact\w*|anonymi[sz]\w*|transliterat\w*)\b"
)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A payload in pieces."""

    pieces: tuple[ArtifactRef, ...]
    gaps: tuple[str, ...] = ()
    """What stood between two pieces of a text."""


def works_piecewise(card: ExpertCard) -> bool:
    """Say whether the results for two halves make up the result for the whole.

    Of a transcript or a translation that is so, of a summary or a label it is not. The tags
    ``piecewise`` and ``not-piecewise`` say it outright.
    """
    tags = {each.lower() for each in card.tags}
    if "not-piecewise" in tags:
        return False
    joined = all(port.kind in {Kind.TEXT, Kind.AUDIO} and not port.many for port in card.outputs)
    if not joined:
        return False
    said = " ".join((card.name.replace("_", " "), *tags))
    return (
        "piecewise" in tags or carries(card) == "certain" or bool(_PIECEWISE.search(said.lower()))
    )


def cut(ref: ArtifactRef, store: ArtifactStore) -> Cut | None:
    """Cut a text at its sentences, or a recording where it is quiet; None where it is too short."""
    if ref.kind is Kind.TEXT:
        parts = cut_text(str(load(ref, store)))
        if parts is None:
            return None
        pieces, gaps = parts
        return Cut(pieces=tuple(Text(each).put(store) for each in pieces), gaps=gaps)
    if ref.kind is Kind.AUDIO:
        return _cut_audio(cast("Audio", load(ref, store)), store)
    return None


def cut_text(text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return pieces of a text and what stands between them; together they are the text again.

    A cut is after a paragraph, else after a sentence, else between two words.
    """
    count = min(MOST, len(text) // _LETTERS)
    if count < 2:
        return None
    size = len(text) / count
    pieces: list[str] = []
    gaps: list[str] = []
    start = 0
    for number in range(1, count):
        found = _place(text, start, round(number * size), round(size / 3))
        if found is None:
            continue
        ends, begins = found
        pieces.append(text[start:ends])
        gaps.append(text[ends:begins])
        start = begins
    pieces.append(text[start:])
    return (tuple(pieces), tuple(gaps)) if len(pieces) > 1 else None


def _place(text: str, start: int, wanted: int, reach: int) -> tuple[int, int] | None:
    """Return where the gap nearest to a place begins and ends: paragraphs before sentences."""
    low, high = max(start + 1, wanted - reach), min(len(text) - 1, wanted + reach)
    for pattern in (r"\n\s*\n", r"(?<=[.!?…])\s+|\n", r"\s+"):
        gaps = [
            (each.start(), each.end())
            for each in re.finditer(pattern, text[low:high])
            if each.start() > 0
        ]
        if gaps:
            ends, begins = min(gaps, key=lambda each: abs(low + each[0] - wanted))
            return low + ends, low + begins
    return None


def _cut_audio(audio: Audio, store: ArtifactStore) -> Cut | None:
    import numpy as np

    samples, rate = audio.samples()
    count = min(MOST, int(len(samples) / rate / _SECONDS))
    if count < 2:
        return None
    frame = max(1, int(rate * _FRAME_S))
    loud = np.sqrt(
        (samples[: len(samples) // frame * frame].reshape(-1, frame) ** 2).mean(axis=1) + 1e-12
    )
    reach = int(_SEARCH_S / _FRAME_S)
    places = [0]
    for number in range(1, count):
        middle = int(number * len(loud) / count)
        low, high = max(0, middle - reach), min(len(loud), middle + reach)
        places.append((low + int(np.argmin(loud[low:high]))) * frame)
    places.append(len(samples))
    made = [
        Audio.from_samples(samples[one:two], rate, name=f"part{number}.wav")
        for number, (one, two) in enumerate(pairwise(places), 1)
    ]
    return Cut(pieces=tuple(each.put(store) for each in made))


def joined(
    results: Sequence[ArtifactRef], gaps: Sequence[str], store: ArtifactStore
) -> ArtifactRef:
    """Put the results of pieces together: texts with what stood between them, sounds end to end.

    Raises:
        ValueError: They are of a kind that cannot be joined.
    """
    if all(each.kind is Kind.TEXT for each in results):
        texts = [str(load(each, store)) for each in results]
        between = [*gaps, *[" "] * (len(texts) - 1 - len(gaps)), ""]
        whole = "".join(text + gap for text, gap in zip(texts, between, strict=True))
        made: Artifact = Text(whole)
    elif all(each.kind is Kind.AUDIO for each in results):
        made = _end_to_end([cast("Audio", load(each, store)) for each in results])
    else:
        kinds = ", ".join(sorted({each.kind.value for each in results}))
        raise ValueError(f"Results of kind {kinds} cannot be joined. Expected texts or sounds.")
    return made.put(store, results[0].provenance)


def _end_to_end(parts: Sequence[Audio]) -> Audio:
    import numpy as np

    first, rate = parts[0].samples()
    rest = [each.samples(rate)[0] for each in parts[1:]]
    return Audio.from_samples(np.concatenate([first, *rest]), rate)


__all__ = ("Cut", "cut", "cut_text", "joined", "works_piecewise")
