"""The rows of a table that a request for another format is about: *only the accessories, as Markdown*."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from herd_graph.errors import PortViolation

from .asking import Column, Unmapped, stem
from .questions import Query, write_all
from .rows import Rows
from .table_database import as_json, ask, typed

_FORMAT = (
    r"(?:csv|tsv|json|excel|xlsx?|markdown|md|spreadsheet|workbook|comma[- ]separated(?: values)?)"
)
_ACT = r"(?:convert|change|turn|transform|export|save|write|store|put|give|get|make|create|show|send|return|print|format|download|dump|output|bring|have|want|need|like|see)"
_NEW = re.compile(
    rf"\b(?:(?:in)?to|as|into|in|like) (?:an? |the )?(?:new |nice |plain |proper )?(?:\.)?{_FORMAT}(?:[- ](?:file|table|format|document|sheet|list))*\b(?: (?:named|called) \S+)?"
    rf"|(?:->|=>|→)\s*(?:\.)?{_FORMAT}\b"
    rf"|\b(?:an? |the )?{_FORMAT}(?:[- ](?:file|table|list|sheet|version|export|copy))*(?: (?:of|with|from|for|containing|that (?:has|holds|lists))\b| ?:)",
    re.IGNORECASE,
)
_ACTS = re.compile(
    rf"^\W*(?:(?:hi|hello|hey|please|and|then|now|also|can|could|would|will|you|i|we|d|need|want|like|to|me|us|just)\b[\s,']*)*{_ACT}\b(?: (?:me|us|it|this|that|them))*",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"\b(?:(?:the|this|that|these|those|my|our|whole|entire|all|attached|same|of|from|in|a|an|it|them|me|us|please|pls|thanks?|too|also|and|then|file|table|list|sheet|spreadsheet|workbook|document|data|rows|records|contents?|everything|results?|answer|{_FORMAT}|{_ACT})\b\W*)+",
    re.IGNORECASE,
)
_SAVING = re.compile(
    rf",?\s*(?:and )?(?:then )?(?:please )?{_ACT}(?: (?:it|that|this|them|the result))?\W*$",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r",?\s*\b(?:and |but )?(?:without|except|minus|drop|dropping|remove|removing|leave out|leaving out)\b (?:the )?(?P<what>[\w ,]+?) columns?\b"
    r"|,?\s*\b(?:and |but )?(?:without|drop|dropping|remove|removing|leave out|leaving out)\b (?:the )?columns? (?P<named>[\w ,]+)$"
    r"|,?\s*\b(?:and |but )?(?:without|except|minus|drop|dropping|remove|removing|leave out|leaving out)\b (?:the )?(?P<bare>[\w ,]+)$",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|just|sort|order by|latest|newest|oldest|youngest|dearest|cheapest|biggest|largest|smallest|longest|shortest|last|each|every|where|whose|with|without|except|excluding|but not|sorted|ordered|top|first|highest|lowest|per|for each|by|over|under|"
    r"above|below|more than|less than|at least|at most|containing|average|total|sum|count|that (?:is|are|have|has)|which (?:is|are|have|has)|who (?:is|are|have|has))\b|[<>]",
    re.IGNORECASE,
)


def narrowed(found: Rows, request: str) -> Rows:
    """Return the rows that a request is about: all of them where it names none.

    What stands behind the format counts only where it plainly narrows: *as CSV for the office in
    Porto* is the whole table, *as CSV, only Porto* is not.

    Raises:
        PortViolation: It narrows, and the table does not say what it is narrowed to.
    """
    text = _FOR_WHOM.sub("", " ".join(request.split()))
    if len(text) > 500:
        return found
    format_ = _NEW.search(text)
    before = text[: format_.start()] if format_ else text
    after = text[format_.end() :] if format_ else ""
    of = bool(format_) and not format_.group().lower().endswith("for")
    of = of and format_ is not None and re.match(r"(?i)(?:an? |the )?" + _FORMAT, format_.group())
    kept = after if of or _ONLY.search(after) else ""
    asked = " ".join(f"{_ACTS.sub(' ', before)} {kept}".split()).strip(" ,.;:!?")
    asked = _AGAIN.sub(" ", _SAVING.sub("", asked)).strip(" ,.;:!?")
    asked = _LONE_FORMAT.sub("", asked).strip(" ,.;:!?")
    found, asked = _without(found, asked)
    found, asked = _some_rows(found, asked)
    if not re.search(r"\w", _WHOLE.sub(" ", f"{asked} ").replace(found.name.lower(), " ")):
        return found
    if (at := _just_columns(asked, found.columns)) and re.search(
        r"(?i)\b(?:only|just|columns?)\b", text
    ):
        rows = [[row[each] for each in at] for row in found.rows]
        return replace(found, columns=[found.columns[each] for each in at], rows=rows)
    columns, values = typed(found)
    try:
        queries = _read(asked, columns, found)
    except Unmapped as why:
        said = _ONLY.search(asked) or _WHAT_IS_TOLD.search(asked) or _tells(asked, found)
        if found.name.endswith("- result") or not said:
            return found
        raise _unclear(asked, found, str(why)) from why
    if len(queries) > 1:
        raise _unclear(asked, found, "it asks for several things")
    if queries[0].shape != "rows":
        if not _RECKONED.search(asked):
            return found
        value = ask(queries[0].sql, columns, values, request)[1][0][0]
        return replace(found, columns=[queries[0].about], rows=[[as_json(value)]])
    if not found.rows or queries[0].sql.strip() == "SELECT * FROM data":
        if re.search(r"(?i)\b\w+ first\b(?=\W*$|,)|\bsorted\b", asked):
            raise _unclear(asked, found, "it does not say by which column it is sorted")
        return found
    note = f"only {queries[0].about}" if queries[0].about else ""
    notes = [*found.notes, *([note] if note else [])]
    plain = _ROWS.fullmatch(queries[0].sql)
    whole = plain is not None and _is_whole(plain, asked, columns)
    if plain is not None and (whole or not plain["distinct"]):  # the cells as they are written
        rest = plain["rest"] or ""
        if plain["distinct"]:  # its order is only that of the names
            rest = re.sub(r' ?ORDER BY "(?:[^"]|"")+"$', "", rest)
        sql = f"SELECT rowid FROM data {rest}"  # noqa: S608 - from a query of quoted names
        kept = [found.rows[int(row[0])] for row in ask(sql, columns, values, request)[1]]
        at = range(len(found.columns)) if whole else _places(plain["what"], found.columns)
        names = [found.columns[each] for each in at]
        rows = [[row[each] for each in at] for row in kept]
        return replace(found, columns=names, rows=rows, notes=notes)
    names, made = ask(queries[0].sql, columns, values, request)
    if not made:
        return found if _ONLY.search(asked) is None else replace(found, rows=[])
    told = [[as_json(each) for each in row] for row in made]
    return replace(found, columns=names, rows=told, notes=notes)


_LONE_FORMAT = re.compile(r"(?i),\s*(?:markdown|csv|json|excel|xlsx)\W*$")
"""*The herbs, cheapest first, markdown*."""
_ROWS_BY_NUMBER = re.compile(
    r"(?i)\b(?:only |just )?(?:the )?rows? (?:no\.? |numbers? )?(?P<first>\d+) ?(?:to|-|–|through|until|till) ?(?P<last>\d+)\b"
)


def _some_rows(found: Rows, asked: str) -> tuple[Rows, str]:
    """Keep *rows 2 to 4*, the first being that below the heading."""
    said = _ROWS_BY_NUMBER.search(asked)
    if said is None:
        return found, asked
    first, last = int(said["first"]), int(said["last"])
    if not 1 <= first <= last <= len(found.rows):
        raise _unclear(asked, found, f"it has {len(found.rows)} rows")
    rest = f"{asked[: said.start()]} the table {asked[said.end() :]}"
    notes = [*found.notes, f"only rows {first} to {last}"]
    return replace(found, rows=found.rows[first - 1 : last], notes=notes), rest


_FOR_WHOM = re.compile(
    r"^\W*(?:(?:hi|hello|hey)\W+)?(?:this is )?for (?:my|our|the) [\w' -]{2,30}[:,] *",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r",?\s*\b(?:and )?(?:give|show|send|write|put|save|export|make|convert) (?:me |us )?(?:(?:those|these|them|that|it)(?: (?:rows|ones|records|lines|entries|results?))?|the (?:rows|results?|list))\b",
    re.IGNORECASE,
)
"""*Show the five biggest, give me those rows*: the second only says what becomes of the first."""
_RECKONED = re.compile(
    r"\b(?:totals?|sum|average|mean|median|count|how (?:many|much)|number of|highest|lowest|maximum|minimum)\b",
    re.IGNORECASE,
)
_ROWS = re.compile(
    r"SELECT (?P<distinct>DISTINCT )?(?P<what>\*|\"(?:[^\"]|\"\")+\"(?:, \"(?:[^\"]|\"\")+\")*) FROM data(?: (?P<rest>(?!.*GROUP BY).*))?"
)
"""Rows as they stand, with nothing reckoned."""
_QUOTED = re.compile(r"\"((?:[^\"]|\"\")+)\"")
_LISTED = re.compile(r",| and | & |\bcolumns?\b|\bonly the\b|\bjust the\b", re.IGNORECASE)
_WHAT_IS_TOLD = re.compile(
    r"\b(?:numbers|names|address(?:es)?|e-?mails?|phones?|prices?|dates?|birthdays?|amounts?|costs?|ages?|owners?|winners?|losers?)\b",
    re.IGNORECASE,
)
"""What a column holds, and no list as a whole is called."""
_PERSONS = re.compile(
    r"\b(?:people|persons?|everybody|everyone|anybody|anyone|those|ones|things|stuff|entries|lines|records)\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\bfrom (?=(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\b(?! (?:to|until|till|through|on)\b|-))",
    re.IGNORECASE,
)


def _read(asked: str, columns: Sequence[Column], found: Rows) -> list[Query]:
    """Read what is wanted; a plural that is nothing in the table may be what its rows are."""
    text = _in_both(_by_year(_SINCE.sub("in ", asked), columns), columns)
    if not any(_PERSONS.search(each.name) for each in columns):
        text = _PERSONS.sub("rows", text)
    nouns = [found.name, "list", "rows"]
    try:
        return write_all(text, columns, nouns)
    except Unmapped as why:
        said = str(why)
        strange = re.findall(r"'([^']+)'", said) if said.startswith("nothing in") else []
        listed = all(
            re.fullmatch(r"[a-z]+s|children|staff|[a-z]+list", each)
            or re.match(
                rf"(?i)(?:the |my |our )?{re.escape(each)}\s*(?:,|list\b|table\b|sheet\b)", text
            )
            for each in strange
        )
        if strange and listed:
            return write_all(text, columns, [*nouns, *strange])
        aside = _ASIDE.search(text)
        if aside is None or not strange:
            raise
        # *that need reordering (stock under 20)*: what is meant by it is told behind it.
        return write_all(f"rows where {aside[1]}", columns, nouns)


_ASIDE = re.compile(r"\(([^()]{4,80})\)")
_IN_BOTH = re.compile(
    r"(?i)\b(?P<than>more than|less than|over|under|above|below|at least|at most) (?P<bound>\d[\d.,]*) in (?:both )?(?P<one>\w+) and (?:in )?(?P<two>\w+)\b"
)


def _in_both(asked: str, columns: Sequence[Column]) -> str:
    """Hold both columns to a bound that is said of both: *more than 80 in maths and in science*."""
    said = _IN_BOTH.search(asked)
    names = {each.name.lower() for each in columns if each.kind == "number"}
    if said is None or not {said["one"].lower(), said["two"].lower()} <= names:
        return asked
    both = " and ".join(f"{said[each]} {said['than']} {said['bound']}" for each in ("one", "two"))
    return f"{asked[: said.start()]}{both}{asked[said.end() :]}"


def _by_year(asked: str, columns: Sequence[Column]) -> str:
    """Read *newest first* where a year is a number: the highest, and not the fewest years."""
    if any(each.kind == "date" for each in columns):
        return asked
    year = next((e.name for e in columns if e.kind == "number" and stem(e.name.lower()) == "year"), "")  # fmt: skip
    if not year:
        return asked
    asked = re.sub(r"(?i)\b(?:newest|latest|most recent)(?: \w+)? first\b", f"sorted by {year}, highest first", asked)  # fmt: skip
    return re.sub(r"(?i)\b(?:oldest|earliest)(?: \w+)? first\b", f"sorted by {year}", asked)


def _just_columns(asked: str, columns: Sequence[str]) -> list[int]:
    """Return the columns that are all that is asked for: *the names only*; none where more is said."""
    bare = re.sub(r"(?i)\b(?:only|just|the|columns?|all|with|as|please)\b", " ", asked)
    parts = [_folded(each) for each in re.split(r",|&|\band\b", bare)]
    known = [_folded(each) for each in columns]
    if "name" not in known and not any("name" in each.split() for each in known) and known:
        parts = [known[0] if each == "name" else each for each in parts]
    told = [each for each in parts if each]
    return [known.index(each) for each in told] if told and set(told) <= set(known) else []


def _places(what: str, columns: Sequence[str]) -> list[int]:
    names = [each.replace('""', '"') for each in _QUOTED.findall(what)]
    return [columns.index(each) for each in names]


def _is_whole(plain: re.Match[str], asked: str, columns: Sequence[Column]) -> bool:
    """Say whether rows are wanted whole: of the columns that are shown none was asked for.

    A question's answer shows what a reader needs: the name, and what the condition is about.
    """
    if plain["what"] == "*":
        return True
    shown = [each.replace('""', '"') for each in _QUOTED.findall(plain["what"])]
    within = {each.replace('""', '"') for each in _QUOTED.findall(plain["rest"] or "")}
    free = [each for each in shown if each not in within]
    label = next((each.name for each in columns if each.kind == "text"), columns[0].name)
    if len(free) > 1:
        return _LISTED.search(asked) is None
    if not free:
        return re.search(r"(?i)\bcolumns?\b|\b(?:only|just) the\b", asked) is None
    called = stem(free[0].split()[-1].lower()) in {"name", "title"}
    if within:
        return (not called and free[0] in {label, columns[0].name}) or not _says(free[0], asked)
    return free[0] in {label, columns[0].name} and not called and not _LISTED.search(asked)


def _says(name: str, asked: str) -> bool:
    spoken = {stem(each) for each in re.findall(r"[^\W_]+", asked.lower())}
    return {stem(each) for each in re.findall(r"[^\W_]+", name.lower())} <= spoken


def _tells(asked: str, found: Rows) -> bool:
    """Say whether words that were not understood name a value, a column or a number of the table."""
    spoken = {stem(each) for each in re.findall(r"[^\W_]{2,}", asked.lower())}
    spoken -= {stem(each) for each in re.findall(r"[^\W_]{2,}", found.name.lower())}
    cells = {str(cell) for row in found.rows[:5_000] for cell in row if isinstance(cell, str)}
    known = {stem(each) for cell in cells if len(cell) <= 40 for each in re.findall(r"[^\W_]{2,}", cell.lower())}  # fmt: skip
    named = {stem(each) for name in found.columns for each in re.findall(r"[^\W_]{2,}", name.lower())}  # fmt: skip
    return bool(spoken & (known | named)) or bool(re.search(r"\d", asked))


def _unclear(asked: str, found: Rows, why: str) -> PortViolation:
    return PortViolation(
        f"{asked[:80]!r} does not say which rows of {found.name!r} are wanted: {why}. Expected "
        f"words of the table (columns: {', '.join(found.columns[:12])}), or a request for all "
        "of it. Word it with these."
    )


_SHEET = r"(?:sheet|worksheet|tab|page)"
_PLACED = re.compile(
    rf"\b(?:the |my )?(?P<place>first|1st|second|2nd|third|3rd|fourth|4th|last) {_SHEET}\b"
    rf"|\b{_SHEET} (?:number |no\.? ?)?(?P<number>[1-9])\b",
    re.IGNORECASE,
)
_PLACES = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "last": -1}  # fmt: skip
_ALL_SHEETS = re.compile(
    rf"\b(?:all|both|every|each)(?: of)?(?: the| my| its)? {_SHEET}s?\b|\b(?:whole|entire|complete|full) (?:workbook|excel|xlsx|spreadsheet file)\b",
    re.IGNORECASE,
)


def wanted_sheets(
    sheets: Sequence[Rows], request: str, *, several: bool = False
) -> tuple[list[Rows], str]:
    """Return the sheets of a workbook that a request is about, and the request without them.

    Args:
        sheets: All that are filled.
        request: *The second sheet*, *the sheet Savings*, *all sheets*.
        several: Whether what is made of them can hold more than one.

    Raises:
        PortViolation: All are wanted where there is room for one, or one that is not there.
    """
    if len(sheets) < 2:
        return [*sheets], _PLACED.sub("the table", request)
    listed = ", ".join(repr(each.sheet) for each in sheets[:8])
    if said := _ALL_SHEETS.search(request):
        if several:
            return [*sheets], f"{request[: said.start()]} the table {request[said.end() :]}"
        raise PortViolation(
            f"The workbook has {len(sheets)} sheets ({listed}), and this format holds one table. "
            "Expected one of them. Name it ('the sheet …'), or convert to xlsx."
        )
    if said := _PLACED.search(request):
        at = _PLACES[said["place"].lower()] if said["place"] else int(said["number"]) - 1
        if at >= len(sheets):
            raise PortViolation(
                f"The workbook has {len(sheets)} filled sheets ({listed}), and {said.group()!r} is "
                "none of them. Name one of these."
            )
        return [sheets[at]], f"{request[: said.start()]} the table {request[said.end() :]}"
    for form in (rf"(?:{_SHEET} (?:called |named )?['\"]?{{0}}['\"]?|{{0}} {_SHEET})", "{0}"):
        named = [
            (each, hit)
            for each in sheets
            if (hit := re.search(rf"(?i)(?<!\w)(?:the |my )?{form.format(re.escape(each.sheet))}(?!\w)", request))
            and (form != "{0}" or not any(_folded(each.sheet) == _folded(c) for one in sheets for c in one.columns))
        ]  # fmt: skip
        if len(named) == 1:
            one, hit = named[0]
            return [one], f"{request[: hit.start()]} the table {request[hit.end() :]}"
    return [sheets[0]], request


def _without(found: Rows, asked: str) -> tuple[Rows, str]:
    """Leave out the columns that a request does not want: *without the notes column*."""
    said = _LEFT_OUT.search(asked)
    if said is None:
        return found, asked
    told = said["what"] or said["named"] or said["bare"]
    wanted = {_folded(each) for each in re.split(r",|\band\b", told)}
    wanted = {_ATTRIBUTE.sub("", e) if e not in map(_folded, found.columns) else e for e in wanted}
    gone = [at for at, each in enumerate(found.columns) if _folded(each) in wanted]
    if len(gone) != len(wanted) or len(gone) == len(found.columns):
        return found, asked
    kept = [at for at in range(len(found.columns)) if at not in gone]
    rows = [[row[at] for at in kept] for row in found.rows]
    columns = [found.columns[at] for at in kept]
    return replace(
        found, columns=columns, rows=rows
    ), f"{asked[: said.start()]} {asked[said.end() :]}"


_ATTRIBUTE = re.compile(r" (?:name|column|number|value|field)$")


def _folded(name: str) -> str:
    return " ".join(
        stem(each) for each in re.findall(r"[^\W_]+", name.lower()) if each not in {"the", "a"}
    )
