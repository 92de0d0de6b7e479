"""Whether a result belongs to what its expert was given, or to something else.

Four signs: an input that came out unchanged; a result that another step gave of something else; a
deterministic expert that once gave another result for the same input, or the same long result for
another input; and words, numbers and names of the source that a result should share and does not.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from threading import Lock

from herd_graph.coordination.checks.base import (
    CheckInput,
    Level,
    Outputs,
    check,
    doubt,
    failed,
    key_of,
    listed,
    passed,
)
from herd_graph.coordination.checks.language import in_other_words, parameter
from herd_graph.coordination.checks.natures import (
    carries_over,
    changes,
    extracts,
    made_of_its_source,
)
from herd_graph.coordination.checks.tongues import tongue
from herd_graph.coordination.quantities import Number, folded, numbers, same_number
from herd_graph.errors import HerdError
from herd_graph.state import Verdict
from herd_graph.types import ArtifactRef, Kind

_LONG_WORDS, _LONG_BYTES = 8, 60
"""A text of fewer words may come twice by chance, or from a template."""
_FEW = 3
"""Sentences of which a summary may keep all."""
_WORD = re.compile(r"\w+")
_VOICES = 2
"""Calls that are made at most to see which of two results is the expert's own."""
_FORMS = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO})


@check(name="copied", cost=0.0003)
async def copied(subject: CheckInput) -> Verdict | None:
    """See that an expert did not hand back what it was given."""
    given = {ref.id: (port, ref) for port, refs in subject.inputs.items() for ref in listed(refs)}
    target = await parameter(subject)
    for port, refs in subject.outputs.items():
        for ref in listed(refs):
            if ref.kind in _FORMS and ref.id in given:
                return failed("copied", f"{port!r} is its input {given[ref.id][0]!r}, unchanged")
            if ref.kind is Kind.TEXT and (why := await _same_words(subject, ref, target)):
                return failed("copied", f"{port!r} {why}", score=0.1)
    return passed("copied")


async def _same_words(subject: CheckInput, ref: ArtifactRef, target: str) -> str:
    """Say in what way a text is its source; empty where it is not, or may be."""
    text = (await subject.text(ref)).strip()
    plain = folded(text)
    words = plain.split()
    for port, source in (await subject.texts(given=True)).items():
        if not words or folded(source) != plain:
            continue
        if target:
            spoken = [each for each in words if each.isalpha() and len(each) > 2]
            found = tongue(text)
            if len(spoken) >= 3 and found.code and found.code != target:
                return f"is its input {port!r}, not translated"
        elif extracts(subject.card):
            if len(words) >= 12 and len(re.findall(r"[.!?](?:\s|$)", source)) > _FEW:
                return f"is its whole input {port!r}, of {len(words)} words"
        elif _spaced(source) != _spaced(text):
            continue  # written another way: in capitals, without marks
        elif _is_echo(subject, ref):
            continue
        elif sum(each.isalpha() for each in words) >= 4 and changes(subject.card):
            return f"is its input {port!r}, unchanged"
    return ""


def _is_echo(subject: CheckInput, ref: ArtifactRef) -> bool:
    """Say whether a text is given back behind the answer: the SQL that was asked, and ran as it is."""
    texts = [
        each.id
        for refs in subject.outputs.values()
        for each in listed(refs)
        if each.kind is Kind.TEXT
    ]
    return texts[0] != ref.id and not made_of_its_source(subject.card)


def _spaced(text: str) -> str:
    return " ".join(text.split())


@check(name="swapped", cost=0.0003)
async def belongs_elsewhere(subject: CheckInput) -> Verdict | None:
    """See that no other step gave the very same result of something else."""
    given = [ref for refs in subject.inputs.values() for ref in listed(refs)]
    own = frozenset(ref.id for ref in given)
    sources = frozenset(ref.id for ref in given if _is_telling(ref))
    bare = subject.step.partition("[")[0]
    for port, refs in subject.outputs.items():
        for ref in listed(refs):
            if ref.id in own or not _is_telling(ref):
                continue
            for made in subject.earlier:
                if made.step.partition("[")[0] == bare or made.inputs == own:
                    continue
                if sources & made.inputs:  # of the same thing, if with other words beside it
                    continue
                if own & _ids(made.outputs) and _ids(made.outputs) != own:
                    continue
                if ref.id in _ids(made.outputs) and await _is_long(subject, ref):
                    told = f"{port!r} is what step {made.step!r} gave, of something else"
                    return failed("swapped", told, score=0.15)
    return passed("swapped")


