"""The learned router: what plans of the past say, put together by the typed machinery of the first.

A model of plans says which experts a request wants; the semantic planner reads the request, once on
its own and once for each strength of leaning towards that; a judgement, learnt from requests whose
right plan is known, says which of the plans is likeliest right, and how likely that is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from herd_graph.cards import ExpertCard
from herd_graph.checking import check
from herd_graph.config import home
from herd_graph.errors import RoutingError
from herd_graph.plans import Plan
from herd_graph.routing.base import CandidateTrace, ClauseTrace, Route, Situation
from herd_graph.routing.conversation import remember
from herd_graph.routing.learned import judging
from herd_graph.routing.learned.composing import Composition
from herd_graph.routing.learned.judging import Judged
from herd_graph.routing.learned.leaning import Leaning
from herd_graph.routing.learned.model import Crew, Guess, PlanModel
from herd_graph.routing.learned.reading import read
from herd_graph.routing.learned.saving import load
from herd_graph.routing.planner import SemanticPlanner, bound_inputs
from herd_graph.routing.taskbench import Tool
from herd_graph.routing.taxonomy import InputGranularity, RoutingData, Taxonomy, UserData
from herd_graph.routing.thresholds import Thresholds
from herd_graph.tasks import Task, input_port
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef

STRENGTHS = (0.0, 0.15, 0.35)
_SHOWN = 12


class LearnedPlanner:
    """Writes plans by what was learnt from requests whose plans are known.

    Experts that the training did not know are handled by their cards; experts that are gone are not
    chosen. ``trace.confidence`` is the probability that the plan is right.

    Args:
        folder: Where ``herd train router`` saved the model; ``routers/learned`` in the user's data
            folder by default.
        model: The model itself, instead of a folder.
        thresholds: When an expert is near enough to be chosen.

    Raises:
        ModelMissing: There is no model in the folder.
        ModelCorrupt: It is damaged.
    """

    name = "learned"
    taxonomy = Taxonomy(
        routing_data=RoutingData.TARGET,
        input_granularity=InputGranularity.STEP,
        user_data=UserData.FULL,
    )

    def __init__(
        self,
        folder: str | Path = "",
        *,
        model: PlanModel | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self.model = model or load(Path(folder) if folder else default_folder())
        self._semantic = SemanticPlanner(thresholds)
        self._crew: tuple[str, Crew] | None = None

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return a plan and why. Raises ``RoutingError`` where the model cannot be used here."""
        return await in_thread(lambda: self.plan(task, situation), label="route")

    def plan(self, task: Task, situation: Situation) -> Route:
        """Do the work of ``route``, on the caller's thread."""
        started = time.perf_counter()
        guess, routes = self.consider(task, situation)
        judged = [judging.judge(each, guess, self.model.judgement) for each in routes]
        best = max(range(len(routes)), key=lambda place: judged[place].probability)
        return self._told(routes[best], judged[best], guess, time.perf_counter() - started)

    def consider(self, task: Task, situation: Situation) -> tuple[Guess, list[Route]]:
        """Return what the request is thought to want, and the plans that are judged."""
        situation.index.sync(situation.experts)
        guess = self.guess(task, situation)
        ids = {card.name: card.id for card in situation.experts.latest}
        likely = {ids[each.tool]: each.probability for each in guess.scored if each.tool in ids}
        routes: list[Route] = []
        for strength in STRENGTHS:
            leaning = Leaning(situation.index, likely, strength)
            there = situation.model_copy(update={"index": leaning}) if strength else situation
            routes.append(self._semantic.plan(task, there))
        routes += self._composed(task, situation, guess, routes[0])
        return guess, routes

    def _composed(
        self, task: Task, situation: Situation, guess: Guess, read_alone: Route
    ) -> list[Route]:
        """Return plans that are made of what is thought to be wanted, and one that abstains."""
        past = remember(situation.history)
        earlier = [*(past.results[-1] if past.results else ()), *past.attachments]
        composition = Composition(
            task=task,
            guess=guess,
            cards=situation.experts.latest,
            habits=self.model.habits,
            places={name: place for place, name in enumerate(self.model.tools)},
            earlier=[] if task.attachments else earlier,
        )
        found: list[Route] = []
        made = composition.plan(self.name)
        if made is not None:
            used = {n: past.artifacts[n] for n in bound_inputs(made) if n in past.artifacts}
            ports = {name: input_port(name, value) for name, value in used.items()}
            made = made.model_copy(update={"inputs": {**made.inputs, **ports}})
            if not check(made, situation.experts):
                trace = read_alone.trace.model_copy(update={"notes": (), "clauses": ()})
                found.append(Route(plan=made, trace=trace, attachments=used))
                unmet = read_alone.plan.unmet
                if unmet and not read_alone.plan.abstained:
                    partly = made.model_copy(
                        update={"unmet": unmet, "reason": read_alone.plan.reason}
                    )
                    found.append(Route(plan=partly, trace=trace, attachments=used))
        if not read_alone.plan.abstained and not self._news(read_alone):
            # Of an expert that no past plan holds, the past cannot say that it is not wanted.
            reason = "Nothing like this was ever asked of the experts that are here."
            nothing = Plan(inputs=task.inputs, reason=reason, author=self.name)
            found.append(Route(plan=nothing, trace=read_alone.trace))
        return found

    def guess(self, task: Task, situation: Situation) -> Guess:
        """Return what a request is thought to want. The index is in step with the experts."""
        embedder = situation.index.embedder
        if embedder.name != self.model.embedder:
            raise RoutingError(
                f"The learned router was trained with the embedder {self.model.embedder!r}, and the "
                f"capability index has {embedder.name!r}. Expected the same. Train it again, or use "
                "an index with that embedder."
            )
        held = self._crew
        if held is None or held[0] != situation.experts.fingerprint:
            tools = [as_tool(card) for card in situation.experts.latest]
            held = (situation.experts.fingerprint, self.model.crew(tools, embedder))
            self._crew = held  # replaced whole: two threads may both make it, and neither waits
        return self.model.guess(read(task.text, embedder, kinds_of(task)), held[1])

    def _news(self, route: Route) -> bool:
        """Say whether a plan has an expert that no past plan holds."""
        counts = dict(zip(self.model.tools, self.model.memory.counts.tolist(), strict=True))
        names = {str(step.expert).partition("@")[0] for step in route.plan.steps}
        return any(not counts.get(each) for each in names)

    def _told(self, route: Route, judged: Judged, guess: Guess, seconds: float) -> Route:
        """Add to a route's trace what was learnt."""
        chosen = {step.expert for step in route.plan.steps}
        names = {str(each).partition("@")[0] for each in chosen}
        learnt = ClauseTrace(
            text=route.trace.request,
            decision=f"of past plans: {', '.join(guess.tools) or 'nothing'}; {judged.reason}",
            candidates=tuple(
                CandidateTrace(
                    expert=each.tool,
                    score=round(each.probability, 4),
                    evidence=each.evidence,
                    propensity=round(each.probability, 4),
                    chosen=each.tool in names,
                    reason="" if each.known else "no past plan holds it: judged by its card",
                )
                for each in guess.scored[:_SHOWN]
            ),
        )
        notes = [f"the nearest past request is {guess.nearest:.2f} like this one"]
        if self.model.fingerprint and self.model.fingerprint != route.trace.registry:
            notes.append("the experts have changed since the router was trained")
        trace = route.trace.model_copy(
            update={
                "router": self.name,
                "clauses": (*route.trace.clauses, learnt),
                "notes": (*route.trace.notes, *notes),
                "confidence": round(judged.probability, 4),
                "seconds": {**route.trace.seconds, "learned": seconds},
            }
        )
        plan = route.plan.model_copy(update={"author": self.name})
        return route.model_copy(update={"plan": plan, "trace": trace})


def default_folder() -> Path:
    """Return where the trained router is kept."""
    return home() / "routers" / "learned"


def as_tool(card: ExpertCard) -> Tool:
    """Return what a model of plans knows of an expert."""
    return Tool(
        name=card.name,
        description=card.description,
        tags=card.tags,
        examples=card.examples,
        takes=tuple(sorted(kind.value for kind in card.takes)),
        gives=tuple(sorted(kind.value for kind in card.gives)),
    )


def kinds_of(task: Task) -> list[str]:
    """Return the kinds of what is attached."""
    held: Sequence[ArtifactRef | list[ArtifactRef]] = list(task.attachments.values())
    flat = [each for value in held for each in (value if isinstance(value, list) else [value])]
    return sorted({each.kind.value for each in flat})
