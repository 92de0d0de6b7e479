"""Tables in other formats, from files that are difficult."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from importlib import import_module
from typing import Any

import difficult_documents as documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Document, Table, Text
from herd_graph.errors import (
    ArtifactError,
    ArtifactTooLarge,
    ArtifactUnreadable,
    PortViolation,
)

Call = Callable[..., Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cells(document: Document) -> list[list[Any]]:
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(document.bytes()))
    return [[each.value for each in row] for row in book.active.iter_rows()]


TRICKY = 'name;note;amount\n"Ana ""the boss""";"one; two\nthree";1,50\n=1+1;a|b;2,00\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_quotes_semicolons_and_encodings_survive(call: Call, encoding: str):
    table = Table(TRICKY.encode(encoding), name="trap.csv")

    made = call("convert_table", table, "json").value

    assert made == [
        {"name": 'Ana "the boss"', "note": "one; two\nthree", "amount": "1,50"},
        {"name": "=1+1", "note": "a|b", "amount": "2,00"},
    ]


def test_csv_is_read_back_as_it_was(call: Call):
    table = Table(TRICKY.encode(), name="trap.csv")

    made = call("convert_table", table, "csv")

    assert (made.columns, made.rows) == (table.columns, table.rows)
    assert made.name == "trap.csv"


def test_a_cell_that_looks_like_a_formula_stays_text_in_a_workbook(call: Call):
    made = call("convert_table", Table(TRICKY.encode(), name="trap.csv"), "xlsx")
    openpyxl: Any = import_module("openpyxl")

    sheet = openpyxl.load_workbook(io.BytesIO(made.bytes())).active

    assert (made.mime, made.name) == (XLSX, "trap.xlsx")
    assert (sheet["A3"].value, sheet["A3"].data_type) == ("=1+1", "s")


def test_markdown_keeps_its_columns(call: Call):
    made = call("convert_table", Table(TRICKY.encode()), "markdown")

    assert made.mime == "text/markdown"
    assert made.text.splitlines() == [
        "| name | note | amount |",
        "| --- | --- | ---: |",
        '| Ana "the boss" | one; two<br>three | 1,50 |',
        "| =1+1 | a\\|b | 2,00 |",
    ]


def test_a_workbook_is_found_under_its_heading(call: Call):
    book = documents.workbook(
        (
            "Sales",
            [["Report 2025"], [], ["City", "Amount", "When"], ["Porto", 1.5, dt.date(2025, 1, 2)]],
        ),
        ("Other", [["a"], [1]]),
    )

    made = call("convert_table", Document(book, mime=XLSX, name="sales.xlsx"), "json")

    assert made.value == [{"City": "Porto", "Amount": 1.5, "When": "2025-01-02"}]


def test_right_to_left_text_survives_the_round_trip(call: Call):
    table = Table("שם,מספר\nתל אביב,5\n".encode(), name="ערים.csv")

    book = call("convert_table", table, "xlsx")

    assert call("convert_table", book, "json").value == [{"שם": "תל אביב", "מספר": 5}]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\evil.csv", "/abs/olute.csv", "a/b.csv"]
)
def test_path_tricks_in_names_lead_nowhere(call: Call, name: str):
    made = call("convert_table", Table(b"a,b\n1,2\n", name=name), "xlsx")

    assert "/" not in made.name
    assert "\\" not in made.name
    assert ".." not in made.name


FORMULA = documents.workbook(("S", [["a"], ["=SUM(1,2)"]]))
PLAIN = documents.workbook(("S", [["a"], [1]]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "password"),
        (b"%PDF-1.4 ...", "is a PDF"),
        (b"PK\x03\x04 not really", "damaged"),
        (PLAIN[:200], "damaged"),
        (documents.docx("hello"), "no workbook"),
        (b"plain words", "no workbook"),
        (FORMULA, "formulas without stored results"),
        (documents.workbook(("S", [])), "no filled cells"),
        (
            documents.with_member(
                PLAIN,
                "xl/worksheets/sheet1.xml",
                b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>',
            ),
            "declares entities",
        ),
    ],
)
def test_what_is_no_readable_workbook_says_why(call: Call, content: bytes, message: str):
    with pytest.raises(ArtifactUnreadable, match=message):
        call("convert_table", Document(content, mime=XLSX, name="book.xlsx"), "csv")


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked(call: Call):
    bomb = documents.with_member(PLAIN, "xl/media/zeros.bin", bytes(420 << 20))

    with pytest.raises(ArtifactTooLarge, match="unpacks"):
        call("convert_table", Document(bomb, mime=XLSX, name="bomb.xlsx"), "csv")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x01\x02\xff" * 50, b"[1, 2]", b'{"a":'])
