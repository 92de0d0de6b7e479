"""Find the way from one port to another: audio → text through speech recognition.

A *converter* is an expert that carries its input's content over into another kind of payload:
``transcribe`` gives the words of a recording, ``read_text`` those of a picture, ``speak`` the sound
of a text. An *analyser* has the same ports and gives something else: a label, a count, a summary.
Types cannot tell the two apart, so a card is read in this order:

1. The tag ``converter`` declares one (also from or to ``Data``, or from one MIME type to another);
   the tag ``not-converter`` declares that it is none.
2. Otherwise its ports must allow it: exactly one required input, of one definite kind of content
   (neither ``any`` nor ``data``), no side effects that a person must approve, and an output of
   content in another kind.
3. Its name and tags, then the first sentence of its description, are searched for words that name
   a transfer (transcribe, OCR, convert, "turn … into …"), which make it a converter, and for words
   that name an analysis or an invention (classify, caption, summarise, draw …), which make it none.
4. What says neither, or both, is a *doubtful* converter, used where no certain one is to be had.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import count
from typing import TypeAlias

from herd_graph.cards import ExpertCard, Port, fits
from herd_graph.plans import Binding, FromStep, Item, Step
from herd_graph.types import Kind, StepId

CONTENT = frozenset({Kind.TEXT, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.TABLE, Kind.DOCUMENT})
"""Kinds that hold content of their own; ``data`` is what was found out about some."""
MOST_STEPS = 4
UNKNOWN_LATENCY_S = 60.0
"""What an expert counts for whose latency nobody has measured: after those that are known."""

_CARRIES = re.compile(
    r"transcri\w*|ocr|dictat\w*|speech[ _-]?(?:to[ _-]?text|recognition)|text[ _-]?to[ _-]?speech"
    r"|tts|asr|stt|speak|aloud|say_\w+|voice[ _-]?over"
    r"|convert\w*|conversion|transcod\w*|render\w*|rasteri[sz]\w*|unpack\w*"
    r"|(?:\w+_)?to_(?:text|audio|speech|image|table|document|pdf|video|csv|markdown|html)"
    r"|read(?:s|ing)?[ _]+(?:\w+[ _]+){0,3}(?:text|words|writing|letters)|read_\w+"
    r"|(?:extract|pull|get)(?:s|ing)?[ _]+(?:\w+[ _]+){0,3}(?:text|words|audio|sound|speech"
    r"|tables?|frames?|images?)"
    r"|(?:turn|make|put|write)(?:s|ing)?\b[\w ,'-]{0,60}\b(?:into|down as)"
)
_JUDGES = re.compile(
    r"classif\w*|label\w*|detect\w*|identif\w*|categori[sz]\w*|sentiment\w*|emotions?|mood"
    r"|caption\w*|describ\w*|descriptions?|summar\w*|analy[sz]\w*|count\w*|scor(?:e|es|ing)|rat(?:e|es|ing)"
    r"|translat\w*|answer\w*|chat\w*|repl(?:y|ies)|generat\w*|draw(?:s|ing)?|paint\w*|imagin\w*"
    r"|compos\w*|invent\w*|judg\w*|compar\w*|title\w*|critiqu\w*|predict\w*|recogni[sz]e (?:who|which)"
)

_Rank: TypeAlias = tuple[int, int, float, float, int, tuple[str, ...]]


@dataclass(frozen=True)
class ConversionStep:
    """One expert on the way, and the ports by which it is passed through."""

    card: ExpertCard
    input: str
    output: str | None = None
    """The output that goes on; None where the expert has only one."""
    each: bool = False
    """It is called once for each item of a list."""

    @property
    def port(self) -> Port:
        """What the step gives: a list where it is called for each item."""
        given = self.card.output(self.output)
        assert given is not None
        return given.model_copy(update={"many": True}) if self.each else given


@dataclass(frozen=True)
class Conversion:
    """Experts, one after the other, that turn what one port gives into what another takes.

    ``str(conversion)`` reads ``"audio → text through transcribe"``.
    """

    source: Port
    steps: tuple[ConversionStep, ...]

    @property
    def port(self) -> Port:
        """What comes out at the end."""
        return self.steps[-1].port

    @property
    def cost_usd(self) -> float:
        """The most that one pass is expected to cost."""
        return sum(each.card.cost_usd for each in self.steps)

    @property
    def certain(self) -> bool:
        """Whether each step is known to carry its content over; see the module's rules."""
        return all(carries(each.card) == "certain" for each in self.steps)

    def into_steps(
        self, source: Binding, ids: Iterable[StepId], *, ask: str = ""
    ) -> tuple[Step, ...]:
        """Return plan steps that convert ``source``; bind the last one's id in its place.

        Args:
            source: What is converted.
            ids: Free step ids, at least as many as there are steps.
            ask: The part of the request that the steps serve.
        """
        made: list[Step] = []
        binding = source
        for each, step_id in zip(self.steps, ids, strict=False):
            bound: Binding = Item() if each.each else binding
            made.append(
                Step(
                    id=step_id,
                    expert=each.card.id,
                    inputs={each.input: bound},
                    foreach=binding if each.each else None,
                    ask=ask,
                )
            )
            binding = FromStep(step=step_id, output=each.output)
        if len(made) != len(self.steps):
            raise ValueError(f"{len(self.steps)} steps need as many ids, {len(made)} were given")
        return tuple(made)

    def __str__(self) -> str:
        kinds = [_short(self.source), *(_short(each.port) for each in self.steps)]
        through = ", then ".join(each.card.name for each in self.steps)
        return f"{' → '.join(kinds)} through {through}"


