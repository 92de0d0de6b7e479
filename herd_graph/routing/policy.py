"""From what experts are expected to be worth to which one is called: limits first, then a trade.

A router says what it expects of each candidate (``Estimate``); it does not decide. The policy drops
whatever breaks a hard limit, prices what is left, and departs from the best single expert only
where that is expected to pay (the gate).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.cards import NOT_STATED, ExpertCard, Port, fits
from herd_graph.routing.base import CandidateTrace
from herd_graph.types import Locality


class Estimate(BaseModel):
    """What is expected of one expert for one request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expert: str
    """``name@version``, or a name of a matrix."""
    quality: float
    """The mean of what its answer is expected to be worth, from 0 to 1."""
    spread: float = Field(default=0.0, ge=0)
    """The standard error of that mean: how little is known, not how answers scatter."""
    usd: float = Field(default=0.0, ge=0)
    seconds: float | None = Field(default=None, ge=0)
    eligible: bool = True
    reasons: tuple[str, ...] = ()
    """What spoke for or against it."""
    propensity: float = 0.0
    """The probability with which the policy takes it."""
    evidence: dict[str, float] = {}
    """What else traces keep of it."""

    def lower(self, caution: float = 1.0) -> float:
        """Return the quality that it reaches most likely, ``caution`` standard errors below."""
        return self.quality - caution * self.spread


class Bounds(BaseModel):
    """What a candidate must not break. None, or empty, is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    takes: tuple[Port, ...] = ()
    """The ports whose values it has to be able to take."""
    gives: Port | None = None
    """The port that its output has to fit."""
    context_chars: int | None = None
    """How long the input is, where experts have a window (``windows``)."""
    windows: dict[str, int] = {}
    """Characters that an expert can read, by name; one that is not named has no limit."""
    locality: tuple[Locality, ...] = ()
    """Where data may go; ``("local",)`` keeps it on this machine."""
    licences: tuple[str, ...] = ()
    """Licences that are allowed, by their beginning; one that is not stated is then not allowed."""
    seconds: float | None = None
    """Seconds until the deadline."""
    usd: float | None = None
    """What is left of the budget."""
    quality: float | None = None
    """The least quality that will do: whatever is expected below it is not called at all."""
    forbidden: tuple[str, ...] = ()


class Tradeoff(BaseModel):
    """What quality is worth."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_usd: float = Field(default=0.0, ge=0)
    """Quality that one USD has to bring: 100 pays a cent for one whole point of quality."""
    per_second: float = Field(default=0.0, ge=0)
    caution: float = Field(default=0.75, ge=0)
    """Standard errors that are taken off: what is little known has to look better."""
    margin: float = Field(default=0.0, ge=0)
    """How much more than the best single expert another one has to promise."""


class Choice(BaseModel):
    """What the policy made of the estimates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ranked: tuple[Estimate, ...]
    """Every candidate: the eligible ones first, by what they are worth."""
    gated: bool = False
    """The best single expert was kept because the promised gain is too small."""
    reason: str = ""

    @property
    def chosen(self) -> Estimate | None:
        """The first one, if it may be called at all; None is an abstention."""
        return self.ranked[0] if self.ranked and self.ranked[0].eligible else None

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The runners-up, for when the chosen one fails."""
        return tuple(each.expert for each in self.ranked[1:] if each.eligible)

    def traces(self, worth: Tradeoff | None = None) -> tuple[CandidateTrace, ...]:
        """Return what ``herd why`` shows of the candidates."""
        trade = worth or Tradeoff()
        return tuple(
            CandidateTrace(
                expert=each.expert,
                score=round(min(1.0, max(0.0, each.quality)), 4),
                evidence={
                    "spread": round(each.spread, 4),
                    "usd": each.usd,
                    "worth": round(value(each, trade), 4),
                    **({} if each.seconds is None else {"seconds": each.seconds}),
                    **each.evidence,
                },
                propensity=each.propensity,
                eligible=each.eligible,
                chosen=place == 0 and each.eligible,
                reason="; ".join(each.reasons),
            )
            for place, each in enumerate(self.ranked)
        )


def value(estimate: Estimate, trade: Tradeoff) -> float:
    """Return what calling an expert is worth, in quality."""
    seconds = estimate.seconds or 0.0
    return estimate.lower(trade.caution) - trade.per_usd * estimate.usd - trade.per_second * seconds


