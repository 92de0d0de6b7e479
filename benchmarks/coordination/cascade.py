"""Cheap, check, dearer: the best recogniser's quality for less than it costs.

The check is the cheap recogniser's own confidence. Its threshold is chosen on the development voices:
the least that is passed on while the best single recogniser's quality is kept. ``Stairs`` asks two
cheap readings always, fuses them, and passes on as much as half of the best one's cost allows there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from benchmarks.coordination.speech import Clip, clips
from herd_graph.bench.routing_scores import interval
from herd_graph.coordination.fusers.speech import Heard, fuse_heard

PAIRS = (
    ("whisper_tiny", "whisper_base"),
    ("whisper_tiny_short", "whisper_base"),
    ("whisper_tiny_short", "whisper_base_short"),
)
SINGLE = "whisper_base"
"""The best single recogniser: what a cascade is held against."""
WAYS = ("dearer", "surer", "fused")
"""What stands where both were asked: the dearer one's, the surer one's, or what is made of both."""


def confidence(heard: Heard) -> float:
    """Return the mean log-probability of the words, and of the reading as a whole."""
    if not heard.words:
        return -10.0
    words = sum(math.log(max(1e-4, sure)) for _, sure in heard.words) / len(heard.words)
    return words + (heard.others[0][1] if heard.others else 0.0)


@dataclass(frozen=True, kw_only=True)
class Cascade:
    """Two recognisers, and how sure the first has to be."""

    cheap: str
    dear: str
    threshold: float
    way: str = "dearer"

    def passes_on(self, clip: Clip) -> bool:
        """Say whether the dear recogniser is asked too."""
        return confidence(clip.heard[self.cheap]) < self.threshold

    def text(self, clip: Clip) -> str:
        """Return the transcript."""
        if not self.passes_on(clip):
            return clip.heard[self.cheap].text
        cheap, dear = clip.heard[self.cheap], clip.heard[self.dear]
        if self.way == "fused":
            return fuse_heard([dear, cheap], [1.0, 0.9]).text
        if self.way == "surer" and confidence(cheap) > confidence(dear):
            return cheap.text
        return dear.text

    def cost(self, clip: Clip) -> float:
        """Return the CPU seconds."""
        dear = clip.cost[self.dear] if self.passes_on(clip) else 0.0
        return clip.cost[self.cheap] + dear


@dataclass(frozen=True, kw_only=True)
class Stairs:
    """Two cheap readings of every clip, fused; the dear one joins where they are least sure."""

    cheap: tuple[str, str] = ("whisper_base_short", "whisper_tiny_short")
    dear: str = SINGLE
    weights: tuple[float, float, float] = (0.8, 0.8, 1.0)
    nothing: float = 0.7
    threshold: float = 0.0

    def sure(self, clip: Clip) -> float:
        """Return how sure both are, together."""
        return sum(confidence(clip.heard[each]) for each in self.cheap)

    def passes_on(self, clip: Clip) -> bool:
        """Say whether the dear recogniser is asked too."""
        return self.sure(clip) < self.threshold

    def text(self, clip: Clip) -> str:
        """Return the transcript."""
        asked = [*self.cheap, *([self.dear] if self.passes_on(clip) else [])]
        heard = [clip.heard[each] for each in asked]
        return fuse_heard(heard, self.weights[: len(asked)], nothing=self.nothing).text

    def cost(self, clip: Clip) -> float:
        """Return the CPU seconds."""
        dear = clip.cost[self.dear] if self.passes_on(clip) else 0.0
        return sum(clip.cost[each] for each in self.cheap) + dear


BUDGET = 0.45
"""Of the best single recogniser's cost, what ``Stairs`` may take on the development voices."""


