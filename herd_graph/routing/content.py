# ruff: noqa: SIM905 - word lists are read and mended as words
"""Set quoted and inlined content aside, so that nothing in it is ever read as an order.

Content is replaced by a mark that no rule of language touches, and put back only as a literal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from herd_graph.routing.glosses import FOREIGN_SIGNS
from herd_graph.routing.lexicon import (
    LANGUAGES,
    MATERIAL,
    NOUN_STARTS,
    QUESTION_WORDS,
    VERBS,
)

_OPEN, _CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_WIDE = re.compile(f" +({_OPEN}\\d+{_CLOSE})(?: +(?=[ ?!.,;:]|$))?")
MOST_ORDER_CHARS = 4000
"""Of a longer text, what is the order and what is the content is told apart by its paragraphs."""

_FOLLOWING = re.compile(
    r"(.{0,300}?\bfollowing (?:text|sentences?|paragraphs?|passage|words?|phrases?|message|note|lines?)\b"
    r"[^.?!:\n]{0,120}[.?!])\s+(\S.*)$",
    re.DOTALL | re.IGNORECASE,
)
_FENCE = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
_QUOTED = re.compile(
    # Typographic marks of several languages, straight ones, and back quotes.
    "“([^”]+)”|«([^»]+)»|„([^“”]+)[“”]|\u2018([^\u2019]+)\u2019(?!\\w)"
    '|(?<!\\w)"([^"]+)"|`([^`\n]+)`'
    "|(?<![\\w'])'(?!\\s)([^'\n]*(?:(?<=\\w)'(?=\\w)[^'\n]*)*)(?<!\\s)'(?!\\w)",
)
_COLON = re.compile(r"(?<![\d:/\\])(?:(?<=\w)|(?<=\ue001)|(?<=\)))\s?:(?:[ \t]+|\s*\n+\s*)(?=\S)")
_LIST_ITEM = re.compile(r"^\s*(?:\(?\d{1,2}[.)]|\(?[a-z]\)|[-*•–])\s+")
_STEPS = re.compile(
    r"\b(?:the following (?:steps|tasks|things|in order)|steps|tasks|things|to[- ]?do|do (?:this|these|the following)"
    r"|please do|questions|in this order|requests|instructions)\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\W*(?:hi|hello|note|task|request|question|instructions?|goal|hint|todo|p\.?s\.?|my (?:question|request)( is)?"
    r"|i have (?:a|one|two|some) (?:\w+ )?(?:questions?|requests?)|please|quick question|dear \w+|em português, por favor"
    r"|(?:in|em|en|auf) \w+(?:, (?:please|por favor))?)\W*$",
    re.IGNORECASE,
)
_POINTERS = frozenset("this these following below here text sentence passage".split())
_RESUMES = re.compile(r"^(?:and |then |after that|afterwards|finally)", re.IGNORECASE)


class _Keep(Protocol):
    """Sets content aside and returns its mark."""

    def __call__(self, content: str, *, inline: bool = False) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Protected:
    """A request in which content is replaced by marks."""

    text: str
    contents: tuple[str, ...] = ()
    original: str = ""
    """The request as it was typed."""
    inlined: tuple[int, ...] = ()
    """The contents that stood after a colon or below the order, rather than in quotes."""

    def restore(self, text: str, *, quote: bool = True) -> str:
        """Put content back where its marks are, cut to what people want to read."""

        def shown(found: re.Match[str]) -> str:
            content = self.contents[int(found.group(1))]
            brief = content if len(content) <= 80 else f"{content[:79]}…"
            return f"“{brief}”" if quote else brief

        narrow = _WIDE.sub(r" \1", text).strip()  # a mark was set between spaces
        return MARK.sub(shown, narrow)

    def marks(self, text: str) -> list[int]:
        """Return the numbers of the contents marked in a piece of the text."""
        return [int(each) for each in MARK.findall(text)]


def protect(text: str) -> Protected:
    """Replace quoted, fenced and inlined content by marks."""
    contents: list[str] = []
    inlined: list[int] = []

    def keep(content: str, *, inline: bool = False) -> str:
        contents.append(_unmarked(content, contents))
        if inline:
            inlined.append(len(contents) - 1)
        return f" {_OPEN}{len(contents) - 1}{_CLOSE} "

    def keep_match(found: re.Match[str]) -> str:
        content = next((each for each in found.groups() if each is not None), "")
        return keep(content) if content.strip() else found.group()

    original = text
    text = text.replace(_OPEN, " ").replace(_CLOSE, " ").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_ORDER_CHARS:
        text = _long(text, keep)
    text = _FENCE.sub(keep_match, text)
    if following := _FOLLOWING.match(text):
        text = f"{following.group(1)} {keep(following.group(2), inline=True)}"
    text = _after_colon(text, keep) if _colon_comes_first(text) else text
    text = _QUOTED.sub(keep_match, text)
    text = _after_colon(text, keep)
    return Protected(
        original=original, text=text.strip(), contents=tuple(contents), inlined=tuple(inlined)
    )


def _unmarked(content: str, contents: list[str]) -> str:
    return MARK.sub(lambda found: contents[int(found.group(1))], content).strip()


def _colon_comes_first(text: str) -> bool:
    """Say whether quotes are inside inlined content rather than content themselves."""
    colon, quote = _COLON.search(text), _QUOTED.search(text)
    return bool(colon and quote and colon.end() < quote.start())


def _after_colon(text: str, keep: _Keep) -> str:
    for colon in _COLON.finditer(text):
        before, after = text[: colon.start()], text[colon.end() :]
        head = re.split(r"[.!?\n]\s", before)[-1]
        if not after.strip() or _LABEL.match(head) or _STEPS.search(head):
            continue
        if _orders_follow(after, head) or not _is_order(head):
            continue
        if MARK.fullmatch(after.strip()):
            return text  # quoted right after the colon: it is set aside already
        content, rest = _until_resumed(after)
        return f"{before} {keep(content, inline=True)} {rest}"
    return text


def _is_order(head: str) -> bool:
    """Say whether the words before a colon could be an order that takes what follows."""
    spoken = re.findall(r"[^\W\d_]+(?:'\w+)?", head.lower())
    known = VERBS | QUESTION_WORDS | FOREIGN_SIGNS | LANGUAGES.keys()
    if spoken and spoken[-1] in _POINTERS:
        return True  # "names and dates in this: …"
    return any(
        word in known or (word.endswith(("tion", "ing", "ies")) and word not in MATERIAL)
        for word in spoken
    )


def _orders_follow(after: str, head: str) -> bool:
    """Say whether a colon opens a list of orders, not content."""
    first = after.lstrip().splitlines()[0]
    item = _LIST_ITEM.match(first)
    opening = (_LIST_ITEM.sub("", first).lower().split() or [""])[0].strip(",.")
    if item and (opening in VERBS or opening in QUESTION_WORDS):
        return True
    vague = re.search(r"\b(?:can|could|would|please|want|need|like)\b[^.]*$", head.lower())
    plain = not any(word in VERBS - {"like"} for word in re.findall(r"\w+", head.lower()))
    second = [*first.lower().split(), "", ""][1]
    orders = opening in VERBS and (second in NOUN_STARTS or second == "")
    return bool(vague and plain and orders)


def _until_resumed(after: str) -> tuple[str, str]:
    """Split inlined content from an order that goes on after an empty line."""
    parts = re.split(r"\n\s*\n", after)
    last = parts[-1].strip()
    if len(parts) > 1 and _RESUMES.match(last) and len(last) < 200:
        return "\n\n".join(parts[:-1]), f"\n{last}"
    return after, ""


def _long(text: str, keep: _Keep) -> str:
    """Tell the order in a very long text from its content: the short end is the order."""
    head, tail = text[:MOST_ORDER_CHARS], text[-MOST_ORDER_CHARS:]
    first = re.search(r"\n\s*\n|:\s+|\n", head)
    last = tail.rfind("\n")
    before = head[: first.start()] if first else ""
    if before.strip() and _is_order(before) and len(before) < 1000:
        assert first is not None
        return f"{before} {keep(text[first.end() :], inline=True)}"
    if last >= 0 and len(tail) - last < 1000 and _is_order(tail[last:]):
        cut = len(text) - len(tail) + last
        return f"{text[cut:].strip()} {keep(text[:cut], inline=True)}"
    sentence = re.search(r"[.!?]\s", head)
    if sentence and _is_order(head[: sentence.start()]) and sentence.start() < 300:
        return f"{head[: sentence.end()]} {keep(text[sentence.end() :], inline=True)}"
    return keep(text, inline=True)
