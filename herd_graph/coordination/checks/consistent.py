"""Whether the outputs of one result, and what it says of its source's shape, fit together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from herd_graph.artifacts import Table
from herd_graph.coordination.checks.base import (
    CheckInput,
    check,
    failed,
    passed,
    source_words,
)
from herd_graph.coordination.checks.sounds import seen
from herd_graph.coordination.quantities import Number, numbers, same_number
from herd_graph.state import Verdict
from herd_graph.types import JSON, ArtifactRef, Kind

_CODE = re.compile(r"(?:SQL|Formula|Query|Code):.*|```.*?```|`[^`]*`", re.DOTALL)
_BESIDE = re.compile(
    r"\b(?:also|besides|beside(?:s)? (?:it|them|that|these)|in addition|furthermore|other things?|others?)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""What is told beside the answer, and of which the figures say nothing."""
_PIXELS = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})\s*(?:pixels|px)\b")
_SHOWN = 3
"""Rows of a table whose values should all be in the words beside it."""
_COMPARED = 5_000
"""Cells of a table that are compared one by one."""


@check(name="consistent", gives=Kind.TEXT, cost=0.0008)
async def says_the_same(subject: CheckInput) -> Verdict | None:
    """See that the words of a result and the figures beside them are the same figures."""
    tables = [ref for _, ref in subject.of_kind(Kind.TABLE)]
    figures = [ref for _, ref in subject.of_kind(Kind.DATA)]
    if len(tables) + len(figures) != 1 or len(subject.outputs) < 2:
        return None
    values = await (_of_table(subject, tables[0]) if tables else _of_data(subject, figures[0]))
    if values is None or not values:
        return None
    texts = await subject.texts()
    text = next(iter(texts.values()))  # the answer; a query or a program may stand beside it
    shown = _CODE.sub("", text)
    said = numbers(shown)
    asked = numbers(_BESIDE.sub("", shown))  # "Also seen: 1 tie" is no count of what was asked
    known = [*values, *numbers("\n".join([*await source_words(subject), *texts.values()][:-1]))]
    known += numbers(" ".join(_CODE.findall(text)))
    for each in values[: 4 * _SHOWN]:
        if not any(same_number(one, each) or same_number(each, one) for one in said):
            told = f"{each.said} is in its figures, and not in its words"
            return failed("consistent", told, score=0.1, evidence=shown[:200])
    total = sum(each.value for each in values)
    for each in asked:
        fits = any(same_number(each, one) or same_number(one, each) for one in known)
        if not fits and abs(each.value - total) > 1e-9 and not each.percent:
            told = f"it says {each.said}, and its figures do not"
            return failed("consistent", told, score=0.1, evidence=shown[:200])
    return passed("consistent")


async def _of_table(subject: CheckInput, ref: Any) -> list[Number] | None:
    rows = cast("list[dict[str, JSON]]", await subject.decoded(ref, "rows", lambda each: each.rows))
    if not 1 <= len(rows) <= _SHOWN:
        return None
    return _numbers_in([value for row in rows for value in row.values()])


async def _of_data(subject: CheckInput, ref: Any) -> list[Number] | None:
    value = await subject.value(ref)
    if not isinstance(value, dict):
        return None
    held = cast("dict[str, JSON]", value)
    if not all(isinstance(each, int | float) for each in held.values()):
        return None
    return _numbers_in([each for each in held.values() if each])


def _numbers_in(values: Sequence[JSON]) -> list[Number]:
    return [
        Number(values=frozenset({float(each)}), said=f"{each:.12g}", start=0, end=0, decimals=_fine(each))
        for each in values
        if isinstance(each, int | float) and not isinstance(each, bool)
    ]  # fmt: skip


def _fine(value: float) -> int:
    return len(f"{value:.12g}".partition(".")[2])


@check(name="pixels", gives=Kind.TEXT, takes=Kind.IMAGE, cost=0.002)
async def measures_rightly(subject: CheckInput) -> Verdict | None:
    """See that a description gives the size of the picture that it is of."""
    pictures = subject.of_kind(Kind.IMAGE, given=True)
    found = [
        (int(each[1]), int(each[2]))
        for text in (await subject.texts()).values()
        for each in _PIXELS.finditer(text)
    ]
    if len(pictures) != 1 or not found:
        return None
    size = await seen(subject, pictures[0][1])
    sizes = {(size.width, size.height), (size.height, size.width)}
    if not any(each in sizes for each in found):
        told = f"it is of {found[0][0]} x {found[0][1]} pixels, its picture of {size.width} x {size.height}"
        return failed("pixels", told, score=0.1)
    return passed("pixels")


