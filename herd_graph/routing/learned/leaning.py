"""A capability index that leans towards what was learnt: every hit carries what plans say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from herd_graph.discovery import CapabilityIndex, Changes, Hit
from herd_graph.discovery.index import Progress
from herd_graph.registry import Snapshot
from herd_graph.types import Kind


class Leaning(CapabilityIndex):
    """Searches another index, and adds to each score what was learnt about the whole request.

    The clause still says which expert is meant; what was learnt says which are likely at all. Reading,
    types and parameters stay with the planner that searches.

    Args:
        inner: The index that is searched.
        likely: How likely each card is wanted, by ``name@version``.
        strength: What being sure is worth, on the scale of a score.
    """

    def __init__(
        self, inner: CapabilityIndex, likely: Mapping[str, float], strength: float
    ) -> None:
        super().__init__(embedder=inner.embedder, persist=False)
        self._inner = inner
        self._likely = likely
        self._strength = strength

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the experts that it holds."""
        return self._inner.fingerprint

    def __len__(self) -> int:
        return len(self._inner)

    def holds(self, snapshot: Snapshot) -> bool:
        """Say whether the other index holds exactly these experts."""
        return self._inner.holds(snapshot)

    def sync(self, snapshot: Snapshot, *, progress: Progress | None = None) -> Changes:
        """Bring the other index up to date."""
        return self._inner.sync(snapshot, progress=progress)

    def search(
        self,
        query: str,
        *,
        takes: Collection[Kind] = (),
        gives: Kind | None = None,
        k: int = 10,
        eligible: Collection[str] | None = None,
        words: str | None = None,
        start: Collection[Kind] | None = None,
        steps: int = 1,
        local: bool = False,
        licences: Collection[str] | None = None,
        most_usd: float | None = None,
        mode: Literal["score", "rank"] = "score",
    ) -> list[Hit]:
        """Return the experts that come nearest, the best first; as ``CapabilityIndex.search``."""
        hits = self._inner.search(
            query,
            takes=takes,
            gives=gives,
            k=max(k, len(self._inner)),
            eligible=eligible,
            words=words,
            start=start,
            steps=steps,
            local=local,
            licences=licences,
            most_usd=most_usd,
            mode=mode,
        )
        leant = [
            Hit(
                card=hit.card,
                score=min(1.0, max(0.0, hit.score + self._worth(hit.card))),
                evidence={**hit.evidence, "learned": round(self._worth(hit.card), 4)},
                closest=hit.closest,
            )
            for hit in hits
        ]
        return sorted(leant, key=lambda hit: (-hit.score, hit.card))[:k]

    def _worth(self, card: str) -> float:
        """Return from minus half of the strength to all of it: absence says less than presence."""
        likely = self._likely.get(card, 0.0)
        return self._strength * (1.5 * likely - 0.5)
