"""Signs that are too weak to doubt a result by, and reason enough to ask its expert once more.

A reading with half as many letters again as its page seems to hold, speech that takes twice as long
as its text usually does, five pictures where three were asked for: most such results are right. An
expert that may be called again (``checks=["in doubt"]``) settles it: what it gives a second time was
its own. So a weak sign costs a call now and then, and no false alarm. What turned out to be usual of
an expert is no sign any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

from herd_graph.artifacts import Image
from herd_graph.coordination.checks.base import (
    CheckInput,
    Level,
    Made,
    doubt,
    failed,
    key_of,
    listed,
    passed,
)
from herd_graph.coordination.checks.natures import carries_over, converses, reads_pictures
from herd_graph.coordination.checks.sounds import heard, written
from herd_graph.coordination.checks.swapped import called_again
from herd_graph.coordination.checks.truncation import ending
from herd_graph.coordination.quantities import folded
from herd_graph.state import Verdict
from herd_graph.types import ArtifactRef, Kind

Sign = Callable[[CheckInput], Awaitable[str]]
USUAL = 2
"""How often a sign of an expert's must have meant nothing, to be taken for its way."""
_COUNTS = frozenset({"count", "number", "n", "num", "how_many"})
"""Inputs that say how many there are to be."""
_SPOKEN = (13.0, 31.0)
"""Letters that are read aloud in a second: nine of ten readers are well inside."""
_DIGIT = 5
"""Letters that a figure is spoken with, beside its own."""
_READ = (0.6, 1.5)
"""Letters of a reading for each one that its page seems to hold."""
_GUESSES = 1.14
"""How many letters are guessed for each one of an upright page."""
_SIDE = 32
_APART, _STEP = 0.01, 32
"""Two thumbnails show different things where so many of their greys are so many steps of 255 apart."""


async def counted(subject: CheckInput) -> str:
    """Find a list that is not as long as an input says."""
    lists = [refs for refs in subject.outputs.values() if isinstance(refs, list)]
    for port in subject.card.inputs:
        if port.name.lower() not in _COUNTS or len(lists) != 1:
            continue
        given = subject.refs(port.name) if port.name in subject.inputs else []
        asked: Any = await subject.value(given[0]) if given else port.default
        if isinstance(asked, int) and not isinstance(asked, bool) and len(lists[0]) != asked:
            return f"{asked} were asked for, and there are {len(lists[0])}"
    return ""


async def spoken(subject: CheckInput) -> str:
    """Find speech that is much shorter or longer than its text takes as a rule."""
    recordings = subject.of_kind(Kind.AUDIO)
    text = " ".join(" ".join((await subject.texts(given=True)).values()).split())
    if len(recordings) != 1 or len(text) < 8:
        return ""
    sounding = (await heard(subject, recordings[0][1])).sounding
    letters = len(text) + _DIGIT * sum(map(str.isdigit, text))
    if sounding < 1.0 or _SPOKEN[0] <= letters / sounding <= _SPOKEN[1]:
        return ""
    return f"{letters / sounding:.0f} letters a second are spoken"


async def read(subject: CheckInput) -> str:
    """Find a reading with fewer or more letters than its page seems to hold."""
    pictures = subject.of_kind(Kind.IMAGE, given=True)
    if len(pictures) != 1 or not reads_pictures(subject.card):
        return ""
    guessed = await written(subject, pictures[0][1]) / _GUESSES
    letters = len("".join("".join((await subject.texts()).values()).split()))
    if guessed < 12 or _READ[0] <= letters / guessed <= _READ[1]:
        return ""
    return f"it has {letters} letters, and its page seems to hold {guessed:.0f}"


async def twins(subject: CheckInput) -> str:
    """Find another item of the same list with the very same result, of something that looks different."""
    step, item, _ = subject.step.partition("[")
    if not item or not carries_over(subject.card):
        return ""
    now = key_of(subject.outputs)
    for made in subject.earlier:
        is_beside = made.step != subject.step and made.step.partition("[")[0] == step
        if is_beside and key_of(made.outputs) == now and await _apart(subject, made):
            return f"item {made.step!r} has the very same result, of something else"
    return ""


