"""What lends checks a hand: calls of other experts, paid for by the run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from herd_graph.artifacts import Artifact
from herd_graph.budgets import Ledger
from herd_graph.calling import Call, Caller
from herd_graph.coordination.checks.base import Aids, Outputs, Refs, key_of
from herd_graph.experts import Expert
from herd_graph.registry import Snapshot
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.types import RunId, StepId


@dataclass(kw_only=True)
class Calls:
    """Calls experts for the checks of a run: only what is free of charge and of side effects.

    What several checks ask of a deterministic expert is called once, also where they ask at once.
    """

    experts: Snapshot
    caller: Caller
    store: ArtifactStore
    run: RunId
    ledger: Ledger
    _made: dict[tuple[str, str], Outputs] = field(
        default_factory=dict[tuple[str, str], Outputs], repr=False
    )
    _asked: dict[tuple[str, str], asyncio.Lock] = field(
        default_factory=dict[tuple[str, str], asyncio.Lock], repr=False
    )

    def aids(self) -> Aids:
        """Return what checks are handed."""
        cards = [each.card for each in self.experts.values()]
        may = [each for each in cards if not each.approve and each.cost_usd == 0.0]
        return Aids(names=may, call=self)

    async def __call__(self, expert: str, inputs: Mapping[str, Any]) -> Outputs:
        """Call an expert with payloads or references.

        Raises:
            CallError: As any call does.
            BudgetExceeded: The run has no call or no time left.
        """
        refs = {name: await self._kept(each) for name, each in inputs.items()}
        found = self.experts.find(expert)
        if not found.card.deterministic:
            return await self._called(found, refs)
        key = found.card.id, key_of(refs)
        async with self._asked.setdefault(key, asyncio.Lock()):
            if key not in self._made:
                self._made[key] = await self._called(found, refs)
        return self._made[key]

    async def _called(self, found: Expert, refs: Mapping[str, Refs]) -> Outputs:
        self.ledger.reserve(0.0, f"A call of {found.card.id!r} by a check")
        call = Call(
            expert=found, inputs=refs, run=self.run, step=StepId("check"), timeout_s=found.card.timeout_s
        )  # fmt: skip
        result = await self.caller.call(call)
        self.ledger.settle(0.0, result.usd)
        return result.outputs

    async def _kept(self, value: Any) -> Refs:
        if isinstance(value, Artifact):
            return await in_thread(lambda: value.put(self.store), label="keep")
        return value


__all__ = ("Calls",)
