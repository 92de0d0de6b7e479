"""A router that has a language model write the plan, and believes none of it unchecked.

The model sees the experts that retrieval found, the names and kinds of the inputs, and the words of
the request; no file leaves the machine. What it writes goes through the plan checker; problems go
back to it once. What is still wrong then is an abstention with the reasons, never a call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from herd_graph.cards import ExpertCard, Port, fits
from herd_graph.checking import check
from herd_graph.errors import HerdError, PlanMalformed, RoutingError
from herd_graph.plans import FromStep, Plan, Step
from herd_graph.prompts import Message, Prompts
from herd_graph.routing.base import CandidateTrace, ClauseTrace, Route, RouteTrace, Situation
from herd_graph.routing.clauses import split
from herd_graph.routing.completing import Bill, Completion, LiteLLMCompletion
from herd_graph.routing.content import protect
from herd_graph.routing.conversation import remember
from herd_graph.routing.drafts import (
    describe,
    finished_steps,
    loose_ends,
    plan_schema,
    read_plan,
    without_loose_ends,
)
from herd_graph.routing.ranking import verbs_of
from herd_graph.routing.shortlist import shortlist
from herd_graph.tasks import Task, input_port
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, JSONObject, Kind

_MOST_CHARS = 20_000
"""Characters of a request that a model is shown: longer texts are attachments."""
_TAKERS = 6
"""Ports that are named beside an input at most."""


class LLMPlanner:
    """Has any LiteLLM model write the plan.

    Args:
        model: LiteLLM's name of the model, or anything that completes messages.
        experts: How many experts the model is shown at most.
        timeout_s: Seconds for the whole plan, its repair included.
        confidence: What the trace says of a plan that passed the checker at the first try.
    """

    name = "llm"

    def __init__(
        self,
        model: str | Completion,
        *,
        experts: int = 16,
        timeout_s: float = 60.0,
        confidence: float = 0.8,
    ) -> None:
        self.complete: Completion = (
            LiteLLMCompletion(model=model) if isinstance(model, str) else model
        )
        self.experts = experts
        self.timeout_s = timeout_s
        self.confidence = confidence

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return a checked plan and why.

        Raises:
            RoutingError: The model could not be asked, or did not answer in time.
        """
        writing = _Writing(self, task, situation)
        if isinstance(self.complete, LiteLLMCompletion):
            await self.complete.prepare()
        try:
            async with asyncio.timeout(self.timeout_s):
                return await writing.plan()
        except TimeoutError:
            raise RoutingError(
                f"The planning model {self.complete.name!r} did not finish a plan within "
                f"{self.timeout_s:g} s. Expected an answer by then. Try a smaller model, raise the "
                "time, or use a cascade, which falls back to a planner without a model."
            ) from None


