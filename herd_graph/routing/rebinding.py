"""Put another expert for the same job into a plan: ports mapped, runners-up as fallbacks, checked.

Routers by quality, by feedback and by familiarity do not write plans. They let a planner write one,
and choose anew among the experts that do the same job, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from herd_graph.artifacts import Text, load
from herd_graph.cards import ExpertCard, fits, parse_expert
from herd_graph.checking import check
from herd_graph.errors import HerdError
from herd_graph.plans import Binding, FromInput, Step, Value
from herd_graph.routing.base import ClauseTrace, Route, Situation
from herd_graph.routing.policy import Bounds, Choice, Estimate, Tradeoff, choose
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind

MOST_CHARS = 20_000
"""Characters of an attached text that are read to estimate quality."""

Judge: TypeAlias = "Callable[[Step, Sequence[ExpertCard], str], Sequence[Estimate]]"
"""What is expected of each candidate for a step, whose input reads so."""


def port_map(step: Step, card: ExpertCard, other: ExpertCard) -> dict[str, str] | None:
    """Return which port of ``other`` takes what each bound port of ``card`` does; None: it cannot.

    A port of the same name comes first, then the first free one that takes the same kind.
    """
    found: dict[str, str] = {}
    free = {port.name: port for port in other.inputs}
    for name in sorted(step.inputs, key=lambda each: each not in free):
        mine = card.input(name)
        if mine is None:
            return None
        options = [free[name]] if name in free else list(free.values())
        to = next((port for port in options if fits(mine, port)), None)
        if to is None:
            return None
        found[name] = to.name
        del free[to.name]
    if any(port.required for port in free.values()):
        return None
    return found


def does_the_same(step: Step, card: ExpertCard, other: ExpertCard) -> bool:
    """Say whether an expert could stand in for another one in a step: ports, in and out."""
    if card.id == other.id:
        return True
    given = [(a, b) for a in card.outputs for b in other.outputs if a.name == b.name]
    if not given and len(card.outputs) == len(other.outputs) == 1:
        given = [(card.outputs[0], other.outputs[0])]
    named = {a.name for a, _ in given}
    if any(port.name not in named for port in card.outputs):
        return False
    return all(fits(b, a) for a, b in given) and port_map(step, card, other) is not None


def peers(
    step: Step, experts: Mapping[str, object], cards: Sequence[ExpertCard]
) -> list[ExpertCard]:
    """Return the cards, among those that a router knows, that could do a step's job.

    The step's own expert comes first, and only counts where the router knows it: one that does
    another job than those that were measured is left alone.
    """
    name = step.expert or ""
    bare = parse_expert(name)[0]
    own = next((c for c in cards if c.id == name or (c.name == name == bare)), None)
    if own is None or not ({own.id, own.name} & experts.keys()):
        return []
    others = [
        each
        for each in cards
        if each.name != own.name
        and {each.id, each.name} & experts.keys()
        and does_the_same(step, own, each)
    ]
    return [own, *others]


def read_input(step: Step, task: Task, situation: Situation) -> str:
    """Return the text that a step's expert will see, as far as it is known before it runs."""
    told: list[str] = []
    for binding in step.inputs.values():
        if isinstance(binding, Value) and isinstance(binding.value, str):
            told.append(binding.value)
        elif isinstance(binding, FromInput):
            value = task.attachments.get(binding.input)
            refs = value if isinstance(value, list) else [value] if value is not None else []
            told += [text_of(ref, situation) for ref in refs if ref.kind is Kind.TEXT]
    # A parameter of a word or two says less than the words of whoever asks.
    longest = max(told, key=len, default="")
    return longest if len(longest) >= 12 else (step.ask or task.text)


def text_of(ref: ArtifactRef, situation: Situation) -> str:
    """Return the beginning of an attached text; empty where it cannot be read."""
    if ref.inline is not None:
        return ref.inline
    try:
        found = load(ref, situation.store)
        return found.text[:MOST_CHARS] if isinstance(found, Text) else ""
    except HerdError:
        return ""