def _short(port: Port) -> str:
    named = "/".join(kind.value for kind in port.kinds)
    return f"list of {named}" if port.many else named


def mimes_meet(source: Port, target: Port) -> bool:
    """Say whether some MIME type that ``source`` may give is one that ``target`` takes."""
    if not source.mime or not target.mime:
        return True
    return any(
        fnmatchcase(have, want) or fnmatchcase(want, have)
        for have in source.mime
        for want in target.mime
    )


def links(source: Port, target: Port, *, item: bool = False) -> bool:
    """Say whether ``source`` fits ``target`` by kind, number, schema *and* MIME type."""
    return fits(source, target, item=item) and mimes_meet(source, target)


@lru_cache(maxsize=4096)
def _verdict(name: str, tags: tuple[str, ...], description: str) -> str:
    tagged = {each.lower() for each in tags}
    if "not-converter" in tagged:
        return "none"
    if "converter" in tagged:
        return "declared"
    # The name and the tags say it on purpose; the description only in passing.
    for said in (
        f"{name} {name.replace('_', ' ')} {' '.join(tagged)}",
        _first_sentence(description),
    ):
        words = said.lower()
        carried, judged = _found(_CARRIES, words), _found(_JUDGES, words)
        if carried != judged:
            return "certain" if carried else "none"
    return "doubtful"


def _found(pattern: re.Pattern[str], text: str) -> bool:
    return re.search(rf"(?<!\w)(?:{pattern.pattern})(?!\w)", text) is not None


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]


def carries(card: ExpertCard) -> str:
    """Say how sure it is that an expert is a converter: ``certain``, ``doubtful`` or ``none``."""
    verdict = _verdict(card.name, card.tags, card.description)
    if verdict == "none" or not next(iter(passages(card)), None):
        return "none"
    return "certain" if verdict == "declared" else verdict


