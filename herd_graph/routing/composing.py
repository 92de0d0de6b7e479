"""Turn one clause into steps: choose the expert, and give it what it needs."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import carries
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.words import STOP_WORDS, stems, words
from herd_graph.plans import Step, Value
from herd_graph.routing.assembly import CannotBind, Draft, accepts
from herd_graph.routing.base import CandidateTrace
from herd_graph.routing.clauses import Clause, is_fragment
from herd_graph.routing.content import MARK, Protected
from herd_graph.routing.expressions import find_expression
from herd_graph.routing.lexicon import (
    ALSO_NOUNS,
    AUXILIARIES,
    FILE_WORDS,
    KIND_NOUNS,
    LOOKS,
    MAKES_A_PICTURE,
    MAKES_IT_HEARD,
    MATERIAL,
    NOUN_STARTS,
    ORDINALS,
    QUESTION_WORDS,
    READ_VERBS,
    REWORDINGS,
    SAYS_FIRST,
    SUGGESTS,
    VERBS,
    WRITES,
    WRITTEN_THINGS,
)
from herd_graph.routing.parameters import (
    Filled,
    LanguageMention,
    content_ports,
    context_port,
    expression_for,
    fill,
    guidance_port,
    languages,
    role,
    speaks,
)
from herd_graph.routing.ranking import FIT_BONUS, STEP_COST, Candidate, Wish, rank, traces
from herd_graph.routing.references import (
    Discourse,
    Reference,
    Thing,
    masked,
    resolve,
    without_material,
)
from herd_graph.routing.thresholds import Thresholds
from herd_graph.types import Kind

_SOUNDS = frozenset("read speak say narrate pronounce recite play translate".split())
_ANSWERS = frozenset("answer respond reply responda".split())
_LIGHT = READ_VERBS | frozenset(
    "copy grab pull take jot note show want need know provide version get put translation language text word phrase sentence "
    "content write mean called means display deliver return sure".split()
)


@dataclass(kw_only=True)
class Part:
    """What came of one clause."""

    clause: Clause
    answers: list[Thing] = field(default_factory=list[Thing])
    reason: str = ""
    """Why it is not met, or not wholly."""
    decision: str = ""
    step: str = ""
    candidates: tuple[CandidateTrace, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    confidence: float = 1.0


@dataclass(kw_only=True)
class Composer:
    """Composes the clauses of one request, in order, into one draft."""

    draft: Draft
    about: Discourse
    index: CapabilityIndex
    protected: Protected
    thresholds: Thresholds
    embedding_s: float = 0.0

    def compose(self, clause: Clause, before: Sequence[Part]) -> Part:
        """Add the steps for one clause."""
        part = Part(clause=clause)
        if not clause.request:
            part.decision = "a remark, not a request"
            self._look_at(clause)
            return part
        if not self.draft.cards:
            part.reason = "no expert is registered"
            part.decision = "unmet"
            part.confidence = 0.0
            return part
        text = clause.text
        marks = self.protected.marks(text)
        joined = [each for each in self.protected.inlined if clause.joined]
        reference = resolve(text, marks, self.about, inlined=joined)
        if reference.missing is not None and not marks:
            kind, word = reference.missing
            if not self._makes(kind) or self.about.attachments or not MAKES_A_PICTURE.search(text):
                return self._unmet(part, f"there is no {word} attached", None)
        return _Clause(self, part, reference, marks).run(before)

    def divide(self, clause: Clause) -> list[Clause]:
        """Split *give me the transcript and all the names* where experts differ over the parts."""
        if not clause.request or not self.draft.cards:
            return [clause]
        pieces = [each.strip(" ,") for each in _LISTED.split(clause.text)]
        light = clause.first in _LIGHT or clause.first in NOUN_STARTS or clause.first in _GATHERS
        partial = any(not each or is_fragment(each) or is_sound(each) for each in pieces)
        if not 2 <= len(pieces) <= 4 or not light or partial:
            return [clause]
        chosen: set[str] = set()
        for piece in pieces:
            plain = MARK.sub(" ", piece)
            hidden = masked(plain, self.about, results=False)
            best = self.ranked(Wish(query=hidden, rewordings=_rewordings(plain)), self.draft.cards)[
                0
            ]
            if best.open_ended or best.score < self.thresholds.choose or best.card.id in chosen:
                return [clause]
            chosen.add(best.card.id)
        self.draft.notes.append(f"divided: {self.protected.restore(clause.said)!r}")
        return [
            replace(
                clause,
                text=piece,
                said=piece,
                joined=bool(number) or clause.joined,
                parallel=bool(number),
            )
            for number, piece in enumerate(pieces)
        ]

    def _look_at(self, clause: Clause) -> None:
        """Remember what a remark is about: *the second picture is the bill*."""
        reference = resolve(clause.text, self.protected.marks(clause.text), self.about)
        attached = [each for each in reference.explicit if each.origin == "attachment"]
        if attached:
            self.about.focus = attached

    def _makes(self, kind: Kind) -> bool:
        return any(kind in card.gives for card in self.draft.cards)

    def _unmet(self, part: Part, reason: str, ranked: Sequence[Candidate] | None) -> Part:
        part.reason = reason
        part.decision = f"unmet: {reason}"
        part.confidence = 0.0
        if ranked is not None:
            part.candidates = traces(ranked)
        return part

    def ranked(self, wish: Wish, cards: Sequence[ExpertCard]) -> list[Candidate]:
        """Rank experts, counting the time that embedding takes."""
        started = time.perf_counter()
        asked = [wish.query, wish.masked, *wish.rewordings]
        self.index.embedder.embed(
            [each for each in asked if each]
        )  # remembered: the search does not embed again
        self.embedding_s += time.perf_counter() - started
        return rank(wish, cards, self.index)

    def nearest(self, text: str, choices: Sequence[str]) -> tuple[int, float, float]:
        """Return the choice nearest to a text in meaning, its similarity and its lead."""
        vectors = self.index.embedder.embed([text, *(each.replace("_", " ") for each in choices)])
        near = [float(each) for each in vectors[1:] @ vectors[0]]
        order = sorted(range(len(near)), key=lambda place: -near[place])
        lead = near[order[0]] - near[order[1]] if len(order) > 1 else 1.0
        return order[0], near[order[0]], lead


class _Clause:
    """One clause on its way: its wording, its candidates, and the steps that they lead to."""

    def __init__(
        self, composer: Composer, part: Part, reference: Reference, marks: Sequence[int]
    ) -> None:
        self.composer = composer
        self.draft, self.about = composer.draft, composer.about
        self.part, self.reference, self.marks = part, reference, marks
        self.text = part.clause.text
        self.said = composer.protected.restore(part.clause.said)
        self._used: list[Thing] = []
        self._filled = Filled()
        self._first_step = 0
        self.contents = [composer.protected.contents[each] for each in marks]
        plain = MARK.sub(" ", self.text)
        self.targets = [each for each in languages(plain) if each.target]
        self.heard = bool(MAKES_IT_HEARD.search(plain) or SAYS_FIRST.match(plain))
        self.core = self._core(plain)
        self.deed = self._deed()
        self.bare = self._is_bare()
        self.expression = find_expression(plain) or next(
            (
                found
                for each in self.contents
                if len(each) < 300 and (found := find_expression(each))
            ),
            None,
        )

    def _core(self, plain: str) -> str:
        """Return the clause without what only says in which language or aloud."""
        core = plain
        for mention in sorted(self.targets, key=lambda each: -each.span[0]):
            core = f"{core[: mention.span[0]]} {core[mention.span[1] :]}"
        core = MAKES_IT_HEARD.sub(lambda found: _verb_of(found.group()), core)
        return " ".join(core.split()).strip(" ,")

    def _deed(self) -> list[str]:
        """Return the words that say what is to be done, beyond light verbs and what it is done to."""
        named = {name for each in self.about.attachments for name in each.names}
        named |= {name for each in self.reference.results for name in each.names}
        return [
            each
            for each in words(self.core)
            if each not in STOP_WORDS
            and each not in _LIGHT
            and each not in MATERIAL
            and each not in SUGGESTS
            and each not in FILE_WORDS
            and each not in ORDINALS
            and not set(stems(each)) & named
        ]

    def _is_bare(self) -> bool:
        """Say whether the clause names nothing to work on: *translate to Portuguese*."""
        spoken = words(self.core)
        if self.reference.pronoun or (spoken and spoken[0] in QUESTION_WORDS | AUXILIARIES):
            return False
        if any(each in MATERIAL or each in SUGGESTS or each in FILE_WORDS for each in spoken):
            return False
        kept = [each for each in spoken if each not in STOP_WORDS and each not in _LIGHT]
        return len(kept) <= 1

    def run(self, before: Sequence[Part]) -> Part:
        self._first_step = len(self.draft.steps)
        cards = self.draft.cards
        if MAKES_A_PICTURE.search(MARK.sub(" ", self.text)):
            cards = [card for card in cards if card.gives & {Kind.IMAGE, Kind.VIDEO}]
            if not cards:
                return self.composer._unmet(self.part, "no expert here makes pictures", None)
        ranked = self.composer.ranked(self._wish(), cards)
        modifies = self._modifier_only(ranked)
        if modifies is not None:
            ranked = self._favour(ranked, modifies)
        self._weigh(ranked)
        chosen, made, reason = self._try(ranked)
        if chosen is not None and chosen.open_ended and not self._used:
            first = self._first_step
            if self._merged(chosen.card, before):
                del self.draft.steps[first:]
                self.draft.forget(first)
                chosen.chosen = True
                self.part.decision = "asked together with the clause before"
                self.part.candidates = traces(ranked)
                self.part.confidence = before[-1].confidence
                return self.part
        if chosen is None:
            return self.composer._unmet(self.part, reason, ranked)
        chosen.chosen = True
        answers = self._finish(chosen, made)
        replaces = self.part.clause.first in _ANSWERS or (
            not self.part.clause.joined
            and not self.deed
            and self.bare
            and self.part.clause.first not in _SOUNDS
        )
        if replaces and before and before[-1].answers:
            before[-1].answers.clear()  # "Answer in Portuguese" replaces what it answers
        self.part.answers = answers
        self.part.step = str(getattr(made[-1].binding, "step", ""))
        self.part.candidates = traces(ranked)
        self.part.confidence = round(min(1.0, max(0.0, chosen.score)), 4)
        self.part.decision = self.part.decision or f"{chosen.card.id}, score {chosen.score:.2f}"
        self._add_fallbacks(chosen, ranked)
        self.about.results.append(list(answers))
        if self._used:
            self.about.focus = self.about.rooted(self._used)
        return self.part

    # -- choosing ---------------------------------------------------------------------------

    def _wish(self) -> Wish:
        query = self.core
        if not stems(query):
            query = MARK.sub(" ", self.text)
        plain = query[:1000] or self.said[:200]
        made = frozenset(name for each in self.reference.results for name in each.names)
        hidden = masked(plain, self.about, results=bool(made))
        explicit = {each.kind for each in self.reference.explicit}
        return Wish(
            query=plain,
            masked=hidden if hidden != plain else "",
            words=without_material(plain, self.about),
            rewordings=tuple(reworded for pattern, reworded in REWORDINGS if pattern.search(plain)),
            made=made,
            neutral=_LOOSE.sub(
                lambda each: "this" if each.group().lower() in MATERIAL else each.group(), plain
            )
            if self.about.attachments
            else "",
            material=frozenset(explicit or {each.kind for each in self.about.attachments}),
            asks_whether=self.part.clause.first in AUXILIARIES,
            heard=self.heard,
            verb=self._verb(),
            expression=self.expression is not None,
            languages=tuple(each.code for each in self.targets),
        )

    def _verb(self) -> str:
        first = self.part.clause.first
        return first if first in VERBS and first not in _LIGHT and first not in ALSO_NOUNS else ""

    def _modifier_only(self, ranked: Sequence[Candidate]) -> Literal["heard", "language"] | None:
        """Say whether the clause asks for nothing but to hear something, or for a language."""
        del ranked
        if self.deed:
            return None
        if self.heard:
            return "heard"
        return "language" if self.targets else None

    def _favour(
        self, ranked: Sequence[Candidate], modifies: Literal["heard", "language"]
    ) -> list[Candidate]:
        favoured: list[Candidate] = []
        for each in ranked:
            if modifies == "heard":
                fits = Kind.AUDIO in each.card.gives and _takes_text(each.card)
            else:
                fits = any(speaks(each.card, m.code) is not None for m in self.targets)
                fits = fits and _takes_text(each.card)
            if fits:
                each.evidence["wanted"] = 0.5
                each.score += 0.5
                favoured.append(each)
        rest = [each for each in ranked if each not in favoured]
        if modifies == "language" and not favoured:
            # Whoever offers languages should say that this one is not among them.
            rest = sorted(rest, key=lambda each: _language_first(each))
            if rest and _language_first(rest[0]) == 0:
                rest[0].score += 0.5
        return sorted([*favoured, *rest], key=lambda each: (-each.score, each.card.id))

    def _weigh(self, ranked: list[Candidate]) -> None:
        """Let types speak: what can be given directly is likelier to be meant."""
        explicit = [each for each in self.reference.explicit if each.origin == "attachment"]
        for each in ranked:
            ports = content_ports(each.card)
            if not ports:
                continue
            things = explicit or self.about.attachments
            if not things:
                continue
            card = None if self.heard else each.card
            distances = [self.draft.distance(thing, ports[0], card) for thing in things]
            reachable = [distance for distance in distances if distance is not None]
            there_and_back = all(thing.kind in each.card.gives for thing in things)
            if reachable and min(reachable) > 0 and there_and_back and not self.heard:
                each.evidence["there and back"] = -0.25
                each.score -= 0.25
            if reachable and min(reachable) == 0 and Kind.ANY not in ports[0].kinds:
                each.evidence["type"] = FIT_BONUS
                each.score += FIT_BONUS
            elif reachable:
                cost = STEP_COST * min(reachable)
                each.evidence["type"] = -cost
                each.score -= cost
        ranked.sort(key=lambda each: (-each.score, each.card.id))

    def _try(self, ranked: Sequence[Candidate]) -> tuple[Candidate | None, list[Thing], str]:
        limits = self.composer.thresholds
        has_material = bool(
            self.about.attachments or self.reference.explicit or self.about.contents
        ) or (bool(self.about.results) and (self.reference.pronoun or self.bare))
        least = limits.choose_attached if has_material else limits.choose
        stopped, stopped_score = "", 0.0
        first = next((each for each in ranked if not each.open_ended), None)
        general = next((each for each in ranked if each.open_ended), None)
        if (
            (self.deed or not (self.heard or self.targets))
            and general is not None
            and general.score >= limits.choose
            and has_material
            and (first is None or general.score > first.score + limits.ahead)
            and not (first is not None and first.named)
            and (found := self._open_ended(ranked)) is not None
        ):
            return found[0], found[1], ""
        for each in ranked:
            if each.open_ended:
                continue
            if self._sees() and self._reads(each.card):
                each.eligible = False
                each.reason = "it would see a picture's words, and its looks are asked about"
                continue
            if any(Kind.ANY in port.kinds for port in content_ports(each.card)):
                least = max(least, limits.choose)
            carried = self.deed and carries(each.card) != "none" and not each.named
            if each.score < (max(least, limits.choose_converter) if carried else least):
                each.reason = f"{each.reason}; below {least:g}"
                each.eligible = False
                continue
            if stopped and each.score < stopped_score - limits.lead and not each.named:
                each.eligible = False
                each.reason = "far behind one that cannot be used"
                continue
            steps = len(self.draft.steps)
            notes = len(self.draft.notes)
            try:
                return each, self._bind(each), ""
            except CannotBind as error:
                del self.draft.steps[steps:]
                del self.draft.notes[notes:]
                self.draft.forget(steps)
                each.eligible = False
                each.reason = str(error)
                strong = each.score >= limits.strong and not self.about.attachments
                if not stopped and not error.soft and (strong or each.named):
                    stopped, stopped_score = f"{error}", each.score
        if not stopped or self._is_free_question():
            found = self._open_ended(ranked)
            if found is not None:
                return found[0], found[1], ""
        if stopped:
            return None, [], stopped
        failed = next(
            (each.reason for each in ranked if "nearest" not in each.reason and each.reason), ""
        )
        if failed and "far behind" not in failed:
            return None, [], failed
        return None, [], "no expert here does that"

    def _is_free_question(self) -> bool:
        return (
            self.part.clause.first in QUESTION_WORDS
            and not self.about.attachments
            and not self.targets
            and not self.reference.explicit
        )

    def _open_ended(self, ranked: Sequence[Candidate]) -> tuple[Candidate, list[Thing]] | None:
        """Return an expert that takes any question, where the clause is one that words can meet."""
        clause = self.part.clause
        asks = clause.said.rstrip().endswith("?") or clause.first in (
            QUESTION_WORDS | AUXILIARIES | WRITES
        )
        if self.heard and not self.deed:
            return None
        for each in ranked:
            if not each.open_ended:
                continue
            if not asks and each.score < self.composer.thresholds.choose:
                each.eligible = False
                continue
            context = context_port(each.card)
            about_something = bool(
                self.reference.explicit
                or self.reference.results
                or (self.reference.pronoun and (self.about.results or self.about.focus))
                or self.about.attachments
            )
            if about_something and context is None and guidance_port(each.card) is None:
                each.eligible = False
                each.reason = "it takes a question, and nothing to look at"
                continue
            if about_something and self._is_about_looks():
                each.eligible = False
                each.reason = "it reads words, and sees no picture"
                continue
            try:
                return each, self._bind(each)
            except CannotBind as error:
                each.eligible = False
                each.reason = str(error)
        return None

    # -- binding ----------------------------------------------------------------------------

    def _bind(self, candidate: Candidate) -> list[Thing]:
        """Add the candidate's steps and return what they give. Raises ``CannotBind``."""
        card = candidate.card
        things: list[Thing] = []
        ports = content_ports(card)
        if ports:
            things = self._things_for(ports, candidate)
        source_text = things[0].text if things else ""
        open_ended = candidate.open_ended
        filled = fill(
            card,
            self.text,
            contents=[each for each in self.contents if each not in {t.text for t in things}],
            source_text=source_text,
            whole=self._whole(),
            nearest=self.composer.nearest,
        )
        if filled.problem:
            raise CannotBind(filled.problem)
        extra = self._expression(card, filled)
        if open_ended:
            extra |= self._context(card, filled)
        things = self._before(card, things, filled)
        self._used = [*things, *extra.values()]
        self._filled = filled
        variants = [filled.values]
        if filled.variants:
            name, values = filled.variants
            variants = [{**filled.values, name: value} for value in values]
        made: list[Thing] = []
        for values in variants:
            made += self.draft.build(card, things, values, ask=self.said, extra=extra)
        self.part.parameters = dict(filled.sources) | {
            port.name: ", ".join(each.label for each in things) for port in ports
        }
        return made

    def _whole(self) -> str:
        text = self.part.clause.text
        for mention in sorted(self.targets, key=lambda each: -each.span[0]):
            if any(speaks(card, mention.code) is not None for card in self.draft.cards):
                text = f"{text[: mention.span[0]]}{text[mention.span[1] :]}".strip(" ,")
        asked = self.part.clause.said.rstrip().endswith("?")
        whole = MARK.sub(
            lambda found: self.composer.protected.contents[int(found.group(1))], text
        ).strip()
        original = self._question_as_typed(whole)
        return original or (f"{whole}?" if asked and not whole.endswith("?") else whole)

    def _question_as_typed(self, whole: str) -> str:
        """Return the clause with the mark that ended it: a question stays one."""
        flat = " ".join(self.composer.protected.text.split())
        place = flat.find(whole)
        if place >= 0 and flat[place + len(whole) : place + len(whole) + 1] in {"?", "!"}:
            return whole + flat[place + len(whole)]
        return ""

    def _expression(self, card: ExpertCard, filled: Filled) -> dict[str, Thing]:
        """Return the source of an arithmetic input: found in the words, or read from material."""
        extra: dict[str, Thing] = {}
        for port in card.inputs:
            if role(port, card) != "expression":
                continue
            found = expression_for(port, self.text, self.contents)
            if found is not None:
                filled.values[port.name] = found
                filled.sources[port.name] = "the calculation in the request"
                for other in card.inputs:
                    if not other.required and other.choices:
                        filled.values.pop(other.name, None)
                continue
            if not port.required:
                continue
            sources = self._things_for([port], None)
            if len(sources) > 1:
                raise CannotBind("it is not clear which of several things is to be calculated")
            extra[port.name] = sources[0]
        return extra

    def _merged(self, card: ExpertCard, before: Sequence[Part]) -> bool:
        """Put a question into the one before it: *who was she, and when was she born?* is one."""
        last = before[-1] if before else None
        if last is None or not self.part.clause.joined or self.targets or self.heard:
            return False
        step = next((each for each in self.draft.steps if each.id == last.step), None)
        if step is None or step.expert != card.id or len(last.answers) != 1:
            return False
        if not all(isinstance(each, Value) for each in step.inputs.values()):
            return False
        port = next(each for each in card.inputs if each.required)
        flat = " ".join(self.composer.protected.text.split())
        start = flat.find(last.clause.text)
        end = flat.find(self.part.clause.text, max(start, 0))
        if start < 0 or end < 0:
            return False
        stop = end + len(self.part.clause.text)
        whole = flat[start : stop + 1] if flat[stop : stop + 1] in {"?", "!"} else flat[start:stop]
        bound = {**step.inputs, port.name: Value(value=self.composer.protected.restore(whole))}
        place = self.draft.steps.index(step)
        said = f"{last.clause.said} … {self.part.clause.said}"
        self.draft.steps[place] = step.model_copy(update={"inputs": bound, "ask": said})
        last.clause = replace(last.clause, said=self.composer.protected.restore(whole))
        return True

    def _context(self, card: ExpertCard, filled: Filled) -> dict[str, Thing]:
        """Return what an open-ended expert is to look at, beside the question or in its place."""
        reference = self.reference
        if not (
            reference.explicit
            or reference.results
            or (reference.pronoun and (self.about.results or self.about.focus))
            or self.about.attachments
        ):
            return {}
        port = context_port(card)
        guidance = guidance_port(card)
        if port is None and guidance is not None:
            # The question becomes the guidance, and the material the message.
            port = next(each for each in card.inputs if each.required)
            filled.values[guidance.name] = filled.values.pop(port.name)
            filled.sources[guidance.name] = filled.sources.pop(port.name)
        things = self._things_for([port], None) if port is not None else []
        return {port.name: things[0]} if port is not None and things else {}

    def _sees(self) -> bool:
        """Say whether the clause asks for what can only be seen."""
        return bool(LOOKS.search(self.core)) and self._is_about_looks()

    def _reads(self, card: ExpertCard) -> bool:
        """Say whether an expert would get no more of a picture than its words."""
        ports = content_ports(card)
        takes_pictures = any({Kind.IMAGE, Kind.VIDEO} & set(port.kinds) for port in ports)
        return (bool(ports) and not takes_pictures) or (
            takes_pictures and carries(card) == "certain"
        )

    def _is_about_looks(self) -> bool:
        """Say whether only a picture's looks could answer: its words would not."""
        things = list(self.reference.explicit) or self.about.attachments
        kinds = {each.kind for each in things if each.origin == "attachment"}
        said = set(words(self.core))
        return bool(kinds) and kinds <= {Kind.IMAGE, Kind.VIDEO} and not said & WRITTEN_THINGS

    def _before(self, card: ExpertCard, things: list[Thing], filled: Filled) -> list[Thing]:
        """Translate what will be spoken: after that, no text is left to translate."""
        wanted = [each for each in self.targets if each.code not in filled.languages]
        if not wanted or Kind.TEXT in card.gives or not _takes_text(card) or not things:
            return things
        return [
            made
            for mention in wanted
            for made in self._in_language(mention, things, card.outputs[0])
        ]

    def _finish(self, chosen: Candidate, made: list[Thing]) -> list[Thing]:
        """Add what the clause asks for on top: another language, then the sound of it."""
        card = chosen.card
        results = made
        wanted = [each for each in self.targets if each.code not in self._filled.languages]
        if wanted and Kind.TEXT in card.gives and not _already_in(card, wanted[0]):
            try:
                results = [
                    each for mention in wanted for each in self._in_language(mention, made, None)
                ]
            except CannotBind as error:
                self.part.reason = str(error)
        if self.heard and Kind.AUDIO not in card.gives:
            try:
                results = self._spoken(results)
            except CannotBind as error:
                self.part.reason = self.part.reason or str(error)
        return results

    def _in_language(
        self, mention: LanguageMention, things: Sequence[Thing], _: Port | None
    ) -> list[Thing]:
        able = [
            card
            for card in self.draft.cards
            if speaks(card, mention.code) is not None and _takes_text(card)
        ]
        if not able:
            raise CannotBind(f"no expert here offers {mention.name}")
        query = f"translate the text into {mention.name}"
        best = self.composer.ranked(Wish(query=query), able)[0].card
        port = next(port for port in best.inputs if port.choices and speaks(best, mention.code))
        filled = fill(best, f"translate into {mention.name}", nearest=self.composer.nearest)
        if filled.problem:
            raise CannotBind(filled.problem)
        values = {**filled.values, port.name: speaks(best, mention.code)}
        return self.draft.build(best, things, values, ask=self.said)

    def _spoken(self, things: Sequence[Thing]) -> list[Thing]:
        able = [card for card in self.draft.cards if Kind.AUDIO in card.gives and _takes_text(card)]
        if not able:
            raise CannotBind("no expert here speaks")
        best = self.composer.ranked(Wish(query="read the text aloud, speak it"), able)[0].card
        filled = fill(best, self.text, nearest=self.composer.nearest)
        if filled.problem:
            raise CannotBind(filled.problem)
        return self.draft.build(best, things, filled.values, ask=self.said)

    # -- what it works on -------------------------------------------------------------------

    def _things_for(self, ports: Sequence[Port], candidate: Candidate | None) -> list[Thing]:
        """Return what the clause works on, for these inputs. Raises ``CannotBind``."""
        port = ports[0]
        things = self._pick(
            port,
            several=len(ports) > 1,
            card=candidate.card if candidate is not None and not self.heard else None,
        )
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
                self.about.taken.update(
                    number for number, held in self.about.contents.items() if held is each
                )
        return things

    def _pick(self, port: Port, *, several: bool, card: ExpertCard | None) -> list[Thing]:
        reference, about = self.reference, self.about

        def reach(things: Sequence[Thing]) -> list[Thing]:
            return [each for each in things if self.draft.distance(each, port, card) is not None]

        def direct(things: Sequence[Thing]) -> list[Thing]:
            return [each for each in things if accepts(each, port)]

        quoted = [each for each in reference.explicit if each.origin == "content"]
        attached = [each for each in reference.explicit if each.origin == "attachment"]
        if quoted and card is not None and _asks_for_words(card):
            quoted = quoted[:0] if attached or about.attachments or about.results else quoted
        if quoted and direct(quoted):
            if several or not _WITH_QUOTE.search(self.text):
                return direct(quoted) if several else direct(quoted)[:1]
            return [*direct(quoted), *reach(attached)]
        if reference.results and reach(reference.results):
            return reach(reference.results)
        if reference.explicit:
            named = reach(reference.explicit)
            if named:
                return named
            if any(each.origin == "attachment" for each in reference.explicit):
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
            return reach(about.attachments)
        if reference.everything and len(about.latest) < 2 and len(about.attachments) > 1:
            return reach(about.attachments)
        if several and len(reach(about.attachments)) > 1:
            return reach(about.attachments)
        if reference.pronoun or self.bare:
            before = [] if self.part.clause.parallel else [about.latest, *reversed(about.results)]
            for pool in (*before, about.focus):
                if direct(pool):
                    return direct(pool)
            for pool in (about.focus, about.latest):
                if reach(pool):
                    return reach(pool)
        free = [
            each for number, each in sorted(about.contents.items()) if number not in about.taken
        ]
        if direct(free):
            return direct(free)[-1:]
        suggested = [each for each in about.attachments if each.kind in reference.suggests]
        if reach(suggested):
            return reach(suggested)
        for pool in (about.focus, about.attachments):
            if direct(pool):
                return direct(pool)
        for pool in (about.focus, about.attachments):
            if reach(pool):
                return reach(pool)
        for group in reversed(about.results):
            if reach(group):
                return reach(group)
        contents = list(about.contents.values())
        return direct(contents)[-1:]

    def _follows_a_list(self, port: Port) -> bool:
        """Say whether *them* is what no converter puts into words."""
        latest = self.about.latest
        return (
            self.part.clause.joined
            and (self.reference.pronoun or self.bare)
            and bool(latest)
            and all(each.kind in {Kind.DATA, Kind.TABLE} for each in latest)
            and port.kind is Kind.TEXT
            and self.heard
            and all(self.draft.distance(each, port) is None for each in latest)
        )

    def _remainder(self, candidate: Candidate) -> str:
        """Return the unquoted words to work on: *good night* of *translate good night*."""
        if self.about.attachments or self.about.results or self.reference.pronoun:
            return ""
        if not (candidate.named or "wanted" in candidate.evidence):
            return ""
        plain = MARK.sub(" ", self.part.clause.text)
        for mention in sorted(self.targets, key=lambda each: -each.span[0]):
            plain = f"{plain[: mention.span[0]]} {plain[mention.span[1] :]}"
        plain = MAKES_IT_HEARD.sub(lambda found: _verb_of(found.group()), plain)
        rest = _LEAD_IN.sub("", plain.strip(" ,?.!"))
        rest = _TAIL.sub("", rest).strip(" ,?.!-–—")
        held = [each for each in words(rest) if each not in MATERIAL and each not in FILE_WORDS]
        return rest if held and any(each not in _EMPTY for each in held) else ""

    def _add_fallbacks(self, chosen: Candidate, ranked: Sequence[Candidate]) -> None:
        """Name who could take a step over: the same inputs, the same kind of result."""
        able = [
            each.card
            for each in ranked
            if each is not chosen
            and not each.open_ended
            and each.score >= self.composer.thresholds.choose_attached
        ]
        for place in range(self._first_step, len(self.draft.steps)):
            step = self.draft.steps[place]
            if step.expert != chosen.card.id:
                continue
            fits = [card.id for card in able if _could_take(card, step, chosen.card)]
            if fits:
                self.draft.steps[place] = step.model_copy(update={"fallbacks": tuple(fits[:3])})


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
_LOOSE = re.compile(r"\b[^\W_]+\b")
_WITH_QUOTE = re.compile(r"\ue001\s*(?:,|and\b|or\b|&)|(?:\band|&|,)\s*(?:the \w+ )?\ue000")
_LISTED = re.compile(
    r"\s*,?\s+(?:and also|and|as well as|along with|together with|plus)\s+|\s*,\s+"
)
_GATHERS = frozenset("list find get extract collect gather produce prepare create return".split())
_EMPTY = STOP_WORDS | frozenset("here there following everything something anything".split())


