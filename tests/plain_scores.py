"""How cards are scored, written down plainly: what the fast index is compared with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from herd_graph.discovery.embedders import Embedder
from herd_graph.discovery.words import stems

Texts = tuple[tuple[str, str], ...]


def scores(query: str, cards: Mapping[str, Texts], embedder: Embedder) -> dict[str, float]:
    """Return the score of each card, one after the other."""
    held: dict[str, dict[str, float]] = {}
    for card, texts in cards.items():
        own = held.setdefault(card, {})
        for what, text in texts:
            said = set(stems(text))
            weight = (0.75 if what == "example" else 1.0) * min(1.0, 40 / max(1, len(said)))
            for each in said:
                own[each] = max(own.get(each, 0.0), weight)
    seen = Counter(each for own in held.values() for each in own)
    count = len(cards)
    rarity = {each: math.log(1 + (count - n + 0.5) / (n + 0.5)) for each, n in seen.items()}
    unseen = math.log(1 + (count + 0.5) / 0.5) * 0.4
    asked = list(dict.fromkeys(stems(query)))
    total = sum(rarity.get(each, unseen) for each in asked)
    least = math.log(1 + (count - 2 + 0.5) / 2.5) if count > 3 else 0.0
    vector = embedder.embed([query])[0]
    found: dict[str, float] = {}
    for card, texts in cards.items():
        shared = 0.0
        if total > 0:
            shared = sum(rarity[each] * held[card][each] for each in asked if each in held[card])
            shared /= max(total, least)
        near = float((embedder.embed([text for _, text in texts]) @ vector).max())
        found[card] = 0.7 * max(0.0, min(1.0, near)) + 0.3 * min(1.0, shared)
    return found
