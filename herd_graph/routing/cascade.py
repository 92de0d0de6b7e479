"""Cheap first: a router that asks a dearer one only where the cheaper one is not sure.

The idea is FrugalGPT's (arXiv 2305.05176, section 3.2), applied to plans: each router's own
confidence decides whether the next one is asked, and a router that fails is passed over.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from herd_graph.errors import HerdError, RoutingError
from herd_graph.routing.base import Route, Router, Situation
from herd_graph.tasks import Task


class CascadePlanner:
    """Asks routers in turn, from the cheapest to the dearest, until one is sure.

    Args:
        routers: The cheapest first.
        sure: The confidence from which on a plan is taken without asking the next router.
    """

    name = "cascade"

    def __init__(self, *routers: Router, sure: float = 0.7) -> None:
        if not routers:
            raise RoutingError(
                "A cascade was made of no routers. Expected at least one: "
                "CascadePlanner(SemanticPlanner(), LLMPlanner('openai/gpt-5-mini'))."
            )
        self.routers: Sequence[Router] = routers
        self.sure = sure

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return the first route that its router is sure of, else the most hopeful one.

        Raises:
            RoutingError: Every router failed; the message has each one's reason.
        """
        found: list[Route] = []
        notes: list[str] = []
        usd = 0.0
        seconds: dict[str, float] = {}
        for number, router in enumerate(self.routers):
            started = time.perf_counter()
            try:
                route = await router.route(task, situation)
            except HerdError as error:
                notes.append(f"{router.name} failed: {error}")
                continue
            finally:
                seconds[f"{number + 1}:{router.name}"] = time.perf_counter() - started
            usd += route.trace.usd
            found.append(route)
            why = self._doubt(route)
            if not why:
                break
            notes.append(f"{router.name} was not taken at once: {why}")
        if not found:
            raise RoutingError(
                "No router of the cascade could answer: "
                + "; ".join(notes)
                + ". Expected one that needs no model to stand first. Put SemanticPlanner() there."
            )
        best = max(found, key=_hope)
        trace = best.trace.model_copy(
            update={
                "router": f"{self.name} > {best.trace.router}",
                "notes": (*notes, *best.trace.notes),
                "usd": usd,
                "seconds": {**best.trace.seconds, **seconds},
            }
        )
        return best.model_copy(update={"trace": trace})

    def _doubt(self, route: Route) -> str:
        if route.plan.abstained:
            return "it found no plan"
        if route.plan.unmet:
            return f"it leaves {len(route.plan.unmet)} part(s) of the request unmet"
        if route.trace.confidence < self.sure:
            return f"its confidence is {route.trace.confidence:.2f}, below {self.sure:.2f}"
        return ""


def _hope(route: Route) -> tuple[bool, int, float]:
    """Prefer a plan to none, then what leaves less unmet, then the surer one."""
    return (not route.plan.abstained, -len(route.plan.unmet), route.trace.confidence)


__all__ = ("CascadePlanner",)
