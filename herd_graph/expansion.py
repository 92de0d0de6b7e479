"""Put a workflow's own steps in the place of the step that calls it.

A plan may name a workflow as it names any expert. Before it runs, ``expand`` inlines each such
step, so that one engine starts every expert as soon as it can, and one record stands for each call:
nothing runs nested. Step ``minutes`` of workflow ``minutes`` becomes ``minutes.transcribe``,
``minutes.summarise`` …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from herd_graph.cards import ExpertCard
from herd_graph.errors import PlanInvalid
from herd_graph.experts import Expert
from herd_graph.flow import order
from herd_graph.plans import (
    AllOf,
    Ask,
    Binding,
    Condition,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Plan,
    Step,
    Value,
)
from herd_graph.problems import Problem
from herd_graph.registry import Snapshot
from herd_graph.types import StepId

_LONGEST_ID = 64


class PlannedExpert(Expert):
    """An expert whose work is a plan. ``plan.answers`` are its outputs, in the card's order."""

    def __init__(
        self, card: ExpertCard, plan: Plan, experts: Mapping[str, Expert] | None = None
    ) -> None:
        super().__init__(card)
        self.plan = plan
        self.experts = dict(experts or {})
        """The experts that it was declared with, by ``name@version``."""


def expand(plan: Plan, experts: Snapshot) -> Plan:
    """Return the plan with the steps of workflows in place of the steps that call them.

    Give it a plan that ``check`` finds no fault with. A workflow in a ``foreach`` is inlined by
    making each of its steps go over the items, where that means the same.

    Raises:
        PlanInvalid: A workflow cannot be inlined where it stands; every such place is listed.
    """
    problems: list[Problem] = []
    expanded = _expand(plan, experts, (), problems)
    if problems:
        raise PlanInvalid(problems)
    return expanded


def _workflow_of(step: Step, experts: Snapshot) -> PlannedExpert | None:
    if step.expert is None or not experts.knows(step.expert):
        return None
    found = experts.find(step.expert)
    return found if isinstance(found, PlannedExpert) else None


def _expand(
    plan: Plan, experts: Snapshot, within: tuple[str, ...], problems: list[Problem]
) -> Plan:
    called = {each.id: found for each in plan.steps if (found := _workflow_of(each, experts))}
    if not called:
        return plan
    steps: list[Step] = []
    outputs: dict[str, dict[str | None, Binding]] = {}
    members: dict[str, tuple[StepId, ...]] = {}
    taken = {str(each.id) for each in plan.steps}
    for step in plan.steps:
        workflow = called.get(step.id)
        if workflow is None:
            steps.append(step)
            continue
        name = workflow.card.id
        if name in within:
            problems.append(_problem(step, name, f"is called by itself ({' → '.join(within)})"))
            continue
        inner = _expand(workflow.plan, experts, (*within, name), problems)
        inlining = _Inlining(step, workflow.card, inner, experts, taken)
        steps.extend(inlining.steps())
        outputs[step.id] = inlining.outputs()
        members[step.id] = tuple(inlining.ids.values())
        problems.extend(inlining.problems)
    if problems:
        return plan

    def swap(binding: Binding) -> Binding | None:
        if isinstance(binding, FromStep) and binding.step in outputs:
            return outputs[binding.step].get(binding.output, binding)
        return binding

    return plan.model_copy(
        update={
            "steps": tuple(_rebind(each, swap, members) for each in steps),
            "answers": tuple(
                Ask(ask=each.ask, source=substitute(each.source, swap) or each.source)
                for each in plan.asks
            ),
        }
    )


def renamed(plan: Plan, ids: Mapping[StepId, StepId]) -> Plan:
    """Return the plan with other ids for some of its steps, wherever they are referred to."""

    def swap(binding: Binding) -> Binding | None:
        if isinstance(binding, FromStep):
            return binding.model_copy(update={"step": ids.get(binding.step, binding.step)})
        return binding

    members: dict[str, tuple[StepId, ...]] = {old: (new,) for old, new in ids.items()}
    return plan.model_copy(
        update={
            "steps": tuple(
                _rebind(each, swap, members).model_copy(update={"id": ids.get(each.id, each.id)})
                for each in plan.steps
            ),
            "answers": tuple(
                Ask(ask=each.ask, source=substitute(each.source, swap) or each.source)
                for each in plan.asks
            ),
        }
    )


