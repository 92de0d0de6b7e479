"""Ask a recording of speech for its words: a plan that transcribes it does not reckon with its notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from herd_graph.cards import ExpertCard
from herd_graph.routing.golds import Tree, inputs_of
from herd_graph.routing.neural.asking import asked, maker, reader_of
from herd_graph.routing.neural.claims import calls
from herd_graph.types import Kind

_MUSIC = re.compile(
    r"\b(?:notes|music|melod\w+|tunes?|songs?|midi|chords?|pitch\w*|keys?|score|piano|guitar|tones?)\b",
    re.IGNORECASE,
)


def as_speech(
    parts: Sequence[Tree], said: Sequence[str], cards: Mapping[str, ExpertCard]
) -> list[Tree]:
    """Return the parts with questions about a recording of speech asked of its words.

    Args:
        parts: What was written.
        said: Whose words the parts serve.
        cards: Who is there, by name.
    """
    hears = maker(cards, Kind.AUDIO, Kind.TEXT, carries_=True)
    music = next((name for name, card in cards.items() if "music" in card.tags), "")
    spoken = {name for part in parts if calls(part, hears) for name in inputs_of(part)}
    found: list[Tree] = []
    for part, words in zip(parts, said, strict=True):
        names = sorted(set(inputs_of(part)))
        misheard = calls(part, music) and set(names) <= spoken and not _MUSIC.search(words)
        found.append(_asked(words, names[0], hears, cards) if misheard else part)
    return found


def _asked(said: str, name: str, hears: str, cards: Mapping[str, ExpertCard]) -> Tree:
    heard: Tree = ("call", hears, "", False, ("input", name))
    reader = reader_of(cards)
    return asked(said, heard, cards) or (("call", reader, "", False, heard) if reader else heard)


__all__ = ("as_speech",)
