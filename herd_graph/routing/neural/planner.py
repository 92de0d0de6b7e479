"""The neural router: plans by a network that was trained on requests, held to types and to cards.

The network knows the experts that it was trained with. Where others are registered, the semantic
planner, which goes by cards alone, has its say: a newcomer that it would choose is chosen.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from herd_graph.errors import ModelMissing
from herd_graph.plans import Plan
from herd_graph.routing.base import ClauseTrace, Route, RouteTrace, Situation
from herd_graph.routing.conversation import Past, remember
from herd_graph.routing.figures import is_own_sum
from herd_graph.routing.going_on import went_on
from herd_graph.routing.mending import mended
from herd_graph.routing.neural import default_folder
from herd_graph.routing.neural.decoding import Parsed, decode
from herd_graph.routing.neural.directing import asked_of_table, elsewhere, unnamed
from herd_graph.routing.neural.doubting import DOUBTFUL, gives_way
from herd_graph.routing.neural.held import Held, held_of, used_of
from herd_graph.routing.neural.reading import Reading
from herd_graph.routing.neural.reckoning import reckoned
from herd_graph.routing.neural.saving import Network, load
from herd_graph.routing.neural.sharing import shared
from herd_graph.routing.neural.spreading import spread
from herd_graph.routing.neural.taking import by_wish, first_valid, of_a_text, to_who_answers
from herd_graph.routing.neural.telling import told
from herd_graph.routing.neural.writing import Crew, Roles
from herd_graph.routing.own_voice import asks_for_it, unheard
from herd_graph.routing.pieces import piecewise
from herd_graph.routing.plain_words import in_plain_words
from herd_graph.routing.planner import SemanticPlanner, attached_things
from herd_graph.routing.scenery import unplanned
from herd_graph.routing.taxonomy import InputGranularity, RoutingData, Taxonomy, UserData
from herd_graph.routing.thresholds import Thresholds
from herd_graph.routing.uncovered import with_the_rest
from herd_graph.tasks import Task
from herd_graph.threads import in_thread

_FEW_KNOWN = 3
"""Fewer experts of the network's than this are not worth asking it for."""
_SUM = re.compile(
    r"\W*(?:(?:what|how much)(?:\s+is|['’]?s)\b|calculate\b|compute\b|work out\b)?[\s:]*"
    r"[(-]*\d[\d\s.,()]*(?:[-+*/×÷^]+[\s(]*\d[\d\s.,()]*)+(?:=|equals\b)?\W*$",
    re.IGNORECASE,
)
"""A request that is a sum and nothing else: there is nothing in it for a network to weigh."""
_GIVEN = re.compile(r"^[^:]*(?::\s+|$)")
"""All but the text that is given after a colon: the semantic planner takes such a text whole."""