def choose(
    estimates: Sequence[Estimate],
    bounds: Bounds | None = None,
    trade: Tradeoff | None = None,
    *,
    cards: Sequence[ExpertCard] = (),
    best_single: str = "",
) -> Choice:
    """Rank candidates under hard limits and soft trade-offs.

    Args:
        estimates: What is expected of each.
        bounds: What must not be broken; nothing by default.
        trade: What quality is worth; cost is no matter by default.
        cards: The candidates' cards, where limits are about types, locality or licence.
        best_single: The expert that is best over all requests. Another one comes first only if it
            is worth more by the margin: so a router that knows nothing changes nothing.

    Returns:
        All of them. Nothing eligible is an abstention, with the reasons.
    """
    limits, worth = bounds or Bounds(), trade or Tradeoff()
    by_id = {name: card for card in cards for name in (card.id, card.name)}
    checked = [_checked(each, limits, by_id.get(each.expert)) for each in estimates]
    ranked = sorted(
        checked, key=lambda each: (not each.eligible, -value(each, worth), each.usd, each.expert)
    )
    if not ranked or not ranked[0].eligible:
        why = "; ".join(f"{each.expert}: {each.reasons[-1]}" for each in ranked if each.reasons)
        return Choice(ranked=tuple(ranked), reason=f"No candidate may be called. {why}".strip())
    single = next((each for each in ranked if each.expert == best_single and each.eligible), None)
    first = ranked[0]
    if single is not None and single is not first:
        gain = value(first, worth) - value(single, worth)
        if gain <= worth.margin:
            ranked.remove(single)
            kept = f"kept: {first.expert} promises {gain:+.3f}, within {worth.margin:.3f}"
            ranked.insert(0, single.model_copy(update={"reasons": (*single.reasons, kept)}))
            return Choice(ranked=_settled(ranked), gated=True, reason=kept)
    reason = f"worth {value(first, worth):.3f}"
    if len(ranked) > 1 and ranked[1].eligible:
        reason += f", {ranked[1].expert} {value(ranked[1], worth):.3f}"
    return Choice(ranked=_settled(ranked), reason=reason)


def _settled(ranked: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Say that the first one is taken for sure, unless a router has drawn with propensities."""
    if any(each.propensity for each in ranked):
        return tuple(ranked)
    return (ranked[0].model_copy(update={"propensity": 1.0}), *ranked[1:])


def _checked(estimate: Estimate, bounds: Bounds, card: ExpertCard | None) -> Estimate:
    broken = _broken(estimate, bounds, card)
    if not broken:
        return estimate
    return estimate.model_copy(update={"eligible": False, "reasons": (*estimate.reasons, *broken)})


def _broken(estimate: Estimate, bounds: Bounds, card: ExpertCard | None) -> list[str]:
    """Return every limit that an expert breaks."""
    found: list[str] = []
    name = estimate.expert
    bare = name.partition("@")[0]
    if {name, bare} & set(bounds.forbidden):
        found.append("a rule forbids it")
    window = bounds.windows.get(name, bounds.windows.get(bare))
    if window is not None and bounds.context_chars is not None and bounds.context_chars > window:
        found.append(f"reads {window} characters, and the input has {bounds.context_chars}")
    usd = max(estimate.usd, card.cost_usd if card is not None else 0.0)
    if bounds.usd is not None and usd > bounds.usd + 1e-12:
        found.append(f"may cost ${usd:.4f}, and ${bounds.usd:.4f} is left")
    if bounds.seconds is not None and (estimate.seconds or 0.0) > bounds.seconds:
        found.append(f"takes {estimate.seconds:.1f} s, and {bounds.seconds:.1f} s are left")
    if bounds.quality is not None and estimate.quality < bounds.quality:
        found.append(f"expected quality {estimate.quality:.2f}, below {bounds.quality:.2f}")
    if card is None:
        return found
    if bounds.locality and card.locality not in bounds.locality:
        found.append(f"is {card.locality}, and data may go: {', '.join(bounds.locality)}")
    if bounds.licences and not _licensed(card, bounds.licences):
        found.append(f"its licence is {card.licence!r}")
    lost = next(
        (port for port in bounds.takes if not any(fits(port, p) for p in card.inputs)), None
    )
    if lost is not None:
        found.append(f"takes no {lost.type_name}")
    if bounds.gives is not None and not any(fits(p, bounds.gives) for p in card.outputs):
        found.append(f"gives no {bounds.gives.type_name}")
    return found


def _licensed(card: ExpertCard, allowed: Collection[str]) -> bool:
    stated = [each for each in (card.licence, card.weights_licence) if each]
    return all(
        each != NOT_STATED and any(each.lower().startswith(one.lower()) for one in allowed)
        for each in stated
    )


__all__ = ("Bounds", "Choice", "Estimate", "Tradeoff", "choose", "value")
