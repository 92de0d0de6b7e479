"""The neural router: plans by a network that was trained on requests, held to types and to cards.

The network knows the experts that it was trained with. Where others are registered, the semantic
planner, which goes by cards alone, has its say: a newcomer that it would choose is chosen.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from herd_graph.cards import Port
from herd_graph.checking import check
from herd_graph.errors import ModelMissing
from herd_graph.plans import Plan, Value
from herd_graph.routing.also_wanted import with_all
from herd_graph.routing.base import ClauseTrace, Route, RouteTrace, Situation
from herd_graph.routing.beside import with_tables
from herd_graph.routing.comparing import compared
from herd_graph.routing.conversation import Past, is_about_this_alone, remember
from herd_graph.routing.figures import is_own_sum
from herd_graph.routing.foreign import in_english
from herd_graph.routing.going_on import first_of, went_on
from herd_graph.routing.golds import Wanted
from herd_graph.routing.lexicon import ORDINALS, PRONOUN, RESULT_NOUNS
from herd_graph.routing.neural import default_folder
from herd_graph.routing.neural.asking import asked, asks_one, asks_price, readable
from herd_graph.routing.neural.covering import covered, settled
from herd_graph.routing.neural.decoding import Parsed, decode
from herd_graph.routing.neural.directing import asked_of_table, elsewhere, unnamed
from herd_graph.routing.neural.looking import Words, words_of
from herd_graph.routing.neural.planning import plan_of
from herd_graph.routing.neural.reading import Given, Reading, attached, earlier, read
from herd_graph.routing.neural.reckoning import reckoned
from herd_graph.routing.neural.saving import Network, load
from herd_graph.routing.neural.sharing import shared
from herd_graph.routing.neural.spreading import spread
from herd_graph.routing.neural.stepwise import (
    CLEAR,
    CLEAR_PIECE,
    COVERED,
    MOST_STEPS,
    Served,
    Stepwise,
    pieces,
    together,
    wishes,
)
from herd_graph.routing.neural.telling import POINTING, nothing, told
from herd_graph.routing.neural.verbs import read_off, righted
from herd_graph.routing.neural.writing import Crew, Roles
from herd_graph.routing.of_a_text import about_the_text
from herd_graph.routing.of_files import with_files
from herd_graph.routing.own_voice import asks_for_it, unheard
from herd_graph.routing.parameters import context_port
from herd_graph.routing.planner import SemanticPlanner, attached_things, bound_inputs
from herd_graph.routing.second_look import looked_over
from herd_graph.routing.taxonomy import InputGranularity, RoutingData, Taxonomy, UserData
from herd_graph.routing.thresholds import Thresholds
from herd_graph.tasks import Task, input_port
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, Kind

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
_QUESTION = re.compile(
    r"^\W*(?:(?:and|ok|okay|now|so|also)\W+)*(?:who|whose|what|when|where|which|how|why)\b",
    re.IGNORECASE,
)
_MOOD = re.compile(
    r"\b(?:is|are|was|were|sounds?|seems?|how) (?:it|this|that|they|he|she|(?:the|this|my) \w+)(?: \w+)? (?:angry|happy|friendly|positive|negative|polite|rude|sad|upset|nice|pleased|annoyed|furious|feel\w*)\b",
    re.IGNORECASE,
)
"""*Is it angry?*: a text is, and not what was answered from it."""
_SHORT = 60
"""Characters of a request that has no room to say which of several earlier things it means."""
_SURE = 0.35
"""A newcomer that the semantic planner is this sure of is chosen before what the network wrote."""
_DOUBTFUL, _PLAIN = 0.3, 0.5
"""Where the network is less sure than the first, a whole plan of the semantic planner is taken that is
at least as sure as the second and answers as many wishes."""


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A request and what the network may write about it."""

    reading: Reading
    crew: Crew
    called: Mapping[str, str]
    bound: Mapping[str, ArtifactRef | list[ArtifactRef]]
    """What earlier turns left, by the names that a plan binds."""
    files: Sequence[tuple[Given, Port]]
    earlier: Sequence[tuple[Given, Port]]


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
        route = await in_thread(lambda: self.plan(task, situation), label="route")
        route = looked_over(route, task, situation.experts)
        route = compared(route, task, situation.experts)
        route = in_english(route, task, situation)
        route = about_the_text(route, task, situation.experts)
        route = with_files(route, task, situation.experts)
        route = with_all(route, task, situation.experts)
        return with_tables(route, task, situation.experts)

    def plan(self, task: Task, situation: Situation) -> Route:
        """Do the work of ``route``, on the caller's thread."""
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
        held = self._read(task, situation, past, roles)
        found_all = self._parsed(held.reading, held.crew)
        parsed = [
            _told_apart(spread(shared(each), task.text, held.files), held) for each in found_all
        ]
        network_s = time.perf_counter() - started
        found = self._first_valid(parsed, held, task, situation)
        by_wish = self._by_wish(task, situation, held, parsed[found[0]] if found else None)
        if by_wish is not None:
            parsed, found = [by_wish[0], *parsed], (0, by_wish[1])
        newcomers = len(roles.cards) < len(situation.experts.latest)
        sure = calibrated(parsed[found[0]].probability, self.network.calibration) if found else 0.0
        given = "" if task.attachments or past else _GIVEN.sub("", task.text).strip()
        if found is None or newcomers or sure < _DOUBTFUL or given:
            read_alone = read_alone or self._semantic.plan(task, situation)
            if found is None or self._prefers(read_alone, roles):
                return read_alone
            asks = asks_one(task.text) or asks_price(task.text)
            if sure < _DOUBTFUL and not asks and _is_plain(read_alone, found[1]):
                return read_alone
            if given and _works_on(read_alone, given):
                return read_alone
        number, plan = found
        if plan.abstained and asks_for_it(task, situation.history, situation.experts):
            # "Transcribe the speech you made": no request of the training speaks of that.
            read_alone = read_alone or self._semantic.plan(task, situation)
            if not read_alone.plan.abstained:
                return read_alone
        if plan.abstained and not task.attachments:
            plan = self._of_a_text(task, situation, held) or plan
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

    def _read(self, task: Task, situation: Situation, past: Past, roles: Roles) -> _Read:
        names = {first_of(value).id: name for name, value in past.artifacts.items()}
        before, called = earlier(situation.history, names)
        if task.attachments and is_about_this_alone(task.text, past):
            before = []
        if _MOOD.search(task.text) or (_QUESTION.match(task.text) and not _points(task.text)):
            # A question afresh is about the text, not about what was answered from it before.
            before = [each for each in before if not _is_reply(each, roles)]
        sources = [each for each in before if ".a" in each.symbol]
        if asks_one(task.text) and any(each.about.startswith("text ") for each in sources):
            before = sources  # who wrote it, and when it begins, the text itself says
        inputs: dict[str, Port] = {
            name: input_port(name, value) for name, value in task.attachments.items()
        }
        inputs |= {
            symbol: input_port(name, past.artifacts[name]) for symbol, name in called.items()
        }
        files = attached(task.attachments)
        reading = read(task.text, [*before, *files])
        shown = {symbol for symbol, _ in reading.inputs}
        crew = Crew(roles, {name: port for name, port in inputs.items() if name in shown})
        return _Read(
            reading=reading,
            crew=crew,
            called=called,
            bound=past.artifacts,
            files=[(each, inputs[each.symbol]) for each in files],
            earlier=[(each, inputs[each.symbol]) for each in before],
        )

    def _parsed(self, reading: Reading, crew: Crew) -> list[Parsed]:
        network = self.network
        hidden = network.encoder.hidden(reading.ids)
        # Small matrices are slower on several threads, and much slower on a busy machine.
        with _threads().limit(limits=1, user_api="blas"):
            return decode(reading, hidden, network.decoder, network.symbols, crew)

    def _by_wish(
        self, task: Task, situation: Situation, held: _Read, whole: Parsed | None
    ) -> tuple[Parsed, Plan] | None:
        """Return the plan of a request's wishes, each read alone, where it is better than the whole's."""
        if whole is not None and whole.wanted.abstains:
            return None
        cards = held.crew.roles.cards
        clauses = wishes(task.text, situation.experts.latest)
        told = 1 < len(clauses) <= MOST_STEPS
        words = words_of(whole, held.reading) if whole is not None else Words(parts=(), rest=())
        doubted = whole is None or whole.probability < COVERED
        served = self._served(clauses, held) if told else []
        made: tuple[Parsed, Words] | None = None
        if doubted:
            made = together(served, whole, cards, clear=CLEAR)
            found = pieces(task.text)
            if made is None and 1 < len(found) <= MOST_STEPS:
                made = together(self._served(found, held), whole, cards, clear=CLEAR_PIECE)
        if whole is not None:
            made = made or covered(whole, words, served, cards) or (whole, words)
        if made is None:
            return None
        parsed, told_apart = settled(*made, cards, clauses)
        fit = tuple(
            readable(read_off(each, said, cards), held.crew.inputs, cards)
            for each, said in zip(parsed.wanted.parts, told_apart.parts, strict=True)
        )
        parsed = replace(parsed, wanted=replace(parsed.wanted, parts=fit))
        if whole is not None and (parsed.wanted, told_apart) == (whole.wanted, words):
            return None
        try:
            plan = plan_of(
                parsed, held.reading, held.crew, held.called, task.inputs, words=told_apart
            )
        except KeyError:
            return None  # what one wish makes cannot go where another one put it
        if plan is None:
            return None
        plan = self._with_ports(plan, held)
        return None if check(plan, situation.experts) else (parsed, plan)

    def _of_a_text(self, task: Task, situation: Situation, held: _Read) -> Plan | None:
        """Return a plan that asks the last text of a thread for the one thing that is asked."""
        if not asks_one(task.text):
            return None
        files = [each for each in held.earlier if ".a" in each[0].symbol] or held.earlier
        texts = [given.symbol for given, port in files if port.kind is Kind.TEXT and not port.many]
        part = asked(task.text, ("input", texts[-1]), held.crew.roles.cards) if texts else None
        if part is None:
            return None
        parsed = Parsed(wanted=Wanted(parts=(part,)), probability=CLEAR, looks=())
        words = Words(parts=(task.text.strip(),), rest=())
        try:
            plan = plan_of(parsed, held.reading, held.crew, held.called, task.inputs, words=words)
        except KeyError:
            return None
        plan = self._with_ports(plan, held) if plan is not None else None
        return None if plan is None or check(plan, situation.experts) else plan

    def _served(self, said: Sequence[str], held: _Read) -> list[Served]:
        steps = Stepwise(
            parse=self._parsed, roles=held.crew.roles, files=held.files, earlier=held.earlier
        )
        return steps.read(said)

    def _with_ports(self, plan: Plan, held: _Read) -> Plan:
        """Declare what a plan binds of earlier turns."""
        used = {name: held.bound[name] for name in bound_inputs(plan) if name in held.bound}
        ports = {name: input_port(name, value) for name, value in used.items()}
        return plan.model_copy(update={"inputs": {**plan.inputs, **ports}})

    def _first_valid(
        self, parsed: Sequence[Parsed], held: _Read, task: Task, situation: Situation
    ) -> tuple[int, Plan] | None:
        """Return the likeliest plan that passes the plan checker, and its place.

        What has just been attached is what a request is about: a plan that works on earlier turns
        alone comes after one that works on it. And "it" with nothing attached is what was made
        last: a plan that works on what is older comes after one that works on that.
        """
        fresh, later = set(task.attachments), list[tuple[int, Plan]]()
        last = fresh or _last_made(task.text, held)
        for number, each in enumerate(parsed):
            if each.wanted.abstains:
                return number, nothing(task, situation, self.name)
            try:
                plan = plan_of(each, held.reading, held.crew, held.called, task.inputs)
            except KeyError:
                continue  # a rule put something where it cannot go
            if plan is None:
                if held.crew.inputs:
                    continue
                return number, nothing(task, situation, self.name, missing=True)
            bound = bound_inputs(plan)
            used = [name for name in bound if name in held.bound]
            plan = self._with_ports(plan, held)
            if check(plan, situation.experts):
                continue
            if not last or not used or last.intersection(bound):
                return number, plan
            later.append((number, plan))
        return later[0] if later else None

    def _prefers(self, read_alone: Route, roles: Roles) -> bool:
        """Say whether a plan has an expert that the network could not have known."""
        names = {str(each.expert).partition("@")[0] for each in read_alone.plan.steps}
        return bool(names - roles.cards.keys()) and read_alone.trace.confidence >= _SURE

    def _told(
        self,
        task: Task,
        situation: Situation,
        held: _Read,
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
        used = {name: held.bound[name] for name in bound_inputs(plan) if name in held.bound}
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


def _told_apart(parsed: Parsed, held: _Read) -> Parsed:
    """Return a plan whose questions are put to who answers them."""
    wanted = parsed.wanted
    if wanted.abstains:
        return parsed
    said = words_of(parsed, held.reading).parts
    # The words of one part among several may hold those of another: its verb is not surely its own.
    hold = righted if len(said) == 1 else read_off
    cards, there = held.crew.roles.cards, held.crew.inputs
    parts = tuple(
        readable(hold(part, each, cards), there, cards)
        for part, each in zip(wanted.parts, said, strict=True)
    )
    return replace(parsed, wanted=replace(wanted, parts=parts))


def _last_made(text: str, held: _Read) -> set[str]:
    """Return what the last turn left, where a request only points at it; else nothing."""
    words = {each.strip(".,;:!?\"'()") for each in text.lower().split()}
    if not words & POINTING or words & ORDINALS.keys() or len(held.reading.text) > _SHORT:
        return set()
    newest = max((each.partition(".")[0] for each in held.called), default="")
    return {name for symbol, name in held.called.items() if symbol.partition(".")[0] == newest}


def _points(text: str) -> bool:
    return bool(PRONOUN.search(text) or RESULT_NOUNS.search(text))


def _is_reply(given: Given, roles: Roles) -> bool:
    """Say whether something is what an open-ended expert answered in an earlier turn."""
    maker = given.about.partition(" ")[2]
    return ".a" not in given.symbol and any(
        context_port(card) is not None and maker.startswith(card.name.replace("_", " "))
        for card in roles.cards.values()
    )


def _is_plain(route: Route, doubted: Plan) -> bool:
    """Say whether a plan of the semantic planner stands for one that the network doubts.

    One that answers fewer wishes does not: it has dropped some.
    """
    whole = not route.plan.abstained and not route.plan.unmet
    answers = len(route.plan.asks) >= len(doubted.asks)
    return whole and answers and route.trace.confidence >= _PLAIN


def _works_on(route: Route, text: str) -> bool:
    """Say whether a plan that is sure of itself works on a text that the request gives."""
    bound = [each for step in route.plan.steps for each in step.inputs.values()]
    whole = any(isinstance(each, Value) and each.value == text for each in bound)
    return whole and route.trace.confidence >= _PLAIN


__all__ = ("NeuralPlanner", "calibrated")
