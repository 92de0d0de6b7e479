"""There and back again: what one expert made is read by another, and should be what it was made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from herd_graph.artifacts import Data
from herd_graph.artifacts.workings import without_workings
from herd_graph.cards import ExpertCard
from herd_graph.coordination.checks.base import CheckInput, check, doubt, failed, listed, passed
from herd_graph.coordination.checks.language import parameter
from herd_graph.coordination.checks.tongues import tongue
from herd_graph.coordination.fusers.texts import likeness
from herd_graph.coordination.quantities import folded
from herd_graph.routing.tongues import language_code
from herd_graph.state import Verdict
from herd_graph.types import ArtifactRef, Kind

_MOST = 4_000
"""Letters that are compared: likeness takes time with the length."""
_PYTHON = re.compile(r"```(?:python|py)[ \t]*\n(.*?)```", re.DOTALL | re.IGNORECASE)


def _other(
    subject: CheckInput, takes: Kind, gives: Kind, words: str, *, same: bool = False
) -> ExpertCard | None:
    """Return an expert for the way back; never the one that is checked, unless ``same``."""
    for card in subject.aids.names:
        named = " ".join((card.name, *card.tags)).lower()
        needed = [port for port in card.inputs if port.required]
        fits = len(needed) == 1 and takes in needed[0].kinds and gives is card.outputs[0].kind
        if fits and re.search(words, named) and (same or card.id != subject.card.id):
            return card
    return None


async def _words(subject: CheckInput, card: ExpertCard, ref: ArtifactRef) -> str:
    call = subject.aids.call
    assert call is not None
    port = next(each for each in card.inputs if each.required)
    made = await call(card.id, {port.name: ref})
    found = [each for refs in made.values() for each in listed(refs) if each.kind is Kind.TEXT]
    return await subject.text(found[0]) if found else ""


def _can_call(subject: CheckInput) -> bool:
    return subject.aids.call is not None


@check(
    name="round trip: speech", level="thorough", cost=2.0, gives=Kind.AUDIO, takes=Kind.TEXT, when=_can_call
)  # fmt: skip
async def speech_heard(subject: CheckInput) -> Verdict | None:
    """Have speech written down again, and compare it with its text."""
    card = _other(subject, Kind.AUDIO, Kind.TEXT, r"speech-to-text|transcri|recogni")
    if card is None:
        return None
    given = (await subject.texts(given=True)).values()
    said = " ".join(map(without_workings, given))[:_MOST]
    heard = await _words(subject, card, subject.of_kind(Kind.AUDIO)[0][1])
    return _alike("round trip: speech", said, heard, 0.55, f"{card.id} hears")


@check(
    name="agreement: speech", level="thorough", cost=2.0, gives=Kind.TEXT, takes=Kind.AUDIO, when=_can_call
)  # fmt: skip
async def heard_alike(subject: CheckInput) -> Verdict | None:
    """Have a recording written down by another recogniser, and compare the two."""
    return await _agrees(subject, Kind.AUDIO, r"speech-to-text|transcri|recogni", 0.4, "hears")


@check(
    name="agreement: reading", level="thorough", cost=1.5, gives=Kind.TEXT, takes=Kind.IMAGE, when=_can_call
)  # fmt: skip
async def read_alike(subject: CheckInput) -> Verdict | None:
    """Have a picture read by another reader, and compare the two."""
    if not re.search(r"\bocr\b|letters", " ".join(subject.card.tags)):
        return None
    return await _agrees(subject, Kind.IMAGE, r"\bocr\b|letters", 0.5, "reads")


async def _agrees(
    subject: CheckInput, kind: Kind, words: str, least: float, verb: str
) -> Verdict | None:
    name = "agreement: speech" if kind is Kind.AUDIO else "agreement: reading"
    given = subject.of_kind(kind, given=True)
    card = _other(subject, kind, Kind.TEXT, words)
    if card is None or len(given) != 1:
        return None
    mine = "\n".join((await subject.texts()).values())
    return _alike(name, mine, await _words(subject, card, given[0][1]), least, f"{card.id} {verb}")


@check(
    name="round trip: translation", level="thorough", cost=0.3, gives=Kind.TEXT, takes=Kind.TEXT, when=_can_call
)  # fmt: skip
async def translated_back(subject: CheckInput) -> Verdict | None:
    """Have a translation translated back by the same expert, and compare it with its source."""
    target = await parameter(subject)
    call = subject.aids.call
    sources = subject.of_kind(Kind.TEXT, given=True)
    if not target or call is None or not sources:
        return None
    source = without_workings(await subject.text(sources[0][1]))
    home = tongue(source).code
    port = next((each for each in subject.card.inputs if _means(each.choices, home)), None)
    if not home or home == target or port is None:
        return None
    choice = next(each for each in port.choices if language_code(each) == home)
    made: dict[str, Any] = {
        **{name: refs for name, refs in subject.inputs.items() if name != sources[0][0]},
        sources[0][0]: subject.of_kind(Kind.TEXT)[0][1],
        port.name: Data(choice),
    }
    back = await call(subject.card.id, made)
    words = [await subject.text(ref) for refs in back.values() for ref in listed(refs)]
    return _alike("round trip: translation", source, " ".join(words), 0.38, "back it is")


def _means(choices: tuple[Any, ...], code: str) -> bool:
    return bool(code) and any(language_code(each) == code for each in choices)


def _alike(name: str, mine: str, theirs: str, least: float, who: str) -> Verdict | None:
    one, two = folded(mine)[:_MOST], folded(theirs)[:_MOST]
    if len(one) < 4 and len(two) < 4:
        return None
    found = likeness(one, two)
    if found >= least:
        return passed(name, f"likeness {found:.2f}")
    told = f"{who} {theirs.strip()[:120]!r} (likeness {found:.2f}, at least {least} is usual)"
    say: Callable[..., Verdict] = failed if found < 0.5 * least else doubt
    return say(name, told, score=round(found * 0.5, 3))


@check(name="code", gives=Kind.TEXT, cost=0.0003)
async def parses(subject: CheckInput) -> Verdict | None:
    """See that Python code in a text can be compiled."""
    looked = False
    for port, text in (await subject.texts()).items():
        for code in _PYTHON.findall(text)[:20]:
            looked = True
            try:
                ast.parse(code)
            except (SyntaxError, ValueError) as error:
                told = f"the code in {port!r} does not parse: {error}"
                return failed("code", told, score=0.1, evidence=code[:200])
    return passed("code") if looked else None


@check(name="code runs", level="thorough", cost=0.3, gives=Kind.TEXT, when=_can_call)
async def runs(subject: CheckInput) -> Verdict | None:
    """Run Python code in a text, in the process with limits that ``run_python`` has."""
    call = subject.aids.call
    runner = next((card for card in subject.aids.names if card.name == "run_python"), None)
    texts = [
        ref for _, ref in subject.of_kind(Kind.TEXT) if _PYTHON.search(await subject.text(ref))
    ]
    if call is None or runner is None or not texts or subject.card.id == runner.id:
        return None
    from herd_graph.errors import CallError

    try:
        await call(runner.id, {runner.inputs[0].name: texts[0]})
    except CallError as error:
        return failed("code runs", str(error)[:400], score=0.1)
    return passed("code runs", "it ran to its end")


__all__ = (
    "heard_alike",
    "parses",
    "read_alike",
    "runs",
    "speech_heard",
    "translated_back",
)
