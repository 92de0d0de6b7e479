"""Let a later wish of a request work on what an earlier one makes, as its words say.

*Sort them by price and save it as CSV* saves what was sorted, not the file as it came. And *transcribe both
and list the names in them* lists the names of both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from herd_graph.cards import ExpertCard
from herd_graph.routing.golds import Tree, inputs_of
from herd_graph.routing.lexicon import LANGUAGES
from herd_graph.routing.neural.asking import asks_table
from herd_graph.routing.parameters import language_port
from herd_graph.routing.tongues import language_code
from herd_graph.types import Kind

_IT = r"(?:it|that|this|those|these|them|the (?:result|results|answer|rows|selection))"
_LEAD = r"^\W*(?:(?:and|then|also|plus|now|please|finally)\W+)*"
_FORMAT = r"(?:csv|excel|xlsx|json|markdown|md|spreadsheet|workbook)"
_SAVES = re.compile(
    rf"{_LEAD}(?:(?:save|export|store|put|write|download|convert|turn|output|give me)\s+{_IT}\b.{{0,30}}\b{_FORMAT}"
    rf"|(?:(?:save|export|download|output)\W+)?(?:as|to|in|into)\W+(?:an? |the )?{_FORMAT})\b",
    re.IGNORECASE,
)
"""*Save it as CSV*, *export as JSON*: what was made just before is meant."""
_DRAWS = re.compile(
    rf"{_LEAD}(?:(?:draw|plot|chart|graph|show|make|put|turn|visuali[sz]e|display)\s+(?:me\s+)?{_IT}\b"
    r"|(?:as|in) (?:an? )?(?:\w+ )?(?:chart|graph|plot|pie|diagram)\b)",
    re.IGNORECASE,
)
_OF_SEVERAL = re.compile(
    r"\b(?:per|each|every|by|list\w*|sort\w*|order(?:ed)? (?:by|from)|rank\w*|filter\w*|only|rows|top (?:\d+|two|three|four|five|ten)|as an? table)\b",
    re.IGNORECASE,
)
_READ_OUT = re.compile(
    rf"{_LEAD}(?:(?:can|could) you )?(?:read|speak|say|play|tell|narrate|voice|record)\s+(?:me\s+)?(?:{_IT}|the (?:translation|summary|short version|portuguese|english))\b"
    rf"|{_LEAD}(?:turn (?:it|that) )?into (?:speech|audio|sound|voice)\b|{_LEAD}as (?:speech|audio|an? (?:audio|sound) file)\W*$|{_LEAD}(?:make |give me )?(?:an? )?(?:audio|sound|speech|recording|mp3)(?: (?:file|version))? of {_IT}\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:the|this|that) (?:summary|translation|transcript|text|answer|reply)\b", re.IGNORECASE
)
_TRANSLATION = re.compile(r"\b(?:the|this|that|your) translation\b", re.IGNORECASE)
_SUMMARY = re.compile(
    r"\b(?:the|this|that|your) (?:summary|short version|digest|gist)\b", re.IGNORECASE
)
_VERSION = re.compile(
    rf"\bthe ({'|'.join(LANGUAGES)}) (?:one|version|text|translation|original)\b|\bthe ({'|'.join(LANGUAGES)})(?= (?:aloud|out))",
    re.IGNORECASE,
)
_INTO = re.compile(
    rf"(?:(?:and|then|also|now) )*(?:(?:that|it) )?(?:in|into|to) (?:{'|'.join(LANGUAGES)})(?: (?:too|as well|please|also))*\W*",
    re.IGNORECASE,
)
_EACH_OF_THEM = re.compile(
    r"\b(?:them|both|each|all of them|every one|they|their|these|those|the (?:\w+ )?(?:summaries|translations|transcripts|titles|texts|versions))\b",
    re.IGNORECASE,
)


def chained(
    parts: Sequence[Tree], said: Sequence[str], cards: Mapping[str, ExpertCard]
) -> tuple[list[Tree], list[str]]:
    """Return the parts of a plan, with each that leans on an earlier one tied to it, and their words."""
    made: list[Tree] = []
    told: list[str] = []
    for part, words in zip(parts, said, strict=True):
        tied = _of_rows(part, words, made, told, cards)
        tied = _in_that_language(_of_named(tied, words, made, cards), words, made, cards)
        tied = _put_over(_of_newest(tied, words, made, cards), words, made, cards)
        for each in _for_each(tied, words, made):
            made.append(each)
            told.append(words)
    return made, told


def _of_rows(
    part: Tree,
    words: str,
    made: Sequence[Tree],
    told: Sequence[str],
    cards: Mapping[str, ExpertCard],
) -> Tree:
    """Return a part that saves or draws a table with the rows that were just asked for in its place."""
    if part[0] != "call" or not made or asks_table(cards[str(part[1])]):
        return part
    card = cards[str(part[1])]
    takes = {kind for port in card.inputs[:1] for kind in port.kinds}
    source: Tree = next(iter(part[4:]), part)
    if Kind.TABLE not in takes or not (source[0] == "input" or _is_rows(source, cards)):
        return part
    before = next(
        (
            k
            for k in reversed(range(len(made)))
            if _is_rows(made[k], cards) and inputs_of(made[k]) == inputs_of(source)
        ),
        None,
    )
    if before is None or not _OF_SEVERAL.search(told[before]):
        return part
    draws = card.outputs[0].kind is Kind.IMAGE
    if not (_DRAWS if draws else _SAVES).search(words):
        return part
    query = made[before]
    rows = next((p.name for p in cards[str(query[1])].outputs if p.kind is Kind.TABLE), "")
    return (*part[:4], (*query[:2], rows, *query[3:]), *part[5:]) if rows else part


def _of_made(
    part: Tree, words: str, made: Sequence[Tree], cards: Mapping[str, ExpertCard]
) -> Tree | None:
    """Return a part of what was made of its file, where that is named: *summarise the translation*."""
    source: Tree = next(iter(part[4:]), part)
    if part[3] or source[0] != "input":
        return None
    for named, fits in ((_TRANSLATION, _is_put), (_SUMMARY, _is_short)):
        if named.search(words):
            alike = (each for each in made if fits(each, cards) and each[4] == source)
            put = next(alike, None)
            return None if put is None else (*part[:4], put, *part[5:])
    return None


def _is_put(part: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    return bool(_target(part, cards))


def _is_short(part: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    return part[0] == "call" and any(p.name == "sentences" for p in cards[str(part[1])].inputs)


def _of_named(
    part: Tree, words: str, made: Sequence[Tree], cards: Mapping[str, ExpertCard]
) -> Tree:
    """Return a part that works on *the summary* with the one that was made before, not on another one."""
    if part[0] != "call" or not _NAMED.search(words):
        return part
    if (put := _of_made(part, words, made, cards)) is not None:
        return put
    for before in made:
        for inner in _within(part):
            alike = inner[1] == before[1] and inputs_of(inner) == inputs_of(before)
            if before[0] == "call" and alike and inner[4:] != before[4:]:
                return _with(part, inner, (*before[:2], inner[2], *before[3:]))
    return part


def _within(tree: Tree) -> list[Tree]:
    """Return the calls within a call."""
    inner = [cast("Tree", each) for each in tree[4:] if isinstance(each, tuple)]
    calls = [each for each in inner if each[0] == "call"]
    return [*calls, *(deeper for each in calls for deeper in _within(each))]


def _of_newest(
    part: Tree, words: str, made: Sequence[Tree], cards: Mapping[str, ExpertCard]
) -> Tree:
    """Return speech of what was made last: *translate it and read it aloud* speaks the translation."""
    if part[0] != "call" or part[3] or not made or not _READ_OUT.search(words):
        return part
    if _VERSION.search(words):
        return part
    source: Tree = next(iter(part[4:]), part)
    last = made[-1]
    if last[0] != "call" or last[3] or _kinds_of(part, cards) != (Kind.TEXT, Kind.AUDIO):
        return part
    rewrites = _kinds_of(last, cards) == (Kind.TEXT, Kind.TEXT) and _is_text_of(last, cards)
    goes_on = source in last[4:] or (source[0] == "input" and source[1] in inputs_of(last))
    return (*part[:4], last, *part[5:]) if rewrites and goes_on else part


def _in_that_language(
    part: Tree, words: str, made: Sequence[Tree], cards: Mapping[str, ExpertCard]
) -> Tree:
    """Return speech of the version in the language that is named: *read the English one aloud*."""
    named = _VERSION.search(words)
    if part[0] != "call" or part[3] or named is None or not made:
        return part
    if _kinds_of(part, cards) != (Kind.TEXT, Kind.AUDIO):
        return part
    wanted = LANGUAGES[(named[1] or named[2]).lower()]
    inner: Tree = next(iter(part[4:]), part)
    for each in reversed(made):
        if _target(each, cards) == wanted and set(inputs_of(each)) == set(inputs_of(part)):
            return (*part[:4], each, *part[5:])
    target = _target(inner, cards)
    # What was put into the other language was in this one.
    return (*part[:4], inner[4], *part[5:]) if target and target != wanted else part


def _target(part: Tree, cards: Mapping[str, ExpertCard]) -> str:
    """Return the language that a translation puts something into; empty for all else."""
    if part[0] != "call" or language_port(cards[str(part[1])]) is None:
        return ""
    codes = (language_code(str(each[1])) for each in part[4:] if each[0] == "choice")
    return next((each for each in codes if each), "")


def _put_over(
    part: Tree, words: str, made: Sequence[Tree], cards: Mapping[str, ExpertCard]
) -> Tree:
    """Return the translation of the summary that was just made: *in 3 sentences, in Portuguese*."""
    last = made[-1] if made else part
    if last[0] != "call" or last[3] or part[0] != "call" or not _INTO.fullmatch(words.strip()):
        return part
    first: Tree = next(iter(part[4:]), part)
    if not _target(part, cards) or not any(
        p.name == "sentences" for p in cards[str(last[1])].inputs
    ):
        return part
    same = first == next(iter(last[4:]), last) or (
        first[0] == "input" and first[1] in inputs_of(last)
    )
    return (*part[:4], last, *part[5:]) if same else part


def _is_text_of(part: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether an expert gives the text itself anew, translated or shortened: no title, no sum."""
    card = cards[str(part[1])]
    return language_port(card) is not None or any(port.name == "sentences" for port in card.inputs)


