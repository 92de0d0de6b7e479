"""Rank experts for one clause: by meaning, by shared words, and by what its ports could take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from herd_graph.cards import ExpertCard
from herd_graph.conversions import carries
from herd_graph.discovery import CapabilityIndex, Hit
from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.routing.base import CandidateTrace
from herd_graph.routing.lexicon import MATERIAL
from herd_graph.routing.parameters import content_ports, is_open_ended, language_port, role, speaks
from herd_graph.routing.variants import variants
from herd_graph.types import Kind

TEMPERATURE = 0.08
NAME_BONUS = 0.18
OPENING_BONUS = 0.08
EXPRESSION_BONUS = 0.35
LANGUAGE_BONUS = 0.15
FIT_BONUS = 0.06
QUOTE_BONUS = 0.15
STEP_COST = 0.03
WHETHER_COST = 0.3
UNKNOWN_VERB_COST = 0.15
UNKNOWN_DEED_COST = 0.08
UNASKED_SOUND_COST = 0.15
VARIANT_COST = 0.12
NAME_PART_BONUS = 0.09
REWORDED = 0.92


@dataclass(kw_only=True)
class Candidate:
    """An expert in the running for one clause."""

    card: ExpertCard
    score: float
    evidence: dict[str, float] = field(default_factory=dict[str, float])
    named: bool = False
    """The clause's own verb is in its name: the strongest sign there is."""
    open_ended: bool = False
    reason: str = ""
    eligible: bool = True
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a clause wants of an expert, besides its meaning."""

    query: str
    masked: str = ""
    """The query with *the text* for what is worked on: for experts that get it converted."""
    neutral: str = ""
    """The query without any word for what is worked on."""
    rewordings: tuple[str, ...] = ()
    """Plain ways to say the same."""
    words: str | None = None
    """What words are compared with."""
    material: frozenset[Kind] = frozenset()
    """What the clause works on is made of."""
    asks_whether: bool = False
    """It is a yes-or-no question."""
    heard: bool = False
    """The answer is to be heard."""
    as_text: bool = False
    """The answer is to be text: *as text*, *in writing*."""
    deed: tuple[str, ...] = ()
    """The words that say what is to be done."""
    verb: str = ""
    """The verb of an order, where it says more than *give* or *tell*."""
    made: frozenset[str] = frozenset()
    """Stems by which the clause names the result of an earlier step."""
    expression: bool = False
    languages: tuple[str, ...] = ()


def verbs_of(cards: Sequence[ExpertCard]) -> frozenset[str]:
    """Return the stems that experts are named by, and that their texts open with."""
    found: set[str] = set()
    for card in cards:
        found |= _name_stems(card)
        found |= _stems_that_open((card.description, *card.examples), ())
    return frozenset(found)


def _name_stems(card: ExpertCard) -> frozenset[str]:
    return _stems_of_name(card.name)


@lru_cache(maxsize=4096)
def _stems_of_name(name: str) -> frozenset[str]:
    return frozenset(stem(each) for each in words(name.replace("_", " "))) - {"text", "file"}


def _taken_stems(card: ExpertCard) -> frozenset[str]:
    """Return the stems by which a name says what is worked on: *image* in ``describe_image``."""
    kinds = {kind for port in content_ports(card) for kind in port.kinds}
    return frozenset(stem(word) for word, kind in MATERIAL.items() if kind in kinds)


def stems_of(spoken: Sequence[str]) -> frozenset[str]:
    """Return the stems of words."""
    return frozenset(stem(each) for each in spoken)


def _all_stems(card: ExpertCard) -> frozenset[str]:
    return _stems_of_all(
        (card.name.replace("_", " "), card.description, *card.tags, *card.examples)
    )


@lru_cache(maxsize=4096)
def _stems_of_all(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem(each) for text in texts for each in words(text))


def _opening_stems(card: ExpertCard) -> frozenset[str]:
    return _stems_that_open((card.description, *card.examples), card.tags)


@lru_cache(maxsize=4096)
def _stems_that_open(texts: tuple[str, ...], tags: tuple[str, ...]) -> frozenset[str]:
    opening = {
        stem(first)
        for text in texts
        if (first := next(iter(words(text)), "")) and first not in STOP_WORDS
    }
    return frozenset(opening | {stem(each) for tag in tags for each in words(tag)})


def rank(wish: Wish, cards: Sequence[ExpertCard], index: CapabilityIndex) -> list[Candidate]:
    """Return every expert with a score from 0 to 1, the best first."""
    eligible = {card.id: card for card in cards}
    hits = _hits(wish, eligible, index)
    unusual = variants(cards)
    spoken = words(wish.query)
    first = next((each for each in spoken if each not in STOP_WORDS), "")
    held = {stem(each) for each in spoken if each not in STOP_WORDS} - wish.made
    ranked: list[Candidate] = []
    for hit in hits:
        card = eligible[hit.card]
        evidence = dict(hit.evidence)
        score = hit.score
        if wish.asks_whether and carries(card) == "certain":
            evidence["whether"] = -WHETHER_COST  # its words answer no yes-or-no question
            score -= WHETHER_COST
        unheard = not wish.heard and Kind.AUDIO in card.gives and Kind.AUDIO not in card.takes
        if unheard:
            evidence["not aloud"] = -UNASKED_SOUND_COST
            score -= UNASKED_SOUND_COST
        if wish.as_text and Kind.TEXT not in card.gives:
            evidence["not text"] = -WHETHER_COST
            score -= WHETHER_COST
        if wish.verb and carries(card) == "certain" and stem(wish.verb) not in _all_stems(card):
            evidence["other verb"] = -UNKNOWN_VERB_COST
            score -= UNKNOWN_VERB_COST
        elif (
            wish.deed and carries(card) == "certain" and not stems_of(wish.deed) & _all_stems(card)
        ):
            evidence["other deed"] = -UNKNOWN_DEED_COST
            score -= UNKNOWN_DEED_COST
        variant = unusual.get(card.name)
        if variant is not None:
            asked = variant.is_asked(wish.query)
            evidence["variant"] = VARIANT_COST if asked else -VARIANT_COST
            score += evidence["variant"]
        names = _name_stems(card) - _taken_stems(card)
        named = bool(names) and (names <= held or names == frozenset([stem(first)]))
        if named:
            evidence["name"] = NAME_BONUS
            score += NAME_BONUS
        elif wish.verb and stem(wish.verb) in names:
            evidence["name, in part"] = NAME_PART_BONUS
            score += NAME_PART_BONUS
        elif first and stem(first) in _opening_stems(card):
            evidence["opening"] = OPENING_BONUS
            score += OPENING_BONUS
        if wish.expression and any(role(port, card) == "expression" for port in card.inputs):
            evidence["expression"] = EXPRESSION_BONUS
            score += EXPRESSION_BONUS
        if not named and not wish.languages and _needs_language(card):
            evidence["no language"] = -LANGUAGE_BONUS
            score -= LANGUAGE_BONUS
        if any(speaks(card, code) is not None for code in wish.languages):
            evidence["language"] = LANGUAGE_BONUS
            score += LANGUAGE_BONUS
        ranked.append(
            Candidate(
                card=card,
                score=score,
                evidence=evidence,
                named=named,
                open_ended=is_open_ended(card),
                reason=f"nearest: {hit.closest[:80]!r}",
            )
        )
    return sorted(ranked, key=lambda each: (-each.score, each.card.id))


def _hits(wish: Wish, eligible: Mapping[str, ExpertCard], index: CapabilityIndex) -> list[Hit]:
    """Search with each way to say what is wanted; every expert keeps the one that suits it."""
    count = len(eligible)
    best: dict[str, Hit] = {}
    full = index.search(wish.query, k=count, eligible=eligible.keys(), words=wish.words)
    other = index.search(wish.masked, k=count, eligible=eligible.keys()) if wish.masked else []
    for hit in full:
        if not (wish.made and wish.masked):
            best[hit.card] = hit
    for hit in other:
        if hit.card not in best or hit.score > best[hit.card].score:
            best[hit.card] = hit
    for hit in full:
        best.setdefault(hit.card, hit)
    # All that take a picture are near to "photo": half of what counts is the rest of the clause.
    plain = (
        {hit.card: hit for hit in index.search(wish.neutral, k=count, eligible=eligible.keys())}
        if wish.neutral
        else {}
    )
    for card, hit in best.items():
        kinds = {kind for port in content_ports(eligible[card]) for kind in port.kinds}
        if card in plain and kinds & wish.material and not kinds & {Kind.TEXT, Kind.ANY}:
            best[card] = Hit(
                card=card,
                score=(hit.score + plain[card].score) / 2,
                evidence={**hit.evidence, "neutral": plain[card].score},
                closest=hit.closest,
            )
    for reworded in wish.rewordings:
        for hit in index.search(reworded, k=count, eligible=eligible.keys()):
            score = hit.score * REWORDED
            if score > best[hit.card].score:
                best[hit.card] = Hit(
                    card=hit.card, score=score, evidence=hit.evidence, closest=hit.closest
                )
    return list(best.values())


def _needs_language(card: ExpertCard) -> bool:
    port = language_port(card)
    return port is not None and port.required


def traces(candidates: Sequence[Candidate], most: int = 8) -> tuple[CandidateTrace, ...]:
    """Return what a trace keeps of candidates, with the odds that each had."""
    eligible = [each for each in candidates if each.eligible]
    top = max((each.score for each in eligible), default=0.0)
    weights = {id(each): math.exp((each.score - top) / TEMPERATURE) for each in eligible}
    total = sum(weights.values()) or 1.0
    kept = [each for place, each in enumerate(candidates) if place < most or each.chosen]
    return tuple(
        CandidateTrace(
            expert=each.card.id,
            score=round(max(0.0, min(1.0, each.score)), 4),
            evidence={name: round(value, 4) for name, value in each.evidence.items()},
            propensity=round(weights.get(id(each), 0.0) / total, 4),
            eligible=each.eligible,
            chosen=each.chosen,
            reason=each.reason,
        )
        for each in kept
    )
