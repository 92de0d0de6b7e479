"""Hold what a binding gives against the port that takes it: the kinds, MIME types, lists, literals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from herd_graph.cards import Port, fits
from herd_graph.conversions import Conversion, find_conversion, mimes_meet
from herd_graph.flow import Flow, why_not
from herd_graph.plans import AllOf, Binding, FirstOf, FromInput, Item, Step, Value, show
from herd_graph.problems import Problem, named, typed
from herd_graph.registry import Snapshot
from herd_graph.types import JSON, Kind

_KINDLESS = {Kind.ANY, Kind.DATA}


class Types:
    """The types in one plan; the ways from one to another are searched once.

    Args:
        flow: What each binding of the plan gives.
        experts: Who is there, converters among them.
        attached: The inputs that a task has, where there is one.
    """

    def __init__(self, flow: Flow, experts: Snapshot, attached: Mapping[str, Port] | None) -> None:
        self.flow = flow
        self.experts = experts
        self.attached = attached
        self._ways: dict[tuple[str, str, bool], tuple[tuple[Conversion, ...], str]] = {}

    def takes(self, binding: Binding, port: Port, step: Step, where: str) -> Iterator[Problem]:
        """Hold what a binding gives against the port that takes it."""
        if isinstance(binding, Value):
            why = why_not(port, binding.value)
            if why is not None:
                yield Problem(
                    code="bad-value",
                    step=step.id,
                    input=port.name,
                    message=f"{where} is {show(binding)}. Expected {typed(port)}: {why}.",
                )
            return
        if isinstance(binding, FirstOf):
            for each in binding.first:
                yield from self.takes(each, port, step, where)
            return
        if isinstance(binding, AllOf) and port.many:
            for each in binding.all:
                yield from self.takes(each, port, step, where)
            return
        if isinstance(binding, Item) and isinstance(step.foreach, Value):
            yield from self._each_takes(step.foreach.value, port, step, where)
            return
        source = self.flow.source(binding, step)
        if source is None:
            return
        if isinstance(binding, FromInput):
            yield from self._may_be_missing(binding, source, port, step, where)
        problem = self._mismatch(source, port, binding, step, where)
        if problem is not None:
            yield problem

    def _each_takes(self, items: JSON, port: Port, step: Step, where: str) -> Iterator[Problem]:
        """Hold the items of a literal list against the port that takes each of them."""
        for place, item in enumerate(items if isinstance(items, list) else []):
            why = why_not(port, item)
            if why is not None:
                yield Problem(
                    code="bad-value",
                    step=step.id,
                    input=port.name,
                    message=f"{where}: item {place} of its foreach is {show(Value(value=item))}. "
                    f"Expected {typed(port)}: {why}.",
                )

    def _may_be_missing(
        self, binding: FromInput, source: Port, port: Port, step: Step, where: str
    ) -> Iterator[Problem]:
        given = self.attached is not None and binding.input in self.attached
        if source.required or source.default is not None or given:
            return
        if port.required and port.default is None:
            yield Problem(
                code="maybe-missing",
                step=step.id,
                input=port.name,
                message=f"{where} is bound to the input {binding.input!r}, which may be left out, "
                "and takes it always. Give that input a default, or make it required.",
            )

    def _mismatch(
        self, source: Port, port: Port, binding: Binding, step: Step, where: str
    ) -> Problem | None:
        card = self.flow.card(step)
        start = (
            f"{where} ({card.id if card else '?'}) takes {typed(port)}, and {named(binding)} gives "
            f"{typed(source)}."
        )
        if fits(source, port):
            if mimes_meet(source, port):
                return None
            ways, advice = self.advice(source, port)
            return Problem(
                code="mime-mismatch",
                step=step.id,
                input=port.name,
                message=f"{start} {advice or 'None of the experts at hand turns one into the other.'}",
                conversions=ways,
            )
        if source.many and not port.many and fits(source, port, item=True):
            return Problem(
                code="list-for-one",
                step=step.id,
                input=port.name,
                message=f"{start} Call the expert once for each item: each(…) in a workflow, "
                f'"foreach" and {{"item": true}} in a plan.',
            )
        ways, advice = self.advice(source, port)
        return Problem(
            code="type-mismatch",
            step=step.id,
            input=port.name,
            message=f"{start} {advice or 'None of the experts at hand turns one into the other.'}",
            conversions=ways,
        )

    def advice(self, source: Port, port: Port) -> tuple[tuple[Conversion, ...], str]:
        """Return the ways from one type to another, and what to do, in words; nothing where none is."""
        key = (typed(source), typed(port), port.many)
        if key not in self._ways:
            self._ways[key] = self._search(source, port)
        return self._ways[key]

    def _search(self, source: Port, port: Port) -> tuple[tuple[Conversion, ...], str]:
        cards = self.experts.latest
        ways = tuple(find_conversion(source, port, cards))
        if ways:
            return ways, f"Put a converter between them: {' or '.join(map(str, ways[:2]))}."
        bridges = [
            each.name
            for each in cards
            if any(fits(source, taken) for taken in each.inputs if taken.required)
            and any(fits(given, port) and given.kind is not Kind.ANY for given in each.outputs)
        ]
        if not bridges:
            return (), ""
        listed = ", ".join(repr(each) for each in bridges[:3])
        return (), f"If that is meant, put one of these between them: {listed}."

    def takes_kind(
        self, binding: Binding, step: Step, takes: tuple[Kind, ...], where: str, name: str
    ) -> Iterator[Problem]:
        """Hold a binding against the kinds of a capability, where that is all that is known."""
        source = None if isinstance(binding, Value) else self.flow.source(binding, step)
        if source is None or not takes or not _KINDLESS.isdisjoint(source.kinds):
            return
        if set(takes).isdisjoint(source.kinds) and Kind.ANY not in takes:
            expected = " or ".join(each.value for each in takes)
            yield Problem(
                code="type-mismatch",
                step=step.id,
                input=name,
                message=f"{where} is {typed(source)} from {named(binding)}, and the step's "
                f"capability takes {expected}. Convert it, or change what the capability takes.",
            )


__all__ = ("Types",)
