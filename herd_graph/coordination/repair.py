"""What else could be tried when a step failed, or when its result fails a check.

Each remedy is a call (or a few) that has not been made yet, with a reason that ends up in the trace.
They come in the order of what they cost: the same call once more (for a wrong or an unusable result,
never for an error that will not pass), other parameters, the question without what stands around it, a
converter before it, and the same question in pieces.
Another expert comes before all of them, from the step's own candidates; another path after them,
from the router.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import cast

from herd_graph.binding import Ref, literal
from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import Conversion, find_conversion
from herd_graph.coordination.pieces import Cut, cut, works_piecewise
from herd_graph.coordination.selection import Candidate
from herd_graph.coordination.shorter import picks, shorter
from herd_graph.coordination.table_words import words_of_tables
from herd_graph.errors import CallError, ExpertTimeout, HerdError, PortViolation
from herd_graph.plans import Step, Value
from herd_graph.routing.parameters import role
from herd_graph.state import Verdict
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, Kind

_log = logging.getLogger("herd_graph")
ALTERNATIVES = "x-repair"
"""In the JSON schema of a port: values to try, where the one by default did not work."""
ONCE_MORE = "once more"
REPEATS = (ONCE_MORE, "a third time")
"""The same call again. A third one only where the second went wrong in another way: an expert that
gives the same wrong result twice is not asked again."""
_SIZE = re.compile(
    r"too (?:long|large|big|many)|memory|maximum|context (?:length|window)|exceed|at most|token limit",
    re.IGNORECASE,
)
_CHAIN = re.compile(r"\s+(?:>+|-+>|=+>|→)\s+")
_CUT_SHORT = frozenset({"truncation", "length:translation", "length:transcript", "length:speech"})
"""Checks that find a result shorter than its source."""


ALIKE = 3
"""How often in a row the same wrong result must have come again, for nothing else to be expected."""
_CALLED = frozenset({"again", "recall", "second look"})
"""Checks that called an expert again, and fail what that did not give."""


@dataclass(kw_only=True)
class Steady:
    """Experts whose wrong results stay the same, however often they are called.

    One repetition may be chance: results fail in few ways. What a herd has learned of an expert is
    forgotten as soon as another call of it helps.
    """

    _same: Counter[str] = field(default_factory=Counter[str])
    _lock: Lock = field(default_factory=Lock, repr=False)

    def note(self, expert: str, *, same: bool) -> None:
        """Take note of a repeated call: it gave the same wrong result, or another one."""
        with self._lock:
            self._same[expert] = self._same[expert] + 1 if same else 0

    def __contains__(self, expert: object) -> bool:
        """Say whether nothing else is expected of an expert."""
        return self._same.get(str(expert), 0) >= ALIKE


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A step that did not go well."""

    step: Step
    candidate: Candidate
    """Who was to do it in the first place, and with what."""
    error: HerdError | None = None
    """How the first candidate's call ended; None where it gave a result that could be used."""
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One thing that could be tried."""

    why: str
    candidate: Candidate
    port: str = ""
    """The input that is converted, or cut."""
    conversion: Conversion | None = None
    pieces: Cut | None = None


@dataclass(kw_only=True)
class Remedies:
    """Thinks of remedies, the cheapest first; each is worked out only when it is wanted.

    Args:
        cards: The experts that a converter may be.
        store: Where payloads are.
        steady: Experts that are known to give the same result again; looked at each time anew. Where
            a check has called one again and got something else, it is called in any case.
    """

    cards: Sequence[ExpertCard]
    store: ArtifactStore
    steady: Container[str] = ()
    is_alike: bool = False
    """The last repetition gave what was there before: there is no use in another one."""

    def of(self, trouble: Trouble) -> Iterator[Remedy]:
        """Yield what could be tried.

        What a person approved was one call: an expert that asks first is not called again. A kind of
        remedy that cannot be worked out is passed over, and the log says so: whoever looks for help
        must not lose the result that is there.
        """
        if trouble.candidate.expert.card.approve:
            return
        differed = any(v.check in _CALLED and v.level == "fail" for v in trouble.verdicts)
        for why in REPEATS:
            changes = differed or trouble.candidate.expert.card.id not in self.steady
            if self.is_alike:
                break
            if gave_a_result(trouble.error) and changes:
                yield Remedy(why=why, candidate=trouble.candidate)
        about_input = _about_input(trouble.error)
        kinds = [self._questions, self._converters] if about_input else [self._parameters]
        if _about_size(trouble):
            kinds.append(self._pieces)
        for kind in kinds:
            try:
                yield from kind(trouble)
            except Exception:
                _log.exception("no remedy was found for step %s", trouble.step.id)

    def _parameters(self, trouble: Trouble) -> Iterator[Remedy]:
        bound = trouble.step.inputs
        for port in trouble.candidate.expert.card.inputs:
            for value in _alternatives(port):
                if port.name in bound or value == port.default:
                    continue
                changed = {**trouble.candidate.inputs, port.name: literal(value, self.store, port)}
                why = f"with {port.name}={value!r}"
                yield Remedy(why=why, candidate=replace(trouble.candidate, inputs=changed))

    def _questions(self, trouble: Trouble) -> Iterator[Remedy]:
        card = trouble.candidate.expert.card
        known = words_of_tables(trouble.candidate.inputs.values(), self.store)
        for name, bound in trouble.step.inputs.items():
            port = card.input(name)
            if port is None or not isinstance(bound, Value) or not isinstance(bound.value, str):
                continue
            if role(port, card) not in {"instruction", "expression"}:
                continue  # a text to work on is left as it is
            if known and not port.required and _is_idle(bound.value, known, card):
                rest = {each: ref for each, ref in trouble.candidate.inputs.items() if each != name}
                candidate = replace(trouble.candidate, inputs=rest)
                yield Remedy(why=f"without the words of {name}", candidate=candidate)
            for words in shorter(bound.value, known):
                asked = {**trouble.candidate.inputs, name: literal(words, self.store, port)}
                candidate = replace(trouble.candidate, inputs=asked)
                yield Remedy(why=f"asked as {words!r}", candidate=candidate)

    def _converters(self, trouble: Trouble) -> Iterator[Remedy]:
        card = trouble.candidate.expert.card
        others = [each for each in self.cards if each.name != card.name and not each.approve]
        for name, value in trouble.candidate.inputs.items():
            port = card.input(name)
            if port is None or isinstance(value, list):
                continue
            source = Port(name=name, kind=value.kind, mime=(value.mime,))
            for found in find_conversion(source, port, others, most=1):
                if any(each.each for each in found.steps):
                    continue
                why = f"{value.mime} converted by {', '.join(s.card.name for s in found.steps)}"
                yield Remedy(why=why, candidate=trouble.candidate, port=name, conversion=found)

    def _pieces(self, trouble: Trouble) -> Iterator[Remedy]:
        if not works_piecewise(trouble.candidate.expert.card):
            return
        longest = _longest(trouble.candidate.inputs)
        if longest is None:
            return
        name, ref = longest
        try:
            pieces = cut(ref, self.store)
        except HerdError:
            return
        if pieces is not None:
            why = f"{name} in {len(pieces.pieces)} pieces"
            yield Remedy(why=why, candidate=trouble.candidate, port=name, pieces=pieces)


def _is_idle(words: str, known: Collection[str], card: ExpertCard) -> bool:
    """Say whether words that pick nothing out of a table are all that an expert was told for it.

    Only one that carries all of it over into another form does the same with no words at all.
    """
    if _CHAIN.search(words):  # "recording > notes > xlsx": what comes before is another one's work
        words = _CHAIN.split(words)[-1]
    return "format" in card.tags and not picks(words, known)


def _alternatives(port: Port) -> list[JSON]:
    said = (port.json_schema or {}).get(ALTERNATIVES)
    return cast("list[JSON]", said) if isinstance(said, list) else []


def gave_a_result(error: HerdError | None) -> bool:
    """Say whether an expert answered, if with something that nobody can use."""
    return error is None or (isinstance(error, PortViolation) and not error.about_input)


def _about_input(error: HerdError | None) -> bool:
    return isinstance(error, CallError) and error.about_input


def _about_size(trouble: Trouble) -> bool:
    if trouble.error is None:
        return any(v.check in _CUT_SHORT and v.level == "fail" for v in trouble.verdicts)
    cause = trouble.error.__cause__
    return (
        isinstance(trouble.error, ExpertTimeout)
        or isinstance(cause, MemoryError)
        or bool(_SIZE.search(str(trouble.error)))
    )


def _longest(inputs: Mapping[str, Ref]) -> tuple[str, ArtifactRef] | None:
    found = [
        (name, value)
        for name, value in inputs.items()
        if not isinstance(value, list) and value.kind in {Kind.TEXT, Kind.AUDIO}
    ]
    return max(found, key=lambda each: each[1].size, default=None)


__all__ = (
    "ALIKE",
    "ALTERNATIVES",
    "ONCE_MORE",
    "REPEATS",
    "Remedies",
    "Remedy",
    "Steady",
    "Trouble",
    "gave_a_result",
)