class _Writing:
    """One plan being written."""

    def __init__(self, planner: LLMPlanner, task: Task, situation: Situation) -> None:
        self.planner = planner
        self.task = task
        self.situation = situation
        self.bill = Bill()
        self.seconds: dict[str, float] = {}
        self.notes: list[str] = []
        self.earlier: dict[str, ArtifactRef | list[ArtifactRef]] = {}
        self.said: list[Message] = []
        self.shown: frozenset[str] = frozenset()
        """The experts that the model was told of: it may name no other."""

    async def plan(self) -> Route:
        started = time.perf_counter()
        inputs = self._inputs()
        cards, scores = await in_thread(lambda: self._candidates(inputs), label="retrieve")
        self.seconds["retrieve"] = time.perf_counter() - started
        if not cards:
            return self._route(
                Plan(reason="No experts are registered."), cards, scores, inputs, 1.0
            )
        self.shown = frozenset(card.name for card in cards)
        messages = self._messages(cards, inputs)
        schema = plan_schema(cards, inputs)
        asked = time.perf_counter()
        plan, problems = self._read(await self._reply(messages, schema), inputs)
        confidence = self.planner.confidence
        if problems:
            problems += loose_ends(plan).values() if plan is not None else ()
            told = "\n".join(f"- {each}" for each in problems)
            self.notes.append(
                f"the model was told what is wrong with its plan: {_short(told, 400)}"
            )
            repair = Prompts().load("plan_repair").messages(problems=told)[-1:]
            plan, problems = self._read(
                await self._reply([*messages, *self.said, *repair], schema), inputs
            )
            confidence *= 0.75
        self.seconds["model"] = time.perf_counter() - asked
        if problems:
            reason = "The model's plan could not be run, nor its second one: " + "; ".join(problems)
            return self._route(Plan(reason=_short(reason, 2000)), cards, scores, inputs, 0.0)
        assert plan is not None
        return self._route(self._tied(plan, cards), cards, scores, inputs, confidence)

    def _tied(self, plan: Plan, cards: Sequence[ExpertCard]) -> Plan:
        """Return a plan without calls that nothing comes of; what has side effects stays."""
        acts = {card.name for card in cards if card.approve}
        kept = {e.id for e in plan.steps if (e.expert or "").partition("@")[0] in acts}
        tied = without_loose_ends(plan, kept)
        gone = sorted({each.id for each in plan.steps} - {each.id for each in tied.steps})
        if gone:
            self.notes.append(f"left out, since nothing came of it: {', '.join(gone)}")
        return tied

    def _inputs(self) -> dict[str, Port]:
        """Return the task's inputs, and what earlier turns of the thread made."""
        ports = dict(self.task.inputs)
        past = remember(self.situation.history)
        if past:
            for name, value in past.artifacts.items():
                if name not in ports:
                    ports[name] = input_port(name, value)
                    self.earlier[name] = value
        return ports

    def _candidates(self, inputs: Mapping[str, Port]) -> tuple[list[ExpertCard], dict[str, float]]:
        situation = self.situation
        situation.index.sync(situation.experts)
        cards = situation.experts.latest
        protected = protect(self.task.text[:_MOST_CHARS])
        clauses = [protected.restore(each.said) for each in split(protected.text, verbs_of(cards))]
        kinds = [kind for port in inputs.values() for kind in port.kinds]
        return shortlist(
            situation.index, cards, self.task.text, clauses, kinds, self.planner.experts
        )

    def _messages(self, cards: Sequence[ExpertCard], inputs: Mapping[str, Port]) -> list[Message]:
        lines = [
            f"{self._input_line(name, port)}{_goes_to(port, cards)}"
            for name, port in inputs.items()
        ]
        prompt = Prompts().load("plan")
        return prompt.messages(
            request=self.task.text[:_MOST_CHARS],
            inputs="\n".join(lines) or "(none)",
            experts="\n\n".join(describe(card) for card in cards),
        )

    def _input_line(self, name: str, port: Port) -> str:
        value = self.task.attachments.get(name, self.earlier.get(name))
        refs = value if isinstance(value, list) else [value] if value is not None else []
        names = ", ".join(_short(each.name, 60) for each in refs if each.name)
        turn = " (from earlier in this conversation)" if name in self.earlier else ""
        known = refs[0].inline if len(refs) == 1 and refs[0].kind is Kind.TEXT else None
        begins = f", begins {_short(known, 80)!r}" if known else ""
        return f"{name}: {port.type_name}{f' {names!r}' if names else ''}{turn}{begins}"

    async def _reply(self, messages: Sequence[Message], schema: JSONObject) -> str:
        text, done = "", 0
        async for piece in self.planner.complete(messages, schema, self.bill):
            text += piece
            if self.situation.ahead is not None and "}" in piece:
                for step in finished_steps(text, done):
                    done += 1
                    self._begin(step)
        self.said = [{"role": "assistant", "content": text}]
        return text

    def _begin(self, step: JSONObject) -> None:
        """Tell who prepares ahead of the whole plan about a step that is written."""
        try:
            found = Step.model_validate(step)
        except ValueError:
            return  # the checker will say what is wrong with it
        if (found.expert or "").partition("@")[0] in self.shown:
            assert self.situation.ahead is not None
            self.situation.ahead(found)

    def _read(self, text: str, inputs: Mapping[str, Port]) -> tuple[Plan | None, list[str]]:
        try:
            plan = read_plan(text, LLMPlanner.name)
        except PlanMalformed as error:
            return None, [str(error)]
        plan = plan.model_copy(update={"inputs": dict(inputs)})
        strangers = [
            f"Step {each.id!r} asks for {each.expert!r}, which is not among the experts that are "
            f"listed: {', '.join(sorted(self.shown))}."
            for each in plan.steps
            if (each.expert or "").partition("@")[0] not in self.shown
        ]
        if strangers:
            return None, strangers
        if not plan.steps:
            said = plan.reason or "; ".join(plan.unmet) or "the model found nothing to do"
            return plan.model_copy(update={"reason": said, "answers": ()}), []
        try:
            problems = check(plan, self.situation.experts, dict(inputs))
        except HerdError as error:
            return None, [str(error)]
        ids = {each.id for each in plan.steps}
        loose = [
            f"Answer {each.ask!r} comes from step {each.source.step!r}, which is not there."
            for each in plan.answers
            if isinstance(each.source, FromStep) and each.source.step not in ids
        ]
        return plan, [*(str(each) for each in problems), *loose]

    def _route(
        self,
        plan: Plan,
        cards: Sequence[ExpertCard],
        scores: Mapping[str, float],
        inputs: Mapping[str, Port],
        confidence: float,
    ) -> Route:
        used = {(each.expert or "").partition("@")[0] for each in plan.steps}
        bound = {name for step in plan.steps for name in _inputs_of(step)}
        earlier = {name: value for name, value in self.earlier.items() if name in bound}
        kept = {name: p for name, p in inputs.items() if name not in self.earlier or name in bound}
        candidates = tuple(
            CandidateTrace(
                expert=card.id,
                score=scores[card.id],
                chosen=card.name in used,
                reason="used by the model's plan" if card.name in used else "shown, not used",
            )
            for card in cards
        )
        trace = RouteTrace(
            router=LLMPlanner.name,
            request=self.task.text[:2000],
            clauses=(
                ClauseTrace(
                    text=_short(self.task.text, 200),
                    step=plan.steps[0].id if plan.steps else "",
                    candidates=candidates,
                    decision=plan.reason or f"{self.planner.complete.name} wrote the plan",
                ),
            ),
            notes=tuple(self.notes),
            confidence=round(confidence, 4),
            registry=self.situation.index.fingerprint,
            seconds=self.seconds,
            usd=self.bill.usd,
            settings={
                "model": self.planner.complete.name,
                "tokens_in": self.bill.tokens_in,
                "tokens_out": self.bill.tokens_out,
            },
        )
        plan = plan.model_copy(update={"inputs": kept, "author": LLMPlanner.name})
        return Route(plan=plan, trace=trace, attachments=earlier)


def _goes_to(port: Port, cards: Sequence[ExpertCard]) -> str:
    """Return which experts take an input as it is: what a model otherwise has to work out."""
    takers = [
        f"{card.name}.{each.name}"
        for card in cards
        for each in card.inputs
        if each.kind is not Kind.ANY and (fits(port, each) or fits(port, each, item=True))
    ]
    return f"; fits {', '.join(takers[:_TAKERS])}" if takers else ""


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _inputs_of(step: Step) -> list[str]:
    return [name for each in step.bindings if (name := getattr(each, "input", None))]


__all__ = ("LLMPlanner",)