async def broken_off(subject: CheckInput) -> str:
    """Find an answer in whatever form that seems to stop in the middle."""
    if converses(subject.card):
        for text in (await subject.texts()).values():
            if why := ending(text.strip()):
                return f"it {why}"
    return ""


async def _apart(subject: CheckInput, made: Made) -> bool:
    """Say whether what two items were made of can be told apart at a glance."""
    for name, value in subject.inputs.items():
        for mine, theirs in zip(listed(value), listed(made.given.get(name)), strict=False):
            if mine.id == theirs.id or mine.kind is not theirs.kind:
                continue
            if mine.kind is Kind.TEXT:
                return folded(await subject.text(mine)) != folded(await subject.text(theirs))
            if mine.kind is Kind.IMAGE:
                one, two = await _thumbnail(subject, mine), await _thumbnail(subject, theirs)
                other = sum(abs(a - b) > _STEP for a, b in zip(one, two, strict=True))
                return other > _APART * len(one)
    return False


async def _thumbnail(subject: CheckInput, ref: ArtifactRef) -> bytes:
    def shrunk(picture: Image) -> bytes:
        return picture.pil().convert("L").resize((_SIDE, _SIDE)).tobytes()

    return cast("bytes", await subject.decoded(ref, "thumbnail", shrunk))


_ASKING = frozenset({"again", "recall", "second look"})
"""Checks that have called again themselves."""


@dataclass(kw_only=True)
class SecondLook:
    """Has an expert called again where there is a weak sign that a result is not its own."""

    name: str = "second look"
    cost: float = 0.003
    level: Level = "default"
    signs: Sequence[Sign] = (counted, spoken, read, twins, broken_off)
    _idle: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]], repr=False)
    _told: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]], repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def applies(self, subject: CheckInput) -> bool:
        """Say whether a second call may be made, and would say anything."""
        return subject.may_look_twice

    async def __call__(self, subject: CheckInput) -> Verdict | None:
        """Look for a sign, and let another call decide."""
        if subject.confirmed:
            return None
        for sign in self.signs:
            key = subject.card.id, sign.__name__
            if not self._is_idle(key) and (why := await sign(subject)):
                return await self._settled(subject, key, why)
        return passed(self.name)

    async def weigh(self, subject: CheckInput, verdicts: Sequence[Verdict]) -> Verdict | None:
        """Let another call decide where other checks are in doubt: theirs stands, or it fails."""
        doubts = [each for each in verdicts if each.level == "doubt" and each.check not in _ASKING]
        if not doubts or subject.confirmed:
            return None
        key = subject.card.id, doubts[0].check
        if self._is_idle(key):
            return None
        return await self._settled(subject, key, f"{doubts[0].check} is in doubt")

    def _is_idle(self, key: tuple[str, str]) -> bool:
        with self._lock:
            return self._idle[key] >= USUAL and key not in self._told

    async def _settled(self, subject: CheckInput, key: tuple[str, str], why: str) -> Verdict | None:
        now = key_of(subject.outputs)
        voices = await called_again(subject, {now})
        if not voices:
            return None
        is_its_own = now in voices
        with self._lock:
            if is_its_own:
                self._idle[key] += 1
            else:
                self._told.add(key)
        if is_its_own:
            subject.confirmed = True
            return passed(self.name, f"{why}; another call gave the same")
        if len(set(voices)) < len(voices):
            subject.agreed = subject.voices[voices[-1]]
            return failed(self.name, f"{why}; two more calls gave something else", score=0.05)
        return doubt(self.name, f"{why}; every call gives something else", score=0.3)


__all__ = ("SecondLook", "broken_off", "counted", "read", "spoken", "twins")
