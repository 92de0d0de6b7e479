"""What happens when a workflow is declared: its parameters, its trace, its checked plan."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args, get_origin

from herd_graph.cards import Port
from herd_graph.checking import check
from herd_graph.conversions import links
from herd_graph.docstrings import describe
from herd_graph.errors import DeclarationError, PlanInvalid
from herd_graph.expansion import PlannedExpert
from herd_graph.experts import Expert, tracer
from herd_graph.flow import Flow, order
from herd_graph.inlining import inline
from herd_graph.placeholders import Each, Placeholder
from herd_graph.plans import Ask, Binding, FromInput, Plan
from herd_graph.problems import Problem, typed
from herd_graph.registry import Snapshot
from herd_graph.signatures import _input_slot, _output_slots
from herd_graph.slots import Slot, make_slot
from herd_graph.tracing import Trace
from herd_graph.types import Kind


def parameters(function: Callable[..., Any], label: str) -> tuple[tuple[Slot, ...], dict[str, Any]]:
    """Return a slot for each parameter, and the function's annotations."""
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise DeclarationError(
            f"Workflow {label!r} is an async function or a generator. Expected a plain def: it runs "
            "once, to write the plan down. The experts may be async."
        )
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise DeclarationError(
            f"The annotations of workflow {label!r} cannot be resolved: {error}. Expected types "
            "that exist where the function is defined (not only under TYPE_CHECKING)."
        ) from error
    _, described = describe(function)
    slots: list[Slot] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            raise DeclarationError(
                f"Workflow {label!r} takes *{parameter.name}. Expected named, typed parameters; a "
                "list[…] for several of a kind."
            )
        if parameter.name not in hints:
            raise DeclarationError(
                f"Parameter {parameter.name!r} of workflow {label!r} has no annotation. Expected "
                "Text, Image, Audio, Table, str, float, Literal[…], a pydantic model, or list[…]."
            )
        slots.append(_input_slot(parameter, hints[parameter.name], label, described))
    return tuple(slots), hints


def trace(function: Callable[..., Any], label: str) -> tuple[Trace, Any]:
    """Run the function on placeholders; return what it called and what it returned."""
    trace = Trace(label)
    args: list[Placeholder] = []
    kwargs: dict[str, Placeholder] = {}
    for parameter in inspect.signature(function).parameters.values():
        made = Placeholder(trace, FromInput(input=parameter.name), parameter.name)
        if parameter.kind is parameter.POSITIONAL_ONLY:
            args.append(made)
        else:
            kwargs[parameter.name] = made
    token = tracer.set(trace)
    try:
        returned = function(*args, **kwargs)
    finally:
        tracer.reset(token)
    if returned is None:
        raise DeclarationError(
            f"Workflow {label!r} returns nothing. Expected the result of an expert, or several as a "
            "tuple, a NamedTuple or a dict with names."
        )
    return trace, returned


def experts_of(trace: Trace) -> dict[str, Expert]:
    """Return the experts that were called, and those inside the workflows that were."""
    found = dict(trace.experts)
    for expert in trace.experts.values():
        if isinstance(expert, PlannedExpert):
            for key, inner in expert.experts.items():
                if found.setdefault(key, inner) is not inner:
                    raise DeclarationError(
                        f"Workflow {trace.label!r} and {expert.card.name!r} inside it call two "
                        f"experts that are both {key!r}. Expected a name or version of its own for "
                        "each."
                    )
    return found


def planned(
    trace: Trace,
    returned: Any,
    hints: Mapping[str, Any],
    ports: Mapping[str, Port],
    author: str,
    experts: Mapping[str, Expert],
) -> tuple[tuple[Port, ...], Plan]:
    """Return the outputs' ports and the checked plan. Raises ``PlanInvalid``."""
    sources = _sources(trace, returned)
    declared = _declared(hints.get("return"), trace.label, len(sources))
    if declared is not None and [each.name for each in declared] != list(sources):
        raise DeclarationError(
            f"Workflow {trace.label!r} returns {list(sources)}, and its annotation says "
            f"{[each.name for each in declared]}. Expected the same names, in the same order."
        )
    single = len(sources) == 1
    plan = Plan(
        steps=tuple(trace.steps),
        inputs=dict(ports),
        answers=tuple(
            Ask(ask=trace.label if single else name, source=source)
            for name, source in sources.items()
        ),
        author=author,
    )
    snapshot = Snapshot(experts)
    problems = [each for each in check(plan, snapshot) if not _is_for_later(each, trace)]
    flow = Flow(plan, snapshot)
    outputs: list[Port] = []
    for place, (name, source) in enumerate(sources.items()):
        given = flow.source(source)
        if declared is not None:
            outputs.append(declared[place])
            if given is not None and not links(given, declared[place]):
                problems.append(_wrong_result(name, given, declared[place], single=single))
        else:
            given = given or Port(name=name, kind=Kind.ANY)
            outputs.append(given.model_copy(update={"name": name, "description": ""}))
    if problems:
        raise PlanInvalid(problems, f"Workflow {trace.label!r}")
    return tuple(outputs), inline(plan, snapshot)