def test_what_is_no_table_is_refused(call: Call, content: bytes):
    mime = "application/json" if content[:1] in {b"[", b"{"} else "text/csv"

    with pytest.raises(ArtifactError):
        call("convert_table", Table(content, mime=mime, name="x"), "json")


def test_too_many_rows_are_refused(call: Call):
    with pytest.raises(ArtifactTooLarge, match="200,000"):
        call("convert_table", Table(b"a\n" + b"1\n" * 200_001), "csv")


EXPERT: Any = next(each for each in first_party() if each.name == "convert_table")
CELL = st.one_of(
    st.none(), st.integers(-(10**9), 10**9), st.booleans(), st.text("ab=;,\"'|\n\\ é", max_size=8)
)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6))
def test_a_workbook_holds_what_the_table_held(rows: list[tuple[Any, Any]]):
    made = cells(EXPERT(Table([{"x": x, "y": y} for x, y in rows]), "xlsx"))

    held = [tuple("" if each is None else each for each in row) for row in made[1:]]
    wanted = [tuple("" if each is None else each for each in row) for row in rows]
    assert made[0] == ["x", "y"]
    assert held == wanted[: len(held)]
    assert set(wanted[len(held) :]) <= {("", "")}  # empty rows at the end are no rows


STOCK = b"""item,category,quantity,price
Bell,accessories,0,7.9
Pump,accessories,7,28
Chain,drive,11,21.9
"""


@pytest.mark.parametrize(
    ("request_", "lines"),
    [
        ("Show me the stock list as Markdown, only the accessories", ["| Bell | accessories | 0 | 7.9 |", "| Pump | accessories | 7 | 28 |"]),
        ("the drive rows as markdown", ["| Chain | drive | 11 | 21.9 |"]),
        ("save as markdown sorted by price, highest first", ["| Pump | accessories | 7 | 28 |", "| Chain | drive | 11 | 21.9 |", "| Bell | accessories | 0 | 7.9 |"]),
        ("total quantity per category, highest first, and save it as markdown", ["| drive | 11 |", "| accessories | 7 |"]),
        ("markdown without the category and quantity columns", ["| Bell | 7.9 |", "| Pump | 28 |", "| Chain | 21.9 |"]),
        ("top 2 most expensive items as a markdown table", ["| Pump | accessories | 7 | 28 |", "| Chain | drive | 11 | 21.9 |"]),
        ("everything that costs less than 25, as markdown", ["| Bell | accessories | 0 | 7.9 |", "| Chain | drive | 11 | 21.9 |"]),
        ("stock list as markdown, dearest first", ["| Pump | accessories | 7 | 28 |", "| Chain | drive | 11 | 21.9 |", "| Bell | accessories | 0 | 7.9 |"]),
        ("For my tax adviser: the accessories as a markdown table", ["| Bell | accessories | 0 | 7.9 |", "| Pump | accessories | 7 | 28 |"]),
        ("a markdown table with item and price", ["| Bell | 7.9 |", "| Pump | 28 |", "| Chain | 21.9 |"]),
        ("a markdown table: item, price", ["| Bell | 7.9 |", "| Pump | 28 |", "| Chain | 21.9 |"]),
        ("export the list without the quantity as markdown", ["| Bell | accessories | 7.9 |", "| Pump | accessories | 28 |", "| Chain | drive | 21.9 |"]),
        ("show the two cheapest items, give me those rows as markdown", ["| Bell | accessories | 0 | 7.9 |", "| Chain | drive | 11 | 21.9 |"]),
        ("the item list as markdown", ["| Bell | accessories | 0 | 7.9 |", "| Pump | accessories | 7 | 28 |", "| Chain | drive | 11 | 21.9 |"]),
        ("markdown of the list, but without the category names", ["| Bell | 0 | 7.9 |", "| Pump | 7 | 28 |", "| Chain | 11 | 21.9 |"]),
        ("the items only, as markdown", ["| Bell |", "| Pump |", "| Chain |"]),
        ("item and price only, as markdown", ["| Bell | 7.9 |", "| Pump | 28 |", "| Chain | 21.9 |"]),
        ("pricelist to markdown, cheapest first", ["| Bell | accessories | 0 | 7.9 |", "| Chain | drive | 11 | 21.9 |", "| Pump | accessories | 7 | 28 |"]),
        ("the accessories gadgets as a markdown table", ["| Bell | accessories | 0 | 7.9 |", "| Pump | accessories | 7 | 28 |"]),
    ],
)  # fmt: skip
def test_a_request_may_name_some_of_the_rows(call: Call, request_: str, lines: list[str]):
    found = call("convert_table", Table(STOCK, name="stock.csv"), "markdown", Text(request_))

    assert found.text.splitlines()[2:] == lines


