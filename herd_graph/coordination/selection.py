"""Which of a step's candidates are called, in what order, and which result stands.

The ways to call them are small loops over an ``attempt`` that somebody else makes: they know nothing
of retries, budgets or records, and can be used alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from herd_graph.binding import Ref
from herd_graph.cards import ExpertCard
from herd_graph.coordination.checks.base import Outputs, combine, listed
from herd_graph.coordination.fusion import Value, fuse
from herd_graph.errors import BudgetExceeded, ConfigError, HerdError
from herd_graph.experts import Expert
from herd_graph.plans import Step, read_select
from herd_graph.state import Verdict
from herd_graph.store import ArtifactStore
from herd_graph.types import Select

C = TypeVar("C")
_RANK = {"pass": 2, "doubt": 1, "fail": 0}
_NAMES = ("top_1", "top_k", "dense", "cascade", "speculative", "until")
_EVERY = "*"


@dataclass(frozen=True, kw_only=True)
class How:
    """How the candidates of a step are called."""

    select: Select = "top_1"
    k: int = 1
    score: float | None = None
    fuse: str | None = None

    @classmethod
    def of(cls, step: Step) -> How:
        """Return what a step of a plan says."""
        return cls(select=step.select, k=step.k, score=step.score, fuse=step.fuse)

    @classmethod
    def parse(cls, text: str) -> How:
        """Read ``"cascade"``, ``"until(0.8)"`` or ``"top_k(3)"``. Raises ``ConfigError``."""
        read = read_select(text)
        try:
            how = cls(
                select=read["select"],
                k=int(read.get("k", 1)),
                score=float(read["score"]) if "score" in read else None,
            )
        except ValueError:
            how = cls()
        good = how.select in _NAMES and (how.score is None or 0 < how.score <= 1)
        if not good or (how.select == "until") > (how.score is not None):
            raise ConfigError(
                f"{text!r} selects nothing. Expected 'top_1', 'top_k(2)', 'dense', 'cascade', "
                "'cascade(0.8)', 'speculative' or 'until(0.8)'. Correct the setting."
            )
        if how.select == "top_k" and how.k < 2:
            raise ConfigError(
                f"{text!r} selects one expert. Expected a number of at least 2: 'top_k(2)'. Write "
                "'top_1' for the best one alone."
            )
        return how


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How a herd calls candidates where the plan leaves it open.

    Args:
        rules: By an expert's name (``transcribe*``), by a tag, or ``*`` for every expert. The first
            one that names a step's expert holds.
    """

    rules: Mapping[str, How] = field(default_factory=dict[str, How])

    @classmethod
    def parse(cls, given: str | Mapping[str, str] | Selection | None) -> Selection:
        """Read what a program or a ``herd.toml`` says. Raises ``ConfigError``."""
        if isinstance(given, Selection):
            return given
        said = {_EVERY: given} if isinstance(given, str) else (given or {})
        return cls(rules={name: How.parse(each) for name, each in said.items()})

    def how(self, step: Step, card: ExpertCard) -> How:
        """Return how a step's candidates are called: the plan says so, or a rule does."""
        if step.select != "top_1":
            return How.of(step)
        rule = self._rule(card)
        return How() if rule is None else self.rules[rule]

    def beside(
        self, step: Step, card: ExpertCard, present: Sequence[ExpertCard]
    ) -> list[ExpertCard]:
        """Return who else does a step's job, where a rule names both.

        A rule for every expert brings nobody in: equal ports are not the same job. Nor does a rule
        send data away that would have stayed here, or past the person who would be asked.
        """
        from herd_graph.routing.rebinding import does_the_same

        rule = None if step.select != "top_1" or step.fallbacks else self._rule(card)
        if rule is None or rule == _EVERY:
            return []
        return [
            each
            for each in present
            if each.name != card.name
            and _named(rule, each)
            and not each.approve
            and each.locality in {card.locality, "local"}
            and does_the_same(step, card, each)
            and all(each.input(name) is not None for name in step.inputs)
        ]

    def _rule(self, card: ExpertCard) -> str | None:
        return next((name for name in self.rules if _named(name, card)), None)


def _named(rule: str, card: ExpertCard) -> bool:
    return fnmatchcase(card.name, rule) or rule.lower() in {each.lower() for each in card.tags}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An expert that may do a step, and what it would be given."""

    expert: Expert
    inputs: Mapping[str, Ref]
    why: str = ""
    """What it is a repair of, where it is one."""

    @property
    def key(self) -> str:
        """Who is called with what: the same for the same call."""
        content = {
            name: [ref.id for ref in value] if isinstance(value, list) else value.id
            for name, value in sorted(self.inputs.items())
        }
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
        return f"{self.expert.card.id}:{digest}"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What one candidate gave, and what the checks say of it."""

    expert: str
    outputs: Outputs
    verdicts: tuple[Verdict, ...] = ()
    agreed: Outputs | None = None
    """What two other calls of it gave, where it failed a check for that."""

    @property
    def verdict(self) -> Verdict:
        """What its checks come to."""
        return combine(self.verdicts)