def _kinds_of(part: Tree, cards: Mapping[str, ExpertCard]) -> tuple[Kind, Kind]:
    card = cards[str(part[1])]
    required = [port for port in card.inputs if port.required]
    return (required[0].kind if required else Kind.ANY, card.outputs[0].kind)


def _is_rows(part: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    return part[0] == "call" and asks_table(cards[str(part[1])]) and not part[3]


def _for_each(part: Tree, words: str, made: Sequence[Tree]) -> list[Tree]:
    """Return a part once for each of the results that *them* stands for: those that were made alike."""
    if part[0] != "call" or not _EACH_OF_THEM.search(words):
        return [part]
    for other in made:
        alike = [each for each in made if _without_inputs(each) == _without_inputs(other)]
        if len(alike) < 2 or not any(_stands_in(each, part) for each in alike):
            continue
        held = [each for each in alike if _stands_in(each, part)]
        if len(held) == 1 and set(inputs_of(part)) == set(inputs_of(held[0])):
            return [_with(part, held[0], each) for each in alike]
    return [part]


def _without_inputs(tree: Tree) -> Tree:
    if tree[0] == "input":
        return ("input",)
    return tuple(_without_inputs(cast("Tree", e)) if isinstance(e, tuple) else e for e in tree)


def _stands_in(inner: Tree, tree: Tree) -> bool:
    return any(
        each == inner or _stands_in(inner, cast("Tree", each))
        for each in tree
        if isinstance(each, tuple)
    )


def _with(tree: Tree, inner: Tree, other: Tree) -> Tree:
    if tree == inner:
        return other
    return tuple(_with(cast("Tree", e), inner, other) if isinstance(e, tuple) else e for e in tree)


__all__ = ("chained",)
