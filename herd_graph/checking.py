"""Check a plan before anything runs: every problem at once, each with what to do about it.

The codes of problems, by what they are about:

- experts: unknown-expert, unknown-version, no-expert, vague-capability, unserved-capability, select,
  cannot-inline (found by ``expansion``)
- inputs: missing-input, unknown-input, bad-value, maybe-missing, input-not-given
- references: unknown-step, unknown-reference, unknown-output, duplicate-id, cycle
- types: type-mismatch, mime-mismatch, list-for-one, not-a-list, item-outside-foreach
- conditions: incomparable, never-true
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from herd_graph.cards import ExpertCard, Port, fits, parse_expert
from herd_graph.errors import PlanInvalid, suggest
from herd_graph.flow import Flow, cycles, in_words, is_listlike, order, source_port
from herd_graph.plans import (
    AllOf,
    Binding,
    Condition,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Plan,
    Step,
    show_condition,
)
from herd_graph.port_checks import Types
from herd_graph.problems import Code, Problem, named, typed, why_incomparable
from herd_graph.registry import Snapshot
from herd_graph.types import FUSER_NAMES, Kind, StepId


def check(plan: Plan, experts: Snapshot, inputs: Mapping[str, Port] | None = None) -> list[Problem]:
    """Return every problem of a plan; none means that it can run.

    Args:
        plan: What to check.
        experts: Who is present.
        inputs: Ports of what is attached to the task. Without them the plan's own declaration
            stands alone; with them, each one is held against that declaration as well.
    """
    return list(_Check(plan, experts, inputs).problems())


def validate(plan: Plan, experts: Snapshot, inputs: Mapping[str, Port] | None = None) -> None:
    """Raise ``PlanInvalid`` with every problem of a plan, if it has any."""
    problems = check(plan, experts, inputs)
    if problems:
        raise PlanInvalid(problems)


class _Check:
    """One check of one plan; what is looked up twice is kept."""

    def __init__(self, plan: Plan, experts: Snapshot, inputs: Mapping[str, Port] | None) -> None:
        self.plan = plan
        self.experts = experts
        self.attached = inputs
        self.flow = Flow(plan, experts, inputs)
        self.types = Types(self.flow, experts, inputs)

    def problems(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for step in self.plan.steps:
            if step.id in seen:
                yield Problem(
                    code="duplicate-id",
                    step=step.id,
                    message=f"Two steps are called {step.id!r}. Expected an id of its own for each. "
                    "Rename one, and the bindings that mean it.",
                )
            seen.add(step.id)
            yield from self._step(step)
        for cycle in cycles(self.plan):
            yield Problem(code="cycle", step=cycle[0], message=in_words(cycle))
        for ask in self.plan.answers:
            where = f"Answer {ask.ask!r}"
            yield from self._references(ask.source, None, where)
        yield from self._given()

    # The expert ------------------------------------------------------------------------------

    def _step(self, step: Step) -> Iterator[Problem]:
        card = self.flow.card(step)
        if step.expert is not None and card is None:
            yield self._unknown_expert(step, step.expert, "asks for")
        for fallback in step.fallbacks:
            if not self.experts.knows(fallback):
                yield self._unknown_expert(step, fallback, "falls back on")
        if step.expert is None:
            yield from self._capability(step)
        yield from self._select(step)
        if card is not None:
            yield from self._ports(step, card)
        for name, binding in step.inputs.items():
            where = f"Step {step.id!r}, input {name!r}"
            yield from self._references(binding, step, where, name)
            port = card.input(name) if card is not None else None
            if port is not None:
                yield from self.types.takes(binding, port, step, where)
            elif step.expert is None and step.capability is not None:
                yield from self.types.takes_kind(binding, step, step.capability.takes, where, name)
        if step.foreach is not None:
            yield from self._foreach(step, step.foreach)
        for condition in step.when:
            yield from self._condition(condition, step)
        for need in step.after:
            if need not in self.flow.steps:
                yield self._unknown_step(step, need, f"Step {step.id!r} comes after")

    def _unknown_expert(self, step: Step, spec: str, asks: str) -> Problem:
        name, version = parse_expert(spec)
        start = f"Step {step.id!r} {asks} expert {spec!r}, which is not registered"
        if version is not None and self.experts.knows(name):
            versions = [key for key in self.experts if parse_expert(key)[0] == name]
            return Problem(
                code="unknown-version",
                step=step.id,
                message=f"{start} in that version. {suggest(spec, versions)} Leave the version out "
                "for the latest one.",
            )
        known = [card.name for card in self.experts.latest]
        return Problem(
            code="unknown-expert", step=step.id, message=f"{start}. {suggest(name, known)}"
        )

    def _capability(self, step: Step) -> Iterator[Problem]:
        need = step.capability
        if need is None:
            yield Problem(
                code="no-expert",
                step=step.id,
                message=f"Step {step.id!r} names neither an expert nor a capability. Expected "
                '"expert": "name@version", or "capability": {"query": "what it needs"}.',
            )
        elif not need.query.strip() and not need.takes and need.gives is None:
            yield Problem(
                code="vague-capability",
                step=step.id,
                message=f"Step {step.id!r} has a capability that says nothing. Expected a query in "
                "words, or the kinds that it takes and gives.",
            )
        elif need.gives is not None and not any(
            need.gives in each.gives or Kind.ANY in each.gives for each in self.experts.latest
        ):
            yield Problem(
                code="unserved-capability",
                step=step.id,
                message=f"Step {step.id!r} needs an expert that gives {need.gives.value}, and none "
                "of those that are registered does. Register one, or ask for another kind.",
            )

    def _select(self, step: Step) -> Iterator[Problem]:
        said = ""
        if step.select == "top_1" and step.k != 1:
            said = f"selects the best one and has k={step.k}. Expected select='top_k' for several"
        elif step.select == "top_k" and step.k < 2:
            said = "selects the top k and has k=1. Expected k of 2 or more, or select='top_1'"
        elif step.select != "top_k" and step.k != 1:
            said = (
                f"selects {step.select!r} and has k={step.k}. Expected select='top_k' for a number"
            )
        elif step.select == "until" and step.score is None:
            said = "goes on until the score will do and names none. Expected select='until(0.8)'"
        elif step.select not in {"until", "cascade"} and step.score is not None:
            said = f"has score={step.score:g}, which select={step.select!r} does not look at. Expected 'until'"
        elif step.select != "top_1" and step.expert is not None and not step.fallbacks:
            said = (
                f"selects several candidates and has one, {step.expert!r}. Expected a capability, "
                "or fallbacks"
            )
        elif step.select in {"top_1", "speculative"} and step.fuse is not None:
            said = f"fuses by {step.fuse!r} what is one result. Expected select='top_k' or 'dense'"
        elif step.fuse is not None and step.fuse not in FUSER_NAMES:
            named = ", ".join(sorted(FUSER_NAMES))
            said = f"fuses by {step.fuse!r}, which is no fuser. Expected one of: {named}"
        if said:
            yield Problem(
                code="select",
                step=step.id,
                message=f"Step {step.id!r} {said}. Change one of the two.",
            )

    # Inputs ----------------------------------------------------------------------------------

    def _ports(self, step: Step, card: ExpertCard) -> Iterator[Problem]:
        for port in card.inputs:
            if port.required and port.default is None and port.name not in step.inputs:
                fitting = [name for name, each in self.flow.inputs.items() if fits(each, port)]
                hint = f' For example {{"input": "{fitting[0]}"}}.' if len(fitting) == 1 else ""
                yield Problem(
                    code="missing-input",
                    step=step.id,
                    input=port.name,
                    message=f"Step {step.id!r} ({card.id}) lacks its input {port.name!r}. Expected "
                    f"{typed(port)}. Bind it.{hint}",
                )
        for name in step.inputs:
            if card.input(name) is None:
                known = [port.name for port in card.inputs]
                yield Problem(
                    code="unknown-input",
                    step=step.id,
                    input=name,
                    message=f"Step {step.id!r} binds {name!r}, which {card.id} does not take. "
                    f"{suggest(name, known, what='It takes')}",
                )

    def _references(
        self, binding: Binding, step: Step | None, where: str, name: str = ""
    ) -> Iterator[Problem]:
        """Find what a binding, or one inside it, refers to and is not there."""
        step_id: StepId | Literal[""] = step.id if step is not None else ""
        if isinstance(binding, FromStep):
            source = self.flow.steps.get(binding.step)
            if source is None:
                yield self._unknown_step(step, binding.step, f"{where} is bound to", name)
                return
            card = self.flow.card(source)
            if card is not None and card.output(binding.output) is None:
                known = [port.name for port in card.outputs]
                yield Problem(
                    code="unknown-output",
                    step=step_id,
                    input=name,
                    message=f"{where} is bound to output {binding.output!r} of step {source.id!r}, "
                    f"which {card.id} does not give. "
                    f"{suggest(binding.output or '', known, what='It gives')}",
                )
        elif isinstance(binding, FromInput):
            if binding.input not in self.flow.inputs:
                yield Problem(
                    code="unknown-reference",
                    step=step_id,
                    input=name,
                    message=f"{where} is bound to the input {binding.input!r}, which is not there. "
                    f"{suggest(binding.input, self.flow.inputs, what='Inputs')}",
                )
        elif isinstance(binding, Item):
            if step is None or step.foreach is None:
                yield Problem(
                    code="item-outside-foreach",
                    step=step_id,
                    input=name,
                    message=f"{where} is bound to the item of a foreach, and there is none. Expected "
                    '"foreach": a list, on the same step. Add it, or bind the list itself.',
                )
        elif isinstance(binding, AllOf | FirstOf):
            parts = binding.all if isinstance(binding, AllOf) else binding.first
            for each in parts:
                yield from self._references(each, step, where, name)

    def _unknown_step(self, step: Step | None, need: str, start: str, name: str = "") -> Problem:
        return Problem(
            code="unknown-step",
            step=step.id if step is not None else "",
            input=name,
            message=f"{start} step {need!r}, which is not there. "
            f"{suggest(need, self.flow.steps, what='Steps')}",
        )

    # Loops and branches ----------------------------------------------------------------------

    def _foreach(self, step: Step, listed: Binding) -> Iterator[Problem]:
        where = f"Step {step.id!r}, foreach"
        inner = [listed]
        while inner:
            each = inner.pop()
            if isinstance(each, Item):
                yield Problem(
                    code="item-outside-foreach",
                    step=step.id,
                    message=f"{where} goes over its own item. Expected a list from an input or "
                    "another step.",
                )
            elif isinstance(each, AllOf | FirstOf):
                inner.extend(each.all if isinstance(each, AllOf) else each.first)
        yield from self._references(listed, step, where)
        source = self.flow.source(listed, step)
        if source is not None and not is_listlike(source):
            yield Problem(
                code="not-a-list",
                step=step.id,
                message=f"{where} goes over {named(listed)}, which gives {typed(source)}. Expected "
                "a list, a JSON list or a table. Leave foreach out, or bind a step that gives a "
                "list.",
            )

    def _condition(self, condition: Condition, step: Step) -> Iterator[Problem]:
        for each in condition.also:
            yield from self._condition(each, step)
        alone = condition.model_copy(update={"also": (), "negate": False})
        where = f"Step {step.id!r}, when {show_condition(alone)}"
        if isinstance(condition.left, Item):
            yield Problem(
                code="item-outside-foreach",
                step=step.id,
                message=f"{where}: a condition is about the whole step, not about one item. "
                "Expected an input or another step on the left. Filter the list in an expert.",
            )
            return
        yield from self._references(condition.left, step, where)
        source = self.flow.source(condition.left, step)
        if source is not None:
            said = why_incomparable(source, condition)
            if said:
                yield Problem(code="incomparable", step=step.id, message=f"{where}: {said}")
            elif source.choices and not source.many and condition.op in {"==", "!=", "in"}:
                wanted = condition.right if condition.op == "in" else [condition.right]
                assert isinstance(wanted, list)
                if not any(each in source.choices for each in wanted):
                    listed = ", ".join(repr(each) for each in source.choices)
                    yield Problem(
                        code="never-true",
                        step=step.id,
                        message=f"{where}: it is never {condition.right!r}. It is one of {listed}. "
                        "Compare with one of these.",
                    )

    # The task's inputs -----------------------------------------------------------------------

    def _given(self) -> Iterator[Problem]:
        if self.attached is None:
            return
        for name, port in self.plan.inputs.items():
            given = self.attached.get(name)
            if given is None and port.required and port.default is None:
                yield Problem(
                    code="input-not-given",
                    input=name,
                    message=f"The plan's input {name!r} was not given. Expected {typed(port)}. "
                    f"{suggest(name, self.attached, what='Given')}",
                )
            elif given is not None and not fits(given, port):
                ways, advice = self.types.advice(given, port)
                each = "" if not given.many or port.many else "Give one, not a list. "
                yield Problem(
                    code="type-mismatch",
                    input=name,
                    message=f"The plan's input {name!r} takes {typed(port)}, and {typed(given)} was "
                    f"given. {each}{advice}".rstrip(),
                    conversions=ways,
                )


__all__ = ("Code", "Flow", "Problem", "check", "order", "source_port", "validate")