def _wrong_result(name: str, given: Port, declared: Port, *, single: bool) -> Problem:
    which = "its result" if single else f"its result {name!r}"
    return Problem(
        code="type-mismatch",
        message=f"The annotation says that {which} is {typed(declared)}, and {typed(given)} is "
        "returned. Change the annotation, or return what an expert makes of it.",
    )


def _is_for_later(problem: Problem, trace: Trace) -> bool:
    """Say whether a problem can only be told when the plan meets a herd."""
    later = {"unknown-expert", "unknown-version", "unserved-capability"}
    return problem.code in later and problem.step in trace.unseen


def _sources(trace: Trace, returned: Any) -> dict[str, Binding]:
    """Return the binding of each named result."""
    if isinstance(returned, Placeholder) and returned._outputs and len(returned._outputs) > 1:
        returned = {name: getattr(returned, name) for name in returned._outputs}
    if isinstance(returned, Each):
        raise DeclarationError(
            f"Workflow {trace.label!r} returns each({returned.label}). Expected the list itself, or "
            "expert(each(…))."
        )
    if hasattr(returned, "_asdict"):
        returned = cast("Any", returned)._asdict()
    if isinstance(returned, tuple):
        several = enumerate(cast("tuple[Any, ...]", returned), start=1)
        returned = {f"result_{place}": each for place, each in several}
    if isinstance(returned, Mapping) and returned:
        named = cast("Mapping[str, Any]", returned)
        return {name: trace.bind(each, f"result {name!r}") for name, each in named.items()}
    return {"result": trace.bind(cast("object", returned), "the result")}


def _declared(annotation: Any, label: str, count: int) -> tuple[Port, ...] | None:
    """Return the ports that the return annotation declares; None without one."""
    if annotation is None or get_origin(annotation) in {dict, Mapping}:
        return None
    inner = get_args(annotation)
    if get_origin(annotation) is tuple and Ellipsis not in inner:
        if len(inner) != count:
            raise DeclarationError(
                f"Workflow {label!r} returns {count} results, and its annotation says {len(inner)}. "
                "Expected the same number."
            )
        where = f"a result of workflow {label!r}"
        return tuple(
            make_slot(f"result_{place}", each, where).port
            for place, each in enumerate(inner, start=1)
        )
    slots, _ = _output_slots(annotation, label)
    return tuple(slot.port for slot in slots)


def described(trace: Trace) -> str:
    called = dict.fromkeys((each.expert or each.id).partition("@")[0] for each in trace.steps)
    return f"A workflow: {', then '.join(called)}."


def costs(plan: Plan, experts: Mapping[str, Expert]) -> dict[str, Any]:
    """Return what the card says of cost and locality; the latency is the critical path's."""
    cards = {
        each.id: experts[each.expert].card
        for each in plan.steps
        if each.expert is not None and each.expert in experts
    }
    steps = {each.id: each for each in plan.steps}
    ends: dict[str, float] = {}
    for step_id in order(plan):
        before = max((ends[need] for need in steps[step_id].needs), default=0.0)
        card = cards.get(step_id)
        ends[step_id] = before + ((card.latency_s if card is not None else None) or 0.0)
    known = all(card.latency_s is not None for card in cards.values())
    remote = any(card.locality == "remote" for card in cards.values())
    return {
        "cost_usd": sum(card.cost_usd for card in cards.values()),
        "latency_s": max(ends.values()) if known and len(cards) == len(steps) else None,
        "locality": "remote" if remote else "local",
        "deterministic": all(card.deterministic for card in cards.values()),
        "approve": any(card.approve for card in cards.values()),
    }


__all__ = ("costs", "described", "experts_of", "parameters", "planned", "trace")