class NeuralPlanner:
    """Writes plans with a network that was trained on requests whose plans are known.

    Every plan is typed and passes the plan checker. ``trace.confidence`` is the calibrated
    probability that it is right.

    Args:
        folder: Where a trained network lies; the one that comes with the package by default.
        network: The network itself, instead of a folder.
        thresholds: For the semantic planner, which serves experts that the network does not know.
    """

    name = "neural"
    taxonomy = Taxonomy(
        routing_data=RoutingData.TARGET,
        input_granularity=InputGranularity.STEP,
        user_data=UserData.ZERO_SHOT,
    )

    def __init__(
        self,
        folder: str | Path = "",
        *,
        network: Network | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._folder = Path(folder) if folder else default_folder()
        self._given = network
        self._semantic = SemanticPlanner(thresholds)
        self._roles: tuple[str, Roles] | None = None

    @property
    def network(self) -> Network:
        """The network, loaded when it is first used. Raises ``ModelMissing``, ``ModelCorrupt``."""
        return self._given or _loaded(self._folder)

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return a plan and why; a plan without steps, with a reason, where nothing fits."""
        return await in_plain_words(task, situation, self._mended)

    async def _mended(self, task: Task, situation: Situation) -> Route:
        def alone(task: Task, situation: Situation) -> Route:
            return unplanned(task, situation, self.plan)

        def whole() -> Route:
            return with_the_rest(piecewise(task, situation, alone), task, situation, alone)

        route = await in_thread(whole, label="route")
        return mended(route, task, situation)

    def plan(self, task: Task, situation: Situation) -> Route:
        """Return what ``route`` mends, made on the caller's thread."""
        started = time.perf_counter()
        told = unheard(task, situation.history, situation.experts)
        past = remember(told)
        if (leaning := went_on(task, situation, past, self.plan, self.name)) is not None:
            return leaning
        if past and not task.attachments and is_own_sum(task.text):
            past, told = remember(()), ()  # "15% of 80" is about nothing that was before
        situation = situation.model_copy(update={"history": told})
        roles = self._known(situation)
        if len(roles.cards) < _FEW_KNOWN or not task.text.strip() or self._is_ellipsis(task, past):
            return self._semantic.plan(task, situation)
        read_alone: Route | None = None
        if not task.attachments and _SUM.match(task.text):
            read_alone = self._semantic.plan(task, situation)
            if not read_alone.plan.abstained:
                return read_alone
        held = held_of(task, situation, past, roles)
        found_all = self._parsed(held.reading, held.crew)
        parsed = [
            to_who_answers(spread(shared(each), task.text, held.files), held) for each in found_all
        ]
        network_s = time.perf_counter() - started
        found = first_valid(parsed, held, task, situation, self.name)
        whole = parsed[found[0]] if found else None
        if (apart := by_wish(task, situation, held, whole, self._parsed)) is not None:
            parsed, found = [apart[0], *parsed], (0, apart[1])
        newcomers = len(roles.cards) < len(situation.experts.latest)
        sure = calibrated(parsed[found[0]].probability, self.network.calibration) if found else 0.0
        given = "" if task.attachments or past else _GIVEN.sub("", task.text).strip()
        if found is None or newcomers or sure < DOUBTFUL or given:
            read_alone = read_alone or self._semantic.plan(task, situation)
            if found is None or gives_way(
                found[1], task.text, read_alone, roles=roles, sure=sure, given=given
            ):
                return read_alone
        number, plan = found
        if plan.abstained and asks_for_it(task, situation.history, situation.experts):
            # "Transcribe the speech you made": no request of the training speaks of that.
            read_alone = read_alone or self._semantic.plan(task, situation)
            if not read_alone.plan.abstained:
                return read_alone
        if plan.abstained and not task.attachments:
            plan = of_a_text(task, situation, held) or plan
        if plan.abstained:
            plan = asked_of_table(task, situation.experts, self.name) or plan
            plain = unnamed(task.text) if plan.abstained and task.attachments else task.text
            if plain != task.text:
                again = self.plan(task.model_copy(update={"text": plain}), situation)
                if not again.plan.abstained:
                    return again
        plan = elsewhere(plan, task.text, situation.experts, {**task.attachments, **held.bound})
        plan = reckoned(plan, task, situation.experts)
        return self._told(task, situation, held, parsed, number, plan, sure, started, network_s)

    def _known(self, situation: Situation) -> Roles:
        """Return the experts that the network was trained with and that are here."""
        fingerprint = situation.experts.fingerprint
        held = self._roles  # read once: another thread may plan for other experts meanwhile
        if held is None or held[0] != fingerprint:
            known = self.network.ports
            cards = {each.name: each for each in situation.experts.latest if each.name in known}
            self._roles = held = (fingerprint, Roles(cards))
        return held[1]

    def _is_ellipsis(self, task: Task, past: Past) -> bool:
        """Say whether a request only names another thing to do the last one with."""
        if not past:
            return False
        return past.ellipsis(task.text, attached_things(task)) is not None

    def _parsed(self, reading: Reading, crew: Crew) -> list[Parsed]:
        network = self.network
        hidden = network.encoder.hidden(reading.ids)
        # Small matrices are slower on several threads, and much slower on a busy machine.
        with _threads().limit(limits=1, user_api="blas"):
            return decode(reading, hidden, network.decoder, network.symbols, crew)

    def _told(
        self,
        task: Task,
        situation: Situation,
        held: Held,
        parsed: Sequence[Parsed],
        number: int,
        plan: Plan,
        sure: float,
        started: float,
        network_s: float,
    ) -> Route:
        clause = told(task.text, parsed, number, plan, held.crew.cards)
        steps = tuple(
            ClauseTrace(text=each.ask, step=each.id, decision=f"{each.expert}")
            for each in plan.steps
        )
        used = used_of(plan, held)
        notes = (f"of earlier turns: {', '.join(used)}",) if used else ()
        trace = RouteTrace(
            router=self.name,
            request=task.text[:2000],
            clauses=(clause, *steps),
            notes=notes,
            confidence=round(sure, 4),
            registry=situation.index.fingerprint,
            seconds={"network": network_s, "all": time.perf_counter() - started},
            settings={"trained": str(self.network.facts.get("sha256", ""))[:12]},
        )
        return Route(plan=plan, trace=trace, attachments=used)


def calibrated(probability: float, calibration: tuple[float, float]) -> float:
    """Return how likely a plan of this probability is right (Platt, 1999: a logistic of the logit)."""
    slope, offset = calibration
    held = min(max(probability, 1e-6), 1 - 1e-6)
    logit = math.log(held / (1 - held))
    return 1 / (1 + math.exp(-(slope * logit + offset)))


@lru_cache(maxsize=4)
def _loaded(folder: Path) -> Network:
    return load(folder)


@lru_cache(maxsize=1)
def _threads() -> Any:
    try:
        pools: Any = import_module("threadpoolctl")
    except ImportError as error:
        raise ModelMissing(
            f"The plan network cannot run: {error}. Expected the package threadpoolctl. Install it, "
            "or route by router='semantic'."
        ) from error
    return pools.ThreadpoolController()


__all__ = ("NeuralPlanner", "calibrated")
