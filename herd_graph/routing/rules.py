"""Predefined criteria, before or around any other router: pin, forbid, *when* this *then* that.

In Python:

    RuleRouter(SemanticPlanner(), rules=[
        Rule(when={"says": "invoice"}, prefer="read_table"),
        Rule(when={"takes": "audio"}, forbid=("whisper_large",)),
        Rule(pin={"transcribe": "transcribe@2"}),
    ])

and in ``herd.toml``:

    [[rules]]
    when = { says = "(?i)invoice|receipt" }
    expert = "read_invoice"

    [[rules]]
    forbid = ["cloud_*"]
    reason = "customers' files stay here"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from herd_graph.cards import ExpertCard, parse_expert
from herd_graph.checking import check
from herd_graph.discovery import CapabilityIndex
from herd_graph.errors import ConfigError, suggest
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import (
    CandidateTrace,
    ClauseTrace,
    Route,
    Router,
    RouteTrace,
    Situation,
)
from herd_graph.routing.taxonomy import InputGranularity, Taxonomy
from herd_graph.tasks import Task
from herd_graph.types import Kind, Locality, StepId


class When(BaseModel):
    """What a request must be like; everything that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str = ""
    """A regular expression that is found in the request, in any case of letters."""
    takes: Kind | None = None
    """A kind that is attached."""
    attached: int | None = None
    """How many files are attached at least."""
    longer: int | None = None
    """Characters that the request has at least."""
    thread: str = ""
    """A pattern of the thread's name, such as ``customer-*``."""

    @field_validator("says")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from None
        return value

    def holds(self, task: Task) -> bool:
        """Say whether a request is like that."""
        kinds = {kind for port in task.inputs.values() for kind in port.kinds}
        return (
            (not self.says or re.search(self.says, task.text[:20_000], re.IGNORECASE) is not None)
            and (self.takes is None or self.takes in kinds)
            and (self.attached is None or len(task.attachments) >= self.attached)
            and (self.longer is None or len(task.text) >= self.longer)
            and (not self.thread or fnmatchcase(task.thread, self.thread))
        )


class Rule(BaseModel):
    """One rule. Without ``when`` it holds for every request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: When = When()
    expert: str = ""
    """Who answers the whole request, without asking the inner router."""
    forbid: tuple[str, ...] = ()
    """Patterns of experts that the inner router does not get to see."""
    pin: dict[str, str] = {}
    """The version (or another expert) that is called wherever a plan names this one."""
    locality: tuple[Locality, ...] = ()
    """Where data may go; experts elsewhere are forbidden."""
    reason: str = ""
    """What ``herd why`` says of it."""

    @model_validator(mode="after")
    def _does_something(self) -> Rule:
        if not (self.expert or self.forbid or self.pin or self.locality):
            raise ValueError("a rule needs 'expert', 'forbid', 'pin' or 'locality'")
        return self

    def bans(self, card: ExpertCard) -> bool:
        """Say whether the rule forbids an expert."""
        named = any(fnmatchcase(n, p) for p in self.forbid for n in (card.name, card.id))
        return named or bool(self.locality and card.locality not in self.locality)

    def __str__(self) -> str:
        told = [f"{k} {v!r}" for k, v in self.when.model_dump(exclude_defaults=True).items()]
        acts = [f"expert {self.expert}"] if self.expert else []
        acts += [f"forbid {', '.join(self.forbid)}"] if self.forbid else []
        acts += [f"pin {a} to {b}" for a, b in self.pin.items()]
        acts += [f"only {', '.join(self.locality)}"] if self.locality else []
        why = f" ({self.reason})" if self.reason else ""
        return f"{'when ' + ', '.join(told) + ': ' if told else ''}{'; '.join(acts)}{why}"


def read_rules(table: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules of ``[[rules]]``. Raises ``ConfigError`` with the number of the bad one."""
    found: list[Rule] = []
    for number, each in enumerate(table, start=1):
        try:
            found.append(Rule.model_validate(each))
        except ValidationError as error:
            wrong = error.errors()[0]
            place = ".".join(str(part) for part in wrong["loc"])
            raise ConfigError(
                f"Rule {number} cannot be read: {place + ': ' if place else ''}{wrong['msg']}. "
                "Expected 'when' (says, takes, attached, longer, thread) and one of 'expert', "
                "'forbid', 'pin' and 'locality'. Correct [[rules]]."
            ) from None
    return tuple(found)


