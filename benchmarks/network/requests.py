"""Requests with their plans, as the network is trained on them.

Two forms are read: compound sets (``benchmarks/compound/development.jsonl``), and lists with a line
for each request (``benchmarks/compound/training/*.txt``):

    image:menu.jpg | could I hear this menu in English | speak(translate(read_text(a1), en))
    [audio:call.wav => transcribe(a1)] | put that into Portuguese | translate(h1.1, pt)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from herd_graph.cards import ExpertCard
from herd_graph.routing.golds import read_gold
from herd_graph.routing.lexicon import NUMBERS
from herd_graph.routing.neural.reading import Given, Reading, read
from herd_graph.routing.neural.symbols import LARGEST, write

_WORD = re.compile(r"\w+")
_FIRST_CALL = re.compile(r"\s*([a-z_]+)\(")
_OUTPUT = re.compile(r"\)\.(\w+)$")
_NUMBERS = {word: str(value) for word, value in NUMBERS.items() if value <= LARGEST}
_STEM = 5
_NEAR = 0.4
_LONGEST = 70


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request in its wordings, with its plan."""

    files: tuple[str, ...]
    wordings: tuple[str, ...]
    gold: tuple[str, ...]
    history: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Earlier turns: their files, and what they were answered with."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One wording as tokens, with the symbols that are to be written."""

    reading: Reading
    symbols: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    """Beside each symbol, the first and last token of the words that it stands for; else (-1, -1)."""


def from_lines(path: Path) -> list[Request]:
    """Read a list of requests."""
    return [_line(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def from_set(path: Path) -> list[Request]:
    """Read a compound set."""
    found: list[Request] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        turns = cast("list[dict[str, Any]]", row.get("history") or [])
        found.append(
            Request(
                files=tuple(row["files"]),
                wordings=tuple(row["wordings"]),
                gold=tuple(row["gold"]),
                history=tuple((tuple(each["files"]), str(each["gold"])) for each in turns),
            )
        )
    return found


def _line(line: str) -> Request:
    files, _, rest = line.partition("|")
    wording, _, gold = rest.partition("|")
    history: list[tuple[tuple[str, ...], str]] = []
    files = files.strip()
    while files.startswith("["):
        turn, _, files = files[1:].partition("]")
        while turn.count("[") > turn.count("]"):  # a list inside a gold
            more, _, files = files.partition("]")
            turn += f"]{more}"
        before, _, made = turn.partition("=>")
        history.append((tuple(before.split()), made.strip()))
        files = files.strip()
    return Request(
        files=tuple(files.split()),
        wordings=(wording.strip().replace("\\n", "\n"),),
        gold=tuple(each.strip() for each in gold.split(" || ")),
        history=tuple(history),
    )


def tidied(request: Request, cards: Mapping[str, ExpertCard]) -> Request:
    """Return a request whose golds name no output that is an expert's first."""
    firsts = "|".join({card.outputs[0].name for card in cards.values() if len(card.outputs) > 1})
    return replace(
        request, gold=tuple(re.sub(rf"\)\.(?:{firsts})\b", ")", each) for each in request.gold)
    )


def given(request: Request, cards: Mapping[str, ExpertCard]) -> list[Given]:
    """Return what a request may work on, as it is told to the network when it is at work."""
    found: list[Given] = []
    for number, (files, gold) in enumerate(request.history, start=1):
        found += [
            Given(f"h{number}.a{place}", each.replace(":", " ", 1))
            for place, each in enumerate(files, start=1)
        ]
        for place, each in enumerate(gold.removesuffix("!").split(" ; "), start=1):
            about = _about(each, files, cards)
            if about:
                found.append(Given(f"h{number}.{place}", about))
    found += [
        Given(f"a{place}", each.replace(":", " ", 1))
        for place, each in enumerate(request.files, start=1)
    ]
    return found


def _about(gold: str, files: Sequence[str], cards: Mapping[str, ExpertCard]) -> str:
    """Return the kind of an earlier answer, who made it, and of what."""
    call = _FIRST_CALL.match(gold)
    if call is None or call[1] not in cards:
        return ""
    named = _OUTPUT.search(gold.split(" if ", maxsplit=1)[0].strip())
    card = cards[call[1]]
    port = (card.output(named[1]) if named else None) or card.outputs[0]
    many = " list" if port.many or f"{call[1]}(each " in gold else ""
    used = dict.fromkeys(int(each) for each in re.findall(r"\ba(\d+)", gold))
    names = " ".join(files[k - 1].partition(":")[2] for k in used if k <= len(files))
    return f"{port.kind.value}{many} {call[1].replace('_', ' ')} {names}"


def example(
    request: Request, wording: str, gold: str, cards: Mapping[str, ExpertCard]
) -> Example | None:
    """Return one wording for training; None where its gold needs what is not there."""
    written = write(read_gold(gold))
    reading = read(wording, given(request, cards))
    known = {name for name, _ in reading.inputs}
    needed = {each[2:] for each in written.symbols if each.startswith("i:")}
    if needed - known or len(written.symbols) > _LONGEST:
        return None
    spans = tuple(_tokens(reading, said) if said is not None else (-1, -1) for said in written.said)
    return Example(reading=reading, symbols=written.symbols, spans=spans)


def _tokens(reading: Reading, said: str) -> tuple[int, int]:
    left, right = _where(reading.text, said)
    inside = [k for k, (a, b) in enumerate(reading.places) if a < right and b > left]
    return (reading.first + inside[0], reading.first + inside[-1]) if inside else (-1, -1)


def _where(text: str, said: str) -> tuple[int, int]:
    """Return where a text says something best: golds put questions in words of their own."""
    at = text.lower().find(said.lower())
    if at >= 0:
        return at, at + len(said)
    words = [(each.start(), each.end(), _stem(each[0])) for each in _WORD.finditer(text)]
    wanted = {_stem(each) for each in _WORD.findall(said)}
    hits = [k for k, (_, _, stem) in enumerate(words) if stem in wanted]
    best, found = _NEAR, (0, len(text))
    for first, last in _windows(hits):
        within = [words[k][2] for k in range(first, last + 1)]
        precision = sum(each in wanted for each in within) / len(within)
        recall = len(wanted & set(within)) / len(wanted)
        score = 2 * precision * recall / (precision + recall)
        if score > best:
            best, found = score, (words[first][0], words[last][1])
    return found


def _windows(hits: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start, first in enumerate(hits):
        for last in hits[start:]:
            yield first, last


def _stem(word: str) -> str:
    lower = word.lower()
    return _NUMBERS.get(lower, lower)[:_STEM]


__all__ = ("Example", "Request", "example", "from_lines", "from_set", "given", "tidied")
