"""What a clause speaks of: attachments, quoted content, and what earlier steps made."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Literal

from herd_graph.cards import Port
from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.plans import Binding
from herd_graph.routing.content import MARK
from herd_graph.routing.glosses import GLOSSES
from herd_graph.routing.lexicon import (
    ALL_OF_THEM,
    ALSO_NOUNS,
    AUXILIARIES,
    FILE_WORDS,
    MATERIAL,
    ORDINALS,
    PRONOUN,
    QUESTION_WORDS,
    RESULT_NOUNS,
    SUGGESTS,
    VERBS,
)
from herd_graph.routing.tongues import guess_language, languages
from herd_graph.types import Kind

_INDEFINITE = frozenset(["a", "an", "as", "into", "some", "another", "no", "any"])
_BACK = re.compile(r"\b(?:it|them|that|result)\b", re.IGNORECASE)
_ASKS = QUESTION_WORDS | AUXILIARIES
_AND = re.compile(r"\s*,?\s+(?:and|as well as|plus|&|e|y)\s+|\s*,\s+", re.IGNORECASE)
_HEAD = re.compile(
    r"\b(?:the|my|our|that|this|his|her) (?:[\w-]+ )?(\w+)(?: (?:from|of|by|about|with) [\w' -]+)?\W*$",
    re.IGNORECASE,
)
_VAGUE = frozenset(["message", "messages", "one", "other", "file", "attachment"])
_LETTER = re.compile(
    r"\b(?:the|this|that|my) (?:\w+ )?(?:letter|carta|article|essay|poem|story|e-?mail)\b"
    r"(?! (?:in|on) the (?:picture|photo|image))",
    re.IGNORECASE,
)
"""What is a text, where a text is attached, whatever else is."""
_NAME_PART = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that an input can be bound to."""

    binding: Binding
    port: Port
    origin: Literal["attachment", "content", "result"]
    label: str
    """What people call it: a file name, ``the result of s1``."""
    names: frozenset[str] = frozenset()
    """Stems of words that mean it."""
    roots: tuple[str, ...] = ()
    """The attachments that it is, or comes from."""
    text: str = ""
    """The content itself, where it is known and short."""

    @property
    def kind(self) -> Kind:
        """What it is made of."""
        return self.port.kind


