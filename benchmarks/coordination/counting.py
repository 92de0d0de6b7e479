"""What passes over plans came to, counted and put in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.coordination.measuring import calibration
from herd_graph.coordination.confidence import isotonic


@dataclass(kw_only=True)
class Counted:
    """What one pass over the plans came to."""

    plans: int = 0
    outputs: int = 0
    alarms: int = 0
    """Results that were sound, and marked."""
    right: int = 0
    """Answers that are as without faults."""
    parts: int = 0
    injected: Counter[str] = field(default_factory=Counter[str])
    caught: Counter[str] = field(default_factory=Counter[str])
    missed: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict[str, Counter[str]](Counter)
    )
    alarmed: Counter[str] = field(default_factory=Counter[str])
    opinions: int = 0
    """Spoilt second opinions: what a check called to compare with."""
    seconds: float = 0.0
    """Real seconds: what HERD itself took, checks and all."""
    expert_seconds: float = 0.0
    """What all calls together took, when they were really made."""
    run_seconds: float = 0.0
    """What the runs took in virtual time: calls beside each other count once."""
    judged: list[tuple[int, float, bool]] = field(default_factory=list[tuple[int, float, bool]])
    """The plan of each answered part, how sure the part was, and whether it was right."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "plans": self.plans,
            "outputs": self.outputs,
            "alarms": self.alarms,
            "alarmed": dict(self.alarmed.most_common()),
            "opinions": self.opinions,
            "right": self.right,
            "parts": self.parts,
            "injected": dict(self.injected),
            "caught": dict(self.caught),
            "missed": {kind: dict(each.most_common()) for kind, each in self.missed.items()},
            "seconds": round(self.seconds, 2),
            "expert_seconds": round(self.expert_seconds, 2),
            "run_seconds": round(self.run_seconds, 2),
        }


def calibrated(
    judged: Sequence[tuple[int, float, bool]], say: Callable[[str], None]
) -> dict[str, Any]:
    """Measure confidence as it is, and as a map makes it that was fitted on the other half of the plans."""
    halves = [[each for each in judged if each[0] % 2 == half] for half in (0, 1)]
    mapped: list[tuple[float, bool]] = []
    for fitted, asked in (halves, halves[::-1]):
        known = isotonic([sure for _, sure, _ in fitted], [right for *_, right in fitted])
        mapped += [(known(sure), right) for _, sure, right in asked]
    told: dict[str, Any] = {"parts": len(judged)}
    for name, pairs in (("raw", [each[1:] for each in judged]), ("mapped", mapped)):
        error, low, high = calibration(pairs)
        told[name] = {"ece": error, "interval": [low, high]}
        say(f"calibration, {name}: ECE {error:.3f} [{low:.3f}, {high:.3f}] over {len(pairs)} parts")
    return told


def lines(name: str, counted: Counted) -> list[str]:
    """Return what was counted as people read it."""
    sound = counted.outputs - sum(counted.injected.values())
    right = f"{counted.right} of {counted.parts} ({_share(counted.right, counted.parts)})"
    alarms = f"{counted.alarms} of {sound} ({_share(counted.alarms, sound)})"
    made = [
        f"\n{name}: {counted.plans} plans, {counted.outputs} results; {counted.seconds:.1f} s beside",
        f"  the experts' {counted.expert_seconds:.1f} s; {counted.run_seconds:.1f} s in virtual time",
        f"  right answers   {right}",
        f"  false alarms    {alarms} {dict(counted.alarmed.most_common(8))}",
    ]
    for kind, count in sorted(counted.injected.items()):
        caught = counted.caught[kind]
        missed = dict(counted.missed[kind].most_common(6)) if kind in counted.missed else {}
        made.append(
            f"  {kind:16}{caught:4} of {count:4} ({_share(caught, count)})  missed: {missed}"
        )
    total = sum(counted.injected.values())
    if total:
        made.append(
            f"  all             {sum(counted.caught.values()):4} of {total:4} "
            f"({_share(sum(counted.caught.values()), total)}); {counted.opinions} second opinions spoilt"
        )
    return made


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


__all__ = ("Counted", "calibrated", "lines")
