"""Filters, derived amounts, orders and several wishes; in English and in Portuguese."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Table, Text
from herd_graph.errors import PortViolation

Column: Any = import_module("herd_graph._bundled.tools.asking").Column
reword: Any = import_module("herd_graph._bundled.tools.asking_rewording").reword
in_english: Any = import_module("herd_graph._bundled.tools.asking_tongues").in_english
wishes: Any = import_module("herd_graph._bundled.tools.asking_wishes").wishes

SALES = """date,region,product,units,unit_price,unit_cost
2026-01-05,North,Kettle,12,24.50,15.00
2026-01-15,North,Lamp,20,15.25,6.00
2026-02-02,East,Kettle,5,24.50,15.00
2026-02-11,South,Lamp,16,15.25,6.00
2026-02-20,West,Toaster,9,31.00,19.50
2025-02-14,West,Blender,3,58.90,40.00
"""
FLATS = """street,district,rooms,rent,size_m2,pets
Rose Lane,Old Town,2,850,54,yes
Mill Road,Riverside,3,1200,78,no
Castle Street,Old Town,1,620,33,no
Station Road,Northgate,2,740,60,yes
"""
ENERGY = """month,building,kwh,cost
2025-11,Main,1240,372.00
2025-12,Main,1610,483.00
2025-12,Annex,530,159.00
2026-01,Annex,560,173.60
"""
LOJAS = """data,produto,loja,quantidade,preço
2026-01-08,Cadeira,Lisboa,4,35.00
2026-02-05,Cadeira,Porto,6,35.00
2026-02-19,Sofá,Lisboa,2,450.00
2026-03-03,Mesa,Lisboa,3,120.00
"""
TABLES = {"sales": SALES, "flats": FLATS, "energy": ENERGY, "lojas": LOJAS}


def rows(call: Callable[..., Any], table: str, question: str) -> list[list[Any]]:
    made = Table(TABLES[table].encode(), name=f"{table}.csv")
    return [list(each.values()) for each in call("query_table", made, Text(question)).rows.rows]


@pytest.mark.parametrize(
    ("table", "question", "cells"),
    [
        ("sales", "what was sold in february 2026?", {"Kettle", "Lamp", "Toaster"}),
        ("sales", "lamps from South in February 2026", {"Lamp"}),
        ("flats", "flats in Old Town or Northgate under 800", {"Castle Street", "Station Road"}),
        ("flats", "flats outside Old Town that don't allow pets", {"Mill Road"}),
        ("flats", "flats with at least 2 rooms and pets", {"Rose Lane", "Station Road"}),
        ("flats", "which flats have a street that contains road?", {"Mill Road", "Station Road"}),
        ("flats", "flats with neither 1 room nor pets", None),
    ],
)
def test_every_filter_of_a_question_holds(
    call: Callable[..., Any], table: str, question: str, cells: set[str] | None
):
    if cells is None:
        with pytest.raises(PortViolation, match="cannot be turned into a query"):
            rows(call, table, question)
        return
    found = rows(call, table, question)

    assert len(found) == len(cells)
    assert cells == {cell for row in found for cell in row if cell in cells}


@pytest.mark.parametrize(
    ("table", "question", "expected"),
    [
        ("sales", "profit per product", {"Kettle": 161.5, "Lamp": 333, "Toaster": 103.5}),
        ("sales", "revenue by region", {"North": 599, "East": 122.5, "South": 244}),
        ("energy", "cost per kwh by building", {"Main": 855 / 2850, "Annex": 332.6 / 1090}),
        ("flats", "rent per square metre for each flat", {"Rose Lane": 850 / 54}),
        ("lojas", "receita por loja", {"Lisboa": 1400, "Porto": 210}),
    ],
)
def test_amounts_are_worked_out_of_columns(
    call: Callable[..., Any], table: str, question: str, expected: dict[str, float]
):
    found = {row[0]: row[-1] for row in rows(call, table, question)}

    for name, value in expected.items():
        assert abs(found[name] - value) < 1e-6


@pytest.mark.parametrize(
    ("table", "question", "expected"),
    [
        ("flats", "sort the flats by rent, highest first", [1200, 850, 740, 620]),
        ("flats", "list flats from cheapest to dearest", [620, 740, 850, 1200]),
        ("flats", "rank the flats by size_m2", [620, 850, 740, 1200]),
    ],
)
def test_rows_come_in_the_order_that_was_asked(
    call: Callable[..., Any], table: str, question: str, expected: list[int]
):
    assert [row[3] for row in rows(call, table, question)] == expected


@pytest.mark.parametrize(
    ("table", "question", "expected"),
    [
        ("sales", "which month was best?", ["2026-02", 645.5]),
        ("flats", "cheapest flat in Old Town", ["Castle Street", 620]),
        ("energy", "what did the annex cost in december 2025?", [159]),
        ("lojas", "qual loja vendeu menos?", ["Porto", 6]),
        ("lojas", "quantas vendas houve em fevereiro?", [2]),
        ("lojas", "qual foi o melhor mês?", ["2026-02", 1110]),
    ],
)
def test_one_row_is_found(call: Callable[..., Any], table: str, question: str, expected: list[Any]):
    assert rows(call, table, question) == [expected]


def test_two_questions_in_a_sentence_are_both_answered(call: Callable[..., Any]):
    table = Table(SALES.encode(), name="sales.csv")
    found = call("query_table", table, Text("units per region and which region has the most?"))

    assert "- South: 16" in found.answer.text
    assert "region: North" in found.answer.text
    assert len(found.rows.rows) == 4
    assert found.sql.text.count("SELECT") == 2


def test_a_question_that_leans_on_another_is_asked_of_the_same_rows(call: Callable[..., Any]):
    table = Table(SALES.encode(), name="sales.csv")
    found = call("query_table", table, Text("total units of lamps in North, and how many rows?"))

    assert "20" in found.answer.text
    assert "Number of rows where" in found.answer.text
    assert "Lamp" in found.answer.text.split("Number of rows")[1]


@pytest.mark.parametrize(
    "question",
    [
        "the highest and the lowest price",
        "orders from Porto and Berlin",
        "How many men and how many women were there?",
    ],
)
def test_one_question_is_not_cut(question: str):
    whole = wishes(question)

    assert len(whole) == 1 or question.startswith("the highest")
    assert whole[0].text in question


def test_what_a_table_says_is_not_translated():
    columns = [Column("data", "date"), Column("loja", "text", ("Rio Maior", "Casa Nova"))]

    said = in_english("quantas vendas houve em Rio Maior em março por loja", columns)

    assert "Rio Maior" in said
    assert "March" in said
    assert "by loja" in said


@pytest.mark.parametrize(
    "question",
    ["total per city", "how many as of May", "no orders", "list the customers from Rio"],
)
def test_english_is_left_alone(question: str):
    assert in_english(question, [Column("city", "text", ("Rio",))]) == question


def test_other_words_for_the_same_are_brought_to_one():
    columns = [Column("price", "number")]

    assert reword("flats outside Porto", columns) == "flats except Porto"
    assert "m2" in reword("rent per square metre", columns)
    assert reword("sort the plants by height", columns) == "show the plants sorted by height"


STALLS = """stall,goods,fee_eur
1,bread,30
2,cheese,45
3,cheese,15
"""


@pytest.mark.parametrize("question", ["fees by goods", "fee per goods", "Fees for each goods"])
def test_what_people_pay_adds_up_in_groups(call: Callable[..., Any], question: str):
    found = call("query_table", Table(STALLS.encode(), name="stalls.csv"), Text(question))

    assert 'sum("fee_eur")' in str(found)


@pytest.mark.parametrize(
    ("column", "question"), [("fee_eur", "average fee by goods"), ("entry_fee", "fees by goods")]
)
def test_an_average_stays_one_and_a_price_is_averaged(
    call: Callable[..., Any], column: str, question: str
):
    table = Table(STALLS.replace("fee_eur", column).encode(), name="stalls.csv")

    found = call("query_table", table, Text(question))

    assert "avg(" in str(found)
    assert "sum(" not in str(found)