@check(name="converted", takes=Kind.TABLE, cost=0.002)
async def keeps_its_cells(subject: CheckInput) -> Verdict | None:
    """See that a table in another form has the same cells: none lost, none new."""
    named = f"{subject.card.name} {' '.join(subject.card.tags)}"
    tables = subject.of_kind(Kind.TABLE, given=True)
    if len(tables) != 1 or not re.search(r"convert|export", named):
        return None
    before = cast("Counter[str]", await subject.decoded(tables[0][1], "cells:bag", _bag))
    if not before or before.total() > _COMPARED:
        return None
    if await wants_some(subject, tables[0][1]):
        return None
    form = await _asked_form(subject)
    for port, refs in subject.outputs.items():
        for ref in [refs] if not isinstance(refs, list) else refs:
            if form and not _in_form(ref, form):
                told = f"{port!r} is {ref.mime}, and {form} was asked for"
                return failed("converted", told, score=0.1)
            if ref.kind is Kind.TABLE:
                after = await subject.decoded(ref, "cells:bag", _bag)
            elif ref.kind in {Kind.TEXT, Kind.DATA}:
                after = _tokens(await subject.text(ref))
                before = _tokens(" ".join(before.elements()))
            else:
                continue
            lost, new = before - after, after - before
            if lost.total() > 0.02 * before.total() or (
                ref.kind is Kind.TABLE and new.total() > 0.02 * before.total()
            ):
                odd = next(iter(lost or new))
                told = f"{port!r} lacks {lost.total()} of {before.total()} cells, such as {odd!r}"
                return failed("converted", told, score=0.1)
    return passed("converted")


async def wants_some(subject: CheckInput, table: ArtifactRef) -> bool:
    """Say whether some rows of a table were asked for, or sums of them, and not all of it."""
    cells = cast("Counter[str]", await subject.decoded(table, "cells:bag", _bag))
    columns = cast("Counter[str]", await subject.decoded(table, "cells:names", _columns))
    wishes = [await subject.text(ref) for ref in subject.refs("request")]
    return any(_SOME_ROWS.search(each) or _names_a_cell(each, cells - columns) for each in wishes)


def _names_a_cell(wish: str, cells: Counter[str]) -> bool:
    """Say whether a wish names what stands in a cell: *Mr Duarte's pupils* are not all of them."""
    said = {each.casefold() for each in _NAME.findall(wish)}
    return any(each.casefold() in said for cell in cells for each in _NAME.findall(cell))


_NAME = re.compile(r"[^\W\d_]{4,}")
_SOME_ROWS = re.compile(
    r"\b(?:only|just|where|whose|with|without|except|excluding|sorted|ordered|top|first|highest|lowest|per|each|by|over|under|"
    r"above|below|more than|less than|average|total|sum|rows|of the|unpaid|who|that|which|how|median|mean|count|number|most|"
    r"least|last|after|before|since|until|between|two|three|four|five|six|seven|eight|nine|ten|(?:new|old|high|low|large|small|"
    r"big|cheap|dear|long|short|young|late|early|fast|slow|great|few|bus|heavi|light)i?est|"
    r"(?:in|of|for|from) (?:january|february|march|april|may|june|july|august|september|october|november|december))\b|[<>\d]",
    re.IGNORECASE,
)
"""Words of a wish for some of it; a number is one too: *songs from 2023*, *class 7A*."""
_FORMS = {"csv": "csv|table", "json": "json", "markdown": "plain|markdown", "xlsx": "sheet|excel"}


async def _asked_form(subject: CheckInput) -> str:
    """Return the form that an input names; empty where none does."""
    for port in subject.card.inputs:
        if "csv" in port.choices:
            for ref in subject.refs(port.name):
                return (await subject.text(ref)).strip().strip('"')
    return ""


def _in_form(ref: ArtifactRef, form: str) -> bool:
    return form not in _FORMS or bool(re.search(_FORMS[form], ref.mime))


def _bag(table: Table) -> Counter[str]:
    cells = [_cell(each) for row in table.rows for each in row.values()]
    return Counter([*cells, *(_cell(each) for each in table.columns)])


def _columns(table: Table) -> Counter[str]:
    return Counter(_cell(each) for each in table.columns)


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.10g}"
    return "" if value is None else str(value).strip()


def _tokens(text: str) -> Counter[str]:
    """Return words once each, and numbers as they mean: a form may repeat the names of columns."""
    words = re.findall(r"-?\d+(?:\.\d+)?|[^\W\d_]+", text)
    return Counter({_token(each): 1 for each in words})


def _token(word: str) -> str:
    return f"{float(word):.10g}" if word.lstrip("-")[:1].isdigit() else word.casefold()


__all__ = ("keeps_its_cells", "measures_rightly", "says_the_same", "wants_some")
