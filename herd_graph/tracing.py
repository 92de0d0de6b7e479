"""Turn the calls of experts in a workflow's function into the steps of a plan."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from herd_graph.cards import ExpertCard
from herd_graph.errors import DeclarationError
from herd_graph.experts import Expert
from herd_graph.placeholders import Claim, Each, Owner, Placeholder, negated, to_json
from herd_graph.plans import (
    AllOf,
    Binding,
    Capability,
    Condition,
    FirstOf,
    FromStep,
    Item,
    Step,
    Value,
    show,
)
from herd_graph.types import StepId


class Trace:
    """The steps of one workflow while its function runs. Handed to experts as their tracer."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.steps: list[Step] = []
        self.experts: dict[str, Expert] = {}
        """Every expert that was called, by id."""
        self.unseen: set[StepId] = set()
        """Steps of which an expert is known by name only, or chosen late."""
        self._ids: set[str] = set()
        self._conditions: list[tuple[Condition, ...]] = []
        self._branches: list[object] = []
        self._made_in: dict[str, tuple[object, ...]] = {}

    def __call__(self, expert: Expert, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Add a step for a call of an expert; return the placeholder for its result."""
        card = expert.card
        there = self.experts.setdefault(card.id, expert)
        if there is not expert:
            raise DeclarationError(
                f"Workflow {self.label!r} calls two experts that are both {card.id!r}. Expected a "
                "name or version of its own for each."
            )
        named = _by_name(card, args, kwargs)
        outputs = tuple(port.name for port in card.outputs)
        return self._add(card.name, named, outputs, expert=card.id)

    def call_by_name(self, spec: str, inputs: Mapping[str, Any]) -> Placeholder:
        """Add a step for an expert that is known by name only."""
        made = self._add(spec.partition("@")[0], inputs, None, expert=spec)
        self.unseen.add(self.steps[-1].id)
        return made

    def accompany(
        self,
        result: object,
        first: Expert,
        others: Sequence[object],
        select: str,
        fuse: str | None,
    ) -> None:
        """Give the step that an expert's call has just become the other candidates for it."""
        of = result._binding if isinstance(result, Placeholder) else None
        if not isinstance(of, FromStep):
            raise DeclarationError(
                f"among({first.card.name}, …) is not called as a step. Expected an expert that a workflow "
                "calls: among(transcribe, transcribe_fast, select='cascade')(recording)."
            )
        ids: list[str] = []
        for each in others:
            if isinstance(each, Expert):
                self.experts.setdefault(each.card.id, each)
            elif isinstance(each, str):
                self.unseen.add(of.step)
            else:
                raise DeclarationError(
                    f"among({first.card.name}, {each!r}) names no expert. Expected experts, or their "
                    "names. Hand over the expert itself, not its result."
                )
            ids.append(each.card.id if isinstance(each, Expert) else each)
        place = next(at for at, step in enumerate(self.steps) if step.id == of.step)
        told = self.steps[place].model_dump()
        told |= {"fallbacks": tuple(ids), "select": select, "fuse": fuse}
        try:
            self.steps[place] = Step.model_validate(told)
        except ValidationError:
            raise DeclarationError(
                f"among({first.card.name}, …, select={select!r}) selects nothing. Expected 'top_1', "
                "'top_k(2)', 'dense', 'cascade', 'cascade(0.8)', 'speculative' or 'until(0.8)'."
            ) from None

    def need(self, capability: Capability, inputs: Mapping[str, Any]) -> Placeholder:
        """Add a step whose expert is chosen when its inputs are there."""
        name = "".join(each if each.isalnum() else "_" for each in capability.query.lower())
        words = [each for each in name.split("_") if each.isascii()][:3]
        made = self._add("_".join(words) or "need", inputs, None, capability=capability)
        self.unseen.add(self.steps[-1].id)
        return made

    def _add(
        self, name: str, inputs: Mapping[str, Any], outputs: tuple[str, ...] | None, **what: Any
    ) -> Placeholder:
        items = [each for each in inputs.values() if isinstance(each, Each)]
        if any(each.binding != items[0].binding for each in items):
            raise DeclarationError(
                f"{name!r} is called with each(…) of two different lists: "
                f"{', '.join(each.label for each in items)}. Expected one list. Make one list of "
                "pairs with an expert first."
            )
        step_id = self._free_id(name)
        bound = {
            key: self.bind(value, f"input {key!r} of {name!r}")
            for key, value in inputs.items()
            if value is not None  # left out: the expert's own default holds
        }
        self.steps.append(
            Step(
                id=step_id,
                inputs=bound,
                foreach=items[0].binding if items else None,
                # Said once is enough where several inputs go over the same list.
                on_item_error="skip" if any(each.on_error == "skip" for each in items) else "fail",
                when=tuple(each for claim in self._conditions for each in claim),
                **what,
            )
        )
        self._made_in[step_id] = tuple(self._branches)
        return Placeholder(self, FromStep(step=step_id), step_id, outputs)

    def _free_id(self, name: str) -> StepId:
        stem = name if name[:1].isalpha() or name[:1] == "_" else f"s_{name}"
        stem, made, count = stem[:58], stem[:58], 2
        while made in self._ids:
            made, count = f"{stem}_{count}", count + 1
        self._ids.add(made)
        return StepId(made)

    def bind(self, value: object, where: str) -> Binding:
        """Return the binding for an argument. Raises ``DeclarationError``."""
        if isinstance(value, Placeholder):
            self._own(value._trace, value._label)
            return value._binding
        if isinstance(value, Each):
            self._own(value.trace, value.label)
            return Item()
        if isinstance(value, Claim):
            raise DeclarationError(
                f"A condition stands as {where}. Expected a value. Use it in when(…), or compute "
                "the comparison with an expert."
            )
        if isinstance(value, Expert):
            raise DeclarationError(
                f"The expert {value.card.name!r} itself stands as {where}. Expected its result: "
                f"call it, {value.card.name}(…)."
            )
        if isinstance(value, list | tuple):
            found = [self.bind(each, where) for each in cast("Sequence[object]", value)]
            if any(isinstance(each, Item) for each in found):
                raise DeclarationError(
                    f"each(…) stands inside a list as {where}. Expected it as an argument itself."
                )
            plain = [each.value for each in found if isinstance(each, Value)]
            return Value(value=plain) if len(plain) == len(found) else AllOf(all=tuple(found))
        if isinstance(value, Mapping):
            inner = cast("Mapping[object, object]", value).values()
            if any(isinstance(each, Placeholder | Each | Claim) for each in inner):
                raise DeclarationError(
                    f"A dict with values that do not exist yet stands as {where}. Expected each of "
                    "them as an input of its own."
                )
        return Value(value=to_json(cast("object", value), where))

    def _own(self, trace: Owner, label: str) -> None:
        if trace is not self:
            raise DeclarationError(
                f"{label} belongs to workflow {trace.label!r} and is used in {self.label!r}. "
                "Expected a result or a parameter of the same workflow. Hand it over as a parameter."
            )

    # Branches --------------------------------------------------------------------------------

    def branch(
        self, claim: Claim, then: Callable[[], Any], otherwise: Callable[[], Any] | None
    ) -> Any:
        """Trace both sides of a ``when``; return what stands for the side that is taken."""
        self._own(claim.trace, "The condition of when(…)")
        first = self._side(claim.conditions, then)
        if otherwise is None:
            if not all(first[1](each) for each in _leaves(first[0])):
                raise DeclarationError(_UNCONDITIONAL)
            return first[0]
        second = self._side((negated(claim.conditions),), otherwise)
        return self._meet(first, second)

    def _side(
        self, conditions: tuple[Condition, ...], side: Callable[[], Any]
    ) -> tuple[Any, Callable[[object], bool]]:
        """Run one side; return its result and a test for what exists only on it."""
        token = object()
        with self._under(conditions, token):
            result = side()

        def only_here(value: object) -> bool:
            return isinstance(value, Placeholder) and self._made_under(value._binding, token)

        return result, only_here

    @contextlib.contextmanager
    def _under(self, conditions: tuple[Condition, ...], token: object) -> Generator[None]:
        self._conditions.append(conditions)
        self._branches.append(token)
        try:
            yield
        finally:
            self._conditions.pop()
            self._branches.pop()

    def _made_under(self, binding: Binding, token: object) -> bool:
        """Say whether a binding is skipped whenever the branch is not taken."""
        if isinstance(binding, FromStep):
            return token in self._made_in[binding.step]
        if isinstance(binding, AllOf):
            return any(self._made_under(each, token) for each in binding.all)
        if isinstance(binding, FirstOf):
            return all(self._made_under(each, token) for each in binding.first)
        return False

    def _meet(
        self,
        first: tuple[Any, Callable[[object], bool]],
        second: tuple[Any, Callable[[object], bool]],
    ) -> Any:
        """Return what stands for either of two results; element by element for several."""
        then: Any = first[0]
        otherwise: Any = second[0]
        if then is None and otherwise is None:
            return None
        if isinstance(then, Mapping) and isinstance(otherwise, Mapping):
            left, right = cast("Mapping[str, Any]", then), cast("Mapping[str, Any]", otherwise)
            if left.keys() == right.keys():
                return {
                    key: self._meet((left[key], first[1]), (right[key], second[1])) for key in left
                }
        elif isinstance(then, tuple) and isinstance(otherwise, tuple):
            pair = cast("tuple[Any, ...]", then), cast("tuple[Any, ...]", otherwise)
            if len(pair[0]) == len(pair[1]):
                met = [
                    self._meet((one, first[1]), (two, second[1]))
                    for one, two in zip(*pair, strict=True)
                ]
                kind: Any = type(pair[0])
                return kind(*met) if hasattr(kind, "_fields") else tuple(met)
        if isinstance(then, Mapping | tuple) or isinstance(otherwise, Mapping | tuple):
            raise DeclarationError(
                f"The two sides of when(…) return {_shape(first[0])} and {_shape(second[0])}. Expected "
                "the same shape from both: one result, or the same names."
            )
        sides = (then, first[1]), (otherwise, second[1])
        # What exists either way comes last: the first that was not skipped is taken.
        ordered = sorted(sides, key=lambda side: not side[1](side[0]))
        if not ordered[0][1](ordered[0][0]):
            raise DeclarationError(_UNCONDITIONAL)
        bindings = tuple(self.bind(side[0], "a result of when(…)") for side in ordered)
        label = " or ".join(show(each) for each in bindings)
        return Placeholder(self, FirstOf(first=bindings), label)


_UNCONDITIONAL = (
    "The sides of when(…) return values that exist whichever side is taken, so there is nothing to "
    "choose by. Expected at least one side to return the result of an expert that it calls inside "
    "the lambda: when(condition, lambda: expert(x), lambda: x)."
)


def _leaves(value: Any) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from cast("Mapping[str, object]", value).values()
    elif isinstance(value, tuple):
        yield from cast("tuple[object, ...]", value)
    elif value is not None:
        yield value


def _shape(value: object) -> str:
    if isinstance(value, Mapping):
        return f"the names {sorted(cast('Mapping[str, object]', value))}"
    if isinstance(value, tuple):
        return f"{len(cast('tuple[object, ...]', value))} results"
    return "nothing" if value is None else "one result"


def _by_name(card: ExpertCard, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    names = [port.name for port in card.inputs]
    if len(args) > len(names):
        raise DeclarationError(
            f"{card.name!r} is called with {len(args)} arguments and takes {len(names)}: "
            f"{card.signature}. Leave the others out."
        )
    named = dict(zip(names, args, strict=False))
    twice = sorted(named.keys() & kwargs.keys())
    if twice:
        raise DeclarationError(
            f"{card.name!r} gets {twice[0]!r} twice: by position and by name. Expected one of them."
        )
    return {**named, **kwargs}


__all__ = ("Trace",)
