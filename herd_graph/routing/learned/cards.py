"""What the cards of tools say about a request: nothing here was learnt, so it holds for any tool."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.discovery.embedders import Embedder
from herd_graph.discovery.words import stems
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
)


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
        )

    def evidence(self, reading: Reading) -> Floats:
        """Return what speaks for each tool, of shape (evidence, tools), in the order of the names."""
        import numpy as np

        starts = list(self.starts)
        spoken = np.zeros((len(reading.stems), len(self.vocabulary)), dtype=np.float32)
        for row, clause in zip(spoken, reading.stems, strict=True):
            row[[self.vocabulary[each] for each in clause if each in self.vocabulary]] = 1
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
            ]
        ).astype(np.float32)

    def by_clause(self, reading: Reading) -> Floats:
        """Return how near each clause is to each tool's card, of shape (clauses, tools)."""
        import numpy as np

        near = reading.clauses @ self.texts.T
        return np.maximum.reduceat(near, list(self.starts), axis=1)


def _shares(
    held: Sequence[dict[str, None]], vocabulary: dict[str, int], rarity: dict[str, float]
) -> Floats:
    import numpy as np

    made = np.zeros((len(held), max(1, len(vocabulary))), dtype=np.float32)
    for row, each in zip(made, held, strict=True):
        for stem in each:
            row[vocabulary[stem]] = rarity[stem]
    return made / np.maximum(made.sum(axis=1, keepdims=True), 1e-9)
