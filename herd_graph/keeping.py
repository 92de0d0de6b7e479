"""What became of single calls of a step that has several, while the step goes on.

It lies beside the step records in graph state, under keys of another form: nothing that reads records
sees it. A run that is killed in the middle of a cascade finds there what it need not call again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from herd_graph.schedule import Unit
from herd_graph.state import StepRecord


@dataclass(kw_only=True)
class Keeping:
    """The calls of one flight's units, by unit and candidate."""

    run: str
    before: dict[str, dict[str, StepRecord]] = field(
        default_factory=dict[str, dict[str, StepRecord]]
    )
    """What was kept of units that have not ended, before this flight."""
    fresh: dict[tuple[str, str], StepRecord] = field(
        default_factory=dict[tuple[str, str], StepRecord]
    )
    """What is to be committed."""

    @classmethod
    def of(cls, state: Mapping[str, Any], run: str, records: Mapping[str, StepRecord]) -> Keeping:
        """Read what a state holds; of units with a record nothing: the record says it all."""
        found: dict[str, dict[str, StepRecord]] = {}
        prefix = f"{run}!"
        held: dict[str, Any] = state.get("steps") or {}
        for name, value in held.items():
            if name.startswith(prefix):
                unit, _, key = name[len(prefix) :].partition("#")
                if unit not in records:
                    found.setdefault(unit, {})[key] = StepRecord.model_validate(value)
        return cls(run=run, before=found)

    @property
    def calls(self) -> list[StepRecord]:
        """Every call that was kept before: a budget counts them."""
        return [each for unit in self.before.values() for each in unit.values()]

    def known(self, unit: Unit) -> dict[str, StepRecord]:
        """Return what still holds of a unit, by candidate."""
        found = self.before.get(unit.id, {})
        return {key: each for key, each in found.items() if each.input_hash == unit.input_hash}

    def note(self, unit: Unit, key: str, record: StepRecord) -> None:
        """Take note of a call that ended."""
        self.fresh[unit.id, key] = record

    def take(self, ended: set[str]) -> dict[str, Any]:
        """Return what is to be committed; of units that have ended nothing is."""
        taken, self.fresh = self.fresh, {}
        return {
            f"{self.run}!{unit}#{key}": record.model_dump(mode="json", exclude_defaults=True)
            for (unit, key), record in taken.items()
            if unit not in ended
        }


__all__ = ("Keeping",)