def _ids(outputs: Outputs) -> frozenset[str]:
    return frozenset(ref.id for refs in outputs.values() for ref in listed(refs))


def _is_telling(ref: ArtifactRef) -> bool:
    return ref.size >= _LONG_BYTES


async def _is_long(subject: CheckInput, ref: ArtifactRef) -> bool:
    if ref.kind is not Kind.TEXT:
        return True
    if not carries_over(subject.card):
        return False  # two questions may well have one answer
    return len((await subject.text(ref)).split()) >= _LONG_WORDS


@dataclass(kw_only=True)
class Recall:
    """What experts gave for what, over the runs of a herd: a check with a memory of ids.

    A deterministic expert gives equal results for equal inputs. Where it does not, one of the two is
    wrong; where a long result comes back for another input, one of the two may be somebody else's. A
    free expert that allows it (``checks=["in doubt"]``, or ``"again"``) is called once more then,
    which decides. Only results that every check passed are remembered.
    """

    name: str = "recall"
    cost: float = 0.0001
    level: Level = "default"
    most: int = 20_000
    """Results that are remembered."""
    _gave: OrderedDict[tuple[str, str], str] = field(
        default_factory=OrderedDict[tuple[str, str], str], repr=False
    )
    _given: OrderedDict[tuple[str, str], str] = field(
        default_factory=OrderedDict[tuple[str, str], str], repr=False
    )
    _lock: Lock = field(default_factory=Lock, repr=False)

    def applies(self, subject: CheckInput) -> bool:
        """Say whether equal inputs should have given equal results."""
        return subject.card.deterministic and bool(subject.inputs)

    async def __call__(self, subject: CheckInput) -> Verdict | None:
        """Compare with what the expert gave before."""
        expert, inputs = subject.card.id, key_of(subject.inputs)
        with self._lock:
            before = self._gave.get((expert, inputs))
            held = {ref.id: self._given.get((expert, ref.id)) for ref in _telling(subject)}
        now = key_of(subject.outputs)
        subject.confirmed = subject.confirmed or before == now
        if before is not None and before != now:
            voices = await called_again(subject, {before, now})
            if before in voices:
                subject.agreed = subject.voices[before]
                told = "another call gave what it gave for the same input before, and not this"
                return failed(self.name, told, score=0.05)
            if now in voices:
                with self._lock:
                    self._gave[expert, inputs] = now
                return passed(self.name, "it gave another result before, and this one twice")
            told = "it gave another result for the same input before"
            if len(voices) < _VOICES:
                return doubt(self.name, told, score=0.4)
            return failed(self.name, f"{told}, and two more calls gave two others", score=0.2)
        for ref in _telling(subject):
            other = held[ref.id]
            if other is None or other == inputs or not await _is_long(subject, ref):
                continue
            voices = await called_again(subject, {now})
            if now in voices:
                told = "another input had the very same result, and this one twice"
                return passed(self.name, told)
            if voices:
                told = "it is what another input had, and another call gave something else"
                return failed(self.name, told, score=0.05)
            told = "it gave the very same result for another input before"
            return doubt(self.name, told, score=0.4)
        return passed(self.name)

    def remember(self, subject: CheckInput) -> None:
        """Take note of a result that every check passed."""
        expert, inputs = subject.card.id, key_of(subject.inputs)
        with self._lock:
            self._gave.setdefault((expert, inputs), key_of(subject.outputs))
            for ref in _telling(subject):
                self._given.setdefault((expert, ref.id), inputs)
            for memory in (self._gave, self._given):
                while len(memory) > self.most:
                    memory.popitem(last=False)


