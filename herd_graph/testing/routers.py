"""A router that answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from herd_graph.plans import Plan
from herd_graph.tasks import Task

if TYPE_CHECKING:
    from herd_graph.routing.base import Route, Situation


class FakeRouter:
    """Gives the plan that the test wrote; implements ``routing.base.Router``.

    Args:
        plan: One plan for everything, plans by the request's exact text (anything else is an
            abstention), or a function of the task.
        name: What the trace calls the router.
    """

    def __init__(
        self, plan: Plan | Mapping[str, Plan] | Callable[[Task], Plan], *, name: str = "fake"
    ) -> None:
        self.name = name
        self.tasks: list[Task] = []
        """Every task that it was asked about, in order."""
        self._scripted: dict[str, Plan] = {}
        self._choose = _chooser(plan)

    def give(self, request: str, plan: Plan | Mapping[str, Any] | str) -> None:
        """Say which plan a request gets, by its exact text; before anything else that was said.

        Args:
            request: The words.
            plan: A plan, or one as JSON.
        """
        self._scripted[request] = plan if isinstance(plan, Plan) else Plan.parse(plan)

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return the scripted plan, with a trace that says so."""
        from herd_graph.routing.base import Route, RouteTrace

        self.tasks.append(task)
        trace = RouteTrace(
            router=self.name, request=task.text, registry=situation.experts.fingerprint
        )
        plan = self._scripted.get(task.text) or self._choose(task)
        return Route(plan=plan, trace=trace)


def _chooser(plan: Plan | Mapping[str, Plan] | Callable[[Task], Plan]) -> Callable[[Task], Plan]:
    if isinstance(plan, Plan):
        return lambda _: plan
    if isinstance(plan, Mapping):
        plans = cast("Mapping[str, Plan]", plan)
        return lambda task: plans.get(
            task.text, Plan(reason=f"The fake router has no plan for {task.text!r}.")
        )
    return plan
