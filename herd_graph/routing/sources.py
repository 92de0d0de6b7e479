"""Find what a clause works on, for the inputs of one expert."""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.cards import ExpertCard, Port
from herd_graph.discovery.words import STOP_WORDS, stem, stems, words
from herd_graph.plans import Value
from herd_graph.routing.assembly import CannotBind, Draft, accepts
from herd_graph.routing.content import MARK
from herd_graph.routing.lexicon import FILE_WORDS, KIND_NOUNS, MAKES_IT_HEARD, MATERIAL, SUGGESTS
from herd_graph.routing.parameters import role
from herd_graph.routing.ranking import Candidate
from herd_graph.routing.reading import Reading, verb_of
from herd_graph.routing.references import Discourse, Thing
from herd_graph.types import Kind

_LEAD_IN = re.compile(
    r"^(?:(?:how (?:do|would|can|should) (?:you|i|we|one) (?:say|write|spell|pronounce)|what(?:'s| is| does)|how about"
    r"|translate|say|speak|pronounce|read|put|write|give me|tell me|convert|turn|make|calculate|compute|the following"
    r"|(?:the|this|these|my|a) (?:word|words|phrase|sentence|text|line|paragraph|expression|message)s?)\b[\s,:]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,–—-]+(?:what is (?:that|this|it)|what's (?:that|this|it)|mean|means|translated?|please|is called)?\s*$",
    re.IGNORECASE,
)
_WITH_QUOTE = re.compile(r"\ue001\s*(?:,|and\b|or\b|&)|(?:\band|&|,)\s*(?:the \w+ )?\ue000")
_DEFINITE = re.compile(
    r"^(?:the|my|our|this|that|these|those|your|his|her|an? attached)\b", re.IGNORECASE
)
_EMPTY = STOP_WORDS | frozenset(
    ["here", "there", "following", "everything", "something", "anything"]
)


