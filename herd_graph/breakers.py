"""Circuit breakers: an expert that keeps failing is left alone for a while.

Closed, calls pass. After ``failures`` failures in a row it opens: calls are refused at once, so that
a run moves on to another expert in place of waiting for one that is down. After a cool-down a
single call may probe; its outcome closes the breaker, or opens it for twice as long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from herd_graph.errors import ExpertUnavailable

State = Literal["closed", "open", "half-open"]
MAX_COOL_DOWN_S = 600.0


@dataclass(frozen=True, kw_only=True)
class BreakerState:
    """One breaker as people see it, in ``herd doctor``."""

    expert: str
    """``name@version``."""
    state: State
    failures: int
    """Failures in a row."""
    retry_in_s: float | None
    """Seconds until a call may probe; None unless it is open."""
    opened: int
    """How often it opened since its last success."""
    last_error: str


@dataclass(kw_only=True)
class _Breaker:
    failures: int = 0
    opened: int = 0
    until: float | None = None
    """When it may be probed; None while it is closed."""
    probing: bool = False
    last_error: str = ""


class Breakers:
    """A breaker for each expert; safe to use from any thread.

    Args:
        failures: Failures in a row that open a breaker.
        cool_down_s: Seconds until the first probe; doubled by each probe that fails.
        clock: Counts seconds, as ``time.monotonic`` does.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        cool_down_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failures = failures
        self.cool_down_s = cool_down_s
        self._clock = clock
        self._lock = threading.Lock()
        self._breakers: dict[str, _Breaker] = {}
        """Only experts whose last call failed: a healthy herd pays one dict lookup for each call."""

    def check(self, expert: str) -> None:
        """Refuse early, without becoming the probe. Raises ``ExpertUnavailable``."""
        if expert in self._breakers:
            with self._lock:
                self._refuse(expert)

    def admit(self, expert: str) -> bool:
        """Let a call pass. Each admission is answered by ``succeeded``, ``failed`` or ``abandoned``.

        Returns:
            Whether this call is the probe; the answer says so again.

        Raises:
            ExpertUnavailable: The breaker is open, or another call is probing.
        """
        if expert not in self._breakers:
            return False
        with self._lock:
            breaker = self._refuse(expert)
            if breaker is None or breaker.until is None:
                return False
            breaker.probing = True
            return True

    def _refuse(self, expert: str) -> _Breaker | None:
        breaker = self._breakers.get(expert)
        if breaker is None or breaker.until is None:
            return breaker
        wait = breaker.until - self._clock()
        if wait <= 0 and not breaker.probing:
            return breaker
        when = f"in {wait:.0f} s" if wait >= 1 else "in a moment"
        if breaker.probing:
            when = "as soon as the call that probes it now succeeds"
        raise ExpertUnavailable(
            f"Expert {expert!r} failed {breaker.failures} times in a row and is left alone. It is "
            f"tried again {when}. The last error: {breaker.last_error} Fix its cause, use another "
            "expert, or see herd doctor."
        )

    def succeeded(self, expert: str) -> None:
        """Note a success: the breaker closes."""
        if expert in self._breakers:
            with self._lock:
                self._breakers.pop(expert, None)

    def failed(self, expert: str, error: str, *, probe: bool = False) -> None:
        """Note a failure of the expert, or of what it stands on (not of its input)."""
        with self._lock:
            breaker = self._breakers.setdefault(expert, _Breaker())
            breaker.failures += 1
            breaker.last_error = error
            if probe:
                breaker.probing = False
            if probe or (breaker.until is None and breaker.failures >= self.failures):
                pause = min(self.cool_down_s * 2**breaker.opened, MAX_COOL_DOWN_S)
                breaker.opened += 1
                breaker.until = self._clock() + pause

    def abandoned(self, expert: str, *, probe: bool = False) -> None:
        """Note a call that says nothing of the expert: cancelled, or its input was wrong."""
        if probe:
            with self._lock:
                breaker = self._breakers.get(expert)
                if breaker is not None:
                    breaker.probing = False

    def states(self) -> list[BreakerState]:
        """Return every breaker that has something to tell, sorted by expert."""
        with self._lock:
            now = self._clock()
            return [_show(name, each, now) for name, each in sorted(self._breakers.items())]

    def reset(self, expert: str | None = None) -> None:
        """Close the breaker of one expert, or all of them."""
        with self._lock:
            if expert is None:
                self._breakers.clear()
            else:
                self._breakers.pop(expert, None)


def _show(name: str, breaker: _Breaker, now: float) -> BreakerState:
    state: State = "closed"
    wait: float | None = None
    if breaker.until is not None:
        wait = max(0.0, breaker.until - now)
        state = "half-open" if breaker.probing or wait == 0 else "open"
    return BreakerState(
        expert=name,
        state=state,
        failures=breaker.failures,
        retry_in_s=wait if state == "open" else None,
        opened=breaker.opened,
        last_error=breaker.last_error,
    )
