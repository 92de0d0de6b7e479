"""Where a session stops: at a step, an expert, a capability, a kind of payload, or on a condition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from herd_graph.debug.conditions import Condition, parse
from herd_graph.discovery.words import stems
from herd_graph.errors import ConfigError, suggest
from herd_graph.types import Kind

Moment = Literal["before", "after"]
SPECIAL: Mapping[str, str] = {
    "error": 'status == "failed"',
    "low": "score < 0.6 or confidence < 0.5",
    "disagreement": "disagreement == True",
}
"""Breakpoints with a name of their own, and the conditions that they stand for."""
_KINDS = frozenset(kind.value for kind in Kind)
_OPERATORS = ("<", ">", "==", "!=", " and ", " or ", " in ")


@dataclass(kw_only=True)
class Breakpoint:
    """One place to stop."""

    number: int
    target: str = ""
    """A step, an expert, a kind, or words of a capability; empty for any step."""
    condition: Condition | None = None
    temporary: bool = False
    """It is gone once it was hit."""
    hits: int = 0
    enabled: bool = True

    @property
    def moment(self) -> Moment:
        """Whether it stops before the call or, where it asks for results, after it."""
        return "after" if self.condition is not None and self.condition.about_results else "before"

    def fits(self, moment: Moment, values: Mapping[str, Any]) -> bool:
        """Say whether a session that stands here is to stop."""
        if not self.enabled or moment != self.moment or not self._aims_at(values):
            return False
        return self.condition is None or self.condition.holds(values)

    def _aims_at(self, values: Mapping[str, Any]) -> bool:
        wanted = self.target.lower()
        if not wanted:
            return True
        step = str(values["step"]).lower()
        if wanted in {step, step.partition("[")[0], str(values["expert"]).lower()}:
            return True
        if wanted in _KINDS:
            return wanted in values["kinds"]
        meant = set(stems(wanted))
        return bool(meant) and meant <= set(stems(str(values["capability"])))

    def __str__(self) -> str:
        told = self.target or "any step"
        if self.condition is not None:
            told = (
                f"{told} if {self.condition.text}" if self.target else f"if {self.condition.text}"
            )
        marks = [each for each, on in (("once", self.temporary), ("off", not self.enabled)) if on]
        hits = f", hit {self.hits} times" if self.hits else ""
        return f"{self.number}: {told} ({self.moment} the call{hits})" + "".join(
            f" [{mark}]" for mark in marks
        )


def read_breakpoint(
    text: str, number: int, known: Collection[str], *, temporary: bool = False
) -> Breakpoint:
    """Read a breakpoint: ``s2``, ``transcribe``, ``image``, ``score < 0.6``, ``ocr if cost > 0``.

    Args:
        text: What was typed.
        number: The number that it gets.
        known: Steps, experts and capabilities that can be meant; a typo is told at once.
        temporary: Stop once.

    Raises:
        ConfigError: It is nothing that a run can stop at.
    """
    stripped = text.strip()
    target, found, condition = stripped.partition(" if ")
    if stripped in SPECIAL:
        target, condition = "", SPECIAL[stripped]
    elif not found and any(each in stripped for each in _OPERATORS):
        target, condition = "", stripped
    elif stripped.startswith("if "):
        target, condition = "", stripped[3:]
    target = target.strip()
    if not target and not condition:
        raise ConfigError(
            "A breakpoint needs a target. Expected a step, an expert, a kind such as 'image', a "
            "condition such as 'score < 0.6', or one of: " + ", ".join(SPECIAL) + "."
        )
    named = [each for each in known if len(each) <= 64]
    if target and not _is_known(target, known):
        raise ConfigError(
            f"{target!r} is no step, expert, kind or capability here. {suggest(target, named)} "
            "Expected one of these, a kind such as 'image', or a condition such as 'score < 0.6'."
        )
    return Breakpoint(
        number=number,
        target=target,
        condition=parse(condition) if condition else None,
        temporary=temporary,
    )


def _is_known(target: str, known: Iterable[str]) -> bool:
    lowered = target.lower()
    words = set(stems(lowered))
    for each in known:
        if lowered == each.lower() or (words and words <= set(stems(each))):
            return True
    return lowered in _KINDS or lowered.partition("[")[0] in {each.lower() for each in known}


__all__ = ("SPECIAL", "Breakpoint", "Moment", "read_breakpoint")
