"""Give an expert what it needs for one clause, and add what the clause wants on top."""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.cards import ExpertCard
from herd_graph.routing.assembly import CannotBind
from herd_graph.routing.parameters import (
    Filled,
    content_ports,
    context_port,
    expression_for,
    fill,
    guidance_port,
    role,
    speaks,
)
from herd_graph.routing.ranking import Candidate, Wish
from herd_graph.routing.reading import Reading
from herd_graph.routing.references import Thing
from herd_graph.routing.sources import Sources
from herd_graph.routing.tongues import LanguageMention
from herd_graph.routing.workbench import Workbench
from herd_graph.types import Kind

MOST_TYPED = 500
"""Characters of quoted content that stay part of a question; more is what the question is about."""


class Supply:
    """Binds experts for one clause."""

    def __init__(self, bench: Workbench, reading: Reading) -> None:
        self._bench, self._reading = bench, reading
        self._draft, self._about = bench.draft, bench.about
        self._sources = Sources(bench.draft, bench.about, reading)
        self.used: list[Thing] = []
        """What the expert bound last works on."""
        self.filled = Filled()
        self.parameters: dict[str, str] = {}
        self.shortfall = ""
        """What could not be added on top."""

    def bind(self, candidate: Candidate) -> list[Thing]:
        """Add the candidate's steps and return what they give. Raises ``CannotBind``."""
        card = candidate.card
        things: list[Thing] = []
        ports = content_ports(card)
        if ports:
            things = self._sources.find(ports, candidate)
        source_text = things[0].text if things else ""
        open_ended = candidate.open_ended
        filled = fill(
            card,
            self._reading.text,
            contents=[
                each for each in self._reading.contents if each not in {t.text for t in things}
            ],
            source_text=source_text,
            whole=self._reading.whole(self._draft.cards),
            nearest=self._bench.nearest,
        )
        if filled.problem:
            raise CannotBind(filled.problem)
        extras = self._expression(card, filled)
        if open_ended:
            context = self._context(card, filled)
            extras = [{**each, **context} for each in extras]
        things = self._before(card, things, filled)
        self.used = [*things, *(each for extra in extras for each in extra.values())]
        self.filled = filled
        self.shortfall = filled.shortfall
        variants = [filled.values]
        if filled.variants:
            name, values = filled.variants
            variants = [{**filled.values, name: value} for value in values]
        made: list[Thing] = []
        for values in variants:
            for extra in extras:
                made += self._draft.build(card, things, values, ask=self._reading.said, extra=extra)
        self.parameters = dict(filled.sources) | {
            port.name: ", ".join(each.label for each in things) for port in ports
        }
        return made

    def _expression(self, card: ExpertCard, filled: Filled) -> list[dict[str, Thing]]:
        """Return the sources of an arithmetic input: found in the words, or read from material.

        One for each call: two receipts have a total each.
        """
        extras: list[dict[str, Thing]] = [{}]
        for port in card.inputs:
            if role(port, card) != "expression":
                continue
            found = expression_for(port, self._reading.text, self._reading.contents)
            if found is not None:
                filled.values[port.name] = found
                filled.sources[port.name] = "the calculation in the request"
                for other in card.inputs:
                    if not other.required and other.choices:
                        filled.values.pop(other.name, None)
                continue
            if not port.required:
                continue
            sources = self._sources.find([port], None)
            extras = [{**each, port.name: source} for source in sources for each in extras]
        return extras

    def _context(self, card: ExpertCard, filled: Filled) -> dict[str, Thing]:
        """Return what an open-ended expert is to look at, beside the question or in its place."""
        reference = self._reading.reference
        if not (
            reference.explicit
            or reference.results
            or (reference.pronoun and (self._about.results or self._about.focus))
            or self._about.attachments
        ):
            return {}
        about = [*reference.results, *reference.explicit]
        typed = [each for each in about if each.origin == "content"]
        if (
            about
            and len(typed) == len(about)
            and sum(len(each.text) for each in about) <= MOST_TYPED
        ):
            asked = next(each for each in card.inputs if each.required)
            filled.values[asked.name] = self._reading.typed or filled.values[asked.name]
            return {}  # "Rephrase more politely: …" is one message
        port = context_port(card)
        guidance = guidance_port(card)
        if port is None and guidance is not None:
            # The question becomes the guidance, and the material the message.
            port = next(each for each in card.inputs if each.required)
            filled.values[guidance.name] = filled.values.pop(port.name)
            filled.sources[guidance.name] = filled.sources.pop(port.name)
        things = self._sources.find([port], None) if port is not None else []
        return {port.name: things[0]} if port is not None and things else {}

    def _before(self, card: ExpertCard, things: list[Thing], filled: Filled) -> list[Thing]:
        """Translate what will be spoken: after that, no text is left to translate."""
        wanted = [each for each in self._reading.targets if each.code not in filled.languages]
        if not wanted or Kind.TEXT in card.gives or not takes_text(card) or not things:
            return things
        return [made for mention in wanted for made in self._in_language(mention, things)]

    def finish(self, card: ExpertCard, made: list[Thing]) -> list[Thing]:
        """Add what the clause asks for on top: another language, then the sound of it."""
        results = made
        wanted = [each for each in self._reading.targets if each.code not in self.filled.languages]
        if wanted and Kind.TEXT in card.gives and not _already_in(card, wanted[0]):
            try:
                results = [each for mention in wanted for each in self._in_language(mention, made)]
            except CannotBind as error:
                self.shortfall = self.shortfall or str(error)
        if self._reading.heard and Kind.AUDIO not in card.gives:
            try:
                results = self._spoken(results)
            except CannotBind as error:
                self.shortfall = self.shortfall or str(error)
        return results

    def _in_language(self, mention: LanguageMention, things: Sequence[Thing]) -> list[Thing]:
        able = [
            card
            for card in self._draft.cards
            if speaks(card, mention.code) is not None and takes_text(card)
        ]
        if not able:
            raise CannotBind(f"no expert here offers {mention.name}")
        query = f"translate the text into {mention.name}"
        best = self._bench.ranked(Wish(query=query), able)[0].card
        port = next(port for port in best.inputs if port.choices and speaks(best, mention.code))
        filled = fill(best, f"translate into {mention.name}", nearest=self._bench.nearest)
        if filled.problem:
            raise CannotBind(filled.problem)
        values = {**filled.values, port.name: speaks(best, mention.code)}
        return self._draft.build(best, things, values, ask=self._reading.said)

    def _spoken(self, things: Sequence[Thing]) -> list[Thing]:
        able = [card for card in self._draft.cards if Kind.AUDIO in card.gives and takes_text(card)]
        if not able:
            raise CannotBind("no expert here speaks")
        best = self._bench.ranked(Wish(query="read the text aloud, speak it"), able)[0].card
        filled = fill(best, self._reading.text, nearest=self._bench.nearest)
        if filled.problem:
            raise CannotBind(filled.problem)
        return self._draft.build(best, things, filled.values, ask=self._reading.said)


def takes_text(card: ExpertCard) -> bool:
    """Say whether an expert works on one text."""
    ports = content_ports(card)
    return len(ports) == 1 and Kind.TEXT in ports[0].kinds


def _already_in(card: ExpertCard, mention: LanguageMention) -> bool:
    """Say whether an expert gives text in that language anyway, by its own words."""
    said = " ".join((card.description, *card.tags, card.notes)).lower()
    return mention.code == "en" and re.search(r"\benglish\b", said) is not None
