"""Choose the expert for one clause, or say why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from herd_graph.cards import ExpertCard, fits
from herd_graph.conversions import carries
from herd_graph.discovery.words import stem, stems
from herd_graph.plans import FromStep, Step, Value
from herd_graph.routing.assembly import CannotBind
from herd_graph.routing.clauses import is_loose
from herd_graph.routing.lexicon import MAKES_A_PICTURE
from herd_graph.routing.parameters import (
    content_ports,
    context_port,
    guidance_port,
    language_port,
    speaks,
)
from herd_graph.routing.ranking import FIT_BONUS, QUOTE_BONUS, STEP_COST, Candidate, traces
from herd_graph.routing.reading import LIGHT, Reading
from herd_graph.routing.references import Thing
from herd_graph.routing.sources import asks_for_words
from herd_graph.routing.supplying import Supply, takes_text
from herd_graph.routing.workbench import Part, Workbench
from herd_graph.types import Kind


class Choice:
    """One clause on its way to its steps."""

    def __init__(self, bench: Workbench, part: Part, reading: Reading) -> None:
        self._bench, self._part, self._reading = bench, part, reading
        self._draft, self._about = bench.draft, bench.about
        self._supply = Supply(bench, reading)
        self._first_step = len(bench.draft.steps)

    def make(self, before: Sequence[Part]) -> Part:
        """Add the steps for the clause; ``before`` are the parts that came of earlier ones."""
        cards = self._draft.cards
        if MAKES_A_PICTURE.search(self._reading.plain):
            cards = [card for card in cards if card.gives & {Kind.IMAGE, Kind.VIDEO}]
            if not cards:
                return self._part.unmet("no expert here makes pictures")
        ranked = self._bench.ranked(self._reading.wish(), cards)
        modifies = self._reading.modifies
        if modifies is not None:
            ranked = self._favour(ranked, modifies)
        self._weigh(ranked)
        chosen, made, reason = self._try(ranked)
        if chosen is not None and chosen.open_ended and not self._supply.used:
            first = self._first_step
            if self._merged(chosen.card, before):
                del self._draft.steps[first:]
                self._draft.forget(first)
                chosen.chosen = True
                self._part.decision = "asked together with the clause before"
                self._part.candidates = traces(ranked)
                self._part.confidence = before[-1].confidence
                return self._part
        if chosen is None:
            return self._part.unmet(reason, ranked)
        chosen.chosen = True
        answers = self._supply.finish(chosen.card, self._taken_out(chosen.card, made))
        if self._reading.replaces and before and before[-1].answers:
            before[-1].answers.clear()  # "Answer in Portuguese" replaces what it answers
        self._part.answers = answers
        self._part.reason = self._supply.shortfall
        self._part.parameters = self._supply.parameters
        self._part.step = str(getattr(made[-1].binding, "step", ""))
        self._part.candidates = traces(ranked)
        self._part.confidence = round(min(1.0, max(0.0, chosen.score)), 4)
        self._part.decision = self._part.decision or f"{chosen.card.id}, score {chosen.score:.2f}"
        self._add_fallbacks(chosen, ranked)
        self._about.results.append(list(answers))
        if self._supply.used:
            self._about.focus = self._about.rooted(self._supply.used)
        return self._part

    def _taken_out(self, card: ExpertCard, made: list[Thing]) -> list[Thing]:
        """Return the output that the clause names, where that is a file: *as MIDI*."""
        spoken = set(stems(self._reading.plain))
        named = next(
            (
                port
                for port in card.outputs[1:]
                if port.kind is Kind.DOCUMENT and stem(port.name) in spoken
            ),
            None,
        )
        if named is None:
            return made
        return [
            replace(each, binding=FromStep(step=each.binding.step, output=named.name), port=named)
            if isinstance(each.binding, FromStep)
            else each
            for each in made
        ]

    def _favour(
        self, ranked: Sequence[Candidate], modifies: Literal["heard", "language"]
    ) -> list[Candidate]:
        favoured: list[Candidate] = []
        for each in ranked:
            if modifies == "heard":
                fits = Kind.AUDIO in each.card.gives and takes_text(each.card)
            else:
                fits = any(speaks(each.card, m.code) is not None for m in self._reading.targets)
                fits = fits and takes_text(each.card)
            if fits:
                each.evidence["wanted"] = 0.5
                each.score += 0.5
                favoured.append(each)
        rest = [each for each in ranked if each not in favoured]
        if modifies == "language" and not favoured:
            # Whoever offers languages should say that this one is not among them.
            rest = sorted(rest, key=_language_first)
            if rest and _language_first(rest[0]) == 0:
                rest[0].score += 0.5
        return sorted([*favoured, *rest], key=lambda each: (-each.score, each.card.id))

    def _weigh(self, ranked: list[Candidate]) -> None:
        """Let types speak: what can be given directly is likelier to be meant."""
        explicit = [
            each for each in self._reading.reference.explicit if each.origin == "attachment"
        ]
        for each in ranked:
            ports = content_ports(each.card)
            if self._reading.contents and self._about.attachments and asks_for_words(each.card):
                each.evidence["quoted"] = QUOTE_BONUS  # the quote is what it asks for
                each.score += QUOTE_BONUS
            if not ports:
                continue
            things = explicit or self._about.attachments
            if not things:
                continue
            card = None if self._reading.heard and Kind.AUDIO in each.card.gives else each.card
            distances = [self._draft.distance(thing, ports[0], card) for thing in things]
            reachable = [distance for distance in distances if distance is not None]
            there_and_back = all(thing.kind in each.card.gives for thing in things)
            if reachable and min(reachable) > 0 and there_and_back and not self._reading.heard:
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
        limits = self._bench.thresholds
        has_material = bool(
            self._about.attachments or self._reading.reference.explicit or self._about.contents
        ) or (bool(self._about.results) and (self._reading.reference.pronoun or self._reading.bare))
        least = limits.choose_attached if has_material else limits.choose
        stopped, stopped_score = "", 0.0
        first = next((each for each in ranked if not each.open_ended), None)
        general = next((each for each in ranked if each.open_ended), None)
        if (
            (self._reading.deed or not (self._reading.heard or self._reading.targets))
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
            if self._reading.sees and self._reads(each.card):
                each.eligible = False
                each.reason = (
                    "no expert here looks at pictures; this one only reads the words in them"
                )
                continue
            enough = self._enough(each, least)
            if each.score < enough:
                each.reason = f"{each.reason}; below {enough:g}"
                each.eligible = False
                continue
            if stopped and each.score < stopped_score - limits.lead and not each.named:
                each.eligible = False
                each.reason = "far behind one that cannot be used"
                continue
            steps = len(self._draft.steps)
            notes = len(self._draft.notes)
            taken = set(self._about.taken)
            try:
                return each, self._supply.bind(each), ""
            except CannotBind as error:
                del self._draft.steps[steps:]
                del self._draft.notes[notes:]
                self._draft.forget(steps)
                self._about.taken = taken
                each.eligible = False
                each.reason = str(error)
                # "Read what was said" means no reader of pictures, whatever its name.
                meant = each.named and self._part.clause.first not in LIGHT
                strong = each.score >= limits.strong and not self._about.attachments
                if (
                    not stopped
                    and not error.soft
                    and (strong or meant or "wanted" in each.evidence)
                ):
                    stopped, stopped_score = f"{error}", each.score
        if not stopped or self._reading.is_free_question:
            found = self._open_ended(ranked)
            if found is not None:
                return found[0], found[1], ""
        if stopped:
            return None, [], stopped
        return None, [], "no expert here does that"

    def _open_ended(self, ranked: Sequence[Candidate]) -> tuple[Candidate, list[Thing]] | None:
        """Return an expert that takes any question, where the clause is one that words can meet."""
        if self._reading.heard and not self._reading.deed:
            return None
        for each in ranked:
            if not each.open_ended:
                continue
            if not self._reading.asks and each.score < self._bench.thresholds.choose:
                each.eligible = False
                continue
            context = context_port(each.card)
            about_something = bool(
                self._reading.reference.explicit
                or self._reading.reference.results
                or (self._reading.reference.pronoun and (self._about.results or self._about.focus))
                or self._about.attachments
            )
            if about_something and context is None and guidance_port(each.card) is None:
                each.eligible = False
                each.reason = "it takes a question, and nothing to look at"
                continue
            if about_something and self._reading.is_about_looks:
                each.eligible = False
                each.reason = "it reads words, and sees no picture"
                continue
            try:
                return each, self._supply.bind(each)
            except CannotBind as error:
                each.eligible = False
                each.reason = str(error)
        return None

    def _merged(self, card: ExpertCard, before: Sequence[Part]) -> bool:
        """Put a question into the one before it: *who was she, and when was she born?* is one."""
        last = before[-1] if before else None
        if (
            last is None
            or not (self._part.clause.joined or self._is_afterthought())
            or self._reading.targets
            or self._reading.heard
        ):
            return False
        step = next((each for each in self._draft.steps if each.id == last.step), None)
        if step is None or step.expert != card.id or len(last.answers) != 1:
            return False
        if not all(isinstance(each, Value) for each in step.inputs.values()):
            return False
        port = next(each for each in card.inputs if each.required)
        flat = " ".join(self._bench.protected.text.split())
        start = flat.find(last.clause.text)
        end = flat.find(self._part.clause.text, max(start, 0))
        if start < 0 or end < 0:
            return False
        stop = end + len(self._part.clause.text)
        whole = flat[start : stop + 1] if flat[stop : stop + 1] in {"?", "!"} else flat[start:stop]
        bound = {**step.inputs, port.name: Value(value=self._bench.protected.restore(whole))}
        place = self._draft.steps.index(step)
        said = f"{last.clause.said} … {self._part.clause.said}"
        self._draft.steps[place] = step.model_copy(update={"inputs": bound, "ask": said})
        last.clause = replace(last.clause, said=self._bench.protected.restore(whole))
        return True

    def _is_afterthought(self) -> bool:
        """Say whether a sentence only tells how to answer the one before, as *two sentences* does."""
        text = self._part.clause.text
        return is_loose(text) and len(text.split()) <= 5

    def _reads(self, card: ExpertCard) -> bool:
        """Say whether an expert would get no more of a picture than its words."""
        ports = content_ports(card)
        takes_pictures = any({Kind.IMAGE, Kind.VIDEO} & set(port.kinds) for port in ports)
        return (bool(ports) and not takes_pictures) or (
            takes_pictures and carries(card) == "certain"
        )

    def _add_fallbacks(self, chosen: Candidate, ranked: Sequence[Candidate]) -> None:
        """Name who could take a step over: the same inputs, the same kind of result."""
        carried = carries(chosen.card) == "certain"
        able = [
            each.card
            for each in ranked
            if each is not chosen
            and not each.open_ended
            and each.score >= self._bench.thresholds.choose_attached
            and (carries(each.card) == "certain") == carried
        ]
        carriers = [card for card in self._draft.cards if carries(card) == "certain"]
        for place in range(self._first_step, len(self._draft.steps)):
            step = self._draft.steps[place]
            card = next(each for each in self._draft.cards if each.id == step.expert)
            # A converter that was put in was not ranked: whoever carries the same over will do.
            pool = able if card is chosen.card else carriers if carries(card) == "certain" else []
            fits = [each.id for each in pool if each is not card and could_take(each, step, card)]
            if fits:
                self._draft.steps[place] = step.model_copy(update={"fallbacks": tuple(fits[:3])})

    def _enough(self, candidate: Candidate, least: float) -> float:
        """Return the score that this candidate needs."""
        limits = self._bench.thresholds
        if any(Kind.ANY in port.kinds for port in content_ports(candidate.card)):
            return max(least, limits.choose)
        carried = self._reading.deed and carries(candidate.card) != "none" and not candidate.named
        return max(least, limits.choose_converter) if carried else least


def _language_first(candidate: Candidate) -> int:
    return 0 if language_port(candidate.card) is not None else 1


def could_take(card: ExpertCard, step: Step, chosen: ExpertCard) -> bool:
    """Say whether an expert takes the very bindings of a step, and gives the same kind."""
    for name, binding in step.inputs.items():
        mine, theirs = card.input(name), chosen.input(name)
        if mine is None or theirs is None or not fits(theirs, mine):
            return False
        if mine.choices and not (isinstance(binding, Value) and binding.value in mine.choices):
            return False
    required = {port.name for port in card.inputs if port.required}
    return required <= set(step.inputs) and card.outputs[0].kind is chosen.outputs[0].kind
