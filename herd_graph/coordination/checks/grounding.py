"""Whether the numbers, dates, names and quotations of a result stand in what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from herd_graph.coordination.checks.arithmetic import equations, unworked
from herd_graph.coordination.checks.base import (
    CheckInput,
    check,
    doubt,
    listed,
    passed,
    source_words,
)
from herd_graph.coordination.checks.language import in_other_words, parameter
from herd_graph.coordination.checks.natures import made_of_its_source
from herd_graph.coordination.quantities import (
    Day,
    Number,
    days,
    folded,
    names,
    numbers,
    quotations,
    same_day,
    same_number,
)
from herd_graph.state import Verdict
from herd_graph.types import JSON, Kind

_MOST = 60_000
"""Letters of a source that are read."""
_SMALL = 12
"""Whole numbers up to this are counts of what a text lists, as a rule."""
GroundedKind = Literal["number", "date", "name", "quotation"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Something that a text says and that can be looked for."""

    kind: GroundedKind
    said: str
    found: bool


def claims(text: str, sources: Sequence[str], *, request: str = "") -> list[Claim]:
    """Look for the numbers, dates, names and quotations of a text in its sources.

    Numbers and dates are compared by what they mean: 1.234,50 is 1234.5, *3rd May 2024* is 2024-05-03,
    *ninety* is 90, and 2.3 is 2.314 rounded. What the request itself says counts as a source.

    Args:
        text: What is held against the sources.
        sources: The words of the artifacts that it cites.
        request: What was asked.
    """
    ground = "\n".join([*(each[:_MOST] for each in sources), request])
    found: list[Claim] = []
    text = unworked(text)
    said_days, said_numbers = days(text), numbers(text)
    if said_days:
        held_days = days(ground)
        found += [_date(each, held_days) for each in said_days]
    if said_numbers:
        held = numbers(ground)
        done = " ".join(said for said, wrong in equations(text) if not wrong)
        found += [
            _number(each, held, done)
            for each in said_numbers
            if not (each.decimals == 0 and 0 <= each.value <= _SMALL and not each.percent)
        ]
    plain = f" {folded(ground)} "
    for name in names(text):
        parts = folded(name).split()
        there = bool(parts) and all(f" {each}" in plain for each in parts)
        found.append(Claim(kind="name", said=name, found=there))
    for quoted in quotations(text):
        found.append(Claim(kind="quotation", said=quoted, found=folded(quoted) in plain))
    return found


def _date(said: Day, held: Sequence[Day]) -> Claim:
    return Claim(kind="date", said=said.said, found=any(same_day(said, each) for each in held))


def _number(said: Number, held: Sequence[Number], done: str) -> Claim:
    found = any(same_number(said, each) for each in held) or said.said in done
    return Claim(kind="number", said=said.said, found=found)


@check(name="grounding", gives=Kind.TEXT, takes=(Kind.TEXT, Kind.TABLE), cost=0.001)
async def grounded(subject: CheckInput) -> Verdict | None:
    """See that a text made of texts says no number, date, name or quotation of its own."""
    if not made_of_its_source(subject.card):
        return None  # it counts, looks up, or knows something
    given = {ref.kind for refs in subject.inputs.values() for ref in listed(refs)}
    if not given <= {Kind.TEXT, Kind.DATA, Kind.TABLE}:
        return None
    sources = await source_words(subject)
    translated = bool(await parameter(subject))
    looked = 0
    lost: list[str] = []
    for text in (await subject.texts()).values():
        for claim in claims(text[:_MOST], sources, request=subject.ask or subject.request):
            if translated and claim.kind in {"name", "quotation"}:
                continue  # London is Londres
            looked += 1
            if not claim.found and not (_is_words(claim) and _abroad(text, sources, subject)):
                lost.append(f"{claim.kind} {claim.said!r}")
    if not lost:
        return passed("grounding", f"{looked} found in its sources" if looked else "")
    told = f"not in what it was made of: {', '.join(lost[:4])}"
    score = max(0.1, 0.6 * (1 - len(lost) / max(1, looked)))
    return doubt("grounding", told, score=score, evidence=list[JSON](lost[:20]))


def _is_words(claim: Claim) -> bool:
    """Say whether another language says it otherwise: 640 is 640 everywhere."""
    return claim.kind != "number" or not any(each.isdigit() for each in claim.said)


def _abroad(text: str, sources: Sequence[str], subject: CheckInput) -> bool:
    return any(in_other_words(text, each[:_MOST], subject) for each in sources)


__all__ = ("Claim", "claims", "grounded")
