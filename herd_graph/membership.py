"""Who is in a herd, and what results are held against: added, found and taken away."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from herd_graph.adapters.sources import Sources
from herd_graph.coordination.checks import Check
from herd_graph.coordination.checks import check as make_check
from herd_graph.discovery import Hit
from herd_graph.engine import Engine
from herd_graph.experts import Expert
from herd_graph.registry import Registry, Snapshot
from herd_graph.threads import wait
from herd_graph.types import Kind

if TYPE_CHECKING:
    from herd_graph.residency import Residency


class Membership:
    """The experts and checks of a herd; ``Herd`` has all of it."""

    engine: Engine
    registry: Registry
    residency: Residency
    _sources: Sources

    def add(self, *given: object, replace: bool = False, **options: Any) -> None:
        """Register experts; at once visible to the router.

        Experts and workflows are taken as they are. A reference (``"litellm:openai/gpt-5-mini"``,
        ``"hf:ID#task"``, ``"mcp:URL"`` …) or a foreign object (a LangChain runnable, a pipeline, a
        graph, another herd) is made into experts by ``adapters.adapt``.

        Args:
            given: What to register: everything, or nothing when one of it cannot be.
            replace: Put it in the place of the same name and version.
            options: Of the adapter: ``name=``, ``description=``, ``takes=``, ``gives=`` …

        Raises:
            ExpertExists: The same name and version is there and is another expert.
            DeclarationError: It cannot be made an expert, or not with these options.
        """
        experts = [each for each in given if isinstance(each, Expert)]
        if len(experts) == len(given) and not options:
            self._sources.register(experts, replace=replace)
        else:
            wait(self.aadd(*given, replace=replace, **options))

    async def aadd(self, *given: object, replace: bool = False, **options: Any) -> None:
        """Register experts; see ``add``."""
        await self._sources.add(given, replace=replace, options=options)

    def check(self, target: Any = None, /, **options: Any) -> Any:
        """Make a check of a function and hold results against it from now on; see ``check``.

        @herd.check(experts="translate*")
        def not_too_long(subject):
            ...
        """
        if target is None:

            def register(function: Any) -> Any:
                return self.check(function, **options)

            return register
        made = target if isinstance(target, Check) else make_check(**options)(target)
        self.engine.checking = self.engine.checking.plus(made)
        return made

    def remove(self, spec: str) -> None:
        """Take an expert away. Running plans keep it; its model is closed when nobody uses it.

        With the last expert of a server the connection is closed.
        """
        wait(self.aremove(spec))

    async def aremove(self, spec: str) -> None:
        """Take an expert away; see ``remove``."""
        removed = self.registry.remove(spec)
        for each in removed:
            await self._drop(each)
        await self._sources.forget(removed)

    async def _drop(self, expert: Expert) -> None:
        from herd_graph.calling import Live

        caller = self.engine.caller
        await (caller.drop(expert) if isinstance(caller, Live) else self.residency.drop(expert))

    def find(
        self,
        query: str,
        *,
        takes: Collection[Kind] = (),
        gives: Kind | None = None,
        k: int = 10,
        start: Collection[Kind] | None = None,
        steps: int = 1,
        local: bool = False,
        licences: Collection[str] | None = None,
        most_usd: float | None = None,
    ) -> list[Hit]:
        """Return the experts that come nearest to what is wanted, the best first.

        The limits are those of ``CapabilityIndex.search``: with ``start``, experts on a way from
        these kinds to ``gives`` in at most ``steps`` steps.
        """
        self.engine.index.sync(self.registry.snapshot())
        return self.engine.index.search(
            query,
            takes=takes,
            gives=gives,
            k=k,
            start=start,
            steps=steps,
            local=local,
            licences=licences,
            most_usd=most_usd,
        )

    def snapshot(self) -> Snapshot:
        """Return the experts as they are now."""
        return self.registry.snapshot()


__all__ = ("Membership",)
