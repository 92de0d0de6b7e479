# ruff: noqa: SIM905 - word lists are read and mended as words
"""Read one clause: what is to be done, in which language, and whether it is to be heard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from herd_graph.cards import ExpertCard
from herd_graph.discovery.words import STOP_WORDS, stems, words
from herd_graph.routing.clauses import Clause
from herd_graph.routing.content import MARK, Protected
from herd_graph.routing.expressions import find_expression
from herd_graph.routing.lexicon import (
    ALSO_NOUNS,
    ASKS_FOR_WRITING,
    AUXILIARIES,
    FILE_WORDS,
    INVENTS,
    LOOKS,
    MAKES_IT_HEARD,
    MATERIAL,
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
from herd_graph.routing.parameters import speaks
from herd_graph.routing.ranking import Wish
from herd_graph.routing.references import Discourse, Reference, masked, without_material
from herd_graph.routing.tongues import languages
from herd_graph.types import Kind

_ANSWERS = frozenset(["answer", "respond", "reply", "responda"])
_SOUNDS = frozenset(["read", "speak", "say", "narrate", "pronounce", "recite", "play", "translate"])
LIGHT = READ_VERBS | frozenset(
    "only words writing lines contents copy grab pull take jot note show want need know provide "
    "version get put translation language text word phrase sentence content write mean called means "
    "display deliver return sure instead list wording result results output answer outcome".split()
)
_POINTS = frozenset(["take", "use", "consider", "open", "look", "listen", "see", "view", "watch"])
_FOR_SOMEBODY = re.compile(r"\s+for (?:my|our|the|his|her) \w+\W*$", re.IGNORECASE)
_AS_TEXT = re.compile(
    r"\b(?:as|into|to) (?:plain |written |readable )?text\b|\bin writing\b", re.IGNORECASE
)
_WHAT_IS_ON = re.compile(r"\bwhat(?:'s| is) (?:on|in)\b", re.IGNORECASE)
_HEARD_TAIL = re.compile(
    r"\s+(?:to me|out loud|aloud|out|(?:an? )?(?:\w+ )?(?:recording|audio|mp3|voice \w+|spoken))$",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"\b[^\W_]+\b")


class Reading:
    """What the words of one clause say, whoever will do it."""

    def __init__(
        self, clause: Clause, reference: Reference, about: Discourse, protected: Protected
    ) -> None:
        self.clause, self.reference, self.about = clause, reference, about
        self.text = clause.text
        self.marks = protected.marks(clause.text)
        self.said = protected.restore(clause.said)
        self.contents = [protected.contents[each] for each in self.marks]
        self._protected = protected
        plain = MARK.sub(" ", self.text)
        self.plain = plain
        self.targets = [each for each in languages(plain) if each.target]
        """The languages that are asked for."""
        self.heard = bool(MAKES_IT_HEARD.search(plain) or SAYS_FIRST.match(plain))
        self.core = self._core(plain)
        """The clause without what only says in which language, or aloud."""
        self.deed = self._deed()
        """The words that say what is to be done; empty for *give it to me in English*."""
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
        core = MAKES_IT_HEARD.sub(lambda found: verb_of(found.group()), core)
        return " ".join(core.split()).strip(" ,")

    def _deed(self) -> list[str]:
        """Return the words that say what is to be done, beyond light verbs and what it is done to."""
        named = {name for each in self.about.attachments for name in each.names}
        named |= {name for each in self.reference.results for name in each.names}
        return [
            each
            for each in words(_FOR_SOMEBODY.sub("", self.core))
            if each.partition("'")[0] not in STOP_WORDS
            and each not in LIGHT
            and each not in MATERIAL
            and each not in SUGGESTS
            and each not in FILE_WORDS
            and each not in ORDINALS
            and not set(stems(each)) & named
        ]

    @property
    def only_points(self) -> bool:
        """Whether the clause asks for nothing, and says what to look at: *take the photo*."""
        points = self.clause.first in _POINTS and bool(
            self.reference.explicit or self.reference.suggests or self.reference.pronoun
        )
        opens = set(words(self.core)) & (VERBS | QUESTION_WORDS | AUXILIARIES)
        attached = any(each.origin == "attachment" for each in self.reference.explicit)
        if attached and not (self.deed or opens or self.heard or self.targets or self.marks):
            return True  # "Only the second recording, please"
        out = re.search(r"\bout\b|\bfor\b", self.core)
        return points and not self.heard and not self.targets and not out

    def _is_bare(self) -> bool:
        """Say whether the clause names nothing to work on: *translate to Portuguese*."""
        spoken = words(self.core)
        if self.reference.pronoun or (spoken and spoken[0] in QUESTION_WORDS | AUXILIARIES):
            return False
        if any(each in MATERIAL or each in SUGGESTS or each in FILE_WORDS for each in spoken):
            return False
        kept = [each for each in spoken if each not in STOP_WORDS and each not in LIGHT]
        return len(kept) <= 1

    def wish(self) -> Wish:
        """Return what to look for among the experts."""
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
            rewordings=(*self._rewordings(plain), *self._rereadings(plain)),
            made=made,
            neutral=_LOOSE.sub(
                lambda each: "this" if each.group().lower() in MATERIAL else each.group(), plain
            )
            if self.about.attachments
            else "",
            material=frozenset(explicit or {each.kind for each in self.about.attachments}),
            asks_whether=self.clause.first in AUXILIARIES,
            heard=self.heard,
            as_text=bool(_AS_TEXT.search(plain)) and not self.heard,
            deed=tuple(self.deed),
            verb=self._verb(),
            expression=self.expression is not None,
            languages=tuple(each.code for each in self.targets),
        )

    def _rewordings(self, plain: str) -> tuple[str, ...]:
        """Leave out what only a picture could be asked, where there is none."""
        results = [each for group in self.about.results for each in group]
        kinds = {each.kind for each in (*self.about.attachments, *results)}
        seen = bool(kinds & {Kind.IMAGE, Kind.VIDEO})
        return tuple(each for each in rewordings(plain) if seen or "image" not in each)

    def _rereadings(self, plain: str) -> tuple[str, ...]:
        """Return plain ways to ask for the writing in a picture, where that is what is worked on."""
        explicit = {each.kind for each in self.reference.explicit}
        kinds = explicit or {each.kind for each in self.about.attachments}
        written = ASKS_FOR_WRITING.search(plain) or (
            _WHAT_IS_ON.search(plain) and set(words(plain)) & WRITTEN_THINGS
        )
        if kinds != {Kind.IMAGE} or self.heard or not written:
            return ()
        return ("read the text in the image", "what does it say?")

    def _verb(self) -> str:
        first = self.clause.first
        return first if first in VERBS and first not in LIGHT and first not in ALSO_NOUNS else ""

    @property
    def modifies(self) -> Literal["heard", "language"] | None:
        """Say whether the clause asks for nothing but to hear something, or for a language."""
        if self.deed:
            return None
        if self.heard:
            return "heard"
        return "language" if self.targets else None

    @property
    def is_free_question(self) -> bool:
        """Whether it is a question about the world rather than about material."""
        return (
            self.clause.first in QUESTION_WORDS
            and not self.about.attachments
            and not self.targets
            and not self.reference.explicit
        )

    def whole(self, cards: Sequence[ExpertCard]) -> str:
        """Return the clause as a question to somebody else: with its content, without the language."""
        if self.clause.foreign:
            return self._whole(self.clause.said)
        text = self.clause.text
        for mention in sorted(self.targets, key=lambda each: -each.span[0]):
            if any(speaks(card, mention.code) is not None for card in cards):
                text = f"{text[: mention.span[0]]}{text[mention.span[1] :]}".strip(" ,")
        asked = self.clause.said.rstrip().endswith("?")
        whole = self._whole(text)
        original = self._question_as_typed(whole)
        return original or (f"{whole}?" if asked and not whole.endswith("?") else whole)

    def _whole(self, text: str) -> str:
        return MARK.sub(lambda found: self._protected.contents[int(found.group(1))], text).strip()

    @property
    def typed(self) -> str:
        """The clause with its content, mark for mark as it was typed; empty where it was reordered."""
        original = " ".join(self._protected.original.split())
        spoken = re.findall(r"\w+", MARK.sub(" ", self.clause.text))
        held = re.findall(r"\w+", self.contents[-1]) if self.contents else []
        if not spoken or not held:
            return ""
        start = original.find(spoken[0])
        end = original.rfind(held[-1])
        if start < 0 or end < start:
            return ""
        tail = re.match(r"[\"'”’».!?)]*", original[end + len(held[-1]) :])
        return original[start : end + len(held[-1])] + (tail.group() if tail else "")

    def _question_as_typed(self, whole: str) -> str:
        """Return the clause with the mark that ended it: a question stays one."""
        flat = " ".join(self._protected.text.split())
        place = flat.find(whole)
        if place >= 0 and flat[place + len(whole) : place + len(whole) + 1] in {"?", "!"}:
            return whole + flat[place + len(whole)]
        return ""

    @property
    def sees(self) -> bool:
        """Say whether the clause asks for what can only be seen."""
        return bool(LOOKS.search(self.core)) and self.is_about_looks

    @property
    def is_about_looks(self) -> bool:
        """Say whether only a picture's looks could answer: its words would not."""
        suggested = [
            each for each in self.about.attachments if each.kind in self.reference.suggests
        ]
        things = list(self.reference.explicit) or suggested or self.about.attachments
        if self.reference.pronoun and any(each.kind is Kind.TEXT for each in self.about.latest):
            return False  # "read it, and explain what it means"
        kinds = {each.kind for each in things if each.origin == "attachment"}
        said = set(words(self.core))
        return bool(kinds) and kinds <= {Kind.IMAGE, Kind.VIDEO} and not said & WRITTEN_THINGS

    @property
    def replaces(self) -> bool:
        """Whether it only changes the answer before it, as *answer in Portuguese* does."""
        alone = not self.clause.joined and not self.deed and self.bare
        return self.clause.first in _ANSWERS or (alone and self.clause.first not in _SOUNDS)

    @property
    def asks(self) -> bool:
        """Whether words alone could meet it: a question, or an order to write or to explain."""
        return self.said.rstrip().endswith("?") or self.clause.first in (
            QUESTION_WORDS | AUXILIARIES | WRITES
        )


def verb_of(phrase: str) -> str:
    """Return *read it* for *read it out*; *aloud* alone has no verb."""
    first = phrase.lower().split()[0]
    return _HEARD_TAIL.sub("", phrase) if first in READ_VERBS else ""


def rewordings(plain: str) -> tuple[str, ...]:
    """Return plain ways to say what a clause says."""
    if INVENTS.match(plain):
        return ()  # "write a poem about the rain" asks for no weather
    return tuple(reworded for pattern, reworded in REWORDINGS if pattern.search(plain))


def is_sound(text: str) -> bool:
    """Say whether a piece only says how it is to be heard."""
    return bool(MAKES_IT_HEARD.search(text)) and len(words(text)) <= 2
