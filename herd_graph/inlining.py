"""Workflows that a plan names: whom they bring along, and which of them run as one step.

``expansion`` says how a workflow's steps take the place of the step that calls it. This module
decides where: wherever it means the same, so that every inner call is a step of the run, with a
record, events and a place in the budget of its own. What is left is called like any other expert
and runs nested; see ``nesting``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from herd_graph.errors import PlanInvalid
from herd_graph.expansion import PlannedExpert, expand
from herd_graph.experts import Expert
from herd_graph.plans import Plan
from herd_graph.problems import Problem
from herd_graph.registry import Snapshot


def brought_along(experts: Iterable[Expert]) -> dict[str, Expert]:
    """Return the experts that workflows were declared with, and that models call, by id."""
    found: dict[str, Expert] = {}
    for each in experts:
        for key, inner in each.experts.items():
            found.setdefault(key, inner)
    return found


def widened(experts: Snapshot, others: Mapping[str, Expert]) -> Snapshot:
    """Return a snapshot that finds ``others`` too, where ``experts`` has nothing of that name.

    What is registered comes first: a bare name never means what a workflow brought along while
    the registry has an expert of that name.
    """
    missing = {key: each for key, each in others.items() if key not in experts}
    if not missing:
        return experts
    wide = Snapshot({**missing, **experts})
    wide._latest.update(experts._latest)
    return wide


def inline(plan: Plan, experts: Snapshot) -> Plan:
    """Return the plan with workflows inlined, wherever that means the same.

    Args:
        plan: A plan that ``check`` finds no fault with.
        experts: Who is present, and whom workflows brought along.

    Raises:
        PlanInvalid: A workflow calls itself.
    """
    called = dict(_called(plan, experts))
    if not called:
        return plan
    _refuse_circles(called, experts)
    apart: set[str] = set()
    while True:
        try:
            return expand(plan, _without_plans(experts, apart))
        except PlanInvalid as error:
            found = _named(plan, error.problems, experts, apart)
            if not found:
                raise
            apart |= found


def _called(plan: Plan, experts: Snapshot) -> Iterator[tuple[str, PlannedExpert]]:
    for step in plan.steps:
        if step.expert is not None and experts.knows(step.expert):
            found = experts.find(step.expert)
            if isinstance(found, PlannedExpert):
                yield found.card.id, found


def _refuse_circles(called: Mapping[str, PlannedExpert], experts: Snapshot) -> None:
    def visit(name: str, workflow: PlannedExpert, within: tuple[str, ...]) -> None:
        path = (*within, name)
        if name in within:
            raise PlanInvalid(
                [
                    Problem(
                        code="cannot-inline",
                        message=f"Workflow {name!r} calls itself ({' → '.join(path)}). Expected "
                        "steps that come to an end. Call another expert there.",
                    )
                ]
            )
        for key, inner in _called(workflow.plan, experts):
            visit(key, inner, path)

    for name, workflow in called.items():
        visit(name, workflow, ())


def _named(plan: Plan, problems: Iterable[object], experts: Snapshot, apart: set[str]) -> set[str]:
    """Return the workflows that steps with these problems call, at any depth."""
    steps = {each.step for each in problems if isinstance(each, Problem)}
    found: set[str] = set()

    def visit(plan: Plan) -> None:
        for step in plan.steps:
            if step.expert is None or not experts.knows(step.expert):
                continue
            expert = experts.find(step.expert)
            if isinstance(expert, PlannedExpert) and expert.card.id not in apart:
                if step.id in steps:
                    found.add(expert.card.id)
                visit(expert.plan)

    visit(plan)
    return found


def _without_plans(experts: Snapshot, names: set[str]) -> Snapshot:
    """Return a snapshot in which these workflows are experts like any other."""
    if not names:
        return experts
    plain = {name: Expert(experts[name].card) for name in names}
    hidden = Snapshot({**experts, **plain})
    hidden._latest.update(experts._latest)
    return hidden


__all__ = ("brought_along", "inline", "widened")
