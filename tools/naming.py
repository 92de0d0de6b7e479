"""Mend what a small network says of names: places taken for people, names it missed, halves, doubles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .gazetteer import is_place
from .names import is_given
from .whereabouts import is_event, is_spot

_MONTHS = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_MESES = (
    r"(?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)"
)
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:segunda|terça|quarta|quinta|sexta)-feira|sábado|domingo)"
_YEAR = r"(?:1[5-9]|20)\d{2}"
DATE = re.compile(
    rf"\b(?:{_DAY},? (?:the |dia )?)?(?:"
    rf"\d{{1,2}}(?:st|nd|rd|th|º)?(?:(?: ?[-–] ?| to | and | a | e )\d{{1,2}}(?:st|nd|rd|th)?)? (?:of |de )?(?:{_MONTHS}|{_MESES})\b(?:\.(?= \d))?(?:,? (?:de )?{_YEAR}\b)?"
    rf"|{_MONTHS}\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?![:.]\d)(?:,? {_YEAR}\b)?)"
    rf"|\b{_DAY}s?\b|\b{_MESES} de {_YEAR}\b|(?<![./\d])\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d{{2}})(?![/\d])",
    re.IGNORECASE,
)
"""A whole date: the network gives *June 2026* where *12 June 2026* stands."""
_WORD = r"[A-ZÀ-Ý][a-zà-ÿ'’]+(?:-[A-ZÀ-Ý][a-zà-ÿ]+)?"
_NAMED = re.compile(rf"\b{_WORD}(?: (?:(?:d[aeo]s?|van|von|de la) )?{_WORD}){{0,3}}")
_PLACED = re.compile(r"\b(?:in|near|from|to|outside|towards|via)\s+$")
_SENT = re.compile(
    r"(?i)\b(?:send|sent|give|gave|write|wrote|speak|spoke|talk|talked|letter|mail|gift|parcel|call|say|said|thanks|love|hear|heard|news|tell|due|belongs?)\b[^.;]*$"
)
_OPENS = re.compile(r"(?:^|[.!?:]\s+|\n\s*|[\"“(]\s*)$")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+$")
_LONG = re.compile(
    r"(?i)(?:about |around |nearly |over |less than |more than |at least |the |up to )*(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|a few|few|half an?|some)[ -](?:and a half )?(?:\w+ )?(?:days?|weeks?|months?|years?|hours?|minutes?|seconds?)"
)
_AGED = re.compile(r"\d{1,3}")
_COUNTED = re.compile(r"(?i)\d+ (?!hours?|minutes?|seconds?|o['’]clock|[ap]\.?m)[a-z]+s?")
_DAILY = re.compile(r"(?i)(?:daily|weekly|monthly|yearly|annual|annually)")
NEAR = 80
"""Characters before a name that say what it names."""
Found = tuple[int, int, str]


def mended(text: str, start: int, end: int, label: str) -> str:
    """Return the label of a name as it should be; empty for what is none.

    Args:
        text: The text.
        start: Where the name begins.
        end: Where it ends.
        label: What the network takes it for.
    """
    piece, before = text[start:end], text[max(0, start - NEAR) : start]
    if label == "date":
        if _AGED.fullmatch(piece) or _DAILY.fullmatch(piece):
            return ""
        return "duration" if _LONG.fullmatch(piece) else label
    if label == "time" and _COUNTED.fullmatch(piece):
        return ""
    if label not in {
        "person",
        "organisation",
        "product",
        "work",
        "group",
        "building",
        "event",
        "place",
        "name",
    }:
        return label
    first = piece.split(maxsplit=1)[0] if piece.split() else ""
    if (
        _TITLED.search(before)
        or _TITLED.match(f"{first} ")
        or (is_given(first) and not is_place(piece))
    ):
        return "organisation" if label == "organisation" and len(piece.split()) > 3 else "person"
    if is_place(piece) or (label in {"person", "product", "work"} and is_spot(piece)):
        return "place"
    if label in {"person", "organisation", "product", "work"} and is_event(piece):
        return "event"
    single = re.fullmatch(_WORD, piece) is not None
    if label in {"person", "organisation"} and single and _PLACED.search(before):
        leads = before.rsplit(maxsplit=1)[-1].lower()
        sent = leads in {"to", "from"} and (leads == "from" or bool(_SENT.search(before)))
        return "person" if sent else "place"
    if label == "organisation" and single and piece.istitle() and _SENT.search(before):
        return "person"
    return label


def missed(text: str) -> Iterator[Found]:
    """Iterate over names that begin with a given name, and places, that the network may have missed."""
    for each in _NAMED.finditer(text):
        start, words = each.start(), each.group().split(" ")
        while len(words) > 1 and not is_given(words[0]) and not is_place(" ".join(words)):
            start += len(words[0]) + 1
            words = words[1:]
        name = " ".join(words)
        if is_given(words[0]) and (len(words) > 1 or not _opens(text, start)):
            yield start, start + len(name), "person"
        elif is_place(name):
            yield start, start + len(name), "place"


def _opens(text: str, at: int) -> bool:
    """Say whether a sentence, or a line, begins there."""
    before = text[:at] if at < NEAR else f" {text[at - NEAR : at]}"
    return bool(_OPENS.search(before))
