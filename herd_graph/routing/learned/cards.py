"""What the cards of tools say about a request: nothing here was learnt, so it holds for any tool."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from herd_graph.discovery.embedders import Embedder
from herd_graph.discovery.words import stem, stems, words
from herd_graph.routing.learned.reading import Reading
from herd_graph.routing.learned.words import Floats
from herd_graph.routing.taskbench import Tool

CARD_EVIDENCE = (
    "name, whole",
    "description, whole",
    "card, whole",
    "name, clause",
    "description, clause",
    "card, clause",
    "name's words",
    "description's words",
    "name's words, clause",
    "description's words, clause",
    "takes what is attached",
    "card and deed, clause",
    "deed of the nearest clause",
)
_DEEDS = {
    "make": "book reserve set add make order request schedule arrange create new open register apply "
    "appoint place purchase buy send write generate record",
    "end": "cancel delete remove undo terminate close dismiss",
    "change": "change modify update adjust reschedule edit postpone revise move switch alter extend "
    "correct rename",
    "look": "query inquire inquiry check look search find know view retrieve status confirm list "
    "details information inform tell see verify recommend lookup get track show",
}
_DEED_OF = {
    stem(word): place for place, said in enumerate(_DEEDS.values()) for word in said.split()
}
_CLAUSE, _NAME, _WHOLE, _WORDS, _DEED, _HUB = 0.5, 1.0, 1.0, 0.1, 0.3, 0.5
"""What each counts in ``scores``: set on requests, not learnt for any set of tools."""


@dataclass(frozen=True, kw_only=True)
class Cards:
    """The cards of the tools that there are, as vectors and as words."""

    tools: tuple[Tool, ...]
    names: Floats
    descriptions: Floats
    """Of shape (tools, dimensions)."""
    texts: Floats
    """Name with description, and each example, of shape (texts, dimensions)."""
    starts: tuple[int, ...]
    """Where the texts of each tool begin."""
    vocabulary: dict[str, int]
    name_words: Floats
    description_words: Floats
    """The weight of each word of the vocabulary, summing to 1 for each tool."""
    deeds: Floats
    """Which kinds of deed a tool is for, of shape (tools, kinds)."""

    @cached_property
    def kin(self) -> Floats:
        """How much alike the names of tools are, of shape (tools, tools); a tool is no kin of itself."""
        import numpy as np

        alike = np.clip(self.names @ self.names.T, 0, None) ** 4
        np.fill_diagonal(alike, 0)
        return alike

    @cached_property
    def hub(self) -> Floats:
        """How near a card is to all others: to such a card every request is near."""
        import numpy as np

        return np.maximum.reduceat((self.texts @ self.texts.T).mean(axis=1), list(self.starts))

    @classmethod
    def of(cls, tools: Sequence[Tool], embedder: Embedder) -> Cards:
        """Read cards. A card that was read before costs nothing where the embedder remembers."""
        import numpy as np

        named = [each.name.replace("_", " ").replace("-", " ") for each in tools]
        texts = [
            (f"{name}: {tool.description}", *tool.examples[:32])
            for name, tool in zip(named, tools, strict=True)
        ]
        flat = [text for each in texts for text in each]
        starts = np.cumsum([0, *(len(each) for each in texts)])[:-1]
        name_stems = [dict.fromkeys(stems(name)) for name in named]
        other_stems = [
            dict.fromkeys(stems(" ".join((tool.description, *tool.tags, *tool.examples[:32]))))
            for tool in tools
        ]
        held = Counter(s for a, b in zip(name_stems, other_stems, strict=True) for s in {**a, **b})
        vocabulary = {each: place for place, each in enumerate(held)}
        rarity = {each: math.log(1 + len(tools) / count) for each, count in held.items()}
        return cls(
            tools=tuple(tools),
            names=embedder.embed(named),
            descriptions=embedder.embed([tool.description or tool.name for tool in tools]),
            texts=embedder.embed(flat),
            starts=tuple(int(each) for each in starts),
            vocabulary=vocabulary,
            name_words=_shares(name_stems, vocabulary, rarity),
            description_words=_shares(other_stems, vocabulary, rarity),
            deeds=np.stack(
                [
                    own if own.sum() else said
                    for own, said in (
                        (deeds(name), deeds(tool.description))
                        for name, tool in zip(named, tools, strict=True)
                    )
                ]
            ),
        )

    def evidence(self, reading: Reading) -> Floats:
        """Return what speaks for each tool, of shape (evidence, tools), in the order of the names."""
        import numpy as np

        starts = list(self.starts)
        spoken = self._spoken(reading)
        scores, deed = self.scores(reading)
        whole = spoken.max(axis=0)
        attached = [
            float(bool(set(tool.takes) & reading.kinds)) if reading.kinds else 0.0
            for tool in self.tools
        ]
        return np.stack(
            [
                self.names @ reading.whole,
                self.descriptions @ reading.whole,
                np.maximum.reduceat(self.texts @ reading.whole, starts),
                (reading.clauses @ self.names.T).max(axis=0),
                (reading.clauses @ self.descriptions.T).max(axis=0),
                np.maximum.reduceat((reading.clauses @ self.texts.T).max(axis=0), starts),
                self.name_words @ whole,
                self.description_words @ whole,
                (spoken @ self.name_words.T).max(axis=0),
                (spoken @ self.description_words.T).max(axis=0),
                np.array(attached, dtype=np.float32),
                scores.max(axis=0),
                deed[scores.argmax(axis=0), np.arange(len(self.tools))],
            ]
        ).astype(np.float32)

    def _spoken(self, reading: Reading) -> Floats:
        """Return which words of the vocabulary each clause holds."""
        import numpy as np

        spoken = np.zeros((len(reading.stems), max(1, len(self.vocabulary))), dtype=np.float32)
        for row, clause in zip(spoken, reading.stems, strict=True):
            row[[self.vocabulary[each] for each in clause if each in self.vocabulary]] = 1
        return spoken

    def scores(self, reading: Reading) -> tuple[Floats, Floats]:
        """Return how well each clause fits each tool, and whether their deeds do (1, 0 or -1).

        What is asked of a thing matters as much as the thing: *cancel the booking* is nearer to a card
        about booking than to one about cancelling, by meaning alone. So deeds are sorted into four
        kinds (make, end, change, look), and a clause's kind speaks for the tools of that kind. Both
        are of shape (clauses, tools).
        """
        import numpy as np

        whole = np.maximum.reduceat(self.texts @ reading.whole, list(self.starts))
        shared = self.shared_words(reading)
        asked = np.stack([deeds(reading.text[start:end]) for start, end in reading.spans])
        both = asked @ self.deeds.T > 0
        says = np.outer(asked.sum(axis=1), self.deeds.sum(axis=1)) > 0
        deed = np.where(says, np.where(both, 1.0, -1.0), 0.0)
        scores = (
            _CLAUSE * self.by_clause(reading)
            + _NAME * (reading.clauses @ self.names.T)
            + _WHOLE * whole
            + _WORDS * shared
            + _DEED * deed
            - _HUB * self.hub
        )
        return scores.astype(np.float32), deed.astype(np.float32)

    def shared_words(self, reading: Reading) -> Floats:
        """Return how much of each card's words each clause says, of shape (clauses, tools)."""
        return self._spoken(reading) @ (self.name_words + self.description_words).T

    def by_clause(self, reading: Reading) -> Floats:
        """Return how near each clause is to each tool's card, of shape (clauses, tools)."""
        import numpy as np

        near = reading.clauses @ self.texts.T
        return np.maximum.reduceat(near, list(self.starts), axis=1)


def deeds(text: str) -> Floats:
    """Return which kinds of deed a text speaks of, of shape (kinds,)."""
    import numpy as np

    made = np.zeros(len(_DEEDS), dtype=np.float32)
    for each in words(text):
        place = _DEED_OF.get(stem(each))
        if place is not None:
            made[place] = 1
    return made


def _shares(
    held: Sequence[dict[str, None]], vocabulary: dict[str, int], rarity: dict[str, float]
) -> Floats:
    import numpy as np

    made = np.zeros((len(held), max(1, len(vocabulary))), dtype=np.float32)
    for row, each in zip(made, held, strict=True):
        for held_stem in each:
            row[vocabulary[held_stem]] = rarity[held_stem]
    return made / np.maximum(made.sum(axis=1, keepdims=True), 1e-9)
