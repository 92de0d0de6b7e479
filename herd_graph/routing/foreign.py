"""Put a text into English first, where an expert that knows English alone is to work on it.

*Does the letter mention allergies?* of a Portuguese letter is asked of its translation; *is the writer
happy?*, too. And *what does it mean?* of a text in another language asks for the translation itself.
The network sees no contents; what an attached text is written in is known here, or the request says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from herd_graph.cards import ExpertCard
from herd_graph.plans import AllOf, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import (
    card_of,
    fresh_ids,
    is_sound,
    question_to,
    who_answers,
    without_unused,
)
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.parameters import content_ports, context_port, language_port, speaks
from herd_graph.routing.rebinding import text_of
from herd_graph.routing.tongues import guess_language, language_code, languages
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind

_ENGLISH = "en"
_TWO = 2
_OTHER = r"(?:portuguese|brazilian)"
_SAID_OF_IT = re.compile(
    rf"^\W*(?:(?:btw|by the way|but|and|note(?: that)?|careful)\W+)*(?:it(?:['’]?s| is)|(?:this|that|the \w+)(?:['’]s| is)|they are|they['’]re)"
    rf"(?: all)?(?: (?:written )?in)? {_OTHER}(?: (?:btw|by the way|though))?\W*$",
    re.IGNORECASE,
)
"""*It's Portuguese*: said of a text, and asks for nothing."""
_SAYS_SO = re.compile(
    rf"\b(?:it|this|that|they|letter|mail|e-?mail|review|note|text|sign|poster|notice|message)(?:['’]?s|['’]re| is| are)(?: all)?(?: (?:written )?in)? {_OTHER}\b"
    rf"|\b(?:the|this|that|a|my|his|her) {_OTHER} (?:letter|mail|e-?mail|review|note|text|sign|poster|notice|message|comment|document)s?\b",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"^\W*(?:(?:and|so|then|but|tell me) )*what (?:does|do|did) (?:it|this|that|they|these|(?:the|this|that|my) (?:\w+ )?(?:sign|letter|text|note|notice|poster|message|mail|e-?mail|words?|writing|label|board|placard|menu))"
    r"(?: all)?(?: \w+ (?:on|in) (?:it|the \w+))? means?(?: in english)?\W*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\W*(?:(?:and|so|also|then|please|ok|okay|tell me|say|can you tell me|could you tell me|do you know|i want to know) )*"
    r"(?:who|whom|whose|what|which|why|how|where|if|whether|does|do|did|is|are|was|were|has|have|can|could|will|would|should|must|may)\b",
    re.IGNORECASE,
)
_AS_IT_STANDS = re.compile(
    r"\b(?:when|what time|what date|which (?:day|date)|until|by when|how much|cost|price|who (?:wrote|sent|signed|is it from|is it for|is it to)|written by|signed by"
    r"|word|phrase|spell\w*|mistakes?|grammar|original|quote|language|in portuguese|written in|mean|means|meaning)\b",
    re.IGNORECASE,
)
"""Times, prices and names are found in the text as it stands, and words are asked about in it."""
_IN_ENGLISH = re.compile(
    r"\bin english\b|\benglish (?:summary|version|title|headline|gist)\b", re.IGNORECASE
)
_PIECES = re.compile(r"[?;,]|\b(?:and|then)\b", re.IGNORECASE)
_WHETHER = re.compile(
    r"^\W*(?:(?:and|so|also|please|tell me|say|if|whether) )*(?:does|do|did|is|are|was|were|has|have)\b",
    re.IGNORECASE,
)


