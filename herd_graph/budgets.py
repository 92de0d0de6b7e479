"""Hard limits on money, time and calls: reserved before a call, settled after it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herd_graph.errors import BudgetExceeded, ConfigError


class Budget(BaseModel):
    """What a run may use; None is no limit.

    Raises:
        ConfigError: A limit is negative or no number, or there is no such limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    usd: float | None = Field(default=None, ge=0)
    seconds: float | None = Field(default=None, gt=0)
    calls: int | None = Field(default=None, ge=0)

    def __init__(
        self,
        *,
        usd: float | None = None,
        seconds: float | None = None,
        calls: int | None = None,
        **unknown: Any,
    ) -> None:
        """Set the limits: US dollars, seconds of running, calls of experts."""
        try:
            super().__init__(usd=usd, seconds=seconds, calls=calls, **unknown)
        except ValidationError as error:
            wrong = error.errors()[0]
            name = ".".join(str(each) for each in wrong["loc"])
            raise ConfigError(
                f"Budget({name}={wrong['input']!r}) is no budget: {wrong['msg']}. Expected usd, "
                "seconds or calls, each a number of at least 0 (seconds over 0, calls whole). Leave "
                "a limit out where there is none."
            ) from None

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read ``"usd=0.1,seconds=30,calls=20"``. Raises ``ConfigError``."""
        values: dict[str, float] = {}
        for part in filter(None, (each.strip() for each in text.split(","))):
            name, _, number = part.partition("=")
            value = _number(number)
            if value is None or name.strip() not in cls.model_fields:
                raise ConfigError(
                    f"{part!r} is no budget. Expected usd=…, seconds=… or calls=…, separated by "
                    "commas: --budget usd=0.1,seconds=30."
                )
            values[name.strip()] = value
        return cls.model_validate(values)


@dataclass(kw_only=True)
class Ledger:
    """What a run has spent and reserved. ``clock`` counts seconds, as ``time.monotonic`` does."""

    budget: Budget = field(default_factory=Budget)
    clock: Callable[[], float] = time.monotonic
    spent_usd: float = 0.0
    calls: int = 0
    seconds_before: float = 0.0
    """Seconds used before a resume."""
    _reserved_usd: float = 0.0
    _started: float | None = None

    def start(self) -> None:
        """Start the clock; harmless when it runs already."""
        if self._started is None:
            self._started = self.clock()

    @property
    def seconds_used(self) -> float:
        """Seconds of running, over all resumes."""
        running = 0.0 if self._started is None else self.clock() - self._started
        return self.seconds_before + running

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the limit; None without one."""
        limit = self.budget.seconds
        return None if limit is None else max(0.0, limit - self.seconds_used)

    @property
    def usd_left(self) -> float | None:
        """USD that are neither spent nor reserved; None without a limit."""
        limit = self.budget.usd
        return None if limit is None else max(0.0, limit - self.spent_usd - self._reserved_usd)

    def reserve(self, usd: float, label: str) -> None:
        """Set ``usd`` and one call aside. Raises ``BudgetExceeded`` and changes nothing."""
        left = self.usd_left
        if left is not None and usd > left + 1e-12:
            raise BudgetExceeded(
                f"{label} may cost ${usd:.4f}, and ${left:.4f} of ${self.budget.usd:.4f} is left. "
                "What is finished is kept. Raise the budget (--budget usd=…) and resume the run."
            )
        if self.budget.calls is not None and self.calls >= self.budget.calls:
            raise BudgetExceeded(
                f"{label} would be call {self.calls + 1} of at most {self.budget.calls}. What is "
                "finished is kept. Raise the budget (--budget calls=…) and resume the run."
            )
        seconds = self.seconds_left
        if seconds is not None and seconds <= 0:
            raise BudgetExceeded(
                f"{label} cannot start: the run's {self.budget.seconds:g} s are used. What is "
                "finished is kept. Raise the budget (--budget seconds=…) and resume the run."
            )
        self._reserved_usd += usd
        self.calls += 1

    def settle(self, reserved_usd: float, spent_usd: float) -> None:
        """Replace a reservation by what was really spent."""
        self._reserved_usd = max(0.0, self._reserved_usd - reserved_usd)
        self.spent_usd += spent_usd


def _number(text: str) -> float | None:
    """Return the finite number that ``text`` says; None where it says none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
