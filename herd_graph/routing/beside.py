"""Give an expert that is asked about one table the other attached ones too: it knows which is meant.

A planner sees the names and kinds of files, and no rows: which of three tables knows *who is older than
40* only their columns and cells tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from herd_graph.cards import ExpertCard, Port
from herd_graph.checking import check
from herd_graph.plans import AllOf, Binding, FromInput, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of
from herd_graph.routing.base import Route
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind

_MOST = 12
"""Tables that are given at once."""


def with_tables(route: Route, task: Task, experts: Snapshot) -> Route:
    """Return a route in which a question about one of several attached tables may be about any of them.

    A plan that asks each of several tables is left as it is: there they were told apart.

    Args:
        route: The plan and why.
        task: The request, and what is attached.
        experts: Who is there.
    """
    tables = [
        name
        for name, ref in task.attachments.items()
        if isinstance(ref, ArtifactRef) and is_table(ref)
    ]
    if not 1 < len(tables) <= _MOST:
        return route
    asked: list[tuple[Step, Port, str]] = []
    for step in route.plan.steps:
        card = card_of(step, experts)
        ports = _ports(card) if card is not None else None
        if ports is None or step.foreach is not None or ports[1].name in step.inputs:
            continue
        source = step.inputs.get(ports[0].name)
        if isinstance(source, FromInput) and source.input in tables:
            asked.append((step, ports[1], source.input))
    if not asked or len({name for _, _, name in asked}) > 1:
        return route
    steps = tuple(_filled(each, asked, tables) for each in route.plan.steps)
    inputs = {**route.plan.inputs, **{name: task.inputs[name] for name in tables}}
    plan = route.plan.model_copy(update={"steps": steps, "inputs": inputs})
    return route if check(plan, experts) else route.model_copy(update={"plan": plan})


def is_table(ref: ArtifactRef) -> bool:
    """Say whether a file is a table, or a workbook of them."""
    sheet = any(each in ref.mime for each in ("spreadsheet", "ms-excel"))
    return ref.kind is Kind.TABLE or (ref.kind is Kind.DOCUMENT and sheet)


def _ports(card: ExpertCard) -> tuple[Port, Port] | None:
    """Return the port of the table, and the one that takes others beside it."""
    tables = [each for each in card.inputs if Kind.TABLE in each.kinds]
    one = next((each for each in tables if each.required and not each.many), None)
    rest = next((each for each in tables if each.many and not each.required), None)
    return (one, rest) if one is not None and rest is not None else None


def _filled(step: Step, asked: list[tuple[Step, Port, str]], tables: list[str]) -> Step:
    for each, port, name in asked:
        if each is step:
            others: Iterator[Binding] = (
                FromInput(input=other) for other in tables if other != name
            )
            return step.model_copy(
                update={"inputs": {**step.inputs, port.name: AllOf(all=tuple(others))}}
            )
    return step