@pytest.mark.parametrize(
    "request_",
    [
        "", "convert the spreadsheet to Markdown", "as markdown too", "please give me the whole table as a markdown file, thanks",
        "turn the list into markdown", "convert this to markdown for Anna in accessories",
    ],
)  # fmt: skip
def test_a_request_that_names_no_rows_means_all_of_them(call: Call, request_: str):
    found = call("convert_table", Table(STOCK, name="stock.csv"), "markdown", Text(request_))

    assert len(found.text.splitlines()) == 5


def test_rows_that_the_table_does_not_have_are_refused_and_not_left_out_in_silence(call: Call):
    with pytest.raises(PortViolation, match="does not say which rows of 'stock' are wanted"):
        call(
            "convert_table",
            Table(STOCK, name="stock.csv"),
            "csv",
            Text("csv with only the flying cars"),
        )


@pytest.mark.parametrize(
    "request_",
    ["the shiny chain as csv", "csv of the phone numbers", "shiniest item first, as csv"],
)
def test_what_is_meant_and_not_understood_is_refused(call: Call, request_: str):
    with pytest.raises(PortViolation, match="does not say which rows"):
        call("convert_table", Table(STOCK, name="stock.csv"), "csv", Text(request_))


@pytest.mark.parametrize(
    ("request_", "apart"),
    [
        ("csv with semicolons please", ";"),
        ("as csv, separated by tabs", "\t"),
        ("a semicolon-separated csv file", ";"),
        ("convert to csv", ","),
    ],
)
def test_a_csv_file_is_parted_as_was_asked(call: Call, request_: str, apart: str):
    found = call("convert_table", Table(STOCK, name="stock.csv"), "csv", Text(request_))

    lines = found.bytes().decode().splitlines()
    assert lines[0] == apart.join(["item", "category", "quantity", "price"])
    assert len(lines) == 4


def two_sheets() -> Document:
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook()
    first: Any = book.active
    first.title = "Costs"
    for row in (["Month", "Rent"], ["May", 800], ["June", 820]):
        first.append(row)
    second = book.create_sheet("Savings")
    for row in (["Month", "Saved"], ["May", 90]):
        second.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return Document(buffer.getvalue(), mime=XLSX, name="home.xlsx")


@pytest.mark.parametrize(
    ("request_", "text", "name"),
    [
        ("the savings sheet as csv", "Month,Saved\nMay,90\n", "home - Savings.csv"),
        ("put the second sheet into a csv file", "Month,Saved\nMay,90\n", "home - Savings.csv"),
        ("convert it to csv", "Month,Rent\nMay,800\nJune,820\n", "home - Costs.csv"),
    ],
)
def test_of_several_sheets_the_one_that_is_named(
    call: Call, request_: str, text: str, name: str
) -> None:
    found = call("convert_table", two_sheets(), "csv", Text(request_))

    assert (found.bytes().decode(), found.name) == (text, name)


