# ruff: noqa: SIM905 - word lists are read and mended as words
"""Languages: which ones a clause names, and what each is for; which one a text is in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from herd_graph.discovery.words import words
from herd_graph.routing.lexicon import LANGUAGES
from herd_graph.types import JSON

_CODES = frozenset(LANGUAGES.values())
_LANGUAGE = re.compile(
    rf"\b({'|'.join(sorted(LANGUAGES, key=len, reverse=True))})\b", re.IGNORECASE
)
_CODED = re.compile(r"(?:(?<=\bin )|(?<=\binto )|(?<=\bto )|(?<=[+>→] ))(pt|en|es|fr|de)\b(?!-)")
_TO = re.compile(
    r"(?:->|→|=>|\+)\s*$|\b(?:in|into|to|em|para|as|en|auf)\s+(?:the\s+|plain\s+|simple\s+|brazilian\s+|european\s+)*$",
    re.IGNORECASE,
)
_FOR = re.compile(r"\bfor (?:an?|my|our|the|some)\s+(?:\w+\s+)?$", re.IGNORECASE)
_READERS = re.compile(
    r"^[\s-]+(?:speak\w*|reader|readers|audience|client|clients|customers?|friends?|colleagues?"
    r"|grandmother|partners?|people|visitors|public)\b",
    re.IGNORECASE,
)
_FROM = re.compile(r"\bfrom\s+(?:the\s+)?$", re.IGNORECASE)
_VERSION = re.compile(
    r"^\s+(?:translation|version|rendering|equivalent|tradução|text of|copy|summary|transcript)\b",
    re.IGNORECASE,
)

_NOUN = re.compile(r"^\s+(?:letter|e-?mail|article|essay|poem|story|one)s?\b", re.IGNORECASE)
_IS_FOR = re.compile(r"^(?: word| term| phrase| expression)?s? (?:for|of)\b", re.IGNORECASE)
"""*The Portuguese for …*."""


@dataclass(frozen=True, kw_only=True)
class LanguageMention:
    """A language that a clause names."""

    code: str
    name: str
    target: bool
    """Asked for (*into Portuguese*), rather than said of the source."""
    span: tuple[int, int]
    """Where the whole phrase stands, with its preposition."""


def languages(text: str) -> list[LanguageMention]:
    """Find languages and whether each is what is wanted or what there is."""
    found: list[LanguageMention] = []
    mentions = sorted([*_LANGUAGE.finditer(text), *_CODED.finditer(text)], key=lambda m: m.start())
    for each in mentions:
        name = each.group().lower()
        if name == "polish" and (each.group()[0].islower() or _is_order(each, text)):
            continue
        before, after = text[: each.start()], text[each.end() :]
        to = _TO.search(before)
        asked_for = _IS_FOR.match(after) if re.search(r"\bthe\s+$", before, re.IGNORECASE) else None
        version = (
            asked_for or _VERSION.match(after) or (_READERS.match(after) and _FOR.search(before))
        )
        coordinate = bool(
            found
            and found[-1].target
            and re.fullmatch(
                r"\s*(?:,|and|or|,\s*and|&|e)\s*", text[found[-1].span[1] : each.start()]
            )
        )
        source = (
            _is_of_the_source(before, after)
            or bool(_FROM.search(before))
            or bool(re.match(r"\s+(?:in)?to\b", after))
        )
        alone = not set(words(text)) - {name, "please", "version", "por", "favor"}
        end = each.end() + (asked_for.end() if asked_for else 0)
        start = to.start() if to else each.start()
        found.append(
            LanguageMention(
                code=LANGUAGES.get(name, name),
                name=each.group(),
                target=(bool(to) or bool(version) or coordinate or alone) and not source,
                span=(start, end),
            )
        )
    return found


def _is_of_the_source(before: str, after: str) -> bool:
    """Say whether a language tells which one is meant: *in the English letter*."""
    return bool(_NOUN.match(after) and re.search(r"\bthe\s+$", before, re.IGNORECASE))


def _is_order(found: re.Match[str], text: str) -> bool:
    """Say whether *Polish* opens an order: *Polish this*, but not *Polish version*."""
    return not text[: found.start()].strip() and not _VERSION.match(text[found.end() :])


def language_code(choice: JSON) -> str | None:
    """Return the language that a choice of an enum stands for; None if it is no language."""
    if not isinstance(choice, str):
        return None
    bare = re.split(r"[-_]", choice.lower())[0]
    return bare if bare in _CODES else LANGUAGES.get(bare)


_TELLING: dict[str, frozenset[str]] = {
    "pt": frozenset(
        "o os um uma de do da em não que é para com por você está onde como meus fica isso bom dia obrigado muito são ao".split()
    ),
    "en": frozenset(
        "the of and to in is you that it he was for on are with his they at be this have from where i my your".split()
    ),
    "es": frozenset(
        "el los las una en que es para con por usted está donde cómo muy y del al señor gracias".split()
    ),
    "fr": frozenset(
        "le les une des du est que pour dans avec vous où et je ne pas sur au merci".split()
    ),
    "de": frozenset(
        "der die das und ist nicht ein eine mit für auf wo ich sie den im zu von danke".split()
    ),
}


def guess_language(text: str) -> str | None:
    """Guess the language of a text by its commonest words; None where nothing tells."""
    spoken = words(text[:2000])
    counts = {code: sum(each in telling for each in spoken) for code, telling in _TELLING.items()}
    best = max(counts, key=lambda code: counts[code])
    ranked = sorted(counts.values(), reverse=True)
    return best if ranked[0] > ranked[1] else None