@dataclass(kw_only=True)
class Called:
    """What came of calling candidates, in the order in which they ended."""

    good: list[Tried] = field(default_factory=list[Tried])
    failures: list[HerdError] = field(default_factory=list[HerdError])
    refusal: BudgetExceeded | None = None
    """The budget stopped the search."""


def enough(tried: Tried, how: How) -> bool:
    """Say whether a result will do, so that no further candidate is called."""
    verdict = tried.verdict
    if how.select == "until":
        return verdict.level != "fail" and verdict.score >= (how.score or 0.0)
    if how.select == "cascade":
        return verdict.level == "pass" and verdict.score >= (how.score or 0.0)
    return verdict.level != "fail"


async def in_turn(
    candidates: Sequence[C], attempt: Callable[[C], Awaitable[Tried]], how: How
) -> Called:
    """Call one candidate after the other, until a result will do.

    Raises:
        BudgetExceeded: Before there was any result.
    """
    called = Called()
    for each in candidates:
        try:
            tried = await attempt(each)
        except BudgetExceeded as refusal:
            if not called.good:
                raise
            called.refusal = refusal
            break
        except HerdError as failure:
            called.failures.append(failure)
            continue
        called.good.append(tried)
        if enough(tried, how):
            break
    return called


async def at_once(candidates: Sequence[C], attempt: Callable[[C], Awaitable[Tried]]) -> Called:
    """Call all candidates at the same time; what failed is left out where another one worked."""
    called = Called()
    results = await asyncio.gather(*(attempt(each) for each in candidates), return_exceptions=True)
    for result in results:
        if isinstance(result, Tried):
            called.good.append(result)
        elif isinstance(result, BudgetExceeded):
            called.refusal = called.refusal or result
        elif isinstance(result, HerdError):
            called.failures.append(result)
        else:
            raise result
    if not called.good and called.refusal is not None:
        raise called.refusal
    return called


