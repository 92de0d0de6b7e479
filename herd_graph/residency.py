"""Models in memory: loaded once, on first use; the least recently used make room for others.

Like the turnstiles, this belongs to no event loop: two loops that need one model share its load.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from herd_graph.artifacts.base import human_size
from herd_graph.errors import ExpertUnavailable
from herd_graph.experts import Expert
from herd_graph.function_experts import FunctionExpert
from herd_graph.run_logs import logger
from herd_graph.turnstiles import Waiter

log = logger(__name__)
State = Literal["loading", "ready", "closing"]
PATIENCE_S = 600.0
CLOSE_S = 5.0
"""How long a cancelled call waits for a model that it is closing."""


@dataclass(frozen=True, kw_only=True)
class Resident:
    """One expert that is in memory, or on its way in or out: for ``herd doctor``."""

    expert: str
    """``name@version``."""
    memory_bytes: int
    state: State
    users: int
    """Calls that use it now."""
    idle_s: float
    """Seconds since its last use; 0 while it is in use."""


@dataclass(eq=False, kw_only=True)
class _Entry:
    expert: Expert
    state: State = "loading"
    users: int = 1
    reserved: bool = False
    """Whether its memory is counted."""
    dropped: bool = False
    """To be closed as soon as nobody uses it."""
    used: float = 0.0
    error: Exception | None = None
    waiters: list[Waiter] = field(default_factory=list[Waiter])

    @property
    def memory(self) -> int:
        return self.expert.card.memory_bytes

    @property
    def is_idle(self) -> bool:
        return self.state == "ready" and self.users == 0


def holds_memory(expert: Expert) -> bool:
    """Say whether an expert has anything to load, close or count."""
    card = expert.card
    if card.loads or card.memory_bytes > 0:
        return True
    if isinstance(expert, FunctionExpert):
        return expert.factory is not None
    kind = type(expert)
    return kind.load is not Expert.load or kind.close is not Expert.close


class Residency:
    """Keeps experts loaded while they are used, and longer where memory allows.

    What an expert takes is what its card says (``memory_bytes``): it is counted, not measured.

    Args:
        memory: The cap in bytes; None for none.
        patience_s: How long a load, or the wait for memory in use, may take.
    """

    def __init__(self, memory: int | None = None, *, patience_s: float = PATIENCE_S) -> None:
        self.memory = memory
        self.patience_s = patience_s
        self._lock = threading.Lock()
        self._entries: dict[int, _Entry] = {}
        """By the expert's identity, the least recently used first."""
        self._short: list[Waiter] = []
        """Loads that wait for memory."""
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def use(self, expert: Expert) -> AsyncGenerator[None, None]:
        """Have the expert loaded for as long as the block runs.

        Raises:
            ExpertUnavailable: It is larger than the cap, or memory does not become free.
            Exception: Whatever its ``load`` raises.
        """
        if not holds_memory(expert):
            yield
            return
        entry = await self._acquire(expert)
        try:
            yield
        finally:
            if self._release(entry):
                await self._unload(entry)

    async def drop(self, expert: Expert) -> None:
        """Close an expert that was removed, as soon as no call uses it.

        A run that pinned it may still use it later: it is then loaded again, and stays until memory
        is short.
        """
        with self._lock:
            entry = self._entries.get(id(expert))
            if entry is None or entry.state == "closing":
                return
            entry.dropped = True
            if not entry.is_idle:
                return
            entry.state = "closing"
        await self._unload(entry)

    async def close(self) -> None:
        """Close every idle expert now, and the others when their last call ends."""
        for entry in list(self._entries.values()):
            await self.drop(entry.expert)

    def loaded(self) -> list[Resident]:
        """Return what is in memory, the least recently used first."""
        now = time.monotonic()
        with self._lock:
            return [
                Resident(
                    expert=each.expert.card.id,
                    memory_bytes=each.memory,
                    state=each.state,
                    users=each.users,
                    idle_s=now - each.used if each.is_idle else 0.0,
                )
                for each in self._entries.values()
            ]

    @property
    def used_bytes(self) -> int:
        """What the experts that are in memory take, as their cards say."""
        with self._lock:
            return self._counted()

    def _counted(self) -> int:
        return sum(each.memory for each in self._entries.values() if each.reserved)

    async def _acquire(self, expert: Expert) -> _Entry:
        while True:
            with self._lock:
                entry = self._entries.get(id(expert))
                if entry is None:
                    entry = self._entries[id(expert)] = _Entry(expert=expert)
                    waiter = None
                elif entry.state == "ready":
                    entry.users += 1
                    return entry
                else:
                    waiter = Waiter()
                    entry.waiters.append(waiter)
            if waiter is None:
                await self._load(entry)
                return entry
            try:
                await waiter.wait()
            except BaseException:
                with self._lock:
                    granted = waiter.granted
                    if waiter in entry.waiters:
                        entry.waiters.remove(waiter)
                if granted:
                    self._release(entry, unload=False)
                raise
            if waiter.granted:
                return entry
            if entry.error is not None:
                raise entry.error
            # It was being closed, or the call that loaded it was cancelled: start over.

    async def _load(self, entry: _Entry) -> None:
        expert = entry.expert
        try:
            await self._make_room(entry)
            try:
                async with asyncio.timeout(self.patience_s):
                    await expert.load()
            except TimeoutError as error:
                raise ExpertUnavailable(
                    f"Expert {expert.card.id!r} did not load within {self.patience_s:g} s. "
                    "Expected its load() to end. Check what it waits for (a download, a lock?)."
                ) from error
        except BaseException as error:
            with self._lock:
                self._entries.pop(id(expert), None)
                entry.error = error if isinstance(error, Exception) else None
                waiters, entry.waiters = entry.waiters, []
            _wake(waiters)
            self._wake_short()
            raise
        with self._lock:
            entry.state = "ready"
            waiters, entry.waiters = entry.waiters, []
            entry.users += len(waiters)
            for each in waiters:
                each.granted = True
        for each in waiters:
            if not each.wake():  # its loop is closed: nobody will release this share
                self._release(entry, unload=False)

    async def _make_room(self, entry: _Entry) -> None:
        """Reserve the entry's memory; close idle experts, the least recently used first."""
        need, cap = entry.memory, self.memory
        if cap is None:
            entry.reserved = True
            return
        name = entry.expert.card.id
        if need > cap:
            raise ExpertUnavailable(
                f"Expert {name!r} takes {human_size(need)} of memory; the cap is "
                f"{human_size(cap)}. Raise the cap (Herd(memory=…)), or use a smaller expert."
            )
        waited = False
        while True:
            waiter = victim = None
            with self._lock:
                if self._counted() + need <= cap:
                    entry.reserved = True
                    return
                victim = next((e for e in self._entries.values() if e.is_idle and e.memory), None)
                if victim is not None:
                    victim.state = "closing"
                elif waited:
                    raise self._too_little(name, need, cap)
                else:
                    waiter = Waiter()
                    self._short.append(waiter)
            if victim is not None:
                await self._unload(victim)
                continue
            assert waiter is not None
            try:
                async with asyncio.timeout(self.patience_s):
                    await waiter.wait()
            except TimeoutError:
                waited = True
            finally:
                with self._lock:
                    if waiter in self._short:
                        self._short.remove(waiter)

    def _too_little(self, name: str, need: int, cap: int) -> ExpertUnavailable:
        holders = ", ".join(
            f"{e.expert.card.id!r} ({human_size(e.memory)})"
            for e in self._entries.values()
            if e.reserved and e.memory
        )
        return ExpertUnavailable(
            f"Expert {name!r} needs {human_size(need)}, and for {self.patience_s:g} s the memory "
            f"cap of {human_size(cap)} was held by calls of {holders}. Raise the cap "
            "(Herd(memory=…)), or set timeouts on these experts."
        )

    def _release(self, entry: _Entry, *, unload: bool = True) -> bool:
        """Give one use back; True when the caller has to unload the entry now."""
        with self._lock:
            entry.users -= 1
            if entry.users:
                return False
            entry.used = time.monotonic()
            if self._entries.get(id(entry.expert)) is entry:
                self._entries[id(entry.expert)] = self._entries.pop(id(entry.expert))
            if entry.dropped and unload:
                entry.state = "closing"
                return True
        self._wake_short()
        return False

    async def _unload(self, entry: _Entry) -> None:
        """Close the expert, to the end even if the call that wanted its memory is cancelled."""
        closing = asyncio.get_running_loop().create_task(self._close(entry))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait({closing}, timeout=CLOSE_S)
            raise

    async def _close(self, entry: _Entry) -> None:
        try:
            await entry.expert.close()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            log.warning("Expert %r raised while it was closed: %r", entry.expert.card.id, error)
        finally:
            with self._lock:
                if self._entries.get(id(entry.expert)) is entry:
                    del self._entries[id(entry.expert)]
                waiters, entry.waiters = entry.waiters, []
            _wake(waiters)
            self._wake_short()

    def _wake_short(self) -> None:
        if self._short:
            with self._lock:
                waiting, self._short = self._short, []
            _wake(waiting)


def _wake(waiters: Iterable[Waiter]) -> None:
    for each in waiters:
        each.wake()
