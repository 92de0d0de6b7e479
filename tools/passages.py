"""What a text says piece by piece, each with the heading that it stands under."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .correspondence import closes
from .reading import field, statements

_ENUMERATED = re.compile(r"(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]")
_MARK = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)]|#{1,6}|>)\s+")
_ENDED = re.compile(r"[.!?…;,][\"'”’»)\]]*$")
_GREETS = re.compile(
    r"(?i)(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|car[oa]s?|querid[oa]s?|olá|bom dia|boa tarde|exm[oa]s?\.?"
    r"|estimad[oa]s?|prezad[oa]s?)\b(?:[^.?!]){0,60}[,:!]?"
    r"|(?i:good (?:morning|afternoon|evening)|hello|hi)(?:,? (?:everybody|everyone|all|[A-ZÀ-Ý][\w'’-]+)){0,2}\."
)
_PLACED = re.compile(r"[A-ZÀ-Ý][\w ]{2,25}, (?:\d{1,2}\b.*\d{4}|[A-Z][a-z]+ \d{1,2}.*\d{4})\.?")
"""Where and when a letter was written: *Lisboa, 9 de janeiro de 2026*."""
_TELLS = re.compile(
    r"(?i)(?:bring|call|keep|please|don['’]t|do not|wear|come|buy|book|send|ask|take|under|no) (?:your|the|a|an|us|me|for|in|at|early|warm|good|to|smoking|dogs|entry|parking|\w+ (?:allowed|please)\b)"
)
"""A line that tells its reader to do something is no heading: *Bring a blanket*."""
_HEADER = re.compile(r"(?i)(?:from|to|cc|bcc|de|para)\s*:\s.*@|(?:subject|assunto)\s*:")
_UNSET = 45
"""Words without an end after which a sentence is speech that nobody has set in sentences."""
_SUBJECT = r"(?:we|i|you|it|he|she|they|nobody|everybody|everyone|somebody|that's|it's|we'll|i'll|there's|there (?:is|are|will))"
_HELD_BACK = (
    r"(?:and|but|so|that|if|because|when|what|said|say|as|where|which|who|than|whether|think|while|until|before|after|how|why|hope|know|"
    r"did|do|does|can|could|will|would|should|are|is|was|were|have|has|yes|no|or|of|to|in|on|at|for|from|with|by|into|about|let|give|gives|than)"
)
_AUX = r"(?:is|are|will|was|were|has|have|can|must|should|costs?|goes|starts?|begins?|ends|needs?|comes?|takes)"
_CUTS = re.compile(
    rf"(?<!\w)(?:(?<=\w )(?:and|but|so|then|okay|right|yes|great|now) (?={_SUBJECT}\b|(?:the|a|our|my|this|that) \w+|\w+ (?:\w+s|will|can|has) )"
    rf"|(?<=\w )(?=if )|(?<=\w )(?=\w{{3,}} you (?:said|can|will|could|wanted|promised)\b)|(?<=\w )(?={_SUBJECT}\b)"
    rf"|(?<=\w )(?=(?:can|could|would|will) you (?:please |also )?[a-z]+)|(?<=\w )(?=oh (?:and|by the way|yes)\b)"
    rf"|(?<=\w )(?=(?:the|a|our|my|this|next) (?:(?!and |or |out |with |but )\w+ ){{1,3}}{_AUX}\b))"
)
_LEAST = 4
"""Words of a piece of speech at least."""


@dataclass(frozen=True)
class Passage:
    """A sentence, a line or a row."""

    text: str
    heading: str = ""
    """The heading, or the introduction of its list, that it stands under."""
    is_item: bool = False
    """It is a line of a list."""
    is_aside: bool = False
    """A heading, a greeting, a name under a letter: it says nothing by itself."""


def passages(text: str) -> list[Passage]:
    """Return the pieces of a text that say something by themselves, in their order."""
    said = [piece for each in joined(statements(text)) for piece in spoken(each)]
    asides = [_is_aside(each) for each in said]
    bare = sum(not _ENDED.search(each) for each in said)
    if sum(asides) > 0.6 * len(said):  # a poster, a sign: nothing but headings
        asides = [False] * len(said)
    elif bare > 0.8 * len(said):  # a slip, a poster with hours: every line says something
        asides = [_is_manner(each) for each in said]
    found: list[Passage] = []
    heading = ""
    for each, aside in zip(said, asides, strict=True):
        item = bool(_MARK.match(each)) and not aside
        plain = _MARK.sub("", each)
        if aside or plain.endswith(":"):
            heading = plain.rstrip(":")
        found.append(
            Passage(
                plain, "" if aside else heading, is_item=item, is_aside=aside or plain.endswith(":")
            )
        )
    return found


def joined(said: list[str]) -> list[str]:
    """Put a number that was cut from its sentence before it again."""
    found: list[str] = []
    number = ""
    for each in said:
        if _ENUMERATED.fullmatch(each):
            number = each
            continue
        found.append(f"{number} {each}" if number else each)
        number = ""
    return [*found, *([number] if number else [])]


def _is_aside(said: str) -> bool:
    plain = _MARK.sub("", said).strip("*_ ")
    if _HEADER.match(plain):
        return True
    if field(plain) or _TELLS.match(plain):
        return False
    if _is_manner(plain):
        return True
    bare = bool(re.match(r"\s*(?:[-*•–])\s", said))
    return (
        not bare
        and not _ENDED.search(plain)
        and len(plain.split()) <= 6
        and not re.search(r"\d", plain)
    )


def _is_manner(plain: str) -> bool:
    return bool(_GREETS.fullmatch(plain) or closes(plain) or _PLACED.fullmatch(plain))


def says_nothing(said: str) -> bool:
    """Say whether a line greets, closes or names something, and says nothing by itself."""
    return _is_aside(said)


def spoken(said: str) -> list[str]:
    """Cut what was written down without full stops where a new sentence seems to begin."""
    if len(said.split()) < _UNSET or re.search(r"[.!?;]\s", said):
        return [said]
    pieces: list[str] = []
    start = 0
    for cut in _CUTS.finditer(said):
        before = said[start : cut.start()].split()
        if len(before) < _LEAST or re.fullmatch(_HELD_BACK, before[-1], re.IGNORECASE):
            continue
        pieces.append(said[start : cut.start()].strip())
        start = cut.start()
    return [*pieces, said[start:].strip()]