def rebind(
    route: Route,
    task: Task,
    situation: Situation,
    *,
    router: str,
    known: Mapping[str, object],
    judge: Judge,
    trade: Tradeoff,
    bounds: Bounds | None = None,
    best_single: str = "",
    confidence: Callable[[Choice], float] | None = None,
) -> Route:
    """Choose anew, for each step of a route, among the experts that do the same job.

    Args:
        route: What another router wrote.
        task: What was asked.
        situation: Who is present, and the budget.
        router: The name of the router that chooses.
        known: The experts that it knows, by id or name.
        judge: Says what is expected of each candidate.
        trade: What quality is worth.
        bounds: Hard limits besides the budget's.
        best_single: The expert that is best over all requests.
        confidence: How sure a choice is; left alone without it.
    """
    cards = situation.experts.cards
    limits = _within(bounds or Bounds(), situation)
    steps: list[Step] = []
    clauses: list[ClauseTrace] = []
    notes: list[str] = []
    sure = [route.trace.confidence]
    for step in route.plan.steps:
        candidates = peers(step, known, cards)
        if len(candidates) < 2:
            steps.append(step)
            continue
        text = read_input(step, task, situation)
        mine = limits.model_copy(update={"context_chars": len(text)})
        single = next((c.id for c in candidates if best_single in {c.id, c.name}), "")
        choice = choose(
            judge(step, candidates, text), mine, trade, cards=candidates, best_single=single
        )
        clauses.append(
            ClauseTrace(
                text=text[:200],
                step=step.id,
                candidates=choice.traces(trade),
                decision=choice.reason,
            )
        )
        if choice.chosen is None:
            notes.append(f"{step.id} keeps {step.expert}: {choice.reason}")
            steps.append(step)
            continue
        if confidence is not None:
            sure.append(confidence(choice))
        steps.append(_with(step, candidates, choice))
    if not clauses:
        return route
    plan = route.plan.model_copy(update={"steps": tuple(steps)})
    problems = check(plan, situation.experts, {**task.inputs, **plan.inputs})
    if problems:
        notes.append(f"{router} changed nothing: {'; '.join(str(each) for each in problems)}")
        plan = route.plan
    trace = route.trace.model_copy(
        update={
            "router": f"{router} > {route.trace.router}",
            "clauses": (*route.trace.clauses, *clauses),
            "notes": (*route.trace.notes, *notes),
            "confidence": min(sure),
        }
    )
    return route.model_copy(update={"plan": plan, "trace": trace})


def _within(bounds: Bounds, situation: Situation) -> Bounds:
    budget = situation.budget
    tighter = {
        name: value if held is None else min(held, value)
        for name, held, value in (
            ("usd", bounds.usd, budget.usd),
            ("seconds", bounds.seconds, budget.seconds),
        )
        if value is not None
    }
    return bounds.model_copy(update=tighter)


def _with(step: Step, candidates: Sequence[ExpertCard], choice: Choice) -> Step:
    """Return the step with the chosen expert; those that take the same ports are its fallbacks."""
    by_id = {card.id: card for card in candidates}
    own = candidates[0]
    assert choice.chosen is not None
    to = by_id[choice.chosen.expert]
    ports = port_map(step, own, to) or {}
    inputs: dict[str, Binding] = {ports[name]: value for name, value in step.inputs.items()}
    moved = step.model_copy(update={"expert": to.id, "inputs": inputs})
    # A fallback is called with the same bindings: only those whose ports have the same names can.
    others = [by_id[each] for each in choice.fallbacks if each in by_id]
    able = [each.id for each in others if all(each.input(name) is not None for name in inputs)]
    kept = [each for each in step.fallbacks if each not in {*able, to.id}]
    return moved.model_copy(update={"fallbacks": (*able, *kept)})


__all__ = ("Judge", "does_the_same", "peers", "port_map", "read_input", "rebind", "text_of")
