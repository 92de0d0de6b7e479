"""From a plain question to SQL, for tables: small on purpose, and honest about what it cannot map.

The question is read word by word. Words that name columns or stand in cells are taken first, then
those that mean the same as one of them; then comparisons, aggregates, grouping and order. A word that
is left over and is no filler means that something was asked which the SQL would not answer: the
question is refused, with that word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .asking import Column, Query, Unmapped, quoted_name, stem
from .asking_conditions import Condition
from .asking_follows import (
    costs_of,
    goes_on,
    in_hours,
    is_of_row,
    is_told,
    of_them,
    percent_of,
    picked,
    prices_of,
    reckoned,
    several_of,
    times,
)
from .asking_growth import in_parts
from .asking_left import Wrapped, wrapped
from .asking_links import Likeness
from .asking_reader import Reader
from .asking_rewording import higher, reword
from .asking_rows_of import rows_of
from .asking_supposing import supposed
from .asking_wishes import Wish, completed, wishes


def write_sql(
    question: str,
    columns: Sequence[Column],
    nouns: Sequence[str] = (),
    alike: Likeness | None = None,
) -> Query:
    """Turn a question into SQL over the table ``data``.

    Args:
        question: In English.
        columns: Of the table.
        nouns: Words that mean a row: the file's name.
        alike: Compares the meaning of a word with that of others.

    Raises:
        Unmapped: It asks for something else than counts, sums, averages, extremes, shares, groups,
            filters and lists over these columns.
    """
    return in_hours(Reader(question, columns, nouns, alike, ()).query())


def write_all(
    question: str,
    columns: Sequence[Column],
    nouns: Sequence[str] = (),
    alike: Likeness | None = None,
) -> list[Query]:
    """Turn a sentence that may ask several things into SQL, a query for each of them.

    A sentence is cut only where each part can be read by itself: *the highest and the lowest price*
    is one question. *Of “who has not paid?”: how much do they owe* is asked of what another question
    was about. The arguments, and what is raised, are those of ``write_sql``.
    """
    if (whole := rows_of(question, columns, nouns)) is not None:
        return [whole]
    before, question = goes_on(question)
    asked = in_parts(reword(question, columns))
    if before:
        return _after(before, asked, columns, nouns, alike)
    if (done := wrapped(asked)) is not None:
        return [_wrapped(done, columns, nouns, alike)]
    given = supposed(asked, columns)
    if given.told:
        made = _all(given.question, given.columns, nouns, alike)
        return [replace(each, supposed=given.told) for each in made]
    return _all(asked, columns, nouns, alike)


def _wrapped(
    whole: Wrapped, columns: Sequence[Column], nouns: Sequence[str], alike: Likeness | None
) -> Query:
    given = supposed(whole.question, columns)
    query = write_sql(given.question, given.columns, nouns, alike)
    if query.shape not in {"scalar", "count"}:
        raise Unmapped("it does not say of which total")
    sql = f"SELECT {whole.sql.format(query.sql)} AS {quoted_name(whole.name)}"
    return replace(query, sql=sql, about=f"{whole.said} {query.about}", supposed=given.told)


def _all(
    asked: str, columns: Sequence[Column], nouns: Sequence[str], alike: Likeness | None
) -> list[Query]:
    parts = wishes(asked)
    if len(parts) > 1:
        try:
            made = _each(parts, columns, nouns, alike)
        except Unmapped:
            if any(each.independent for each in parts[1:]):
                raise  # what one half does not say is not to be guessed from the other
            made = []
        if made:
            return made
    if (priced := several_of(asked, columns)) is not None:
        return [times(write_sql(priced[0], columns, nouns, alike), priced[1])]
    return [write_sql(asked, columns, nouns, alike)]


def _after(
    before: str,
    asked: str,
    columns: Sequence[Column],
    nouns: Sequence[str],
    alike: Likeness | None,
) -> list[Query]:
    """Write what is asked of the rows, or of the number, that another question was about."""
    told = wishes(in_parts(reword(before, columns)))
    first, *rest = wishes(asked)
    made = _each([*told, completed(told[-1].text, first.text), *rest], columns, nouns, alike)
    return made[len(told) :] or made[-1:]


def _each(
    parts: Sequence[Wish],
    columns: Sequence[Column],
    nouns: Sequence[str],
    alike: Likeness | None,
) -> list[Query]:
    """Write each of several questions, of which one may lean on what was asked before it."""
    made: list[Query] = []
    given: Sequence[Condition] = ()
    row: Condition | None = None
    for each in parts:
        if row is not None and is_told(each.text, columns):
            continue
        if (whole := rows_of(each.text, columns, nouns)) is not None:
            made.append(whole)
            given = ()
            continue
        if made and (part := percent_of(each.text)):
            made.append(times(made[-1], part))
            continue
        told = costs_of(each.text, columns, made[-1] if made else None)
        named = of_them(prices_of(told, columns), given)
        text, many = several_of(each.text, columns) or (named, 1)
        if made and (part := reckoned(each.text, made[-1], columns)):
            made.append(part)
            continue
        own = [row] if row is not None and is_of_row(text) else given
        reader = Reader(higher(text), columns, nouns, alike, own if each.leans else ())
        query = in_hours(reader.query())
        made.append(times(query, many))
        given = reader.conditions
        row = picked(query, columns) or row
    return made


__all__ = ("Column", "Query", "Unmapped", "stem", "write_all", "write_sql")