def test_all_sheets_go_into_a_workbook_and_into_nothing_smaller(call: Call):
    made = call("convert_table", two_sheets(), "xlsx", Text("save the whole workbook as excel"))
    openpyxl: Any = import_module("openpyxl")
    assert openpyxl.load_workbook(io.BytesIO(made.bytes())).sheetnames == ["Costs", "Savings"]

    with pytest.raises(PortViolation, match="holds one table"):
        call("convert_table", two_sheets(), "csv", Text("all sheets as csv"))
    with pytest.raises(PortViolation, match="none of them"):
        call("convert_table", two_sheets(), "csv", Text("the third sheet as csv"))


SONGS = b"song,year,minutes,bpm\nSalt,2023,3,140\nTram,2021,4,128\nCoat,2018,5,72\n"


@pytest.mark.parametrize(
    ("request_", "songs"),
    [
        ("the songs as csv, newest first", ["Salt", "Tram", "Coat"]),
        ("the songs as csv, oldest first", ["Coat", "Tram", "Salt"]),
        ("songs with more than 100 in bpm and in year -> csv", ["Salt", "Tram"]),
    ],
)
def test_years_are_sorted_as_years_and_bounds_hold_for_all_that_they_are_said_of(
    call: Call, request_: str, songs: list[str]
):
    found = call("convert_table", Table(SONGS, name="songs.csv"), "csv", Text(request_))

    lines = found.bytes().decode().splitlines()
    assert lines[0] == "song,year,minutes,bpm"
    assert [each.partition(",")[0] for each in lines[1:]] == songs


@pytest.mark.parametrize(
    ("request_", "name", "lines"),
    [
        ("Save the songs before 2020 as a CSV file called old songs.csv", "old songs.csv", ["song,year,minutes,bpm", "Coat,2018,5,72"]),
        ("save it as my list.csv", "my list.csv", ["song,year,minutes,bpm", "Salt,2023,3,140", "Tram,2021,4,128", "Coat,2018,5,72"]),
        ('the whole table as csv, call it "backup"', "backup.csv", ["song,year,minutes,bpm", "Salt,2023,3,140", "Tram,2021,4,128", "Coat,2018,5,72"]),
        ("export rows 2 to 3 as csv", "songs.csv", ["song,year,minutes,bpm", "Tram,2021,4,128", "Coat,2018,5,72"]),
        ("save only the name and minutes columns as csv", "songs.csv", ["song,minutes", "Salt,3", "Tram,4", "Coat,5"]),
    ],
)  # fmt: skip
def test_a_file_bears_the_name_and_holds_the_rows_that_were_asked_for(
    call: Call, request_: str, name: str, lines: list[str]
):
    found = call("convert_table", Table(SONGS, name="songs.csv"), "csv", Text(request_))

    assert (found.name, found.bytes().decode().splitlines()) == (name, lines)


def test_rows_that_are_not_there_are_refused(call: Call):
    with pytest.raises(PortViolation, match="it has 3 rows"):
        call("convert_table", Table(SONGS, name="songs.csv"), "csv", Text("rows 2 to 9 as csv"))


def test_what_is_meant_by_a_word_is_told_behind_it(call: Call):
    asked = "the songs that count as short (minutes under 5) as csv"
    found = call("convert_table", Table(SONGS, name="songs.csv"), "csv", Text(asked))

    assert found.bytes().decode().splitlines()[1:] == ["Salt,2023,3,140", "Tram,2021,4,128"]


def test_a_format_alone_behind_a_comma_is_no_word_of_the_table(call: Call):
    asked = "just the songs over 3 minutes, newest first, markdown"
    found = call("convert_table", Table(SONGS, name="songs.csv"), "markdown", Text(asked))

    assert [each.split(" | ")[0].strip("| ") for each in found.text.splitlines()[2:]] == [
        "Tram",
        "Coat",
    ]