@dataclass(kw_only=True)
class Discourse:
    """What can be spoken of, and what was spoken of last."""

    attachments: list[Thing]
    contents: dict[int, Thing]
    results: list[list[Thing]] = field(default_factory=list[list[Thing]])
    """What each clause gave, in order."""
    focus: list[Thing] = field(default_factory=list[Thing])
    """What the last clause was about."""
    taken: set[int] = field(default_factory=set[int])
    """Content that a clause has used."""
    called: dict[str, Thing] = field(default_factory=dict[str, Thing])
    """What a word was found to mean: *the sign*, beside menu.png, is the other picture."""

    @property
    def latest(self) -> list[Thing]:
        """What the last clause gave."""
        return self.results[-1] if self.results else []

    def rooted(self, things: Iterable[Thing]) -> list[Thing]:
        """Return the attachments and contents that things come from."""
        wanted = {root for each in things for root in each.roots}
        known = [*self.attachments, *self.contents.values()]
        return [each for each in known if wanted & set(each.roots)]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What one clause speaks of."""

    explicit: tuple[Thing, ...] = ()
    """Named by kind, by file name, by position, or quoted in the clause."""
    results: tuple[Thing, ...] = ()
    """Named as what an earlier step made: *the transcript*, *the result*."""
    missing: tuple[Kind, str] | None = None
    """A kind of material that the clause names and nobody attached, and the word for it."""
    pronoun: bool = False
    everything: bool = False
    bare: bool = False
    """It names nothing at all to work on: *translate to Portuguese*."""
    suggests: tuple[Kind, ...] = ()


def attachment_names(name: str) -> frozenset[str]:
    """Return stems of the words in a file name that can mean the file."""
    parts = [each.lower() for each in _NAME_PART.findall(PurePath(name).stem)]
    parts += [word for each in parts for word in words(GLOSSES.get(each, ""))]  # placa.png: a sign
    return frozenset(
        stem(each)
        for each in parts
        if each not in STOP_WORDS and (each not in VERBS or each in ALSO_NOUNS)
    )


def resolve(
    text: str, marks: Sequence[int], about: Discourse, *, inlined: Collection[int] = ()
) -> Reference:
    """Find what a clause speaks of.

    Args:
        text: The clause, with marks for content.
        marks: The contents marked in it.
        about: What there is to speak of.
        inlined: Marks of content that merely follows a clause which goes on from another one.
    """
    if excepted := _EXCEPT.search(text):
        return _but(text, excepted, marks, about, inlined)
    plain = MARK.sub(" ", text)
    spoken = words(plain)
    refers = bool(_BACK.search(plain))
    quoted = [
        about.contents[each]
        for each in marks
        if each in about.contents and not (each in inlined and refers)
    ]
    named = _by_name(plain, spoken, about.attachments)
    called = [each for word, each in about.called.items() if word in map(stem, spoken)]
    named = called if called and not named else named
    by_kind, missing = _by_kind(spoken, about)
    position = _by_position(spoken, about)
    explicit: list[Thing] = list(quoted)
    if position:
        explicit += position
    else:
        kinds_named = {each.kind for each in named}
        explicit += named
        explicit += [each for each in by_kind if each.kind not in kinds_named]
    attachments = [each for each in explicit if each.origin == "attachment"]
    if not explicit and _LETTER.search(plain):
        attachments = _in_its_language(
            plain, [each for each in about.attachments if each.kind is Kind.TEXT]
        )
    together = _coordinated(plain, about)
    if len(together) > len(attachments):
        attachments = together
    explicit = [each for each in explicit if each.origin != "attachment"] + _ordered(
        attachments, about.attachments
    )
    told = [each.code for each in languages(plain) if not each.target]
    meant = [each for each in attachments if each.text and guess_language(each.text) in told]
    # "the English letter" is the one that is attached, whatever was put into English before.
    results = [] if meant and meant == attachments else _results(plain, spoken, about)
    if results and inlined:
        explicit = [each for each in explicit if each.origin != "content"]
    everything = bool(ALL_OF_THEM.search(plain))
    pronoun = bool(PRONOUN.search(plain))
    kept = [
        each
        for each in spoken
        if each not in STOP_WORDS and each not in ORDINALS and stem(each) != "languag"
    ]
    return Reference(
        explicit=tuple(_distinct(explicit)),
        results=tuple(results),
        missing=None if explicit or results else missing,
        pronoun=pronoun,
        everything=everything,
        bare=len(kept) <= 1 and not pronoun and not (spoken and spoken[0] in _ASKS),
        suggests=tuple(dict.fromkeys(SUGGESTS[each] for each in spoken if each in SUGGESTS)),
    )


_EXCEPT = re.compile(
    r"[\s,(](?:except(?: for)?|apart from|other than|excluding|but not|all but)\s+", re.IGNORECASE
)


def _but(
    text: str,
    excepted: re.Match[str],
    marks: Sequence[int],
    about: Discourse,
    inlined: Collection[int],
) -> Reference:
    """Resolve *all of them except the third*."""
    base = resolve(text[: excepted.start()], marks, about, inlined=inlined)
    left_out = resolve(text[excepted.end() :], (), about).explicit
    attached = [each for each in base.explicit if each.origin == "attachment"]
    kinds = {each.kind for each in left_out}
    pool = attached or [each for each in about.attachments if each.kind in kinds]
    kept = [each for each in pool if each not in left_out]
    others = [each for each in base.explicit if each.origin != "attachment"]
    return replace(base, explicit=(*others, *kept), everything=False, pronoun=False)


def _distinct(things: Iterable[Thing]) -> list[Thing]:
    return list({each.label + repr(each.binding): each for each in things}.values())


def _ordered(some: Sequence[Thing], order: Sequence[Thing]) -> list[Thing]:
    return [each for each in order if each in some]


def _by_name(plain: str, spoken: Sequence[str], attachments: Sequence[Thing]) -> list[Thing]:
    lower = plain.lower()
    exact = [
        each
        for each in attachments
        if len(each.label) > 3
        and re.search(rf"(?<!\w){re.escape(each.label.lower())}(?!\w)", lower)
    ]
    if exact:
        return exact
    held = {stem(each) for each in spoken if each not in MATERIAL and each not in STOP_WORDS}
    # A word that many names share tells nothing apart.
    telling = {
        word
        for word in held
        if sum(word in each.names for each in attachments) < max(2, len(attachments))
    }
    return [each for each in attachments if each.names & telling]


def _in_its_language(plain: str, texts: list[Thing]) -> list[Thing]:
    """Return the Portuguese one for *the Portuguese letter*; all where none is known to be."""
    codes = {each.code for each in languages(plain) if not each.target}
    return [each for each in texts if each.text and guess_language(each.text) in codes] or texts


def _coordinated(plain: str, about: Discourse) -> list[Thing]:
    """Return every attachment in *menu.png and the sign*; none where nothing is coordinated."""
    pieces = _AND.split(_dotted(plain, about))
    if len(pieces) < 2:
        return []
    found: list[list[Thing]] = []
    for piece in pieces:
        spoken = words(piece)
        named = _by_position(spoken, about) or _by_name(piece, spoken, about.attachments)
        if not named:
            by_kind, _ = _by_kind(spoken, about)
            named = [each for each in by_kind if each.origin == "attachment"]
        found.append(named)
    if not any(found):
        return []
    for place, piece in enumerate(pieces):
        head = None if found[place] else _HEAD.search(piece.strip())
        if head is None:
            continue
        named = [each for group in found for each in group]
        noun = head.group(1).lower()
        kinds = {SUGGESTS[noun]} if noun in SUGGESTS else {each.kind for each in named}
        rest = [each for each in about.attachments if each not in named and each.kind in kinds]
        vague = noun in _VAGUE or noun in SUGGESTS
        if len(rest) == 1 and vague and {each.kind for each in named} & {rest[0].kind}:
            found[place] = rest
            about.called[stem(noun)] = rest[0]
    return [each for group in found for each in group]


def _dotted(plain: str, about: Discourse) -> str:
    """Return the text with file names that hold an *and* left whole."""
    for each in about.attachments:
        if " and " in each.label:
            plain = plain.replace(each.label, each.label.replace(" and ", "_and_"))
    return plain


def _by_kind(
    spoken: Sequence[str], about: Discourse
) -> tuple[list[Thing], tuple[Kind, str] | None]:
    found: list[Thing] = []
    missing: tuple[Kind, str] | None = None
    for place, word in enumerate(spoken):
        kind = MATERIAL.get(word)
        if word == "note" and place and spoken[place - 1] == "voice":
            kind = Kind.AUDIO
        if kind is None:
            continue
        before = set(spoken[max(0, place - 3) : place])
        nearest = spoken[place - 1] if place else ""
        if (
            nearest in _INDEFINITE
            or nearest == "to"
            or (before & {"a", "an", "as"} and not before & {"the", "this", "in"})
        ):
            continue
        held = [each for each in about.attachments if _is_of(each, kind)]
        made = [each for group in about.results for each in group if _is_of(each, kind)]
        if held:
            plural = word.endswith("s") and not word.endswith("ss")
            focus = [each for each in about.focus if each in held]
            found += (
                focus if focus and not plural and not ALL_OF_THEM.search(" ".join(spoken)) else held
            )
        elif made:
            found += made[-1:]
        elif missing is None:
            missing = (kind, word)
    return found, missing


def _is_of(thing: Thing, kind: Kind) -> bool:
    """Say whether a thing is of a kind; a workbook is a document, and people call it a table."""
    workbook = any("spreadsheet" in each or "ms-excel" in each for each in thing.port.mime)
    return thing.kind is kind or (kind is Kind.TABLE and workbook)


def _by_position(spoken: Sequence[str], about: Discourse) -> list[Thing]:
    found: list[Thing] = []
    if re.search(r"\bthe (?:other|remaining|rest)\b", " ".join(spoken)) and about.focus:
        kinds = {each.kind for each in about.focus}
        return [
            each for each in about.attachments if each.kind in kinds and each not in about.focus
        ]
    for place, word in enumerate(spoken):
        if word not in ORDINALS:
            continue
        beyond = place
        while spoken[beyond + 1 : beyond + 2] in (["and"], ["or"]):
            # "the second and third attachment", "the first and the second picture"
            further = 3 if spoken[beyond + 2 : beyond + 3] == ["the"] else 2
            if not set(spoken[beyond + further : beyond + further + 1]) & ORDINALS.keys():
                break
            beyond += further
        following = spoken[beyond + 1 : beyond + 3]
        before = spoken[place - 1] if place else ""
        kind = next((MATERIAL[each] for each in following if each in MATERIAL), None)
        if kind is None:
            kind = next((SUGGESTS[each] for each in following if each in SUGGESTS), None)
        noun = kind is not None or any(each in FILE_WORDS or each == "one" for each in following)
        alone = before in {"the", "only", "a", "o"} and not following
        elided = (
            before == "the" and bool(about.focus) and bool(following) and following[0] in STOP_WORDS
        )
        if not (noun or alone or elided):
            continue
        pool = [each for each in about.attachments if kind is None or each.kind is kind]
        if kind is None and about.focus:
            pool = [each for each in about.attachments if each.kind is about.focus[-1].kind]
        pool = pool or list(about.attachments)
        index = ORDINALS[word]
        if -1 <= index < len(pool) and pool:
            found.append(pool[index])
    return found


def _results(plain: str, spoken: Sequence[str], about: Discourse) -> list[Thing]:
    if not about.results:
        return []
    nouns = re.findall(
        r"\b(?:the|its|that|this|your|resulting|a|o)\s+(?:\w+\s+){0,2}?(\w+)", plain.lower()
    )
    nouns += [each for each in spoken if each.endswith(("tion", "script", "mary"))]
    wanted = {
        stem(each)
        for each in nouns
        if each not in MATERIAL and each not in SUGGESTS and each not in STOP_WORDS
    }
    for group in reversed(about.results):
        if any(each.names & wanted for each in group):
            return list(group)
    return list(about.latest) if RESULT_NOUNS.search(plain) else []


_POINTED = re.compile(
    r"\b((?:the|this|that|these|those|my|your|our|each|every|both|all|its|his|her|an?)\s+"
    r"(?:(?:\w+)\s+){0,2}?)([^\W_]+)\b",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"\b[^\W_]+\b")


def masked(plain: str, about: Discourse, *, results: bool) -> str:
    """Put *the text* in the place of what a clause works on.

    What is done is then compared with cards, rather than what it is done to: conversions get from
    the one to the other.
    """
    names = {name for each in about.attachments for name in each.names}
    held = {each.kind for each in about.attachments}
    held |= {each.kind for group in about.results for each in group}
    if results:
        names |= {name for group in about.results for each in group for name in each.names}

    def noun(word: str) -> bool:
        lower = word.lower()
        return MATERIAL.get(lower) in held or lower in SUGGESTS or stem(lower) in names

    def replaced(found: re.Match[str]) -> str:
        return "the text" if noun(found.group(2)) else found.group()

    text = re.sub(
        r"\bvoice (?:note|memo|message|mail)s?\b", "recording", plain, flags=re.IGNORECASE
    )
    text = _POINTED.sub(replaced, text)
    return _LOOSE.sub(
        lambda each: "text" if MATERIAL.get(each.group().lower()) in held else each.group(), text
    )


def without_material(plain: str, about: Discourse) -> str:
    """Leave out the words for what a clause works on: they tell no two experts for it apart."""
    names = {name for each in about.attachments for name in each.names}
    held = {each.kind for each in about.attachments}
    return _LOOSE.sub(
        lambda each: (
            " "
            if MATERIAL.get(each.group().lower()) in held or stem(each.group()) in names
            else each.group()
        ),
        plain,
    )
