"""Repeat, take turns, report medians: one measured line of the benchmark."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field


@dataclass(kw_only=True)
class Row:
    """One contestant in one measurement."""

    name: str
    who: str
    unit: str
    values: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])
    """The same in CPU time of this process, which other processes disturb less."""
    beside: float | None = None
    """The median that it is compared with."""
    goal: float | None = None
    digits: int = 2

    @property
    def median(self) -> float:
        """The middle of what was measured."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The lower and the upper quartile."""
        if len(self.values) < 2:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    def dump(self) -> dict[str, object]:
        """Return everything as JSON."""
        low, high = self.spread
        more = {"median": self.median, "low": low, "high": high}
        return {**asdict(self), **more}

    def __str__(self) -> str:
        low, high = self.spread
        text = f"{self.name:<26} {self.who:<26} {self.median:8.{self.digits}f} {self.unit}"
        text += f"  [{low:.{self.digits}f} … {high:.{self.digits}f}]"
        if self.cpu:
            text += f"  cpu {statistics.median(self.cpu):.{self.digits}f}"
        if self.beside is not None:
            text += f"  × {self.median / self.beside:.2f}"
        if self.goal is not None:
            reached = "reached" if self.median <= self.goal else "MISSED"
            text += f"  goal {self.goal:g}: {reached}"
        return text


def take_turns(
    contestants: Mapping[str, Callable[[], float | None]],
    *,
    repeat: int,
    name: str,
    unit: str,
    per: float = 1.0,
    digits: int = 2,
) -> list[Row]:
    """Let each contestant run once a round, and return a row for each.

    Args:
        contestants: Each returns the seconds that count, or None for those that it took.
        repeat: Rounds.
        name: Of the measurement.
        unit: Of what is printed.
        per: What the seconds are divided by, to get that unit.
        digits: Behind the point.
    """
    rows = [Row(name=name, who=who, unit=unit, digits=digits) for who in contestants]
    for contest in contestants.values():
        contest()  # imports, caches, first files
    for _ in range(repeat):
        for row, contest in zip(rows, contestants.values(), strict=True):
            wall, cpu = time.perf_counter(), time.process_time()
            own = contest()
            took = time.perf_counter() - wall
            row.values.append((took if own is None else own) / per)
            row.cpu.append((time.process_time() - cpu) / per)
    return rows
