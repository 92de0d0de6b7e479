"""Hold a part of a plan to the verb of its wish, and to what its object is.

*Summarise the letter in English* is a summary, however near a translation is to it; *how much is on the
receipt* is a sum, and not a count of things seen; and what is to be spoken in another language is translated
first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from herd_graph.cards import ExpertCard
from herd_graph.conversions import carries
from herd_graph.routing.going_on import adds_up
from herd_graph.routing.golds import Tree
from herd_graph.routing.lexicon import MAKES_IT_HEARD, NUMBERS, POLITE
from herd_graph.routing.neural.asking import answered
from herd_graph.routing.neural.tables import drawn_or_kept, heard
from herd_graph.routing.parameters import context_port, language_port, reads_aloud
from herd_graph.routing.tongues import language_code, languages
from herd_graph.types import Kind

_SUMMARISES = re.compile(
    r"\b(?:summar(?:y|ies|i[sz]e[sd]?|i[sz]ing)|sumari[sz]e|sum (?:it |this |that )?up|condense[sd]?|digest|gist|in (?:short|brief)|boil\w* down)\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(
    rf"\b(?P<n>\d+|one|{'|'.join(NUMBERS)}) (?:\w+ )?sentences?\b", re.IGNORECASE
)
_ON_PAPER = re.compile(
    r"^what(?:['’]?s| is| does)?(?: written| printed)? on (?:the|this|my|our) (?:\w+ )?(?:rec[ei]{1,2}pt|sign|poster|menu|label|bill|invoice|slip|ticket|page"
    r"|note|card|letter|whiteboard|board|placard|flyer|leaflet)s?\W*$",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(
    r"^(?:how much|quanto)\b|\b(?:split|add up|come to|in change)\b", re.IGNORECASE
)
_READS = re.compile(r"\bread (?:it|this|that|the|these|those|my)\b", re.IGNORECASE)
_ALOUD = re.compile(
    r"\b(?:aloud|loud|voice|audio|sound|hear|listen|spoken|speak|say it|blind|to (?:me|us|him|her|them|my)|for my)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(?:the )?(?:words?|text|everything|all|what(?:['’]?s| is| was)?) (?:that (?:is|are|was|were) )?(?:spoken|said)\b",
    re.IGNORECASE,
)
_SOLVES = re.compile(
    r"^(?:calculate|compute|solve|work out|evaluate)\b(?!.*\b(?:how (?:much|many)|read)\b)",
    re.IGNORECASE,
)


def righted(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return a part with the experts that its words call for.

    Args:
        part: What the network wrote.
        said: The words that it is to serve.
        cards: Who is there, by name.
    """
    if part[0] == "if":
        return (part[0], righted(cast("Tree", part[1]), said, cards), *part[2:])
    if part[0] != "call":
        return part
    bare = POLITE.sub("", said.strip()).strip()
    part = heard(drawn_or_kept(answered(part, said, cards), said, cards), said, cards)
    part = _of_paper(part, bare, cards)
    part = _unspoken(_silent(_summed(part, bare, cards), bare, cards), bare, cards)
    return _in_its_language(part, said, cards)


def read_off(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return a part with the experts that its words surely call for, though they may hold another's."""
    part = _unspoken(heard(answered(part, said, cards), said, cards), said, cards)
    bare = POLITE.sub("", said.strip()).strip()
    return _of_paper(part, bare, cards) if part[0] == "call" and _ON_PAPER.search(bare) else part


def _of_paper(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return what reads a picture, or reckons with what is read in it, where it was only looked at."""
    card, inner = cards[str(part[1])], next(iter(part[4:]), part)
    if inner[0] != "input" or {kind for p in card.inputs if p.required for kind in p.kinds} != {
        Kind.IMAGE
    }:
        return part
    reads = next(
        (
            name
            for name, each in cards.items()
            if carries(each) == "certain"
            and [p.kinds for p in each.inputs if p.required] == [(Kind.IMAGE,)]
        ),
        "",
    )
    adds = next((name for name, each in cards.items() if adds_up(each)), "")
    read: Tree = ("call", reads, "", False, inner)
    if not reads or part[3]:
        return part
    if part[1] != reads and _ON_PAPER.search(said):
        return read
    reckons = _SOLVES.search(said) or (part[1] != reads and _HOW_MUCH.search(said))
    return ("call", adds, "", False, read) if adds and reckons else part


def _silent(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return the writing in a picture as text, where nothing asks for it to be heard: *can you read it*."""
    source: Tree = next(iter(part[4:]), part)
    speaks = reads_aloud(cards[str(part[1])]) and not part[3]
    reads = (
        source[0] == "call"
        and carries(cards[str(source[1])]) == "certain"
        and _is_read(source, cards)
    )
    plain = _READS.search(said) and not MAKES_IT_HEARD.search(said) and not _ALOUD.search(said)
    return source if speaks and reads and plain else part


def _unspoken(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return what was heard, where *the words spoken in it* are asked for: they are not to be said again."""
    if part[0] != "call" or part[3] or not _SPOKEN.search(said) or MAKES_IT_HEARD.search(said):
        return part
    source: Tree = next(iter(part[4:]), part)
    heard_ = source[0] == "call" and carries(cards[str(source[1])]) == "certain"
    return source if reads_aloud(cards[str(part[1])]) and heard_ else part


def _summed(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return the summary of a translation, where a summary in another language is asked for."""
    sums = next((n for n, e in cards.items() if any(p.name == "sentences" for p in e.inputs)), "")
    head = cards[str(part[1])]
    if (
        not sums
        or language_port(head) is None
        or not _SUMMARISES.search(said)
        or _holds(part, {sums})
    ):
        return part
    count = _SENTENCES.search(said)
    word = count["n"].lower() if count else ""
    number = int(word) if word.isdecimal() else NUMBERS.get(word, 1 if word == "one" else 0)
    return ("call", sums, "", False, part, *([("value", number)] if number else []))


def _in_its_language(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return speech of a translation, where it is to be in a language that its text is hardly in."""
    card = cards[str(part[1])]
    source = next(iter(part[4:]), part)
    speaks = reads_aloud(card)
    target = next((each.code for each in languages(said) if each.target), "")
    name = next((n for n, e in cards.items() if language_port(e) is not None), "")
    if not speaks or not target or not name or part[3] or _holds(part, {name}):
        return part
    port = language_port(cards[name])
    choice = next(
        (c for c in (port.choices if port else ()) if language_code(str(c)) == target), None
    )
    writes = any(context_port(cards[each]) is not None for each in _names(part))
    # A picture may be in any language, and so may a file; what is heard, said and written here is English.
    foreign = target != "en" or (source[0] == "call" and _is_read(source, cards))
    if choice is None or writes or not foreign:
        return part
    return (*part[:4], ("call", name, "", False, source, ("choice", choice)), *part[5:])


def _is_read(source: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    kinds = {kind for port in cards[str(source[1])].inputs for kind in port.kinds}
    return Kind.IMAGE in kinds


def _names(tree: Tree) -> set[str]:
    found = {str(tree[1])} if tree[0] == "call" else set[str]()
    return found.union(*(_names(cast("Tree", each)) for each in tree if isinstance(each, tuple)))


def _holds(tree: Tree, names: set[str]) -> bool:
    return bool(_names(tree) & names)


__all__ = ("read_off", "righted")
