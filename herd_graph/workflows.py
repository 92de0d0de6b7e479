"""Write a plan by hand, as a Python function that calls experts.

    @workflow
    def minutes(recording: Audio) -> Text:
        '''Sum up what was said in a meeting.'''
        words = transcribe(recording)
        return when(words.is_empty(), lambda: caption(cover), lambda: summarise(words))

The function runs once, when it is declared: its parameters become the plan's inputs, each call of
an expert becomes a step, and the plan is checked on the spot. What comes out is an expert like any
other: register it, call it in another workflow, or run it with ``herd.run(minutes, recording=…)``.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Generic, Literal, NoReturn, ParamSpec, Protocol, TypeVar, cast, overload

from herd_graph import declaring
from herd_graph.artifacts import Artifact, attach
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.docstrings import describe
from herd_graph.errors import DeclarationError
from herd_graph.expansion import PlannedExpert
from herd_graph.experts import Expert, Inputs, Outputs, tracer
from herd_graph.placeholders import Each, Placeholder, claim_of
from herd_graph.plans import Capability, Plan
from herd_graph.slots import Slot, make_slot
from herd_graph.tracing import Trace
from herd_graph.types import Kind

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
U = TypeVar("U")


class PlanRunner(Protocol):
    """Runs a workflow as one step of another plan, where it cannot be inlined."""

    async def __call__(
        self, workflow: PlannedExpert, inputs: Inputs, context: ExpertContext
    ) -> Outputs:
        """Return the plan's answers, by the names of the card's outputs."""
        ...


plan_runner: ContextVar[PlanRunner | None] = ContextVar("herd_plan_runner", default=None)
"""Set by an engine around the calls that it makes."""


class Workflow(PlannedExpert, Generic[P, R]):
    """A plan that a person wrote, and an expert in its own right. Made by ``@workflow``.

    Attributes:
        plan: The checked plan; workflows inside it are inlined.
        card: What discovery and people know of it.
        experts: The experts that it was declared with, by ``name@version``.
    """

    def __init__(
        self,
        card: ExpertCard,
        plan: Plan,
        function: Callable[P, R],
        slots: tuple[Slot, ...],
        experts: Mapping[str, Expert],
    ) -> None:
        super().__init__(card, plan, experts)
        self.function = function
        self.slots = slots
        self.__doc__ = function.__doc__
        self.__name__ = card.name
        self.__module__ = function.__module__
        self.__wrapped__ = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Add its steps, inside ``@workflow``. Anywhere else: see ``herd.run``."""
        return super().__call__(*args, **kwargs)

    def call_plain(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Explain how a workflow is run."""
        del args, kwargs
        given = "".join(f", {slot.port.name}=…" for slot in self.slots)
        raise DeclarationError(
            f"Workflow {self.card.name!r} is a plan and cannot be called directly: its experts run "
            f"in a herd. Run it with herd.run({self.card.name}{given}), or call it inside another "
            "@workflow."
        )

    def attachments(self, *args: Any, **kwargs: Any) -> dict[str, Artifact | list[Artifact]]:
        """Return arguments as artifacts, by the names that the plan binds. A path is attached.

        Raises:
            DeclarationError: An argument is missing or unknown.
            PortViolation: A value is not what its parameter takes.
        """
        try:
            bound = inspect.signature(self.function).bind(*args, **kwargs)
        except TypeError as error:
            raise DeclarationError(
                f"Workflow {self.card.name!r} cannot take these arguments: {error}. Expected "
                f"{self.card.signature}."
            ) from None
        found: dict[str, Artifact | list[Artifact]] = {}
        for slot in self.slots:
            value = bound.arguments.get(slot.port.name)
            if isinstance(value, os.PathLike):
                value = attach(cast("os.PathLike[str]", value))
            if value is not None:
                found[slot.port.name] = slot.encode(value)
        return found

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Run the plan nested, for an engine that set ``plan_runner``."""
        runner = plan_runner.get()
        if runner is None:
            raise DeclarationError(
                f"Workflow {self.card.id!r} was called as one step. Expected its own steps in its "
                "place: expand(plan, experts) before the plan runs."
            )
        return await runner(self, inputs, context)

    def __repr__(self) -> str:
        return f"<Workflow {self.card.id}: {self.card.signature}, {len(self.plan.steps)} steps>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        return self.plan._repr_mimebundle_(**options)


@overload
def workflow(function: Callable[P, R]) -> Workflow[P, R]: ...


@overload
def workflow(
    *,
    name: str | None = None,
    version: str = "1",
    description: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    examples: list[str] | tuple[str, ...] = (),
) -> Callable[[Callable[P, R]], Workflow[P, R]]: ...


def workflow(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    version: str = "1",
    description: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    examples: list[str] | tuple[str, ...] = (),
) -> Any:
    """Turn a function that calls experts into a checked plan.

    Args:
        function: The function, when used without parentheses.
        name: The name; by default the function's.
        version: Several versions of one name may be registered side by side.
        description: By default the docstring up to its sections.
        tags: Words for what it is about.
        examples: Requests that it is right for.

    Raises:
        DeclarationError: The function uses a value that does not exist yet, or cannot be a plan.
        PlanInvalid: The plan has problems; all of them are listed.
    """

    def declare(declared: Callable[..., Any]) -> Workflow[..., Any]:
        label = name or declared.__name__
        slots, hints = declaring.parameters(declared, label)
        ports = {slot.port.name: slot.port for slot in slots}
        trace, returned = declaring.trace(declared, label)
        if not trace.steps:
            raise DeclarationError(
                f"Workflow {label!r} calls no expert. Expected at least one call: each becomes a "
                "step of the plan."
            )
        experts = declaring.experts_of(trace)
        outputs, plan = declaring.planned(
            trace, returned, hints, ports, f"{label}@{version}", experts
        )
        card = ExpertCard(
            name=label,
            version=version,
            description=description or describe(declared)[0] or declaring.described(trace),
            tags=tuple(tags),
            examples=tuple(examples),
            inputs=tuple(ports.values()),
            outputs=outputs,
            **declaring.costs(plan, experts),
        )
        return Workflow(card, plan, declared, slots, experts)

    return declare if function is None else declare(function)


# The words of a workflow ------------------------------------------------------------------------


def _current(word: str) -> Trace:
    trace = tracer.get()
    if not isinstance(trace, Trace):
        raise DeclarationError(
            f"{word} was called outside a workflow. Expected it in a function under @workflow, where "
            "calls become steps of a plan."
        )
    return trace


def each(items: Iterable[T], *, on_error: Literal["fail", "skip"] = "fail") -> T:
    """Hand over the items of a list one by one: ``caption(each(pictures))`` gives a list.

    The expert is called once for each item, all of them at the same time where that is possible,
    and the results come in the order of the items.

    Args:
        items: The list.
        on_error: What an item that fails means: ``"fail"`` fails the step, ``"skip"`` leaves the
            item out of the results and goes on with the others.
    """
    trace = _current("each(…)")
    given: object = items
    if isinstance(given, Each):
        raise DeclarationError(
            f"each(each({given.label})) goes over the items of an item. Expected a list. Call an "
            "expert that takes the inner list."
        )
    if on_error not in {"fail", "skip"}:
        raise DeclarationError(
            f"each(…, on_error={on_error!r}) is no policy. Expected 'fail' or 'skip'. Leave it out "
            "where one failure fails the step."
        )
    label = given._label if isinstance(given, Placeholder) else "a list"
    return cast("T", Each(trace, trace.bind(given, "the list of each(…)"), label, on_error))


@overload
def when(claim: object, then: Callable[[], T]) -> T: ...


@overload
def when(claim: object, then: Callable[[], T], otherwise: Callable[[], U]) -> T | U: ...


def when(claim: object, then: Callable[[], Any], otherwise: Callable[[], Any] | None = None) -> Any:
    """Choose what is run by a value that exists only when the plan runs.

        when(score > 0.8, lambda: publish(text), lambda: review(text))

    Args:
        claim: A comparison of a result; combine several with ``&``, ``|`` and ``~``.
        then: Calls the experts that run when it holds.
        otherwise: Calls those that run when it does not. Without it, what needs the result is
            skipped.

    Returns:
        The result of the side that was taken.
    """
    trace = _current("when(…)")
    for side in (then, otherwise):
        if side is not None and not callable(side):
            raise DeclarationError(
                f"when(…) got {side!r} for a side. Expected a function, so that its experts run on "
                "that side only: when(condition, lambda: expert(x), lambda: other(x))."
            )
    if isinstance(then, Placeholder) or isinstance(otherwise, Placeholder):
        raise DeclarationError(
            "when(…) got a result for a side, so its expert would run either way. Expected a "
            "function: when(condition, lambda: expert(x), lambda: other(x))."
        )
    return trace.branch(claim_of(claim), then, otherwise)


def call(expert: str, /, **inputs: Any) -> Any:
    """Call an expert that is known by name only: ``call("translate", text=words, to="pt")``.

    The name, and the inputs by name, are checked when the plan meets a herd.
    """
    return _current("call(…)").call_by_name(expert, inputs)


def need(query: str, /, *, gives: Any = None, takes: tuple[Kind, ...] = (), **inputs: Any) -> Any:
    """Call for a capability; the expert is chosen when the inputs are there.

    Args:
        query: What it should do, in words.
        gives: What it should give: ``Text``, ``Image``, ``float`` …
        takes: The kinds that it should take.
        **inputs: Its inputs.
    """
    kind = None if gives is None else make_slot("result", gives, f"what {query!r} gives").port.kind
    capability = Capability(query=query, takes=takes, gives=kind)
    return _current("need(…)").need(capability, inputs)


def among(
    first: Callable[P, R], /, *others: object, select: str = "top_1", fuse: str | None = None
) -> Callable[P, R]:
    """Call an expert for a step that others can do too.

        words = among(transcribe, transcribe_fast, select="cascade")(recording)

    Args:
        first: The expert that is preferred. Its inputs are those of the call.
        *others: Experts that take the same inputs, or names of them, in the order of preference.
        select: Which of them are called: ``"top_1"`` (the next one where one fails), ``"top_k(2)"``,
            ``"dense"``, ``"cascade"``, ``"cascade(0.8)"``, ``"until(0.8)"`` or ``"speculative"``.
        fuse: How several results become one; by default as their kind asks.
    """
    trace = _current("among(…)")
    expert: object = first
    if not isinstance(expert, Expert):
        raise DeclarationError(
            f"among({expert!r}, …) is no call of an expert. Expected an expert, then the others: "
            "among(transcribe, transcribe_fast, select='cascade')(recording)."
        )

    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        result = first(*args, **kwargs)
        trace.accompany(result, expert, others, select, fuse)
        return result

    return called


__all__ = (
    "PlanRunner",
    "Workflow",
    "among",
    "call",
    "each",
    "need",
    "plan_runner",
    "when",
    "workflow",
)
