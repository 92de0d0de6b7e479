"""What an expert's results are like, as a rule: how long for what they are of, and how they end.

Learned from results that every check passed, for each expert and port. A transcript with half the
letters for a second of speech that this recogniser always writes is doubted, and so is a sentence
without its full stop from an expert that never forgot one.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import deque
from dataclasses import dataclass, field
from threading import Lock

from herd_graph.coordination.checks.base import CheckInput, Level, doubt, listed, passed
from herd_graph.coordination.checks.natures import reads_pictures
from herd_graph.coordination.checks.quoting import quoted
from herd_graph.coordination.checks.sounds import heard, written
from herd_graph.state import Verdict
from herd_graph.types import ArtifactRef, Kind

LEAST = 6
"""Results of different inputs before anything is a habit."""
KEPT = 200
"""Results that are remembered of each expert and port, the latest."""
_SPREAD, _SHORT, _LONG = 4.0, math.log(1.45), math.log(2.5)
"""How many robust deviations, and how much in any case, is out of the ordinary. What is cut off is
short; a long result has mostly a reason that its length does not show."""
_ENDS = re.compile(r"[.!?…][\"”')\]]*$")
_FEW = 16
"""Letters of a picture, at least: how many stand on a sign of one word is a guess."""
_DIGIT = 6
"""Letters that a figure is spoken with."""


@dataclass(kw_only=True)
class _Usual:
    ratios: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    ends: deque[bool] = field(default_factory=lambda: deque(maxlen=KEPT))
    """Whether each ended with a full stop, of those that should."""
    inputs: set[str] = field(default_factory=set[str])


@dataclass(kw_only=True)
class Habits:
    """Compares a result with those that its expert usually gives."""

    name: str = "habit"
    cost: float = 0.0005
    level: Level = "default"
    _usual: dict[tuple[str, str], _Usual] = field(
        default_factory=dict[tuple[str, str], _Usual], repr=False
    )
    _lock: Lock = field(default_factory=Lock, repr=False)

    def applies(self, subject: CheckInput) -> bool:
        """Say whether there is a text or a recording of something."""
        kinds = {ref.kind for refs in subject.outputs.values() for ref in listed(refs)}
        return bool(subject.inputs) and bool(kinds & {Kind.TEXT, Kind.AUDIO})

    async def __call__(self, subject: CheckInput) -> Verdict | None:
        """Compare length and ending with what is usual."""
        for port, (ratio, ends) in (await self._seen(subject)).items():
            with self._lock:
                usual = self._usual.get((subject.card.id, port))
                if usual is None or len(usual.inputs) < LEAST:
                    continue
                ratios, endings = list(usual.ratios), list(usual.ends)
            if ratio is not None and len(ratios) >= LEAST:
                middle = statistics.median(ratios)
                spread = statistics.median(abs(each - middle) for each in ratios) * 1.4826
                apart, least = abs(ratio - middle), _SHORT if ratio < middle else _LONG
                if apart > max(_SPREAD * spread, least):
                    told = f"{port!r} is {math.exp(ratio - middle):.2f} times as long as its results are"
                    return doubt(self.name, told, score=max(0.1, 0.5 - 0.1 * (apart - least)))
            odd = ends is False and len(endings) >= LEAST and all(endings)
            if odd and await quoted(subject) is None:  # what is quoted ends as it did there
                told = f"{port!r} does not end as all {len(endings)} before did, with a full stop"
                return doubt(self.name, told, score=0.4)
        return passed(self.name)

    async def remember(self, subject: CheckInput) -> None:
        """Take note of a result that every check passed."""
        found = await self._seen(subject)
        key = "|".join(ref.id for refs in subject.inputs.values() for ref in listed(refs))
        with self._lock:
            for port, (ratio, ends) in found.items():
                usual = self._usual.setdefault((subject.card.id, port), _Usual())
                if key in usual.inputs or len(usual.inputs) >= 10 * KEPT:
                    continue
                usual.inputs.add(key)
                if ends is not None:
                    usual.ends.append(ends)
                if ratio is not None:
                    usual.ratios.append(ratio)

    async def _seen(self, subject: CheckInput) -> dict[str, tuple[float | None, bool | None]]:
        """Return for each port the log of its length for what it is of, and whether it ends well.

        None where nothing can be said: a translation ends as its source does.
        """
        base = await _size(subject)
        source = next(iter((await subject.texts(given=True)).values()), "")
        is_open = bool(source) and _translates(subject) and not _ENDS.search(source.strip())
        found: dict[str, tuple[float | None, bool | None]] = {}
        for port, refs in subject.outputs.items():
            if isinstance(refs, list) or refs.kind not in {Kind.TEXT, Kind.AUDIO}:
                continue
            long, ends = await _length(subject, refs)
            ratio = math.log(long / base) if long > 0 and base else None
            found[port] = ratio, None if is_open else ends
        return found


async def _length(subject: CheckInput, ref: ArtifactRef) -> tuple[float, bool]:
    if ref.kind is Kind.AUDIO:
        return (await heard(subject, ref)).sounding, True
    text = (await subject.text(ref)).strip()
    return float(len(text)), bool(_ENDS.search(text))


async def _size(subject: CheckInput) -> float:
    """Return how much there is to write down of an input: of speech, of a page; 0 for anything else."""
    given = [ref for refs in subject.inputs.values() for ref in listed(refs)]
    media = [ref for ref in given if ref.kind in {Kind.AUDIO, Kind.IMAGE}]
    if len(media) == 1 and media[0].kind is Kind.AUDIO:
        sound = await heard(subject, media[0])
        return sound.sounding if sound.sounding > 1.0 else 0.0
    if len(media) == 1 and reads_pictures(subject.card):
        letters = float(await written(subject, media[0]))
        return letters if letters >= _FEW else 0.0
    texts = [ref for ref in given if ref.kind is Kind.TEXT]
    speaks = any(port.kind is Kind.AUDIO for port in subject.card.outputs)
    if len(texts) == 1 and not media and (_translates(subject) or speaks):
        text = await subject.text(texts[0])
        figures = sum(map(str.isdigit, text)) if speaks else 0
        return float(len(text) + (_DIGIT - 1) * figures) if len(text) > 20 else 0.0
    return 0.0


def _translates(subject: CheckInput) -> bool:
    return any(port.choices for port in subject.card.inputs)


__all__ = ("Habits",)