class Sources:
    """What there is to work on, as one clause speaks of it."""

    def __init__(self, draft: Draft, about: Discourse, reading: Reading) -> None:
        self._draft, self._about, self._reading = draft, about, reading

    def find(self, ports: Sequence[Port], candidate: Candidate | None) -> list[Thing]:
        """Return what the clause works on, for these inputs. Raises ``CannotBind``."""
        port = ports[0]
        card = candidate.card if candidate is not None else None
        if card is not None and self._reading.heard and Kind.AUDIO in card.gives:
            card = None  # a recording may well be spoken again, in another language
        things = self._pick(port, several=len(ports) > 1, card=card)
        if not things and candidate is not None:
            rest = self._remainder(candidate)
            if rest:
                things = [_typed(rest)]
        if not things:
            kind = next((each for each in port.kinds), Kind.ANY)
            if kind in {Kind.TEXT, Kind.DATA}:
                raise CannotBind(
                    "there is nothing to work on: attach it, quote it, or put it after a colon",
                    material=kind,
                )
            raise CannotBind(f"there is no {KIND_NOUNS[kind]} attached", material=kind)
        for each in things:
            if each.origin == "content":
                self._about.taken.update(
                    number for number, held in self._about.contents.items() if held is each
                )
        return things

    def _pick(self, port: Port, *, several: bool, card: ExpertCard | None) -> list[Thing]:
        reference, about = self._reading.reference, self._about

        def reach(things: Sequence[Thing]) -> list[Thing]:
            return [each for each in things if self._draft.distance(each, port, card) is not None]

        def direct(things: Sequence[Thing]) -> list[Thing]:
            return [each for each in things if accepts(each, port)]

        quoted = [each for each in reference.explicit if each.origin == "content"]
        attached = [each for each in reference.explicit if each.origin == "attachment"]
        words_only = False
        if quoted and card is not None and asks_for_words(card):
            words_only = bool(attached or about.attachments or about.results)
            quoted = [] if words_only else quoted
        if quoted and direct(quoted):
            if several or not _WITH_QUOTE.search(self._reading.text):
                return direct(quoted) if several else direct(quoted)[:1]
            return [*direct(quoted), *reach(attached)]
        if reference.results and reach(reference.results):
            return reach(reference.results)
        explicit = quoted + [each for each in reference.explicit if each.origin != "content"]
        if explicit:
            named = reach(explicit)
            if named:
                return named
            if attached:
                return direct(about.latest) if reference.pronoun else []
            if not reference.pronoun:
                return []
        if self._follows_a_list(port):
            raise CannotBind("the step before gives a list, and no expert turns that into text")
        if Kind.ANY in port.kinds and about.attachments:
            return (
                list(about.attachments)
                if len(about.attachments) == 1 or reference.everything
                else list(about.focus or about.attachments)
            )
        if reference.everything and not about.results:
            meant = [each for each in about.attachments if each.kind in reference.suggests]
            return reach(meant) or reach(about.attachments)
        if reference.everything and len(about.latest) < 2 and len(about.attachments) > 1:
            return reach(about.attachments)
        if several and len(reach(about.attachments)) > 1:
            return reach(about.attachments)
        if reference.pronoun or self._reading.bare:
            parallel = self._reading.clause.parallel
            if not parallel and direct(about.latest):
                return direct(about.latest)
            for pool in (about.focus, [] if parallel else about.latest):
                if direct(pool) or reach(pool):
                    return direct(pool) or reach(pool)
            for pool in reversed(about.results):
                if direct(pool):
                    return direct(pool)
        free = [
            each
            for number, each in sorted(about.contents.items())
            if number not in about.taken and not words_only
        ]
        if direct(free):
            return direct(free)[-1:]
        likely = [each for each in about.focus if each.kind in reference.suggests]
        suggested = likely or [
            each for each in about.attachments if each.kind in reference.suggests
        ]
        if reach(suggested):
            return reach(suggested)
        # What was spoken of last comes before what fits better and was not mentioned at all.
        for pool in (about.focus, about.attachments):
            if direct(pool) or reach(pool):
                return direct(pool) or reach(pool)
        for group in reversed(about.results):
            if reach(group):
                return reach(group)
        contents = list(about.contents.values())
        return direct(contents)[-1:]

    def _follows_a_list(self, port: Port) -> bool:
        """Say whether *them* is what no converter puts into words."""
        latest = self._about.latest
        return (
            self._reading.clause.joined
            and (self._reading.reference.pronoun or self._reading.bare)
            and bool(latest)
            and all(each.kind in {Kind.DATA, Kind.TABLE} for each in latest)
            and port.kind is Kind.TEXT
            and self._reading.heard
            and all(self._draft.distance(each, port) is None for each in latest)
        )

    def _remainder(self, candidate: Candidate) -> str:
        """Return the unquoted words to work on: *good night* of *translate good night*."""
        if self._about.attachments or self._about.results or self._reading.reference.pronoun:
            return ""
        if not (candidate.named or "wanted" in candidate.evidence):
            # "How many miles are 10 km?" holds all that there is to work on.
            asked = self._reading.clause.text
            return asked if re.search(r"\d", asked) and not self._reading.marks else ""
        plain = MARK.sub(" ", self._reading.clause.text)
        for mention in sorted(self._reading.targets, key=lambda each: -each.span[0]):
            plain = f"{plain[: mention.span[0]]} {plain[mention.span[1] :]}"
        plain = MAKES_IT_HEARD.sub(lambda found: verb_of(found.group()), plain)
        rest = _LEAD_IN.sub("", plain.strip(" ,?.!"))
        verb, _, behind = rest.partition(" ")
        if candidate.named and stem(verb) in stems(candidate.card.name.replace("_", " ")):
            rest = behind  # "polish hello there"
        rest = _TAIL.sub("", rest).strip(" ,?.!-–—")
        last = next(iter(reversed(words(rest))), "")
        if _DEFINITE.match(rest) and (last in SUGGESTS or last in MATERIAL or last in FILE_WORDS):
            return ""  # "translate the attached letter": it was to be attached
        held = [each for each in words(rest) if each not in MATERIAL and each not in FILE_WORDS]
        return rest if held and any(each not in _EMPTY for each in held) else ""


def asks_for_words(card: ExpertCard) -> bool:
    """Say whether an expert needs words beside what it works on: *find "Ada" in the letter*."""
    return any(port.required and role(port, card) == "named" for port in card.inputs)


def _typed(text: str) -> Thing:
    return Thing(
        binding=Value(value=text),
        port=Port(name="typed", kind=Kind.TEXT),
        origin="content",
        label=text if len(text) <= 60 else f"{text[:59]}…",
        text=text,
    )
