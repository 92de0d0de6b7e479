"""Who writes the plan: the simplest router that is of any use."""

from __future__ import annotations

from herd_graph.plans import Binding, FromInput, Plan, Step, Value
from herd_graph.routing.base import Route, RouteTrace, Situation
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId


class FirstRouter:
    """Gives the whole request to the nearest expert that takes what is attached.

    A router is any object with a ``name`` and this method. It may look at the task and at the
    situation: the experts, the index over their cards, the budget, and earlier turns.

    Args:
        preferred: An expert to take where it fits: ``--router first:scale_recipe``.
    """

    name = "first"

    def __init__(self, preferred: str = "") -> None:
        self.preferred = preferred

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return a plan of one step, or an abstention with the reason."""
        situation.index.sync(situation.experts)
        near = [hit.card for hit in situation.index.search(task.text, k=20)]
        trace = RouteTrace(router=self.name, request=task.text)
        for spec in filter(None, [self.preferred, *near]):
            step = self._step(spec, task, situation)
            if step is not None:
                return Route(plan=Plan(steps=(step,), inputs=task.inputs), trace=trace)
        return Route(plan=Plan(reason="No expert takes what is attached."), trace=trace)

    def _step(self, spec: str, task: Task, situation: Situation) -> Step | None:
        """Return a step of one expert, with each attachment where it fits, or None."""
        if not situation.experts.knows(spec):
            return None
        card = situation.experts.find(spec).card
        free, bound = dict(task.inputs), dict[str, Binding]()
        for port in card.inputs:
            fitting = [name for name, given in free.items() if given.kind in port.kinds]
            if fitting:
                bound[port.name] = FromInput(input=fitting[0])
                del free[fitting[0]]
            elif Kind.TEXT in port.kinds and not task.inputs:
                bound[port.name] = Value(value=task.text)
            elif port.scalar in {"integer", "number"}:
                numbers = [int(word) for word in task.text.split() if word.isdigit()]
                if numbers:
                    bound[port.name] = Value(value=numbers[0])
        whole = all(port.name in bound for port in card.inputs if port.required)
        return Step(id=StepId("s1"), expert=card.id, inputs=bound) if whole and not free else None
