"""Answer questions about a table: with SQL that is shown, on a database that can do nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from typing import Any, NamedTuple

from herd_graph.artifacts import Document, Table, Text
from herd_graph.discovery.embedders import default_embedder
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable, PortViolation
from herd_graph.function_experts import expert
from herd_graph.types import JSON

from .amounts import plain
from .asking import name_parts
from .asking_ranks import MOST_OWNERS
from .asking_scales import named_unit
from .clock_times import named_in as named_time
from .clock_times import written
from .month_columns import by_kinds, by_months, by_shared, by_subjects, sets_apart, tells_amounts
from .needs import need
from .questions import Query, Unmapped, write_all
from .rows import Rows, Sheet, read_sheets
from .sheets import Candidate, candidates, joined, named_in, placed_in, tells_place, without_names
from .table_database import MAX_RESULT, as_json, ask, typed

MAX_QUESTION = 5_000
SHOWN = 30
"""Rows that the answer in words shows."""
_YEARS = frozenset({"year", "jahr", "ano", "año", "année", "built", "founded", "born", "since"})
_SQL = re.compile(r"^\s*(?:--[^\n]*\n\s*|\(\s*)*(?:select|with|from|values|table)\b", re.IGNORECASE)
_SQL_LIKE = re.compile(
    r"\b(?:select|from|values)\b.*\b(?:from|where|select|\*|\()|^\s*from\s+\w+\s*;?$",
    re.IGNORECASE | re.DOTALL,
)
_CHANGES = re.compile(
    r"^\s*(?:insert\s+into|update\s+\S+\s+set|delete\s+from|drop\s+\w+|create\s+(?:or\s+replace\s+)?\w+"
    r"|alter\s+\w+|attach\s|detach\s|copy\s.+\s(?:to|from)\b|pragma\b|install\s|load\s+'|export\s+database"
    r"|import\s+database|set\s+\w+\s*=|truncate\s|call\s+\w+\()",
    re.IGNORECASE,
)


class Queried(NamedTuple):
    """What came of a question; of several in one sentence, the rows are those of the first."""

    answer: Text
    rows: Table
    sql: Text


@expert(
    name="query_table",
    tags=[
        "table",
        "csv",
        "spreadsheet",
        "sql",
        "rows",
        "columns",
        "database",
        "average",
        "group by",
    ],
    examples=[
        "which city has the highest total sales in the table?",
        "what is the average price per category in the spreadsheet?",
        "how many rows of the csv have the status open?",
        "list the top 5 products by revenue",
        "what is the total amount for Porto in the table?",
        "SELECT city, sum(amount) FROM data GROUP BY city",
        "show the orders over 100 from the spreadsheet",
    ],
    latency_s=0.03,
    memory="60 MiB",
    licence="MIT (DuckDB)",
    notes=(
        "Counts, sums, averages, medians, extremes, shares, groups, filters, dates, top n, yes or no "
        "and lists, in English; anything else as SQL over the table 'data'. Words that are not in the "
        "table are read as what is nearest in meaning, and it says so; what nothing is near to is "
        "refused, not guessed. The SQL that ran is always shown. Read-only, without files or network."
    ),
    timeout_s=60,
)
class QueryTable:
    """Answer a question about the rows of a table, or run a SQL query over it."""

    def load(self) -> None:
        """Import DuckDB."""
        need("duckdb")
        import_module("duckdb")
        self._embedder: Any = None

    def close(self) -> None:
        """Let go of it."""
        del self._embedder

    def _alike(self, word: str, others: Sequence[str]) -> list[float]:
        """Compare meanings; the embedder is loaded for the first word that the table does not know."""
        if self._embedder is None:
            self._embedder = default_embedder()
        vectors = self._embedder.embed([word, *others])
        return [float(each) for each in vectors[1:] @ vectors[0]]

    def __call__(
        self,
        table: Sheet,
        question: Text,
        others: list[Table | Document] = [],  # noqa: B006 - never changed
    ) -> Queried:
        """Query.

        Args:
            table: CSV, TSV, JSON or a workbook (.xlsx).
            question: A question in English, or a SELECT over the table 'data'.
            others: Further tables, where the question does not say of which it is asked: the one
                that knows its words is taken, or two side by side.
        """
        asked = question.text.strip()
        if not asked or len(asked) > MAX_QUESTION:
            raise PortViolation(
                f"The question has {len(asked):,} characters. Expected 1 to {MAX_QUESTION:,}. Ask "
                "what you want to know of the table."
            )
        if _CHANGES.match(asked):
            raise PortViolation(
                f"{asked[:60]!r} would change something. Expected a question, or SELECT: tables are "
                "only read. Ask for what you want to see."
            )
        held = candidates(_tables(table, others, asked))
        if not any(each.rows.rows for each in held) and not _SQL.match(asked):
            raise PortViolation(
                f"{held[0].rows.name!r} has the columns {', '.join(held[0].rows.columns[:10])} and no "
                "rows. Expected at least one row to ask about. Check that it was saved completely."
            )
        chosen, queries = self._chosen(asked, held)
        made = [self._answered(query, chosen, asked) for query in queries]
        if len(made) == 1:
            return made[0]
        return Queried(
            answer=Text("\n\n".join(each.answer.text for each in made)),
            rows=made[0].rows,
            sql=Text(";\n".join(each.sql.text for each in made)),
        )

    def _answered(self, query: Query, chosen: Candidate, asked: str) -> Queried:
        names, rows = ask(query.sql, chosen.columns, chosen.values, asked)
        owners: list[tuple[Any, ...]] = []
        if query.whose and rows and rows[0][0] is not None:
            owners = ask(query.whose, chosen.columns, chosen.values, asked)[1]
        return _answer(query, names, rows, chosen, owners)

    def _chosen(self, asked: str, held: list[Candidate]) -> tuple[Candidate, list[Query]]:
        """Return the table that a question is about, and what is asked of it."""
        named = named_in(asked, held)
        if _SQL.match(asked) and _SQL_LIKE.search(asked):
            return (named or held)[0], [Query(asked.rstrip("; \n"), "", "sql")]
        question = without_names(asked, held) if len(held) > 1 else asked
        question, placed = placed_in(question, held)
        held = placed if len(placed) < len(held) else held
        among = [each for each in named if each in placed] or placed
        read: list[tuple[Candidate, list[Query]]] = []
        refused: list[str] = []
        for each in among:
            self._read(question, each, read, refused)
            self._read_across(question, each, read)
        if (not read or all(_doubt(queries) for _, queries in read)) and len(held) > 1:
            for each in joined(held):
                self._read(question, each, read, [])
        if not read:
            raise self._unmapped(asked, among, refused)
        if re.search(r"\bwho\b", question, re.IGNORECASE) and len(held) > 1:
            peopled = [each for each in read if each[0].tells_who()]
            if not peopled and not any(each[0].repeated for each in read):
                for each in joined(held):
                    self._read(question, each, read, [])
            read = [each for each in read if each[0].tells_who()] or read
        return min(read, key=lambda pair: (_doubt(pair[1]), -_known(pair[1])))

    def _read(
        self,
        question: str,
        table: Candidate,
        read: list[tuple[Candidate, list[Query]]],
        refused: list[str],
    ) -> None:
        try:
            queries = write_all(question, table.columns, table.nouns, self._alike)
        except Unmapped as why:
            refused.append(str(why))
            return
        if not any(table.is_misread_by(each.sql) for each in queries):
            read.append((table, queries))

    def _read_across(
        self, question: str, table: Candidate, read: list[tuple[Candidate, list[Query]]]
    ) -> None:
        """Read a table with a column for each month, or each kind of cost, as one with a row for each."""
        own = [each for each in read if each[0] is table]
        made = by_months(table.rows, table.columns)
        monthly = made is not None
        if not monthly and not own:
            made = by_kinds(table.rows, table.columns, question)
            made = made or by_subjects(table.rows, table.columns, question)
            made = made or by_shared(table.rows, table.columns, question)
        if any(each.shape == "wide" for pair in own for each in pair[1]):
            return  # it is asked of all the columns beside each other
        if made is None or (monthly and own and sets_apart(question)):
            return
        columns, values = typed(made)
        repeated = tuple(each.name for each in columns[:-1])
        told = f"{table.told}, " if table.told else ""
        across = Candidate(
            made,
            columns,
            values,
            table.nouns,
            f"{told}with a row for each {columns[-2].name}",
            repeated,
        )
        found: list[tuple[Candidate, list[Query]]] = []
        self._read(question, across, found, [])
        if found and tells_amounts(found[0][1], columns[-1].name):
            read[:] = [*(each for each in read if each not in own), *found]

    def _unmapped(self, asked: str, among: list[Candidate], refused: list[str]) -> PortViolation:
        listed = "; ".join(
            f"{'in ' + each.told.removeprefix('from ') + ': ' if each.told else ''}"
            + ", ".join(f"{one.name} ({one.kind})" for one in each.columns[:30])
            for each in among[:5]
        )
        why = min(refused, key=len, default="")
        return PortViolation(
            f"{asked[:100]!r} cannot be turned into a query: {why}. Expected a count, sum, "
            f"average, extreme, grouping, filter or list over the columns {listed}. Word it with "
            "these names, or give SQL over the table 'data'."
        )


def _tables(first: Table | Document, others: Sequence[Table | Document], asked: str) -> list[Rows]:
    """Return the tables that may be meant; what is damaged beside the first is none of them."""
    found = read_sheets(first)
    if tells_place(asked):
        return found  # *in the second file*: whoever asks has told them apart
    for each in others:
        try:
            found += read_sheets(each)
        except (ArtifactUnreadable, ArtifactTooLarge):
            continue
    return found


def _doubt(queries: list[Query]) -> int:
    """Count the words that were taken for something that they do not say."""
    return sum(len(each.read) for each in queries)


def _known(queries: list[Query]) -> int:
    return sum(each.known for each in queries)


def _answer(
    query: Query,
    names: list[str],
    rows: list[tuple[Any, ...]],
    table: Candidate,
    owners: list[tuple[Any, ...]],
) -> Queried:
    found = table.rows
    cut = len(rows) > MAX_RESULT
    rows = rows[:MAX_RESULT]
    unique: list[str] = []
    for each in names:
        name, again = each, 2
        while name in unique:
            name, again = f"{each} {again}", again + 1
        unique.append(name)
    rows = [_timed(names, row, table) for row in rows]
    records = [dict(zip(unique, (as_json(each) for each in row), strict=True)) for row in rows]
    made = Table(records or [dict.fromkeys(unique)], name=f"{found.name} - result.csv")
    lines: list[str] = []
    if query.shape == "yes" and rows:
        lines.append(_yes(query, unique, rows[0]))
    elif query.shape in {"scalar", "count", "share"} and rows:
        value = as_json(rows[0][0])
        unit = "%" if query.shape == "share" else _unit(query, found)
        said = "none: no row matches" if value is None else _shown(value, unique[0]) + unit
        lines.append(f"{query.about[:1].upper()}{query.about[1:]}: {said}{_owned(owners)}")
    elif not rows:
        lines.append(f"No row matches{f' ({query.about})' if query.about else ''}.")
    else:
        if query.about:
            lines.append(f"{query.about[:1].upper()}{query.about[1:]}:")
        lines.append(_words(unique, records[:SHOWN]))
        if query.together:
            found_all = [
                each for row in rows for each in row[1:] if isinstance(each, int | float | Decimal)
            ]
            lines.append(f"Together: {_shown(as_json(sum(found_all)))}")
        if len(rows) > SHOWN:
            lines.append(f"… {SHOWN} of {len(rows):,} rows{' (cut)' if cut else ''}")
    if query.supposed:
        lines.append(f"Reckoned with: {', '.join(query.supposed)}.")
    if query.read:
        lines.append(f"Read: {', '.join(query.read)}.")
    if table.told:
        lines.append(f"Read {table.told}.")
    lines += [f"Note: {each}." for each in dict.fromkeys(found.notes)]
    lines.append(f"SQL: {query.sql}")
    return Queried(answer=Text("\n".join(lines)), rows=made, sql=Text(query.sql))


def _timed(names: list[str], row: tuple[Any, ...], table: Candidate) -> tuple[Any, ...]:
    """Write the times of a row as the table has them, and not in seconds."""
    units = [named_time(each, table.columns) for each in names]
    return tuple(
        written(each, unit) if unit and isinstance(each, int | float) else each
        for each, unit in zip(row, units, strict=True)
    )


def _owned(owners: list[tuple[Any, ...]]) -> str:
    """Say in which rows an extreme stands: in brackets behind it, where they are few."""
    told = [", ".join(_shown(as_json(each)) for each in row if each is not None) for row in owners]
    return f" ({'; '.join(told)})" if 0 < len(told) <= MOST_OWNERS and all(told) else ""


def _yes(query: Query, names: list[str], row: tuple[Any, ...]) -> str:
    """Answer yes or no, with what it was told from."""
    if row[0] is None:
        return f"Unknown ({query.about}): a value is missing."
    told = ", ".join(
        f"{name}: {_shown(as_json(each), name)}" for name, each in zip(names, row, strict=True)
    )
    return f"{'Yes' if row[0] else 'No'} ({query.about}; {told.partition(', ')[2]})."


def _unit(query: Query, found: Rows) -> str:
    """Return the unit of a sum or an average, where its column has one."""
    if query.shape != "scalar":
        return ""
    for index, each in found.numeric().items():
        if each.unit and f'("{found.columns[index]}")' in query.sql:
            return f" {each.unit}"
        told = named_unit(found.columns[index])
        if told and f'("{found.columns[index]}")' in query.sql and " / " not in query.sql:
            return f" {told}"
    return ""


def _words(names: list[str], records: list[dict[str, JSON]]) -> str:
    if len(names) == 1:
        return "\n".join(f"- {_shown(each[names[0]], names[0])}" for each in records)
    if len(records) == 1:
        return "\n".join(f"- {name}: {_shown(records[0][name], name)}" for name in names)
    if len(names) == 2 and len(records) <= SHOWN:
        return "\n".join(
            f"- {_shown(each[names[0]], names[0])}: {_shown(each[names[1]], names[1])}"
            for each in records
        )
    return Table(records).to_markdown(SHOWN)


def _shown(value: JSON, name: str = "") -> str:
    """Write a cell for people; a year has no thousands."""
    dated = _YEARS & set(name_parts(name)) and not name.startswith(("sum", "count", "number of"))
    if dated and type(value) is int and 1000 <= value <= 2999:
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "(empty)" if value is None else str(value)
    return plain(round(value, 4) if abs(value) >= 1 else value)