def passages(card: ExpertCard) -> Iterator[tuple[Port, Port]]:
    """Yield the (input, output) pairs by which content may pass through an expert."""
    if card.approve:
        return
    declared = "converter" in {each.lower() for each in card.tags}
    asked = [port for port in card.inputs if port.required and not _fills_itself(port)]
    if len(asked) != 1 or Kind.ANY in asked[0].kinds:
        return
    taken = asked[0]
    if not declared and not CONTENT.issuperset(taken.kinds):
        return
    for given in card.outputs:
        if Kind.ANY in given.kinds or (not declared and given.kind not in CONTENT):
            continue
        if given.kind not in taken.kinds or (declared and not mimes_meet(given, taken)):
            yield taken, given


def _fills_itself(port: Port) -> bool:
    return port.default is not None or len(port.choices) == 1


def find_conversion(
    source: Port, target: Port, cards: Sequence[ExpertCard], *, most: int = 3
) -> list[Conversion]:
    """Return the best ways to turn what ``source`` gives into what ``target`` takes.

    Best first: certain converters before doubtful ones; then fewer steps, lower cost, lower latency,
    local before remote, and the name, so that the order is always the same. No kind is passed
    twice on one way. A list is converted item by item where a converter takes one item.

    Args:
        source: The port that gives. For one item of a ``foreach``, a port without ``many``.
        target: The port that takes.
        cards: The experts to choose among; of several versions of one name, the first is taken.
        most: How many ways to return, at most.

    Returns:
        Nothing when the ports fit as they are, or when there is no way.
    """
    if links(source, target):
        return []
    edges = _edges(cards)
    order = count()
    start: _Rank = (0, 0, 0.0, 0.0, 0, ())
    heap: list[tuple[_Rank, int, tuple[ConversionStep, ...]]] = [(start, next(order), ())]
    visits: dict[tuple[str, str | None, bool], int] = {}
    found: list[Conversion] = []
    while heap and len(found) < most:
        rank, _, steps = heapq.heappop(heap)
        port = steps[-1].port if steps else source
        if steps:
            if links(port, target):
                found.append(Conversion(source=source, steps=steps))
                continue
            last = steps[-1]
            place = (last.card.id, last.output, last.each)
            visits[place] = visits.get(place, 0) + 1
            if visits[place] > most:  # the k best ways pass a place at most k times
                continue
        if len(steps) == MOST_STEPS:
            continue
        seen = {(kind, source.mime) for kind in source.kinds}
        seen |= {(each.port.kind, each.port.mime) for each in steps}
        for card, taken, given, doubt in edges:
            # Several kinds in an input port are alternatives: one that fits is enough.
            if (given.kind, given.mime) in seen or not mimes_meet(port, taken):
                continue
            if fits(port, taken):
                each = False
            elif port.many and not given.many and fits(port, taken, item=True):
                each = True
            else:
                continue
            output = given.name if len(card.outputs) > 1 else None
            step = ConversionStep(card=card, input=taken.name, output=output, each=each)
            heapq.heappush(heap, (_add(rank, card, doubt), next(order), (*steps, step)))
    return found


def _edges(cards: Sequence[ExpertCard]) -> list[tuple[ExpertCard, Port, Port, int]]:
    edges: list[tuple[ExpertCard, Port, Port, int]] = []
    names: set[str] = set()
    for card in cards:
        sure = "none" if card.name in names else carries(card)
        if sure != "none":
            names.add(card.name)
            doubt = int(sure == "doubtful")
            edges.extend((card, taken, given, doubt) for taken, given in passages(card))
    return edges


def _add(rank: _Rank, card: ExpertCard, doubt: int) -> _Rank:
    latency = UNKNOWN_LATENCY_S if card.latency_s is None else card.latency_s
    return (
        rank[0] + doubt,
        rank[1] + 1,
        rank[2] + card.cost_usd,
        rank[3] + latency,
        rank[4] + int(card.locality == "remote"),
        (*rank[5], card.name),
    )


__all__ = (
    "Conversion",
    "ConversionStep",
    "carries",
    "find_conversion",
    "links",
    "mimes_meet",
    "passages",
)
