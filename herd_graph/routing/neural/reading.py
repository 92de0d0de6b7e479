"""A request as tokens: what is attached, what earlier turns made, and the words.

    [CLS] [a1] image menu jpg [a2] audio call wav [SEP] read me the menu [SEP]

Each input stands behind a token of its own, which the network points at; only its name and kind are
seen, never its content. Long content within a request is cut to its first words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.resources import as_file, files
from typing import Any, cast

from pydantic import ValidationError

from herd_graph.routing.content import MARK, protect
from herd_graph.types import JSON, ArtifactRef, Kind

_CLS, _SEP = 101, 102
_MOST_INPUT_TOKENS = 100
_MOST_NAME_TOKENS = 14
_MOST_NAME = 40
MOST_WORD_TOKENS = 150
_LONG = 600
"""Characters from which on content is told apart from the order that it is in."""
_SHOWN = 60
_TURNS = 2
_BETWEEN = re.compile(r"[_\-.]+")
_QUOTES = " \t\n\"'`“”„«»\u2018\u2019"
_SHEETS = ("spreadsheet", "ms-excel", "csv", "json", "opendocument.spreadsheet")


@dataclass(frozen=True)
class Given:
    """Something that a plan may work on."""

    symbol: str
    """``a1``, or of earlier turns ``h1.a1`` and ``h1.2``: what the network was trained with."""
    about: str
    """Its kind and name, or the expert that made it."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A request as the network sees it."""

    ids: tuple[int, ...]
    inputs: tuple[tuple[str, int], ...]
    """The symbols of the inputs, and the token that stands for each."""
    first: int
    """The token of the first word; the last one is the last but one of all tokens."""
    places: tuple[tuple[int, int], ...]
    """Where each token of the words stands in ``text``."""
    text: str
    contents: tuple[tuple[int, int, str], ...] = ()
    """Content that was cut: where it stands in ``text``, and all of it."""

    def words(self, start: int, end: int) -> str:
        """Return the words between two tokens; of content that was cut, all of it."""
        begin, stop = self.place(start, end)
        for left, right, content in self.contents:
            if left < stop and begin < right:
                return content
        return self.text[begin:stop].strip(_QUOTES)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where the words between two tokens stand in the text."""
        if not self.places:  # a request of nothing that can be read: zero-width characters, say
            return 0, 0
        last = len(self.places) - 1
        left = min(max(start - self.first, 0), last)
        right = min(max(end - self.first, left), last)
        return self.places[left][0], self.places[right][1]


def attached(attachments: Mapping[str, ArtifactRef | list[ArtifactRef]]) -> list[Given]:
    """Return what is attached to a request."""
    found: list[Given] = []
    for name, value in attachments.items():
        refs = value if isinstance(value, list) else [value]
        if refs:
            many = " list" if isinstance(value, list) else ""
            found.append(Given(name, f"{_kind(refs[0])}{many} {refs[0].name}"))
    return found


def earlier(
    history: Sequence[Mapping[str, JSON]], names: Mapping[str, str]
) -> tuple[list[Given], dict[str, str]]:
    """Return what the last turns attached and made.

    Args:
        history: The turns of a thread, oldest first.
        names: What a plan calls each artifact, by its id.

    Returns:
        The inputs, and what a plan calls each of them, by symbol.
    """
    found: list[Given] = []
    called: dict[str, str] = {}
    shown = [each for each in history if _left(each)][-_TURNS:]
    if shown and not any(each.get("attachments") for each in shown):
        # What the whole thread is about was attached further back.
        given = [each["attachments"] for each in history if each.get("attachments")]
        shown[0] = {**shown[0], "attachments": given[-1] if given else {}}

    def add(symbol: str, refs: Sequence[ArtifactRef], about: str, name: str) -> None:
        if refs and refs[0].id in names:
            called[symbol] = names[refs[0].id]
            found.append(Given(symbol, f"{about} {name}"))

    for number, turn in enumerate(shown, start=1):
        files_ = cast("dict[str, JSON]", turn.get("attachments") or {})
        for place, value in enumerate(files_.values(), start=1):
            refs = _references(value)
            if refs:
                add(f"h{number}.a{place}", refs, _kind(refs[0]), refs[0].name)
        for place, part in enumerate(_objects(turn.get("parts")), start=1):
            refs = _references(part.get("artifacts"))
            if not refs:
                continue
            expert = str(part.get("expert") or "").partition("@")[0].replace("_", " ")
            many = " list" if len(refs) > 1 else ""
            sources = [each.get("inputs") for each in _objects(part.get("sources"))]
            named = [str(each) for held in sources if isinstance(held, list) for each in held]
            add(f"h{number}.{place}", refs, f"{_kind(refs[0])}{many} {expert}", " ".join(named))
    return found, called


def _left(turn: Mapping[str, JSON]) -> bool:
    """Say whether a turn left anything: small talk and what was refused did not."""
    made = any(each.get("artifacts") for each in _objects(turn.get("parts")))
    return made or bool(turn.get("attachments"))


def _objects(value: JSON) -> list[dict[str, JSON]]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, dict)]


def _references(value: JSON) -> list[ArtifactRef]:
    """Return the references in what a turn kept; what cannot be read is left out."""
    found: list[ArtifactRef] = []
    for each in _objects(value):
        try:
            found.append(ArtifactRef.model_validate(each))
        except ValidationError:
            continue
    return found


def read(text: str, inputs: Sequence[Given]) -> Reading:
    """Return a request as tokens."""
    shown, contents = _shown(text)
    ids = [_CLS]
    pointed: list[tuple[str, int]] = []
    for given in inputs:
        if len(ids) > _MOST_INPUT_TOKENS:
            break
        pointed.append((given.symbol, len(ids)))
        about = _BETWEEN.sub(" ", given.about)[:_MOST_NAME]
        ids += [_marker(given.symbol), *_tokens(about)[0][:_MOST_NAME_TOKENS]]
    ids.append(_SEP)
    first = len(ids)
    words, places = _tokens(shown)
    ids += [*words[:MOST_WORD_TOKENS], _SEP]
    return Reading(
        ids=tuple(ids),
        inputs=tuple(pointed),
        first=first,
        places=places[:MOST_WORD_TOKENS],
        text=shown,
        contents=contents,
    )


def _shown(text: str) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """Return the text with long content cut, and where that stands."""
    if len(text) <= _LONG:
        return text, ()
    protected = protect(text)
    contents: list[tuple[int, int, str]] = []
    made, at = "", 0
    for mark in MARK.finditer(protected.text):
        made += protected.text[at : mark.start()]
        content = protected.contents[int(mark[1])]
        brief = content if len(content) <= _SHOWN else f"{content[:_SHOWN]}…"
        contents.append((len(made), len(made) + len(brief) + 2, content))
        made += f'"{brief}"'
        at = mark.end()
    return made + protected.text[at:], tuple(contents)


def _kind(ref: ArtifactRef) -> str:
    """Return the kind as people name it: a workbook is a table, any other document a file."""
    if ref.kind is Kind.DOCUMENT:
        return "table" if any(each in ref.mime for each in _SHEETS) else "any"
    return ref.kind.value


def _marker(symbol: str) -> int:
    """Return the token that stands for an input: one of the model's unused ones."""
    mine = re.fullmatch(r"a(\d+)", symbol)
    if mine:
        return 1 + min(int(mine[1]), 19)
    turn, _, name = symbol[1:].partition(".")
    base = 30 if name.startswith("a") else 60
    return base + 5 * min(int(turn) - 1, 2) + min(int(name.removeprefix("a")), 5)


def is_word(text: str) -> bool:
    """Say whether letters are a word that the network reads whole: no slip of the pen is."""
    return _tokenizer().token_to_id(text.lower()) is not None


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    tokenizers: Any = import_module("tokenizers")
    with as_file(files("herd_graph.discovery") / "data" / "tokenizer.json") as path:
        made: Any = tokenizers.Tokenizer.from_file(str(path))
    made.no_padding()
    made.no_truncation()
    return made


def _tokens(text: str) -> tuple[list[int], tuple[tuple[int, int], ...]]:
    # No text is worth more than its first tokens; the tokenizer must not read a megabyte.
    cut = text[: MOST_WORD_TOKENS * 16].encode("utf-8", "replace").decode()
    found = _tokenizer().encode(cut, add_special_tokens=False)
    return found.ids, tuple(found.offsets)


__all__ = ("MOST_WORD_TOKENS", "Given", "Reading", "attached", "earlier", "is_word", "read")