async def race(
    candidates: Sequence[C],
    attempt: Callable[[C], Awaitable[Tried]],
    late_after: Callable[[C], float],
    lost: Callable[[C], None],
) -> Called:
    """Start the next candidate when the one before is late, or has failed; the first one wins.

    Args:
        candidates: The preferred one first.
        attempt: Makes one candidate's call.
        late_after: Seconds after which a candidate is late.
        lost: Told of each candidate that is cancelled because another one was first.

    Raises:
        BudgetExceeded: The first candidate's call may not be made.
    """
    called, waiting = Called(), list(candidates)
    running: dict[asyncio.Task[Tried], C] = {}
    try:
        while True:
            if waiting and called.refusal is None:
                latest = waiting.pop(0)
                running[_started(attempt(latest))] = latest
                patience = late_after(latest) if waiting else None
            elif running:
                patience = None
            else:
                break
            ended, _ = await asyncio.wait(
                running, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            for task in ended:
                del running[task]
                _take(task, called)
            if called.good and enough(called.good[-1], How()):
                break
            if called.refusal is not None and not running:
                break
    finally:
        for task, each in running.items():
            lost(each)
            task.cancel()
        if running:
            await asyncio.wait(running)
    if called.refusal is not None and not called.good:
        raise called.refusal
    return called


def _started(work: Awaitable[Tried]) -> asyncio.Task[Tried]:
    return asyncio.create_task(_awaited(work))


async def _awaited(work: Awaitable[Tried]) -> Tried:
    return await work


def _take(task: asyncio.Task[Tried], called: Called) -> None:
    try:
        tried = task.result()
    except BudgetExceeded as refusal:
        called.refusal = refusal
    except HerdError as failure:
        called.failures.append(failure)
    else:
        if called.good and enough(called.good[-1], How()):
            called.good.insert(0, tried)  # both ended in one turn of the loop: the first one won
        else:
            called.good.append(tried)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The result of a step, and every doubt that stays."""

    expert: str
    outputs: dict[str, Any]
    verdicts: tuple[Verdict, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What all of it comes to."""
        return combine(self.verdicts)


def settle(
    good: Sequence[Tried],
    how: How,
    *,
    store: ArtifactStore,
    cards: Mapping[str, ExpertCard] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Settled:
    """Make one result of what the candidates gave.

    Of candidates that were called at once all are fused, but those that failed a check. Of those
    that were called in turn the one that will do stands; where none does, the best ones are fused.
    A result that was left out and says something else stays a doubt: a failing check can never make
    what is left look surer than all of it together would have looked.

    Args:
        good: The results, in the order in which they came; not empty.
        how: How the candidates were called.
        store: Where payloads are.
        cards: The candidates' cards, by id.
        weights: What each candidate counts, by id.
    """
    several = how.select in {"top_k", "dense"}
    if not several and enough(good[-1], how):
        return _stands(good[-1], good[:-1])
    best = max(_RANK[each.verdict.level] for each in good)
    if several:
        best = min(best, _RANK["doubt"])  # a doubt is a voice; a failure is none
    elif best == _RANK["fail"] or how.select not in {"cascade", "until"}:
        first = max(good, key=lambda each: (_RANK[each.verdict.level], each.verdict.score))
        return _stands(first, [each for each in good if each is not first])
    pool = [each for each in good if _RANK[each.verdict.level] >= best]
    rest = [each for each in good if _RANK[each.verdict.level] < best]
    if how.select == "cascade":
        pool.reverse()  # the dearer one is the better one, where the checks cannot tell
    elif not several:
        pool.sort(key=lambda each: -each.verdict.score)
    if len(pool) == 1 and not several:
        return _stands(pool[0], rest)
    fused = _fused(pool, how, store, cards, weights)
    agreement = fused.verdict
    if rest:
        agreement = _no_surer(agreement, _fused(good, how, store, cards, weights).verdict)
    if len(pool) == 2 and not several and how.fuse is None and weights is None:
        # Two voices that differ are no majority: the preferred one stands, and the doubt with it.
        stands = _stands(pool[0], rest)
        return replace(stands, verdicts=(*stands.verdicts, agreement))
    same = _key(fused.outputs)
    # What a check says of the very same result holds for it, whoever gave it.
    voices = [*pool, *(each for each in rest if several and _key(each.outputs) == same)]
    told = [verdict for each in voices for verdict in each.verdicts if verdict.level != "pass"]
    return Settled(
        expert=fused.expert, outputs=dict(fused.outputs), verdicts=(*told, *_left(rest), agreement)
    )


def _fused(
    pool: Sequence[Tried],
    how: How,
    store: ArtifactStore,
    cards: Mapping[str, ExpertCard] | None,
    weights: Mapping[str, float] | None,
) -> Any:
    given: list[tuple[str, Mapping[str, Value]]] = [(each.expert, each.outputs) for each in pool]
    return fuse(given, store=store, cards=cards, how=how.fuse, weights=weights)


def _no_surer(one: Verdict, two: Verdict) -> Verdict:
    worse = min((one, two), key=lambda each: (_RANK[each.level], each.score))
    return worse.model_copy(update={"score": min(one.score, two.score)})


def _stands(tried: Tried, before: Sequence[Tried]) -> Settled:
    kept = tuple(
        each for each in tried.verdicts if each.level != "pass" or each.check.startswith("caution:")
    )
    return Settled(
        expert=tried.expert, outputs=dict(tried.outputs), verdicts=(*kept, *_left(before))
    )


def _left(rest: Sequence[Tried]) -> tuple[Verdict, ...]:
    """Say which results were left out, and why; no doubt by itself."""
    if not rest:
        return ()
    told = [f"{each.expert} was not taken ({each.verdict.reason or 'score'})" for each in rest]
    names: Any = [each.expert for each in rest]
    return (Verdict(check="selection", level="pass", reason="; ".join(told), evidence=names),)


def _key(outputs: Outputs) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (name, tuple(ref.id for ref in listed(value))) for name, value in sorted(outputs.items())
    )


def by_cost(
    cards: Sequence[ExpertCard], seconds: Callable[[ExpertCard], float | None]
) -> list[int]:
    """Return the places of cards, the cheapest first; where nothing is stated, in their order."""

    def cost(place: int) -> tuple[float, float]:
        return cards[place].cost_usd, seconds(cards[place]) or 0.0

    return sorted(range(len(cards)), key=cost)


def affordable(
    cards: Sequence[ExpertCard],
    *,
    usd: float | None = None,
    calls: int | None = None,
    seconds: float | None = None,
    takes: Callable[[ExpertCard], float | None] = lambda card: card.latency_s,
) -> list[int]:
    """Return the places of the candidates that what is left of a budget allows, at least one.

    Candidates that are called at once share the time, and add up in money and calls.
    """
    kept: list[int] = []
    spent = 0.0
    for place, card in enumerate(cards):
        dear = usd is not None and spent + card.cost_usd > usd + 1e-12
        slow = seconds is not None and (takes(card) or 0.0) > seconds
        many = calls is not None and len(kept) >= calls
        if kept and (dear or slow or many):
            continue
        kept.append(place)
        spent += card.cost_usd
    return kept


async def call(
    candidates: Sequence[C],
    how: How,
    attempt: Callable[[C], Awaitable[Tried]],
    *,
    late_after: Callable[[C], float],
    lost: Callable[[C], None],
) -> Called:
    """Call as many of a step's candidates as its ``select`` asks for.

    Raises:
        BudgetExceeded: Nothing could be called.
    """
    if how.select in {"top_k", "dense"}:
        return await at_once(candidates, attempt)
    if how.select == "speculative":
        return await race(candidates, attempt, late_after, lost)
    return await in_turn(candidates, attempt, how)


__all__ = (
    "Called",
    "Candidate",
    "How",
    "Selection",
    "Settled",
    "Tried",
    "affordable",
    "at_once",
    "by_cost",
    "call",
    "enough",
    "in_turn",
    "race",
    "settle",
)