def _rebind(
    step: Step,
    swap: Callable[[Binding], Binding | None],
    members: Mapping[str, tuple[StepId, ...]],
) -> Step:
    """Return a step with every binding swapped; unchanged where nothing is."""
    inputs = {
        name: found for name, each in step.inputs.items() if (found := substitute(each, swap))
    }
    foreach = None if step.foreach is None else substitute(step.foreach, swap)
    after = tuple(each for need in step.after for each in members.get(need, (need,)))
    when = tuple(_condition(each, swap) for each in step.when)
    if (inputs, foreach, after, when) == (step.inputs, step.foreach, step.after, step.when):
        return step
    return step.model_copy(
        update={"inputs": inputs, "foreach": foreach, "after": after, "when": when}
    )


def _condition(condition: Condition, swap: Callable[[Binding], Binding | None]) -> Condition:
    left = substitute(condition.left, swap) or Value(value=None)
    also = tuple(_condition(each, swap) for each in condition.also)
    return condition.model_copy(update={"left": left, "also": also})


def substitute(binding: Binding, swap: Callable[[Binding], Binding | None]) -> Binding | None:
    """Return a binding with each part of it swapped; None when nothing is left of it."""
    if isinstance(binding, AllOf):
        kept = tuple(found for each in binding.all if (found := substitute(each, swap)))
        return AllOf(all=kept)
    if isinstance(binding, FirstOf):
        kept = tuple(found for each in binding.first if (found := substitute(each, swap)))
        return FirstOf(first=kept) if kept else None
    return swap(binding)


def parts(binding: Binding) -> Iterator[Binding]:
    """Yield the bindings that a binding is made of: itself, where it holds no others."""
    if isinstance(binding, AllOf | FirstOf):
        for each in binding.all if isinstance(binding, AllOf) else binding.first:
            yield from parts(each)
    else:
        yield binding


def _problem(step: Step, name: str, why: str) -> Problem:
    return Problem(
        code="cannot-inline",
        step=step.id,
        message=f"Step {step.id!r} calls the workflow {name!r}, which {why}. Expected a workflow "
        "whose steps can stand in its place. Run it on its own, or write its steps out here.",
    )


