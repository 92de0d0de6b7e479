"""API keys: hashed, with limits on requests, dollars and seconds of work, and what they used.

A key is 256 random bits, so its plain SHA-256 tells nobody anything. Keys that are given at the
start (``--key``) live in memory alone and have no limits.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from herd_graph.budgets import Budget
from herd_graph.errors import ConfigError, suggest
from herd_graph.serve.errors import Refusal
from herd_graph.serve.records import Records

SHORTEST = 16
"""Characters of a key that somebody chose: a shorter one could be guessed."""
_FRESH_S = 2.0
"""How long a key that was looked up is believed: a revoked one stops working after that."""
_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a key may use; None is no limit."""

    requests_per_minute: int | None = None
    usd_per_day: float | None = None
    seconds_per_day: float | None = None


@dataclass(frozen=True, kw_only=True)
class Key:
    """Who calls."""

    id: str
    name: str
    created: float = 0.0
    revoked: float | None = None
    limits: Limits = Limits()


NOBODY = Key(id="open", name="anybody")
"""Who calls where no key is needed."""


@dataclass(kw_only=True)
class Used:
    """What a key has used on one day (UTC)."""

    day: str = ""
    requests: int = 0
    seconds: float = 0.0
    usd: float = 0.0


class KeyRing:
    """The keys that open a server.

    Args:
        records: Where they are kept.
        given: Keys besides, which are not written down.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        records: Records,
        given: Iterable[str] = (),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.records = records
        self._clock = clock
        self._given: dict[str, Key] = {}
        self._known: dict[str, tuple[float, Key | None]] = {}
        for index, token in enumerate(given, start=1):
            if len(token) < SHORTEST:
                raise ConfigError(
                    f"Key {index} has {len(token)} characters. Expected at least {SHORTEST}: a "
                    "short one can be guessed. Have one made: herd serve keys add NAME."
                )
            hashed = _hash(token)
            self._given[hashed] = Key(id=f"given-{hashed[:8]}", name=f"given key {index}")

    def add(self, name: str, limits: Limits | None = None) -> tuple[Key, str]:
        """Make a key. Its secret is returned once, and nowhere kept.

        Raises:
            ConfigError: The name is taken, or a limit is none.
        """
        limits = limits or Limits()
        if not name.strip() or len(name) > 100:
            raise ConfigError(f"{name!r} is no name of a key. Expected 1 to 100 characters.")
        if any(key.name == name and key.revoked is None for key in self.all()):
            raise ConfigError(
                f"There is a key {name!r} already. Expected another name, or revoke that one: herd "
                f"serve keys revoke {name}."
            )
        numbers = (limits.requests_per_minute, limits.usd_per_day, limits.seconds_per_day)
        if any(each is not None and not 0 < each < 1e12 for each in numbers):
            raise ConfigError("A limit is not above zero. Expected positive numbers; or leave it.")
        token = f"hk-{secrets.token_urlsafe(32)}"
        key = Key(id=f"key-{secrets.token_hex(6)}", name=name, created=self._clock(), limits=limits)
        with self.records.transaction() as connection:
            connection.execute(
                "INSERT INTO keys VALUES (?,?,?,?,?,?,?,?)",
                (key.id, name, _hash(token), key.created, None, *numbers),
            )
        return key, token

    def all(self) -> list[Key]:
        """Return the keys that are written down, also revoked ones, the oldest first."""
        found = self.records.read(f"SELECT {_COLUMNS} FROM keys ORDER BY created, id")  # noqa: S608
        return [_key(row) for row in found]

    def revoke(self, which: str) -> Key:
        """Make a key, by id or name, useless. Raises ``ConfigError``."""
        there = [key for key in self.all() if key.revoked is None]
        found = next((key for key in there if which in {key.id, key.name}), None)
        if found is None:
            raise ConfigError(
                f"There is no key {which!r}. {suggest(which, [key.name for key in there], what='Keys')}"
            )
        with self.records.transaction() as connection:
            now = self._clock()
            connection.execute("UPDATE keys SET revoked = ? WHERE id = ?", (now, found.id))
        self._known.clear()
        return found

    def find(self, token: str) -> Key | None:
        """Return the key that a secret is; None if it opens nothing."""
        hashed = _hash(token)
        if hashed in self._given:
            return self._given[hashed]
        now = time.monotonic()
        known = self._known.get(hashed)
        if known is not None and now - known[0] < _FRESH_S:
            return known[1]
        rows = self.records.read(
            f"SELECT {_COLUMNS} FROM keys WHERE hash = ? AND revoked IS NULL",  # noqa: S608
            (hashed,),
        )
        found = _key(rows[0]) if rows else None
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[hashed] = now, found
        return found

    def __len__(self) -> int:
        return len(self._given) + sum(key.revoked is None for key in self.all())


_COLUMNS = "id, name, created, revoked, requests_per_minute, usd_per_day, seconds_per_day"


def _key(row: tuple[object, ...]) -> Key:
    from typing import Any, cast

    identity, name, created, revoked, requests, usd, seconds = cast("tuple[Any, ...]", row)
    limits = Limits(requests_per_minute=requests, usd_per_day=usd, seconds_per_day=seconds)
    return Key(id=identity, name=name, created=created, revoked=revoked, limits=limits)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@dataclass(kw_only=True)
class _Account:
    used: Used
    pending: Used = field(default_factory=Used)
    """What is not written down yet."""
    recent: deque[float] = field(default_factory=deque[float])
    """When the requests of the last minute came."""
    spending: dict[str, Callable[[], tuple[float, float]]] = field(
        default_factory=dict[str, "Callable[[], tuple[float, float]]"]
    )
    """Of each run under way: the dollars and seconds that it has used by now."""


class Meter:
    """Counts what keys use, and refuses what would pass their limits.

    Args:
        records: Where the counts are kept.
        clock: Seconds since the epoch.
    """

    def __init__(self, records: Records, *, clock: Callable[[], float] = time.time) -> None:
        self.records = records
        self._clock = clock
        self._accounts: dict[str, _Account] = {}

    def admit(self, key: Key) -> None:
        """Count a request. Raises ``Refusal`` with 429 where there were too many."""
        account = self._account(key)
        most = key.limits.requests_per_minute
        now = self._clock()
        if most is not None:
            recent = account.recent
            while recent and recent[0] <= now - 60:
                recent.popleft()
            if len(recent) >= most:
                wait = max(1, round(recent[0] + 60 - now + 0.5))
                raise Refusal(
                    429,
                    f"Key {key.name!r} made {most} requests within a minute, which is its limit. "
                    f"Expected fewer. Try again in {wait} s.",
                    code="rate_limit_exceeded",
                    kind="requests",
                    headers={"retry-after": str(wait), **_headers(most, 0, wait)},
                )
            recent.append(now)
        account.pending.requests += 1

    def budget(self, key: Key, wanted: Budget) -> Budget:
        """Return the limits of a run: what is wanted, within what the key has left today.

        Raises:
            Refusal: With 429, where nothing is left.
        """
        limits = key.limits
        if limits.usd_per_day is None and limits.seconds_per_day is None:
            return wanted
        account = self._account(key)
        under_way = [spent() for spent in account.spending.values()]
        usd = account.used.usd + account.pending.usd + sum(each[0] for each in under_way)
        seconds = account.used.seconds + account.pending.seconds
        seconds += sum(each[1] for each in under_way)
        left: dict[str, float | None] = {"usd": wanted.usd, "seconds": wanted.seconds}
        for name, limit, used in (
            ("usd", limits.usd_per_day, usd),
            ("seconds", limits.seconds_per_day, seconds),
        ):
            if limit is None:
                continue
            if used >= limit:
                raise self._spent(key, name, limit)
            own = left[name]
            left[name] = limit - used if own is None else min(own, limit - used)
        return Budget(usd=left["usd"], seconds=left["seconds"], calls=wanted.calls)

    def _spent(self, key: Key, name: str, limit: float) -> Refusal:
        wait = _DAY_S - int(self._clock()) % _DAY_S
        what = f"${limit:g}" if name == "usd" else f"{limit:g} s of work"
        return Refusal(
            429,
            f"Key {key.name!r} has used up its {what} of today. Expected less. It may go on at "
            "midnight UTC; or have its limit raised.",
            code="insufficient_quota",
            kind="insufficient_quota",
            headers={"retry-after": str(wait), "x-should-retry": "false"},
        )

    def begin(self, key: Key, run: str, spent: Callable[[], tuple[float, float]]) -> None:
        """Count what a run uses while it goes on."""
        self._account(key).spending[run] = spent

    def end(self, key: Key, run: str, *, usd: float, seconds: float) -> None:
        """Count what a run has used in all."""
        account = self._account(key)
        account.spending.pop(run, None)
        account.pending.usd += usd
        account.pending.seconds += seconds

    def used(self, key: Key) -> Used:
        """Return what a key has used today, as far as it is counted."""
        account = self._account(key)
        return Used(
            day=account.used.day,
            requests=account.used.requests + account.pending.requests,
            seconds=account.used.seconds + account.pending.seconds,
            usd=account.used.usd + account.pending.usd,
        )

    def flush(self) -> None:
        """Write down what was counted, and take in what other processes counted."""
        for identity, account in list(self._accounts.items()):
            taken, account.pending = account.pending, Used()
            if not (taken.requests or taken.seconds or taken.usd):
                continue
            with self.records.transaction() as connection:
                connection.execute(
                    "INSERT INTO usage VALUES (?,?,?,?,?) ON CONFLICT (key, day) DO UPDATE SET "
                    "requests = requests + excluded.requests, "
                    "seconds = seconds + excluded.seconds, usd = usd + excluded.usd",
                    (identity, account.used.day, taken.requests, taken.seconds, taken.usd),
                )
            account.used = self._read(identity, account.used.day)

    def _account(self, key: Key) -> _Account:
        today = time.strftime("%Y-%m-%d", time.gmtime(self._clock()))
        account = self._accounts.get(key.id)
        if account is not None and account.used.day != today:
            self.flush()
            account.used = self._read(key.id, today)
        if account is None:
            account = self._accounts[key.id] = _Account(used=self._read(key.id, today))
        return account

    def _read(self, identity: str, day: str) -> Used:
        found = self.records.read(
            "SELECT requests, seconds, usd FROM usage WHERE key = ? AND day = ?", (identity, day)
        )
        requests, seconds, usd = found[0] if found else (0, 0.0, 0.0)
        return Used(day=day, requests=requests, seconds=seconds, usd=usd)


def _headers(most: int, left: int, reset: int) -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": str(most),
        "x-ratelimit-remaining-requests": str(left),
        "x-ratelimit-reset-requests": f"{reset}s",
    }


__all__ = ("NOBODY", "Key", "KeyRing", "Limits", "Meter", "Used")