async def called_again(subject: CheckInput, known: Collection[str]) -> list[str]:
    """Return what one more call gives, and a third one where the second settles nothing."""
    voices: list[str] = []
    card = subject.card
    if subject.again is None or not subject.compares or card.approve or card.cost_usd > 0:
        return voices
    while len(voices) < _VOICES and not set(voices) & set(known):
        try:
            made = await subject.again()
        except HerdError:  # a breaker, a budget or a recording: it says nothing of the first result
            break
        voices.append(key_of(made))
        subject.voices[voices[-1]] = made
    return voices


def _telling(subject: CheckInput) -> list[ArtifactRef]:
    """Return results that nothing but their input explains: long ones.

    Two pictures of one scene are described alike: what is said of one is telling where the expert can
    be asked again. Two films never have the same frames to the last pixel.
    """
    found = [ref for refs in subject.outputs.values() for ref in listed(refs) if _is_telling(ref)]
    given = _kinds(subject.inputs)
    if subject.compares or not given & {Kind.IMAGE, Kind.VIDEO}:
        return found
    return [ref for ref in found if ref.kind in _FORMS]


def _kinds(outputs: Outputs) -> frozenset[Kind]:
    return frozenset(ref.kind for refs in outputs.values() for ref in listed(refs))


@check(name="about", gives=Kind.TEXT, takes=Kind.TEXT, cost=0.0006)
async def about_its_source(subject: CheckInput) -> Verdict | None:
    """See that a summary, a title or a translation shares with its source what it must share."""
    sources = await subject.texts(given=True)
    source = max(sources.values(), key=len, default="")[:30_000]
    result = "\n".join((await subject.texts()).values())[:10_000]
    target = await parameter(subject)
    if target:
        return _carried_over(source, result)
    if not extracts(subject.card) or not _reads_text(subject):
        return None
    return _of_its_words(source, result, subject)


def _reads_text(subject: CheckInput) -> bool:
    """Say whether an expert works on a text: a wish in words beside a document is no source."""
    return any(port.required and Kind.TEXT in port.kinds for port in subject.card.inputs)


def _of_its_words(source: str, result: str, subject: CheckInput) -> Verdict:
    said = [each for each in _content(result) if len(each) > 3]
    held = _content(source)
    if len(said) >= 3:
        stems = {each[:5] for each in held}
        share = sum(each[:5] in stems for each in said) / len(said)
        if share < 0.5 and not in_other_words(result, source, subject):
            told = f"{share:.0%} of its words stand in its source"
            return failed("about", told, score=share / 2)
    return passed("about")


def _content(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(folded(text)))


def _carried_over(source: str, result: str) -> Verdict:
    """Compare what a translation leaves as it is: numbers, and names."""
    before, after = numbers(source, spelled=False), numbers(result)
    lost = [each for each in before if not _among(each, after)]
    odd = [each for each in numbers(result, spelled=False) if not _among(each, numbers(source))]
    if before and len(lost) == len(before) and (len(before) > 1 or odd):
        return failed("about", f"the numbers of its source are missing: {_said(lost)}", score=0.2)
    if lost and odd:
        told = f"it says {_said(odd)} where its source says {_said(lost)}"
        return failed("about", told, score=0.2)
    named = frozenset(each for each in _capitals(source) if each not in _capitals_at_start(source))
    kept = folded(result)
    if len(named) >= 3 and not any(folded(each)[:4] in kept for each in named):
        told = f"none of the names of its source is in it: {', '.join(sorted(named)[:4])}"
        return failed("about", told, score=0.2)
    return passed("about")


def _among(number: Number, others: Sequence[Number]) -> bool:
    return any(same_number(number, each) or same_number(each, number) for each in others)


def _said(found: Sequence[Number]) -> str:
    return ", ".join(each.said for each in found[:4])


def _capitals(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][a-zà-ÿ]{3,}", text))


def _capitals_at_start(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?:^|[.!?:\n]\s*)([A-ZÀ-Ý][a-zà-ÿ]+)", text))


__all__ = ("Recall", "about_its_source", "belongs_elsewhere", "called_again", "copied")
