"""Put a request into English words, and remember how each piece of it was typed.

The words of other languages are replaced one by one, which is rough and enough to find the orders.
File names and content are never touched, and headings quote what the person typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate

from herd_graph.routing.content import MARK
from herd_graph.routing.glosses import FOREIGN_SIGNS, GLOSSES
from herd_graph.routing.lexicon import CONTRACTED, LANGUAGES, NATIONS

_WORD = re.compile(r"[^\W_][\w'’-]*")
_FILE = r"(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.[a-z]\w{1,4}(?!\w)"
_PHRASES = {
    "em voz alta": "aloud",
    "en voz alta": "aloud",
    "à voix haute": "aloud",
    "o que": "what",
}
_THEIR_LANGUAGE = re.compile(
    r"\b(?:her|his|their|its|the local|the customer's|the client's) (?:own |native |mother |first )?(?:language|tongue)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wording:
    """A request in English words, beside the words that were typed."""

    pieces: tuple[tuple[str, str], ...]
    """What was typed, and what it is in English; together they are the whole."""

    @property
    def text(self) -> str:
        """The request in English words."""
        return "".join(english for _, english in self.pieces)

    def typed(self, said: str) -> str:
        """Return a part of the text as it was typed; itself where it cannot be found."""
        text = self.text
        start = text.find(said)
        end = start + len(said)
        if start < 0:  # joined of two pieces
            head, _, tail = said.rpartition(", ")
            start = text.find(head.partition(", ")[0]) if head else -1
            last = text.find(tail, max(start, 0))
            end = last + len(tail)
            if start < 0 or last < 0:
                return said
        ends = list(accumulate(len(english) for _, english in self.pieces))
        held = [
            typed if typed != english else english[max(0, start - before) : end - before]
            for (typed, english), after in zip(self.pieces, ends, strict=True)
            if (before := after - len(english)) < end and after > start
        ]
        return "".join(held).strip(" ,;")


def reworded(text: str, names: Collection[str] = ()) -> Wording:
    """Put a request into English words.

    Args:
        text: The request, with marks in the place of content.
        names: What attachments are called: those stay as they are.
    """
    kept = [
        MARK.pattern.replace("(", "(?:", 1),
        *(re.escape(each) for each in names if each),
        _FILE,
    ]
    phrases = "|".join(rf"\b{re.escape(each)}\b" for each in _PHRASES)
    part = re.compile(
        rf"(?P<kept>{'|'.join(kept)})|(?P<phrase>{phrases})|(?P<word>{_WORD.pattern})",
        re.IGNORECASE,
    )
    parts = list(part.finditer(text))
    spoken = [each.group().lower() for each in parts if not each.group("kept")]
    several = [word for each in spoken for word in each.split()]
    nation = next((NATIONS[each] for each in spoken if each in NATIONS), "")
    signs = sum(each in FOREIGN_SIGNS for each in several)
    foreign = signs >= max(1, len(several) // 6)
    pieces: list[tuple[str, str]] = []
    place = 0
    for each in parts:
        between = text[place : each.start()]
        pieces.append((between, between))
        typed = each.group()
        pieces.append((typed, typed if each.group("kept") else _english(typed, foreign=foreign)))
        place = each.end()
    pieces.append((text[place:], text[place:]))
    made = Wording(tuple(pair for pair in pieces if pair[0]))
    if nation and _THEIR_LANGUAGE.search(made.text):
        return _in_their_language(made, nation)
    return made


def gloss(text: str, names: Collection[str] = ()) -> str:
    """Return a request in English words."""
    return reworded(text, names).text


def _english(typed: str, *, foreign: bool) -> str:
    here = typed.lower()
    if here in CONTRACTED:  # "whats he saying" is "what's he saying"
        plain = CONTRACTED[here]
        return plain.capitalize() if typed[0].isupper() else plain
    if not foreign:
        return typed
    if here in _PHRASES:
        return _PHRASES[here]
    code = LANGUAGES.get(here)
    if code is not None:
        return next(name for name, each in LANGUAGES.items() if each == code)
    return GLOSSES.get(here, typed)


def _in_their_language(made: Wording, nation: str) -> Wording:
    """Name the language in *a customer from Brazil … in her language*."""
    pieces: list[tuple[str, str]] = []
    text, place, at = made.text, 0, 0
    spans = [each.span() for each in _THEIR_LANGUAGE.finditer(text)]
    for typed, english in made.pieces:
        inside = next((each for each in spans if each[0] <= place < each[1]), None)
        if inside is None:
            pieces.append((typed, english))
        elif inside[0] == place:
            at = len(pieces)
            pieces.append((typed, nation))
        else:
            pieces[at] = (pieces[at][0] + typed, nation)
        place += len(english)
    return Wording(tuple(pieces))
