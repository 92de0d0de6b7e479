"""Put a request in telegram style into plain words, where a planner would misread it.

People write *thank you mail -> portuguese -> tell me who gave how much*, *voice note: when is it?*, and
*subtitels*. The arrows are a chain of wishes on one file; what stands before the colon names the file that
is attached; and a word that is one slip of the pen from *subtitles* is that.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache

from herd_graph.routing.base import Route, Situation
from herd_graph.routing.clauses import is_verb
from herd_graph.routing.content import protect
from herd_graph.routing.lexicon import AUXILIARIES, LANGUAGES, QUESTION_WORDS
from herd_graph.routing.neural.reading import is_word
from herd_graph.tasks import Task
from herd_graph.types import Kind

_MOST = 300
"""Letters of a request that is looked at."""
_ARROW = re.compile(r"\s*(?:[-=–—]+>|[→⇒➔»])\s*")
_FILE = (
    r"(?:voice ?(?:notes?|memos?|mails?|messages?)|(?:thank[- ]?you |complaint )?(?:e-?)?mails?|letters?|messages?|notes?|memos?|recordings?|audio(?: file)?"
    r"|(?:video )?clips?|videos?|films?|photos?|pictures?|images?|screenshots?|scans?|posters?|flyers?|signs?|receipts?|bills?|invoices?|tickets?|menus?"
    r"|spreadsheets?|sheets?|tables?|lists?|pdfs?|documents?|contracts?|reports?|articles?|handbooks?|guides?|rules|newsletters?|notices?|tunes?|songs?|files?|text|csv|excel)"
)
_NAMED = re.compile(
    rf"^\W*(?:(?:the|my|our|this|attached|[A-Z]\w+['’]s) )?(?:\w+ ){{0,2}}?{_FILE}\s*[:–—]\s+(?=\w)",
    re.IGNORECASE,
)
_NAME_ALONE = re.compile(
    rf"^\W*(?:(?:the|my|our|this|attached|[\w]+['’]s) )?(?:\w+ ){{0,2}}?{_FILE}\W*$", re.IGNORECASE
)
_SEEN = re.compile(
    r"^(?P<what>(?:the )?(?:very )?(?:first|last|final|opening|middle) (?:frame|still|picture|image|shot))\b(?! (?:of|in|from))",
    re.IGNORECASE,
)
_ALOUD = re.compile(
    r"(?:read |spoken |as )?(?:aloud|out loud|audio|speech|voice|sound|spoken|audio file|speak|mp3|ogg|wav)",
    re.IGNORECASE,
)
_DEEDS = (
    (re.compile(r"(?:text|transcript|words|writing|written)", re.IGNORECASE), "transcribe it"),
    (
        re.compile(r"(?:a )?(?:summary|short|gist|tl;?dr|short version)", re.IGNORECASE),
        "summarise it",
    ),
    (re.compile(r"(?:a )?(?:title|headline|heading)", re.IGNORECASE), "give it a title"),
)
_CODES = {"pt": "Portuguese", "en": "English"}
_AMPERSAND = re.compile(r"(?<=[a-z?]) & (?=[a-z])")
_PER_PERSON = re.compile(
    r"\b(?:(?:what|how much) (?:would|will|is|does|was) (?:that|it|this)(?: be| make| come to)? )?(?:per|for each|a) (?:person|head)(?: of us)?,? (?:if|when) (?:the )?"
    r"(?P<n>two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) (?:of us |of them |people |friends |persons )?(?:all )?(?:share|split|divide|pay for)(?: (?:it|that|this|the bill|the cost))?\b",
    re.IGNORECASE,
)
"""*Per person if three of us share it* is a share, and nobody to be counted."""
_TAKEN_BACK = re.compile(
    r"^(?P<before>.*?)(?:^|(?<=[.?!;,])\s+|\s+(?=and |then ))(?:(?:and|then)\s+)*(?P<taken>[^,.;?!…]+?)\s*(?:\.{2,}|…|,|\s[-–—])\s*(?:(?:oh|wait|sorry|actually|hm+|ah)\W+)*no\b[,.]?\s*(?:just|only|rather|instead|make (?:it|that)|i mean)\s+(?P<instead>[^.?!]+[.?!]?)\s*$",
    re.IGNORECASE,
)
"""*Count how often… no, just list them*."""
_THE_FIRST = re.compile(
    r"(?:the |that )?(?:first|former|one before|rest)(?: (?:one|thing|question|part|two))?\W*|that\W*",
    re.IGNORECASE,
)
_AFTERTHOUGHT = re.compile(
    r"\s*\((?=(?:and|plus|also|then|please)\s|in (?:portuguese|english) (?:too|also|as well)\b)([^()]*)\)",
    re.IGNORECASE,
)
"""*Who has the most (and draw a chart of it)?*."""
_OF_FILE = re.compile(
    rf"(?P<before>^|[.?!;]\s+|,\s+(?:and )?)(?P<which>(?:(?:the )?(?:first|second|third|last|other)(?: one)?|(?:the |my |our )?(?:\w+ )?(?:{_FILE}))(?: (?:file|one))?)\s*:\s+(?P<what>[^.?!;:]+)",
    re.IGNORECASE,
)
"""*First mail: what does she want? Second mail: who gave money?*."""
_KEYS = [
    "subtitles",
    "subtitle",
    "translate",
    "translation",
    "transcribe",
    "transcript",
    "transcription",
    "summarise",
    "summarize",
    "summary",
    "portuguese",
    "receipt",
    "spreadsheet",
    "recording",
    "language",
    "sentences",
    "markdown",
    "headline",
]
"""Words that decide what is to be done, and that nothing else is one slip of the pen from."""
_INFLECTED = re.compile(r"(?:(?<!rd)ing|ed|er|ers|or|ors|ies)$")
_LONG, _LEAST = 8, 5
"""Letters of a word that may have two slips, and of one that may have any."""
_NUMBER_OF = re.compile(r"(?<![\w#])# ?(?:of )?(?=[a-z]{3})")
"""*# stop signs*: how many there are."""
_WORD = re.compile(r"(?<![\w'’./@-])[a-zA-Z]{5,}(?![\w@/]|\.\w)")