class RuleRouter:
    """Holds another router to rules. The first rule that names an expert answers.

    Args:
        inner: Who writes the plans that no rule answers; the planner without a model by default.
        rules: Rules, or the tables of ``[[rules]]``.
    """

    name = "rules"
    taxonomy = Taxonomy(input_granularity=InputGranularity.TASK)

    def __init__(
        self, inner: Router | str = "semantic", rules: Sequence[Rule | Mapping[str, Any]] = ()
    ) -> None:
        from herd_graph.routing.registry import make_router

        self.inner = make_router(inner) if isinstance(inner, str) else inner
        given = [each.model_dump(mode="json") if isinstance(each, Rule) else each for each in rules]
        self.rules = read_rules(given)
        self._narrowed: tuple[frozenset[str], CapabilityIndex] | None = None

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return a route that keeps every rule.

        Raises:
            ConfigError: A rule names an expert that is not registered.
            RoutingError: The inner router cannot answer.
        """
        holding = [rule for rule in self.rules if rule.when.holds(task)]
        banned = {
            card.id: rule
            for rule in reversed(holding)
            for card in situation.experts.cards
            if rule.bans(card)
        }
        for rule in holding:
            if rule.expert:
                return self._answer(rule, task, situation, banned)
        allowed = self._without(situation, banned) if banned else situation
        route = await self.inner.route(task, allowed)
        pins = {name: to for rule in holding for name, to in rule.pin.items()}
        plan, notes = self._pinned(route.plan, pins, task, situation.experts)
        kept = [f"rule: {rule}" for rule in holding if not rule.expert]
        trace = route.trace.model_copy(
            update={
                "router": f"{self.name} > {route.trace.router}",
                "notes": (*kept, *notes, *route.trace.notes),
                "clauses": (*route.trace.clauses, *_banned_clause(banned)),
                "registry": situation.index.fingerprint,
            }
        )
        return route.model_copy(update={"plan": plan, "trace": trace})

    def _answer(
        self, rule: Rule, task: Task, situation: Situation, banned: Mapping[str, Rule]
    ) -> Route:
        """Return a plan of one step, bound by the kinds of what is attached."""
        if not situation.experts.knows(rule.expert):
            names = [card.name for card in situation.experts.latest]
            raise ConfigError(
                f"A rule sends requests to {rule.expert!r}, which is not registered. "
                f"{suggest(rule.expert, names)} Correct the rule, or add the expert."
            )
        card = situation.experts.find(rule.expert).card
        reason = ""
        if card.id in banned:
            reason = f"One rule sends this to {card.id}, and another forbids it: {banned[card.id]}"
        step = Step(
            id=StepId("s1"), expert=card.id, inputs=_bound(card, task), ask=task.text[:2000]
        )
        plan = Plan(
            steps=() if reason else (step,),
            inputs=task.inputs,
            answers=()
            if reason
            else (Ask(ask=task.text[:200], source=FromStep(step=StepId("s1"))),),
            reason=reason,
            author=self.name,
        )
        problems = [] if reason else check(plan, situation.experts, task.inputs)
        if problems:
            reason = f"A rule sends this to {card.id}, which cannot take it: " + "; ".join(
                str(each) for each in problems
            )
            plan = Plan(inputs=task.inputs, reason=reason, author=self.name)
        trace = RouteTrace(
            router=self.name,
            request=task.text[:2000],
            clauses=(
                ClauseTrace(
                    text=task.text[:200],
                    step="" if reason else "s1",
                    decision=reason or f"rule: {rule}",
                    candidates=(
                        CandidateTrace(
                            expert=card.id,
                            score=1.0,
                            propensity=1.0,
                            chosen=not reason,
                            eligible=not reason,
                            reason=reason or rule.reason or "a rule names it",
                        ),
                    ),
                ),
            ),
            registry=situation.index.fingerprint,
        )
        return Route(plan=plan, trace=trace)

    def _without(self, situation: Situation, banned: Mapping[str, Rule]) -> Situation:
        """Return a situation without some experts: a router cannot name what it cannot see.

        The index is another one, because an index holds exactly what its last router knew.
        """
        kept = {name: each for name, each in situation.experts.items() if name not in banned}
        if self._narrowed is None or self._narrowed[0] != frozenset(kept):
            index = CapabilityIndex.in_memory(situation.index.embedder)
            self._narrowed = frozenset(kept), index
        update = {"experts": Snapshot(kept), "index": self._narrowed[1]}
        return situation.model_copy(update=update)

    def _pinned(
        self, plan: Plan, pins: Mapping[str, str], task: Task, experts: Snapshot
    ) -> tuple[Plan, list[str]]:
        """Put pinned experts in the place of those that the plan names, where that checks."""
        notes: list[str] = []
        steps: list[Step] = []
        for step in plan.steps:
            name = parse_expert(step.expert or "")[0]
            to = pins.get(step.expert or "", pins.get(name, ""))
            if to and not experts.knows(to):
                raise ConfigError(
                    f"A rule pins {name!r} to {to!r}, which is not registered. Expected an expert "
                    "that is there. Correct the rule, or add that version."
                )
            if to:
                held = experts.find(to).card.id
                if held != step.expert:
                    notes.append(f"{step.id}: {step.expert} is pinned to {held}")
                    step = step.model_copy(update={"expert": held})
            steps.append(step)
        if not notes:
            return plan, []
        made = plan.model_copy(update={"steps": tuple(steps)})
        problems = check(made, experts, {**task.inputs, **plan.inputs})
        if problems:
            told = "; ".join(str(each) for each in problems)
            return Plan(inputs=plan.inputs, reason=f"A pinned expert does not fit: {told}"), notes
        return made, notes


def _banned_clause(banned: Mapping[str, Rule]) -> tuple[ClauseTrace, ...]:
    if not banned:
        return ()
    losers = tuple(
        CandidateTrace(expert=name, score=0.0, eligible=False, reason=f"forbidden: {rule}")
        for name, rule in sorted(banned.items())
    )
    return (ClauseTrace(text="(rules)", candidates=losers, decision="not considered"),)


def _bound(card: ExpertCard, task: Task) -> dict[str, Binding]:
    """Bind each port to the next attachment of its kind, and a text port to the request."""
    left = dict(task.inputs)
    bound: dict[str, Binding] = {}
    for port in card.inputs:
        fit = next((n for n, given in left.items() if set(given.kinds) & set(port.kinds)), None)
        if fit is not None:
            bound[port.name] = FromInput(input=fit)
            del left[fit]
        elif port.required and Kind.TEXT in port.kinds:
            bound[port.name] = Value(value=task.text)
    return bound


__all__ = ("Rule", "RuleRouter", "When", "read_rules")
