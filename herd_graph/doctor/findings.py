"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from herd_graph.types import JSONObject

Level = Literal["ok", "note", "warn", "fail"]
"""``note``: nothing is wrong, and there is more to be had."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked at, how it stands, and what to do about it."""

    name: str
    level: Level
    detail: str
    fix: str = ""
    """What to do; empty where there is nothing to do."""

    def dump(self) -> JSONObject:
        """Return it as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.level}: {self.name}: {self.detail}" + (f" → {self.fix}" if self.fix else "")