async def in_plain_words(
    task: Task, situation: Situation, route: Callable[[Task, Situation], Awaitable[Route]]
) -> Route:
    """Return the route of a request as it would be said in full; of its own words where that finds none.

    Args:
        task: The request, and what is attached.
        situation: What is there.
        route: Finds the route of a request.
    """
    said = in_full(task.text, {name: port.kind for name, port in task.inputs.items()})
    if said == task.text:
        return await route(task, situation)
    found = await route(task.model_copy(update={"text": said}), situation)
    if found.plan.abstained:
        return await route(task, situation)
    trace = found.trace.model_copy(update={"request": task.text[:2000]})
    return found.model_copy(update={"trace": trace})


def in_full(text: str, files: Mapping[str, Kind]) -> str:
    """Return a request in full words; the same where it is in such, or holds a text of its own.

    Args:
        text: The request.
        files: The kinds of what is attached, by name.
    """
    if len(text) > _MOST or "\n" in text.strip():
        return text
    text = _NUMBER_OF.sub("number of ", text)
    text = _PER_PERSON.sub(r"split that between \g<n> people", _without_taken_back(text))
    told = _spelt(_AFTERTHOUGHT.sub(r", \1", _AMPERSAND.sub(" and ", text)))
    if len(files) != 1:
        return _of_each_file(told) if files else told
    (kind,) = files.values()
    return _without_arrows(_without_name(told, kind))


def _without_taken_back(text: str) -> str:
    """Return a request without what it takes back: *…, then count them... no, just list the names*."""
    found = _TAKEN_BACK.match(text)
    if found is None:
        return text
    before, instead = found["before"].rstrip(" ,;"), found["instead"].strip()
    if _THE_FIRST.fullmatch(instead):
        return before or text
    if not _orders(instead):
        return text
    kept = before if not before or before[-1] in ".?!" else f"{before}."
    return f"{kept} {instead[0].upper()}{instead[1:]}".strip()