def stairs(known: Sequence[Clip]) -> Stairs:
    """Return the stairs that pass on as much as they may, whatever it brings on these voices."""
    best = Stairs(threshold=-math.inf)
    whole = sum(clip.cost[SINGLE] for clip in known)
    for level in sorted(best.sure(clip) for clip in known):
        tried = Stairs(threshold=level)
        if sum(tried.cost(clip) for clip in known) > BUDGET * whole:
            break
        best = tried
    return best


def quality(clip: Clip, text: str) -> float:
    """Return one minus the word error rate, at least 0."""
    return 1 - min(1.0, clip.errors(text) / max(1, len(clip.said)))


def chosen(cheap: str, dear: str, known: Sequence[Clip], way: str) -> Cascade:
    """Return the cascade that passes on the least and keeps the best single one's quality."""
    aim = _mean([quality(clip, clip.heard[SINGLE].text) for clip in known])
    levels = sorted({confidence(clip.heard[cheap]) for clip in known})
    for level in [*levels[:: max(1, len(levels) // 48)], math.inf]:
        tried = Cascade(cheap=cheap, dear=dear, threshold=level, way=way)
        if _mean([quality(clip, tried.text(clip)) for clip in known]) >= aim:
            return tried
    return Cascade(cheap=cheap, dear=dear, threshold=math.inf, way=way)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def measured(cascade: Cascade | Stairs, known: Sequence[Clip], single: str) -> dict[str, Any]:
    """Return a cascade's quality and cost beside those of the best single recogniser."""
    got = [quality(clip, cascade.text(clip)) for clip in known]
    alone = [quality(clip, clip.heard[single].text) for clip in known]
    np: Any = import_module("numpy")
    gain = interval(np.array(got) - np.array(alone))
    own = _mean([cascade.cost(clip) for clip in known])
    whole = _mean([clip.cost[single] for clip in known])
    return {
        "quality": _mean(got),
        "single": _mean(alone),
        "gain": asdict(gain),
        "cost": own,
        "share": own / whole,
        "passed_on": _mean([float(cascade.passes_on(clip)) for clip in known]),
        "told": f"{_mean(got):.4f} against {_mean(alone):.4f} ({gain}), at {own / whole:.0%} of "
        f"the cost ({own:.3f} of {whole:.3f} CPU s), "
        f"{_mean([float(cascade.passes_on(c)) for c in known]):.0%} passed on",
    }


def run(say: Callable[[str], None]) -> dict[str, Any]:
    """Choose thresholds on the development part, and measure on the test part."""
    known = clips()
    told: dict[str, Any] = {}
    for cheap, dear in PAIRS:
        whole = [clip for clip in known if cheap in clip.heard and dear in clip.heard]
        if not whole:
            say(f"{cheap} was not collected")
            continue
        development = [clip for clip in whole if clip.part == "development"]
        test = [clip for clip in whole if clip.part == "test"]
        for way in WAYS:
            cascade = chosen(cheap, dear, development, way)
            name = f"{cheap} → {dear}, {way}"
            say(f"\n{name} (threshold {cascade.threshold:.3f})")
            told[name] = {"threshold": cascade.threshold}
            for part, some in (("development", development), ("test", test)):
                told[name][part] = measured(cascade, some, SINGLE)
                say(f"  {part:12} {told[name][part]['told']}")
    both = [clip for clip in known if {*Stairs().cheap} <= set(clip.heard)]
    climbing = stairs([clip for clip in both if clip.part == "development"])
    up: dict[str, Any] = {"threshold": climbing.threshold}
    told["stairs"] = up
    say(f"\nboth cheap ones, fused → {SINGLE} (threshold {climbing.threshold:.3f})")
    for part in ("development", "test"):
        up[part] = measured(climbing, [c for c in both if c.part == part], SINGLE)
        say(f"  {part:12} {up[part]['told']}")
    return told


__all__ = (
    "PAIRS",
    "SINGLE",
    "WAYS",
    "Cascade",
    "Stairs",
    "chosen",
    "confidence",
    "measured",
    "quality",
    "run",
    "stairs",
)