def in_english(route: Route, task: Task, situation: Situation) -> Route:
    """Return a route whose experts for English are given English.

    Args:
        route: The plan and why.
        task: The request, and what is attached.
        situation: Who is there.
    """
    plan = route.plan
    if not plan.steps or guess_language(task.text) == "pt":
        return route
    given = {**task.attachments, **route.attachments}
    told = _SAYS_SO.search(task.text) is not None
    named = frozenset(each.code for each in languages(task.text) if each.target)

    def language(name: str) -> str | None:
        ref = given.get(name)
        if not isinstance(ref, ArtifactRef) or ref.kind is not Kind.TEXT:
            return None
        return guess_language(text_of(ref, situation))

    made = _Translating(plan, situation.experts, language, told=told, named=named).made()
    if made is plan or not is_sound(made, task, situation.experts):
        return route
    return route.model_copy(update={"plan": made})


class _Translating:
    def __init__(
        self,
        plan: Plan,
        experts: Snapshot,
        language: Callable[[str], str | None],
        *,
        told: bool,
        named: frozenset[str],
    ) -> None:
        self.plan, self.experts, self.language, self.told = plan, experts, language, told
        self.named = named
        """The languages into which the request would have something put."""
        self.steps: list[Step] = []
        self.english: dict[str, Binding] = {}
        """What the English of each source comes from."""
        self.fresh = fresh_ids(plan.steps)
        self.translator = next(
            (card for card in experts.latest if speaks(card, _ENGLISH) is not None), None
        )

    def made(self) -> Plan:
        if self.translator is None:
            return self.plan
        for step in self.plan.steps:
            card = card_of(step, self.experts)
            self.steps.append(self._turned(step, card) if card is not None else step)
        remarks = [each for each in self.plan.answers if _SAID_OF_IT.match(each.ask)]
        answers = [each for each in self.plan.answers if each not in remarks]
        if tuple(self.steps) == self.plan.steps and (not remarks or not answers):
            return self.plan
        kept = tuple(answers) if answers else self.plan.answers
        made = self.plan.model_copy(update={"steps": tuple(self.steps), "answers": kept})
        return without_unused(made) if remarks and answers else made

    def _turned(self, step: Step, card: ExpertCard) -> Step:
        """Return a step that works on English, or makes it; the step itself where nothing is to do."""
        source = _source(step, card)
        if source is None or step.foreach is not None:
            return step
        port, binding = source
        spoken = self._spoken(binding)
        if (other := self._into_the_other(step, card, binding)) is not None:
            return other
        context = context_port(card)
        asked = next((str(b.value) for b in step.inputs.values() if isinstance(b, Value)), step.ask)
        if context is not None and port == context.name:
            foreign = spoken not in {None, _ENGLISH}
            if _MEANS.match(asked):
                seen = spoken is None and self._is_read(binding)
                return self._explained(step, binding, foreign=foreign or seen)
            pieces = [each for each in _PIECES.split(asked) if _QUESTION.match(each)]
            wanted = any(not _AS_IT_STANDS.search(each) for each in pieces)
            return self._given(step, port, binding) if foreign and wanted else step
        if spoken != "pt":
            return step
        english = _IN_ENGLISH.search(step.ask) and card.input("to") is None
        if "sentiment" in card.tags or (english and card.outputs[0].kind is Kind.TEXT):
            return self._given(step, port, binding)
        if "passages" in card.tags and isinstance(binding, FromInput):
            return self._searched(step, port, binding)
        return step

    def _into_the_other(self, step: Step, card: ExpertCard, binding: Binding) -> Step | None:
        """Return a translation into the other of two languages, of a file that is in the one chosen."""
        choice = language_port(card)
        to = step.inputs.get(choice.name) if choice is not None else None
        if choice is None or not isinstance(to, Value) or not isinstance(binding, FromInput):
            return None
        same = self.language(binding.input) == language_code(to.value)
        named = language_code(to.value) in self.named
        if not same or named or len(choice.choices) != _TWO:
            return None
        other = next(each for each in choice.choices if each != to.value)
        return step.model_copy(update={"inputs": {**step.inputs, choice.name: Value(value=other)}})

    def _explained(self, step: Step, binding: Binding, *, foreign: bool) -> Step:
        """Return what says what a text means: its translation, or what it comes down to."""
        if foreign:
            return self._translation(step.id, binding, step.ask)
        for card in self.experts.latest:
            if card.input("sentences") is not None and (ports := content_ports(card)):
                inputs: dict[str, Binding] = {ports[0].name: binding}
                fresh = {"expert": card.id, "inputs": inputs, "fallbacks": ()}
                return step.model_copy(update=fresh)
        return step

    def _searched(self, step: Step, port: str, binding: FromInput) -> Step:
        """Return the search in English; whether something is mentioned is asked of who answers questions."""
        reader = who_answers(self.experts)
        english = self._english(binding, step.ask)
        if reader is None or not _WHETHER.match(step.ask):
            return step.model_copy(
                update={"inputs": {**step.inputs, port: AllOf(all=(english,))}, "fallbacks": ()}
            )
        inputs = question_to(reader, step.ask, english)
        return step.model_copy(update={"expert": reader.id, "inputs": inputs, "fallbacks": ()})

    def _given(self, step: Step, port: str, binding: Binding) -> Step:
        english = self._english(binding, step.ask)
        return step.model_copy(update={"inputs": {**step.inputs, port: english}})

    def _english(self, binding: Binding, ask: str) -> Binding:
        """Return where the English of a source comes from, adding the step that makes it."""
        key = binding.model_dump_json()
        if key not in self.english:
            there = (*self.steps, *self.plan.steps)
            held = next((each for each in there if self._makes_english(each, binding)), None)
            if held is None:
                held = self._translation(next(self.fresh), binding, ask)
                self.steps.append(held)
            self.english[key] = FromStep(step=held.id)
        return self.english[key]

    def _translation(self, name: str, binding: Binding, ask: str) -> Step:
        assert self.translator is not None
        content = next(each for each in content_ports(self.translator) if each.required)
        choice = language_port(self.translator)
        assert choice is not None
        inputs: dict[str, Binding] = {
            content.name: binding,
            choice.name: Value(value=speaks(self.translator, _ENGLISH)),
        }
        return Step.model_validate(
            {"id": name, "expert": self.translator.id, "inputs": inputs, "ask": ask}
        )

    def _makes_english(self, step: Step, binding: Binding) -> bool:
        card = card_of(step, self.experts)
        to = any(
            isinstance(b, Value) and language_code(b.value) == _ENGLISH
            for b in step.inputs.values()
        )
        return card is self.translator and to and binding in step.inputs.values()

    def _spoken(self, binding: Binding) -> str | None:
        """Return the language of a source, where it is known: of a file's text, of what was translated."""
        if isinstance(binding, FromInput):
            return self.language(binding.input) or ("pt" if self.told else None)
        step = next((e for e in self.steps if e.id == getattr(binding, "step", None)), None)
        card = card_of(step, self.experts)
        if step is None or card is None:
            return None
        choice = language_port(card)
        to = step.inputs.get(choice.name) if choice is not None else None
        if isinstance(to, Value):
            return language_code(to.value)
        source = _source(step, card)
        if source is None or card.outputs[0].kind is not Kind.TEXT:
            return None
        if context_port(card) is not None:
            return _ENGLISH
        return self._spoken(source[1])

    def _is_read(self, binding: Binding) -> bool:
        """Say whether a text was read in a picture, which may be in any language."""
        step = next((e for e in self.steps if e.id == getattr(binding, "step", None)), None)
        card = card_of(step, self.experts)
        return card is not None and any(Kind.IMAGE in port.kinds for port in card.inputs)


def _source(step: Step, card: ExpertCard) -> tuple[str, Binding] | None:
    """Return what a step works on, and by which port."""
    context = context_port(card)
    ports = [context] if context is not None and context.name in step.inputs else []
    ports += [each for each in content_ports(card) if each.required]
    for port in ports:
        bound = step.inputs.get(port.name)
        if isinstance(bound, AllOf) and len(bound.all) == 1:
            bound = bound.all[0]
        if isinstance(bound, FromInput | FromStep):
            return port.name, bound
    return None


__all__ = ("in_english",)
