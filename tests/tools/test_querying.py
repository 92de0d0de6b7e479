"""Questions about tables: right, shown as SQL, or refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import difficult_documents as documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Document, Table, Text
from herd_graph.errors import ArtifactError, PortViolation

Call = Callable[..., Any]

ORDERS = Table(
    b"""order id,City,Product,Category,amount,qty,date,status
1,Porto,Rye bread,Bakery,120.5,3,2025-01-03,shipped
2,Lisbon,Butter,Dairy,80,1,2025-02-11,open
3,Porto,Butter,Dairy,60.25,2,2025-02-12,open
4,Faro,Milk,Dairy,15,5,2026-01-02,shipped
5,Lisbon,Rye bread,Bakery,200,4,2026-03-05,cancelled
6,Porto,Olive oil,Pantry,99.9,1,2026-03-09,
""",
    name="orders.csv",
)


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("how many rows are there?", [(6,)]),
        ("How many orders are from Porto?", [(3,)]),
        ("how many different cities are there?", [(3,)]),
        ("how many orders are not shipped?", [(4,)]),
        ("how many orders in March 2026?", [(2,)]),
        ("how many orders are over 50?", [(5,)]),  # the one column that 50 parts
        ("how many orders in January and March?", [("January", 2), ("March", 2)]),
        ("how many products have an amount over 100?", [(1,)]),
        ("what is the total amount?", [(575.65,)]),
        ("What is the sum of the amount column in the attached spreadsheet?", [(575.65,)]),
        ("sum of amount in 2025", [(260.75,)]),
        ("total amount for Porto and Lisbon", [(560.65,)]),
        ("total amount except Porto", [(295,)]),
        ("total amount since 2026-01-03", [(299.9,)]),
        ("average amount of shipped orders in Porto", [(120.5,)]),
        ("median amount", [(89.95,)]),
        ("minimum and maximum amount", [(15, 200)]),
        ("total amount by city", [("Faro", 15), ("Lisbon", 280), ("Porto", 280.65)]),
        ("total amount per month in 2025", [("2025-01", 120.5), ("2025-02", 140.25)]),
        (
            "what is the average amount per category?",
            [("Bakery", 160.25), ("Dairy", 51.75), ("Pantry", 99.9)],
        ),
        (
            "total qty and amount by city",
            [("Faro", 5, 15), ("Lisbon", 5, 280), ("Porto", 6, 280.65)],
        ),
        ("average qty and total amount for Faro", [(5, 15)]),
        ("which city has the highest total amount?", [("Porto", 280.65)]),
        ("top 2 cities by total amount", [("Porto", 280.65), ("Lisbon", 280)]),
        ("top 2 cities by amount", [("Porto", 280.65), ("Lisbon", 280)]),
        ("what percentage of orders is open?", [(33.3,)]),
        ("which city has the most orders?", [("Porto", 3)]),
        ("most common category", [("Dairy", 3)]),
        ("which product has the highest amount?", [("Rye bread", 200)]),
        ("give me the highest qty per city", [("Faro", 5), ("Lisbon", 4), ("Porto", 3)]),
        ("list the cities", [("Faro",), ("Lisbon",), ("Porto",)]),
        ("which products were sold in Lisbon?", [("Butter",), ("Rye bread",)]),
        ("what is the amount of order id 4", [(15, 4)]),
        (
            "SELECT city, count(*) FROM data GROUP BY 1 ORDER BY 1",
            [("Faro", 1), ("Lisbon", 2), ("Porto", 3)],
        ),
    ],
)
def test_it_answers_with_the_rows_and_the_sql(
    call: Call, question: str, rows: list[tuple[Any, ...]]
):
    found = call("query_table", ORDERS, Text(question))

    assert sorted(tuple(each.values()) for each in found.rows.rows) == sorted(rows)
    assert found.answer.text.endswith(f"SQL: {found.sql.text}")


def ids(found: Any) -> list[Any]:
    return [each["order id"] for each in found.rows.rows]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("top 3 orders by amount", [5, 1, 6]),
        ("which orders are open?", [2, 3]),
        ("show all rows sorted by amount descending", [5, 1, 6, 2, 3, 4]),
        ("what was ordered after 2026-01-01", [4, 5, 6]),
        ("orders between 60 and 100 amount", [2, 3, 6]),
        ("orders in 2025 or 2026", [1, 2, 3, 4, 5, 6]),
        ("orders from Porto or Faro with qty over 2", [1, 4]),
        ("which order is the latest?", [6]),
        ("which order has the lowest qty?", [2, 6]),
    ],
)
def test_it_lists_the_right_rows(call: Call, question: str, expected: list[int]):
    assert ids(call("query_table", ORDERS, Text(question))) == expected


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("what is the total profit?", "'profit'"),
        ("average salary of managers", "'salary', 'managers'"),
        ("how many customers are from Porto", "'customers'"),
        ("what is the weather in Porto?", "'weather'"),
        ("how many orders are over 900?", "which number is compared"),
        ("amount over 100 or qty under 2", "'or' joins"),
        ("what is the nicest product?", "nicest"),
        ("the last 3 orders", "'last'"),
        ("total by city", "of which column"),
        ("tell me something", "'something'"),
        ("what is it?", "names no column"),
        ("", "Expected 1 to"),
    ],
)
def test_what_it_cannot_map_is_refused_and_not_guessed(call: Call, question: str, message: str):
    with pytest.raises(PortViolation, match=message):
        call("query_table", ORDERS, Text(question))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{path}')",
        "SELECT * FROM read_text('{path}')",
        "SELECT * FROM '{path}'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM 'https://example.com/x.csv'",
        "SELECT * FROM found",
        "SELECT * FROM connection",
        "SELECT 1; DROP TABLE data",
        "FROM data; COPY data TO '{path}'",
        "WITH x AS (SELECT 1) INSERT INTO data SELECT * FROM x",
        "COPY data TO '{path}'",
        "DROP TABLE data",
        "DELETE FROM data",
        "UPDATE data SET qty = 1",
        "CREATE TABLE x AS SELECT 1",
        "ATTACH '{path}' AS x",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "LOAD 'httpfs'",
        "EXPORT DATABASE '{path}'",
        "CALL pragma_version()",
        "SELECT * FROM data WHERE nope = 1",
    ],
)
def test_sql_reads_the_table_and_nothing_else(call: Call, sql: str, tmp_path: Path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")

    with pytest.raises(PortViolation):
        call("query_table", ORDERS, Text(sql.replace("{path}", str(secret))))

    assert [each.name for each in tmp_path.iterdir()] == ["secret.csv"]
    assert secret.read_text() == "a\n1\n"


def test_an_endless_query_is_stopped(call: Call):
    began = time.monotonic()

    with pytest.raises(PortViolation, match=r"ran for more than|refused"):
        call(
            "query_table", ORDERS, Text("SELECT count(*) FROM range(10000000000) a, range(1000) b")
        )

    assert time.monotonic() - began < 60


def test_cells_with_quotes_are_values_and_never_sql(call: Call):
    table = Table([{"name": "x' OR '1'='1", "n": 1}, {"name": 'a "b"', "n": 2}])

    found = call("query_table", table, Text("what is the n of x' OR '1'='1"))

    assert [each["n"] for each in found.rows.rows] == [1]


def test_columns_with_quotes_are_quoted(call: Call):
    table = Table([{'a"; DROP TABLE data; --': 5}])

    assert call("query_table", table, Text("SELECT * FROM data")).rows.rows == [
        {'a"; DROP TABLE data; --': 5}
    ]


def test_a_workbook_with_euros_and_a_heading(call: Call):
    book = documents.workbook(
        ("S", [["Sales"], ["City", "Price"], ["Porto", "12 €"], ["Faro", "8 €"]])
    )

    said = call(
        "query_table", Document(book, name="s.xlsx"), Text("what is the total price?")
    ).answer.text

    assert said.splitlines()[0] == "Sum of Price: 20 EUR"
    assert "above the header" in said


def test_decimal_commas_in_utf_16(call: Call):
    table = Table("Stadt;Betrag\nKöln;1.250,50\nBonn;2.000,00\n".encode("utf-16"))

    assert call("query_table", table, Text("sum of Betrag")).answer.text.startswith(
        "Sum of Betrag: 3,250.5"
    )


def test_a_hundred_thousand_rows(call: Call):
    table = Table(b"k,v\n" + b"".join(b"%d,%d\n" % (at % 7, at) for at in range(100_000)))

    found = call("query_table", table, Text("average v"))

    assert found.rows.rows == [{"avg(v)": 49_999.5}]


@pytest.mark.parametrize("content", [b"", b"\n", b"\x00\x01\xff" * 50])
def test_what_is_no_table_is_refused(call: Call, content: bytes):
    with pytest.raises(ArtifactError):
        call("query_table", Table(content), Text("how many rows?"))


EXPERT: Any = next(each for each in first_party() if each.name == "query_table")
WORDS = [
    "how",
    "many",
    "total",
    "average",
    "highest",
    "lowest",
    "top",
    "3",
    "2",
    "by",
    "per",
    "city",
    "cities",
    "amount",
    "qty",
    "orders",
    "Porto",
    "Lisbon",
    "over",
    "under",
    "100",
    "between",
    "and",
    "or",
    "not",
    "2025",
    "March",
    "which",
    "list",
    "show",
    "the",
    "of",
    "in",
    "product",
    "sorted",
    "descending",
    "different",
]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join))
def test_any_question_is_answered_or_refused(question: str):
    try:
        said = EXPERT(ORDERS, Text(question)).answer.text
    except PortViolation as refusal:
        said = str(refusal)
    assert ("SQL: SELECT" in said) is not ("cannot be turned into a query" in said)


UNITS = Table(b"city,units\nPorto,3\nLeeds,4\n", name="sales.csv")
PEOPLE = Table(b"name,city,age\nRita,Porto,34\nTom,Leeds,51\n", name="members.csv")
DAMAGED = Table(b"", name="broken.csv")


@pytest.mark.parametrize(
    ("question", "cells", "told"),
    [
        ("who is older than 40?", [["Tom"]], "Read from 'members'."),
        ("total units", [[7]], "Read from 'sales'."),
        ("how many rows are in sales.csv?", [[2]], "Read from 'sales'."),
    ],
)
def test_of_several_tables_the_one_that_knows_the_words_is_asked(
    call: Call, question: str, cells: list[list[Any]], told: str
):
    found = call("query_table", UNITS, Text(question), [PEOPLE, DAMAGED])

    assert [list(row.values()) for row in found.rows.rows] == cells
    assert told in found.answer.text


def test_a_word_that_measures_nothing_in_the_table_is_refused(call: Call):
    with pytest.raises(PortViolation, match="no column says 'age' or the like"):
        call("query_table", UNITS, Text("which city is older than 2?"))