def _verb_of(phrase: str) -> str:
    """Return the verb of *read it out*; *aloud* alone has none."""
    first = phrase.lower().split()[0]
    return first if first in READ_VERBS else ""


def is_sound(text: str) -> bool:
    """Say whether a piece only says how it is to be heard."""
    return bool(MAKES_IT_HEARD.search(text)) and len(words(text)) <= 2


def _rewordings(plain: str) -> tuple[str, ...]:
    return tuple(reworded for pattern, reworded in REWORDINGS if pattern.search(plain))


def _asks_for_words(card: ExpertCard) -> bool:
    """Say whether an expert needs words beside what it works on: *find "Ada" in the letter*."""
    return any(port.required and role(port, card) == "named" for port in card.inputs)


def _takes_text(card: ExpertCard) -> bool:
    ports = content_ports(card)
    return len(ports) == 1 and Kind.TEXT in ports[0].kinds


def _language_first(candidate: Candidate) -> int:
    from herd_graph.routing.parameters import language_port

    return 0 if language_port(candidate.card) is not None else 1


def _already_in(card: ExpertCard, mention: LanguageMention) -> bool:
    """Say whether an expert gives text in that language anyway, by its own words."""
    said = " ".join((card.description, *card.tags, card.notes)).lower()
    return mention.code == "en" and re.search(r"\benglish\b", said) is not None


def _typed(text: str) -> Thing:
    return Thing(
        binding=Value(value=text),
        port=Port(name="typed", kind=Kind.TEXT),
        origin="content",
        label=text if len(text) <= 60 else f"{text[:59]}…",
        text=text,
    )


def _could_take(card: ExpertCard, step: Step, chosen: ExpertCard) -> bool:
    """Say whether an expert takes the very bindings of a step, and gives the same kinds."""
    for name in step.inputs:
        mine, theirs = card.input(name), chosen.input(name)
        if mine is None or theirs is None or mine.many != theirs.many:
            return False
        if not set(theirs.kinds) <= set(mine.kinds) or (
            mine.choices and mine.choices != theirs.choices
        ):
            return False
    required = {port.name for port in card.inputs if port.required}
    return required <= set(step.inputs) and card.outputs[0].kind is chosen.outputs[0].kind
