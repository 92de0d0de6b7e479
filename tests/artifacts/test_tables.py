"""Tables, as spreadsheets write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Table
from herd_graph.errors import ArtifactUnreadable
from herd_graph.store import MemoryStore

CITIES = [{"city": "Porto", "people": 231800}, {"city": "Faro", "people": 64560}]


@pytest.mark.parametrize(
    "content",
    [
        b"city,people\nPorto,231800\nFaro,64560\n",
        b"city;people\r\nPorto;231800\r\nFaro;64560\r\n",
        b"city\tpeople\nPorto\t231800\nFaro\t64560",
        b"city|people\nPorto|231800\nFaro|64560\n",
        b'"city","people"\n"Porto","231800"\n"Faro","64560"\n',
        b"city,people\rPorto,231800\rFaro,64560\r",
        b"\n\ncity,people\n\nPorto,231800\n,\nFaro,64560\n\n",
        b"city,people,\nPorto,231800,\nFaro,64560,\n",
        "city,people\nPorto,231800\nFaro,64560\n".encode("utf-8-sig"),
        "city;people\nPorto;231800\nFaro;64560\n".encode("utf-16"),
        b"\xfe\xff" + "city\tpeople\nPorto\t231800\nFaro\t64560\n".encode("utf-16-be"),
    ],
    ids=[
        "comma",
        "semicolon",
        "tab",
        "pipe",
        "quoted",
        "old-mac",
        "gaps",
        "trailing",
        "bom",
        "utf-16",
        "utf-16-be",
    ],
)
def test_separators_line_ends_and_encodings(content: bytes) -> None:
    table = Table(content)

    table.check()

    assert table.columns == ["city", "people"]
    assert table.rows == CITIES


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (json.dumps(CITIES), "application/json"),
        ("\n".join(json.dumps(row) for row in CITIES), "application/x-ndjson"),
    ],
)
def test_json_lists_and_lines(content: str, mime: str) -> None:
    assert Table(content.encode(), mime=mime).rows == CITIES


def test_quotes_hold_separators_quotes_and_lines() -> None:
    content = b'name,says\nAnn,"a ""quote"", and, commas"\nBob,"two\nlines"\n'

    rows = Table(content).rows

    assert rows == [
        {"name": "Ann", "says": 'a "quote", and, commas'},
        {"name": "Bob", "says": "two\nlines"},
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("0", 0),
        ("3.50", 3.5),
        (" 12 ", 12),
        ("1e3", 1000.0),
        ("007", "007"),
        ("+49123", "+49123"),
        ("1_000", "1_000"),
        ("1,5", "1,5"),
        ("12:30", "12:30"),
        ("nan", "nan"),
        ("9" * 30, "9" * 30),
        ("1e999", "1e999"),
        ("٣", "٣"),
        ("", ""),
    ],
)
def test_only_plain_numbers_become_numbers(cell: str, value: object) -> None:
    table = Table(f'a;b\nx;"{cell}"\n'.encode())

    assert table.rows == [{"a": "x", "b": value}]


def test_no_cell_is_lost_to_a_short_header_or_a_double_name() -> None:
    table = Table(b"a,a,\n1,2,3,4\n5\n")

    assert table.columns == ["a", "a 2", "column 3", "column 4"]
    assert table.rows[0] == {"a": 1, "a 2": 2, "column 3": 3, "column 4": 4}
    assert table.rows[1] == {"a": 5, "a 2": "", "column 3": "", "column 4": ""}


def test_one_column_is_a_table_too() -> None:
    assert Table(b"word\nyes; no\nmaybe\n").rows == [{"word": "yes; no"}, {"word": "maybe"}]


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"", "text/csv"),
        (b"\n \n", "text/csv"),
        (b"\x00\x01\x02\xff" * 50, "text/csv"),
        (b"{", "application/json"),
        (b"[1, 2]", "application/json"),
        (b'{"columns": 3}', "application/vnd.herd.table+json"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, mime: str) -> None:
    with pytest.raises(ArtifactUnreadable):
        Table(content, mime=mime, name="x").check()


def test_rows_keep_their_types_through_a_store() -> None:
    store = MemoryStore()
    rows = [{"n": 1.5, "s": "7", "none": None, "yes": True, "list": [1]}, {"extra": "é"}]

    kept = Table.from_ref(Table(rows).put(store), store)

    assert kept.columns == ["n", "s", "none", "yes", "list", "extra"]
    assert kept.rows[0] == {
        "n": 1.5,
        "s": "7",
        "none": None,
        "yes": True,
        "list": [1],
        "extra": None,
    }


def test_it_is_shown_as_markdown_and_escaped_html() -> None:
    table = Table([{"a|b": "<script>\x1b[31m"}, {"a|b": "two\nlines"}])

    assert table.to_markdown().splitlines()[0] == "| a\\|b |"
    assert "\x1b" not in str(table)
    assert "<script>" not in table._repr_mimebundle_()["text/html"]
    assert table.to_markdown(most=1).endswith("… and 1 more rows")


def test_a_path_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    path.write_bytes(b"city,people\nPorto,231800\nFaro,64560\n")

    assert Table(path).rows == CITIES


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.fixed_dictionaries({"a": cells, "b": cells}), min_size=1, max_size=8))
def test_what_csv_writes_is_what_is_read(rows: list[dict[str, str]]) -> None:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ["a", "b"], delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)

    read = Table(buffer.getvalue().encode()).rows

    kept = [row for row in rows if any(cell.strip() for cell in row.values())]
    assert [{name: str(cell).strip() for name, cell in row.items()} for row in read] == [
        {name: _as_written(cell) for name, cell in row.items()} for row in kept
    ]


def _as_written(cell: str) -> str:
    """Return how Python writes the number, where the cell is one."""
    from herd_graph.artifacts.tables import _number

    return str(_number(cell)).strip()