def _without_name(text: str, kind: Kind) -> str:
    """Return what is asked of the one file without its name in front: *voice note: when is it?*."""
    found = _NAMED.match(text)
    rest = text[found.end() :] if found is not None else ""
    if found is None or (kind is Kind.TABLE and re.search(r"\bper\b|\bby\b", found.group())):
        return text
    still = _SEEN.match(rest)
    if still is not None and kind is Kind.VIDEO:
        return f"show {still['what']} of the video{rest[still.end() :]}"
    return rest if _orders(rest) else text


def _of_each_file(text: str) -> str:
    """Return wishes with the file that each is of behind them, where each has it in front."""
    found = list(_OF_FILE.finditer(text))
    if len(found) < 2 or any(not _orders(each["what"]) for each in found):
        return text

    def turned(each: re.Match[str]) -> str:
        which = each["which"]
        which = which if which.lower().startswith(("the ", "my ", "our ")) else f"the {which}"
        return f"{each['before']}{each['what'].strip()} in {which[0].lower()}{which[1:]}"

    return _OF_FILE.sub(turned, text)


def _without_arrows(text: str) -> str:
    """Return a chain of wishes on a file as sentences, where one of them is more than a product's name."""
    pieces = [each.strip() for each in _ARROW.split(text) if each.strip()]
    named = pieces and _NAME_ALONE.match(pieces[0])
    if len(pieces) < 2 or not named or not any(_is_sentence(each) for each in pieces[1:]):
        return text
    return ". ".join(_deed(each) for each in pieces[1:])


def _deed(piece: str) -> str:
    """Return the order that a word behind an arrow stands for."""
    bare = piece.strip(" .,;!").lower()
    language = _CODES.get(bare) or (bare.title() if bare in LANGUAGES else "")
    if language:
        return f"Translate it into {language}"
    if _ALOUD.fullmatch(bare):
        form = bare if bare in {"mp3", "ogg"} else ""
        return f"Read it aloud{' as ' + form if form else ''}"
    return next((order.capitalize() for names, order in _DEEDS if names.fullmatch(bare)), piece)


def _is_sentence(piece: str) -> bool:
    return len(piece.split()) > 2 and _orders(piece)


def _orders(said: str) -> bool:
    """Say whether words open as a question or an order does."""
    first, second, *_ = [*re.findall(r"[\w'’]+", said.lower()), "", ""]
    first = first.replace("’", "'")
    return first in QUESTION_WORDS | AUXILIARIES or is_verb(first, second)


def _spelt(text: str) -> str:
    """Return a request with the words that decide what is done spelt as usual; what is quoted stays."""
    if protect(text).contents:
        return text

    def spelt(found: re.Match[str]) -> str:
        word, before = found.group(), text[: found.start()].rstrip()
        is_name = word[0].isupper() and before and before[-1] not in ".?!:"
        return word if is_name else _as_key(word)

    return _WORD.sub(spelt, text)


@lru_cache(maxsize=1024)
def _as_key(word: str) -> str:
    """Return the word that one was meant for; the word itself where it is one, or near to none."""
    low = word.lower()
    if low in _KEYS or word[1:] != low[1:] or len(low) < _LEAST:
        return word
    for key in _KEYS:
        slips = 2 if len(key) > _LONG else 1
        near = low[0] == key[0] and abs(len(low) - len(key)) <= slips
        same = low.startswith(key[:-1]) or key.startswith(low) or _INFLECTED.search(low)
        if near and not same and _slips(low, key) <= slips and not is_word(low):
            return key.title() if word[0].isupper() or key == "portuguese" else key
    return word


def _slips(one: str, other: str) -> int:
    """Return how many letters are lost, added, changed or swapped between two words (Damerau)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


__all__ = ("in_full", "in_plain_words")
