"""Tables as people keep them: a heading above, totals below, records within records, mixed dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Table, Text

FOOT = "item,qty,price\nCup,2,4.00\nJug,3,6.50\nTotal,5,10.50\n"
NAMED_TOTAL = "station,litres\nShell,20\nEsso,35\nTotal,12\n"
TITLED = "Sales report 2026\n\nitem,qty\nCup,2\nJug,3\n"
GERMAN = "item;qty;price\nCup;2;4,00 €\nJug;3;1.006,50 €\nSumme;5;1.010,50 €\n"
CITIES = "cidade;população;área (km²)\nPorto;231.800;41,4\nLisboa;545.923;100,1\n"
NESTED = '[{"name":"Rita","address":{"city":"Porto"},"age":34},{"name":"Tom","address":{"city":"Leeds"},"age":51}]'
WRAPPED = '{"members":[{"name":"Rita","age":34},{"name":"Tom","age":51}],"count":2}'
MIXED = 'date,amount\n03/01/2026,5\n2026-01-04,6\n5 Jan 2026,7\n"February 2, 2026",8\n'


def answer(call: Callable[..., Any], content: str, question: str) -> str:
    json = content.startswith(("[", "{"))
    table = Table(
        content.encode(),
        name="table.json" if json else "table.csv",
        mime="application/json" if json else "text/csv",
    )
    return call("query_table", table, Text(question)).answer.text


@pytest.mark.parametrize(
    ("content", "question", "first"),
    [
        (FOOT, "total qty", "Sum of qty: 5"),
        (FOOT, "average price", "Average of price: 5.25"),
        (FOOT, "how many rows?", "Number of rows: 2"),
        (NAMED_TOTAL, "total litres", "Sum of litres: 67 litres"),
        (TITLED, "total qty", "Sum of qty: 5"),
        (GERMAN, "total price", "Sum of price: 1,010.5 EUR"),
        (CITIES, "população total", "Sum of população: 777,723"),
        (NESTED, "who lives in Porto?", "Different values of name where address city is 'Porto':"),
        (WRAPPED, "average age", "Average of age: 42.5"),
        (MIXED, "total in january", "Sum of amount where date is in january: 18"),
    ],
)
def test_a_table_is_read_as_it_is_meant(
    call: Callable[..., Any], content: str, question: str, first: str
):
    assert answer(call, content, question).splitlines()[0] == first


def test_totals_that_were_left_out_are_told(call: Callable[..., Any]):
    said = answer(call, FOOT, "total qty")

    assert "Note: the row 'Total' at the foot was left out: it adds up the others." in said
