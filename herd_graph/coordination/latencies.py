"""How long each expert usually takes, as measured here: when it is late, and which one is faster."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from herd_graph.cards import ExpertCard

KEPT = 64
"""Calls of one expert that are remembered, the latest ones."""
LEAST = 5
"""Calls before a quantile says anything."""
LATE = 0.9
"""The quantile of its own times after which an expert is late: one call in ten is."""
_SLACK = 3.0
"""Times what a card states, where nothing is measured."""
UNKNOWN_S = 10.0
"""Seconds after which an expert is late of which nobody knows how long it takes."""
_SHORTEST_S = 0.02
"""No call is late before: a second one would cost more than waiting."""


@dataclass(kw_only=True)
class Latencies:
    """Seconds of the calls that worked, by ``name@version``."""

    seconds: dict[str, deque[float]] = field(default_factory=dict[str, "deque[float]"])

    def note(self, expert: str, seconds: float) -> None:
        """Take note of a call that worked."""
        self.seconds.setdefault(expert, deque(maxlen=KEPT)).append(seconds)

    def quantile(self, expert: str, share: float) -> float | None:
        """Return the time within which a share of the calls ended; None before there are enough."""
        held = sorted(self.seconds.get(expert, ()))
        if len(held) < LEAST:
            return None
        return held[min(len(held) - 1, math.ceil(share * len(held)) - 1)]

    def usual(self, card: ExpertCard) -> float | None:
        """Return the usual seconds of a call: as measured, else as the card states."""
        measured = self.quantile(card.id, 0.5)
        return card.latency_s if measured is None else measured

    def late_after(self, card: ExpertCard) -> float:
        """Return the seconds after which a call is late."""
        measured = self.quantile(card.id, LATE)
        if measured is None:
            stated = card.latency_s
            # What a card states is a call's time, and the first call may have a model to load.
            measured = UNKNOWN_S if stated is None or card.loads else _SLACK * stated
            measured = max(measured, _SLACK * (stated or 0.0))
        return max(_SHORTEST_S, measured)


__all__ = ("Latencies",)
