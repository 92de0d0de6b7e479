"""What every adapter gives: experts, and the foreign thing that they came from.

``Sources`` keeps those of one herd: its registry follows them, and what they hold is let go of with
their last expert.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from herd_graph.errors import DeclarationError, HerdError
from herd_graph.experts import Expert
from herd_graph.registry import Registry
from herd_graph.run_logs import logger
from herd_graph.threads import engine_loop

log = logger(__name__)
Changed: TypeAlias = Callable[[tuple[Expert, ...]], None]
"""Told all of a source's experts, whenever they are others than before."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Foreign experts, and how to keep in step with where they live.

    A local object needs neither ``follow`` nor ``close``; a server that is connected has both.
    """

    name: str
    """What the user gave: ``mcp:https://…``, or the object's own name."""
    experts: tuple[Expert, ...]
    follow: Callable[[Changed], None] | None = None
    """Registers who is told when the source's experts change. Called at most once."""
    close: Callable[[], Awaitable[None]] | None = None
    """Lets go of connections and processes; its experts cannot be called afterwards."""


@dataclass(eq=False, kw_only=True)
class _Kept:
    """A source in a herd."""

    source: Source
    experts: dict[str, Expert]
    """Those that the registry holds, by ``name@version``."""
    removed: set[str] = field(default_factory=set[str])
    """Those that the user took away: they do not come back with the next change."""
    is_closed: bool = False


class Sources:
    """The foreign sources of one herd.

    Args:
        registry: Where their experts go.
        drop: Lets go of what the herd holds for an expert that is gone: its model, its worker.
    """

    def __init__(self, registry: Registry, drop: Callable[[Expert], Awaitable[None]]) -> None:
        self._registry = registry
        self._drop = drop
        self._lock = threading.RLock()
        self._kept: list[_Kept] = []

    async def add(
        self, given: Sequence[object], *, replace: bool, options: Mapping[str, Any]
    ) -> None:
        """Make experts of everything that is given, and register all of them or none.

        Raises:
            DeclarationError: Something that no adapter takes, or an option that none knows.
            ExpertExists: A name and version that is taken.
        """
        from herd_graph.adapters import adapt

        if options and all(isinstance(each, Expert) for each in given):
            raise DeclarationError(
                f"{', '.join(map(repr, options))} was passed with an expert, whose card says "
                "everything already. Expected options with a reference or a foreign object alone. "
                "Change the declaration, or leave them out."
            )
        sources: list[Source] = []
        experts: list[Expert] = []
        try:
            for each in given:
                if isinstance(each, Expert):
                    experts.append(each)
                    continue
                source = await adapt(each, **options)
                sources.append(source)
                experts.extend(source.experts)
            self.register(experts, replace=replace)
        except BaseException:
            for source in sources:
                await _close(source)
            raise
        for source in sources:
            self._follow(source)

    def register(self, experts: Sequence[Expert], *, replace: bool) -> None:
        """Register experts; those whose place they take no longer belong to a source."""
        before = self._registry.snapshot()
        self._registry.add(*experts, replace=replace)
        if self._kept:
            taken = [before[each.card.id] for each in experts if each.card.id in before]
            idle = self._forget(each for each in taken if each not in experts)
            for source in idle:
                engine_loop.start(_close(source))

    async def forget(self, experts: Iterable[Expert]) -> None:
        """Note that experts were removed; close each source that has none left."""
        for source in self._forget(experts):
            await _close(source)

    async def close(self) -> None:
        """Close every source."""
        with self._lock:
            kept, self._kept = self._kept, []
            for each in kept:
                each.is_closed = True
        for each in kept:
            await _close(each.source)

    def _follow(self, source: Source) -> None:
        if source.follow is None and source.close is None:
            return
        kept = _Kept(source=source, experts={each.card.id: each for each in source.experts})
        with self._lock:
            self._kept.append(kept)
        if source.follow is not None:
            source.follow(lambda experts: self._changed(kept, experts))

    def _forget(self, experts: Iterable[Expert]) -> list[Source]:
        """Return the sources whose last expert is gone."""
        gone = {id(each): each for each in experts}
        idle: list[Source] = []
        with self._lock:
            for kept in self._kept:
                names = [name for name, each in kept.experts.items() if id(each) in gone]
                for name in names:
                    del kept.experts[name]
                    kept.removed.add(name)
                if names and not kept.experts:
                    kept.is_closed = True
                    idle.append(kept.source)
            self._kept = [each for each in self._kept if not each.is_closed]
        return idle

    def _changed(self, kept: _Kept, experts: tuple[Expert, ...]) -> None:
        """Bring the registry in step with a source; called from any thread."""
        with self._lock:
            if kept.is_closed:
                return
            held, mine = self._registry.snapshot(), kept.experts
            now = {each.card.id: each for each in experts if each.card.id not in kept.removed}
            for name in [
                each for each in now if held.get(each, mine.get(each)) is not mine.get(each)
            ]:
                log.warning(
                    "%r now also offers %r, which is registered already and stays as it is",
                    kept.source.name,
                    name,
                )
                del now[name]
            gone = [each for name, each in mine.items() if now.get(name) is not each]
            self._registry.add(*now.values(), replace=True)
            for name in [each for each in mine if each not in now and held.get(each) is mine[each]]:
                self._registry.remove(name)
            kept.experts = now
        for each in gone:
            engine_loop.start(_dropped(self._drop, each))


async def _dropped(drop: Callable[[Expert], Awaitable[None]], expert: Expert) -> None:
    await drop(expert)


async def _close(source: Source) -> None:
    """Close a source; what goes wrong is logged: it is going away anyhow."""
    if source.close is None:
        return
    try:
        await source.close()
    except Exception as error:
        told = error if isinstance(error, HerdError) else f"{type(error).__name__}: {error}"
        log.warning("%r could not be closed: %s", source.name, told)


__all__ = ("Changed", "Source", "Sources")
