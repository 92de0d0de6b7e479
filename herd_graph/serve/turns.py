"""Which run answered which conversation: how a client that sends everything again is understood."""

from __future__ import annotations

import time
from collections import OrderedDict

from herd_graph.serve.records import Records

_REMEMBERED = 10_000
_KEPT_S = 90 * 86_400
"""How long a conversation that nobody goes on with is known; by its words alone after that."""


class Turns:
    """Runs by the hash of the conversation that they answered.

    Args:
        records: Where they are kept.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self._known: OrderedDict[str, str] = OrderedDict()
        self._pending: list[tuple[str, str, float]] = []
        self._pruned = 0.0

    def remember(self, mark: str, run: str) -> None:
        """Note a run's answer; written down at the next ``flush``."""
        self._known[mark] = run
        self._pending.append((mark, run, time.time()))
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def find(self, mark: str) -> str | None:
        """Return the run that gave an answer; None if it was not one of ours."""
        known = self._known.get(mark)
        if known is not None:
            return known
        found = self.records.read("SELECT run FROM turns WHERE hash = ?", (mark,))
        return str(found[0][0]) if found else None

    def flush(self) -> None:
        """Write down what is new, and forget what is old."""
        taken, self._pending = self._pending, []
        prune = time.time() - self._pruned > 3600
        if not taken and not prune:
            return
        with self.records.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO turns VALUES (?,?,?)", taken)
            if prune:
                self._pruned = time.time()
                connection.execute("DELETE FROM turns WHERE at < ?", (self._pruned - _KEPT_S,))


__all__ = ("Turns",)