@dataclass
class _Inlining:
    """One workflow, put in the place of one step."""

    step: Step
    card: ExpertCard
    plan: Plan
    experts: Snapshot
    taken: set[str]
    problems: list[Problem] = field(default_factory=list[Problem])

    def __post_init__(self) -> None:
        self.ids = {each.id: self._id(each.id) for each in self.plan.steps}
        self.lifted: set[StepId] = set()
        """Inner steps that have come to go over the items of the outer ``foreach``."""
        if self.step.select != "top_1" or self.step.fallbacks:
            self._say("has candidates or fallbacks beside it, which its steps cannot have")
        for each in self.step.inputs.values():
            if not isinstance(each, Item) and any(isinstance(part, Item) for part in parts(each)):
                self._say("is called for each item, and gets it in a list or as an alternative")

    def _say(self, why: str) -> None:
        self.problems.append(_problem(self.step, self.card.id, why))

    def _id(self, inner: StepId) -> StepId:
        wished = f"{self.step.id}.{inner}"
        made, count = wished[:_LONGEST_ID], 2
        while made in self.taken:
            ending = f".{count}"
            made, count = wished[: _LONGEST_ID - len(ending)] + ending, count + 1
        self.taken.add(made)
        return StepId(made)

    def swap(self, binding: Binding) -> Binding | None:
        """Return an inner binding in terms of the outer plan; None for what was not given."""
        if isinstance(binding, FromStep):
            return FromStep(step=self.ids[binding.step], output=binding.output)
        if isinstance(binding, FromInput):
            given = self.step.inputs.get(binding.input)
            port = self.plan.inputs.get(binding.input)
            default = port.default if port is not None else None
            return given or (None if default is None else Value(value=default))
        return binding

    def steps(self) -> Iterator[Step]:
        """Yield the workflow's steps under their new ids, as they stand in the outer plan."""
        inner = {each.id: each for each in self.plan.steps}
        for step_id in order(self.plan):
            yield self._placed(inner[step_id])

    def _placed(self, inner: Step) -> Step:
        rooted = not inner.needs
        moved = {
            "id": self.ids[inner.id],
            "when": (*self.step.when, *(_condition(each, self.swap) for each in inner.when)),
            "after": (
                *(self.ids[need] for need in inner.after),
                *(self.step.after if rooted else ()),
            ),
            "ask": inner.ask or self.step.ask,
        }
        inputs = {
            name: found
            for name, each in inner.inputs.items()
            if (found := substitute(each, self.swap))
        }
        foreach = None
        if inner.foreach is not None:
            foreach = substitute(inner.foreach, self.swap) or Value(value=[])
        if self.step.foreach is not None and (lists := self._lists(inner)):
            inputs |= {name: Item() for name, each in inner.inputs.items() if self._list(each)}
            foreach = lists[0]
            moved["on_item_error"] = self.step.on_item_error
            self.lifted.add(inner.id)
            self._hold_against_lifting(inner, lists)
        return inner.model_copy(update={**moved, "inputs": inputs, "foreach": foreach})

    # foreach: each inner step goes over the items itself ------------------------------------

    def _list(self, binding: Binding) -> Binding | None:
        """Return the list of which an inner binding is now one item; None if it is not."""
        if isinstance(binding, FromStep) and binding.step in self.lifted:
            return self.swap(binding)
        if isinstance(binding, FromInput):
            given = self.step.inputs.get(binding.input)
            return self.step.foreach if isinstance(given, Item) else None
        return None

    def _lists(self, inner: Step) -> list[Binding]:
        found: list[Binding] = []
        for binding in inner.bindings:
            listed = self._list(binding)
            if listed is not None and listed not in found:
                found.append(listed)
        return found

    def _hold_against_lifting(self, inner: Step, lists: list[Binding]) -> None:
        """Note why making an inner step go over the items would not mean the same."""
        where = f"is called for each item, and its step {inner.id!r}"
        direct = {id(each) for each in inner.inputs.values()}
        nested = any(self._list(each) and id(each) not in direct for each in inner.bindings)
        known = inner.expert is not None and self.experts.knows(inner.expert)
        card = self.experts.find(inner.expert or "").card if known else None
        if len(lists) > 1:
            self._say(f"{where} needs two results for the same item")
        elif inner.foreach is not None:
            self._say(f"{where} goes over a list itself")
        elif nested:
            self._say(f"{where} decides or gathers by the item")
        elif card is not None and any(port.many for port in card.outputs):
            self._say(f"{where} gives a list for each item")

    # Outputs --------------------------------------------------------------------------------

    def outputs(self) -> dict[str | None, Binding]:
        """Return what stands in place of each output of the step."""
        found: dict[str | None, Binding] = {}
        for port, answer in zip(self.card.outputs, self.plan.asks, strict=False):
            binding = substitute(answer.source, self.swap)
            if binding is None:
                self._say(f"gives its input back as {port.name!r}, and that input is not given")
                continue
            if self.step.foreach is not None and self._list(answer.source) is None:
                self._say(f"is called for each item, and its result {port.name!r} is not one of it")
            elif self.step.when and not self._is_conditional(answer.source):
                self._say(
                    f"is called under a condition, and its result {port.name!r} does not depend on "
                    "that"
                )
            found[port.name] = binding
            found.setdefault(None, binding)
        return found

    def _is_conditional(self, binding: Binding) -> bool:
        """Say whether an inner binding is skipped when the outer step is."""
        if isinstance(binding, AllOf):
            return any(self._is_conditional(each) for each in binding.all)
        if isinstance(binding, FirstOf):
            return all(self._is_conditional(each) for each in binding.first)
        return isinstance(binding, FromStep)


__all__ = ("PlannedExpert", "expand", "parts", "renamed", "substitute")
